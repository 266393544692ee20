import { Worker } from "node:worker_threads";
import { STEPS } from "./anneal.js";
import type { Reassignment } from "./problem.js";

export interface ReassignOptions {
  readonly seed: number;
  /** Threads that carry the streams out; 1 by default. They change how long it takes, and nothing else. */
  readonly threads?: number;
  /** Searches that go side by side; 2 by default. */
  readonly streams?: number;
  /** How long it may take: moves that each stream looks at, or seconds by the clock. */
  readonly limit: { readonly moves: number } | { readonly seconds: number };
}

export interface Reassigned {
  /** Host of each VM. */
  readonly hosts: Int32Array;
  /** Infinity where nothing was found that keeps all capacities. */
  readonly cost: number;
  /** Moves that all streams looked at. */
  readonly evaluated: number;
  /** The time that the streams were at work, in seconds: moves a second and thread are `evaluated / busySeconds`. */
  readonly busySeconds: number;
  /** The same seed gives the same outcome: false where a clock said when to end. */
  readonly isDeterministic: boolean;
}

/** What a thread is given at its start. */
export interface ThreadTask {
  readonly problem: Reassignment;
  readonly seeds: readonly number[];
}

export type Order =
  | { readonly kind: "round"; readonly moves: number; readonly firstStep: number; readonly endStep: number }
  | { readonly kind: "position" }
  | { readonly kind: "adopt"; readonly stream: number; readonly position: StreamPosition }
  | { readonly kind: "best" };

export interface RoundReport {
  readonly bestCost: number;
  readonly score: number;
  readonly evaluated: number;
}

/** Where a stream is. */
export interface StreamPosition {
  readonly hosts: Int32Array;
  readonly penalty: number;
}

const DEFAULT_STREAMS = 2;
/** Rounds of a search, and after how many of them the worst stream goes on from where the best one is. */
const ROUNDS = 256;
const ROUNDS_BETWEEN_EXCHANGES = 32;
/** Moves of the first round under a clock: by it the speed is measured. */
const FIRST_MOVES = 20_000;

/**
 * A better assignment, by simulated annealing in several streams. They go in rounds, each of which ends for all of them before
 * the next begins; a stream's part depends on its own seed and on what was exchanged between rounds, not on which thread
 * carries it out or when. So any number of threads gives the same result for the same number of moves.
 *
 * @example const { hosts, cost } = await reassign(problem, { seed: 1, threads: 2, limit: { seconds: 60 } });
 */
export async function reassign(problem: Reassignment, options: ReassignOptions): Promise<Reassigned> {
  const start = performance.now();
  const crew = new Crew(problem, options);
  try {
    const { limit } = options;
    let busyMs = 0;
    let reports: readonly RoundReport[] = [];
    let moves = "moves" in limit ? Math.ceil(limit.moves / ROUNDS) : FIRST_MOVES;
    let step = 0;
    for (let round = 0; step < STEPS; round += 1) {
      const part = "moves" in limit ? (round + 1) / ROUNDS : (performance.now() - start) / 1_000 / limit.seconds + (round === 0 ? 0 : 1 / ROUNDS);
      const endStep = Math.min(STEPS, Math.max(step, Math.floor(part * STEPS)));
      const began = performance.now();
      reports = await crew.round(moves, step, endStep);
      const roundMs = performance.now() - began;
      busyMs += roundMs;
      step = endStep;
      if ("seconds" in limit) moves = Math.max(1, Math.round(moves * limit.seconds * 1_000 / ROUNDS / Math.max(1, roundMs)));
      if (round % ROUNDS_BETWEEN_EXCHANGES === ROUNDS_BETWEEN_EXCHANGES - 1) await crew.exchange(reports);
    }
    const best = indexOfLeast(reports.map(({ bestCost }) => bestCost));
    return {
      hosts: (await crew.best())[best] ?? problem.origin, cost: reports[best]?.bestCost ?? Infinity,
      evaluated: reports.reduce((sum, { evaluated }) => sum + evaluated, 0), busySeconds: busyMs / 1_000 * crew.size, isDeterministic: "moves" in limit,
    };
  } finally {
    await crew.end();
  }
}

/** The threads, and which streams each of them has: stream s is number ⌊s / threads⌋ of thread s mod threads. */
class Crew {
  readonly size: number;
  readonly #threads: readonly Thread[];
  readonly #streams: number;

  constructor(problem: Reassignment, { seed, threads = 1, streams = DEFAULT_STREAMS }: ReassignOptions) {
    this.size = Math.min(threads, streams);
    this.#streams = streams;
    this.#threads = Array.from({ length: this.size }, (_, t) => {
      const own = Array.from({ length: streams }, (_unused, s) => s).filter((s) => s % this.size === t);
      return new Thread({ problem, seeds: own.map((s) => seed * STREAM_SEEDS + s) });
    });
  }

  async round(moves: number, firstStep: number, endStep: number): Promise<readonly RoundReport[]> {
    return this.#all<RoundReport>({ kind: "round", moves, firstStep, endStep });
  }

  /** The worst stream goes on from where the best one is. */
  async exchange(reports: readonly RoundReport[]): Promise<void> {
    const best = indexOfLeast(reports.map(({ score }) => score));
    const worst = indexOfLeast(reports.map(({ score }) => -score));
    const position = (await this.#all<StreamPosition>({ kind: "position" }))[best];
    if (position === undefined || reports[best]?.score === reports[worst]?.score) return;
    await this.#threads[worst % this.size]?.ask({ kind: "adopt", stream: Math.floor(worst / this.size), position });
  }

  async best(): Promise<readonly Int32Array[]> {
    return this.#all<Int32Array>({ kind: "best" });
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  /** What all streams answer, in the streams' order. */
  async #all<T>(order: Order): Promise<T[]> {
    const answers = await Promise.all(this.#threads.map((thread) => thread.ask(order) as Promise<readonly T[]>));
    return Array.from({ length: this.#streams }, (_, s) => answers[s % this.size]?.[Math.floor(s / this.size)]).filter((answer) => answer !== undefined);
  }
}

/** Seeds of streams lie apart: those of one search and those of the next are never the same. */
const STREAM_SEEDS = 1_000;

/** A worker thread that answers one order at a time. */
class Thread {
  readonly #worker: Worker;
  #failure: Error | undefined;
  #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void } | undefined;

  constructor(task: ThreadTask) {
    this.#worker = new Worker(new URL("./stream-worker.js", import.meta.url), { workerData: task });
    this.#worker.on("message", (answer) => { this.#waiting?.resolve(answer); });
    this.#worker.on("error", (error) => { this.#fail(error instanceof Error ? error : new Error(String(error))); });
    this.#worker.on("exit", (code) => { this.#fail(new Error(`a thread of the search ended with ${code}`)); });
  }

  async ask(order: Order): Promise<unknown> {
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(order);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
  }
}

/** The first of the least. */
function indexOfLeast(numbers: readonly number[]): number {
  return numbers.reduce((least, number, i) => (number < (numbers[least] ?? Infinity) ? i : least), 0);
}
