import type { Kernel } from "../kernel.js";
import { DROPPED_COST, FORBIDDEN_COST, NOWHERE, type Problem } from "../problem.js";

/** What one VM's place costs whatever the others do: none at all, one that is not allowed or not wished, or another than it has. */
export class PlaceKernel implements Kernel {
  readonly #problem: Problem;
  readonly #slotOf: Int32Array;
  readonly #wishesOf: ReadonlyMap<number, readonly Problem["wishes"][number][]>;
  readonly #last: number;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#slotOf = new Int32Array(problem.vmCount).fill(NOWHERE);
    const wishesOf = new Map<number, Problem["wishes"][number][]>();
    for (const wish of problem.wishes) wishesOf.set(wish.vm, [...(wishesOf.get(wish.vm) ?? []), wish]);
    this.#wishesOf = wishesOf;
    this.#last = problem.levelCount - 1;
  }

  cost(out: Float64Array): void {
    for (let vm = 0; vm < this.#problem.vmCount; vm += 1) this.#add(vm, this.#slotOf[vm] ?? NOWHERE, 1, out);
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    this.#add(vm, from, -1, out);
    this.#add(vm, to, 1, out);
  }

  /** Adds what changes when the VM leaves a slot for one that is allowed, wished, and not where it came from. */
  addLeast(vm: number, from: number, out: Float64Array): void {
    const { placed, origin, moveCost } = this.#problem;
    this.#add(vm, from, -1, out);
    if (placed[vm] === 1 && origin[vm] !== NOWHERE) out[this.#last] = (out[this.#last] ?? 0) + (moveCost[vm] ?? 0);
  }

  move(vm: number, _from: number, to: number): void {
    this.#slotOf[vm] = to;
  }

  #add(vm: number, slot: number, sign: number, out: Float64Array): void {
    const { placed, unplacedCost, masks, maskOf, origin, moveCost } = this.#problem;
    if (placed[vm] === 0) return;
    if (slot === NOWHERE) {
      if (origin[vm] === NOWHERE) out[1] = (out[1] ?? 0) + sign * (unplacedCost[vm] ?? 0);
      else out[0] = (out[0] ?? 0) + sign * DROPPED_COST;
      return;
    }
    if (masks[maskOf[vm] ?? 0]?.[slot] !== 1) out[0] = (out[0] ?? 0) + sign * FORBIDDEN_COST;
    if (origin[vm] !== slot && origin[vm] !== NOWHERE) out[this.#last] = (out[this.#last] ?? 0) + sign * (moveCost[vm] ?? 0);
    const wishes = this.#wishesOf.get(vm);
    if (wishes === undefined) return;
    for (const { mask, level, weight } of wishes) if (mask[slot] !== 1) out[level] = (out[level] ?? 0) + sign * weight;
  }
}
