import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guardRecord } from "../../../cli/guard-record.js";

describe("which record a guard uses", () => {
  it("is what the command line says of a cluster without one", async () => {
    assert.deepEqual(await guardRecord({ record: ".drover/guard" }, undefined), { directory: ".drover/guard" });
    assert.deepEqual(await guardRecord({ etcd: ["http://a:2379"] }, undefined), { etcd: { endpoints: ["http://a:2379"] } });
    await assert.rejects(guardRecord({}, undefined), /where its record is was not said/);
    await assert.rejects(guardRecord({ record: "a", etcd: ["http://a:2379"] }, undefined), /two records/);
  });

  it("is the cluster's own, with its credentials, by whatever of its endpoints", async () => {
    const guard = { etcd: ["http://a:2379", "http://b:2379"], user: "u", password: "p" };
    assert.deepEqual(await guardRecord({}, guard), { etcd: { endpoints: guard.etcd, user: "u", password: "p" } });
    assert.deepEqual(await guardRecord({ etcd: ["http://b:2379"] }, guard), { etcd: { endpoints: ["http://b:2379"], user: "u", password: "p" } });
    assert.deepEqual(await guardRecord({ record: "/var/lib/drover/../drover" }, { directory: "/var/lib/drover" }), { directory: "/var/lib/drover" });
  });

  it("is never another one than the cluster's", async () => {
    await assert.rejects(guardRecord({ etcd: ["http://c:2379"] }, { etcd: ["http://a:2379"] }), /names no endpoint of the cluster's `guard`/);
    await assert.rejects(guardRecord({ etcd: ["http://a:2379"] }, { directory: "/var/lib/drover" }), /names no endpoint/);
    await assert.rejects(guardRecord({ record: "/tmp/other" }, { directory: "/var/lib/drover" }), /--record \/tmp\/other is not the record/);
    await assert.rejects(guardRecord({ record: "/tmp/other" }, { etcd: ["http://a:2379"] }), /is not the record/);
  });
});
