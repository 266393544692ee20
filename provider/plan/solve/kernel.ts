/** A part of the objective, kept up to date move by move. All amounts are whole numbers, exact below 2^53. */
export interface Kernel {
  /** Adds what the present assignment costs to `out`, a number for each level. */
  cost(out: Float64Array): void;
  /** Adds to `out` what would change if the VM went from one slot to another; either may be NOWHERE. Changes nothing. */
  delta(vm: number, from: number, to: number, out: Float64Array): void;
  /** The VM has gone. */
  move(vm: number, from: number, to: number): void;
}
