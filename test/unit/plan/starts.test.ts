import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../provider/plan/compile.js";
import { InventoryError, plan, planNow, verify, type Inventory, type Plan, type PlanVm, type RuleSpec } from "../../../provider/plan/index.js";
import { planWith } from "../../../provider/plan/in-worker.js";
import { carriedOut } from "../../../provider/plan/otherwise.js";
import { Random } from "../../../provider/plan/solve/random.js";
import { compareLevels, State } from "../../../provider/plan/solve/state.js";

/** Hosts that are nearly full, and many wishes of which not all can be had: where the search ends depends on its seed. */
function crowded(seed: number, hostCount = 8, vmCount = 28): Inventory {
  const random = new Random(seed);
  const free = Array.from({ length: hostCount }, () => 15 * 1024);
  const vms: PlanVm[] = [];
  for (let i = 0; i < vmCount; i += 1) {
    const [memoryMib, host] = [(1 + random.below(7)) * 512, random.below(hostCount)];
    if ((free[host] ?? 0) < memoryMib) continue;
    free[host] = (free[host] ?? 0) - memoryMib;
    vms.push({ name: `v${i}`, demand: { memoryMib }, host: `h${host}` });
  }
  const someVms = (count: number): string[] => [...new Set(Array.from({ length: count }, () => vms[random.below(vms.length)]?.name ?? ""))];
  const someHosts = (count: number): string[] => [...new Set(Array.from({ length: count }, () => `h${random.below(hostCount)}`))];
  const wishes: readonly ((base: Omit<RuleSpec, "kind">) => RuleSpec)[] = [
    (base) => ({ ...base, kind: "separate", vms: someVms(4) }), (base) => ({ ...base, kind: "gather", vms: someVms(3) }), (base) => ({ ...base, kind: "fence", vms: someVms(4), hosts: someHosts(2) }),
    (base) => ({ ...base, kind: "spread", vms: someVms(6), across: "rack", maxSkew: 1 }), (base) => ({ ...base, kind: "quota", vms: someVms(6), hosts: someHosts(3), most: 1 }),
  ];
  const rules = Array.from({ length: 14 }, (_, i) => wishes[random.below(wishes.length)]?.({ hard: i > 12, priority: 1 + random.below(3) }) ?? { kind: "separate", vms: [] });
  return { hosts: Array.from({ length: hostCount }, (_, i) => ({ name: `h${i}`, capacity: { memoryMib: 16 * 1024 }, labels: { rack: `r${i % 3}` } })), vms, rules };
}

/** What a plan costs by its levels: rules, then what is copied. */
function costOf(inventory: Inventory, { assignments }: Plan): Float64Array {
  const { problem, hosts, vms } = compile(inventory);
  return new State(problem, Int32Array.from(vms, ({ name }) => hosts.findIndex((host) => host.name === assignments[name]?.host))).levels;
}

describe("more starts", () => {
  it("give a plan that is no worse, and often better; and none after it", () => {
    let better = 0;
    for (let seed = 1; seed <= 8; seed += 1) {
      const inventory = crowded(seed);
      const [one, several] = [planNow(inventory), planNow({ ...inventory, starts: 4 })];
      if (several.outcome === "impossible") {
        assert.equal(one.outcome, "impossible");
        continue;
      }
      assert.deepEqual(verify(inventory, several.actions, several.assignments), []);
      assert.equal(planNow({ ...carriedOut(inventory, several.assignments), starts: 4 }).outcome, "nothing");
      const difference = one.outcome === "impossible" ? -1 : compareLevels(costOf(inventory, several), costOf(inventory, one));
      assert.ok(difference <= 0, `seed ${seed}: ${costOf(inventory, several).join()} instead of ${costOf(inventory, one).join()}`);
      better += difference < 0 ? 1 : 0;
    }
    assert.ok(better >= 2, `better in ${better} of 8`);
  });

  it("change nothing where one start leaves nothing wrong", () => {
    const inventory: Inventory = { hosts: [{ name: "ash", capacity: { vcpus: 4 }, state: "maintenance" }, { name: "birch", capacity: { vcpus: 4 } }], vms: [{ name: "web", demand: { vcpus: 1 }, host: "ash" }] };
    assert.deepEqual(planNow({ ...inventory, starts: 64 }), planNow(inventory));
  });
});

describe("threads", () => {
  it("change nothing of a plan, whatever their number", async () => {
    for (const seed of [5, 12]) {
      const inventory = { ...crowded(seed), starts: 5 };
      const expected = JSON.stringify(planNow(inventory));
      for (const threads of [1, 2, 4]) assert.equal(JSON.stringify(await plan(inventory, { threads })), expected, `seed ${seed}, ${threads} threads`);
    }
  });

  it("say that a time limit has cut the search short", async () => {
    assert.equal((await plan({ ...crowded(5), starts: 4, budget: { searchSeconds: 0.001 } }, { threads: 2 })).isDeterministic, false);
    assert.equal((await plan({ ...crowded(5), starts: 4, budget: { searchSeconds: 1000 } }, { threads: 2 })).isDeterministic, true);
  });

  const failures: readonly (readonly [string, string, RegExp])[] = [
    ["fails", "throw new Error('no memory')", /no memory/],
    ["ends", "process.exit(7)", /a thread that helps the planner ended with 7 and no plan/],
    ["fails at its work", "import { parentPort } from 'node:worker_threads'; parentPort.once('message', ({ port }) => { port.on('message', () => { throw new Error('out of order'); }); });", /out of order/],
    ["ends at its work", "import { parentPort } from 'node:worker_threads'; parentPort.once('message', ({ port }) => { port.on('message', () => process.exit(0)); });", /ended with 0 and no plan/],
  ];
  for (const [what, code, words] of failures) {
    it(`are an error, and no wait without end, where one ${what}`, { timeout: 30_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), "drover-starts-"));
      try {
        const file = join(folder, "helper.mjs");
        await writeFile(file, code);
        await assert.rejects(planWith(pathToFileURL(file), { ...crowded(5), starts: 4 }, { threads: 3 }), words);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  it("are a whole number from 1, as starts are, and an inventory that is wrong or can not be copied is told as ever", async () => {
    for (const threads of [0, -1, 1.5, NaN, Infinity]) await assert.rejects(plan(crowded(1), { threads }), RangeError);
    for (const starts of [0, 65, 1.5]) await assert.rejects(plan({ ...crowded(1), starts }, { threads: 2 }), (error) => error instanceof InventoryError && /starts/.test(error.message));
    await assert.rejects(plan({ hosts: [], vms: [], starts: 4, more: 1 } as unknown as Inventory, { threads: 4 }), InventoryError);
    await assert.rejects(plan(null as unknown as Inventory, { threads: 4 }), InventoryError);
    await assert.rejects(plan({ ...crowded(1), starts: 2, policy: 1n as unknown as Inventory["policy"] } as Inventory, { threads: 2 }), /BigInt/);
  });
});
