import { changeOf } from "../solve/kernels/groups.js";
import { HostKernel } from "../solve/kernels/hosts.js";
import { NOWHERE, type GroupSpec, type Problem } from "../solve/problem.js";

/** One rule that holds at every moment: one may not pay for another. */
interface Continuous {
  /** By how much more it would be broken; negative for less. */
  change(vm: number, from: number, to: number): number;
  move(vm: number, from: number, to: number): void;
}

/**
 * The rules that hold at every moment, over where all VMs are once those under way have arrived.
 *
 * Of the VMs that a rule is about, one at a time is under way: so it does not depend on which of two arrives first.
 */
export class ContinuousRules {
  readonly #rules: readonly Continuous[];
  /** Rules that are about each VM, as indexes. */
  readonly #rulesOf: readonly (readonly number[])[];
  /** 1 while a VM that the rule is about is under way. */
  readonly #busy: Uint8Array;
  #moved: { readonly vm: number; readonly from: number; readonly to: number }[] = [];

  constructor(problem: Problem) {
    const groups = problem.groups.filter(({ isContinuous }) => isContinuous);
    const none: Problem = { ...problem, groups: [], exclusives: [], onlines: [] };
    const wide = [
      ...problem.exclusives.filter(({ isContinuous }) => isContinuous).map((exclusive) => new ContinuousHosts({ ...none, exclusives: [exclusive] })),
      ...problem.onlines.filter(({ isContinuous }) => isContinuous).map((online) => new ContinuousHosts({ ...none, onlines: [online] })),
    ];
    this.#rules = [...groups.map((group) => new ContinuousGroup(problem, group)), ...wide];
    // Whoever comes to a host that is kept for others, or is to be empty, is a matter of those rules.
    const ofAll = wide.map((_, index) => groups.length + index);
    const rulesOf = Array.from({ length: this.isEmpty ? 0 : problem.vmCount }, () => [...ofAll]);
    for (const [index, { members }] of groups.entries()) for (const vm of members) rulesOf[vm]?.push(index);
    this.#rulesOf = rulesOf;
    this.#busy = new Uint8Array(this.#rules.length);
    for (const vm of rulesOf.keys()) this.#place(vm, NOWHERE, problem.origin[vm] ?? NOWHERE);
  }

  /** Are there any? */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Does none of them come to hold less than it does, and is none waiting for another VM to arrive? */
  allow(vm: number, from: number, to: number): boolean {
    for (const rule of this.rulesOf(vm)) if (this.#busy[rule] === 1 || (this.#rules[rule]?.change(vm, from, to) ?? 0) > 0) return false;
    return true;
  }

  /** Rules that are about a VM, by number. */
  rulesOf(vm: number): readonly number[] {
    return this.#rulesOf[vm] ?? NO_RULES;
  }

  /** The VM is under way. */
  begin(vm: number, from: number, to: number): void {
    if (this.isEmpty) return;
    for (const rule of this.rulesOf(vm)) this.#busy[rule] = 1;
    this.#place(vm, from, to);
    this.#moved.push({ vm, from, to });
  }

  /** It has arrived. */
  end(vm: number): void {
    for (const rule of this.rulesOf(vm)) this.#busy[rule] = 0;
  }

  /** As before the first move. */
  reset(): void {
    for (const { vm, from, to } of this.#moved.reverse()) this.#place(vm, to, from);
    this.#moved = [];
    this.#busy.fill(0);
  }

  #place(vm: number, from: number, to: number): void {
    for (const rule of this.rulesOf(vm)) this.#rules[rule]?.move(vm, from, to);
  }
}

const NO_RULES: readonly number[] = [];

/** How the members of a group are divided among domains. */
class ContinuousGroup implements Continuous {
  readonly #group: GroupSpec;
  readonly #slotHost: Int32Array;
  readonly #counts: Int32Array;

  constructor({ slotHost }: Problem, group: GroupSpec) {
    this.#group = group;
    this.#slotHost = slotHost;
    this.#counts = new Int32Array(group.domainCount);
  }

  change(_vm: number, from: number, to: number): number {
    const [before, after] = [this.#domain(from), this.#domain(to)];
    return before === after ? 0 : changeOf(this.#group.cost, this.#counts, before, after);
  }

  move(_vm: number, from: number, to: number): void {
    const [before, after] = [this.#domain(from), this.#domain(to)];
    if (before >= 0) this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    if (after >= 0) this.#counts[after] = (this.#counts[after] ?? 0) + 1;
  }

  #domain(slot: number): number {
    return slot === NOWHERE ? -1 : (this.#group.domainOf[this.#slotHost[slot] ?? 0] ?? -1);
  }
}

/** Who is on hosts besides whom, and how many hosts carry anything. */
class ContinuousHosts implements Continuous {
  readonly #kernel: HostKernel;
  readonly #change: Float64Array;

  constructor(problem: Problem) {
    this.#kernel = new HostKernel(problem);
    this.#change = new Float64Array(problem.levelCount);
  }

  change(vm: number, from: number, to: number): number {
    this.#change.fill(0);
    this.#kernel.delta(vm, from, to, this.#change);
    return this.#change[0] ?? 0;
  }

  move(vm: number, from: number, to: number): void {
    this.#kernel.move(vm, from, to);
  }
}
