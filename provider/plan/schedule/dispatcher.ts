import { NOWHERE } from "../solve/problem.js";
import { ContinuousRules } from "./continuous.js";
import { Holdings } from "./holdings.js";
import type { Job } from "./jobs.js";
import { converges, durationMs, fullMbps, hostOf, type Setting } from "./setting.js";
import type { Timetable } from "./timetable.js";

/** Sums of links' speeds are exact up to this. */
const TOLERANCE_MBPS = 1e-6;

/** Parts of what it would have alone that a move may have of its links. A level is an index in this list. */
export const SHARES = [1, 0.75, 0.5, 0.25];
/** The level with the least. */
export const LAST_LEVEL = SHARES.length - 1;

/** A moment of the transition, to come back to. */
export interface Saved {
  readonly held: Float64Array;
  readonly outFree: Float64Array;
  readonly inFree: Float64Array;
  readonly outMoves: Int32Array;
  readonly inMoves: Int32Array;
  readonly unmet: Int32Array;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly mbps: Float64Array;
  readonly sequence: readonly number[];
  readonly running: readonly number[];
  readonly nowMs: number;
}

/**
 * Carries jobs out on paper. At each moment those that can begin do so, the first in the order first: the target has room while
 * the source still holds the VM, both hosts have a hand free, and the links have enough left. A move keeps what it has of the
 * links until it ends.
 */
export class Dispatcher {
  readonly jobs: readonly Job[];
  /** Bandwidth and duration of job j at a level, at `j * levels + level`; the bandwidth is 0 for what is no move. */
  readonly #levelMbps: Float64Array;
  readonly #levelMs: Float64Array;
  readonly #setting: Setting;
  readonly #holdings: Holdings;
  readonly #continuous: ContinuousRules;
  readonly #vmOf: Int32Array;
  readonly #fromHost: Int32Array;
  readonly #toHost: Int32Array;
  /** 1 where a move would not end by itself that would with the whole link: it is not begun with so little. */
  readonly #isTooSlow: Uint8Array;
  readonly #followers: readonly (readonly number[])[];
  /** When the host to which a job leads takes guests. */
  readonly #readyMs: Float64Array;
  /** Moments at which a window opens, or a host begins to take guests. */
  readonly #openings: readonly number[];
  readonly #outFree: Float64Array;
  readonly #inFree: Float64Array;
  readonly #outMoves: Int32Array;
  readonly #inMoves: Int32Array;
  /** Jobs that each one waits for, and of these the ones that have not ended. */
  readonly #predecessors: Int32Array;
  readonly #unmet: Int32Array;
  readonly #isTouched: Uint8Array;
  readonly #isFollower: Uint8Array;
  #startMs: Float64Array;
  #endMs: Float64Array;
  #mbps: Float64Array;
  #sequence: number[] = [];
  #running: number[] = [];
  #nowMs = 0;
  /** Steps of all runs so far: what limits a search instead of a clock. */
  steps = 0;

  constructor(setting: Setting, jobs: readonly Job[]) {
    const { problem } = setting;
    this.jobs = jobs;
    this.#setting = setting;
    this.#holdings = new Holdings(problem);
    this.#continuous = new ContinuousRules(problem);
    this.#vmOf = Int32Array.from(jobs, ({ vm }) => vm);
    this.#fromHost = Int32Array.from(jobs, ({ from }) => hostOf(setting, from));
    this.#toHost = Int32Array.from(jobs, ({ to }) => hostOf(setting, to));
    const levels = jobs.flatMap((job) => SHARES.map((share) => ({ job, mbps: job.kind === "migrate" ? Math.max(1, share * fullMbps(setting, job)) : 0 })));
    this.#levelMbps = Float64Array.from(levels, ({ mbps }) => mbps);
    this.#levelMs = Float64Array.from(levels, ({ job, mbps }) => durationMs(setting, job, mbps));
    this.#isTooSlow = Uint8Array.from(levels, ({ job, mbps }) => (!converges(setting, job, mbps) && converges(setting, job, fullMbps(setting, job)) ? 1 : 0));
    const followers = jobs.map((): number[] => []);
    for (const [j, { after }] of jobs.entries()) for (const earlier of after) followers[earlier]?.push(j);
    this.#followers = followers;
    this.#readyMs = Float64Array.from(this.#toHost, (host) => (host === NOWHERE ? 0 : (setting.readyMs[host] ?? 0)));
    this.#openings = [...new Set([...jobs.flatMap(({ windows = [] }) => windows.map(({ fromMs }) => fromMs)), ...this.#readyMs])].filter((opening) => opening > 0).sort((a, b) => a - b);
    this.#outFree = setting.outMbps.slice();
    this.#inFree = setting.inMbps.slice();
    this.#outMoves = new Int32Array(problem.hostCount);
    this.#inMoves = new Int32Array(problem.hostCount);
    this.#predecessors = Int32Array.from(jobs, ({ after }) => after.length);
    this.#unmet = this.#predecessors.slice();
    this.#isTouched = new Uint8Array(problem.hostCount);
    this.#isFollower = new Uint8Array(jobs.length);
    this.#startMs = new Float64Array(0);
    this.#endMs = new Float64Array(0);
    this.#mbps = new Float64Array(0);
  }

  /**
   * @param order all jobs, the most important first
   * @param levels of each job, the last level with which it still begins rather than wait for more
   */
  run(order: readonly number[], levels: Uint8Array): Timetable {
    this.reset();
    let waiting = [...order];
    let isAllTouched = true;
    while (waiting.length > 0) {
      this.steps += waiting.length;
      const left: number[] = [];
      for (const job of waiting) {
        const isWorthwhile = isAllTouched || this.#isTouched[this.#fromHost[job] ?? NOWHERE] === 1 || this.#isTouched[this.#toHost[job] ?? NOWHERE] === 1 || this.#isFollower[job] === 1 || this.#continuous.isTouched(this.#vmOf[job] ?? NOWHERE);
        const level = isWorthwhile ? this.levelNow(job, levels[job] ?? 0) : undefined;
        if (level === undefined) left.push(job);
        else this.start(job, level);
      }
      waiting = left;
      const was = this.#nowMs;
      if (!this.advance()) break;
      // Of what waits for a moment nobody can say which host matters.
      isAllTouched = this.#openings.some((opening) => opening > was && opening <= this.#nowMs);
    }
    return this.timetable();
  }

  /** Everything waits again. */
  reset(): void {
    const { outMbps, inMbps } = this.#setting;
    this.#holdings.reset();
    this.#continuous.reset();
    this.#outFree.set(outMbps);
    this.#inFree.set(inMbps);
    this.#outMoves.fill(0);
    this.#inMoves.fill(0);
    this.#unmet.set(this.#predecessors);
    this.#startMs = new Float64Array(this.jobs.length).fill(-1);
    this.#endMs = new Float64Array(this.jobs.length).fill(-1);
    this.#mbps = new Float64Array(this.jobs.length);
    this.#sequence = [];
    this.#running = [];
    this.#nowMs = 0;
  }

  /** The level at which a job would begin at this moment, `undefined` when it can not, or not with as much as `last`. */
  levelNow(job: number, last: number): number | undefined {
    const it = this.jobs[job];
    if (it === undefined || (this.#unmet[job] ?? 0) > 0 || !this.#continuous.allow(it.vm, it.from, it.to)) return undefined;
    if (it.kind !== "stop" && !this.#holdings.hasRoom(it.vm, it.from, it.to)) return undefined;
    const level = it.kind === "migrate" ? this.#levelLeft(job, last) : 0;
    return level === undefined || !this.#isInTime(job, level) ? undefined : level;
  }

  start(job: number, level: number): void {
    const it = this.jobs[job];
    if (it === undefined) return;
    const mbps = this.mbpsAt(job, level);
    this.#startMs[job] = this.#nowMs;
    this.#endMs[job] = this.#nowMs + this.durationMs(job, level);
    this.#mbps[job] = mbps;
    this.#sequence.push(job);
    this.#running.push(job);
    if (it.to !== NOWHERE) this.#holdings.add(it.vm, it.to);
    this.#continuous.begin(it.vm, it.from, it.to);
    if (it.kind === "migrate") this.#use(job, mbps, 1);
  }

  /** Goes on to the next moment at which something ends or can begin; `false` when there is none. */
  advance(): boolean {
    let next = this.#openings.find((opening) => opening > this.#nowMs) ?? Infinity;
    for (const job of this.#running) next = Math.min(next, this.#endMs[job] ?? 0);
    if (next === Infinity) return false;
    this.#isTouched.fill(0);
    this.#isFollower.fill(0);
    this.#continuous.advance();
    this.#nowMs = next;
    let isLeft = 0;
    for (const job of this.#running) {
      if ((this.#endMs[job] ?? 0) > next) {
        this.#running[isLeft] = job;
        isLeft += 1;
      } else this.#finish(job);
    }
    this.#running.length = isLeft;
    return true;
  }

  mbpsAt(job: number, level: number): number {
    return this.#levelMbps[job * SHARES.length + level] ?? 0;
  }

  durationMs(job: number, level: number): number {
    return this.#levelMs[job * SHARES.length + level] ?? 0;
  }

  timetable(): Timetable {
    const stuck: number[] = [];
    for (let job = 0; job < this.jobs.length; job += 1) if ((this.#startMs[job] ?? 0) < 0) stuck.push(job);
    let makespanMs = 0;
    let endsMs = 0;
    for (const job of this.#sequence) {
      makespanMs = Math.max(makespanMs, this.#endMs[job] ?? 0);
      endsMs += this.#endMs[job] ?? 0;
    }
    return { startMs: this.#startMs, endMs: this.#endMs, mbps: this.#mbps, sequence: this.#sequence, stuck, makespanMs, endsMs };
  }

  /** All that changes while jobs begin and end. */
  save(): Saved {
    return {
      held: this.#holdings.save(), outFree: this.#outFree.slice(), inFree: this.#inFree.slice(), outMoves: this.#outMoves.slice(), inMoves: this.#inMoves.slice(), unmet: this.#unmet.slice(),
      startMs: this.#startMs.slice(), endMs: this.#endMs.slice(), mbps: this.#mbps.slice(), sequence: [...this.#sequence], running: [...this.#running], nowMs: this.#nowMs,
    };
  }

  /** Back to where {@link save} was called. Not where rules hold at every moment: those know no way back but to the beginning. */
  restore(saved: Saved): void {
    this.#holdings.restore(saved.held);
    this.#outFree.set(saved.outFree);
    this.#inFree.set(saved.inFree);
    this.#outMoves.set(saved.outMoves);
    this.#inMoves.set(saved.inMoves);
    this.#unmet.set(saved.unmet);
    this.#startMs = saved.startMs.slice();
    this.#endMs = saved.endMs.slice();
    this.#mbps = saved.mbps.slice();
    this.#sequence = [...saved.sequence];
    this.#running = [...saved.running];
    this.#nowMs = saved.nowMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Jobs under way, and when they end. */
  running(): { readonly job: number; readonly endMs: number; readonly mbps: number }[] {
    return this.#running.map((job) => ({ job, endMs: this.#endMs[job] ?? 0, mbps: this.#mbps[job] ?? 0 }));
  }

  isWaiting(job: number): boolean {
    return (this.#startMs[job] ?? -1) < 0;
  }

  get hasContinuousRules(): boolean {
    return !this.#continuous.isEmpty;
  }

  /** Before then the job does not begin. */
  readyMs(job: number): number {
    return this.#readyMs[job] ?? 0;
  }

  /** Does what can be done depend on the moment, and not only on what was done before? */
  get isTimed(): boolean {
    return this.#openings.length > 0 || this.jobs.some(({ windows }) => windows !== undefined);
  }

  /** Where a VM would fit at this moment. */
  hasRoom(vm: number, from: number, to: number): boolean {
    return this.#holdings.hasRoom(vm, from, to) && this.#continuous.allow(vm, from, to);
  }

  /** The first level, up to `last`, for which the links have enough left. */
  #levelLeft(job: number, last: number): number | undefined {
    const [from, to] = [this.#fromHost[job] ?? 0, this.#toHost[job] ?? 0];
    const { parallel } = this.#setting;
    if ((this.#outMoves[from] ?? 0) >= parallel || (this.#inMoves[to] ?? 0) >= parallel) return undefined;
    const free = Math.min(this.#outFree[from] ?? 0, this.#inFree[to] ?? 0) + TOLERANCE_MBPS;
    for (let level = 0; level <= last; level += 1) {
      if (this.#isTooSlow[job * SHARES.length + level] === 1) return undefined;
      if (free >= this.mbpsAt(job, level)) return level;
    }
    return undefined;
  }

  #isInTime(job: number, level: number): boolean {
    if (this.#nowMs < this.readyMs(job)) return false;
    const windows = this.jobs[job]?.windows;
    if (windows === undefined) return true;
    const endMs = this.#nowMs + this.durationMs(job, level);
    return windows.some(({ fromMs, untilMs }) => fromMs <= this.#nowMs && endMs <= untilMs);
  }

  #finish(job: number): void {
    const it = this.jobs[job];
    if (it === undefined) return;
    if (it.from !== NOWHERE) this.#holdings.remove(it.vm, it.from);
    this.#continuous.end(it.vm);
    for (const follower of this.#followers[job] ?? []) {
      this.#unmet[follower] = (this.#unmet[follower] ?? 0) - 1;
      this.#isFollower[follower] = 1;
    }
    const [from, to] = [this.#fromHost[job] ?? NOWHERE, this.#toHost[job] ?? NOWHERE];
    if (from !== NOWHERE) this.#isTouched[from] = 1;
    if (to !== NOWHERE) this.#isTouched[to] = 1;
    if (it.kind === "migrate") this.#use(job, this.#mbps[job] ?? 0, -1);
  }

  #use(job: number, mbps: number, sign: 1 | -1): void {
    const [from, to] = [this.#fromHost[job] ?? 0, this.#toHost[job] ?? 0];
    this.#outFree[from] = (this.#outFree[from] ?? 0) - sign * mbps;
    this.#inFree[to] = (this.#inFree[to] ?? 0) - sign * mbps;
    this.#outMoves[from] = (this.#outMoves[from] ?? 0) + sign;
    this.#inMoves[to] = (this.#inMoves[to] ?? 0) + sign;
  }
}
