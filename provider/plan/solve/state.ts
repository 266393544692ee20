import type { Kernel } from "./kernel.js";
import { CapacityKernel } from "./kernels/capacity.js";
import { GroupKernel } from "./kernels/groups.js";
import { HostKernel } from "./kernels/hosts.js";
import { LoadKernel } from "./kernels/loads.js";
import { PlaceKernel } from "./kernels/places.js";
import { SurviveKernel } from "./kernels/survive.js";
import { NOWHERE, type Problem } from "./problem.js";

/** An assignment with its cost, both kept up to date move by move. */
export class State {
  readonly problem: Problem;
  /** Slot of each VM. Change it by {@link move} only. */
  readonly slotOf: Int32Array;
  /** VMs on each host, in no order. */
  readonly vmsOn: readonly Set<number>[];
  readonly levels: Float64Array;
  readonly capacity: CapacityKernel;
  /** Only where a policy balances. */
  readonly loads: LoadKernel | undefined;
  /** Only where capacity is kept for failures. */
  readonly survival: SurviveKernel | undefined;
  readonly #places: PlaceKernel;
  readonly #groups: GroupKernel | undefined;
  readonly #isBounded: boolean;
  readonly #kernels: readonly Kernel[];
  readonly #delta: Float64Array;

  constructor(problem: Problem, slots: Int32Array = problem.origin) {
    this.problem = problem;
    this.slotOf = new Int32Array(problem.vmCount).fill(NOWHERE);
    this.vmsOn = Array.from({ length: problem.hostCount }, () => new Set<number>());
    this.levels = new Float64Array(problem.levelCount);
    this.#delta = new Float64Array(problem.levelCount);
    this.capacity = new CapacityKernel(problem);
    this.loads = problem.balance === undefined ? undefined : new LoadKernel(problem, problem.balance);
    const { survives = [] } = problem;
    this.survival = survives.length === 0 ? undefined : new SurviveKernel(problem, survives, (after) => new State(after));
    this.#places = new PlaceKernel(problem);
    this.#groups = problem.groups.length === 0 ? undefined : new GroupKernel(problem);
    this.#isBounded = this.loads === undefined && this.survival === undefined && !HostKernel.isNeeded(problem);
    this.#kernels = [
      this.capacity, this.#places, ...(this.#groups === undefined ? [] : [this.#groups]),
      ...(HostKernel.isNeeded(problem) ? [new HostKernel(problem)] : []),
      ...(this.loads === undefined ? [] : [this.loads]),
      ...(this.survival === undefined ? [] : [this.survival]),
    ];
    for (let vm = 0; vm < problem.vmCount; vm += 1) this.#place(vm, NOWHERE, slots[vm] ?? NOWHERE);
    this.#count(this.levels);
  }

  /** What would change if the VM went there, a number for each level. The array is used again by the next call. */
  delta(vm: number, to: number): Float64Array {
    this.#delta.fill(0);
    const from = this.slotOf[vm] ?? NOWHERE;
    if (from !== to) for (const kernel of this.#kernels) kernel.delta(vm, from, to, this.#delta);
    return this.#delta;
  }

  /**
   * What {@link delta} is at least, on each level, for any place on another host than the VM's own and that where it came from;
   * `undefined` where rules are about whole hosts, of which that can not be said in short.
   */
  leastDelta(vm: number): Float64Array | undefined {
    if (!this.#isBounded) return undefined;
    const least = new Float64Array(this.levels.length);
    const from = this.slotOf[vm] ?? NOWHERE;
    this.capacity.addLeast(vm, from, least);
    this.#places.addLeast(vm, from, least);
    this.#groups?.addLeast(vm, from, least);
    return least;
  }

  /** What a group costs now, by its place among the problem's groups, without its weight. */
  costOfGroup(group: number): number {
    return this.#groups?.costOf(group) ?? 0;
  }

  /** What a member more in a slot's domain would change of a group's cost, without its weight. */
  changeOfGroup(group: number, slot: number): number {
    return this.#groups?.change(group, NOWHERE, slot) ?? 0;
  }

  move(vm: number, to: number): void {
    const from = this.slotOf[vm] ?? NOWHERE;
    if (from === to) return;
    const delta = this.delta(vm, to);
    for (let level = 0; level < delta.length; level += 1) this.levels[level] = (this.levels[level] ?? 0) + (delta[level] ?? 0);
    this.#place(vm, from, to);
  }

  /** The cost as it is when it is summed up anew: what {@link levels} must always equal. */
  recount(): Float64Array {
    const out = new Float64Array(this.problem.levelCount);
    this.#count(out);
    return out;
  }

  #count(out: Float64Array): void {
    for (const kernel of this.#kernels) kernel.cost(out);
    out[0] = (out[0] ?? 0) - this.problem.unavoidable;
  }

  #place(vm: number, from: number, to: number): void {
    if (from === to) return;
    for (const kernel of this.#kernels) kernel.move(vm, from, to);
    if (from !== NOWHERE) this.vmsOn[this.problem.slotHost[from] ?? 0]?.delete(vm);
    if (to !== NOWHERE) this.vmsOn[this.problem.slotHost[to] ?? 0]?.add(vm);
    this.slotOf[vm] = to;
  }
}

/** Which of two costs is smaller: the first level that differs decides. Negative where `a` is. */
export function compareLevels(a: Float64Array, b: Float64Array): number {
  for (let level = 0; level < a.length; level += 1) {
    const difference = (a[level] ?? 0) - (b[level] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Is a change for the better, the first level that is not 0 deciding? */
export function isBetter(delta: Float64Array): boolean {
  for (const change of delta) if (change !== 0) return change < 0;
  return false;
}
