import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compile } from "../../../provider/plan/compile.js";
import { mistakesOf, planNow, verify, violationsOf, type Budget, type Inventory, type Plan, type PlanVm, type Violation } from "../../../provider/plan/index.js";
import { NOWHERE } from "../../../provider/plan/solve/problem.js";
import { TimeLimit } from "../../../provider/plan/solve/time-limit.js";
import { settingsOf, stagesOf } from "../../../provider/plan/stages.js";
import { Facts } from "../../../provider/plan/verify-facts.js";
import { placesBefore, sceneOf } from "../../../provider/plan/verify.js";
import { planText } from "../../../cli/plan.js";
import { inventories } from "./inventories.js";

const capacity = { vcpus: 10, memoryMib: 65_536 };

function vm(name: string, host: string, gib: number): PlanVm {
  return { name, host, demand: { vcpus: 1, memoryMib: gib * 1024 } };
}

/** Four VMs are to leave a host: of 4, 1, 2 and 1 GiB. */
function evacuation(budget: Budget | undefined, more: Partial<Inventory> = {}): Inventory {
  return {
    hosts: [{ name: "ash", capacity, state: "maintenance" }, { name: "birch", capacity }, { name: "cedar", capacity }],
    vms: [vm("large", "ash", 4), vm("one", "ash", 1), vm("other", "ash", 1), vm("two", "ash", 2), vm("there", "birch", 1)],
    ...(budget === undefined ? {} : { budget }), ...more,
  };
}

function movedBy({ actions }: Plan): string[] {
  return actions.map(({ subject }) => subject).sort();
}

function after(inventory: Inventory, plan: Plan): Inventory {
  return { ...inventory, vms: inventory.vms.map(({ host: _host, cells: _cells, ...rest }) => ({ ...rest, ...plan.assignments[rest.name] })) };
}

describe("a budget", () => {
  it("that suffices for none of the wishes is told, and nothing is done", () => {
    const wish: Inventory = { hosts: [{ name: "ash", capacity }, { name: "birch", capacity }], vms: [vm("a", "ash", 1)], rules: [{ kind: "fence", vms: ["a"], hosts: ["birch"], hard: false }], budget: { moves: 0 } };
    const plan = planNow(wish);
    assert.deepEqual([plan.outcome, plan.isPartial, plan.violationsAfter.length], ["nothing", true, 1]);
    assert.match(planText(plan), /Nothing is done: the budget does not suffice for any of what could be better\.$/);
    assert.match(planText(planNow({ ...wish, vms: [vm("a", "birch", 1)] })), /^Nothing to do\.$/);
  });

  it("changes nothing where it suffices", () => {
    const plan = planNow(evacuation({ moves: 4, mib: 8192 }));
    assert.deepEqual(plan, planNow(evacuation(undefined)));
    assert.equal(plan.isPartial, false);
  });

  it("is spent on as much of the repair as it allows, and what stays is named", () => {
    const plan = planNow(evacuation({ moves: 2 }));
    assert.deepEqual([plan.outcome, plan.isPartial, movedBy(plan)], ["changes", true, ["one", "other"]]);
    assert.deepEqual(plan.violationsAfter.map(({ text }) => text), ["large is on ash, which is in maintenance", "two is on ash, which is in maintenance"]);
    assert.deepEqual(movedBy(planNow(evacuation({ mib: 4096 }))), ["one", "other", "two"]);
    assert.deepEqual(movedBy(planNow(evacuation({ vms: ["large"] }))), ["large"]);
    assert.deepEqual(movedBy(planNow(evacuation({ vms: ["large", "one"], moves: 1 }))), ["one"]);
  });

  it("is gone on with by the next plan", () => {
    let inventory = evacuation({ moves: 3 });
    inventory = after(inventory, planNow(inventory));
    const second = planNow(inventory);
    assert.deepEqual([second.isPartial, movedBy(second)], [false, ["large"]]);
    assert.equal(planNow(after(inventory, second)).outcome, "nothing");
  });

  it("that allows nothing of what must be done is an impossible plan, which says so", () => {
    const plan = planNow(evacuation({ moves: 0 }));
    assert.deepEqual([plan.outcome, plan.actions, plan.conflict?.texts[0]], ["impossible", [], "the budget is too small for any part of the repair"]);
  });

  it("goes to hard rules before wishes, and to both before balance", () => {
    const rules = [{ kind: "ban", vms: ["there"], hosts: ["birch"], hard: false }];
    const hot: Partial<Inventory> = {
      rules, rebalance: true, policy: { name: "evenly_distributed" }, vms: [vm("one", "ash", 1), vm("there", "birch", 1), ...["a", "b", "c"].map((name) => vm(name, "cedar", 1))],
      hosts: [{ name: "ash", capacity, state: "maintenance" }, { name: "birch", capacity }, { name: "cedar", capacity, cpuPercent: 90 }, { name: "dogwood", capacity }],
    };
    const plans = [1, 2, 3].map((moves) => planNow(evacuation({ moves }, hot)));
    assert.deepEqual(plans.map(movedBy), [["one"], ["one", "there"], ["a", "one", "there"]]);
    assert.equal(plans[2]?.actions.find(({ subject }) => subject === "a")?.reason, "cedar is used 90 %, and HighUtilization is 80");
    assert.deepEqual(plans.map(({ isPartial }) => isPartial), [true, false, false]);
  });

  it("is checked by the replay", () => {
    const { actions, assignments } = planNow(evacuation(undefined));
    assert.match(verify(evacuation({ moves: 3 }), actions, assignments).join(), /4 moves are made, and the budget allows 3/);
    assert.match(verify(evacuation({ mib: 8191 }), actions, assignments).join(), /8192 MiB are copied, and the budget allows 8191/);
    assert.match(verify(evacuation({ vms: ["large"] }), actions, assignments).join(), /one moves, and the budget does not let it/);
    assert.deepEqual(verify(evacuation({ moves: 4, mib: 8192 }), actions, assignments), []);
    // With a budget, what was broken may stay; nothing else may be.
    const still = evacuation({ moves: 1 });
    assert.deepEqual(verify(still, [], placesBefore(still)), []);
    const apart = { ...still, rules: [{ kind: "ban", vms: ["one"], hosts: ["birch"] }] };
    const wrong = actions.filter(({ subject }) => subject === "one").map((action) => ({ ...action, to: { host: "birch" } }));
    assert.match(verify(apart, wrong, { ...placesBefore(still), one: { host: "birch" } }).join(), /at the end ban.*is broken/);
  });

  it("is wrong where it names a VM that there is not, or is none", () => {
    assert.match(mistakesOf(evacuation({ vms: ["ghost"] })).join(), /budget\.vms: there is no VM ghost/);
    assert.match(mistakesOf(evacuation({ moves: -1 })).join(), /budget\.moves: must be >= 0/);
    assert.match(mistakesOf(evacuation({})).join(), /budget: must NOT have fewer than 1 properties/);
  });

  it("is kept by every plan, which breaks no rule more than it was", () => {
    const budgets = fc.record({ moves: fc.nat({ max: 4 }), mib: fc.integer({ min: 0, max: 8192 }), vms: fc.record({ labels: fc.record({ app: fc.constantFrom("web", "db") }) }) }, { requiredKeys: [] }).filter((budget) => Object.keys(budget).length > 0);
    fc.assert(fc.property(inventories({ hosts: 6, vms: 16, rules: 4 }), budgets, fc.boolean(), (random, budget, rebalance) => {
      // Labels that no VM has are a mistake.
      if (mistakesOf({ ...random, budget }).length > 0) return;
      const inventory: Inventory = { ...random, budget, rebalance, policy: { name: "evenly_distributed" } };
      const plan = planNow(inventory);
      if (plan.outcome === "impossible") return;
      assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
      const before = countByRule(violationsOf(inventory, placesBefore(inventory)));
      for (const [rule, count] of countByRule(plan.violationsAfter)) assert.ok(count <= (before.get(rule) ?? 0), rule);
      if (new Facts(sceneOf(inventory)).beyond(plan.violationsAfter).length > 0) assert.ok(plan.isPartial);
    }), { numRuns: 150 });
  });
});

function countByRule(violations: readonly Violation[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rule, hard } of violations) if (hard) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

describe("a limit on searching", () => {
  const unsolvable: Partial<Inventory> = { rules: [{ kind: "gather", vms: ["there", "large"], hard: false }, { kind: "separate", vms: ["there", "large"], hard: false }] };

  it("that cut it short is told; the plan is safe all the same", () => {
    const inventory = evacuation({ searchSeconds: 1e-6 }, unsolvable);
    const plan = planNow(inventory);
    assert.deepEqual([plan.outcome, plan.isDeterministic], ["changes", false]);
    assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
  });

  it("that was not reached changes nothing", () => {
    assert.deepEqual(planNow(evacuation({ searchSeconds: 1000 }, unsolvable)), planNow(evacuation(undefined, unsolvable)));
    assert.equal(planNow(evacuation(undefined)).isDeterministic, true);
  });
});

describe("without rebalance", () => {
  it("no guest moves for an edit of labels, policy or load", () => {
    fc.assert(fc.property(inventories({ hosts: 6, vms: 16, rules: 3 }), fc.array(fc.nat({ max: 100 }), { minLength: 22, maxLength: 22 }), fc.constantFrom("none" as const, "evenly_distributed" as const, "vm_evenly_distributed" as const, "power_saving" as const, "cluster_maintenance" as const), (inventory, percents, name) => {
      const plan = planNow(inventory);
      if (plan.outcome === "impossible") return;
      const then = after(inventory, plan);
      const edited: Inventory = {
        ...then, policy: { name },
        hosts: then.hosts.map((host, i) => ({ ...host, cpuPercent: percents[i] ?? 0, labels: { ...host.labels, note: `${percents[i] ?? 0}` } })),
        vms: then.vms.map((each, i) => ({ ...each, cpuPercent: percents[i + 6] ?? 0, labels: { ...each.labels, note: "new" } })),
      };
      assert.deepEqual(planNow(edited).actions, []);
    }), { numRuns: 100 });
  });
});

describe("when not all fit", () => {
  it("those of a higher priority have the places, and of equal ones as many as possible", () => {
    const compiledOf = (priorities: readonly number[]): Inventory => ({
      hosts: [{ name: "ash", capacity: { vcpus: 2 } }], vms: priorities.map((priority, i) => ({ name: `v${i}`, demand: { vcpus: i === 0 ? 2 : 1 }, priority })),
    });
    const placed = (priorities: readonly number[]): string[] => {
      const inventory = compiledOf(priorities);
      const compiled = compile(inventory);
      const { slots } = stagesOf(compiled, inventory, settingsOf(inventory, new TimeLimit()));
      return compiled.vms.filter((_, v) => slots[v] !== NOWHERE).map(({ name }) => name);
    };
    assert.deepEqual(placed([0, 0, 0]), ["v1", "v2"]);
    assert.deepEqual(placed([5, 0, 0]), ["v0"]);
    assert.deepEqual(placed([0, 0, 3, 2]), ["v2", "v3"]);
  });
});
