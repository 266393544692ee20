import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A user of the daemon's host who is not in libvirt's group. */
export const OUTSIDER = "drover-outsider";

/**
 * A real libvirtd, listening on its socket, TCP and TLS, and three real sshds in front of it, all in mount and process namespaces
 * of their own and on loopback: what {@link start} makes is gone after {@link stop}.
 */
export class Daemon {
  readonly folder = mkdtempSync(join(tmpdir(), "drover-transport-"));
  /** The libvirt socket as this machine sees it. */
  readonly socket = join(this.folder, "state/run/libvirt-sock");
  /** `plain` forwards all, `strict` no sockets, `closed` nothing. */
  readonly ports = { plain: 0, strict: 0, closed: 0, tcp: 0, tls: 0 };
  #child: ChildProcess | undefined;

  /** A file of the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  write(name: string, text: string, mode = 0o600): string {
    writeFileSync(this.path(name), text, { mode });
    return this.path(name);
  }

  async start(): Promise<void> {
    const [plain, strict, closed, tcp, tls] = await freePorts(5);
    Object.assign(this.ports, { plain, strict, closed, tcp, tls });
    for (const part of ["etc", "lib", "log", "cache", "run"]) mkdirSync(this.path(`state/${part}`), { recursive: true });
    this.#makeKeys();
    this.#makeCertificates();
    this.#configure();
    this.#child = spawn("unshare", ["--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", this.path("main.sh")], { stdio: "ignore" });
    for (let waited = 0; !existsSync(this.socket); waited += 100) {
      if (waited > 20_000 || this.#child.exitCode !== null) {
        const log = existsSync(this.path("libvirtd.log")) ? this.read("libvirtd.log") : "no log";
        await this.stop();
        throw new Error(`libvirtd did not start: ${log}`);
      }
      await delay(100);
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes a key pair and returns the private key's path. */
  makeKey(name: string, type = "ed25519", passphrase = ""): string {
    execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", name, "-f", this.path(name)]);
    return this.path(name);
  }

  /** A public key's type and body. */
  publicKey(name: string): string {
    return this.read(`${name}.pub`).split(" ").slice(0, 2).join(" ").trim();
  }

  #makeKeys(): void {
    this.makeKey("host_ed25519");
    this.makeKey("host_rsa", "rsa");
    this.makeKey("id");
    this.makeKey("id_rsa", "rsa");
    this.makeKey("encrypted", "ed25519", "open sesame");
    this.makeKey("stranger");
    this.write("authorized_keys", ["id", "id_rsa", "encrypted"].map((name) => `${this.publicKey(name)}\n`).join(""), 0o644);
    this.write("known_hosts", ["plain", "strict", "closed"].map((name) => `[127.0.0.1]:${this.ports[name as "plain"]} ${this.publicKey("host_ed25519")}\n`).join(""));
    this.write("empty_config", "");
  }

  #makeCertificates(): void {
    this.makeAuthority("ca");
    this.makeAuthority("stranger-ca");
    this.makeCertificate("ca", "server", "subjectAltName=DNS:localhost");
    this.makePki("pki", { authority: "ca", signer: "ca" });
    this.makePki("pki-wrong-authority", { authority: "stranger-ca", signer: "ca" });
    this.makePki("pki-stranger", { authority: "ca", signer: "stranger-ca" });
  }

  makeAuthority(name: string): void {
    openssl(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", `/CN=${name}`,
      "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", this.path(`${name}.key`), "-out", this.path(`${name}.pem`)]);
  }

  makeCertificate(authority: string, name: string, extension: string): void {
    const request = this.path(`${name}.csr`);
    openssl(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${name}`, "-keyout", this.path(`${name}.key`), "-out", request]);
    const extensions = this.write(`${name}.ext`, `${extension}\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl(["x509", "-req", "-in", request, "-CA", this.path(`${authority}.pem`), "-CAkey", this.path(`${authority}.key`), "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", this.path(`${name}.pem`)]);
  }

  /** A client's folder for `?pkipath=`. */
  makePki(folder: string, { authority, signer }: { authority: string; signer: string }): void {
    mkdirSync(this.path(folder));
    this.makeCertificate(signer, `${folder}-client`, "basicConstraints=CA:FALSE");
    this.write(`${folder}/cacert.pem`, this.read(`${authority}.pem`));
    this.write(`${folder}/clientcert.pem`, this.read(`${folder}-client.pem`));
    this.write(`${folder}/clientkey.pem`, this.read(`${folder}-client.key`));
  }

  /** Writes the authority's list of revoked certificates, with one certificate in it. */
  revoke(authority: string, name: string, list: string): void {
    const index = this.write("index.txt", "");
    const config = this.write("revoke.cnf", `[ca]\ndefault_ca=d\n[d]\ndatabase=${index}\ndefault_md=sha256\ndefault_crl_days=2\n`);
    const common = ["ca", "-config", config, "-cert", this.path(`${authority}.pem`), "-keyfile", this.path(`${authority}.key`)];
    openssl([...common, "-revoke", this.path(`${name}.pem`)]);
    openssl([...common, "-gencrl", "-out", this.path(list)]);
  }

  /** This machine's number for a process that has `inner` in the daemon's namespace. */
  hostPid(inner: number): number {
    const found = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).find((name) => {
      try {
        const numbers = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1]?.split(/\s+/) ?? [];
        return numbers.length > 1 && Number(numbers.at(-1)) === inner && this.#isOurs(name);
      } catch {
        return false;
      }
    });
    if (found === undefined) throw new Error(`no process ${inner} in the daemon's namespace`);
    return Number(found);
  }

  /** Whether a process is in the daemon's process namespace: the one of the child of `unshare`. */
  #isOurs(pid: string): boolean {
    const outer = this.#child?.pid;
    const [child] = readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim().split(" ");
    return child !== undefined && readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync(`/proc/${child}/ns/pid`);
  }

  #configure(): void {
    const sshd = (name: "plain" | "strict" | "closed", more: string): void => {
      this.write(`sshd_${name}`, `Port ${this.ports[name]}
ListenAddress 127.0.0.1
HostKey ${this.path("host_ed25519")}
HostKey ${this.path("host_rsa")}
AuthorizedKeysFile ${this.path("authorized_keys")}
StrictModes no
LogLevel INFO
UsePAM no
PermitRootLogin yes
PidFile none
${more}
`);
    };
    sshd("plain", "");
    sshd("strict", "AllowStreamLocalForwarding no");
    sshd("closed", "AllowStreamLocalForwarding no\nAllowTcpForwarding no\nForceCommand echo no commands here >&2; exit 7");
    this.write("libvirtd.conf", `unix_sock_group = "root"
unix_sock_rw_perms = "0770"
auth_unix_rw = "none"
listen_tcp = 1
listen_tls = 1
auth_tcp = "none"
auth_tls = "none"
listen_addr = "127.0.0.1"
tcp_port = "${this.ports.tcp}"
tls_port = "${this.ports.tls}"
ca_file = "${this.path("ca.pem")}"
cert_file = "${this.path("server.pem")}"
key_file = "${this.path("server.key")}"
`);
    this.write("passwd", `${readFileSync("/etc/passwd", "utf8").trimEnd()}\n${OUTSIDER}:x:64999:64999::/:/bin/sh\n`, 0o644);
    this.write("shadow", `${readFileSync("/etc/shadow", "utf8").trimEnd()}\n${OUTSIDER}:*:19000:0:99999:7:::\n`);
    this.write("main.sh", `set -e
cd ${this.folder}
chmod 755 .
for pair in etc/libvirt:etc var/lib/libvirt:lib var/log/libvirt:log var/cache/libvirt:cache run/libvirt:run; do
  mkdir -p "/\${pair%%:*}"
  mount --bind "state/\${pair##*:}" "/\${pair%%:*}"
done
mount --bind passwd /etc/passwd
mount --bind shadow /etc/shadow
# What this machine's root has set up for the shell is not the host's.
for file in .bashrc .zshenv; do if [ -e "${userInfo().homedir}/$file" ]; then mount --bind empty_config "${userInfo().homedir}/$file"; fi; done
mkdir -p /run/sshd
for name in plain strict closed; do /usr/sbin/sshd -D -E "${this.folder}/sshd_$name.log" -f "${this.folder}/sshd_$name" & done
exec libvirtd --listen --pid-file ${this.path("libvirtd.pid")} --config ${this.path("libvirtd.conf")} >libvirtd.log 2>&1
`);
  }
}

function openssl(args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  }));
  return Promise.all(servers.map(async (server) => {
    const address = server.address();
    server.close();
    await once(server, "close");
    return typeof address === "object" && address !== null ? address.port : 0;
  }));
}
