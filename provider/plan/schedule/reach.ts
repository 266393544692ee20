import { NOWHERE, type Problem } from "../solve/problem.js";
import { compareLevels, State } from "../solve/state.js";
import { ContinuousRules } from "./continuous.js";
import { Heap } from "./heap.js";
import { Holdings } from "./holdings.js";

/** A VM starts, stops or moves, alone. */
export interface Step {
  readonly vm: number;
  readonly from: number;
  readonly to: number;
}

/** What single steps lead to. */
export interface Reached {
  /** Where VMs are at the end of the steps; `undefined` where no assignment was found that keeps all hard rules. */
  readonly slots: Int32Array | undefined;
  readonly steps: readonly Step[];
  /** Every assignment that steps lead to was looked at: there is none that is better. */
  readonly isExhausted: boolean;
}

/** A limit in assignments, never in time: the same on every machine. */
const MOST_STATES = 60_000;
/** After so many, what is as good by every rule will do, though something else might copy less. */
const ENOUGH_STATES = 10_000;
/** Of each rule that costs, as the compiler has it; a VM that is still to be stopped is as bad. */
const UNSTOPPED_COST = 1_000_000;

interface Node {
  readonly slots: Int32Array;
  readonly levels: Float64Array;
  readonly parent: Node | undefined;
  readonly step: Step | undefined;
  readonly depth: number;
  /** VMs that are not where the target has them. */
  readonly missing: number;
  /** Its number, in the order in which they were found. */
  readonly number: number;
  isExpanded: boolean;
}

/**
 * Looks for an assignment that keeps all hard rules among those that single steps lead to, each of which has room, is permitted
 * where it goes, and makes no rule worse that holds at every moment. What several steps at a time lead to, single ones do too:
 * alone, each finds at least as much room.
 *
 * Two searches take turns over the same assignments: the one goes where few steps are missing to `target`, the other where
 * the least is broken. It ends where something as good by every rule as `target` was found.
 *
 * @param target the best assignment by all rules, whether or not anything leads there
 * @param mayMove whether a VM may go on from where the plan itself has put it
 */
export function reach(problem: Problem, target: Int32Array, mayMove: (vm: number) => boolean): Reached {
  const search = new Search(problem, target, mayMove);
  search.run();
  const steps: Step[] = [];
  for (let node = search.best; node?.step !== undefined; node = node.parent) steps.unshift(node.step);
  return { slots: search.best?.slots, steps, isExhausted: search.isExhausted };
}

class Search {
  best: Node | undefined;
  isExhausted = false;
  readonly #problem: Problem;
  readonly #target: Int32Array;
  readonly #enough: Float64Array;
  readonly #mayMove: (vm: number) => boolean;
  readonly #state: State;
  readonly #holdings: Holdings;
  readonly #continuous: ContinuousRules;
  readonly #known = new Set<string>();
  /** The bytes of an assignment tell it from others. */
  readonly #slots: Uint16Array;
  readonly #bytes: Buffer;
  readonly #nearest = new Heap<Node>((a, b) => a.depth + a.missing - b.depth - b.missing || a.missing - b.missing || a.number - b.number);
  readonly #soundest = new Heap<Node>((a, b) => compareLevels(a.levels, b.levels) || a.number - b.number);

  constructor(problem: Problem, target: Int32Array, mayMove: (vm: number) => boolean) {
    this.#problem = problem;
    this.#target = target;
    this.#enough = new State(problem, target).levels;
    this.#mayMove = mayMove;
    this.#state = new State(problem);
    this.#holdings = new Holdings(problem);
    this.#continuous = new ContinuousRules(problem);
    this.#slots = new Uint16Array(problem.vmCount);
    this.#bytes = Buffer.from(this.#slots.buffer);
  }

  run(): void {
    const { problem } = this.#state;
    this.#isNew(problem.origin);
    this.#meet(Int32Array.from(problem.origin), this.#state.levels, undefined, undefined);
    for (let turn = 0; this.#known.size < MOST_STATES && !this.#isEnough(); turn += 1) {
      const node = (turn % 2 === 0 ? this.#nearest : this.#soundest).pop();
      if (node === undefined) {
        // What the one has not looked at the other has.
        this.isExhausted = this.#nearest.size + this.#soundest.size === 0;
        if (this.isExhausted) return;
        continue;
      }
      if (!node.isExpanded) this.#expand(node);
    }
  }

  /** As good as the target by every rule, and copying as little; of what copies more, nothing better turned up for a while. */
  #isEnough(): boolean {
    if (this.best === undefined) return false;
    const rules = compareLevels(this.best.levels.subarray(0, -1), this.#enough.subarray(0, -1));
    return rules < 0 || (rules === 0 && (this.#known.size > ENOUGH_STATES || compareLevels(this.best.levels, this.#enough) <= 0));
  }

  #expand(node: Node): void {
    node.isExpanded = true;
    this.#goTo(node.slots);
    const { vmCount, origin, placed, movable, passing } = this.#problem;
    for (let vm = 0; vm < vmCount; vm += 1) {
      const from = node.slots[vm] ?? NOWHERE;
      if (placed[vm] === 0) {
        if (from !== NOWHERE && this.#continuous.allow(vm, from, NOWHERE)) this.#try(node, { vm, from, to: NOWHERE });
        continue;
      }
      if (movable[vm] === 0 || (from !== NOWHERE && origin[vm] === NOWHERE && !this.#mayMove(vm))) continue;
      const mask = passing.masks[passing.maskOf[vm] ?? 0] ?? new Uint8Array(0);
      for (let to = 0; to < mask.length; to += 1) {
        if (mask[to] === 1 && to !== from && this.#holdings.hasRoom(vm, from, to) && this.#continuous.allow(vm, from, to)) this.#try(node, { vm, from, to });
      }
    }
  }

  #try(parent: Node, step: Step): void {
    const slots = Int32Array.from(parent.slots);
    slots[step.vm] = step.to;
    if (!this.#isNew(slots)) return;
    this.#meet(slots, this.#state.delta(step.vm, step.to).map((change, level) => change + (this.#state.levels[level] ?? 0)), parent, step);
  }

  #isNew(slots: Int32Array): boolean {
    const known = this.#known.size;
    this.#slots.set(slots);
    return this.#known.add(this.#bytes.toString("latin1")).size > known;
  }

  #meet(slots: Int32Array, levels: Float64Array, parent: Node | undefined, step: Step | undefined): void {
    let missing = 0;
    let unstopped = 0;
    for (const [vm, slot] of slots.entries()) {
      if (slot !== this.#target[vm]) missing += 1;
      if (slot !== NOWHERE && this.#problem.placed[vm] === 0) unstopped += 1;
    }
    const counted = Float64Array.from(levels);
    counted[0] = (counted[0] ?? 0) + unstopped * UNSTOPPED_COST;
    const node: Node = { slots, levels: counted, parent, step, missing, depth: (parent?.depth ?? -1) + 1, number: this.#known.size, isExpanded: false };
    if (counted[0] === 0 && counted[1] === 0 && (this.best === undefined || compareLevels(counted, this.best.levels) < 0)) this.best = node;
    this.#nearest.push(node);
    this.#soundest.push(node);
  }

  /** All accounts as they are in another assignment. */
  #goTo(slots: Int32Array): void {
    for (const [vm, to] of slots.entries()) {
      const from = this.#state.slotOf[vm] ?? NOWHERE;
      if (from === to) continue;
      this.#state.move(vm, to);
      if (from !== NOWHERE) this.#holdings.remove(vm, from);
      if (to !== NOWHERE) this.#holdings.add(vm, to);
      this.#continuous.place(vm, from, to);
    }
  }
}
