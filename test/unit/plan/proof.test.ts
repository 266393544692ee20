import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planText } from "../../../cli/plan.js";
import { compile } from "../../../provider/plan/compile.js";
import { planNow, type Inventory, type PlanHost, type PlanVm, type RuleSpec } from "../../../provider/plan/index.js";
import { solveExactly } from "../../../provider/plan/solve/exact.js";
import { onlyHard } from "../../../provider/plan/solve/levels.js";
import { NOWHERE, type Problem } from "../../../provider/plan/solve/problem.js";
import { isShort } from "../../../provider/plan/solve/shortage.js";
import { compareLevels, State } from "../../../provider/plan/solve/state.js";

const vmNames = ["v0", "v1", "v2", "v3"];

/** Few sizes, so that many hosts, cells and VMs are alike. */
const alike: fc.Arbitrary<Inventory> = fc.record({
  hosts: fc.array(fc.record({ cells: fc.constantFrom(0, 2, 3), vcpus: fc.constantFrom(2, 4), rack: fc.constantFrom("a", "b") }), { minLength: 1, maxLength: 3 }),
  vms: fc.array(fc.record({ vcpus: fc.constantFrom(1, 2), span: fc.constantFrom(0, 1, 2), at: fc.nat(4), cell: fc.nat(2) }), { minLength: 1, maxLength: 4 }),
  rules: fc.array(fc.record({ kind: fc.constantFrom("separate", "gather", "spread", "exclusive", "ban"), vms: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }), across: fc.constantFrom("host", "rack"), hard: fc.boolean(), host: fc.nat(2) }), { maxLength: 3 }),
}).map(({ hosts, vms, rules }) => {
  const withHosts = hosts.map(({ cells, vcpus, rack }, i): PlanHost => ({
    name: `h${i}`, capacity: { vcpus: cells === 0 ? vcpus : cells * 2 }, labels: { rack }, ...(cells === 0 ? {} : { numa: Array.from({ length: cells }, () => ({ capacity: { vcpus: 2 } })) }),
  }));
  return {
    hosts: withHosts,
    vms: vms.map(({ vcpus, span, at, cell }, i): PlanVm => {
      const host = withHosts[at];
      const cells = host?.numa?.length ?? 0;
      const runs = host !== undefined && (span === 0 || cells >= span);
      return { name: `v${i}`, demand: { vcpus }, ...(span === 0 ? {} : { numaCells: span }), ...(runs ? { host: host.name, ...(span === 0 ? {} : { cells: Array.from({ length: span }, (_, each) => (cell + each) % cells).sort() }) } : {}) };
    }),
    rules: rules.map(({ kind, vms: members, across, hard, host }): RuleSpec => ({
      kind, vms: vmNames.filter((_, i) => members.includes(i) && i < vms.length), hard, ...(kind === "exclusive" || kind === "ban" ? {} : { across }), ...(kind === "ban" ? { hosts: [`h${host % hosts.length}`] } : {}),
    })),
  };
});

/** The least cost of all assignments, by looking at every one. */
function leastOf(problem: Problem): Float64Array {
  const state = new State(problem, new Int32Array(problem.vmCount).fill(NOWHERE));
  let least = state.levels.slice();
  const tries = (vm: number): void => {
    if (vm === problem.vmCount) {
      if (compareLevels(state.levels, least) < 0) least = state.levels.slice();
      return;
    }
    for (let slot = NOWHERE; slot < problem.slotHost.length; slot += 1) {
      state.move(vm, slot);
      tries(vm + 1);
    }
    state.move(vm, NOWHERE);
  };
  tries(0);
  return least;
}

describe("the exact search", () => {
  it("finds what looking at every assignment finds, with alike VMs, hosts and cells", () => {
    fc.assert(fc.property(alike, (inventory) => {
      const { problem } = compile(inventory);
      for (const each of [problem, onlyHard(problem)]) {
        const { levels, isProven } = solveExactly(each, new State(each));
        assert.ok(isProven);
        assert.deepEqual(levels, leastOf(each));
        if (isShort(each)) assert.ok((levels[0] ?? 0) + (levels[1] ?? 0) > 0);
      }
    }), { numRuns: Number(process.env["DROVER_PLAN_RUNS"] ?? 60) });
  });
});

const room = { vcpus: 8, memoryMib: 8192 };

describe("a plan says whether it is proved", () => {
  it("that nothing better exists, and that there is none", () => {
    const hosts: PlanHost[] = [{ name: "ash", capacity: room, state: "maintenance" }, { name: "birch", capacity: room }];
    const web: PlanVm = { name: "web", demand: { vcpus: 2, memoryMib: 2048 }, host: "ash" };
    const [done, none] = [planNow({ hosts, vms: [web] }), planNow({ hosts, vms: [{ ...web, demand: { vcpus: 9 } }] })];
    assert.deepEqual([done.outcome, done.isProven, none.outcome, none.isProven], ["changes", true, "impossible", true]);
    assert.doesNotMatch(planText(none), /not proved/);
    assert.match(planText({ ...none, isProven: false }), /That there is no plan was not proved/);
    const many = Array.from({ length: 13 }, (_, i): PlanVm => ({ ...web, name: `web-${i}`, demand: { vcpus: 0.1 } }));
    assert.deepEqual([planNow({ hosts, vms: many }).outcome, planNow({ hosts, vms: many }).isProven], ["changes", false]);
  });

  const reserve: Inventory = {
    hosts: Array.from({ length: 5 }, (_, i) => ({ name: `h${i}`, capacity: room })), rules: [{ kind: "survive", failures: 2 }],
    vms: Array.from({ length: 12 }, (_, i) => ({ name: `v${i}`, demand: { vcpus: 3, memoryMib: 2048 }, ...(i < 11 ? { host: `h${i % 5}` } : {}) })),
  };

  it("a reserve that there is no room for, by counting", () => {
    assert.ok(isShort(compile(reserve).problem));
    // In sum there is room for eight on three hosts, and a host has room for two.
    assert.ok(isShort(compile({ ...reserve, vms: reserve.vms.slice(0, 8) }).problem));
    assert.ok(!isShort(compile({ ...reserve, vms: reserve.vms.slice(0, 6) }).problem));
  });

  it("and its time limit is one for all that is looked for, the conflict too", () => {
    const started = process.cpuUsage().user;
    const { outcome, isProven, isDeterministic } = planNow({ ...reserve, budget: { searchSeconds: 0.05 } });
    assert.deepEqual([outcome, isProven, isDeterministic], ["impossible", true, false]);
    assert.ok(process.cpuUsage().user - started < 2_000_000, `${(process.cpuUsage().user - started) / 1000} ms`);
  });

  it("interchangeable cells are not enumerated", () => {
    const cells = Array.from({ length: 8 }, () => ({ capacity: { vcpus: 4 } }));
    const hosts = Array.from({ length: 5 }, (_, i): PlanHost => ({ name: `h${i}`, capacity: { vcpus: 32 }, numa: cells, state: i === 0 ? "maintenance" : "up" }));
    const vms = Array.from({ length: 10 }, (_, i): PlanVm => ({ name: `v${i}`, demand: { vcpus: 8 }, host: `h${i % 2}`, numaCells: 4, cells: i < 4 ? [0, 1, 2, 3] : [4, 5, 6, 7] }));
    assert.equal(planNow({ hosts, vms }).isProven, true);
  });
});
