import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { createTransport, parseLibvirtUri, TransportError, type HostTransport, type SshOptions, type TransportFailure } from "../../../provider/transport/index.js";
import { Daemon, OUTSIDER } from "./daemon.js";
import { assertLibvirtAnswers } from "./handshake.js";

const daemon = new Daemon();
const savedAgent = process.env["SSH_AUTH_SOCK"];
before(async () => {
  Reflect.deleteProperty(process.env, "SSH_AUTH_SOCK");
  await daemon.start();
});
after(async () => {
  if (savedAgent !== undefined) process.env["SSH_AUTH_SOCK"] = savedAgent;
  await daemon.stop();
});

/** A place to connect to: which sshd, as whom, with which settings. */
interface Place { sshd?: "plain" | "strict" | "closed"; user?: string; key?: string; query?: string; host?: string; ssh?: SshOptions }

function transportTo({ sshd = "plain", user = "root", key = "id", query = "", host, ssh = {} }: Place = {}): HostTransport {
  const keyfile = key === "" ? "" : `keyfile=${daemon.path(key)}`;
  const parameters = [keyfile, query].filter((part) => part !== "").join("&");
  return createTransport(parseLibvirtUri(`qemu+ssh://${user}@${host ?? `127.0.0.1:${daemon.ports[sshd]}`}/system?${parameters}`), {
    name: "ash", ssh: { configFile: daemon.path("empty_config"), knownHostsFile: daemon.path("known_hosts"), ...ssh },
  });
}

async function answers(place: Place = {}): Promise<void> {
  const transport = transportTo(place);
  try {
    const stream = await transport.open();
    await assertLibvirtAnswers(stream);
    stream.destroy();
  } finally {
    await transport.close();
  }
}

async function fails(place: Place, reason: TransportFailure, text: RegExp): Promise<TransportError> {
  const transport = transportTo(place);
  let found: TransportError | undefined;
  await assert.rejects(transport.open(), (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, text);
    found = error;
    return true;
  });
  await transport.close();
  assert.ok(found?.next !== undefined);
  return found;
}

describe("qemu+ssh to the socket", () => {
  it("reaches the daemon by ssh's own forwarding", () => answers());
  it("reaches it by virt-ssh-helper where sshd forwards no sockets", () => answers({ sshd: "strict" }));
  it("reaches it by nc, the socket being elsewhere", () => answers({ sshd: "strict", query: "socket=/run/libvirt/libvirt-sock" }));

  it("is closed though the host says nothing any more", { timeout: 20_000 }, async () => {
    const far: Socket[] = [];
    const between = createServer((near) => {
      const socket = connect(daemon.ports.plain, "127.0.0.1");
      far.push(near, socket);
      near.on("error", () => {}).pipe(socket.on("error", () => {})).pipe(near);
    }).listen(0, "127.0.0.1");
    await once(between, "listening");
    const { port } = between.address() as AddressInfo;
    const knownHostsFile = daemon.write("known_between", daemon.read("known_hosts").replaceAll(`:${daemon.ports.plain} `, `:${port} `));
    const transport = transportTo({ host: `127.0.0.1:${port}`, ssh: { knownHostsFile } });
    await transport.open();
    // As a machine that lost its power: what is sent is not even read.
    for (const socket of far) socket.unpipe().pause();
    await transport.close();
    assert.equal(await new Promise((resolve) => { between.getConnections((_error, count) => { resolve(count); }); }), 1, "the far end has noticed nothing");
    for (const socket of far) socket.destroy();
    between.close();
  });

  it("shares one ssh connection among many streams, opened at once", async () => {
    const transport = transportTo();
    const count = (): number => daemon.read("sshd_plain.log").split("Accepted publickey").length;
    const before = count();
    const streams = await Promise.all(Array.from({ length: 12 }, () => transport.open()));
    await Promise.all(streams.map(assertLibvirtAnswers));
    assert.equal(count() - before, 1);
    await transport.close();
    for (const stream of streams) assert.ok(stream.destroyed || !stream.writable);
  });

  it("says that the socket is missing", async () => {
    await fails({ query: "socket=/run/nowhere.sock" }, "no-socket", /\/run\/nowhere\.sock[^]*no such socket[^]*libvirtd\.socket/);
  });
  it("says so through a helper too", async () => {
    await fails({ sshd: "strict", query: "socket=/run/nowhere.sock" }, "no-socket", /no such socket/);
  });

  it("says that nobody listens", async () => {
    execFileSync("python3", ["-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", daemon.path("stale.sock")]);
    await fails({ query: `socket=${daemon.path("stale.sock")}` }, "refused", /refused[^]*no daemon listens/);
  });

  it("says that the user may not open the socket, and which group lets him", async () => {
    await fails({ user: OUTSIDER }, "permission-denied", new RegExp(`permission denied for the user ${OUTSIDER}[^]*usermod -aG libvirt ${OUTSIDER}`));
  });

  it("says that sshd forwards no sockets and runs no commands", async () => {
    await fails({ sshd: "closed" }, "forwarding-refused", /AllowStreamLocalForwarding yes/);
  });
});

describe("qemu+ssh host keys", () => {
  const knownHosts = (name: string, lines: readonly string[]): SshOptions => ({ knownHostsFile: daemon.write(name, `${lines.join("\n")}\n`) });
  const here = (): string => `[127.0.0.1]:${daemon.ports.plain}`;

  it("refuses an unknown key, and works after the line that the error gives", async () => {
    const ssh = knownHosts("kh_empty", []);
    const error = await fails({ ssh }, "unknown-host-key", /SHA256:/);
    assert.ok(error.answer.includes(execFileSync("ssh-keygen", ["-lf", daemon.path("host_ed25519.pub")], { encoding: "utf8" }).split(" ")[1] ?? "?"));
    const line = /ssh-keyscan .*$/.exec(error.next ?? "")?.[0];
    assert.ok(line !== undefined);
    execFileSync("sh", ["-c", line], { stdio: "ignore" });
    await answers({ ssh });
  });

  it("asks for the kind of key that is known, so that a host with several is not unknown", () => answers({ ssh: knownHosts("kh_rsa", [`${here()} ${daemon.publicKey("host_rsa")}`]) }));

  it("finds hashed names", async () => {
    const ssh = knownHosts("kh_hashed", [`${here()} ${daemon.publicKey("host_ed25519")}`]);
    execFileSync("ssh-keygen", ["-H", "-f", ssh.knownHostsFile ?? ""], { stdio: "ignore" });
    assert.ok(daemon.read("kh_hashed").startsWith("|1|"));
    await answers({ ssh });
  });

  it("refuses a changed key", async () => {
    await fails({ ssh: knownHosts("kh_changed", [`${here()} ${daemon.publicKey("stranger")}`]) }, "changed-host-key", /kh_changed line 1 expects SHA256:/);
  });
  it("refuses a revoked key", async () => {
    await fails({ ssh: knownHosts("kh_revoked", [`${here()} ${daemon.publicKey("host_ed25519")}`, `@revoked * ${daemon.publicKey("host_ed25519")}`]) }, "revoked-host-key", /kh_revoked line 2/);
  });
  it("does not take a certificate authority for a key", async () => {
    await fails({ ssh: knownHosts("kh_authority", [`@cert-authority * ${daemon.publicKey("host_ed25519")}`]) }, "unknown-host-key", /host certificates are not supported/);
  });

  it("never follows StrictHostKeyChecking no", async () => {
    await fails({ ssh: { configFile: daemon.write("lax_config", "StrictHostKeyChecking no\n"), ...knownHosts("kh_lax", []) } }, "unknown-host-key", /is not followed/);
  });

  it("judges as ssh does", async () => {
    const cases = [`127.0.0.1 ${daemon.publicKey("host_ed25519")}`, `[127.0.0.*]:* ${daemon.publicKey("host_rsa")}`, `*,!127.0.0.1 ${daemon.publicKey("host_ed25519")}`,
      `[127.0.0.1]:1 ${daemon.publicKey("host_ed25519")}`, `127.0.0.1 ${daemon.publicKey("stranger")}`, `*,![127.0.0.1]:* ${daemon.publicKey("host_ed25519")}`];
    for (const line of cases) {
      const ssh = knownHosts("kh_case", [line]);
      const openssh = trySsh(["-o", `UserKnownHostsFile=${ssh.knownHostsFile ?? ""}`, "-o", "GlobalKnownHostsFile=none", "-o", "StrictHostKeyChecking=yes"]);
      const ours = await answers({ ssh }).then(() => true, (error: unknown) => {
        assert.ok(error instanceof TransportError && /-host-key$/.test(error.reason), String(error));
        return false;
      });
      assert.equal(ours, openssh, line);
    }
  });

  function trySsh(options: readonly string[]): boolean {
    try {
      execFileSync("ssh", ["-F", "none", ...options, "-o", "BatchMode=yes", "-i", daemon.path("id"), "-p", String(daemon.ports.plain), "root@127.0.0.1", "true"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }
});

describe("qemu+ssh keys", () => {
  it("logs in with an RSA key", () => answers({ key: "id_rsa" }));
  it("logs in with an encrypted key and its passphrase", () => answers({ key: "encrypted", ssh: { passphrase: "open sesame" } }));
  it("logs in with a key that is given as text", () => answers({ key: "", ssh: { privateKey: daemon.read("encrypted"), passphrase: "open sesame" } }));
  it("refuses a wrong passphrase", async () => {
    await fails({ key: "encrypted", ssh: { passphrase: "wrong" } }, "key-refused", /passphrase does not fit/);
  });
  it("asks for a missing passphrase", async () => {
    await fails({ key: "encrypted" }, "key-refused", /it is encrypted; give its passphrase/);
  });
  it("names a key that is missing", async () => {
    await fails({ key: "nothing" }, "key-refused", /nothing[^]*ENOENT/);
  });
  it("says which keys the host refused", async () => {
    await fails({ key: "stranger" }, "key-refused", /accepted none of: .*stranger \(SHA256:.*it allows .*publickey[^]*ssh-copy-id/);
  });

  it("shows no secret in an error", async () => {
    const error = await fails({ key: "stranger", ssh: { password: "hunter2", passphrase: "hunter3" } }, "key-refused", /the password/);
    assert.ok(!/hunter/.test(error.message + (error.stack ?? "") + JSON.stringify(error)));
  });

  it("uses the agent, also for one key of many and for a key whose file is encrypted", async () => {
    const agent = spawn("ssh-agent", ["-D", "-a", daemon.path("agent.sock")], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      await once(agent.stdout, "data");
      const environment = { ...process.env, SSH_AUTH_SOCK: daemon.path("agent.sock") };
      for (let index = 0; index < 8; index += 1) execFileSync("ssh-add", ["-q", daemon.makeKey(`spare_${index}`)], { env: environment });
      const plain = daemon.makeKey("in_agent");
      execFileSync("ssh-add", ["-q", plain], { env: environment });
      daemon.write("authorized_keys", `${daemon.read("authorized_keys")}${daemon.publicKey("in_agent")}\n`);
      const config = (text: string): SshOptions => ({ configFile: daemon.write("agent_config", text) });
      const socket = `IdentityAgent ${daemon.path("agent.sock")}\n`;
      // Nine keys are more than the six that sshd lets one try.
      await fails({ key: "", ssh: config(socket) }, "key-refused", /the agent at /);
      await answers({ key: "", ssh: config(`${socket}IdentityFile ${plain}.pub\n`) });
      await answers({ key: "", ssh: config(`${socket}IdentityFile ${plain}\nIdentitiesOnly yes\n`) });
      await fails({ key: "", ssh: config(`${socket}IdentityFile ${daemon.path("spare_1.pub")}\nIdentitiesOnly yes\n`) }, "key-refused", /the agent at /);
      process.env["SSH_AUTH_SOCK"] = daemon.path("agent.sock");
      execFileSync("ssh-add", ["-q", "-D"], { env: environment, stdio: "ignore" });
      execFileSync("ssh-add", ["-q", plain], { env: environment });
      await answers({ key: "" });
    } finally {
      Reflect.deleteProperty(process.env, "SSH_AUTH_SOCK");
      agent.kill();
    }
  });

  it("goes on without an agent that does not answer", () => answers({ key: "", ssh: { configFile: daemon.write("dead_agent", `IdentityAgent ${daemon.path("no.sock")}\nIdentityFile ${daemon.path("id")}\n`) } }));
});

describe("qemu+ssh by its configuration", () => {
  const config = (proxy: string): SshOptions => ({ configFile: daemon.write("jump_config", `Host ash gate inner shut
  HostName 127.0.0.1
  User root
  IdentityFile ${daemon.path("id")}
Host ash
  Port ${daemon.ports.plain}
  ${proxy}
Host gate
  Port ${daemon.ports.strict}
Host inner
  Port ${daemon.ports.plain}
Host shut
  Port ${daemon.ports.closed}
`) });

  it("reaches an alias", () => answers({ host: "ash", key: "", ssh: config("") }));

  it("goes through jump hosts, one behind the other", async () => {
    const logins = (name: string): number => daemon.read(`sshd_${name}.log`).split("Accepted publickey").length;
    const before = [logins("strict"), logins("plain")];
    await answers({ host: "ash", key: "", ssh: config("ProxyJump gate,inner") });
    assert.deepEqual([logins("strict") - (before[0] ?? 0), logins("plain") - (before[1] ?? 0)], [1, 2]);
  });

  it("says that a jump host lets nobody through", async () => {
    await fails({ host: "ash", key: "", ssh: config("ProxyJump shut") }, "forwarding-refused", /through the jump host shut[^]*AllowTcpForwarding/);
  });
  it("says that a jump host cannot reach the host", async () => {
    await fails({ host: "127.0.0.1:1", key: "", ssh: config(`Host *\n  ProxyJump gate`) }, "refused", /127\.0\.0\.1 port 1 through the jump host gate/);
  });

  it("names the jump host whose key is unknown, not the host behind it", async () => {
    const error = await fails({ host: "ash", key: "", ssh: { ...config("ProxyJump gate"), knownHostsFile: daemon.write("kh_gateless", `[127.0.0.1]:${daemon.ports.plain} ${daemon.publicKey("host_ed25519")}\n`) } }, "unknown-host-key", /on gate \(jump host of ash\)/);
    assert.ok(error.next?.includes(`ssh-keyscan -p ${daemon.ports.strict}`));
  });
});

describe("qemu+ssh commands", () => {
  it("hands over input and arguments as they are, and brings back code and output", async () => {
    const transport = transportTo();
    assert.deepEqual(await transport.exec(["sh", "-c", "cat; printf '<%s>' \"$@\" >&2; exit 5", "sh", "it's", "$HOME", "a  b", ""], { input: "secret" }),
      { code: 5, stdout: "secret", stderr: "<it's><$HOME><a  b><>" });
    const large = await transport.exec(["head", "-c", "3000000", "/dev/zero"]);
    assert.equal(large.stdout.length, 3_000_000);
    await assert.rejects(transport.exec(["sh", "-c", "kill -9 $$"]), /killed by SIGKILL/);
    await assert.rejects(transport.exec(["sleep", "30"], { timeoutMs: 200 }), (error) => error instanceof TransportError && error.reason === "timeout");
    await transport.close();
    await assert.rejects(transport.exec(["true"]), (error) => error instanceof TransportError && error.reason === "closed");
  });
});

describe("a lost ssh connection", () => {
  it("ends its streams with the reason, and the next call makes a new one", async () => {
    const transport = transportTo();
    const stream = await transport.open();
    await assertLibvirtAnswers(stream);
    const { stdout } = await transport.exec(["sh", "-c", "echo $PPID"]);
    const failed = once(stream, "error");
    process.kill(daemon.hostPid(Number(stdout)), "SIGKILL");
    const [error] = await failed as [unknown];
    assert.ok(error instanceof TransportError && error.reason === "lost", String(error));
    const again = await transport.open();
    await assertLibvirtAnswers(again);
    await transport.close();
  });

  it("moves much data in both directions without loss", async () => {
    const transport = transportTo({ query: `socket=${daemon.path("echo.sock")}` });
    const echo = spawn("python3", ["-c", `import socket,sys
s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print("ready", flush=True)
c,_=s.accept()
n=0
while True:
  b=c.recv(1<<20)
  if not b: break
  n+=len(b); c.sendall(b)
c.close()`, daemon.path("echo.sock")], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(echo.stdout, "data");
      const stream = await transport.open();
      const total = 64 * 1024 * 1024;
      let received = 0;
      let wrong = 0;
      const reading = (async () => {
        for await (const chunk of stream) {
          assert.ok(Buffer.isBuffer(chunk));
          for (let at = 0; at < chunk.length; at += 4093) if (chunk[at] !== ((received + at) & 0xff)) wrong += 1;
          received += chunk.length;
        }
      })();
      const block = Buffer.from(Uint8Array.from({ length: 1 << 18 }, (_, index) => index & 0xff));
      for (let sent = 0; sent < total; sent += block.length) if (!stream.write(block)) await once(stream, "drain");
      stream.end();
      await reading;
      assert.deepEqual({ received, wrong }, { received: total, wrong: 0 });
    } finally {
      echo.kill();
      await transport.close();
    }
  });
});
