import type { Kernel } from "../kernel.js";
import { NOWHERE, type Problem } from "../problem.js";

/** Rules about a host as a whole: whom it carries besides (exclusive), and how many hosts carry anything (online). */
export class HostKernel implements Kernel {
  readonly #problem: Problem;
  readonly #vmsOn: Int32Array;
  readonly #isMember: readonly Uint8Array[];
  readonly #membersOn: readonly Int32Array[];
  readonly #online: Int32Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#vmsOn = new Int32Array(problem.hostCount);
    this.#isMember = problem.exclusives.map(({ members }) => {
      const flags = new Uint8Array(problem.vmCount);
      for (const vm of members) flags[vm] = 1;
      return flags;
    });
    this.#membersOn = problem.exclusives.map(() => new Int32Array(problem.hostCount));
    this.#online = new Int32Array(problem.onlines.length);
  }

  /** Is there anything to keep? */
  static isNeeded(problem: Problem): boolean {
    return problem.exclusives.length > 0 || problem.onlines.length > 0;
  }

  cost(out: Float64Array): void {
    for (const [e, { level, weight }] of this.#problem.exclusives.entries()) out[level] = (out[level] ?? 0) + weight * this.exclusiveCost(e);
    for (const [o, { level, weight }] of this.#problem.onlines.entries()) out[level] = (out[level] ?? 0) + weight * this.onlineCost(o);
  }

  /** VMs that are where exclusive group e lets none be. */
  exclusiveCost(e: number): number {
    let sum = 0;
    for (let host = 0; host < this.#problem.hostCount; host += 1) sum += this.#strangers(e, host);
    return sum;
  }

  /** Hosts too many that carry anything. */
  onlineCost(o: number): number {
    return Math.max(0, (this.#online[o] ?? 0) - (this.#problem.onlines[o]?.most ?? 0));
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    const hostFrom = this.#host(from);
    const hostTo = this.#host(to);
    if (hostFrom === hostTo) return;
    const before = this.#costAt(hostFrom, hostTo);
    this.#shift(vm, hostFrom, hostTo);
    const after = this.#costAt(hostFrom, hostTo);
    this.#shift(vm, hostTo, hostFrom);
    for (let i = 0; i < after.length; i += 1) {
      const spec = i < this.#problem.exclusives.length ? this.#problem.exclusives[i] : this.#problem.onlines[i - this.#problem.exclusives.length];
      if (spec !== undefined) out[spec.level] = (out[spec.level] ?? 0) + spec.weight * ((after[i] ?? 0) - (before[i] ?? 0));
    }
  }

  move(vm: number, from: number, to: number): void {
    this.#shift(vm, this.#host(from), this.#host(to));
  }

  #host(slot: number): number {
    return slot === NOWHERE ? NOWHERE : (this.#problem.slotHost[slot] ?? NOWHERE);
  }

  #costAt(a: number, b: number): number[] {
    return [
      ...this.#problem.exclusives.map((_, e) => (a === NOWHERE ? 0 : this.#strangers(e, a)) + (b === NOWHERE ? 0 : this.#strangers(e, b))),
      ...this.#problem.onlines.map(({ most }, o) => Math.max(0, (this.#online[o] ?? 0) - most)),
    ];
  }

  /** VMs that are not of the group, on a host that carries members. */
  #strangers(e: number, host: number): number {
    const members = this.#membersOn[e]?.[host] ?? 0;
    return members === 0 ? 0 : (this.#vmsOn[host] ?? 0) - members;
  }

  #shift(vm: number, from: number, to: number): void {
    if (from === to) return;
    if (from !== NOWHERE) this.#count(vm, from, -1);
    if (to !== NOWHERE) this.#count(vm, to, 1);
  }

  #count(vm: number, host: number, sign: number): void {
    const before = this.#vmsOn[host] ?? 0;
    this.#vmsOn[host] = before + sign;
    for (const [e, counts] of this.#membersOn.entries()) if (this.#isMember[e]?.[vm] === 1) counts[host] = (counts[host] ?? 0) + sign;
    const turns = before === 0 ? 1 : before + sign === 0 ? -1 : 0;
    if (turns === 0) return;
    for (const [o, { isCounted }] of this.#problem.onlines.entries()) if (isCounted[host] === 1) this.#online[o] = (this.#online[o] ?? 0) + turns;
  }
}
