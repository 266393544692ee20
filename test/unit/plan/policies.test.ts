import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compile } from "../../../provider/plan/compile.js";
import { mistakesOf, planNow, verify, violationsOf, type Inventory, type Plan, type PlanHost, type PlanVm, type Policy } from "../../../provider/plan/index.js";
import { policyOf } from "../../../provider/plan/policies/index.js";
import { balanceSpecOf } from "../../../provider/plan/policies/load.js";
import { NOWHERE } from "../../../provider/plan/solve/problem.js";
import { State } from "../../../provider/plan/solve/state.js";
import { inventories } from "./inventories.js";

const room = { vcpus: 10, memoryMib: 102_400 };

function host(name: string, more: Partial<PlanHost> = {}): PlanHost {
  return { name, capacity: room, ...more };
}

/** VMs of a GiB each on a host. */
function vms(on: string | undefined, count: number, more: Partial<PlanVm> = {}): PlanVm[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${on ?? "new"}-${i}`, demand: { vcpus: 1, memoryMib: 1024 }, ...(on === undefined ? {} : { host: on }), ...more }));
}

/** `ash-0 to birch` for each action. */
function moves({ actions }: Plan): string[] {
  return actions.map(({ subject, to }) => `${subject} to ${to?.host ?? "nowhere"}`).sort();
}

/** The inventory after a plan was carried out, measured anew: what was predicted has come true. */
function after(inventory: Inventory, plan: Plan): Inventory {
  const compiled = compile(inventory);
  const spec = balanceSpecOf(compiled, [], 0);
  const loadOf = (v: number): number => spec.loads[v * spec.sorts] ?? 0;
  const promisedOf = (v: number): number => spec.loads[v * spec.sorts + 1] ?? 0;
  return {
    ...inventory,
    vms: inventory.vms.map((vm) => {
      const { host: _host, cells: _cells, ...rest } = vm;
      const v = compiled.vms.findIndex(({ name }) => name === vm.name);
      const vcpus = vm.demand["vcpus"] ?? 0;
      // What was taken to be its part, be it nothing, is now what is measured of it.
      const cpuPercent = vm.cpuPercent ?? (promisedOf(v) > 0 || vcpus === 0 ? undefined : loadOf(v) / vcpus / 10);
      return { ...rest, ...plan.assignments[vm.name], ...(cpuPercent === undefined ? {} : { cpuPercent }) };
    }),
    hosts: inventory.hosts.map((each) => {
      if (each.cpuPercent === undefined) return each;
      const h = compiled.hosts.findIndex(({ name }) => name === each.name);
      const used = (spec.base[h * spec.sorts] ?? 0) + compiled.vms.reduce((sum, { name }, v) => sum + (plan.assignments[name]?.host === each.name ? loadOf(v) + promisedOf(v) : 0), 0);
      return { ...each, cpuPercent: used / (each.capacity["vcpus"] ?? 1) / 10 };
    }),
  };
}

describe("a policy's parameters", () => {
  const inventory = (policy: unknown): unknown => ({ hosts: [host("ash")], vms: [], policy });

  it("are checked by name and value, and an unknown one is told with the nearest", () => {
    assert.match(mistakesOf(inventory({ name: "power_saving", parameters: { HighUtilisation: 80 } })).join(), /power_saving has no HighUtilisation; the nearest that it has is HighUtilization/);
    assert.match(mistakesOf(inventory({ name: "evenly_distributed", parameters: { HighUtilization: 101 } })).join(), /policy\.parameters\.HighUtilization: must be <= 100/);
    assert.match(mistakesOf(inventory({ name: "none", parameters: { HighVmCount: 5 } })).join(), /none has no HighVmCount, nor any other/);
    assert.match(mistakesOf(inventory({ name: "evenly" })).join(), /policy\.name.*evenly_distributed/);
    assert.deepEqual(mistakesOf(inventory({ name: "vm_evenly_distributed", parameters: { HighVmCount: 5 } })), []);
  });

  it("have oVirt's defaults", () => {
    assert.deepEqual(policyOf({ name: "power_saving" }).values, { HighUtilization: 80, CpuOverCommitDurationMinutes: 2, MaxFreeMemoryForOverUtilized: undefined, MinFreeMemoryForUnderUtilized: undefined, LowUtilization: 20, EnableAutomaticHostPowerManagement: false, HostsInReserve: 0 });
    assert.deepEqual(policyOf({ name: "vm_evenly_distributed", parameters: { HighVmCount: 3 } }).values, { HighVmCount: 3, MigrationThreshold: 5 });
  });
});

describe("where a new VM is placed", () => {
  const placedBy = (policy: Policy | undefined, hosts: readonly PlanHost[], there: readonly PlanVm[]): string | undefined => (
    planNow({ hosts, vms: [...there, ...vms(undefined, 1)], ...(policy === undefined ? {} : { policy }) }).assignments["new-0"]?.host);

  it("is the emptiest host, the fullest one, or the one with the fewest VMs, as the policy says", () => {
    const hosts = [host("ash"), host("birch"), host("cedar")];
    const there = [...vms("ash", 4), ...vms("birch", 1, { demand: { vcpus: 6, memoryMib: 1024 } }), ...vms("cedar", 2)];
    assert.equal(placedBy(undefined, hosts, there), "cedar");
    assert.equal(placedBy({ name: "none" }, hosts, there), "cedar");
    assert.equal(placedBy({ name: "evenly_distributed" }, hosts, there), "cedar");
    assert.equal(placedBy({ name: "power_saving" }, hosts, there), "birch");
    assert.equal(placedBy({ name: "vm_evenly_distributed" }, hosts, there), "birch");
  });

  it("is not a host that power_saving would have to relieve", () => {
    assert.equal(placedBy({ name: "power_saving" }, [host("ash"), host("birch")], [...vms("ash", 8), ...vms("birch", 1)]), "birch");
    assert.equal(placedBy({ name: "power_saving" }, [host("ash"), host("birch")], [...vms("ash", 7), ...vms("birch", 1)]), "ash");
  });

  it("is nowhere in cluster_maintenance, but for highly available ones; what runs goes on, and may leave a host", () => {
    const hosts = [host("ash", { state: "maintenance" }), host("birch"), host("dead", { state: "lost" })];
    const inventory: Inventory = {
      hosts, policy: { name: "cluster_maintenance" }, rebalance: true,
      vms: [...vms(undefined, 1), { name: "lost", demand: { vcpus: 1 }, host: "dead" }, { name: "ha", demand: { vcpus: 1 }, priority: 1 }, { name: "lost-ha", demand: { vcpus: 1 }, host: "dead", priority: 1 }, ...vms("ash", 1)],
    };
    const plan = planNow(inventory);
    assert.deepEqual([plan.outcome, moves(plan)], ["changes", ["ash-0 to birch", "ha to birch", "lost-ha to birch"]]);
    assert.deepEqual(plan.violationsAfter.map(({ rule, hard, vms: names }) => [rule, hard, names]), [["cluster_maintenance", false, ["lost"]], ["cluster_maintenance", false, ["new-0"]]]);
    assert.equal(planNow(after(inventory, plan)).outcome, "nothing");
    const start = { kind: "start", subject: "new-0", to: { host: "birch" }, startSeconds: 0, durationSeconds: 5, after: [], reason: "" } as const;
    assert.match(verify(inventory, [start], {}).join(), /new-0 is started, and shall not run/);
  });
});

describe("evenly_distributed", () => {
  const inventory = (ash: Partial<PlanHost>, more: Partial<Inventory> = {}): Inventory => ({
    hosts: [host("ash", ash), host("birch"), host("cedar")], vms: [...vms("ash", 9), ...vms("birch", 2), ...vms("cedar", 1)], policy: { name: "evenly_distributed" }, rebalance: true, ...more,
  });

  it("takes from a host at or above HighUtilization what brings it below, to the emptiest, and says why", () => {
    const plan = planNow(inventory({ cpuPercent: 91 }));
    assert.deepEqual(plan.actions.map(({ kind, subject, to, reason }) => [kind, subject, to?.host, reason]), [["migrate", "ash-0", "cedar", "ash is used 91 %, and HighUtilization is 80"], ["migrate", "ash-1", "birch", "ash is used 81 %, and HighUtilization is 80"]]);
  });

  it("does nothing below it, without rebalance, or before it has lasted", () => {
    assert.equal(planNow(inventory({ cpuPercent: 79.9 })).outcome, "nothing");
    assert.equal(planNow(inventory({ cpuPercent: 91 }, { rebalance: false })).outcome, "nothing");
    assert.equal(planNow(inventory({ cpuPercent: 91, cpuMinutes: 1.9 })).outcome, "nothing");
    assert.equal(planNow(inventory({ cpuPercent: 91, cpuMinutes: 2 })).outcome, "changes");
    assert.equal(planNow(inventory({ cpuPercent: 91 }, { policy: { name: "none" } })).outcome, "nothing");
  });

  it("counts what is promised where nothing was measured", () => {
    // One of nine leaves 80 %: what is left to gain is less than another move costs.
    assert.deepEqual(moves(planNow(inventory({}))), ["ash-0 to cedar"]);
    assert.equal(planNow(inventory({ overcommit: { vcpus: 2 } })).outcome, "nothing");
  });

  it("makes no move that gains less than it costs", () => {
    // 0.25 % too much are 2,500 millionths; a VM of 1 GiB costs 2,000, one of 2 GiB 3,000.
    const of = (memoryMib: number): Plan => planNow(inventory({ cpuPercent: 80.25 }, { vms: vms("ash", 9, { demand: { vcpus: 1, memoryMib } }) }));
    assert.equal(of(1024).actions.length, 1);
    assert.equal(of(1025).outcome, "nothing");
  });

  it("makes no other host over-utilised, and keeps rules, soft ones too", () => {
    const full = { vms: [...vms("ash", 9), ...vms("birch", 8), ...vms("cedar", 8)] };
    assert.equal(planNow(inventory({}, { hosts: [host("ash"), host("birch", { cpuPercent: 75 }), host("cedar", { cpuPercent: 75 })], ...full })).outcome, "nothing");
    const rules = [{ kind: "ban", vms: { labels: {} }, hosts: ["cedar"], hard: false, priority: 1 }];
    assert.ok(planNow(inventory({ cpuPercent: 91 }, { vms: [...vms("ash", 9), ...vms("birch", 2)], rules })).actions.every(({ to }) => to?.host === "birch"));
  });

  it("does not pay for one rule with another of the same priority", () => {
    const x: PlanVm = { name: "x", demand: { vcpus: 1, memoryMib: 1024 }, host: "ash" };
    const of = (rules: readonly string[]): Plan => planNow({
      hosts: [host("ash", { cpuPercent: 91 }), host("birch")], vms: [...vms("ash", 9, { movable: false }), x], policy: { name: "evenly_distributed" }, rebalance: true,
      rules: rules.map((name) => ({ kind: "ban", vms: ["x"], hosts: [name], hard: false })),
    });
    assert.deepEqual(moves(of([])), ["x to birch"]);
    assert.deepEqual(moves(of(["ash"])), ["x to birch"]);
    assert.deepEqual(moves(of(["birch"])), []);
    assert.deepEqual(moves(of(["ash", "birch"])), []);
  });

  it("relieves a host with too little memory, to hosts that have enough", () => {
    const memory = { MaxFreeMemoryForOverUtilized: 10_240, MinFreeMemoryForUnderUtilized: 51_200 };
    const plan = planNow({
      hosts: ["ash", "birch", "cedar"].map((name) => host(name)), policy: { name: "evenly_distributed", parameters: memory }, rebalance: true,
      vms: [...vms("ash", 5, { demand: { vcpus: 1, memoryMib: 20_000 } }), ...vms("birch", 3, { demand: { vcpus: 0, memoryMib: 20_000 } }), ...vms("cedar", 1)],
    });
    assert.deepEqual(plan.actions.map(({ subject, to, reason }) => [subject, to?.host, reason]), [["ash-0", "cedar", "ash has 2400 MiB of memory free, and MaxFreeMemoryForOverUtilized is 10240"]]);
  });
});

describe("vm_evenly_distributed", () => {
  const inventory = (counts: readonly number[], parameters = {}): Inventory => ({
    hosts: ["ash", "birch", "cedar"].map((name) => host(name, { overcommit: { vcpus: 10 } })), vms: ["ash", "birch", "cedar"].flatMap((name, i) => vms(name, counts[i] ?? 0)),
    policy: { name: "vm_evenly_distributed", parameters }, rebalance: true,
  });

  it("begins when a host has more than HighVmCount and more than MigrationThreshold more than another, and ends when not", () => {
    assert.equal(planNow(inventory([10, 4, 4])).outcome, "nothing");
    assert.equal(planNow(inventory([11, 6, 6])).outcome, "nothing");
    assert.deepEqual(moves(planNow(inventory([11, 5, 6]))), ["ash-0 to birch"]);
    // 12 and 7 are within the threshold.
    assert.deepEqual(moves(planNow(inventory([14, 5, 9]))), ["ash-0 to birch", "ash-1 to birch"]);
    assert.equal(planNow(inventory([11, 5, 6])).actions[0]?.reason, "ash carries 11 VMs and birch 5: HighVmCount is 10, MigrationThreshold 5");
  });

  it("takes its parameters", () => {
    assert.deepEqual(moves(planNow(inventory([4, 1, 2], { HighVmCount: 3, MigrationThreshold: 2 }))), ["ash-0 to birch"]);
    assert.equal(planNow(inventory([4, 1, 2], { HighVmCount: 4, MigrationThreshold: 2 })).outcome, "nothing");
  });
});

describe("power_saving", () => {
  const inventory = (ash: Partial<PlanHost>, more: Partial<Inventory> = {}): Inventory => ({
    hosts: [host("ash", ash), host("birch"), host("cedar")], vms: [...vms("ash", 1), ...vms("birch", 5)], policy: { name: "power_saving" }, rebalance: true, ...more,
  });

  it("empties a host below LowUtilization into others that carry some, and says why", () => {
    const plan = planNow(inventory({}));
    assert.deepEqual(plan.actions.map(({ subject, to, reason }) => [subject, to?.host, reason]), [["ash-0", "birch", "ash is used 10 %, and LowUtilization is 20: it is emptied"]]);
  });

  it("leaves a host at LowUtilization, one that cannot be emptied as a whole, and the last", () => {
    assert.equal(planNow(inventory({ cpuPercent: 20 })).outcome, "nothing");
    assert.equal(planNow(inventory({ cpuPercent: 19.9 })).outcome, "changes");
    assert.equal(planNow(inventory({ cpuPercent: 5, cpuMinutes: 1 })).outcome, "nothing");
    const stuck = { name: "fixed", demand: { vcpus: 0.1 }, host: "ash", movable: false };
    assert.equal(planNow(inventory({}, { vms: [...vms("ash", 1), stuck, ...vms("birch", 5)] })).outcome, "nothing");
    assert.equal(planNow(inventory({}, { vms: vms("ash", 1) })).outcome, "nothing");
    assert.equal(planNow(inventory({}, { vms: [...vms("ash", 1), ...vms("birch", 7)] })).outcome, "nothing");
  });

  it("relieves a host above HighUtilization, by an empty one where need be", () => {
    const plan = planNow({ hosts: ["ash", "birch", "cedar"].map((name) => host(name)), vms: [...vms("ash", 9), ...vms("birch", 7)], policy: { name: "power_saving" }, rebalance: true });
    assert.deepEqual(moves(plan), ["ash-0 to cedar"]);
  });

  it("relieves it into the host that is used most, so that the others can be emptied", () => {
    const plan = planNow({ hosts: ["ash", "birch", "cedar"].map((name) => host(name)), vms: [...vms("ash", 9), ...vms("birch", 5), ...vms("cedar", 1)], policy: { name: "power_saving" }, rebalance: true });
    assert.deepEqual(moves(plan), ["ash-0 to birch", "cedar-0 to birch"]);
  });

  it("does not empty a host where that costs more than the host", () => {
    const of = (memoryMib: number): Plan => planNow({
      hosts: ["ash", "birch"].map((name) => host(name, { capacity: { vcpus: 10, memoryMib: 2e6 } })), policy: { name: "power_saving" }, rebalance: true,
      vms: [...vms("ash", 1, { demand: { vcpus: 1, memoryMib } }), ...vms("birch", 5)],
    });
    assert.equal(of(998 * 1024).actions.length, 1);
    assert.equal(of(999 * 1024).outcome, "nothing");
  });
});

function withPercent<T>(thing: T, cpuPercent: number | undefined): T {
  return cpuPercent === undefined ? thing : { ...thing, cpuPercent };
}

/** Inventories of a policy, some of them measured. */
const balanced = fc.tuple(
  inventories({ hosts: 6, vms: 24, rules: 3 }),
  fc.constantFrom<Policy>(
    { name: "none" }, { name: "evenly_distributed" }, { name: "evenly_distributed", parameters: { HighUtilization: 50, MaxFreeMemoryForOverUtilized: 2048 } }, { name: "vm_evenly_distributed", parameters: { HighVmCount: 2, MigrationThreshold: 1 } },
    { name: "power_saving" }, { name: "power_saving", parameters: { HighUtilization: 90, LowUtilization: 60 } }, { name: "cluster_maintenance" }),
  fc.array(fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }), { minLength: 30, maxLength: 30 }),
).map(([inventory, policy, percents]): Inventory => ({
  ...inventory, policy, rebalance: true,
  hosts: inventory.hosts.map((each, i) => withPercent(each, percents[i])),
  vms: inventory.vms.map((each, i) => (withPercent(each, percents[i + 6]))),
}));

describe("balancing", () => {
  it("is done once: the plan after the plan is empty, whatever the policy", () => {
    fc.assert(fc.property(balanced, (inventory) => {
      const plan = planNow(inventory);
      if (plan.outcome === "impossible") return;
      assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
      const then = after(inventory, plan);
      // Nothing measures more than 100 %.
      fc.pre(then.hosts.every(({ cpuPercent = 0 }) => cpuPercent <= 100));
      const next = planNow(then);
      assert.deepEqual([next.outcome, next.actions], ["nothing", []]);
    }), { numRuns: 200 });
  });

  it("breaks no rule that a plan without it keeps", () => {
    fc.assert(fc.property(balanced, (inventory) => {
      const without = planNow({ ...inventory, rebalance: false });
      const plan = planNow(inventory);
      if (plan.outcome === "impossible") return;
      const broken = new Set(without.violationsAfter.map(({ rule }) => rule));
      for (const { rule } of violationsOf(inventory, plan.assignments)) assert.ok(broken.has(rule), rule);
    }), { numRuns: 80 });
  });

  it("changes its cost by what summing up all anew says", () => {
    fc.assert(fc.property(balanced, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 40 }), (inventory, changes) => {
      const compiled = compile(inventory);
      const { kind, values } = policyOf(inventory.policy);
      const balance = balanceSpecOf(compiled, kind.terms(values, compiled.hosts), compiled.problem.levelCount - 1);
      const problem = { ...compiled.problem, levelCount: compiled.problem.levelCount + 1, balance };
      if (problem.vmCount === 0) return;
      const state = new State(problem);
      for (const [vm, slot] of changes) {
        state.move(vm % problem.vmCount, (slot % (problem.slotHost.length + 1)) + NOWHERE);
        assert.deepEqual(state.levels, state.recount());
      }
    }), { numRuns: 80 });
  });
});
