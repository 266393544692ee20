import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planNow, violationsOf, type Assignments, type Inventory, type PlanVm } from "../../../provider/plan/index.js";
import { inventories } from "./inventories.js";

/** Hosts where a VM can be in any assignment: its own for one that does not move or of whose host nothing is known, none for one that shall not run. */
function choices({ hosts }: Inventory, vm: PlanVm): readonly (string | undefined)[] {
  const state = hosts.find(({ name }) => name === vm.host)?.state;
  const isLost = state === "lost";
  if (vm.running === false) return [undefined];
  if ((vm.movable === false || state === "unknown") && vm.host !== undefined && !isLost) return [vm.host];
  return hosts.map(({ name }) => name);
}

/** Every assignment, by the model alone. */
function* assignments(inventory: Inventory, vms = inventory.vms): Generator<Assignments> {
  const [first, ...rest] = vms;
  if (first === undefined) {
    yield {};
    return;
  }
  for (const host of choices(inventory, first)) {
    for (const others of assignments(inventory, rest)) yield { ...others, [first.name]: host === undefined ? undefined : { host } };
  }
}

/** MiB that an assignment copies: of guests that run elsewhere than they did, those on lost hosts not counted. */
function copiedMib({ hosts, vms }: Inventory, places: Assignments): number {
  const lost = new Set(hosts.filter(({ state }) => state === "lost").map(({ name }) => name));
  return vms.reduce((sum, vm) => {
    const place = places[vm.name];
    return vm.host === undefined || lost.has(vm.host) || place === undefined || place.host === vm.host ? sum : sum + (vm.demand["memoryMib"] ?? 0);
  }, 0);
}

describe("a small inventory", () => {
  it("has a plan exactly where looking at every assignment finds one, and it copies as little", () => {
    fc.assert(fc.property(inventories({ hosts: 3, vms: 5, rules: 3 }), (random) => {
      const inventory = { ...random, rules: (random.rules ?? []).filter(({ hard }) => hard === true) };
      let least = Infinity;
      for (const places of assignments(inventory)) {
        if (!violationsOf(inventory, places).some(({ hard }) => hard)) least = Math.min(least, copiedMib(inventory, places));
      }
      const plan = planNow(inventory);
      const isStuck = plan.conflict?.texts.some((text) => text.includes("waits for the others")) === true;
      assert.equal(plan.outcome !== "impossible" || isStuck, least < Infinity);
      if (plan.outcome === "impossible") return;
      // Each move counts one more than its MiB, so that of equal bytes the fewer moves are taken.
      const moves = plan.actions.filter(({ kind }) => kind === "migrate").length;
      assert.ok(copiedMib(inventory, plan.assignments) <= least + moves, `${copiedMib(inventory, plan.assignments)} MiB, and ${least} are enough`);
    }), { numRuns: 300 });
  });
});
