import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { coreOf } from "../../../provider/plan/explain/conflict.js";
import { planNow, violationsOf, type Assignments, type Inventory } from "../../../provider/plan/index.js";
import { verdictOf } from "../../../provider/plan/plan.js";
import { Facts } from "../../../provider/plan/verify-facts.js";
import { sceneOf } from "../../../provider/plan/verify.js";
import { decidedRules, inventories } from "./inventories.js";

/** Whether any assignment keeps all hard rules, by looking at every one. */
function hasPlan(inventory: Inventory): boolean {
  const { hosts, vms } = inventory;
  const lost = new Set(hosts.filter(({ state }) => state === "lost").map(({ name }) => name));
  const unknown = new Set(hosts.filter(({ state }) => state === "unknown").map(({ name }) => name));
  const facts = new Facts(sceneOf(inventory));
  const tries = (index: number, places: Assignments): boolean => {
    const vm = vms[index];
    if (vm === undefined) return facts.beyond(violationsOf(inventory, places)).length === 0;
    if (vm.running === false) return tries(index + 1, places);
    const stays = vm.host !== undefined && !lost.has(vm.host) && (vm.movable === false || unknown.has(vm.host));
    return (stays ? [vm.host ?? ""] : hosts.map(({ name }) => name)).some((name) => tries(index + 1, { ...places, [vm.name]: { host: name } }));
  };
  return tries(0, {});
}

describe("a conflict", () => {
  it("is minimal: it has no plan, and without any one of its parts it has, as looking at every assignment shows", () => {
    let conflicts = 0;
    fc.assert(fc.property(inventories({ hosts: 3, vms: 5, rules: 5 }), (random) => {
      const inventory: Inventory = { ...random, rules: decidedRules(random).map((rule) => ({ ...rule, hard: true })) };
      const core = coreOf(inventory, verdictOf);
      assert.equal(core === undefined, hasPlan(inventory));
      if (core === undefined) return;
      conflicts += 1;
      assert.equal(core.isMinimal, true);
      assert.equal(hasPlan(core.rest), false);
      for (const element of [...core.vms, ...core.elements]) assert.equal(hasPlan(element.without(core.rest)), true, element.text);
      const { conflict } = planNow(inventory);
      if (conflict?.texts.some((text) => text.includes("waits for the others")) !== true) assert.equal(conflict?.isMinimal, true);
    }), { numRuns: 120 });
    assert.ok(conflicts > 10, `${conflicts} conflicts`);
  });

  it("is proved where few VMs are left of many hosts", () => {
    const { conflict } = planNow({
      hosts: Array.from({ length: 9 }, (_, i) => ({ name: `h${i}`, capacity: { vcpus: 8 }, labels: { rack: `r${i % 3}` } })),
      vms: Array.from({ length: 8 }, (_, i) => ({ name: `v${i}`, demand: { vcpus: 1 }, host: `h${i}` })),
      rules: [{ kind: "separate", name: "apart", vms: ["v0", "v1", "v2", "v3"], across: "rack" }, { kind: "pin", vms: ["v7"] }],
    });
    assert.deepEqual(conflict, { texts: ["v0 (1 vcpus), v1 (1 vcpus), v2 (1 vcpus) and v3 (1 vcpus) need a host", "apart: separate vms v0, v1, v2 and v3, across rack"], isMinimal: true });
  });

  it("has words for what a host may be promised for, its state, cells, and what a VM needs", () => {
    const texts = (inventory: Inventory): readonly string[] => planNow(inventory).conflict?.texts ?? [];
    assert.deepEqual(texts({ hosts: [{ name: "ash", capacity: { vcpus: 4 }, reserved: { vcpus: 1 }, overcommit: { vcpus: 2 } }], vms: [{ name: "db", demand: { vcpus: 7 } }] }), ["db (7 vcpus) needs a host", "ash may be promised for 6 vcpus"]);
    assert.deepEqual(texts({ hosts: [{ name: "ash", capacity: { vcpus: 4 }, state: "leaving" }], vms: [{ name: "db", demand: {}, host: "ash", movable: false }] }), ["db needs a host", "ash leaves the cluster"]);
    assert.deepEqual(texts({ hosts: [{ name: "ash", capacity: { vcpus: 4 }, pools: [] }], vms: [{ name: "db", demand: { vcpus: 1 }, pools: ["ssd"] }] }), ["db (1 vcpus) needs a host", "db needs storage pool ssd"]);
    assert.deepEqual(texts({ hosts: [{ name: "ash", capacity: { vcpus: 4 }, numa: [{ capacity: { vcpus: 2 } }] }], vms: [{ name: "db", demand: { vcpus: 2 }, numaCells: 2 }] }), ["db (2 vcpus) needs a host", "db spans 2 NUMA cells"]);
  });
});
