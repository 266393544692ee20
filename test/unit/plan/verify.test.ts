import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planNow, verify, why, type Action, type Inventory } from "../../../provider/plan/index.js";

const room = { vcpus: 8, memoryMib: 8192 };
const inventory: Inventory = {
  hosts: [{ name: "ash", capacity: room, state: "maintenance" }, { name: "birch", capacity: room }, { name: "cedar", capacity: room }, { name: "old", capacity: room, state: "off" }],
  vms: [
    { name: "a", demand: { vcpus: 2, memoryMib: 4096 }, host: "ash" }, { name: "b", demand: { vcpus: 2, memoryMib: 4096 }, host: "ash" }, { name: "c", demand: { vcpus: 2, memoryMib: 2048 }, host: "ash" },
    { name: "stays", demand: { vcpus: 1, memoryMib: 1024 }, host: "birch", movable: false }, { name: "goes", demand: { vcpus: 1, memoryMib: 1024 }, host: "cedar", running: false },
    { name: "new", demand: { vcpus: 1, memoryMib: 512 } },
  ],
  rules: [{ kind: "separate", name: "apart", vms: ["a", "b"] }],
  schedule: { parallelPerHost: 1, mbpsPerMove: 1500 },
};
const good = planNow(inventory);

/** The plan with one action changed. */
function changed(subject: string, change: (action: Action) => Action): Action[] {
  return good.actions.map((action) => (action.subject === subject ? change(action) : action));
}

/** Each is a mistake that a planner could make, and the words by which the replay must tell it. */
const MUTATIONS: readonly (readonly [string, () => readonly Action[], RegExp])[] = [
  ["an action is left out", () => good.actions.filter(({ subject }) => subject !== "c"), /at the end c is on ash/],
  ["an action is done twice", () => [...good.actions, ...good.actions.filter(({ subject }) => subject === "c").map((action) => ({ ...action, startSeconds: 1000 }))], /c is said to be on ash/],
  ["a VM goes to another host than the plan says", () => changed("c", (action) => ({ ...action, to: { host: action.to?.host === "birch" ? "cedar" : "birch" } })), /at the end c is on/],
  ["a VM goes to a host that is in maintenance", () => changed("new", (action) => ({ ...action, to: { host: "ash" } })), /new goes to ash, which is maintenance/],
  ["a VM goes to a host that is off", () => changed("new", (action) => ({ ...action, to: { host: "old" } })), /new goes to old, which is off/],
  ["a VM goes to a host that there is not", () => changed("new", (action) => ({ ...action, to: { host: "oak" } })), /not among the hosts/],
  ["a VM comes from where it is not", () => changed("a", (action) => ({ ...action, from: { host: "birch" } })), /a is said to be on birch/],
  ["a VM that runs is started", () => [...good.actions, { kind: "start", subject: "stays", to: { host: "cedar" }, startSeconds: 500, durationSeconds: 5, after: [], reason: "" }], /is started on cedar and runs on birch/],
  ["a VM that shall run is stopped", () => [...good.actions, { kind: "stop", subject: "stays", from: { host: "birch" }, startSeconds: 500, durationSeconds: 5, after: [], reason: "" }], /stays is stopped, and shall run/],
  ["a VM that must not move moves", () => [...good.actions, { kind: "migrate", subject: "stays", from: { host: "birch" }, to: { host: "cedar" }, startSeconds: 500, durationSeconds: 5, after: [], reason: "" }], /stays moves, and may not/],
  ["a VM of nobody moves", () => changed("a", (action) => ({ ...action, subject: "ghost" })), /ghost is no VM/],
  ["more moves at once than may be", () => good.actions.map((action) => (action.kind === "migrate" ? { ...action, startSeconds: 0, after: [] } : action)), /moves go from ash at once/],
  ["an action begins before the one it waits for has ended", () => [...good.actions.slice(0, -1), ...good.actions.slice(-1).map((action) => ({ ...action, after: [0], startSeconds: 0 }))], /begins before action 0/],
  ["an action waits for none", () => good.actions.map((action, i) => (i === 0 ? { ...action, after: [99] } : action)), /action 99, which there is not/],
  ["an action takes no time", () => changed("a", (action) => ({ ...action, durationSeconds: 0 })), /has no time/],
  ["a move is over before its link could carry it", () => changed("a", (action) => ({ ...action, durationSeconds: 34 })), /a moves in 34 s, and 1000 Mb\/s take 34\.36 s for its 4096 MiB/],
  ["a move has nothing of the links", () => changed("a", ({ mbps: _mbps, ...action }) => action), /a moves without a part of the links/],
  ["a move has more than its link", () => changed("a", (action) => ({ ...action, mbps: 1001 })), /moves from ash have 1001 Mb\/s, and its link has 1000/],
  ["a move has more than one may", () => changed("a", (action) => ({ ...action, mbps: 1600 })), /a takes 1600 Mb\/s, which is more than a move may/],
  ["a time is no number", () => changed("a", (action) => ({ ...action, startSeconds: NaN })), /has no time/],
];

describe("the replay of a plan", () => {
  it("finds nothing wrong with a good one", () => {
    assert.deepEqual(verify(inventory, good.actions, good.assignments), []);
    assert.ok(good.actions.length >= 5);
  });

  for (const [what, actions, words] of MUTATIONS) {
    it(`tells that ${what}`, () => {
      assert.match(verify(inventory, actions(), good.assignments).join("\n"), words);
    });
  }

  const timed: Inventory = {
    hosts: ["ash", "birch", "cedar", "oak"].map((name) => ({ name, capacity: room, link: { inMbps: 1000, outMbps: name === "ash" ? 2000 : 1000 }, state: name === "ash" ? "maintenance" : "up" })),
    vms: ["first", "second", "third"].map((name) => ({ name, demand: { vcpus: 1, memoryMib: 1024 }, host: "ash" })),
    schedule: {
      seq: [["first", "second"]], precedence: [{ before: ["first"], after: ["third"] }], windows: [{ vms: ["third"], fromSeconds: 30, untilSeconds: 60 }, { vms: ["third"], fromSeconds: 100, untilSeconds: 200 }],
      deadlines: [{ vms: ["first"], seconds: 20 }],
    },
  };
  const onTime = planNow(timed);
  const at = (subject: string, startSeconds: number, more: Partial<Action> = {}): Action[] => onTime.actions.map((action) => (action.subject === subject ? { ...action, startSeconds, after: [], ...more } : action));
  const LATE: readonly (readonly [string, () => readonly Action[], RegExp])[] = [
    ["one of a sequence begins before the one before it is done", () => at("second", 5), /second begins at 5 s, before first is done/],
    ["a VM moves before the one that has precedence", () => at("first", 31), /third begins at 30 s, before first is done/],
    ["a move begins before its window opens", () => at("third", 25), /third is under way from 25 s .* in none of its windows/],
    ["a move ends after its window has closed", () => at("third", 55), /in none of its windows/],
    ["a move is in a window and a half", () => at("third", 50, { durationSeconds: 60 }), /in none of its windows/],
    ["a deadline is missed", () => at("first", 15), /first is done at .* after its deadline at 20 s/],
    ["two moves have the whole link into a host", () => at("second", 0, { to: { host: onTime.assignments["first"]?.host ?? "" } }), /moves to .* have 2000 Mb\/s, and its link has 1000/],
  ];
  it("finds nothing wrong with one that keeps its order, windows and deadlines", () => {
    assert.deepEqual([onTime.outcome, verify(timed, onTime.actions, onTime.assignments)], ["changes", []]);
  });
  for (const [what, actions, words] of LATE) {
    it(`tells that ${what}`, () => {
      assert.match(verify(timed, actions(), onTime.assignments).join("\n"), words);
    });
  }

  it("tells a VM that leaves a host of which nothing is known", () => {
    const unknown: Inventory = { hosts: [{ name: "ash", capacity: room, state: "unknown" }, { name: "birch", capacity: room }], vms: [{ name: "a", demand: { vcpus: 1 }, host: "ash" }] };
    const action: Action = { kind: "migrate", subject: "a", from: { host: "ash" }, to: { host: "birch" }, startSeconds: 0, durationSeconds: 5, after: [], reason: "" };
    assert.match(verify(unknown, [action], { a: { host: "birch" } }).join("\n"), /a leaves ash, of which nothing is known/);
    assert.equal(planNow(unknown).outcome, "nothing");
    const halting = { ...unknown, vms: [{ name: "a", demand: { vcpus: 1 }, host: "ash", running: false }] };
    const stop: Action = { kind: "stop", subject: "a", from: { host: "ash" }, startSeconds: 0, durationSeconds: 10, after: [], reason: "" };
    assert.match(verify(halting, [stop], {}).join("\n"), /a is stopped on ash, of which nothing is known/);
    const { outcome, assignments } = planNow(halting);
    assert.deepEqual([outcome, assignments], ["nothing", { a: { host: "ash" } }]);
    const cells = { ...unknown, hosts: unknown.hosts.map((host) => ({ ...host, numa: [{ capacity: { vcpus: 4 } }, { capacity: { vcpus: 4 } }] })), vms: ["a", "b"].map((name) => ({ name, demand: { vcpus: 3 }, host: "ash", numaCells: 1, cells: [0] })) };
    const crowded = planNow(cells);
    assert.deepEqual([crowded.outcome, crowded.violationsAfter.map(({ rule }) => rule)], ["nothing", ["capacity"]]);
    assert.match(why(unknown, "a", planNow(unknown)).hosts.map(({ text }) => text).join("\n"), /nothing is known of ash, where it may run/);
  });

  it("tells a VM that passes by a host which does not reach what it needs", () => {
    const apart: Inventory = {
      hosts: [{ name: "ash", capacity: room }, { name: "birch", capacity: room }, { name: "cedar", capacity: room, pools: [], networks: [] }],
      vms: [{ name: "a", demand: { vcpus: 1 }, host: "ash", pools: ["fast"] }],
    };
    const move = (from: string, to: string, startSeconds: number): Action => ({ kind: "migrate", subject: "a", from: { host: from }, to: { host: to }, startSeconds, durationSeconds: 5, mbps: 100, after: [], reason: "" });
    assert.match(verify(apart, [move("ash", "cedar", 0), move("cedar", "birch", 5)], { a: { host: "birch" } }).join("\n"), /at 0 s .*fast/);
  });

  it("tells a host that holds more than it has, on the way or at the end", () => {
    const tight: Inventory = {
      hosts: [{ name: "ash", capacity: { memoryMib: 4096 } }, { name: "birch", capacity: { memoryMib: 4096 } }],
      vms: [{ name: "a", demand: { memoryMib: 3072 }, host: "ash" }, { name: "b", demand: { memoryMib: 3072 }, host: "birch" }],
    };
    const swap: Action[] = [["a", "ash", "birch"] as const, ["b", "birch", "ash"] as const].map(([subject, from, to]) => (
      { kind: "migrate", subject, from: { host: from }, to: { host: to }, startSeconds: 0, durationSeconds: 10, after: [], reason: "" }));
    assert.match(verify(tight, swap, { a: { host: "birch" }, b: { host: "ash" } }).join("\n"), /at 0 s memoryMib of birch is promised for 2048 too much/);
  });

  it("tells what comes about on the way by any VM, and is over at the end", () => {
    const hosts = ["ash", "birch", "cedar"].map((name) => ({ name, capacity: room, numa: [{ capacity: { vcpus: 4 } }, { capacity: { vcpus: 4 } }] }));
    const vms = [{ name: "bank", demand: { vcpus: 1 }, host: "ash" }, { name: "other", demand: { vcpus: 1 }, host: "birch" }, { name: "third", demand: { vcpus: 1 } }];
    const by = (subject: string, from: string, to: string, startSeconds: number): Action => ({ kind: "migrate", subject, from: { host: from }, to: { host: to }, startSeconds, durationSeconds: 10, mbps: 100, after: [], reason: "" });
    const start: Action = { kind: "start", subject: "third", to: { host: "cedar" }, startSeconds: 0, durationSeconds: 5, after: [], reason: "" };
    const actions = [start, by("other", "birch", "ash", 20), by("other", "ash", "cedar", 40)];
    const end = { bank: { host: "ash" }, other: { host: "cedar" }, third: { host: "cedar" } };
    for (const rule of [{ kind: "exclusive", vms: ["bank"] }, { kind: "quota", vms: ["bank", "other"], hosts: ["ash"], most: 1 }, { kind: "ban", vms: ["other"], hosts: ["ash"] }]) {
      const faults = verify({ hosts, vms, rules: [{ ...rule, continuous: true }] }, actions, end);
      assert.match(faults.join("\n"), new RegExp(`^at 20 s ${rule.kind}`), rule.kind);
      assert.deepEqual(verify({ hosts, vms, rules: [rule] }, actions, end), [], rule.kind);
    }
    // Kept from the start on, broken by a VM that comes: as many hosts as may be carry something, and then one more.
    assert.match(verify({ hosts, vms, rules: [{ kind: "online", hosts: ["ash", "birch", "cedar"], most: 2, continuous: true }] }, actions, end).join("\n"), /at 0 s online/);
  });

  it("tells a cell that holds more than it has, though the host has enough", () => {
    const hosts = ["ash", "birch"].map((name) => ({ name, capacity: room, numa: [{ capacity: { vcpus: 4 } }, { capacity: { vcpus: 4 } }] }));
    const vms = [{ name: "a", demand: { vcpus: 3 }, numaCells: 1, host: "ash", cells: [0] }, { name: "b", demand: { vcpus: 3 }, numaCells: 1, host: "birch", cells: [0] }];
    const move: Action = { kind: "migrate", subject: "a", from: { host: "ash", cells: [0] }, to: { host: "birch", cells: [0] }, startSeconds: 0, durationSeconds: 10, mbps: 100, after: [], reason: "" };
    const end = { a: { host: "birch", cells: [0] }, b: { host: "birch", cells: [0] } };
    assert.match(verify({ hosts, vms }, [move], end).join("\n"), /at 0 s vcpus of birch cell 0 is promised for 2 too much/);
    assert.deepEqual(verify({ hosts, vms }, [{ ...move, to: { host: "birch", cells: [1] } }], { ...end, a: { host: "birch", cells: [1] } }), []);
  });

  it("tells a rule that must hold all the way, and each rule that is broken at the end", () => {
    const apart: Inventory = {
      hosts: ["ash", "birch", "cedar"].map((name) => ({ name, capacity: room, labels: { rack: name === "cedar" ? "b" : "a" } })),
      vms: [{ name: "a", demand: { vcpus: 1 }, host: "ash" }, { name: "b", demand: { vcpus: 1 }, host: "birch" }],
      rules: [{ kind: "separate", name: "apart", vms: ["a", "b"], continuous: true }],
    };
    const by = (subject: string, from: string, to: string, startSeconds: number): Action => ({ kind: "migrate", subject, from: { host: from }, to: { host: to }, startSeconds, durationSeconds: 10, after: [], reason: "" });
    assert.match(verify(apart, [by("a", "ash", "birch", 0), by("b", "birch", "cedar", 20)], { a: { host: "birch" }, b: { host: "cedar" } }).join("\n"), /at 0 s apart: a and b are together on birch/);
    const rules = [
      { kind: "ban", vms: ["a"], hosts: ["ash"] }, { kind: "fence", vms: ["a"], hosts: ["birch"] }, { kind: "gather", vms: ["a", "b"] }, { kind: "spread", vms: ["a", "b"], across: "rack", maxSkew: 1 },
      { kind: "spread", vms: ["a", "b"], across: "rack", minDomains: 2 }, { kind: "affinity", vms: ["a"], hostLabels: { rack: "b" } }, { kind: "quota", vms: ["a", "b"], hosts: ["ash", "birch"], most: 1 }, { kind: "online", hosts: ["ash", "birch"], most: 1 },
    ];
    for (const rule of rules) assert.match(verify({ ...apart, rules: [rule] }, [], { a: { host: "ash" }, b: { host: "birch" } }).join("\n"), new RegExp(`at the end ${rule.kind}`), rule.kind);
    const together = { a: { host: "ash" }, b: { host: "ash" } };
    const there = { ...apart, vms: apart.vms.map((vm) => ({ ...vm, host: "ash" })) };
    for (const rule of [{ kind: "separate", vms: ["a", "b"] }, { kind: "exclusive", vms: ["a"] }]) assert.match(verify({ ...there, rules: [rule] }, [], together).join("\n"), new RegExp(`at the end ${rule.kind}`), rule.kind);
    assert.match(verify({ ...apart, rules: [{ kind: "pin", vms: ["a"] }] }, [by("a", "ash", "cedar", 0)], { a: { host: "cedar" }, b: { host: "birch" } }).join("\n"), /at the end pin/);
  });

  it("tells a rule from another of the same name, which is broken from the beginning", () => {
    const twins: Inventory = {
      hosts: ["ash", "birch", "cedar"].map((name) => ({ name, capacity: room })),
      vms: [{ name: "a", demand: { vcpus: 1 }, host: "ash" }, { name: "b", demand: { vcpus: 1 }, host: "ash" }, { name: "c", demand: { vcpus: 1 }, host: "birch" }],
      rules: [{ kind: "separate", name: "twin", vms: ["a", "b"], continuous: true }, { kind: "ban", name: "twin", vms: ["c"], hosts: ["cedar"], continuous: true }],
    };
    const by = (subject: string, from: string, to: string, startSeconds: number): Action => ({ kind: "migrate", subject, from: { host: from }, to: { host: to }, startSeconds, durationSeconds: 10, mbps: 100, after: [], reason: "" });
    const end = { a: { host: "cedar" }, b: { host: "ash" }, c: { host: "birch" } };
    assert.match(verify(twins, [by("c", "birch", "cedar", 0), by("c", "cedar", "birch", 10), by("a", "ash", "cedar", 30)], end).join("\n"), /at 0 s twin: c is on cedar/);
    // With a budget the one may stay broken, and the other must not come to be.
    const budget = { moves: 3 };
    assert.match(verify({ ...twins, budget }, [by("a", "ash", "birch", 0), by("c", "birch", "cedar", 10)], { a: { host: "birch" }, b: { host: "ash" }, c: { host: "cedar" } }).join("\n"), /at the end twin is broken: c is on cedar/);
  });
});
