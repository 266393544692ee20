import { DROPPED_COST, NOWHERE, type GroupSpec, type Problem } from "./problem.js";
import { Candidates } from "./slots.js";
import { compareLevels, State } from "./state.js";
import type { TimeLimit } from "./time-limit.js";

export interface Exact {
  readonly slots: Int32Array;
  readonly levels: Float64Array;
  /** Nothing is better: every assignment was looked at or ruled out. */
  readonly isProven: boolean;
}

/** Branches that are looked at before the search gives up its proof. */
const MOST_NODES = 3_000_000;
/** The same where each branch asks what would become of losses, which takes a hundred times as long. */
const MOST_NODES_WITH_LOSSES = 30_000;

/**
 * The best assignment of a small problem, by branch and bound: VM by VM, the largest first, each place in the order of what
 * it costs. A branch ends where even the best case is no better than what is known.
 * @param known an assignment to be better than
 */
export function solveExactly(problem: Problem, known: State, limit?: TimeLimit): Exact {
  const order = [...problem.movable.keys()].filter((vm) => problem.movable[vm] === 1 && problem.placed[vm] === 1);
  const start = problem.origin.map((slot, vm) => (problem.placed[vm] === 1 && problem.movable[vm] === 0 ? slot : NOWHERE));
  const state = new State(problem, start);
  const candidates = new Candidates(problem);
  order.sort((a, b) => candidates.of(a).length - candidates.of(b).length || weightOf(problem, b) - weightOf(problem, a) || a - b);
  const search = new BranchAndBound(problem, state, order, candidates, Int32Array.from(known.slotOf), Float64Array.from(known.levels), limit);
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
  nodes = 0;
  readonly #mostNodes: number;
  #isCut = false;
  best: Int32Array;
  bestLevels: Float64Array;
  readonly #problem: Problem;
  readonly #state: State;
  readonly #order: readonly number[];
  readonly #candidates: Candidates;
  /** Groups whose cost may fall when members come, with how many of them are still to come below each depth. */
  readonly #falling: readonly { readonly group: GroupSpec; readonly index: number; readonly toCome: readonly number[] }[];
  readonly #bound: Float64Array;
  readonly #limit: TimeLimit | undefined;

  constructor(problem: Problem, state: State, order: readonly number[], candidates: Candidates, best: Int32Array, bestLevels: Float64Array, limit: TimeLimit | undefined) {
    this.#problem = problem;
    this.#state = state;
    this.#mostNodes = state.survival === undefined ? MOST_NODES : MOST_NODES_WITH_LOSSES;
    this.#order = order;
    this.#candidates = candidates;
    this.best = best;
    this.bestLevels = bestLevels;
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
    this.#branch(0);
  }

  #branch(depth: number): void {
    this.nodes += 1;
    // The clock is asked now and then: that costs more than a branch.
    if (this.nodes > this.#mostNodes || (this.nodes % 1024 === 0 && this.#limit?.isUp() === true)) this.#isCut = true;
    if (this.isCut() || compareLevels(this.#bestCase(depth), this.bestLevels) >= 0) return;
    const vm = this.#order[depth];
    if (vm === undefined) {
      this.best = Int32Array.from(this.#state.slotOf);
      this.bestLevels = Float64Array.from(this.#state.levels);
      return;
    }
    const slots = [...this.#candidates.of(vm)].map((slot) => ({ slot, delta: Float64Array.from(this.#state.delta(vm, slot)) }));
    slots.sort((a, b) => compareLevels(a.delta, b.delta) || Number(b.slot === this.#problem.origin[vm]) - Number(a.slot === this.#problem.origin[vm]) || a.slot - b.slot);
    for (const { slot } of slots) {
      this.#state.move(vm, slot);
      this.#branch(depth + 1);
      this.#state.move(vm, NOWHERE);
      if (this.isCut()) return;
    }
    // Without a place too, or it stays where it is not allowed: both cost, and both may be the least evil.
    if (this.#problem.origin[vm] === NOWHERE) this.#branch(depth + 1);
    else {
      const origin = this.#problem.origin[vm] ?? NOWHERE;
      if (slots.some(({ slot }) => slot === origin)) return;
      this.#state.move(vm, origin);
      this.#branch(depth + 1);
      this.#state.move(vm, NOWHERE);
    }
  }

  /** What the cost is at least once all are placed: without what the places still to be given cost now, and may save. */
  #bestCase(depth: number): Float64Array {
    const { levels } = this.#state;
    const bound = this.#bound;
    bound.set(levels);
    for (let i = depth; i < this.#order.length; i += 1) {
      const vm = this.#order[i] ?? 0;
      if (this.#problem.origin[vm] === NOWHERE) bound[1] = (bound[1] ?? 0) - (this.#problem.unplacedCost[vm] ?? 0);
      else bound[0] = (bound[0] ?? 0) - DROPPED_COST;
    }
    // Of what a group costs each that comes saves 1 at most, and all together no more than that.
    for (const { group, index, toCome } of this.#falling) bound[group.level] = (bound[group.level] ?? 0) - group.weight * Math.min(toCome[depth] ?? 0, this.#state.costOfGroup(index));
    // Where all have their places nothing is to come that might save: the cost is what it is.
    if (depth < this.#order.length) this.#state.survival?.relax(bound);
    for (let level = 0; level < bound.length; level += 1) bound[level] = Math.max(0, bound[level] ?? 0);
    return bound;
  }
}
