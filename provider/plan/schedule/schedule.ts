import type { Compiled } from "../compile.js";
import type { Action, Place, ScheduleOptions } from "../model.js";
import { NOWHERE } from "../solve/problem.js";
import { ContinuousRules } from "./continuous.js";
import { linkShareMbps, moveTime, START_SECONDS, STOP_SECONDS } from "./duration.js";
import { Holdings } from "./holdings.js";

/** The way from where the VMs are to where they shall be. */
export interface Schedule {
  readonly actions: readonly Action[];
  /** VMs whose move found no moment: what is left of a cycle that nothing could break. */
  readonly stuck: readonly string[];
}

const DEFAULT_PARALLEL = 2;

interface Task {
  readonly vm: number;
  readonly kind: "migrate" | "start" | "stop";
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

interface Running extends Task {
  readonly endSeconds: number;
  readonly index: number;
}

/**
 * Starts each action at the first moment at which it can be: the target has room while the source still holds the VM, and
 * both hosts have a hand free. Where all wait for each other, one goes by a third host.
 *
 * Where rules hold at every moment, one action at a time is the way in which none of them depends on which of two ends first.
 *
 * @param slots where each VM shall be
 * @param reasonOf why a VM's place changes, in one sentence
 */
export function schedule(compiled: Compiled, slots: Int32Array, options: ScheduleOptions, reasonOf: (vm: number) => string): Schedule {
  return new Scheduler(compiled, slots, options.parallelPerHost ?? DEFAULT_PARALLEL, reasonOf).run();
}

class Scheduler {
  readonly #compiled: Compiled;
  readonly #parallel: number;
  readonly #holdings: Holdings;
  readonly #continuous: ContinuousRules;
  readonly #actions: Action[] = [];
  readonly #bypassed = new Set<number>();
  /** The last action that freed something on a host: what begins there later comes after it. */
  readonly #freedBy = new Map<number, number>();
  readonly #lastOf = new Map<number, number>();
  #waiting: Task[];
  #running: Running[] = [];
  #nowSeconds = 0;

  constructor(compiled: Compiled, slots: Int32Array, parallel: number, reasonOf: (vm: number) => string) {
    this.#compiled = compiled;
    this.#parallel = parallel;
    this.#holdings = new Holdings(compiled.problem);
    this.#continuous = new ContinuousRules(compiled.problem);
    this.#waiting = tasksOf(compiled, slots, reasonOf).sort((a, b) => order(a) - order(b) || this.#seconds(b) - this.#seconds(a) || a.vm - b.vm);
  }

  run(): Schedule {
    while (this.#waiting.length > 0 || this.#running.length > 0) {
      this.#startAll();
      if (this.#running.length === 0) {
        if (!this.#bypass()) break;
        continue;
      }
      this.#finishNext();
    }
    return { actions: this.#actions, stuck: this.#waiting.map(({ vm }) => this.#compiled.vms[vm]?.name ?? "") };
  }

  #startAll(): void {
    const left: Task[] = [];
    for (const task of this.#waiting) {
      if (this.#canStart(task)) this.#start(task);
      else left.push(task);
    }
    this.#waiting = left;
  }

  #canStart({ vm, kind, from, to }: Task): boolean {
    if (!this.#continuous.isEmpty && (this.#running.length > 0 || !this.#continuous.allow(vm, from, to))) return false;
    if (kind === "stop") return true;
    if (!this.#holdings.hasRoom(vm, from, to)) return false;
    if (kind === "start") return true;
    const moves = this.#running.filter((running) => running.kind === "migrate");
    return moves.filter((move) => this.#host(move.from) === this.#host(from)).length < this.#parallel
      && moves.filter((move) => this.#host(move.to) === this.#host(to)).length < this.#parallel;
  }

  #start(task: Task): void {
    const { vm, kind, from, to, reason } = task;
    const index = this.#actions.length;
    const durationSeconds = Math.round(this.#seconds(task) * 1000) / 1000;
    const waitsFor = [to === NOWHERE ? undefined : this.#freedBy.get(this.#host(to)), this.#lastOf.get(vm)].filter((each) => each !== undefined);
    const subject = this.#compiled.vms[vm];
    this.#actions.push({
      kind, subject: subject?.name ?? "", reason, startSeconds: this.#nowSeconds, durationSeconds, after: [...new Set(waitsFor)].sort((a, b) => a - b),
      ...(from === NOWHERE ? {} : { from: this.#place(from) }), ...(to === NOWHERE ? {} : { to: this.#place(to) }),
      ...(kind === "migrate" ? { mib: Math.round(subject?.memoryUsedMib ?? subject?.demand["memoryMib"] ?? 0) } : {}),
    });
    if (to !== NOWHERE) this.#holdings.add(vm, to);
    this.#continuous.move(vm, from, to);
    this.#lastOf.set(vm, index);
    this.#running.push({ ...task, endSeconds: Math.round((this.#nowSeconds + durationSeconds) * 1000) / 1000, index });
  }

  #finishNext(): void {
    this.#nowSeconds = Math.min(...this.#running.map(({ endSeconds }) => endSeconds));
    for (const { vm, from, index, endSeconds } of this.#running) {
      if (endSeconds > this.#nowSeconds || from === NOWHERE) continue;
      this.#holdings.remove(vm, from);
      this.#freedBy.set(this.#host(from), index);
    }
    this.#running = this.#running.filter(({ endSeconds }) => endSeconds > this.#nowSeconds);
  }

  /** Sends the smallest VM that waits by a third host, where it may be and has room now. */
  #bypass(): boolean {
    const { problem } = this.#compiled;
    const moves = this.#waiting.filter((task) => task.kind === "migrate" && !this.#bypassed.has(task.vm)).sort((a, b) => (problem.moveCost[a.vm] ?? 0) - (problem.moveCost[b.vm] ?? 0) || a.vm - b.vm);
    for (const task of moves) {
      const mask = problem.masks[problem.maskOf[task.vm] ?? 0];
      const over = [...(mask ?? []).keys()].find((slot) => mask?.[slot] === 1 && this.#host(slot) !== this.#host(task.from) && this.#host(slot) !== this.#host(task.to) && this.#holdings.hasRoom(task.vm, task.from, slot) && this.#continuous.allow(task.vm, task.from, slot));
      if (over === undefined) continue;
      this.#bypassed.add(task.vm);
      this.#start({ ...task, to: over, reason: `${task.reason}; it goes by ${this.#place(over).host}, for all that move wait for each other` });
      this.#waiting = this.#waiting.map((each) => (each === task ? { ...task, from: over } : each));
      // Its second half begins when the first has ended.
      this.#finishNext();
      return true;
    }
    return false;
  }

  #seconds({ vm, kind, from, to }: Task): number {
    if (kind !== "migrate") return kind === "start" ? START_SECONDS : STOP_SECONDS;
    const { hosts, vms } = this.#compiled;
    const [source, target, subject] = [hosts[this.#host(from)], hosts[this.#host(to)], vms[vm]];
    if (source === undefined || target === undefined || subject === undefined) return 0;
    return moveTime(subject, linkShareMbps(source, target, this.#parallel)).seconds;
  }

  #host(slot: number): number {
    return this.#compiled.problem.slotHost[slot] ?? NOWHERE;
  }

  #place(slot: number): Place {
    return placeOf(this.#compiled, slot);
  }
}

/** A slot by its names. */
export function placeOf({ hosts, problem, slotCells }: Compiled, slot: number): Place {
  const cells = slotCells[slot] ?? [];
  return { host: hosts[problem.slotHost[slot] ?? 0]?.name ?? "", ...(cells.length === 0 ? {} : { cells }) };
}

/** What has to be done, in no order. A change of cells within a host is a restart in place, which nobody asked for: it is a move to the same host. */
function tasksOf({ problem }: Compiled, slots: Int32Array, reasonOf: (vm: number) => string): Task[] {
  const tasks: Task[] = [];
  for (let vm = 0; vm < problem.vmCount; vm += 1) {
    const from = problem.origin[vm] ?? NOWHERE;
    const to = slots[vm] ?? NOWHERE;
    if (from === to) continue;
    tasks.push({ vm, from, to, kind: from === NOWHERE ? "start" : to === NOWHERE ? "stop" : "migrate", reason: reasonOf(vm) });
  }
  return tasks;
}

/** What frees comes first. */
function order({ kind }: Task): number {
  return kind === "stop" ? 0 : kind === "migrate" ? 1 : 2;
}
