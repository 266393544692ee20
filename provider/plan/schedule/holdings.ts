import { NOWHERE, type Problem } from "../solve/problem.js";

/** What each bin holds at a moment of the transition: a VM that moves is held on both sides. */
export class Holdings {
  readonly #problem: Problem;
  readonly #held: Float64Array;
  readonly #before: Float64Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#held = new Float64Array(problem.capacity.length);
    for (let vm = 0; vm < problem.vmCount; vm += 1) {
      const slot = problem.origin[vm] ?? NOWHERE;
      if (slot !== NOWHERE) this.add(vm, slot);
    }
    this.#before = this.#held.slice();
  }

  /** As before the first move. */
  reset(): void {
    this.#held.set(this.#before);
  }

  save(): Float64Array {
    return this.#held.slice();
  }

  restore(saved: Float64Array): void {
    this.#held.set(saved);
  }

  add(vm: number, slot: number): void {
    this.#change(vm, slot, 1);
  }

  remove(vm: number, slot: number): void {
    this.#change(vm, slot, -1);
  }

  /** Whether the VM fits in a slot beside what is held there; of its own host it needs nothing twice but other cells. */
  hasRoom(vm: number, from: number, to: number): boolean {
    const { slotBinStart, slotBin, slotHost, resourceCount, demand, cellDemand, capacity } = this.#problem;
    const isSameHost = from !== NOWHERE && slotHost[from] === slotHost[to];
    const first = slotBinStart[to] ?? 0;
    for (let b = isSameHost ? first + 1 : first; b < (slotBinStart[to + 1] ?? 0); b += 1) {
      const amounts = b === first ? demand : cellDemand;
      const base = (slotBin[b] ?? 0) * resourceCount;
      for (let r = 0; r < resourceCount; r += 1) {
        const amount = amounts[vm * resourceCount + r] ?? 0;
        if (amount > 0 && (this.#held[base + r] ?? 0) + amount > (capacity[base + r] ?? 0)) return false;
      }
    }
    return true;
  }

  #change(vm: number, slot: number, sign: number): void {
    const { slotBinStart, slotBin, resourceCount, demand, cellDemand } = this.#problem;
    const first = slotBinStart[slot] ?? 0;
    for (let b = first; b < (slotBinStart[slot + 1] ?? 0); b += 1) {
      const amounts = b === first ? demand : cellDemand;
      const base = (slotBin[b] ?? 0) * resourceCount;
      for (let r = 0; r < resourceCount; r += 1) this.#held[base + r] = (this.#held[base + r] ?? 0) + sign * (amounts[vm * resourceCount + r] ?? 0);
    }
  }
}
