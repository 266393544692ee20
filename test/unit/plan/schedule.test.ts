import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compile } from "../../../provider/plan/compile.js";
import { calibrate, DEFAULT_MODEL, meanError, moveTime, planNow, verify, type Action, type Inventory, type PlanVm, type RuleSpec } from "../../../provider/plan/index.js";
import { schedule, type Schedule } from "../../../provider/plan/schedule/schedule.js";

const GIB = 1024;

function vm(name: string, host: string, gib: number, more: Partial<PlanVm> = {}): PlanVm {
  return { name, demand: { memoryMib: gib * GIB }, host, ...more };
}

/** Hosts with so many GiB of room. */
function hosts(sizes: Readonly<Record<string, number>>, more: Readonly<Record<string, Partial<Inventory["hosts"][number]>>> = {}): Inventory["hosts"] {
  return Object.entries(sizes).map(([name, gib]) => ({ name, capacity: { memoryMib: gib * GIB }, ...more[name] }));
}

/** Every VM on the host that is named. */
function targets(places: Readonly<Record<string, string>>): RuleSpec[] {
  return Object.entries(places).map(([name, host]) => ({ kind: "fence", vms: [name], hosts: [host] }));
}

function good(inventory: Inventory): readonly Action[] {
  const { outcome, actions, assignments, conflict } = planNow(inventory);
  assert.equal(outcome, "changes", conflict?.texts.join("\n"));
  assert.deepEqual(verify(inventory, actions, assignments), []);
  return actions;
}

function ends(actions: readonly Action[]): Record<string, number> {
  return Object.fromEntries(actions.map(({ subject, startSeconds, durationSeconds }) => [subject, Math.round(startSeconds + durationSeconds)]));
}

describe("a rule that holds at every moment", () => {
  it("is about the VMs that run then: of two on one host it is no excuse that a third is to come", () => {
    const actions = good({
      hosts: hosts({ ash: 8, birch: 8 }), vms: [vm("a", "ash", 1), { name: "b", demand: { memoryMib: GIB } }, { name: "c", demand: { memoryMib: GIB } }],
      rules: [{ kind: "spread", vms: ["a", "b", "c"], across: "host", minDomains: 2, continuous: true }, ...targets({ b: "ash", c: "birch" })],
    });
    assert.deepEqual(actions.map(({ subject, startSeconds, after }) => [subject, startSeconds, after]), [["c", 0, []], ["b", 5, [0]]]);
  });

  it("lets the next of its VMs begin when one has arrived, wherever their hosts are", () => {
    const actions = good({
      hosts: hosts({ ash: 8, birch: 8, cedar: 8, elm: 8, fir: 8, oak: 8 }), vms: [vm("a", "ash", 4), vm("b", "cedar", 4), vm("c", "fir", 8)],
      rules: [{ kind: "separate", vms: ["a", "b"], continuous: true }, ...targets({ a: "birch", b: "elm", c: "oak" })],
    });
    const [startOf, endsAt] = [Object.fromEntries(actions.map(({ subject, startSeconds }) => [subject, Math.round(startSeconds)])), ends(actions)];
    assert.equal(actions.length, 3);
    assert.equal([startOf["a"], startOf["b"], startOf["c"]].filter((start) => start === 0).length, 2);
    assert.equal(Math.max(startOf["a"] ?? 0, startOf["b"] ?? 0), Math.min(endsAt["a"] ?? 0, endsAt["b"] ?? 0));
  });
});

describe("the links of a schedule", () => {
  it("are shared by moves of which one may not take all", () => {
    const away = hosts({ ash: 16, birch: 16 }, { ash: { state: "maintenance" } });
    const moves = good({ hosts: away, vms: [vm("a", "ash", 4), vm("b", "ash", 4)], schedule: { mbpsPerMove: 500 } });
    assert.deepEqual(moves.map(({ startSeconds, mbps }) => [startSeconds, mbps]), [[0, 500], [0, 500]]);
  });

  it("are whole for one move after another, and two at once where a link is as fast as both", () => {
    const away = hosts({ ash: 16, birch: 16, cedar: 16 }, { ash: { state: "maintenance" } });
    const rules = targets({ a: "birch", b: "cedar" });
    const vms = [vm("a", "ash", 4), vm("b", "ash", 4)];
    assert.deepEqual(good({ hosts: away, vms, rules }).map(({ startSeconds, mbps }) => [Math.round(startSeconds), mbps]), [[0, 1000], [40, 1000]]);
    const fast = away.map((host) => (host.name === "ash" ? { ...host, link: { inMbps: 1000, outMbps: 2000 } } : host));
    assert.deepEqual(good({ hosts: fast, vms, rules }).map(({ startSeconds, mbps }) => [startSeconds, mbps]), [[0, 1000], [0, 1000]]);
    assert.equal(good({ hosts: fast, vms, rules, schedule: { parallelPerHost: 1 } }).filter(({ startSeconds }) => startSeconds === 0).length, 1);
  });

  it("are shared where that ends sooner", () => {
    // While the long one has half of the fast link, the rest is there for another.
    const some = hosts({ ash: 32, slow: 32, quick: 32 }, { ash: { state: "maintenance", link: { inMbps: 1000, outMbps: 1000 } }, slow: { link: { inMbps: 500, outMbps: 500 } } });
    const actions = good({ hosts: some, vms: [vm("long", "ash", 8), vm("short", "ash", 4)], rules: targets({ long: "slow", short: "quick" }) });
    assert.deepEqual(actions.map(({ subject, startSeconds, mbps }) => [subject, startSeconds, mbps]), [["long", 0, 500], ["short", 0, 500]]);
  });

  it("make small the end of all, or the sum of ends, as asked", () => {
    const three = hosts({ ash: 64, birch: 64, cedar: 64 }, { ash: { state: "maintenance" } });
    const vms = [vm("small", "ash", 1), vm("large", "ash", 16)];
    const sum = (objective: "makespan" | "ends"): number => Object.values(ends(good({ hosts: three, vms, schedule: { objective } }))).reduce((a, b) => a + b, 0);
    assert.equal(good({ hosts: three, vms, schedule: { objective: "ends" } })[0]?.subject, "small");
    assert.ok(sum("ends") <= sum("makespan"));
  });

  it("say which guest changes memory as fast as it is copied", () => {
    const [action] = good({ hosts: hosts({ ash: 8, birch: 8 }, { ash: { state: "maintenance" } }), vms: [vm("busy", "ash", 4, { dirtyRateMbps: 1200 })] });
    assert.deepEqual([action?.converges, moveTime(vm("busy", "ash", 4, { dirtyRateMbps: 1200 }), 1000).converges], [false, false]);
  });
});

describe("what is said of a schedule's times", () => {
  const site = hosts({ ash: 32, birch: 32, cedar: 32 }, { ash: { state: "maintenance" } });
  const vms = [vm("db", "ash", 4), vm("replica", "ash", 4), vm("web", "ash", 2)];

  it("is kept: sequences, precedence, windows and deadlines", () => {
    const seq = good({ hosts: site, vms, schedule: { seq: [["web", "db", "replica"]] } });
    assert.deepEqual(seq.map(({ subject }) => subject), ["web", "db", "replica"]);
    const precedence = good({ hosts: site, vms, schedule: { precedence: [{ before: ["replica"], after: ["db", "web"] }] } });
    assert.equal(precedence[0]?.subject, "replica");
    const windows = good({ hosts: site, vms, schedule: { windows: [{ vms: ["db"], fromSeconds: 600, untilSeconds: 900 }] } });
    assert.equal(windows.find(({ subject }) => subject === "db")?.startSeconds, 600);
    assert.ok((ends(good({ hosts: site, vms, schedule: { deadlines: [{ vms: ["replica"], seconds: 41 }] } }))["replica"] ?? 99) <= 41);
  });

  it("that can not be kept has no plan, and the plan says which", () => {
    const textsOf = (schedule: Inventory["schedule"]): string => {
      const { outcome, conflict } = planNow({ hosts: site, vms, ...(schedule === undefined ? {} : { schedule }) });
      assert.equal(outcome, "impossible");
      return conflict?.texts.join("\n") ?? "";
    };
    assert.match(textsOf({ deadlines: [{ vms: ["db"], seconds: 20 }] }), /db must be done by 20 s/);
    assert.match(textsOf({ windows: [{ vms: ["db"], fromSeconds: 5, untilSeconds: 25 }] }), /db has its windows: from 5 s to 25 s/);
    assert.match(textsOf({ seq: [["db", "web"], ["web", "db"]] }), /in this order: db and web\n.*in this order: web and db/);
  });
});

describe("VMs that wait for each other", () => {
  const full = { ash: 4, birch: 4 };

  /** The way to given places, for VMs of which nothing else is said. */
  function way(inventory: Inventory, places: Readonly<Record<string, string>>, isSettled = true): Schedule {
    const compiled = compile(inventory);
    const slots = Int32Array.from(compiled.vms, ({ name }) => compiled.hosts.findIndex((host) => host.name === places[name]));
    return schedule(compiled, slots, { options: inventory.schedule ?? {}, durations: DEFAULT_MODEL, seed: 1, reasonOf: () => "", isSettled: () => isSettled });
  }

  it("exchange their targets where they are equal, or take another, rather than go a longer way", () => {
    const three: Inventory = { hosts: hosts({ ...full, cedar: 4, oak: 4 }), vms: [vm("a", "ash", 3), vm("b", "birch", 3), vm("c", "cedar", 3)] };
    // Each would have to wait for the next: all of them exchange until nobody has to move.
    const circle = way({ ...three, hosts: hosts({ ...full, cedar: 4 }) }, { a: "birch", b: "cedar", c: "ash" });
    assert.deepEqual([circle.stuck, circle.actions, [...circle.slots]], [[], [], [0, 1, 2]]);
    const left = hosts({ ...full, cedar: 4 }, { ash: { state: "maintenance" } });
    const other = way({ hosts: left, vms: [vm("a", "ash", 3), vm("b", "birch", 3, { movable: false })] }, { a: "birch", b: "birch" });
    assert.deepEqual(other.actions.map(({ subject, to }) => [subject, to?.host]), [["a", "cedar"]]);
    // Where the next plan would change it again, they go the longer way.
    const long = way(three, { a: "birch", b: "cedar", c: "ash" }, false);
    assert.deepEqual([long.actions.length, long.actions.filter(({ to }) => to?.host === "oak").length, [...long.slots]], [4, 1, [1, 2, 0]]);
  });

  it("are told so where no host has room to pass by", () => {
    const pair = { hosts: hosts({ ...full, cedar: 4 }, { cedar: { state: "off" } }), vms: [vm("a", "ash", 3), vm("b", "birch", 3)], rules: targets({ a: "birch", b: "ash" }) };
    assert.match(planNow(pair).conflict?.texts.join() ?? "", /a, b can not get to where they belong/);
    // A host that they can not run on is none to pass by, and one where they may only not stay is.
    const reach = pair.hosts.map((host) => (host.name === "cedar" ? { ...host, state: "up" as const, pools: [] } : host));
    assert.equal(planNow({ ...pair, hosts: reach, vms: pair.vms.map((each) => ({ ...each, pools: ["fast"] })) }).outcome, "impossible");
    const always = { kind: "ban", vms: ["a", "b"], hosts: ["cedar"], continuous: true };
    assert.equal(planNow({ ...pair, hosts: hosts({ ...full, cedar: 4 }), rules: [...pair.rules, always] }).outcome, "impossible");
  });

  it("go by a third host, the smaller first, and no other way is said", () => {
    const actions = good({ hosts: hosts({ ...full, cedar: 4 }), vms: [vm("a", "ash", 3), vm("b", "birch", 2)], rules: targets({ a: "birch", b: "ash" }) });
    assert.deepEqual(actions.map(({ subject, to }) => [subject, to?.host]), [["b", "cedar"], ["a", "birch"], ["b", "ash"]]);
    assert.match(actions[0]?.reason ?? "", /it goes by cedar/);
  });
});

describe("past moves", () => {
  const sizes = [512, 1024, 2048, 4096, 8192];
  const guests = sizes.map((memoryUsedMib, i): PlanVm => ({ name: `v${i}`, demand: { memoryMib: 8192 }, memoryUsedMib, dirtyRateMbps: 40 * i, hotMib: 32, hotSeconds: 4 }));

  it("give back the model that they were made with", () => {
    fc.assert(fc.property(fc.integer({ min: 50, max: 98 }), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 15 }), (link, fixed, dirty) => {
      const model = { linkShare: link / 100, fixedSeconds: fixed / 4, dirtyShare: dirty / 10 };
      const moves = guests.flatMap((guest) => [500, 1000, 10_000].map((mbps) => ({ vm: guest, mbps, seconds: moveTime(guest, mbps, model).seconds })));
      assert.ok(meanError(moves, calibrate(moves)) <= 0.02);
      assert.ok(meanError(moves, calibrate(moves)) <= meanError(moves, DEFAULT_MODEL));
    }), { numRuns: 40 });
  });

  it("change how long a plan's moves take, and none leave it as it is", () => {
    const inventory: Inventory = { hosts: hosts({ ash: 8, birch: 8 }, { ash: { state: "maintenance" } }), vms: [vm("web", "ash", 4)] };
    const [slow] = good({ ...inventory, schedule: { calibration: [{ vm: "web", mbps: 1000, seconds: 80 }, { vm: "web", mbps: 500, seconds: 159 }] } });
    assert.ok(Math.abs((slow?.durationSeconds ?? 0) - 80) < 1, `${slow?.durationSeconds ?? 0}`);
    assert.deepEqual(calibrate([]), DEFAULT_MODEL);
  });
});

describe("a VM that goes to other cells of its host", () => {
  const cells = [{ capacity: { vcpus: 4 } }, { capacity: { vcpus: 4 } }];
  const vm = (name: string, more: Partial<Inventory["vms"][number]> = {}): Inventory["vms"][number] => ({ name, demand: { vcpus: 4, memoryMib: 2048 }, host: "ash", numaCells: 1, cells: [0], ...more });
  const inventory: Inventory = { hosts: [{ name: "ash", capacity: { vcpus: 8, memoryMib: 8192 }, numa: cells }], vms: [vm("a"), vm("b")] };

  it("is re-pinned, and migrates from no host to itself", () => {
    const plan = planNow(inventory);
    assert.deepEqual(plan.actions.map(({ kind, from, to, durationSeconds, mib, mbps }) => ({ kind, from, to, durationSeconds, mib, mbps })), [{ kind: "repin", from: { host: "ash", cells: [0] }, to: { host: "ash", cells: [1] }, durationSeconds: 3, mib: 2048, mbps: undefined }]);
    assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
    assert.match(verify(inventory, plan.actions.map((action) => ({ ...action, kind: "migrate", mbps: 1000, durationSeconds: 100 })), plan.assignments).join(), /migrates from ash to itself/);
    assert.equal(planNow({ ...inventory, budget: { moves: 0 } }).outcome, "impossible");
    assert.match(verify({ ...inventory, budget: { moves: 0 } }, plan.actions, plan.assignments).join(), /1 moves are made, and the budget allows 0/);
    const still = { ...inventory, vms: inventory.vms.map((each) => ({ ...each, movable: false })) };
    assert.match(verify(still, plan.actions, plan.assignments).join(), /moves, and may not/);
  });
});
