import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mistakesOf, planNow, verify, violationsOf, whatIfLost, type Inventory, type Labels, type PlanHost, type RuleSpec } from "../../../provider/plan/index.js";

const room = { vcpus: 8, memoryMib: 8192 };
const small = { vcpus: 2, memoryMib: 2048 };
const host = (name: string, labels: Labels): PlanHost => ({ name, capacity: room, labels });

function inventory(hosts: readonly PlanHost[], places: readonly string[], rule: RuleSpec, domains?: readonly string[]): Inventory {
  return { hosts, vms: places.map((on, i) => ({ name: `v${i}`, demand: small, host: on })), rules: [rule], ...(domains === undefined ? {} : { domains }) };
}

describe("failure domains", () => {
  const rooms = [host("a1", { room: "A", rack: "1" }), host("b1", { room: "B", rack: "1" }), host("b2", { room: "B", rack: "2" })];
  const apart: RuleSpec = { kind: "separate", name: "apart", vms: ["v0", "v1"], across: "rack" };

  it("are what a label says, or a tree of labels where the inventory says so", () => {
    const [flat, tree] = [inventory(rooms, ["a1", "b1"], apart), inventory(rooms, ["a1", "b1"], apart, ["room", "rack"])];
    assert.deepEqual([planNow(flat).outcome, planNow(tree).outcome], ["changes", "nothing"]);
    assert.deepEqual(violationsOf(flat, { v0: { host: "a1" }, v1: { host: "b1" } }).map(({ text }) => text), ["v0 and v1 are together in rack 1"]);
    const both = { v0: { host: "b1" }, v1: { host: "b1" } };
    assert.deepEqual(violationsOf(tree, both).map(({ text }) => text), ["v0 and v1 are together in rack B/1"]);
    assert.ok(verify(inventory(rooms, ["b1", "b1"], apart, ["room", "rack"]), [], both).some((text) => text.includes("apart is broken")));
    assert.deepEqual(whatIfLost(tree, { any: 1, across: "rack" }).losses.map(({ lost, hosts }) => [lost, hosts]), [["rack A/1", ["a1"]], ["rack B/1", ["b1"]], ["rack B/2", ["b2"]]]);
    assert.deepEqual(whatIfLost(tree, { across: "rack", domain: "A/1" }).losses.map(({ restarted }) => restarted.length), [1]);
  });

  it("are of their own for hosts without the label: no rule is kept by hiding there", () => {
    const racks = [host("a", { rack: "r" }), host("b", {}), host("c", { rack: "q" })];
    const plan = planNow(inventory(racks, ["b", "b"], apart));
    assert.deepEqual([plan.outcome, plan.violationsBefore.map(({ text }) => text), plan.violationsAfter], ["changes", ["v0 and v1 are together in rack b (no rack)"], []]);
    assert.equal(planNow(inventory(racks, ["a", "b"], apart)).outcome, "nothing");
    assert.equal(planNow(inventory(racks, ["a", "b"], { ...apart, kind: "gather" })).outcome, "changes");
    assert.match(planNow(inventory(racks.slice(0, 2), ["a", "b"], { kind: "survive", across: "rack", failures: 2 })).conflict?.texts.join() ?? "", /survive/);
    const tree = [host("a", { room: "A" }), host("b", { room: "A" })];
    assert.equal(planNow({ ...inventory(tree, ["a", "a"], apart, ["room", "rack"]), hosts: [...tree, host("c", { room: "B", rack: "1" })] }).outcome, "changes");
  });

  it("are wrong where no host has such a label, as all labels are that nothing has", () => {
    assert.deepEqual(mistakesOf(inventory(rooms, ["a1", "b1"], apart, ["rom", "rack"])), ["domains: no host has a label rom; the nearest that there is is room"]);
    assert.throws(() => whatIfLost(inventory(rooms, ["a1", "b1"], apart), { any: 1, across: "row" }), /no host has a label row/);
    const gpu = inventory([host("ash", { gpu: "yes" }), host("birch", {})], ["ash"], { kind: "affinity", vms: ["v0"], hostLabels: { gpuu: "yes" }, avoid: true });
    assert.deepEqual(mistakesOf(gpu), ["rules.0 (affinity).hostLabels: no host has these labels; the nearest that there is to gpuu=yes is gpu=yes"]);
    const tiers: Inventory = { hosts: rooms, vms: [{ name: "a", demand: small, host: "a1", labels: { tier: "web" } }], budget: { vms: { labels: { tier: "webb" } } } };
    assert.deepEqual(mistakesOf(tiers), ["budget.vms: no VM has these labels; the nearest that there is to tier=webb is tier=web"]);
    assert.deepEqual(mistakesOf({ ...tiers, budget: { vms: { labels: { tier: "web" } } } }), []);
  });
});
