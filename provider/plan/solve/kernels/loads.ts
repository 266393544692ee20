import type { Kernel } from "../kernel.js";
import { NOWHERE, type BalanceSpec, type Problem } from "../problem.js";

/**
 * What a policy minimises: for each host a function of what it carries, and for each VM the price of being moved. Both are
 * whole millionths of a host.
 */
export class LoadKernel implements Kernel {
  readonly #problem: Problem;
  readonly #spec: BalanceSpec;
  /** Load of host h of sort l at `h * sorts + l`. */
  readonly #loads: Float64Array;
  readonly #vmsOn: Int32Array;
  readonly #slotOf: Int32Array;

  constructor(problem: Problem, spec: BalanceSpec) {
    this.#problem = problem;
    this.#spec = spec;
    this.#loads = Float64Array.from(spec.base);
    this.#vmsOn = new Int32Array(problem.hostCount);
    this.#slotOf = new Int32Array(problem.vmCount).fill(NOWHERE);
  }

  cost(out: Float64Array): void {
    let sum = 0;
    for (let host = 0; host < this.#problem.hostCount; host += 1) sum += this.#hostCost(host, NOWHERE, 0);
    for (let vm = 0; vm < this.#problem.vmCount; vm += 1) sum += this.#price(vm, this.#slotOf[vm] ?? NOWHERE);
    out[this.#spec.level] = (out[this.#spec.level] ?? 0) + sum;
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    let change = this.#price(vm, to) - this.#price(vm, from);
    const hostFrom = this.#host(from);
    const hostTo = this.#host(to);
    if (hostFrom !== hostTo) {
      if (hostFrom !== NOWHERE) change += this.#hostCost(hostFrom, vm, -1) - this.#hostCost(hostFrom, NOWHERE, 0);
      if (hostTo !== NOWHERE) change += this.#hostCost(hostTo, vm, 1) - this.#hostCost(hostTo, NOWHERE, 0);
    }
    out[this.#spec.level] = (out[this.#spec.level] ?? 0) + change;
  }

  move(vm: number, from: number, to: number): void {
    this.#slotOf[vm] = to;
    this.#shift(vm, this.#host(from), -1);
    this.#shift(vm, this.#host(to), 1);
  }

  /** Millionths of the host that are in use by one of the spec's measures; with a VM more (1) or less (−1). */
  used(measure: number, host: number, vm: number = NOWHERE, sign: -1 | 0 | 1 = 0): number {
    const { loads, sorts, measures } = this.#spec;
    const perUnit = measures[measure];
    if (perUnit === undefined) return 0;
    let sum = 0;
    for (let l = 0; l < sorts; l += 1) {
      const load = (this.#loads[host * sorts + l] ?? 0) + (sign === 0 ? 0 : sign * (loads[vm * sorts + l] ?? 0));
      sum += load * (perUnit[host * sorts + l] ?? 0);
    }
    return Math.floor(sum);
  }

  #hostCost(host: number, vm: number, sign: -1 | 0 | 1): number {
    if (this.#spec.isCounted[host] !== 1) return 0;
    const count = (this.#vmsOn[host] ?? 0) + sign;
    let sum = 0;
    for (const term of this.#spec.terms) {
      if (term.kind === "above") sum += term.weight * Math.max(0, this.used(term.measure, host, vm, sign) - (term.most[host] ?? 0));
      else if (term.kind === "square") sum += term.weight * count * count;
      else if (count > 0) sum += term.weight;
    }
    return sum;
  }

  #price(vm: number, slot: number): number {
    const origin = this.#problem.origin[vm] ?? NOWHERE;
    return slot === NOWHERE || origin === NOWHERE || slot === origin ? 0 : (this.#spec.price[vm] ?? 0);
  }

  #shift(vm: number, host: number, sign: number): void {
    if (host === NOWHERE) return;
    const { loads, sorts } = this.#spec;
    this.#vmsOn[host] = (this.#vmsOn[host] ?? 0) + sign;
    for (let l = 0; l < sorts; l += 1) this.#loads[host * sorts + l] = (this.#loads[host * sorts + l] ?? 0) + sign * (loads[vm * sorts + l] ?? 0);
  }

  #host(slot: number): number {
    return slot === NOWHERE ? NOWHERE : (this.#problem.slotHost[slot] ?? NOWHERE);
  }
}
