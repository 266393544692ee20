import { mkdir, readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Lab, LabHost } from "./model.js";
import { run } from "./run.js";

/** Makes the keys of the lab that do not exist yet: ssh's (one client's, one for each host) and TLS's. */
export async function writeKeys(lab: Lab): Promise<void> {
  await mkdir(lab.pkiPath, { recursive: true });
  await sshKey(lab.ssh.identity, `drover lab ${lab.name}`);
  await authority(lab.pkiPath);
  await certificate(lab.pkiPath, lab.pkiPath, "client", "clientAuth", undefined);
  await Promise.all(lab.hosts.map((host) => hostKeys(lab, host)));
}

async function hostKeys(lab: Lab, host: LabHost): Promise<void> {
  const ssh = join(hostDirectory(lab, host.name), "ssh");
  const pki = join(hostDirectory(lab, host.name), "etc-libvirt", "pki");
  await mkdir(ssh, { recursive: true });
  await mkdir(pki, { recursive: true });
  await sshKey(join(ssh, "host_key"), host.name);
  await certificate(lab.pkiPath, pki, "server", "serverAuth", `DNS:${host.name},IP:${host.address}`);
  // By its name alone, as an authority of a company would give it: guests move to addresses all the same.
  await certificate(lab.pkiPath, pki, "qemu", "serverAuth", `DNS:${host.name}`);
}

/** Where a host's own files are kept. */
export function hostDirectory(lab: Pick<Lab, "directory">, host: string): string {
  return join(lab.directory, "hosts", host);
}

/** Writes `ssh_config` and `known_hosts`, by which the hosts are reached as real machines are. */
export async function writeSshFiles(lab: Lab): Promise<void> {
  const known = await Promise.all(lab.hosts.map(async (host) => {
    const key = await readFile(join(hostDirectory(lab, host.name), "ssh", "host_key.pub"), "utf8");
    return `${host.name},${host.address} ${key.split(" ").slice(0, 2).join(" ")}\n`;
  }));
  await writeFile(lab.ssh.knownHosts, known.join(""));
  const entries = lab.hosts.map((host) => `Host ${host.name}\n  HostName ${host.address}\n`);
  await writeFile(lab.ssh.config, `${entries.join("\n")}
Host ${lab.hosts.map(({ name }) => name).join(" ")}
  User root
  IdentityFile "${lab.ssh.identity}"
  IdentitiesOnly yes
  UserKnownHostsFile "${lab.ssh.knownHosts}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  LogLevel ERROR
`);
}

async function sshKey(path: string, comment: string): Promise<void> {
  if (existsSync(path)) return;
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"];

/** An authority in `directory`, `cacert.pem` and `cakey.pem`, unless there is one. */
export async function authority(directory: string): Promise<void> {
  if (existsSync(join(directory, "cacert.pem"))) return;
  await run(["openssl", "req", "-x509", ...EC_KEY, "-subj", "/CN=drover lab", "-keyout", join(directory, "cakey.pem"), "-out", join(directory, "cacert.pem"),
    "-addext", "keyUsage=critical,keyCertSign"]);
}

/** A key `<name>key.pem` and certificate `<name>cert.pem` in `directory`, signed by the authority in `authorityDirectory`. */
export async function certificate(authorityDirectory: string, directory: string, name: string, usage: string, alternativeNames: string | undefined, subject = `/CN=${name}`): Promise<void> {
  const path = join(directory, `${name}cert.pem`);
  if (existsSync(path)) return;
  const request = await run(["openssl", "req", ...EC_KEY, "-new", "-subj", subject, "-keyout", join(directory, `${name}key.pem`)]);
  const extensions = join(directory, `${name}.ext`);
  await writeFile(extensions, [
    "keyUsage=critical,digitalSignature,keyEncipherment",
    `extendedKeyUsage=${usage}`,
    ...alternativeNames === undefined ? [] : [`subjectAltName=${alternativeNames}`],
  ].join("\n"));
  const signed = await run(["openssl", "x509", "-req", "-CA", join(authorityDirectory, "cacert.pem"), "-CAkey", join(authorityDirectory, "cakey.pem"),
    "-days", "3650", "-extfile", extensions], { input: request });
  await writeFile(path, signed);
}
