import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planText } from "../../../cli/plan.js";
import { planNow, verify, type Inventory, type Plan, type PlanVm } from "../../../provider/plan/index.js";
import { carriedOut } from "../../../provider/plan/otherwise.js";
import { unplacedCosts } from "../../../provider/plan/priorities.js";

const room = { vcpus: 8, memoryMib: 8192 };
const vm = (name: string, vcpus: number, priority: number, host = "ash"): PlanVm => ({ name, demand: { vcpus, memoryMib: 1024 }, host, priority });

/** `ash` is lost, and `birch` has 8 vCPUs. */
function lost(vms: readonly PlanVm[]): Inventory {
  return { hosts: [{ name: "ash", capacity: room, state: "lost" }, { name: "birch", capacity: room }], vms, startWhatFits: true };
}

function started(plan: Plan): string[] {
  return plan.actions.filter(({ kind }) => kind === "start").map(({ subject }) => subject).sort();
}

describe("where not all fit", () => {
  const six = ["a", "b", "c", "d", "e", "f"].map((name) => vm(name, 2, name === "f" ? 1 : 0));

  it("nothing is planned, unless that is asked for: then as many as fit are started, and the others wait", () => {
    const { startWhatFits: _asked, ...strict } = lost(six);
    assert.deepEqual([planNow(strict).outcome, planNow(strict).actions], ["impossible", []]);
    const plan = planNow(lost(six));
    assert.deepEqual([plan.outcome, started(plan).length, started(plan).includes("f")], ["changes", 4, true]);
    assert.deepEqual(plan.violationsAfter.map(({ rule, hard, text }) => [rule, hard, text.replace(/^./, "x")]), Array.from({ length: 2 }, () => ["place", false, "x waits for a place"]));
    assert.deepEqual(verify(lost(six), plan.actions, plan.assignments), []);
    const next = planNow(carriedOut(lost(six), plan.assignments));
    assert.deepEqual([next.outcome, next.violationsAfter.length], ["nothing", 2]);
    assert.match(planText(next), /Nothing to do\.\n\nWithout a place:\n {2}place \(soft\): . waits for a place/);
  });

  it("one with a higher priority comes before any number with lower ones", () => {
    assert.deepEqual(started(planNow(lost([vm("large", 8, 2), vm("a", 2, 1), vm("b", 2, 1), vm("c", 2, 1), vm("d", 2, 1)]))), ["large"]);
    assert.deepEqual(started(planNow(lost([vm("large", 9, 2), vm("a", 4, 1), vm("b", 4, 1), vm("c", 4, 0)]))), ["a", "b"]);
  });

  it("guests that run make way, and none is stopped", () => {
    const inventory: Inventory = { ...lost([vm("large", 8, 9), vm("little", 2, 0, "birch"), vm("last", 8, 0)]), hosts: [...lost([]).hosts, { name: "cedar", capacity: { vcpus: 4, memoryMib: 8192 } }] };
    const plan = planNow(inventory);
    assert.deepEqual([plan.outcome, plan.assignments], ["changes", { large: { host: "birch" }, last: undefined, little: { host: "cedar" } }]);
  });

  it("hard rules are kept all the same", () => {
    assert.deepEqual(started(planNow({ ...lost([vm("a", 2, 1), vm("b", 2, 0)]), rules: [{ kind: "separate", vms: ["a", "b"] }] })), ["a"]);
    const pinned: Inventory = { ...lost([vm("a", 2, 1), vm("b", 2, 0, "birch")]), rules: [{ kind: "ban", vms: ["b"], hosts: ["birch"] }] };
    assert.equal(planNow(pinned).outcome, "impossible");
  });

  it("hosts are switched on for them, and no more than help", () => {
    const off = (name: string, vcpus: number): Inventory["hosts"][number] => ({ name, capacity: { ...room, vcpus }, state: "off", power: {} });
    const plan = planNow({ ...lost([vm("large", 8, 2), vm("a", 8, 1), vm("b", 9, 0)]), hosts: [...lost([]).hosts, off("oak", 8), off("pine", 8)] });
    assert.deepEqual([plan.actions.filter(({ kind }) => kind === "boot").length, started(plan)], [1, ["a", "large"]]);
  });

  it("costs are exact sums, whatever the number of priorities", () => {
    assert.deepEqual([...unplacedCosts([0, 0, 5, 5, 9], () => true)], [1, 1, 3, 3, 9]);
    const many = unplacedCosts(Array.from({ length: 1001 }, (_, i) => i), () => true);
    assert.ok(many.every(Number.isSafeInteger) && (many[1000] ?? 0) > many.subarray(0, 1000).reduce((sum, cost) => sum + cost, 0));
  });
});
