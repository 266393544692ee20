import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { UNKNOWN } from "../../provider/engine/handler.js";
import { ProviderProcess, resource } from "../support/provider-process.js";

/** The installed SDK's own provider process, driven by its gRPC interface. No host is there: nobody listens at this address. */
const nowhere = "qemu+tcp://127.0.0.1:1/system";
let provider: ProviderProcess;
before(async () => { provider = await ProviderProcess.start(); });
after(() => provider.stop());

describe("Pulumi's dynamic wire", () => {
  it("answers twenty concurrent first calls alike, though configure races with them", async () => {
    const fresh = await ProviderProcess.start();
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => fresh.check({}, resource("Host", `h${i}`, { uri: nowhere }))));
      for (const { failures, inputs } of answers) assert.deepEqual([failures, inputs["connectTimeoutSeconds"]], [[], 10]);
    } finally {
      await fresh.stop();
    }
  });

  it("carries all failures of a check with their paths, and hides what is ours", async () => {
    const { failures, inputs } = await provider.check({}, resource("Host", "h", { url: nowhere, connectTimeoutSeconds: 0 }));
    assert.deepEqual(failures.map(({ reason }) => reason.slice(0, reason.indexOf(":"))).sort(), ["connectTimeoutSeconds", "uri", "url"]);
    // The engine prints the value of a property that is named to it, and a secret may be in the wrong place.
    assert.deepEqual(failures.map(({ property }) => property), ["", "", ""]);
    assert.ok(typeof inputs["__provider"] === "string" && inputs["__provider"].length < 250);
  });

  it("lets unknowns through check and diff, without a replacement", async () => {
    const host = { name: "ash", uri: nowhere, owner: UNKNOWN };
    const before = await provider.check({}, resource("HostStoragePool", "p", { host: { ...host, owner: "o" }, owner: "o", pool: "p", path: "/p" }));
    const { failures, inputs } = await provider.check(before.inputs, resource("HostStoragePool", "p", { host, owner: UNKNOWN, pool: "p", path: UNKNOWN }));
    assert.deepEqual(failures, []);
    const difference = await provider.diff("id", { ...before.inputs, active: true }, inputs);
    assert.deepEqual([difference.changes, difference.replaces], [true, []]);
  });

  it("fails a create that made nothing without saving anything, and says where, what and what next", async () => {
    const { inputs } = await provider.check({}, resource("Host", "dead", { uri: nowhere, connectTimeoutSeconds: 1 }));
    await assert.rejects(provider.create(inputs), (error: Error) => !("id" in error) && /dead/.test(error.message) && /next:/.test(error.message));
    await assert.rejects(provider.read("id", { ...inputs, owner: "o" }), /dead/, "an unreachable host is an error and never absence");
  });

  it("refuses outputs of a version that it does not know", async () => {
    const { inputs } = await provider.check({}, resource("Host", "h", { uri: nowhere }));
    await assert.rejects(provider.delete("id", { ...inputs, __droverVersion: 99 }), /version 99 of Host/);
  });

  it("says what to do in a folder from which the package cannot be loaded", async () => {
    const folder = await mkdtemp(join(tmpdir(), "drover-empty-"));
    const lost = await ProviderProcess.start({ folder });
    try {
      await assert.rejects(lost.check({}, resource("Host", "h", { uri: nowhere })), /drover\/provider/);
    } finally {
      await lost.stop();
      await rm(folder, { recursive: true });
    }
  });
});
