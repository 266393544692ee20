import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compile } from "../../../provider/plan/compile.js";
import { planNow, violationsOf, type Assignments, type Inventory, type PlanVm, type RuleSpec } from "../../../provider/plan/index.js";
import { NOWHERE } from "../../../provider/plan/solve/problem.js";
import { State } from "../../../provider/plan/solve/state.js";
import { Facts } from "../../../provider/plan/verify-facts.js";
import { sceneOf } from "../../../provider/plan/verify.js";
import { inventories } from "./inventories.js";

function host(name: string, memoryMib: number, rack = "a"): Inventory["hosts"][number] {
  return { name, capacity: { memoryMib }, labels: { rack } };
}

function vm(name: string, memoryMib: number, on?: string, more: Partial<PlanVm> = {}): PlanVm {
  return { name, demand: { memoryMib }, ...(on === undefined ? {} : { host: on }), ...more };
}

function textsOf(inventory: Inventory): string[] {
  return violationsOf(inventory, Object.fromEntries(inventory.vms.map(({ name, host: on }) => [name, on === undefined ? undefined : { host: on }]))).map(({ rule, text }) => `${rule}: ${text}`);
}

/** Every way to restart the VMs, by the model alone: the slowest and plainest there is. */
function canRestart(inventory: Inventory, places: Assignments, wanted: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return !new Facts(sceneOf(inventory)).beyond(violationsOf(inventory, places)).some(({ vms }) => vms.some((name) => places[name] !== undefined));
  return inventory.hosts.some(({ name }) => canRestart(inventory, { ...places, [first]: { host: name } }, rest));
}

describe("capacity kept for failures", () => {
  it("is told by fragments, not by sums: three hosts have 1 GiB free each, and 2 GiB find no place", () => {
    const fragments: Inventory = {
      hosts: ["ash", "birch", "cedar", "oak"].map((name) => host(name, 4096)),
      vms: [vm("db", 2048, "ash"), ...["birch", "cedar", "oak"].map((on, i) => vm(`web-${i}`, 3072, on, { movable: false }))],
      rules: [{ kind: "survive", name: "reserve", failures: 1, vms: ["db"] }],
    };
    assert.deepEqual(textsOf(fragments), ["reserve: if ash is lost, db has no place to restart: birch lacks 1024 memoryMib: it has 1024 free, and db needs 2048; "
      + "cedar lacks 1024 memoryMib: it has 1024 free, and db needs 2048; oak lacks 1024 memoryMib: it has 1024 free, and db needs 2048"]);
    const plan = planNow(fragments);
    assert.deepEqual([plan.outcome, plan.conflict?.isMinimal], ["impossible", true]);
    // With those that may move, room is made on one host.
    const moving = { ...fragments, vms: [vm("db", 2048, "ash"), ...["birch", "cedar", "oak"].flatMap((on, i) => [vm(`web-${i}`, 2048, on), vm(`job-${i}`, 1024, on)])] };
    const made = planNow(moving);
    assert.deepEqual([made.outcome, made.actions.length, made.violationsAfter, made.violationsBefore.length], ["changes", 1, [], 1]);
  });

  it("keeps all rules: where a VM would restart beside its replica, there is no place", () => {
    const apart: Inventory = {
      hosts: [host("ash", 8192), host("birch", 8192)], vms: [vm("db", 1024, "ash"), vm("replica", 1024, "birch")],
      rules: [{ kind: "separate", name: "apart", vms: ["db", "replica"] }, { kind: "survive", name: "reserve" }],
    };
    assert.deepEqual(textsOf(apart), ["reserve: if ash is lost, db has no place to restart: db and replica are together on birch", "reserve: if birch is lost, replica has no place to restart: db and replica are together on ash"]);
    assert.deepEqual(textsOf({ ...apart, hosts: [...apart.hosts, host("cedar", 8192)] }), []);
    assert.deepEqual(textsOf({ ...apart, hosts: [...apart.hosts, host("cedar", 512)], rules: [{ kind: "survive", name: "reserve", vms: ["db"] }] }), []);
  });

  it("counts one that is pinned and starts now as one that restarts nowhere else", () => {
    const pinned: Inventory = { hosts: [host("ash", 8192), host("birch", 8192)], vms: [vm("a", 1024)], rules: [{ kind: "pin", name: "pin", vms: ["a"] }, { kind: "survive", name: "reserve" }] };
    const { outcome, conflict } = planNow(pinned);
    assert.deepEqual([outcome, conflict?.isMinimal], ["impossible", true]);
    assert.deepEqual(violationsOf(pinned, { a: { host: "ash" } }).map(({ text }) => text), ["if ash is lost, a has no place to restart: a is pinned to where it starts"]);
    assert.equal(planNow({ ...pinned, rules: [{ kind: "pin", vms: ["a"], hard: false }, { kind: "survive" }] }).outcome, "changes");
  });

  it("is of a domain, or of several hosts at once", () => {
    const racks: Inventory = {
      hosts: [host("ash", 4096, "a"), host("birch", 4096, "a"), host("cedar", 4096, "b"), host("oak", 2048, "b")],
      vms: [vm("a", 2048, "ash"), vm("b", 2048, "birch"), vm("c", 3072, "cedar")],
      rules: [{ kind: "survive", name: "racks", across: "rack" }],
    };
    assert.deepEqual(textsOf(racks).map((text) => text.slice(0, 60)), ["racks: if rack a is lost, b has no place to restart: cedar l", "racks: if rack b is lost, c has no place to restart: ash lac"]);
    const two = { ...racks, rules: [{ kind: "survive", name: "two", failures: 2 }] };
    assert.ok(textsOf(two).some((text) => text.startsWith("two: if ash and birch are lost")));
    const many: Inventory = { hosts: Array.from({ length: 60 }, (_, i) => host(`h${i}`, 1024)), vms: [vm("a", 512, "h0")], rules: [{ kind: "survive", failures: 5 }] };
    assert.match(textsOf(many).join(), /there are 5985197 ways to lose 5 of 60 hosts, and no more than 20000 can be looked at/);
    assert.equal(planNow(many).outcome, "impossible");
  });

  it("moves nobody for a wish that can not be had", () => {
    const rooms = { ash: 2, birch: 5, cedar: 15 };
    const inventory: Inventory = {
      hosts: Object.entries(rooms).map(([name, vcpus]) => ({ name, capacity: { vcpus }, labels: name === "ash" ? {} : { rack: "b" } })),
      vms: [{ name: "a", demand: { vcpus: 4 }, memoryUsedMib: 1024, host: "cedar" }, { name: "b", demand: { vcpus: 3 }, memoryUsedMib: 2048, host: "birch" }],
      rules: [{ kind: "survive", across: "rack", hard: false }],
    };
    const { outcome, violationsAfter } = planNow(inventory);
    assert.deepEqual([outcome, violationsAfter.length], ["nothing", 1]);
  });

  it("is a wish, or hard and then the plan makes it so", () => {
    const full: Inventory = {
      hosts: ["ash", "birch", "cedar"].map((name) => host(name, 4096)), vms: [vm("a", 2048, "ash"), vm("b", 2048, "ash"), vm("c", 3072, "birch", { movable: false }), vm("d", 2048, "cedar")],
      rules: [{ kind: "survive" }],
    };
    // c needs 3 GiB on one host, were birch lost: however a, b and d are divided, no host has them.
    const plan = planNow(full);
    assert.equal(plan.outcome, "impossible");
    const soft = planNow({ ...full, rules: [{ kind: "survive", hard: false }] });
    assert.deepEqual([soft.violationsAfter.length > 0, soft.violationsAfter.every(({ hard }) => !hard)], [true, true]);
    const roomy = planNow({ ...full, hosts: [...full.hosts, host("oak", 2048)] });
    assert.deepEqual([roomy.outcome, roomy.violationsAfter], ["changes", []]);
    const wished = planNow({ ...full, hosts: [...full.hosts, host("oak", 2048)], rules: [{ kind: "survive", hard: false, priority: 1 }] });
    assert.deepEqual([wished.outcome, wished.violationsAfter], ["changes", []]);
  });

  it("is what trying every way says, and costs the solver something exactly where it is broken", () => {
    fc.assert(fc.property(inventories({ hosts: 4, vms: 6, rules: 3 }), fc.constantFrom("host", "rack"), fc.integer({ min: 1, max: 2 }), (random, across, failures) => {
      const rules = (random.rules ?? []).map((rule): RuleSpec => ({ ...rule, hard: true }));
      const bare: Inventory = { ...random, rules };
      const before = planNow(bare);
      if (before.outcome === "impossible") return;
      const inventory: Inventory = { ...bare, rules: [...rules, { kind: "survive", name: "reserve", across, failures }] };
      const up = bare.hosts.filter(({ state = "up" }) => state === "up");
      // A host without the label is a domain of its own.
      const domainOf = ({ name, labels }: Inventory["hosts"][number]): string => (across === "host" ? name : (labels?.["rack"] ?? name));
      const domains = [...new Set(up.map(domainOf))];
      const sets = failures === 1 ? domains.map((each) => [each]) : [...domains.map((each) => [each]), ...domains.flatMap((a, i) => domains.slice(i + 1).map((b) => [a, b]))];
      const isKept = sets.every((set) => {
        const lost = new Set(up.filter((each) => set.some((domain) => domain === domainOf(each))).map(({ name }) => name));
        const after: Inventory = { ...bare, hosts: bare.hosts.map((each) => (lost.has(each.name) ? { ...each, state: "lost" } : each)) };
        const wanted = bare.vms.filter(({ name, running }) => running !== false && lost.has(before.assignments[name]?.host ?? "")).map(({ name }) => name);
        const stay = Object.fromEntries(Object.entries(before.assignments).filter(([, place]) => place !== undefined && !lost.has(place.host)));
        // One that is pinned and has no host yet stays where it is started now.
        const isStuck = wanted.some((name) => bare.vms.find((each) => each.name === name)?.host === undefined && rules.some(({ kind, ...rule }) => kind === "pin" && Array.isArray(rule["vms"]) && rule["vms"].includes(name)));
        return wanted.length === 0 || (!isStuck && restartsAll(after, stay, wanted));
      });
      const found = violationsOf(inventory, before.assignments).filter(({ rule }) => rule === "reserve");
      assert.equal(found.length === 0, isKept, found.map(({ text }) => text).join("; "));
      const compiled = compile(inventory);
      const slots = Int32Array.from(compiled.vms, ({ name }) => { const on = before.assignments[name]?.host; return on === undefined ? NOWHERE : compiled.hosts.findIndex((each) => each.name === on); });
      assert.equal(new State(compiled.problem, slots).levels[0] === 0, isKept);
    }), { numRuns: 150 });
  });

  /** A restart is judged by what is found of those that restart. */
  function restartsAll(after: Inventory, stay: Assignments, wanted: readonly string[]): boolean {
    const others = { ...after, vms: after.vms.filter(({ name }) => stay[name] !== undefined || wanted.includes(name)) };
    return canRestart({ ...others, rules: (others.rules ?? []).map((rule) => ({ ...rule, ...(Array.isArray(rule["vms"]) ? { vms: rule["vms"] } : {}) })) }, stay, wanted);
  }
});

describe("what a move changes for failures", () => {
  it("is told too where a VM moves that restarts only gather with, between hosts at which no restart was tried", () => {
    const { problem, vms, hosts } = compile({
      hosts: [host("ash", 4096), host("birch", 4096), host("cedar", 4096), host("oak", 1024, "b")],
      vms: [vm("cache", 512, "cedar"), vm("db", 2048, "ash")],
      rules: [{ kind: "gather", vms: ["cache", "db"], across: "rack" }, { kind: "survive", vms: ["db"] }],
    });
    const [cache, oak] = [vms.findIndex(({ name }) => name === "cache"), hosts.findIndex(({ name }) => name === "oak")];
    const state = new State(problem);
    const spec = problem.survives?.[0];
    assert.ok(spec !== undefined);
    // Were ash lost, db would restart on birch. Once cache is in the other rack it would have to restart there, where it does not fit.
    assert.equal(state.survival?.costOfSpec(spec), 0);
    const expected = new State(problem, problem.origin.with(cache, oak));
    assert.deepEqual(state.delta(cache, oak).map((change, level) => change + (state.levels[level] ?? 0)), expected.levels);
    state.move(cache, oak);
    assert.deepEqual([state.levels, state.survival.costOfSpec(spec)], [expected.levels, 1]);
  });

  it("is what counting anew says, after any sequence of moves", () => {
    fc.assert(fc.property(inventories({ hosts: 6, vms: 12, rules: 3 }), fc.constantFrom("host", "rack"), fc.boolean(), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 40 }), (random, across, hard, moves) => {
      const { problem } = compile({ ...random, rules: [...(random.rules ?? []), { kind: "survive", across, hard }] });
      if (problem.vmCount === 0) return;
      const state = new State(problem);
      for (const [vm, slot] of moves) {
        const to = (slot % (problem.slotHost.length + 1)) + NOWHERE;
        const expected = state.delta(vm % problem.vmCount, to).map((change, level) => change + (state.levels[level] ?? 0));
        state.move(vm % problem.vmCount, to);
        assert.deepEqual(state.levels, expected);
        assert.deepEqual(new State(problem, state.slotOf).levels, expected);
      }
    }), { numRuns: 150 });
  });
});
