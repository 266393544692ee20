import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compile } from "../../../provider/plan/compile.js";
import { planNow, verify, type Inventory, type Plan } from "../../../provider/plan/index.js";
import { NOWHERE } from "../../../provider/plan/solve/problem.js";
import { State } from "../../../provider/plan/solve/state.js";
import { inventories } from "./inventories.js";

/** How many random inventories: `DROVER_PLAN_RUNS=10000` for the long form. */
const RUNS = Number(process.env["DROVER_PLAN_RUNS"] ?? 250);

/** The inventory after a plan was carried out. */
function after(inventory: Inventory, plan: Plan): Inventory {
  // What others made is where it was, though its host is lost.
  return { ...inventory, vms: inventory.vms.map(({ host: _host, cells: _cells, ...vm }, i) => (vm.managed === false ? (inventory.vms[i] ?? vm) : { ...vm, ...plan.assignments[vm.name] })) };
}

/** A plan that is no lie: safe, with nothing left to do after it, or impossible for a reason. */
function isSound(inventory: Inventory): void {
  const plan = planNow(inventory);
  if (plan.outcome === "impossible") {
    assert.ok((plan.conflict?.texts.length ?? 0) > 0);
    // The schedule itself never makes what the replay refuses.
    assert.ok(plan.conflict?.texts.every((text) => !text.startsWith("no safe order")));
    return;
  }
  assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
  const next = planNow(after(inventory, plan));
  assert.deepEqual([next.outcome, next.actions], ["nothing", []]);
}

describe("a plan", () => {
  it("is safe, and once carried out there is nothing left to do", () => {
    fc.assert(fc.property(inventories({ hosts: 8, vms: 24, rules: 5 }), isSound), { numRuns: Math.ceil(RUNS / 2) });
  });

  it("is so too with all that the model knows", () => {
    fc.assert(fc.property(inventories({ hosts: 7, vms: 18, rules: 4, full: true }), isSound), { numRuns: Math.ceil(RUNS / 2) });
  });

  it("is so too where capacity is kept for the loss of hosts or racks", () => {
    fc.assert(fc.property(inventories({ hosts: 6, vms: 8, rules: 2, survive: true }), isSound), { numRuns: Math.ceil(RUNS / 10) });
  });

  it("does not depend on the order in which hosts, VMs and rules are given", () => {
    const turn = <T>(things: readonly T[]): T[] => [...things].reverse();
    // A reason calls a rule that has no name by its place in the list.
    const doneBy = ({ outcome, actions, assignments }: Plan): unknown => [outcome, actions.map(({ reason: _reason, ...action }) => action), assignments];
    fc.assert(fc.property(inventories({ hosts: 6, vms: 16, rules: 4, full: true }), (inventory) => {
      assert.deepEqual(doneBy(planNow({ ...inventory, hosts: turn(inventory.hosts), vms: turn(inventory.vms), rules: turn(inventory.rules ?? []) })), doneBy(planNow(inventory)));
    }), { numRuns: Math.ceil(RUNS / 3) });
  });

  it("is the least move that a maintenance asks for", () => {
    const plan = planNow({
      hosts: [{ name: "ash", capacity: { vcpus: 8, memoryMib: 32768 }, state: "maintenance" }, { name: "birch", capacity: { vcpus: 8, memoryMib: 32768 } }],
      vms: [{ name: "web", demand: { vcpus: 2, memoryMib: 4096 }, host: "ash" }, { name: "db", demand: { vcpus: 2, memoryMib: 4096 }, host: "birch" }],
    });
    assert.deepEqual([plan.outcome, plan.actions.map(({ kind, subject, from, to, reason }) => ({ kind, subject, from: from?.host, to: to?.host, reason }))],
      ["changes", [{ kind: "migrate", subject: "web", from: "ash", to: "birch", reason: "web is on ash, which is in maintenance" }]]);
  });
});

describe("an inventory where nothing is wrong", () => {
  const room = { vcpus: 8, memoryMib: 8192 };
  const still: Inventory = {
    hosts: [{ name: "ash", capacity: room, numa: [{ capacity: { vcpus: 4 } }, { capacity: { vcpus: 4 } }] }, { name: "birch", capacity: room }],
    vms: [{ name: "web", demand: { vcpus: 1, memoryMib: 512 }, host: "birch" }, { name: "db", demand: { vcpus: 4, memoryMib: 1024 }, host: "ash", numaCells: 2, cells: [1, 0] }],
  };

  it("is left as it is, and its places are told by name, cells in order", () => {
    const { outcome, assignments, violationsAfter } = planNow(still);
    assert.deepEqual([outcome, Object.entries(assignments), violationsAfter], ["nothing", [["db", { host: "ash", cells: [0, 1] }], ["web", { host: "birch" }]], []]);
  });

  const changes: readonly (readonly [string, Inventory, string])[] = [
    ["a VM that runs and shall not is stopped", { ...still, vms: still.vms.map((vm) => (vm.name === "web" ? { ...vm, running: false } : vm)) }, "stop"],
    ["a VM that shall run is started", { ...still, vms: [...still.vms, { name: "new", demand: { vcpus: 1, memoryMib: 512 } }] }, "start"],
    ["a wish that is broken is looked after", { ...still, rules: [{ kind: "ban", vms: ["web"], hosts: ["birch"], hard: false }] }, "migrate"],
    ["a policy that is asked balances", { hosts: still.hosts.map((host) => ({ ...host, cpuPercent: host.name === "birch" ? 95 : 5 })), vms: [...still.vms, { name: "web-2", demand: { vcpus: 4, memoryMib: 512 }, host: "birch" }], rebalance: true, policy: { name: "evenly_distributed" } }, "migrate"],
  ];
  for (const [what, inventory, kind] of changes) {
    it(`but ${what}`, () => {
      assert.ok(planNow(inventory).actions.some((action) => action.kind === kind));
    });
  }
});

describe("what a move changes", () => {
  it("is never less than what is said of all moves to other hosts", () => {
    fc.assert(fc.property(inventories({ hosts: 6, vms: 12, rules: 6 }), (random) => {
      const { problem } = compile({ ...random, rules: (random.rules ?? []).filter(({ kind }) => kind !== "exclusive" && kind !== "online") });
      const state = new State(problem);
      for (let vm = 0; vm < problem.vmCount; vm += 1) {
        const least = state.leastDelta(vm);
        assert.ok(least !== undefined);
        for (const to of problem.slotHost.keys()) {
          if (to === state.slotOf[vm] || to === problem.origin[vm]) continue;
          for (const [level, change] of state.delta(vm, to).entries()) assert.ok(change >= (least[level] ?? 0), `VM ${vm} to ${to}, level ${level}: ${change}, and ${least[level] ?? 0} is the least`);
        }
        if (vm % 3 === 0) state.move(vm, vm % problem.hostCount);
      }
    }), { numRuns: 300 });
  });

  it("is what summing up all anew says, after any sequence of moves", () => {
    fc.assert(fc.property(inventories({ hosts: 6, vms: 12, rules: 6 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 }), (inventory, moves) => {
      const { problem } = compile(inventory);
      if (problem.vmCount === 0) return;
      const state = new State(problem);
      for (const [vm, slot] of moves) {
        const to = (slot % (problem.slotHost.length + 1)) + NOWHERE;
        const expected = state.delta(vm % problem.vmCount, to).map((change, level) => change + (state.levels[level] ?? 0));
        state.move(vm % problem.vmCount, to);
        assert.deepEqual(state.levels, expected);
        assert.deepEqual(state.recount(), expected);
      }
    }), { numRuns: 300 });
  });
});
