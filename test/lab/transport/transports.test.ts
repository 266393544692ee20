import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { createTransport, parseLibvirtUri, TransportError, type HostTransport, type TransportFailure, type TransportOptions } from "../../../provider/transport/index.js";
import { Daemon } from "./daemon.js";
import { assertLibvirtAnswers } from "./handshake.js";

const daemon = new Daemon();
before(() => daemon.start());
after(() => daemon.stop());

async function use<T>(uri: string, work: (transport: HostTransport) => Promise<T>, options: TransportOptions = {}): Promise<T> {
  const transport = createTransport(parseLibvirtUri(uri), { name: "ash", ...options });
  try {
    return await work(transport);
  } finally {
    await transport.close();
  }
}

function answers(uri: string): Promise<void> {
  return use(uri, async (transport) => {
    const stream = await transport.open();
    await assertLibvirtAnswers(stream);
    stream.destroy();
  });
}

async function fails(uri: string, reason: TransportFailure, text: RegExp, options: TransportOptions = {}): Promise<void> {
  await assert.rejects(use(uri, (transport) => transport.open(), options), (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, text);
    assert.equal(error.host, "ash");
    assert.ok(error.next !== undefined);
    return true;
  });
}

describe("qemu+unix", () => {
  it("reaches the daemon", () => answers(`qemu+unix:///system?socket=${daemon.socket}`));

  it("says that the socket is missing, or that nobody listens", async () => {
    await fails(`qemu:///system?socket=${daemon.path("none.sock")}`, "no-socket", /none\.sock[^]*libvirtd\.socket/);
    await fails(`qemu:///system?socket=${daemon.path("known_hosts")}`, "refused", /no daemon listens/);
  });

  it("runs commands on this machine, with their input, code and arguments as they are", () => use("qemu:///system", async (transport) => {
    assert.deepEqual(await transport.exec(["sh", "-c", "cat; echo $1 >&2; exit 3", "sh", "a b"], { input: "secret" }), { code: 3, stdout: "secret", stderr: "a b\n" });
    await assert.rejects(transport.exec(["drover-no-such-program"]), /could not run drover-no-such-program on ash/);
    await assert.rejects(transport.exec(["sleep", "10"], { timeoutMs: 50 }), (error) => error instanceof TransportError && error.reason === "timeout");
  }));

  it("opens nothing after close, and closes what is open", async () => {
    const transport = createTransport(parseLibvirtUri(`qemu:///system?socket=${daemon.socket}`));
    const stream = await transport.open();
    await transport.close();
    await transport.close();
    if (!stream.closed) await once(stream, "close");
    await assert.rejects(transport.open(), (error) => error instanceof TransportError && error.reason === "closed");
  });
});

describe("qemu+tcp", () => {
  it("reaches the daemon", () => answers(`qemu+tcp://127.0.0.1:${daemon.ports.tcp}/system`));

  it("says that nothing listens, and that a name has no address", async () => {
    await fails("qemu+tcp://127.0.0.1:1/system", "refused", /127\.0\.0\.1 port 1/);
    await fails("qemu+tcp://no-such-host.invalid/system", "unresolved", /"no-such-host\.invalid" has no address/);
  });

  it("has no commands, and says what has", () => use(`qemu+tcp://127.0.0.1:${daemon.ports.tcp}/system`, async (transport) => {
    await assert.rejects(transport.exec(["true"]), /carry no commands[^]*qemu\+ssh/);
  }));
});

describe("qemu+tls", () => {
  const uri = (pki: string, host = "localhost"): string => `qemu+tls://${host}:${daemon.ports.tls}/system?pkipath=${daemon.path(pki)}`;

  it("reaches the daemon", () => answers(uri("pki")));

  it("refuses a host whose certificate another authority signed", () =>
    fails(uri("pki-wrong-authority"), "certificate", /host's certificate is not signed by our authority[^]*pki-wrong-authority\/cacert\.pem/));

  it("refuses a host whose certificate is for another name", () =>
    fails(uri("pki", "127.0.0.1"), "certificate", /certificate is for another name[^]*127\.0\.0\.1/));

  it("says that the host refused our certificate", () =>
    fails(uri("pki-stranger"), "certificate", /did not accept our client certificate[^]*pki-stranger\/clientcert\.pem/));

  it("names the certificate that is missing", () => fails(uri("nowhere"), "certificate", /ENOENT[^]*\?pkipath=/));

  it("refuses a host whose certificate its authority took back", async () => {
    daemon.makePki("pki-revoking", { authority: "ca", signer: "ca" });
    daemon.revoke("ca", "server", "pki-revoking/cacrl.pem");
    await fails(uri("pki-revoking"), "certificate", /revoked/);
  });

  it("says that a port does not speak TLS", async () => {
    await fails(`qemu+tls://127.0.0.1:${daemon.ports.plain}/system?pkipath=${daemon.path("pki")}`, "protocol", /16514/);
  });
});

describe("a silent port", () => {
  for (const uri of ["qemu+ssh", "qemu+tls"]) {
    it(`is told from a silent machine for ${uri}`, async () => {
      const server = createServer((socket) => socket.on("error", () => {}).resume()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      assert.ok(typeof address === "object" && address !== null);
      const query = uri === "qemu+tls" ? `?pkipath=${daemon.path("pki")}` : `?keyfile=${daemon.path("id")}`;
      try {
        await fails(`${uri}://127.0.0.1:${address.port}/system${query}`, "mute", /within 0\.3 s/, { connectTimeoutMs: 300, ssh: { configFile: daemon.path("empty_config") } });
      } finally {
        server.close();
      }
    });
  }
});
