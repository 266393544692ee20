import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planNow, verify, type Action, type Assignments, type Inventory, type Plan } from "../../../provider/plan/index.js";
import { inventories } from "./inventories.js";
import { CASES, detour, moves, withRule } from "./rules/cases.js";
import { placesOf } from "./rules/support.js";

/** A correct plan, made wrong: what is replayed instead. */
interface Broken {
  readonly inventory?: Inventory;
  readonly actions?: readonly Action[];
  readonly assignments?: Assignments;
}

/** What a move takes at most, whatever it has of the links: a fault that is looked for is not hidden by how long it takes. */
const LONG_SECONDS = 100_000;

type Mutation = (inventory: Inventory, plan: Plan) => readonly Broken[];

/** Each action, changed. */
function each(change: (action: Action, inventory: Inventory) => readonly Action[]): Mutation {
  return (inventory, { actions }) => actions.flatMap((action, i) => change(action, inventory).map((changed) => ({ actions: actions.map((other, j) => (j === i ? changed : other)) })));
}

/** One action more, after all others. */
function more(extra: (inventory: Inventory, plan: Plan) => readonly Omit<Action, "startSeconds" | "durationSeconds" | "after" | "reason">[]): Mutation {
  return (inventory, plan) => extra(inventory, plan).map((action) => ({ actions: [...plan.actions, { ...action, startSeconds: plan.makespanSeconds + 1, durationSeconds: LONG_SECONDS, after: [], reason: "" }] }));
}

function isUp(inventory: Inventory, name: string): boolean {
  return (inventory.hosts.find((host) => host.name === name)?.state ?? "up") === "up";
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "an action is left out": (_, { actions }) => actions.map((_action, i) => ({ actions: actions.filter((__, j) => j !== i).map((action) => ({ ...action, after: [] })) })),
  "an action is done twice": more((_, { actions }) => actions.map(({ startSeconds: _start, durationSeconds: _duration, after: _after, reason: _reason, ...action }) => action)),
  "an action begins again while it is under way": (_, { actions }) => actions.filter(({ kind }) => kind !== "stop").map((action) => ({ actions: [...actions, { ...action, startSeconds: action.startSeconds + action.durationSeconds / 2, after: [] }] })),
  "a VM goes to another host": each((action, { hosts }) => (action.to === undefined ? [] : hosts.filter(({ name }) => name !== action.to?.host).slice(0, 2).map(({ name }) => ({ ...action, to: { host: name } })))),
  "a VM goes to a host that there is not": each((action) => (action.to === undefined ? [] : [{ ...action, to: { host: "nowhere" } }])),
  "a VM comes from another host": each((action, { hosts }) => (action.from === undefined ? [] : hosts.filter(({ name }) => name !== action.from?.host).slice(0, 1).map(({ name }) => ({ ...action, from: { host: name } })))),
  "a VM goes by a host that is not up": (inventory, { actions }) => actions.filter(({ kind }) => kind === "migrate").flatMap((action) => inventory.hosts.filter(({ name }) => !isUp(inventory, name)).slice(0, 1).map(({ name }) => (
    { actions: actions.flatMap((other): Action[] => (other === action ? [{ ...action, to: { host: name } }, { ...action, from: { host: name }, startSeconds: action.startSeconds + action.durationSeconds, after: [] }] : [{ ...other, after: [] }])) }))),
  "an action is about a VM that there is not": each((action) => [{ ...action, subject: "ghost" }]),
  "an action takes no time": each((action) => [{ ...action, durationSeconds: 0 }]),
  "a move is over before a link could have carried it": each((action) => (action.kind === "migrate" ? [{ ...action, durationSeconds: 0.001 }, { ...action, mbps: 1 }] : [])),
  "a time is negative, or no number": each((action) => [{ ...action, startSeconds: -1 }, { ...action, startSeconds: NaN }, { ...action, durationSeconds: NaN }]),
  "a move has nothing of the links": each(({ mbps: _mbps, ...action }) => (action.kind === "migrate" ? [action] : [])),
  "a move has more than a link": each((action) => (action.kind === "migrate" ? [{ ...action, mbps: 1001 }] : [])),
  "an action waits for one that there is not": each((action) => [{ ...action, after: [99] }]),
  "an action begins before what it waits for has ended": (_, { actions }) => actions.flatMap((action, i) => action.after.slice(0, 1).map((first) => ({ actions: actions.map((other, j) => (j === i ? { ...action, startSeconds: actions[first]?.startSeconds ?? 0 } : other)) }))),
  "a VM that runs is started": more(({ vms }, { assignments }) => vms.flatMap(({ name }) => { const to = assignments[name]; return to === undefined ? [] : [{ kind: "start", subject: name, to }]; })),
  "a VM that shall run is stopped": more(({ vms }, { assignments }) => vms.flatMap(({ name, running }) => { const from = assignments[name]; return from === undefined || running === false ? [] : [{ kind: "stop", subject: name, from }]; })),
  "a VM that must not move moves": more(({ vms, hosts }, { assignments }) => vms.filter(({ movable }) => movable === false).flatMap(({ name }) => {
    const from = assignments[name];
    return from === undefined ? [] : hosts.filter((host) => host.name !== from.host).slice(0, 1).map((host) => ({ kind: "migrate", subject: name, from, to: { host: host.name }, mbps: 100 }));
  })),
  "more moves at once than may be": (inventory, { actions }) => {
    const from = new Set(actions.filter(({ kind }) => kind === "migrate").map((action) => action.from?.host));
    return [...from].filter((host) => actions.filter((action) => action.kind === "migrate" && action.from?.host === host).length > 2).map(() => (
      { inventory, actions: actions.map((action) => (action.kind === "migrate" ? { ...action, mbps: 1, startSeconds: 0, durationSeconds: LONG_SECONDS, after: [] } : action)) }));
  },
  "a VM ends elsewhere than the plan says": ({ hosts, vms }, { assignments }) => vms.map(({ name }) => (
    { assignments: { ...assignments, [name]: assignments[name] === undefined ? { host: hosts[0]?.name ?? "" } : undefined } })),
  "an action misses its window": (inventory, { actions }) => actions.map(({ subject, startSeconds }) => ({ inventory: { ...inventory, schedule: { windows: [{ vms: [subject], fromSeconds: startSeconds + 0.5 }] } } })),
  "an action misses its deadline": (inventory, { actions }) => actions.map(({ subject, startSeconds, durationSeconds }) => ({ inventory: { ...inventory, schedule: { deadlines: [{ vms: [subject], seconds: startSeconds + durationSeconds - 0.5 }] } } })),
  "a sequence, or precedence, is the wrong way round": (inventory, { actions }) => actions.slice(1).flatMap((later) => {
    const first = actions[0];
    if (first === undefined || first.subject === later.subject) return [];
    const [before, after] = [[later.subject], [first.subject]];
    return [{ inventory: { ...inventory, schedule: { seq: [[...before, ...after]] } } }, { inventory: { ...inventory, schedule: { precedence: [{ before, after }] } } }];
  }),
};

describe("the replay of broken plans", () => {
  it("catches every kind of fault in random correct plans, and every rule", (t) => {
    const sums: string[] = [];
    let caught = 0;
    let all = 0;
    const count = (what: string, results: readonly boolean[]): void => {
      const found = results.filter((isCaught) => isCaught).length;
      assert.ok(results.length > 0, `${what}: there is none`);
      assert.equal(found, results.length, `${what}: ${found} of ${results.length} caught`);
      sums.push(`${what}: ${found} of ${results.length}`);
      caught += found;
      all += results.length;
    };
    const plans = fc.sample(inventories({ hosts: 6, vms: 14, rules: 3 }), { numRuns: 60, seed: 12 }).map((inventory) => ({ inventory, plan: planNow(inventory) })).filter(({ plan }) => plan.outcome === "changes");
    for (const { inventory, plan } of plans) assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
    for (const [what, mutation] of Object.entries(MUTATIONS)) {
      count(what, plans.flatMap(({ inventory, plan }) => mutation(inventory, plan).map((broken) => verify(broken.inventory ?? inventory, broken.actions ?? plan.actions, broken.assignments ?? plan.assignments).length > 0)));
    }
    for (const [kind, its] of Object.entries(CASES)) {
      const inventory = withRule(its);
      const there = placesOf(inventory, its.broken);
      const steps = Object.entries(its.broken).map(([name, to]) => [name, inventory.vms.find((vm) => vm.name === name)?.host ?? "", to] as const);
      const said = verify(inventory, moves(steps), there);
      count(`rule ${kind}, at the end`, [said.some((text) => text.includes(`is broken: ${its.words}`))]);
      if (kind !== "survive") count(`rule ${kind}, on the way`, [verify(withRule(its, { continuous: true }), detour(its), placesOf(inventory)).length > 0]);
    }
    const hosts = ["ash", "birch"].map((name) => ({ name, capacity: { vcpus: 4 }, power: {}, ...(name === "birch" ? { state: "off" as const } : {}) }));
    const waking: Inventory = { hosts, vms: ["a", "b"].map((name) => ({ name, demand: { vcpus: 4 } })) };
    const saving: Inventory = { hosts: hosts.slice(0, 1), vms: [], rebalance: true, policy: { name: "power_saving", parameters: { EnableAutomaticHostPowerManagement: true } } };
    const faulty: Readonly<Record<string, readonly [Inventory, Mutation]>> = {
      "a host boots sooner than it can": [waking, each((action) => (action.kind === "boot" ? [{ ...action, durationSeconds: 179 }] : []))],
      "a host shuts down sooner than it can": [saving, each((action) => (action.kind === "shutdown" ? [{ ...action, durationSeconds: 59 }] : []))],
      "a guest goes to a host that is still booting": [waking, each((action) => (action.to?.host === "birch" ? [{ ...action, startSeconds: 179, after: [] }] : []))],
      "a host that is off is not booted": [waking, (_, { actions }) => [{ actions: actions.filter(({ kind }) => kind !== "boot").map((action) => ({ ...action, after: [] })) }]],
    };
    for (const [what, [inventory, mutation]] of Object.entries(faulty)) {
      const plan = planNow(inventory);
      assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
      count(what, mutation(inventory, plan).map((broken) => verify(inventory, broken.actions ?? [], plan.assignments).length > 0));
    }
    for (const sum of sums) t.diagnostic(sum);
    t.diagnostic(`${caught} of ${all} broken plans caught, made from ${plans.length} correct ones`);
  });
});
