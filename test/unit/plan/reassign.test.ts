import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { evaluate } from "../../../bench/plan/roadef/evaluate.js";
import { parseInstance, toReassignment, type Instance } from "../../../bench/plan/roadef/instance.js";
import { Random } from "../../../provider/plan/solve/random.js";
import { FORBIDDEN, ReassignmentState } from "../../../provider/plan/solve/reassign/state.js";
import { reassign } from "../../../provider/plan/solve/reassign/streams.js";
import { geometric, THRESHOLD, THRESHOLDS } from "../../../provider/plan/solve/reassign/thresholds.js";

/** Two machines, one resource, one balance: small enough to be worked out by hand. */
const TINY = "2  0 10 1 1   2  0 0 20 20 5 9 0 3  0 1 20 20 15 9 3 0   2  1 0  1 0   2  0 6 2 7  1 4 1 1   1  0 1 2 1   1 10 100";

test("the evaluator keeps to the definition, worked out by hand", () => {
  const tiny = parseInstance(TINY, "0 0");
  // Load: 10 × (10 − 5) on machine 0. Balance 2 × free(0) − free(1): 20 − 17 on machine 0, 40 − 20 on machine 1.
  assert.deepEqual(evaluate(tiny, [0, 0]), { cost: 50 + 3 + 20, broken: [] });
  // Load: 10 × (6 − 5). Balances: 28 − 18, 32 − 19. Moves: 1 × 1 for the process, 10 × 1 for its service, 100 × 3 for its way.
  assert.deepEqual(evaluate(tiny, [0, 1]), { cost: 10 + 10 + 13 + 1 + 10 + 300, broken: [] });
});

test("the evaluator on the challenge's own example", (t) => {
  const dir = resolve(import.meta.dirname, "../../../../../shared/data/roadef2012");
  if (!existsSync(dir)) {
    t.skip("../shared/data is not there");
    return;
  }
  const example = parseInstance(readFileSync(join(dir, "model_example.txt"), "utf8"), readFileSync(join(dir, "assignment_example.txt"), "utf8"));
  assert.deepEqual([[0, 3, 0], [0, 2, 0], [0, 2, 1]].map((machines) => evaluate(example, machines)), [4200, 3510, 2411].map((cost) => ({ cost, broken: [] })));
});

test("a text that is no instance is refused", () => {
  assert.throws(() => parseInstance(TINY.slice(0, 60), "0 0"), /ends after/);
  assert.throws(() => parseInstance(`${TINY} 1`, "0 0"), /too many/);
  assert.throws(() => parseInstance(TINY, "0"), /2 processes/);
  assert.throws(() => parseInstance(TINY, "0 x"), /"x"/);
});

test("what a move is said to change and to break is what the evaluator finds, after any sequence of moves", () => {
  const seen = { allowed: 0, forbidden: 0, over: 0 };
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = new Random(seed);
    const instance = anyInstance(random);
    const penalty = 7;
    const state = new ReassignmentState(toReassignment(instance), Int32Array.from(instance.original), penalty);
    for (let n = 0; n < 150; n += 1) {
      const vm = random.below(instance.processes.length);
      const other = random.below(instance.processes.length);
      const to = random.below(instance.machines.length);
      const isShift = random.below(2) === 0;
      if (isShift ? state.hostOf[vm] === to : state.hostOf[vm] === state.hostOf[other]) continue;
      const before = judged(instance, state.hostOf, state.overWeight);
      const there = Int32Array.from(state.hostOf);
      if (isShift) there[vm] = to;
      else [there[vm], there[other]] = [there[other] ?? 0, there[vm] ?? 0];
      const after = judged(instance, there, state.overWeight);
      const delta = isShift ? state.shiftDelta(vm, to, 1e15) : state.swapDelta(vm, other, 1e15);
      const about = `seed ${seed}, move ${n}, ${isShift ? "shift" : "swap"}`;
      assert.equal(delta, after.isBroken ? FORBIDDEN : after.cost - before.cost + penalty * (after.over - before.over), about);
      seen[after.isBroken ? "forbidden" : "allowed"] += 1;
      if (delta === FORBIDDEN) continue;
      const limited = isShift ? state.shiftDelta(vm, to, delta - 1) : state.swapDelta(vm, other, delta - 1);
      assert.ok(limited > delta - 1, `${about}: above the limit`);
      if (isShift) state.shiftDelta(vm, to, delta);
      else state.swapDelta(vm, other, delta);
      if (isShift) state.shift(vm, to);
      else state.swap(vm, other);
      if (after.over > 0) seen.over += 1;
      assert.deepEqual([state.cost, state.recount(), state.over, state.violations()], [after.cost, after.cost, after.over, after.over], about);
    }
  }
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 200, `${what} was seen ${count} times only`);
});

test("the same seed gives the same outcome with any number of threads, and a better one than the start", async () => {
  const instance = anyInstance(new Random(8));
  const problem = toReassignment(instance);
  const [one, two] = await Promise.all([1, 2].map(async (threads) => reassign(problem, { seed: 3, threads, streams: 3, limit: { moves: 60_000 } })));
  assert.ok(one !== undefined && two !== undefined);
  assert.deepEqual([...one.hosts], [...two.hosts]);
  assert.equal(one.cost, two.cost);
  assert.ok(one.isDeterministic);
  assert.deepEqual(evaluate(instance, [...one.hosts]), { cost: one.cost, broken: [] });
  assert.ok(one.cost < evaluate(instance, instance.original).cost);

  const byClock = await reassign(problem, { seed: 3, threads: 2, limit: { seconds: 0.3 } });
  assert.ok(!byClock.isDeterministic);
  assert.deepEqual(evaluate(instance, [...byClock.hosts]), { cost: byClock.cost, broken: [] });
});

test("thresholds are those of the Metropolis rule", () => {
  for (let i = 0; i < THRESHOLDS; i += 1) assert.ok(Math.abs((THRESHOLD[i] ?? NaN) + Math.log((i + 0.5) / THRESHOLDS)) < 1e-12);
  const steps = geometric(100, 1, 64);
  assert.equal(steps[0], 100);
  assert.ok(Math.abs((steps[64] ?? NaN) - 1) < 1e-9 && Math.abs((steps[32] ?? NaN) - 10) < 1e-9);
});

function judged(instance: Instance, hosts: Int32Array, overWeight: Float64Array): { cost: number; over: number; isBroken: boolean } {
  const { cost, broken } = evaluate(instance, [...hosts]);
  let over = 0;
  for (const text of broken) {
    const [, used, capacity, r] = /holds (\d+) of (\d+) of resource (\d+)/.exec(text) ?? [];
    if (used !== undefined) over += (Number(used) - Number(capacity)) * (overWeight[Number(r)] ?? 0);
  }
  return { cost, over, isBroken: broken.some((text) => text.startsWith("service")) };
}

/** An instance whose start keeps all rules: services are spread and depend on each other as their processes happen to lie. */
function anyInstance(random: Random): Instance {
  const resourceCount = 1 + random.below(4);
  const machineCount = 3 + random.below(6);
  const serviceCount = 3 + random.below(6);
  const original: number[] = [];
  const services: number[] = [];
  for (let service = 0; service < serviceCount; service += 1) {
    const first = random.below(machineCount);
    for (let i = random.below(Math.min(4, machineCount)); i >= 0; i -= 1) {
      services.push(service);
      original.push((first + i) % machineCount);
    }
  }
  const times = <T>(count: number, one: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => one(i));
  const requirements = services.map(() => times(resourceCount, () => random.below(20)));
  const used = times(machineCount, (m) => times(resourceCount, (r) => requirements.reduce((sum, row, p) => sum + (original[p] === m ? (row[r] ?? 0) : 0), 0)));
  const place = times(machineCount, () => ({ neighbourhood: random.below(3), location: random.below(4) }));
  const placesOf = (service: number, kind: "neighbourhood" | "location"): Set<number | undefined> => new Set(original.filter((_, p) => services[p] === service).map((m) => place[m]?.[kind]));
  return {
    resources: times(resourceCount, () => ({ isTransient: random.below(2) === 0, loadWeight: random.below(4) * 5 })),
    machines: times(machineCount, (m) => {
      const capacities = times(resourceCount, (r) => (used[m]?.[r] ?? 0) + random.below(25));
      const safety = capacities.map((capacity) => random.below(capacity + 1));
      return { ...place[m] ?? { neighbourhood: 0, location: 0 }, capacities, safety, moveCosts: Int32Array.from({ length: machineCount }, (_, to) => (to === m ? 0 : random.below(9))) };
    }),
    services: times(serviceCount, (s) => ({
      spreadMin: random.below(placesOf(s, "location").size + 1),
      dependsOn: times(serviceCount, (other) => other).filter((other) => random.below(3) === 0 && [...placesOf(s, "neighbourhood")].every((n) => placesOf(other, "neighbourhood").has(n))),
    })),
    processes: services.map((service, p) => ({ service, requirements: requirements[p] ?? [], moveCost: random.below(5) })),
    balances: times(random.below(3), () => ({ r1: random.below(resourceCount), r2: random.below(resourceCount), target: 1 + random.below(3), weight: random.below(3) * 5 })),
    processMoveWeight: 1, serviceMoveWeight: 10, machineMoveWeight: 2,
    original,
  };
}
