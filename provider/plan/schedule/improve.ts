import { Random } from "../solve/random.js";
import { Bound } from "./bound.js";
import { crowding } from "./crowding.js";
import { Dispatcher, LAST_LEVEL } from "./dispatcher.js";
import { dispatchExactly, EXACT_JOBS } from "./exact.js";
import type { Job } from "./jobs.js";
import type { Setting } from "./setting.js";
import { compareTimetables, type Timetable } from "./timetable.js";

/** How many orders the local search looks at, at most; and how many times, in all of them, it looks at a job. */
const MOST_ORDERS = 3_000;
const MOST_STEPS = 4_000_000;

/** Of more jobs than are looked at exactly, a schedule that is so near to the bound is good enough. */
const NEAR_BOUND = 1.01;

/**
 * The best schedule that was found for some jobs: by orders that are good in general (what is urgent, long, on a busy link or in
 * the way of others first), by changing the best of them at random, and, where there are few jobs, by looking at all.
 *
 * @param effort 1 for the whole search, 0 for the first orders alone
 */
export function bestTimetable(setting: Setting, jobs: readonly Job[], seed: number, effort: 0 | 1): Timetable {
  const dispatcher = new Dispatcher(setting, jobs);
  const bound = new Bound(setting, dispatcher);
  dispatcher.reset();
  const least = bound.makespanMs(dispatcher);
  // What many moves could still gain by handing over side by side is not worth the search.
  const enough = jobs.length > EXACT_JOBS ? least * NEAR_BOUND : least;
  const isDone = ({ stuck, makespanMs }: Timetable): boolean => jobs.length < 2 || (stuck.length === 0 && setting.objective === "makespan" && makespanMs <= enough);
  let best: Candidate | undefined;
  const consider = (order: readonly number[], levels: Uint8Array): void => {
    const timetable = dispatcher.run(order, levels);
    if (best === undefined || compareTimetables(setting, timetable, best.timetable) < 0) best = { order, levels, timetable };
  };
  for (const order of firstOrders(setting, jobs, bound)) {
    for (let level = 0; level <= LAST_LEVEL; level += 1) {
      consider(order, new Uint8Array(jobs.length).fill(level));
      if (best !== undefined && isDone(best.timetable)) return best.timetable;
    }
  }
  if (best === undefined) return dispatcher.timetable();
  if (effort === 0) return best.timetable;
  const random = new Random(seed);
  for (let orders = 0; orders < MOST_ORDERS && dispatcher.steps < MOST_STEPS && !isDone(best.timetable); orders += 1) {
    const next = neighbour(best, random);
    const timetable = dispatcher.run(next.order, next.levels);
    // One that is as good is taken too: so it wanders over equal ones.
    if (compareTimetables(setting, timetable, best.timetable) <= 0) best = { ...next, timetable };
  }
  return jobs.length > EXACT_JOBS || isDone(best.timetable) ? best.timetable : dispatchExactly(setting, dispatcher, bound, best.timetable);
}

interface Candidate {
  readonly order: readonly number[];
  readonly levels: Uint8Array;
  readonly timetable: Timetable;
}

/** Stops first, for they only free; then as each rule says. */
function firstOrders(setting: Setting, jobs: readonly Job[], bound: Bound): number[][] {
  const loads = bound.loads();
  const crowds = crowding(setting, jobs);
  const latest = jobs.map(({ windows }) => Math.max(0, ...(windows ?? [{ untilMs: Infinity }]).map(({ untilMs }) => untilMs)));
  const rules: readonly ((job: number) => number)[] = [
    (job) => -bound.tailMs(job), (job) => -(loads[job] ?? 0), (job) => bound.tailMs(job), (job) => latest[job] ?? 0,
    // Of jobs that leave hosts as crowded, the one on the busier link: loads are in milliseconds, and far below 1e9.
    (job) => -(crowds[job] ?? 0) - (loads[job] ?? 0) / 1e9,
  ];
  return rules.map((rule) => {
    const keys = [...jobs.keys()].map(rule);
    return [...jobs.keys()].sort((a, b) => kindOrder(jobs[a]) - kindOrder(jobs[b]) || compare(keys[a] ?? 0, keys[b] ?? 0) || a - b);
  });
}

/** By size, infinities included. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function kindOrder(job: Job | undefined): number {
  return job?.kind === "stop" ? 0 : job?.kind === "start" ? 2 : 1;
}

/** One job elsewhere in the order, two that change places, or one that shares its links more or less. */
function neighbour({ order, levels }: Candidate, random: Random): { order: readonly number[]; levels: Uint8Array } {
  const size = order.length;
  const [i, j] = [random.below(size), random.below(size)];
  const kind = random.below(5);
  if (kind === 0) {
    const changed = levels.slice();
    changed[i] = random.below(LAST_LEVEL + 1);
    return { order, levels: changed };
  }
  const next = [...order];
  const [first, second] = [next[i] ?? 0, next[j] ?? 0];
  if (kind === 1) {
    next[i] = second;
    next[j] = first;
  } else {
    next.splice(i, 1);
    next.splice(j, 0, first);
  }
  return { order: next, levels };
}
