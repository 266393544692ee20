import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { disagreements } from "../../../../provider/kinds/placement/leases.js";
import { whoIsUnfenced } from "../../../../provider/kinds/placement/fencing.js";
import type { ClusterHost, HostLeases } from "../../../../provider/schema/index.js";

const leases: HostLeases = { manager: "sanlock", directory: "/srv/leases", hostId: 1, ioTimeoutSeconds: 10 };
const host = (name: string, own?: HostLeases): ClusterHost => ({ host: { name, uri: `qemu+ssh://${name}/system`, owner: "o" }, ...(own === undefined ? {} : { leases: own }) });

describe("leases of a cluster's hosts", () => {
  it("go together where all have the same and each its own id", () => {
    assert.deepEqual(disagreements("prod", [host("ash"), host("birch")]), []);
    assert.deepEqual(disagreements("prod", [host("ash", leases), host("birch", { ...leases, hostId: 2 })]), []);
  });

  it("do not where a host has none, another folder, or another's id", () => {
    assert.match(disagreements("prod", [host("ash", leases), host("birch")]).join(), /birch has no `leases`/);
    assert.match(disagreements("prod", [host("ash", leases), host("birch", { ...leases, hostId: 2, directory: "/srv/other" })]).join(), /are not the same/);
    assert.match(disagreements("prod", [host("ash", leases), host("birch", leases)]).join(), /ash and birch have the same leases.hostId/);
  });

  it("stand for a fence device by sanlock, and not by lockd", () => {
    const vms = { shop: { ha: { priority: 50 } } } as never;
    assert.equal(whoIsUnfenced({ cluster: "prod", hosts: [host("ash", leases)], vms }), undefined);
    assert.match(whoIsUnfenced({ cluster: "prod", hosts: [host("ash", { ...leases, manager: "lockd" })], vms }) ?? "", /none of its hosts has a fence device/);
  });
});
