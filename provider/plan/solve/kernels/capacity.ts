import type { Kernel } from "../kernel.js";
import { NOWHERE, type Problem } from "../problem.js";

/** No bin carries more than it has: each thousandth of a unit beyond costs 1 at level 0. */
export class CapacityKernel implements Kernel {
  readonly #problem: Problem;
  readonly #used: Float64Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#used = new Float64Array(problem.capacity.length);
  }

  cost(out: Float64Array): void {
    let over = 0;
    for (let i = 0; i < this.#used.length; i += 1) over += Math.max(0, (this.#used[i] ?? 0) - (this.#problem.capacity[i] ?? 0));
    out[0] = (out[0] ?? 0) + over;
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    let change = 0;
    const { slotHost } = this.#problem;
    if (from !== NOWHERE && to !== NOWHERE && slotHost[from] === slotHost[to]) change = this.#changeWithin(vm, from, to);
    else {
      if (from !== NOWHERE) change += this.#change(vm, from, -1);
      if (to !== NOWHERE) change += this.#change(vm, to, 1);
    }
    out[0] = (out[0] ?? 0) + change;
  }

  /** Adds what leaving a slot changes: coming to another host makes nothing better. */
  addLeast(vm: number, from: number, out: Float64Array): void {
    if (from !== NOWHERE) out[0] = (out[0] ?? 0) + this.#change(vm, from, -1);
  }

  move(vm: number, from: number, to: number): void {
    if (from !== NOWHERE) this.#add(vm, from, -1);
    if (to !== NOWHERE) this.#add(vm, to, 1);
  }

  /** Thousandths of a unit that a bin has free; negative where it carries too much. */
  free(bin: number, resource: number): number {
    const i = bin * this.#problem.resourceCount + resource;
    return (this.#problem.capacity[i] ?? 0) - (this.#used[i] ?? 0);
  }

  #change(vm: number, slot: number, sign: number): number {
    const { slotBinStart, slotBin, resourceCount, demand, cellDemand, capacity } = this.#problem;
    const used = this.#used;
    const first = slotBinStart[slot] ?? 0;
    const end = slotBinStart[slot + 1] ?? 0;
    let change = 0;
    for (let b = first; b < end; b += 1) {
      const amounts = b === first ? demand : cellDemand;
      const base = (slotBin[b] ?? 0) * resourceCount;
      for (let r = 0; r < resourceCount; r += 1) {
        const amount = amounts[vm * resourceCount + r] ?? 0;
        if (amount === 0) continue;
        const over = (used[base + r] ?? 0) - (capacity[base + r] ?? 0);
        const next = over + sign * amount;
        change += (next > 0 ? next : 0) - (over > 0 ? over : 0);
      }
    }
    return change;
  }

  /** From some cells to others of one host: bins are shared, so it is tried. */
  #changeWithin(vm: number, from: number, to: number): number {
    const leave = this.#change(vm, from, -1);
    this.#add(vm, from, -1);
    const enter = this.#change(vm, to, 1);
    this.#add(vm, from, 1);
    return leave + enter;
  }

  #add(vm: number, slot: number, sign: number): void {
    const { slotBinStart, slotBin, resourceCount, demand, cellDemand } = this.#problem;
    const first = slotBinStart[slot] ?? 0;
    const end = slotBinStart[slot + 1] ?? 0;
    for (let b = first; b < end; b += 1) {
      const amounts = b === first ? demand : cellDemand;
      const base = (slotBin[b] ?? 0) * resourceCount;
      for (let r = 0; r < resourceCount; r += 1) this.#used[base + r] = (this.#used[base + r] ?? 0) + sign * (amounts[vm * resourceCount + r] ?? 0);
    }
  }
}
