import { Lookahead } from "./lookahead.js";
import { DROPPED_COST, NOWHERE, type GroupSpec, type Problem } from "./problem.js";
import { Candidates } from "./slots.js";
import { compareLevels, State } from "./state.js";
import { Symmetry } from "./symmetry.js";
import type { TimeLimit } from "./time-limit.js";

export interface Exact {
  readonly slots: Int32Array;
  readonly levels: Float64Array;
  /** Nothing is better: every assignment was looked at or ruled out. */
  readonly isProven: boolean;
}

export interface ExactOptions {
  readonly limit?: TimeLimit;
  /** Part of the branches that are looked at, 0 to 1. Default 1. */
  readonly effort?: number;
  /** What costs as much or more is not looked for, though it were better than what is known. */
  readonly below?: Float64Array;
}

/** Branches that are looked at before the search gives up its proof. */
const MOST_NODES = 600_000;
/** Of these, those of which it is asked what would become of losses, which takes a hundred times as long. */
const MOST_NODES_WITH_LOSSES = 10_000;

/**
 * The best assignment of a small problem, by branch and bound: VM by VM, the largest first, each place in the order of what
 * it costs. A branch ends where even the best case is no better than what is known.
 * @param known an assignment to be better than
 */
export function solveExactly(problem: Problem, known: State, options: ExactOptions = {}): Exact {
  const order = [...problem.movable.keys()].filter((vm) => problem.movable[vm] === 1 && problem.placed[vm] === 1);
  const start = problem.origin.map((slot, vm) => (problem.placed[vm] === 1 && problem.movable[vm] === 0 ? slot : NOWHERE));
  const candidates = new Candidates(problem);
  const sizes = order.map((vm) => weightOf(problem, vm));
  const sizeOf = new Map(order.map((vm, i) => [vm, sizes[i] ?? 0]));
  order.sort((a, b) => candidates.of(a).length - candidates.of(b).length || (sizeOf.get(b) ?? 0) - (sizeOf.get(a) ?? 0) || a - b);
  const search = new BranchAndBound(problem, start, order, candidates, known, options);
  search.run();
  return { slots: search.best, levels: search.bestLevels, isProven: !search.isCut() };
}

function weightOf(problem: Problem, vm: number): number {
  let weight = 0;
  for (let r = 0; r < problem.resourceCount; r += 1) {
    let total = 1;
    for (let host = 0; host < problem.hostCount; host += 1) total += problem.capacity[host * problem.resourceCount + r] ?? 0;
    weight += (problem.demand[vm * problem.resourceCount + r] ?? 0) / total;
  }
  return weight;
}

class BranchAndBound {
  #nodes = 0;
  #nodesWithLosses = 0;
  readonly #effort: number;
  #isCut = false;
  best: Int32Array;
  bestLevels: Float64Array;
  readonly #problem: Problem;
  /** Without rules about losses, of which is asked only where all else is well. */
  readonly #plain: State;
  readonly #whole: State | undefined;
  readonly #order: readonly number[];
  readonly #lookahead: Lookahead;
  readonly #symmetry: Symmetry;
  /** Groups whose cost may fall when members come, with how many of them are still to come below each depth. */
  readonly #falling: readonly { readonly group: GroupSpec; readonly index: number; readonly toCome: readonly number[] }[];
  readonly #bound: Float64Array;
  readonly #limit: TimeLimit | undefined;

  constructor(problem: Problem, start: Int32Array, order: readonly number[], candidates: Candidates, known: State, { limit, effort = 1, below }: ExactOptions) {
    this.#problem = problem;
    this.#effort = effort;
    this.#plain = new State({ ...problem, survives: [] }, start);
    this.#whole = (problem.survives ?? []).length === 0 ? undefined : new State(problem, start);
    this.#order = order;
    this.#lookahead = new Lookahead(problem, order, candidates);
    this.#symmetry = new Symmetry(problem, order);
    this.best = Int32Array.from(known.slotOf);
    this.bestLevels = Float64Array.from(below ?? known.levels);
    this.#limit = limit;
    this.#bound = new Float64Array(problem.levelCount);
    this.#falling = [...problem.groups.entries()].filter(([, { cost }]) => cost.kind === "least" || cost.kind === "skew").map(([index, group]) => {
      const members = new Set(group.members);
      return { group, index, toCome: Array.from({ length: order.length + 1 }, (_, depth) => order.slice(depth).filter((vm) => members.has(vm)).length) };
    });
  }

  /** Did it end before all was looked at or ruled out? */
  isCut(): boolean {
    return this.#isCut;
  }

  run(): void {
    if (this.#mayBeBetter(this.#plain, 0) && (this.#whole === undefined || this.#mayBeBetter(this.#whole, 0))) this.#branch(0);
  }

  #branch(depth: number): void {
    const vm = this.#order[depth];
    if (vm === undefined) {
      const state = this.#whole ?? this.#plain;
      this.best = Int32Array.from(state.slotOf);
      this.bestLevels = Float64Array.from(state.levels);
      return;
    }
    const origin = this.#problem.origin[vm];
    const places = this.#lookahead.placesOf(vm).filter(({ slot }) => this.#symmetry.allows(vm, slot)).map(({ slot }) => ({ slot, delta: Float64Array.from(this.#plain.delta(vm, slot)) }));
    places.sort((a, b) => compareLevels(a.delta, b.delta) || Number(b.slot === origin) - Number(a.slot === origin) || a.slot - b.slot);
    for (const { slot } of places) {
      this.#try(vm, slot, depth + 1);
      if (this.isCut()) return;
    }
  }

  #try(vm: number, slot: number, depth: number): void {
    this.#nodes += 1;
    // The clock is asked now and then: that costs more than a branch.
    if (this.#nodes > MOST_NODES * this.#effort || (this.#nodes % 256 === 0 && this.#limit?.isUp() === true)) this.#isCut = true;
    this.#plain.move(vm, slot);
    this.#symmetry.count(vm, slot, 1);
    if (this.#mayBeBetter(this.#plain, depth)) {
      if (this.#whole === undefined) this.#branch(depth);
      else this.#tryWithLosses(this.#whole, vm, slot, depth);
    }
    this.#symmetry.count(vm, slot, -1);
    this.#plain.move(vm, NOWHERE);
  }

  #tryWithLosses(whole: State, vm: number, slot: number, depth: number): void {
    this.#nodesWithLosses += 1;
    if (this.#nodesWithLosses > MOST_NODES_WITH_LOSSES * this.#effort || this.#limit?.isUp() === true) {
      this.#isCut = true;
      return;
    }
    whole.move(vm, slot);
    if (this.#mayBeBetter(whole, depth)) this.#branch(depth);
    whole.move(vm, NOWHERE);
  }

  /** Is even the best case better than what is known? */
  #mayBeBetter(state: State, depth: number): boolean {
    return compareLevels(this.#bestCase(state, depth), this.bestLevels) < 0;
  }

  /** What the cost is at least once all are placed: without what the places still to be given cost now, and may save. */
  #bestCase(state: State, depth: number): Float64Array {
    const bound = this.#bound;
    bound.set(state.levels);
    for (let i = depth; i < this.#order.length; i += 1) {
      const vm = this.#order[i] ?? 0;
      if (this.#problem.origin[vm] === NOWHERE) bound[1] = (bound[1] ?? 0) - (this.#problem.unplacedCost[vm] ?? 0);
      else bound[0] = (bound[0] ?? 0) - DROPPED_COST;
    }
    // Of what a group costs each that comes saves 1 at most, and all together no more than that.
    for (const { group, index, toCome } of this.#falling) bound[group.level] = (bound[group.level] ?? 0) - group.weight * Math.min(toCome[depth] ?? 0, state.costOfGroup(index));
    // Where all have their places nothing is to come that might save: the cost is what it is.
    if (depth < this.#order.length) state.survival?.relax(bound);
    for (let level = 0; level < bound.length; level += 1) bound[level] = Math.max(0, bound[level] ?? 0);
    for (let i = depth; i < this.#order.length; i += 1) this.#lookahead.add(state, this.#order[i] ?? 0, bound);
    return bound;
  }
}
