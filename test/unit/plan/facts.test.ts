import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planNow, verify, violationsOf, type Inventory, type PlanHost, type PlanVm, type RuleSpec } from "../../../provider/plan/index.js";

const room = { vcpus: 8, memoryMib: 8192 };
const small = { vcpus: 2, memoryMib: 2048 };
const ash: PlanHost = { name: "ash", capacity: room };
const birch: PlanHost = { name: "birch", capacity: room };
const cedar: PlanHost = { name: "cedar", capacity: room, state: "maintenance" };
const web: PlanVm = { name: "web", demand: small, host: "cedar" };
const other: PlanVm = { name: "other", demand: small, host: "ash", managed: false };

/** What nobody can mend is told, and all else is planned. */
function isRepaired(inventory: Inventory, words: string): void {
  const { outcome, actions, assignments, violationsAfter } = planNow(inventory);
  assert.deepEqual([outcome, actions.map(({ subject }) => subject), assignments["web"]?.host], ["changes", ["web"], "birch"]);
  assert.deepEqual(violationsAfter.map(({ hard, text }) => [hard, text]), [[true, words]]);
  assert.deepEqual(verify(inventory, actions, assignments), []);
  const next = planNow({ ...inventory, vms: inventory.vms.map((vm) => (vm.name === "web" ? { ...vm, host: "birch" } : vm)) });
  assert.deepEqual([next.outcome, next.violationsAfter.map(({ text }) => text)], ["nothing", [words]]);
}

describe("what is broken by VMs alone that nothing moves", () => {
  const full: PlanHost = { ...ash, capacity: { vcpus: 1, memoryMib: 8192 } };
  const banned: RuleSpec = { kind: "ban", vms: ["other"], hosts: ["ash"] };
  const apart: RuleSpec = { kind: "separate", vms: ["other", "third", "web"] };

  it("stays as it is and is told, and the rest is planned: a host that others fill too much", () => {
    isRepaired({ hosts: [full, birch, cedar], vms: [other, web] }, "ash has 1 vcpus and is promised for 2");
  });

  it("a host of which nothing is known", () => {
    const { managed: _managed, ...there } = other;
    isRepaired({ hosts: [{ ...full, state: "unknown" }, birch, cedar], vms: [there, web] }, "ash has 1 vcpus and is promised for 2");
    isRepaired({ hosts: [{ ...ash, state: "unknown" }, birch, cedar], vms: [there, web], rules: [banned] }, "other is on ash, where it must not be");
  });

  it("rules, of a VM or of several", () => {
    isRepaired({ hosts: [ash, birch, cedar], vms: [other, web], rules: [banned] }, "other is on ash, where it must not be");
    isRepaired({ hosts: [ash, birch, cedar], vms: [other, { ...other, name: "third" }, web], rules: [apart] }, "other and third are together on ash");
  });

  it("and makes nothing worse possible", () => {
    // There is room for web on ash alone, which is too full as it is.
    const crowded = planNow({ hosts: [full, cedar], vms: [other, web] });
    assert.deepEqual([crowded.outcome, crowded.actions], ["impossible", []]);
    const inventory: Inventory = { hosts: [ash, { ...birch, state: "lost" }, cedar], vms: [other, { ...other, name: "third" }, web], rules: [apart] };
    assert.equal(planNow(inventory).outcome, "impossible");
    const joined = { other: { host: "ash" }, third: { host: "ash" }, web: { host: "ash" } };
    const move = { kind: "migrate", subject: "web", from: { host: "cedar" }, to: { host: "ash" }, startSeconds: 0, durationSeconds: 20, mbps: 100, after: [], reason: "" } as const;
    const worse: Inventory = { hosts: [{ ...full, capacity: { vcpus: 3, memoryMib: 8192 } }, cedar], vms: [other, { ...other, name: "third" }, web] };
    assert.ok(verify(worse, [move], joined).some((text) => text.startsWith("at the end capacity is broken")));
  });

  it("does not excuse what others could mend", () => {
    // Both are in one rack: that web goes to the other mends it.
    const rack = (host: PlanHost, name: string): PlanHost => ({ ...host, labels: { rack: name } });
    const even: RuleSpec = { kind: "spread", vms: ["other", "third", "web"], across: "rack", maxSkew: 1 };
    const { outcome, assignments, violationsAfter } = planNow({ hosts: [rack(ash, "a"), rack(birch, "b"), rack({ ...cedar, state: "up" }, "a")], vms: [other, { ...other, name: "third" }, web], rules: [even] });
    assert.deepEqual([outcome, assignments["web"]?.host, violationsAfter], ["changes", "birch", []]);
  });
});

describe("what others made", () => {
  it("and was on a lost host needs no place, and nobody waits for it", () => {
    const inventory: Inventory = { hosts: [{ ...ash, state: "lost" }, birch], vms: [other, { ...web, host: "ash", priority: 1 }] };
    for (const each of [inventory, { ...inventory, policy: { name: "cluster_maintenance" } as const }]) {
      const { outcome, actions, assignments, violationsAfter } = planNow(each);
      assert.deepEqual([outcome, actions.map(({ subject }) => subject), violationsAfter], ["changes", ["web"], []]);
      assert.deepEqual(violationsOf(each, assignments), []);
    }
  });
});
