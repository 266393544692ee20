import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planNow, verify, type Inventory, type Plan, type PlanVm, type RuleSpec } from "../../../provider/plan/index.js";

const GIB = 1024;

function vm(name: string, host: string, gib: number): PlanVm {
  return { name, demand: { memoryMib: gib * GIB }, host };
}

function hosts(sizes: Readonly<Record<string, number>>): Inventory["hosts"] {
  return Object.entries(sizes).map(([name, gib]) => ({ name, capacity: { memoryMib: gib * GIB } }));
}

function belongs(places: Readonly<Record<string, string>>, more: Partial<RuleSpec> = {}): RuleSpec[] {
  return Object.entries(places).map(([name, host]) => ({ kind: "fence", vms: [name], hosts: [host], ...more }));
}

/** A plan that was verified, and its moves in order. */
function planned(inventory: Inventory): { plan: Plan; moves: string[] } {
  const plan = planNow(inventory);
  if (plan.outcome !== "impossible") assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
  return { plan, moves: plan.actions.map(({ subject, from, to }) => `${subject}: ${from?.host ?? ""} to ${to?.host ?? ""}`) };
}

describe("where no order leads to the best outcome", () => {
  const full: Inventory = { hosts: hosts({ ash: 2, birch: 2 }), vms: [vm("a", "ash", 2), vm("b", "birch", 2)] };

  it("nothing is done for a wish alone, and that is no error", () => {
    const { plan } = planned({ ...full, rules: belongs({ a: "birch", b: "ash" }, { hard: false }) });
    assert.deepEqual([plan.outcome, plan.actions, plan.violationsAfter.map(({ hard }) => hard)], ["nothing", [], [false, false]]);
  });

  it("what must be done is done, and the wish stays", () => {
    const { plan, moves } = planned({
      hosts: [...full.hosts, { name: "cedar", capacity: { memoryMib: GIB }, state: "maintenance" }, { name: "dove", capacity: { memoryMib: GIB } }], vms: [...full.vms, vm("c", "cedar", 1)],
      rules: belongs({ a: "birch", b: "ash" }, { hard: false }),
    });
    assert.deepEqual([plan.outcome, moves, plan.violationsAfter.length], ["changes", ["c: cedar to dove"], 2]);
  });

  it("it is said that there is none, where everything that can be reached was looked at", () => {
    const { plan } = planned({ ...full, rules: belongs({ a: "birch", b: "ash" }) });
    assert.deepEqual([plan.outcome, plan.conflict?.texts], ["impossible", [
      "a, b can not get to where they belong: each waits for the others to make room, and no other host has any", "no other outcome can be reached either: all that can were looked at",
    ]]);
  });

  it("a rule that holds at every moment is named, where it alone is in the way", () => {
    const { plan } = planned({
      hosts: [{ name: "ash", capacity: { memoryMib: 8 * GIB }, state: "maintenance" }, ...hosts({ birch: 8, cedar: 8 })], vms: [vm("a", "ash", 1), vm("b", "ash", 1)],
      rules: [{ kind: "gather", name: "together", vms: ["a", "b"], across: "host", continuous: true }, { kind: "ban", vms: ["a"], hosts: ["cedar"], continuous: true }],
    });
    assert.deepEqual(plan.conflict?.texts.slice(1), ["together holds at every moment: if it held at the end alone, there would be a way", "no other outcome can be reached either: all that can were looked at"]);
  });

  it("somebody who is well where he is makes way, and comes back", () => {
    const { moves } = planned({
      hosts: hosts({ ash: 4, birch: 4, cedar: 4, dove: 2 }), vms: [vm("a", "ash", 4), vm("b", "birch", 4), vm("c", "cedar", 2)],
      rules: [...belongs({ a: "birch", b: "ash" }), { kind: "pin", vms: ["c"] }],
    });
    assert.deepEqual(moves.filter((move) => move.startsWith("c")), ["c: cedar to dove", "c: dove to cedar"]);
    assert.equal(moves.length, 5);
  });
});
