import type { Reassignment } from "../reassign/problem.js";

/**
 * What a host costs by its load, f(load): Σ weight × max(0, excess), where an excess is a sum of a part of the host's own and
 * of an amount of each VM on it. A load above the safety capacity is one: its own part is −safety, a VM's amount its demand. A
 * balance is another: target × free(a) − free(b) begins at target × capacity(a) − capacity(b), and a VM adds
 * demand(b) − target × demand(a).
 *
 * All is kept times its weight, so that the loops only add. They have no branches: max(0, x) is (x + |x|) / 2, and what one host
 * loses the other gets, so that of a change only the magnitudes are left.
 */
export class LoadKernel {
  /** How many excesses a host has. */
  readonly #width: number;
  /** Excess k of host h at `h * width + k`. */
  readonly #excess: Float64Array;
  /** Σ |excess| of each host. */
  readonly #magnitude: Float64Array;
  /** What VM v adds, at `v * width + k`. */
  readonly #amount: Float64Array;

  constructor(problem: Reassignment) {
    const { hostCount, vmCount, resourceCount, capacity, safety, demand } = problem;
    const balances = problem.balances.filter(({ weight }) => weight > 0);
    const resources = [...problem.loadWeight.keys()].filter((r) => (problem.loadWeight[r] ?? 0) > 0);
    this.#width = balances.length + resources.length;
    this.#magnitude = new Float64Array(hostCount);
    this.#excess = new Float64Array(hostCount * this.#width);
    this.#amount = new Float64Array(vmCount * this.#width);
    const fill = (out: Float64Array, rows: number, balance: (row: number, a: number, b: number, target: number) => number, load: (row: number, r: number) => number): void => {
      for (let row = 0; row < rows; row += 1) {
        let at = row * this.#width;
        for (const { a, b, target, weight } of balances) out[at++] = weight * balance(row, row * resourceCount + a, row * resourceCount + b, target);
        for (const r of resources) out[at++] = (problem.loadWeight[r] ?? 0) * load(row, row * resourceCount + r);
      }
    };
    fill(this.#excess, hostCount, (_, a, b, target) => target * (capacity[a] ?? 0) - (capacity[b] ?? 0), (_, at) => -(safety[at] ?? 0));
    fill(this.#amount, vmCount, (_, a, b, target) => target * -(demand[a] ?? 0) + (demand[b] ?? 0), (_, at) => demand[at] ?? 0);
    for (const [at, excess] of this.#excess.entries()) {
      const host = Math.floor(at / this.#width);
      this.#magnitude[host] = (this.#magnitude[host] ?? 0) + Math.abs(excess);
    }
    for (let vm = 0; vm < vmCount; vm += 1) this.#add(vm, problem.origin[vm] ?? 0, 1);
  }

  cost(): number {
    let cost = 0;
    for (const excess of this.#excess) if (excess > 0) cost += excess;
    return cost;
  }

  /** What changes when a VM goes from one host to another. */
  shift(vm: number, from: number, to: number): number {
    const width = this.#width;
    const excess = this.#excess;
    const amount = this.#amount;
    const v = vm * width;
    const f = from * width;
    const t = to * width;
    let sum = 0;
    for (let k = 0; k < width; k += 1) {
      const added = amount[v + k] ?? 0;
      sum += Math.abs((excess[f + k] ?? 0) - added) + Math.abs((excess[t + k] ?? 0) + added);
    }
    return (sum - (this.#magnitude[from] ?? 0) - (this.#magnitude[to] ?? 0)) / 2;
  }

  /** What changes when two VMs on two hosts change places. */
  swap(a: number, b: number, hostA: number, hostB: number): number {
    const width = this.#width;
    const excess = this.#excess;
    const amount = this.#amount;
    const va = a * width;
    const vb = b * width;
    const ha = hostA * width;
    const hb = hostB * width;
    let sum = 0;
    for (let k = 0; k < width; k += 1) {
      const added = (amount[va + k] ?? 0) - (amount[vb + k] ?? 0);
      sum += Math.abs((excess[ha + k] ?? 0) - added) + Math.abs((excess[hb + k] ?? 0) + added);
    }
    return (sum - (this.#magnitude[hostA] ?? 0) - (this.#magnitude[hostB] ?? 0)) / 2;
  }

  move(vm: number, from: number, to: number): void {
    this.#add(vm, from, -1);
    this.#add(vm, to, 1);
  }

  #add(vm: number, host: number, sign: number): void {
    const width = this.#width;
    let magnitude = 0;
    for (let k = 0; k < width; k += 1) {
      const at = host * width + k;
      const excess = (this.#excess[at] ?? 0) + sign * (this.#amount[vm * width + k] ?? 0);
      this.#excess[at] = excess;
      magnitude += Math.abs(excess);
    }
    this.#magnitude[host] = magnitude;
  }
}
