/** `tolerate` and headroom: what a plan says of the losses that a cluster is to survive. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterReading } from "../../../../provider/inventory/cluster/index.js";
import { makePlan, type PlannedCluster, type ReadCluster } from "../../../../provider/kinds/placement/index.js";
import { sortDomains } from "../../../../provider/kinds/placement/members.js";
import type { PlacementInputs } from "../../../../provider/schema/index.js";
import { domain, host, reading } from "../../inventory/cluster/readings.js";

const RACKS: Readonly<Record<string, string>> = { ash: "r1", birch: "r1", cedar: "r2" };
const BIG_MIB = 10_240;
const ref = (name: string): { readonly name: string; readonly uri: string; readonly owner: string } => ({ name, uri: host(name).address.uri, owner: "owner" });

type Kept = Pick<PlacementInputs, "enforce" | "tolerate">;

/** Hosts of 16 GiB in two racks, with guests of 10 GiB on them. */
function cluster(guests: Readonly<Record<string, readonly string[]>>, given: Kept = {}): ReadCluster {
  const found: ClusterReading = reading(Object.fromEntries(Object.keys(RACKS).map((name) => [name, (guests[name] ?? []).map((vm) => domain(vm, { memory: { currentMib: BIG_MIB, totalMib: BIG_MIB, maxMib: BIG_MIB } }))])));
  const inputs: PlacementInputs = {
    cluster: "prod", owner: "owner", onUnreachable: "fail", policy: "none", rebalance: false, cpuBaseline: "keep", ...given,
    hosts: Object.entries(RACKS).map(([name, rack]) => ({ host: ref(name), labels: { rack } })),
    vms: Object.fromEntries(Object.values(guests).flat().map((vm) => [vm, { key: `drover:VirtualMachine::${vm}`, vcpus: 2, memory: "10 GiB", running: true, ha: { priority: 50, onStorageError: "resume", onShutdown: "leave" } }])),
  };
  const owners = new Set(["owner"]);
  const before = Object.fromEntries(Object.entries(guests).flatMap(([name, vms]) => vms.map((vm) => [vm, { ...ref(name), vcpus: 2, memory: "10 GiB" }])));
  return {
    inputs, reading: found, owners, open: [], cutOff: [], leavingKeys: new Set(), before, returned: [], sorted: sortDomains({ ...inputs, assignments: before }, owners, found, new Set()),
    hosts: inputs.hosts.map((declared) => ({ declared, read: found.hosts.find(({ address }) => address.name === declared.host.name), state: "up" })),
  };
}

/** One on each host: where one is lost, nobody has room for its guest. */
const FULL = { ash: ["a"], birch: ["b"], cedar: ["c"] };
/** A host is empty. */
const SPARE = { ash: ["a"], birch: ["b"], cedar: [] };
const plan = (guests: Readonly<Record<string, readonly string[]>>, given?: Kept): Promise<PlannedCluster> => makePlan(cluster(guests, given), { outlook: "always" });

describe("tolerate", () => {
  it("is kept where a host is spare, and moves nothing for it", async () => {
    const { plan: { moves, violationsAfter } } = await plan(SPARE, { tolerate: { hosts: 1 } });
    assert.deepEqual([moves, violationsAfter], [[], []]);
  });

  it("refuses what the loss of a host would leave without a place, and names it", async () => {
    await assert.rejects(plan(FULL, { tolerate: { hosts: 1 } }), /could not place the VMs of cluster prod: [^]*as things are, the loss of ash leaves no place for a[^]*the loss of cedar leaves no place for c[^]*a host more, or room on the others, for 2 vcpus and 10240 MiB, or `enforce: "soft"`[^]*nothing was changed/);
  });

  it("soft, says so and goes on", async () => {
    const { plan: { moves, violationsAfter }, text } = await plan(FULL, { tolerate: { hosts: 1 }, enforce: "soft" });
    assert.deepEqual(moves, []);
    assert.match(violationsAfter.join("\n"), /if ash is lost, a has no place to restart: birch lacks 4608 memoryMib/);
    assert.match(text, /not as it should be afterwards:[^]*if ash is lost/);
  });

  it("is only spoken of once a host is silent, for which the room was kept", async () => {
    const whole = cluster(SPARE, { tolerate: { hosts: 1 } });
    const used = { ...whole, hosts: whole.hosts.map((each) => (each.declared.host.name === "cedar" ? { ...each, read: undefined, state: "unknown" as const } : each)) };
    assert.match((await makePlan(used, { outlook: "always" })).plan.violationsAfter.join("\n"), /if ash is lost, a has no place to restart/);
  });

  it("of a rack looks at all of its hosts at once", async () => {
    assert.deepEqual((await plan(SPARE, { tolerate: { hosts: 1 } })).plan.violationsAfter, []);
    await assert.rejects(plan(SPARE, { tolerate: { rack: 1 } }), /loss of 1 rack[^]*/);
    assert.match((await plan(SPARE, { tolerate: { rack: 1 }, enforce: "soft" })).plan.violationsAfter.join("\n"), /r1/);
  });
});

describe("headroom", () => {
  it("says of each loss of a host whom it would leave without a place", async () => {
    const { headroom, text } = await plan(FULL);
    assert.deepEqual(headroom, [{ of: "host", looked: 3, possible: 3, survived: 0, unsurvived: [{ lost: "ash", left: ["a"] }, { lost: "birch", left: ["b"] }, { lost: "cedar", left: ["c"] }] }]);
    assert.match(text, /headroom: of 3 hosts the loss of 0 leaves every VM a place[^]*loss of ash: no place for a/);
  });

  it("says it of the domains too whose loss is to be tolerated", async () => {
    const { headroom, text } = await plan(SPARE, { tolerate: { rack: 1 }, enforce: "soft" });
    assert.deepEqual(headroom?.map(({ of, survived, looked }) => [of, survived, looked]), [["host", 3, 3], ["rack", 1, 2]]);
    assert.match(text, /loss of any one host: every VM has a place on the others[^]*loss of rack r1: no place for [ab]/);
  });

  it("is not worked out where nothing changes and nobody asks", async () => {
    assert.equal((await makePlan(cluster(FULL))).headroom, undefined);
  });
});
