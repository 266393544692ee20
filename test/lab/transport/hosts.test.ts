import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTransport, parseLibvirtUri, TransportError, type HostTransport } from "../../../provider/transport/index.js";
import { useLab } from "../support/lab.js";
import { assertLibvirtAnswers } from "./handshake.js";

describe("a lab's host", () => {
  const lab = useLab({ own: true, hosts: 2 });
  const transportTo = (uri: string): HostTransport => createTransport(parseLibvirtUri(uri), { connectTimeoutMs: 1_000, ssh: { configFile: lab.lab.ssh.config } });

  for (const name of ["uri", "unixUri", "tcpUri", "tlsUri"] as const) {
    test(`is reached by its ${name}`, async () => {
      for (const { host } of lab.hosts) {
        const transport = transportTo(host[name]);
        const stream = await transport.open();
        await assertLibvirtAnswers(stream);
        await transport.close();
      }
    });
  }

  test("runs commands as the host that it is", async () => {
    for (const { host } of lab.hosts) {
      const transport = transportTo(host.uri);
      assert.deepEqual(await transport.exec(["hostname"]), { code: 0, stdout: `${host.name}\n`, stderr: "" });
      await transport.close();
    }
  });

  test("has nothing of what this machine's root has set up for the shell", async () => {
    const transport = transportTo(lab.host("ash").host.uri);
    assert.deepEqual(await transport.exec(["sh", "-c", "cat ~/.bashrc ~/.zshenv 2>/dev/null; true"]), { code: 0, stdout: "", stderr: "" });
    await transport.close();
  });

  test("is heard in full by a process that is busy: a command's exit and end come in one read with its start", async () => {
    const transport = transportTo(lab.host("ash").host.uri);
    await transport.exec(["true"]);
    const busy = setInterval(() => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600); }, 1);
    try {
      assert.deepEqual(await transport.exec(["hostname"], { timeoutMs: 5_000 }), { code: 0, stdout: "ash\n", stderr: "" });
    } finally {
      clearInterval(busy);
      await transport.close();
    }
  });

  test("that is cut off is a time-out, not a wait without end", async () => {
    await lab.break("birch", "network");
    try {
      const { host } = lab.host("birch");
      for (const uri of [host.uri, host.tcpUri, host.tlsUri]) {
        const transport = transportTo(uri);
        await assert.rejects(transport.open(), (error) => error instanceof TransportError && (error.reason === "timeout" || error.reason === "unreachable") && error.next !== undefined, uri);
        await transport.close();
      }
    } finally {
      await lab.heal("birch");
    }
  });
});
