import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { answers } from "./answers.js";
import { hostDirectory } from "./identity.js";
import { clearRunDirectory, inside, markOf, startMachine, type Machine } from "./machine.js";
import type { Lab, LabHost } from "./model.js";
import type { LabPlace } from "./place.js";
import { run } from "./run.js";
import { ensureLockspace, ensureWatchdog, SANLOCK_COMMAND, sanlockRunFolders, sanlockSocket, waitForLockspace, writeSanlockFiles } from "./sanlock.js";
import { waitFor } from "./wait.js";

/** The folders of libvirt that each host has for itself, and where they are kept. What is under /run ends with the host. */
const KEPT_FOLDERS: ReadonlyMap<string, string> = new Map([
  ["etc-libvirt", "/etc/libvirt"],
  ["lib", "/var/lib/libvirt"],
  ["log", "/var/log/libvirt"],
  ["cache", "/var/cache/libvirt"],
  ["ssh", "/etc/ssh"],
]);

/**
 * What root's shell reads for each command by ssh. A host has none of it: what is set up there is for a person at this machine, and
 * may take long or wait for ever (a version manager that finds its lock file taken).
 */
const SHELL_FILES = [".bashrc", ".zshenv"] as const;
const EMPTY_SHELL_FILE = "shell-startup";

/** Writes a host's configuration. Definitions of domains, networks and pools below it stay as they are. */
export async function writeHostFiles(lab: Lab, host: LabHost): Promise<void> {
  const directory = hostDirectory(lab, host.name);
  await Promise.all([...KEPT_FOLDERS.keys()].map((folder) => mkdir(join(directory, folder), { recursive: true })));
  // QEMU probes and volumes of a host's own go here.
  await Promise.all(["images", "qemu", "boot", "dnsmasq"].map((folder) => mkdir(join(directory, "lib", folder), { recursive: true })));
  await writeFile(join(directory, "etc-libvirt", "qemu.conf"), qemuConfig(lab, host));
  await writeFile(join(directory, "etc-libvirt", "libvirtd.conf"), libvirtdConfig(host));
  await writeFile(join(directory, "etc-libvirt", "virtlogd.conf"), "");
  await writeSanlockFiles(lab, host);
  const pki = join(directory, "etc-libvirt", "pki");
  await copyFile(join(lab.pkiPath, "cacert.pem"), join(pki, "cacert.pem"));
  // QEMU has names of its own for the same files, and is a client of the next host's QEMU.
  await mkdir(join(pki, "qemu"), { recursive: true });
  const ofQemu = { "ca-cert": join(lab.pkiPath, "cacert"), "server-cert": join(pki, "qemucert"), "server-key": join(pki, "qemukey"), "client-cert": join(lab.pkiPath, "clientcert"), "client-key": join(lab.pkiPath, "clientkey") };
  for (const [name, path] of Object.entries(ofQemu)) await copyFile(`${path}.pem`, join(pki, "qemu", `${name}.pem`));
  await writeFile(join(directory, "ssh", "sshd_config"), sshdConfig());
  await copyFile(`${lab.ssh.identity}.pub`, join(directory, "ssh", "authorized_keys"));
  await chmod(join(directory, "ssh", "authorized_keys"), 0o644);
  await writeFile(join(directory, "hostname"), `${host.name}\n`);
  await writeFile(join(directory, "hosts"), hostsFile(lab));
  await writeFile(join(directory, "resolv.conf"), `nameserver ${lab.network.services}\n`);
  await writeFile(join(directory, "machine-id"), `${host.uuid.replaceAll("-", "")}\n`);
  await writeFile(join(directory, "shadow"), await unlockedAccounts());
  await writeFile(join(directory, EMPTY_SHELL_FILE), "");
}

/** The lines of /etc/hosts: every host knows all others by name. */
export function hostsFile(lab: Lab): string {
  return ["127.0.0.1 localhost", ...lab.hosts.map(({ name, address }) => `${address} ${name}`), ""].join("\n");
}

/** Starts a host: its namespaces and mounts, no daemon yet. It comes back as after a restart: what was in /run is gone. */
export async function startHost(place: LabPlace, lab: Lab, host: LabHost): Promise<Machine> {
  const directory = hostDirectory(lab, host.name);
  await clearRunDirectory(place, host.name);
  const socketFolder = libvirtRunFolder(place, host.name);
  await mkdir(socketFolder, { recursive: true });
  const binds = new Map([...KEPT_FOLDERS].map(([folder, target]) => [join(directory, folder), target]));
  for (const file of ["hostname", "hosts", "resolv.conf", "machine-id", "shadow"]) binds.set(join(directory, file), `/etc/${file}`);
  binds.set(socketFolder, "/run/libvirt");
  if (lab.sanlock !== undefined) {
    // Debian's package has no such folder, and there is nothing to mount over.
    await mkdir("/etc/sanlock", { recursive: true });
    binds.set(join(directory, "sanlock"), "/etc/sanlock");
    for (const [folder, target] of sanlockRunFolders(place, host.name)) {
      await mkdir(folder, { recursive: true });
      binds.set(folder, target);
    }
  }
  if (lab.storage === "folder") binds.set(sharedFolder(lab), "/run/lab/shared");
  const emptied = SHELL_FILES.map((file): [string, string] => [join(directory, EMPTY_SHELL_FILE), join(userInfo().homedir, file)]);
  return startMachine(place, { name: host.name, kvm: lab.kvm, binds: [...binds, ...emptied], logFile: join(directory, "machine.log") });
}

export function sharedFolder(lab: Pick<Lab, "directory">): string {
  return join(lab.directory, "shared");
}

function libvirtRunFolder(place: LabPlace, host: string): string {
  return join(place.runDirectory, host, "libvirt");
}

export function libvirtSocket(place: LabPlace, host: string): string {
  return join(libvirtRunFolder(place, host), "libvirt-sock");
}

/** A program that a host runs all the time. */
interface Daemon {
  readonly name: string;
  readonly command: readonly string[];
  /** Does it answer? */
  alive(): Promise<boolean>;
}

function daemonsOf(place: LabPlace, lab: Lab, host: LabHost): Daemon[] {
  const folder = libvirtRunFolder(place, host.name);
  return [
    ...(lab.sanlock === undefined ? [] : [{ name: "sanlock", command: SANLOCK_COMMAND, alive: () => answers({ path: sanlockSocket(place, host.name) }) }]),
    { name: "virtlogd", command: ["virtlogd", "--daemon"], alive: () => answers({ path: join(folder, "virtlogd-sock") }) },
    { name: "libvirtd", command: ["libvirtd", "--daemon", "--listen"], alive: () => answers({ path: join(folder, "libvirt-sock") }) },
    { name: "sshd", command: ["/usr/sbin/sshd", "-f", "/etc/ssh/sshd_config"], alive: () => answers({ host: host.address, port: 22 }) },
  ];
}

/** Starts those of the host's daemons that do not answer, and returns their names. */
export async function startDaemons(place: LabPlace, lab: Lab, machine: Machine, host: LabHost): Promise<string[]> {
  const started: string[] = [];
  if (lab.sanlock !== undefined) {
    await ensureWatchdog(place, machine);
    await ensureLockspace(lab, machine);
  }
  for (const daemon of daemonsOf(place, lab, host)) {
    if (await daemon.alive()) continue;
    await run(inside(machine, daemon.command), { env: markOf(place, machine) });
    await waitFor(daemon.name, host.name, () => daemon.alive());
    if (daemon.name === "libvirtd" && lab.sanlock !== undefined) await waitForLockspace(machine);
    started.push(daemon.name);
  }
  return started;
}

/** The names of the host's daemons that do not answer. */
export async function silentDaemons(place: LabPlace, lab: Lab, host: LabHost): Promise<string[]> {
  const answered = await Promise.all(daemonsOf(place, lab, host).map(async (daemon) => await daemon.alive() ? [] : [daemon.name]));
  return answered.flat();
}

function qemuConfig(lab: Lab, host: LabHost): string {
  // QEMU runs as root without a cage: the namespaces of the lab leave libvirt's usual ones nothing to work with.
  return `user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
migration_address = "${host.address}"
migrate_tls_x509_cert_dir = "/etc/libvirt/pki/qemu"
migrate_tls_x509_verify = 1
${lab.sanlock === undefined ? "" : 'lock_manager = "sanlock"\n'}`;
}

function libvirtdConfig(host: LabHost): string {
  return `host_uuid = "${host.uuid}"
unix_sock_group = "libvirt"
unix_sock_ro_perms = "0777"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
listen_addr = "${host.address}"
listen_tcp = 1
auth_tcp = "none"
listen_tls = 1
auth_tls = "none"
ca_file = "/etc/libvirt/pki/cacert.pem"
cert_file = "/etc/libvirt/pki/servercert.pem"
key_file = "/etc/libvirt/pki/serverkey.pem"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
`;
}

function sshdConfig(): string {
  return `HostKey /etc/ssh/host_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
UseDNS no
MaxSessions 200
MaxStartups 200
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
`;
}

/** Without PAM, sshd refuses accounts whose password field begins with "!"; a "*" only forbids passwords. */
async function unlockedAccounts(): Promise<string> {
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").filter((line) => line.includes(":"));
  return accounts.map((line) => `${line.slice(0, line.indexOf(":"))}:*:19000:0:99999:7:::\n`).join("");
}

