import { ApartKernel } from "../kernels/apart.js";
import { DependencyKernel } from "../kernels/dependency.js";
import { LoadKernel } from "../kernels/load.js";
import { MovesKernel } from "../kernels/moves.js";
import { RoomKernel } from "../kernels/room.js";
import type { Reassignment } from "./problem.js";

/** What a move that breaks something hard is said to cost. */
export const FORBIDDEN = Infinity;

/**
 * An assignment with its cost, kept up to date move by move. Of the hard rules only capacity may be broken on the way, at a
 * price. What is cheap and forbids much is asked first, and what is forbidden or too expensive is not looked at further.
 */
export class ReassignmentState {
  readonly problem: Reassignment;
  /** Host of each VM. Change it by {@link shift} and {@link swap} only. */
  readonly hostOf: Int32Array;
  /** The objective, without {@link over}. */
  cost = 0;
  /** Units that hosts carry beyond their capacity, all together, each times its resource's {@link overWeight}. */
  over: number;
  /** What each of them costs in the deltas. */
  penalty: number;
  /** What the last delta was made of. */
  #costChange = 0;
  #overChange = 0;
  readonly #apart: ApartKernel;
  readonly #room: RoomKernel;
  readonly #dependency: DependencyKernel | undefined;
  readonly #load: LoadKernel;
  readonly #moves: MovesKernel;

  constructor(problem: Reassignment, hosts: Int32Array, penalty: number) {
    this.problem = problem;
    this.penalty = penalty;
    this.hostOf = Int32Array.from(problem.origin);
    this.#apart = new ApartKernel(problem);
    this.#room = new RoomKernel(problem);
    this.#dependency = DependencyKernel.isNeeded(problem) ? new DependencyKernel(problem) : undefined;
    this.#load = new LoadKernel(problem);
    this.#moves = new MovesKernel(problem);
    this.over = 0;
    this.moveTo(hosts);
  }

  /**
   * What would change if a VM went to another host; {@link FORBIDDEN} where a hard rule but capacity would break; something
   * above `limit` where it is more than that.
   */
  shiftDelta(vm: number, to: number, limit: number): number {
    if (!this.#apart.isFree(vm, to)) return FORBIDDEN;
    const from = this.hostOf[vm] ?? 0;
    const cost = this.#load.shift(vm, from, to) + this.#moves.shift(vm, from, to);
    if (cost - this.penalty * this.#room.beyond(from) > limit) return FORBIDDEN;
    const over = this.#room.shift(vm, from, to);
    const delta = cost + this.penalty * over;
    if (delta > limit) return delta;
    if (!this.#apart.staysSpread(vm, from, to)) return FORBIDDEN;
    if (this.#dependency !== undefined && !this.#dependency.allowsShift(vm, from, to)) return FORBIDDEN;
    this.#costChange = cost;
    this.#overChange = over;
    return delta;
  }

  /** What would change if two VMs on two hosts changed places, likewise. */
  swapDelta(a: number, b: number, limit: number): number {
    const hostA = this.hostOf[a] ?? 0;
    const hostB = this.hostOf[b] ?? 0;
    const isOneGroup = this.problem.groupOf[a] === this.problem.groupOf[b];
    if (!isOneGroup && !(this.#apart.isFree(a, hostB) && this.#apart.isFree(b, hostA))) return FORBIDDEN;
    const cost = this.#load.swap(a, b, hostA, hostB) + this.#moves.swap(a, b, hostA, hostB);
    if (cost - this.penalty * (this.#room.beyond(hostA) + this.#room.beyond(hostB)) > limit) return FORBIDDEN;
    const over = this.#room.swap(a, b, hostA, hostB);
    const delta = cost + this.penalty * over;
    if (delta > limit) return delta;
    if (!isOneGroup) {
      if (!this.#apart.staysSpread(a, hostA, hostB) || !this.#apart.staysSpread(b, hostB, hostA)) return FORBIDDEN;
      if (this.#dependency !== undefined && !this.#dependency.allowsSwap(a, b, hostA, hostB)) return FORBIDDEN;
    }
    this.#costChange = cost;
    this.#overChange = over;
    return delta;
  }

  /** Moves a VM, right after {@link shiftDelta} said what that changes. */
  shift(vm: number, to: number): void {
    this.cost += this.#costChange;
    this.over += this.#overChange;
    this.#move(vm, this.hostOf[vm] ?? 0, to);
  }

  /** Exchanges two VMs, right after {@link swapDelta} said what that changes. */
  swap(a: number, b: number): void {
    const hostA = this.hostOf[a] ?? 0;
    const hostB = this.hostOf[b] ?? 0;
    this.cost += this.#costChange;
    this.over += this.#overChange;
    this.#move(a, hostA, hostB);
    this.#move(b, hostB, hostA);
  }

  /** Goes to another assignment, whatever it costs and breaks. */
  moveTo(hosts: Int32Array): void {
    for (let vm = 0; vm < hosts.length; vm += 1) {
      const to = hosts[vm] ?? 0;
      if (to !== this.hostOf[vm]) this.#move(vm, this.hostOf[vm] ?? 0, to);
    }
    this.cost = this.recount();
    this.over = this.#room.violations();
  }

  /** The cost as it is when it is summed up anew: what {@link cost} must always equal. */
  recount(): number {
    let cost = this.#load.cost() + this.#moves.groupCost();
    for (let vm = 0; vm < this.hostOf.length; vm += 1) cost += this.#moves.at(vm, this.hostOf[vm] ?? 0);
    return cost;
  }

  /** By resource: see `RoomKernel`. */
  get overWeight(): Float64Array {
    return this.#room.weight;
  }

  /** How much is broken that is hard: 0 at all times, where it was at the start. */
  violations(): number {
    return this.#apart.violations() + this.#room.violations() + (this.#dependency?.violations() ?? 0);
  }

  #move(vm: number, from: number, to: number): void {
    this.#apart.move(vm, from, to);
    this.#room.move(vm, from, to);
    this.#dependency?.move(vm, from, to);
    this.#load.move(vm, from, to);
    this.#moves.move(vm, from, to);
    this.hostOf[vm] = to;
  }
}
