import { LAST_LEVEL, type Dispatcher } from "./dispatcher.js";
import type { Job } from "./jobs.js";
import { hostOf, type Setting } from "./setting.js";

const LEVELS = Array.from({ length: LAST_LEVEL + 1 }, (_, level) => level);

/** What no schedule can be better than. */
export class Bound {
  readonly #setting: Setting;
  readonly #jobs: readonly Job[];
  readonly #fullMs: Float64Array;
  /** What a job takes of a link at least, in Mb/s × ms, over all its levels. */
  readonly #leastUse: Float64Array;
  /** Shortest time from the beginning of a job to the end of the last one that must come after it. */
  readonly #tailMs: Float64Array;

  constructor(setting: Setting, dispatcher: Dispatcher) {
    this.#setting = setting;
    this.#jobs = dispatcher.jobs;
    this.#fullMs = Float64Array.from(dispatcher.jobs, (_, job) => dispatcher.durationMs(job, 0));
    this.#leastUse = Float64Array.from(dispatcher.jobs, (_, job) => Math.min(...LEVELS.map((level) => dispatcher.mbpsAt(job, level) * dispatcher.durationMs(job, level))));
    this.#tailMs = this.#fullMs.slice();
    // As often as a chain can be long; in a circle nothing begins anyway.
    for (let pass = 0, changed = true; changed && pass < this.#jobs.length; pass += 1) {
      changed = false;
      for (const [job, { after }] of this.#jobs.entries()) {
        for (const earlier of after) {
          const tail = (this.#fullMs[earlier] ?? 0) + (this.#tailMs[job] ?? 0);
          if (tail <= (this.#tailMs[earlier] ?? 0)) continue;
          this.#tailMs[earlier] = tail;
          changed = true;
        }
      }
    }
  }

  /**
   * Earliest end of everything, from where the dispatcher is: each link is needed for what its moves take of it at
   * least, whatever they share, and each job that waits its own and that of its followers.
   */
  makespanMs(dispatcher: Dispatcher): number {
    const { outMbps, inMbps } = this.#setting;
    const now = dispatcher.nowMs;
    const outUse = new Float64Array(outMbps.length);
    const inUse = new Float64Array(inMbps.length);
    let bound = now;
    const use = (job: number, amount: number): void => {
      const it = this.#jobs[job];
      if (it?.kind !== "migrate") return;
      const [from, to] = [hostOf(this.#setting, it.from), hostOf(this.#setting, it.to)];
      outUse[from] = (outUse[from] ?? 0) + amount;
      inUse[to] = (inUse[to] ?? 0) + amount;
    };
    for (const { job, endMs, mbps } of dispatcher.running()) {
      bound = Math.max(bound, endMs);
      use(job, mbps * (endMs - now));
    }
    for (const job of this.#jobs.keys()) {
      if (!dispatcher.isWaiting(job)) continue;
      bound = Math.max(bound, Math.max(now, dispatcher.readyMs(job)) + (this.#tailMs[job] ?? 0));
      use(job, this.#leastUse[job] ?? 0);
    }
    for (let host = 0; host < outMbps.length; host += 1) {
      bound = Math.max(bound, now + (outUse[host] ?? 0) / (outMbps[host] ?? 1), now + (inUse[host] ?? 0) / (inMbps[host] ?? 1));
    }
    return Math.ceil(bound - 1e-6);
  }

  /** Least sum of the ends of what waits or is under way. */
  endsMs(dispatcher: Dispatcher): number {
    let sum = 0;
    for (const { endMs } of dispatcher.running()) sum += endMs;
    for (const job of this.#jobs.keys()) if (dispatcher.isWaiting(job)) sum += Math.max(dispatcher.nowMs, dispatcher.readyMs(job)) + (this.#fullMs[job] ?? 0);
    return sum;
  }

  /** The load of a move's busier link, in milliseconds with all moves of `jobs` one after another: the more, the sooner it should begin. */
  loads(): Float64Array {
    const { outMbps, inMbps } = this.#setting;
    const out = new Float64Array(outMbps.length);
    const into = new Float64Array(inMbps.length);
    const ends = this.#jobs.map(({ from, to }) => [hostOf(this.#setting, from), hostOf(this.#setting, to)] as const);
    for (const [job, [from, to]] of ends.entries()) {
      const use = this.#leastUse[job] ?? 0;
      if (from >= 0) out[from] = (out[from] ?? 0) + use / (outMbps[from] ?? 1);
      if (to >= 0) into[to] = (into[to] ?? 0) + use / (inMbps[to] ?? 1);
    }
    return Float64Array.from(ends, ([from, to]) => Math.max(out[from] ?? 0, into[to] ?? 0));
  }

  /** Shortest time from the beginning of a job to the end of the last one that must come after it. */
  tailMs(job: number): number {
    return this.#tailMs[job] ?? 0;
  }
}
