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

  const room = { vcpus: 8, memoryMib: 8192 };
  const leaving: Inventory = {
    hosts: [{ name: "ash", capacity: room, state: "maintenance" }, { name: "birch", capacity: room }, { name: "cedar", capacity: room }],
    vms: [{ name: "a", demand: { memoryMib: 2048 }, host: "ash" }, { name: "b", demand: { memoryMib: 2048 }, host: "ash" }, { name: "c", demand: { memoryMib: 2048 }, host: "birch" }],
    rules: [{ kind: "separate", name: "apart", vms: ["a", "c"] }],
  };
  const [both, one] = ["a (2048 memoryMib) and b (2048 memoryMib) need a host", "a (2048 memoryMib) needs a host"];
  const TIMES: readonly (readonly [string, NonNullable<Inventory["schedule"]>, readonly string[]])[] = [
    ["a window that is too short", { windows: [{ vms: ["a", "c"], fromSeconds: 10, untilSeconds: 12 }, { vms: ["b"], fromSeconds: 5 }] }, [one, "ash is in maintenance", "a has its windows: from 10 s to 12 s"]],
    ["a deadline that is too soon for one link", { deadlines: [{ vms: ["a", "b"], seconds: 30 }, { vms: ["a"], seconds: 500 }] }, [both, "ash is in maintenance", "a and b must be done by 30 s"]],
    ["precedence in a circle", { precedence: [{ before: ["a"], after: ["b", "c"] }, { before: ["b"], after: ["a"] }] }, [both, "ash is in maintenance", "a must be done before b and c may begin", "b must be done before a may begin"]],
    ["sequences in a circle", { seq: [["a", "c", "b"], ["b", "a"]] }, [both, "ash is in maintenance", "one after another, in this order: a, c and b", "one after another, in this order: b and a"]],
    ["a deadline after what comes before", { precedence: [{ before: ["b"], after: ["a"] }], deadlines: [{ vms: ["a"], seconds: 35 }] }, [both, "ash is in maintenance", "a must be done by 35 s", "b must be done before a may begin"]],
  ];
  for (const [what, schedule, texts] of TIMES) {
    it(`is minimal where times are in the way: ${what}`, () => {
      const { outcome, conflict, isProven } = planNow({ ...leaving, schedule });
      assert.deepEqual([outcome, conflict, isProven], ["impossible", { texts, isMinimal: true }, true]);
    });
  }

  it("is not called minimal where nothing was proved, and has what is needed all the same", () => {
    // One may go at a time, for which the time is too short by a little: that is no matter of links, and not proved.
    const { conflict, isProven } = planNow({ ...leaving, schedule: { parallelPerHost: 1, deadlines: [{ vms: ["a", "b"], seconds: 40.2 }], mbpsPerMove: 999 } });
    assert.equal(isProven, false);
    assert.equal(conflict?.isMinimal, false);
    assert.deepEqual(conflict.texts, [both, "ash is in maintenance", "a and b must be done by 40.2 s"]);
  });

  it("says of one whose time is too short whether it is a window or a deadline, where the inventory is too large for a minimal conflict", () => {
    const many = { ...leaving, hosts: [...leaving.hosts, ...Array.from({ length: 5 }, (_, i) => ({ name: `h${i}`, capacity: room }))] };
    const texts = (schedule: Inventory["schedule"]): string => planNow({ ...many, ...(schedule === undefined ? {} : { schedule }) }).conflict?.texts[0] ?? "";
    assert.match(texts({ windows: [{ vms: ["a"], fromSeconds: 1, untilSeconds: 2 }] }), /^a finds no moment within its windows at which/);
    assert.match(texts({ deadlines: [{ vms: ["a"], seconds: 2 }] }), /^a finds no moment before its deadline at which/);
  });

  it("is none of a VM that is on both sides of a precedence", () => {
    assert.equal(planNow({ ...leaving, schedule: { precedence: [{ before: ["a"], after: ["a", "b"] }] } }).outcome, "changes");
  });
});
