import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mayLive, whatFailed } from "../../../provider/inventory/signs.js";
import { TransportError, type TransportFailure } from "../../../provider/transport/index.js";

const made = (reason: TransportFailure): string => whatFailed(new TransportError(reason, { attempted: "connect", answer: "it failed" })).is;

describe("a connection to a machine that was not made", () => {
  it("is a sign of life where the machine itself refused it", () => {
    for (const reason of ["refused", "mute", "lost", "key-refused", "unknown-host-key", "changed-host-key", "no-socket", "permission-denied", "forwarding-refused", "protocol"] as const) assert.equal(made(reason), "lives", reason);
  });

  it("is silence where nobody answered", () => {
    for (const reason of ["timeout", "unreachable"] as const) assert.equal(made(reason), "silent", reason);
  });

  it("says nothing where the machine was not asked, or a jump host does not say why", () => {
    assert.equal(made("unresolved"), "unresolved");
    for (const reason of ["configuration", "certificate", "unsupported", "closed", "jump-failed"] as const) assert.equal(made(reason), "unknown", reason);
    assert.equal(whatFailed(new Error("odd")).is, "unknown");
  });
});

describe("a word that a machine is dead", () => {
  const against = (uri: string): Promise<string | undefined> => mayLive({ name: "ash", uri, owner: "o" }, undefined, 2_000);

  it("is worth nothing where the machine refuses a connection, or nobody could ask it", async () => {
    assert.match(await against("qemu+tcp://127.0.0.1:1/system") ?? "", /ECONNREFUSED/);
    assert.notEqual(await against("qemu+tls://127.0.0.1:1/system?pkipath=/nowhere"), undefined);
  });

  it("stands where its name has no address", async () => {
    assert.equal(await against("qemu+tcp://nobody.invalid/system"), undefined);
  });
});
