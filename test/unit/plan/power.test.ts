import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planNow, verify, type Action, type Inventory, type Plan, type PlanHost } from "../../../provider/plan/index.js";
import { inventories } from "./inventories.js";

/** How many random inventories: `DROVER_PLAN_RUNS=10000` for the long form. */
const RUNS = Number(process.env["DROVER_PLAN_RUNS"] ?? 250);

const room = { vcpus: 8, memoryMib: 8192 };
const up = (name: string, more: Partial<PlanHost> = {}): PlanHost => ({ name, capacity: room, power: {}, ...more });
const off = (name: string, more: Partial<PlanHost> = {}): PlanHost => up(name, { state: "off", ...more });
const saving = (reserve = 0): Pick<Inventory, "policy" | "rebalance"> => (
  { rebalance: true, policy: { name: "power_saving", parameters: { EnableAutomaticHostPowerManagement: true, HostsInReserve: reserve } } });

const told = ({ actions }: Plan): string[] => actions.map(({ kind, subject, to }) => [kind, subject, ...(to === undefined ? [] : [to.host])].join(" "));

/** The inventory after a plan was carried out. */
function after(inventory: Inventory, plan: Plan): Inventory {
  const changed = new Map(plan.actions.flatMap(({ kind, subject }) => (kind === "boot" ? [[subject, "up"]] : kind === "shutdown" ? [[subject, "off"]] : []) as [string, "up" | "off"][]));
  return {
    ...inventory,
    hosts: inventory.hosts.map((host) => ({ ...host, ...(changed.has(host.name) ? { state: changed.get(host.name) ?? "up" } : {}) })),
    vms: inventory.vms.map(({ host: _host, cells: _cells, ...vm }) => ({ ...vm, ...plan.assignments[vm.name] })),
  };
}

describe("a host that is off", () => {
  const vms = [{ name: "big", demand: { vcpus: 6, memoryMib: 6144 }, host: "ash" }, { name: "new", demand: { vcpus: 6, memoryMib: 6144 } }];

  it("is switched on where there is no place otherwise, before anything else begins", () => {
    const plan = planNow({ hosts: [up("ash"), off("birch", { power: { bootSeconds: 90 } })], vms });
    assert.deepEqual(told(plan), ["boot birch", "start new birch"]);
    const [boot, start] = plan.actions;
    assert.deepEqual([boot?.durationSeconds, boot?.reason, start?.after], [90, "without it there is no place for all", [0]]);
    assert.ok((start?.startSeconds ?? 0) >= 90);
  });

  it("stays off where its power is not the plan's", () => {
    const { power: _, ...birch } = off("birch");
    assert.equal(planNow({ hosts: [up("ash"), birch], vms }).outcome, "impossible");
  });

  it("is the cheapest of those that do, and no more than it takes", () => {
    const cheap = (name: string, cost: number, memoryMib: number): PlanHost => off(name, { capacity: { vcpus: 8, memoryMib }, power: { cost } });
    assert.deepEqual(told(planNow({ hosts: [up("ash"), cheap("birch", 3, 8192), cheap("cedar", 1, 2048), cheap("dogwood", 2, 8192)], vms })), ["boot dogwood", "start new dogwood"]);
  });

  it("is one large one rather than two small ones, few hosts or many", () => {
    const small = (name: string): PlanHost => off(name, { capacity: { vcpus: 4, memoryMib: 4096 }, power: { cost: 0 } });
    const two = ["x", "y"].map((name) => ({ name, demand: { vcpus: 4, memoryMib: 4096 } }));
    const large = off("large", { power: { cost: 1 } });
    assert.deepEqual(told(planNow({ hosts: [small("s1"), small("s2"), large], vms: two })), ["boot large", "start x large", "start y large"]);
    const many = Array.from({ length: 8 }, (_, i) => small(`s${i}`));
    assert.deepEqual(told(planNow({ hosts: [...many, large, off("larger", { power: { cost: 2 } })], vms: two })), ["boot large", "start x large", "start y large"]);
  });

  it("is as few as it takes, as every set of hosts shows", () => {
    let booted = 0;
    fc.assert(fc.property(inventories({ hosts: 5, vms: 8, rules: 2 }), fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 5 }), (random, costs) => {
      const inventory: Inventory = { ...random, hosts: random.hosts.map((host, i) => (i % 2 === 0 ? { ...host, state: "off", power: { cost: costs[i] ?? 0 } } : host)), vms: random.vms.map(({ host: _host, ...vm }) => vm) };
      const plan = planNow(inventory);
      const boots = plan.actions.filter(({ kind }) => kind === "boot").map(({ subject }) => subject);
      booted += boots.length;
      if (plan.outcome !== "impossible" && boots.length === 0) return;
      const price = (names: readonly string[]): number => inventory.hosts.reduce((sum, { name, power }) => sum + (names.includes(name) ? 1000 + (power?.cost ?? 0) : 0), 0);
      const sleeping = inventory.hosts.filter(({ power }) => power !== undefined).map(({ name }) => name);
      const sets = Array.from({ length: 2 ** sleeping.length }, (_, bits) => sleeping.filter((__, i) => (bits & (1 << i)) !== 0));
      for (const set of sets.filter((names) => plan.outcome === "impossible" || price(names) < price(boots))) {
        const other = planNow({ ...inventory, hosts: inventory.hosts.map(({ power: _power, ...host }) => (set.includes(host.name) ? { ...host, state: "up" as const } : host)) });
        assert.equal(other.outcome, "impossible", set.join());
      }
    }), { numRuns: 60 });
    assert.ok(booted > 10, `${booted} hosts were switched on`);
  });

  it("is switched on where VMs can only go by it, and off again where the policy says so", () => {
    const swap: Inventory = {
      hosts: [up("ash"), up("birch"), off("cedar")], vms: [{ name: "x", demand: room, host: "ash" }, { name: "y", demand: room, host: "birch" }],
      rules: [{ kind: "fence", vms: ["x"], hosts: ["birch"] }, { kind: "fence", vms: ["y"], hosts: ["ash"] }],
    };
    const plan = planNow(swap);
    assert.deepEqual([told(plan), plan.actions[0]?.reason], [["boot cedar", "migrate x cedar", "migrate y ash", "migrate x birch"], "without it there is no way for all"]);
    const saved = planNow({ ...swap, ...saving() });
    assert.deepEqual(told(saved), [...told(plan), "shutdown cedar"]);
    assert.deepEqual(verify({ ...swap, ...saving() }, saved.actions, saved.assignments), []);
    assert.equal(planNow(after({ ...swap, ...saving() }, saved)).outcome, "nothing");
  });

  it("keeps nobody waiting but what goes there", () => {
    const inventory: Inventory = {
      hosts: [up("ash", { state: "maintenance" }), off("birch", { power: { cost: 1, bootSeconds: 60 } }), off("cedar", { power: { cost: 2, bootSeconds: 600 } }), up("elm")],
      vms: [{ name: "x", demand: { vcpus: 8, memoryMib: 1024 }, host: "ash" }, { name: "y", demand: { vcpus: 8, memoryMib: 1024 } }, { name: "z", demand: { vcpus: 8, memoryMib: 1024 } }],
      rules: [{ kind: "fence", vms: ["x"], hosts: ["birch"] }, { kind: "fence", vms: ["z"], hosts: ["elm"] }],
    };
    const starts = (of: Inventory): unknown => Object.fromEntries(planNow(of).actions.map(({ subject, startSeconds, after: first }) => [subject, [startSeconds, first]]));
    assert.deepEqual(starts(inventory), { birch: [0, []], cedar: [0, []], x: [60, [0]], y: [600, [1]], z: [0, []] });
    assert.deepEqual(starts({ ...inventory, schedule: { objective: "ends" } }), starts(inventory));
  });

  it("is up in time for windows and deadlines, or the plan is impossible", () => {
    const timed = (schedule: Inventory["schedule"]): Inventory => ({ hosts: [off("ash"), up("birch", { state: "maintenance" })], vms: [{ name: "web", demand: { vcpus: 2, memoryMib: 2048 }, host: "birch" }], ...(schedule === undefined ? {} : { schedule }) });
    const startOf = (schedule: Inventory["schedule"]): number | undefined => planNow(timed(schedule)).actions.find(({ subject }) => subject === "web")?.startSeconds;
    assert.equal(startOf({ windows: [{ vms: ["web"], fromSeconds: 3600, untilSeconds: 3700 }] }), 3600);
    assert.equal(startOf({ windows: [{ vms: ["web"], fromSeconds: 100, untilSeconds: 300 }] }), 180);
    assert.equal(startOf({ deadlines: [{ vms: ["web"], seconds: 210 }] }), 180);
    assert.equal(planNow(timed({ deadlines: [{ vms: ["web"], seconds: 190 }] })).outcome, "impossible");
  });

  it("is switched on for the reserve, and the next plan leaves it so", () => {
    const inventory: Inventory = { hosts: [up("ash"), off("birch"), off("cedar")], vms: vms.slice(0, 1), ...saving(1) };
    const plan = planNow(inventory);
    assert.deepEqual([told(plan), plan.actions[0]?.reason], [["boot birch"], "HostsInReserve is 1"]);
    assert.equal(planNow(after(inventory, plan)).outcome, "nothing");
  });
});

describe("a host that carries nothing", () => {
  const vms = [{ name: "a", demand: { vcpus: 1, memoryMib: 512 }, host: "ash" }, { name: "b", demand: { vcpus: 4, memoryMib: 512 }, host: "birch" }];

  it("is switched off by power_saving once the last guest has left it", () => {
    const plan = planNow({ hosts: [up("ash", { power: { shutdownSeconds: 20 } }), up("birch")], vms, ...saving() });
    assert.deepEqual(told(plan), ["migrate a birch", "shutdown ash"]);
    const [move, shutdown] = plan.actions;
    assert.deepEqual([shutdown?.after, shutdown?.durationSeconds], [[0], 20]);
    assert.equal(shutdown?.startSeconds, (move?.startSeconds ?? 0) + (move?.durationSeconds ?? 0));
    assert.equal(plan.makespanSeconds, shutdown.startSeconds + 20);
  });

  const idle: readonly (readonly [string, Partial<Inventory>, readonly string[]])[] = [
    ["stays on without the policy's leave", { ...saving(), policy: { name: "power_saving" } }, []],
    ["stays on where nobody asked for balance", { ...saving(), rebalance: false }, []],
    ["stays on for the reserve", saving(1), []],
    ["stays on where a rule about losses needs it", { ...saving(), rules: [{ kind: "survive", failures: 1 }] }, []],
    ["is the dearest", { ...saving(1), hosts: [up("ash"), up("birch", { power: { cost: 1 } }), up("cedar", { power: { cost: 2 } })] }, ["shutdown cedar"]],
    ["is switched off", saving(), ["shutdown birch"]],
  ];
  for (const [what, more, expected] of idle) {
    it(what, () => {
      const inventory: Inventory = { hosts: [up("ash"), up("birch")], vms: [{ name: "a", demand: { vcpus: 5, memoryMib: 4096 }, host: "ash" }], ...more };
      assert.deepEqual(told(planNow(inventory)), expected);
    });
  }
});

describe("a host for the reserve", () => {
  it("stays off where the plan with it up empties another one", () => {
    const vm = (name: string, memoryMib: number, host?: string): Inventory["vms"][number] => ({ name, demand: { vcpus: 1, memoryMib }, ...(host === undefined ? {} : { host }) });
    const host = (name: string, vcpus: number, memoryMib: number): Inventory["hosts"][number] => ({ name, capacity: { vcpus, memoryMib } });
    const inventory: Inventory = {
      hosts: [host("h0", 2, 2048), { ...host("h1", 6, 2048), state: "off", power: { cost: 3 } }, host("h2", 3, 2048), host("h3", 4, 2048), host("h4", 6, 6144)],
      vms: [vm("v0", 512, "h0"), vm("v1", 512, "h0"), vm("v2", 512), vm("v4", 2048, "h0"), { ...vm("v5", 512), movable: false }, vm("v6", 1024), { ...vm("v7", 3072), movable: false }],
      ...saving(1),
    };
    const plan = planNow(inventory);
    assert.ok(plan.actions.length > 0 && plan.actions.every(({ subject }) => subject !== "h1"), told(plan).join("; "));
    assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
    assert.deepEqual(told(planNow(after(inventory, plan))), []);
  });
});

describe("plans with power", () => {
  const withPower = fc.tuple(inventories({ hosts: 5, vms: 10, rules: 3 }), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 }), fc.integer({ min: 0, max: 2 })).map(([inventory, draws, reserve]): Inventory => ({
    ...inventory, ...saving(reserve),
    hosts: inventory.hosts.map((host, i) => ({ ...host, ...(draws[i] === 0 ? {} : { power: { cost: draws[i] ?? 0 } }), ...(draws[i] === 3 ? { state: "off" as const } : {}) })),
    vms: inventory.vms.map((vm) => (inventory.hosts.some(({ name }, i) => draws[i] === 3 && name === vm.host) ? { ...vm, host: undefined } : vm)).map(({ host, ...vm }) => ({ ...vm, ...(host === undefined ? {} : { host }) })),
  }));

  it("are safe, leave nothing to do, and do not depend on the order of hosts", () => {
    let switched = 0;
    fc.assert(fc.property(withPower, (inventory) => {
      const plan = planNow(inventory);
      switched += plan.actions.filter(({ kind }) => kind === "boot" || kind === "shutdown").length;
      assert.deepEqual(planNow({ ...inventory, hosts: [...inventory.hosts].reverse() }).actions, plan.actions);
      if (plan.outcome === "impossible") return;
      assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
      const next = planNow(after(inventory, plan));
      assert.deepEqual([next.outcome, next.actions], ["nothing", []]);
    }), { numRuns: Math.ceil(RUNS / 4) });
    assert.ok(switched > RUNS / 40, `${switched} hosts were switched`);
  });
});

describe("verify", () => {
  const inventory: Inventory = { hosts: [up("ash"), off("birch")], vms: [{ name: "a", demand: { vcpus: 1, memoryMib: 512 }, host: "ash" }, { name: "new", demand: { vcpus: 8, memoryMib: 512 } }] };
  const { actions, assignments } = planNow(inventory);
  const faultsOf = (changed: readonly Action[], of: Inventory = inventory): string => verify(of, changed, assignments).join("; ");
  const [boot, start] = actions as [Action, Action];

  it("refuses what is done to a host's power at the wrong time, or at all", () => {
    assert.equal(faultsOf(actions), "");
    assert.match(faultsOf([start]), /new goes to birch, which is off/);
    assert.match(faultsOf([boot, { ...start, startSeconds: 10 }]), /new goes to birch, which is off/);
    assert.match(faultsOf([{ ...boot, durationSeconds: 1 }, start], { ...inventory, hosts: [up("ash"), off("birch", { power: { bootSeconds: 90 } })] }), /birch takes 90 s, not 1 s/);
    assert.match(faultsOf([{ ...boot, subject: "ash" }, ...actions]), /ash is switched on, and is not off/);
    assert.match(faultsOf([{ ...boot, subject: "elm" }, ...actions]), /elm is no host/);
    const { power: _, ...birch } = off("birch");
    assert.match(faultsOf(actions, { ...inventory, hosts: [up("ash"), birch] }), /the power of birch is not the plan's/);
    const shutdown: Action = { kind: "shutdown", subject: "ash", startSeconds: 500, durationSeconds: 60, after: [], reason: "" };
    assert.match(faultsOf([...actions, shutdown]), /ash is switched off, and carries guests/);
    assert.match(faultsOf([...actions, { ...shutdown, subject: "birch" }]), /birch is switched off, and carries guests.*new is on birch, which is switched off/);
  });
});
