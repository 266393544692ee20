import { NOWHERE, type Problem } from "./problem.js";

/** What a plan may still move: of moves and of MiB, counted from where the VMs are now. */
export class Allowance {
  readonly #problem: Problem;
  readonly #slotOf: Int32Array;
  #moves: number;
  #mib: number;

  /** @param slots where the VMs are so far; what that moves is spent */
  constructor(problem: Problem, slots: Int32Array, { moves = Infinity, mib = Infinity }: { readonly moves?: number; readonly mib?: number } = {}) {
    this.#problem = problem;
    this.#slotOf = Int32Array.from(problem.origin);
    this.#moves = moves;
    this.#mib = mib;
    for (let vm = 0; vm < problem.vmCount; vm += 1) this.move(vm, slots[vm] ?? NOWHERE);
  }

  /** Has no more been spent than there is? */
  get isKept(): boolean {
    return this.#moves >= 0 && this.#mib >= 0;
  }

  allows(vm: number, slot: number): boolean {
    const more = this.#counts(vm, slot) - this.#counts(vm, this.#slotOf[vm] ?? NOWHERE);
    return more <= 0 || (this.#moves >= 1 && this.#mib >= this.#mibOf(vm));
  }

  move(vm: number, slot: number): void {
    const more = this.#counts(vm, slot) - this.#counts(vm, this.#slotOf[vm] ?? NOWHERE);
    this.#moves -= more;
    this.#mib -= more * this.#mibOf(vm);
    this.#slotOf[vm] = slot;
  }

  /** A start, a stop and staying where it is cost nothing. */
  #counts(vm: number, slot: number): number {
    const origin = this.#problem.origin[vm] ?? NOWHERE;
    return origin === NOWHERE || slot === NOWHERE || slot === origin ? 0 : 1;
  }

  #mibOf(vm: number): number {
    return (this.#problem.moveCost[vm] ?? 1) - 1;
  }
}
