import type { Kernel } from "../solve/kernel.js";
import { GroupKernel } from "../solve/kernels/groups.js";
import { HostKernel } from "../solve/kernels/hosts.js";
import { NOWHERE, type Problem } from "../solve/problem.js";

/**
 * The rules that hold at every moment, over where all VMs are once those under way have arrived.
 *
 * Of the VMs that a rule is about, one at a time is under way: so it does not depend on which of two arrives first.
 */
export class ContinuousRules {
  readonly #kernels: readonly Kernel[];
  /** Rules that are about each VM, as indexes of kernels. */
  readonly #rulesOf: readonly (readonly number[])[];
  /** 1 while a VM that the rule is about is under way. */
  readonly #busy: Uint8Array;
  readonly #change: Float64Array;
  #moved: { readonly vm: number; readonly from: number; readonly to: number }[] = [];

  constructor(problem: Problem) {
    // A kernel for each rule: one may not pay for another.
    const none: Problem = { ...problem, groups: [], exclusives: [], onlines: [] };
    const groups = problem.groups.filter(({ isContinuous }) => isContinuous);
    const wide = [
      ...problem.exclusives.filter(({ isContinuous }) => isContinuous).map((exclusive) => new HostKernel({ ...none, exclusives: [exclusive] })),
      ...problem.onlines.filter(({ isContinuous }) => isContinuous).map((online) => new HostKernel({ ...none, onlines: [online] })),
    ];
    this.#kernels = [...groups.map((group) => new GroupKernel({ ...none, groups: [group] })), ...wide];
    // Whoever comes to a host that is kept for others, or is to be empty, is a matter of those rules.
    const ofAll = wide.map((_, index) => groups.length + index);
    const rulesOf = Array.from({ length: this.#kernels.length === 0 ? 0 : problem.vmCount }, () => [...ofAll]);
    for (const [index, { members }] of groups.entries()) for (const vm of members) rulesOf[vm]?.push(index);
    this.#rulesOf = rulesOf;
    this.#busy = new Uint8Array(this.#kernels.length);
    this.#change = new Float64Array(problem.levelCount);
    if (this.isEmpty) return;
    for (let vm = 0; vm < problem.vmCount; vm += 1) this.#place(vm, NOWHERE, problem.origin[vm] ?? NOWHERE);
  }

  /** Are there any? */
  get isEmpty(): boolean {
    return this.#kernels.length === 0;
  }

  /** Does none of them come to hold less than it does, and is none waiting for another VM to arrive? */
  allow(vm: number, from: number, to: number): boolean {
    for (const rule of this.#rulesOf[vm] ?? NO_RULES) {
      if (this.#busy[rule] === 1) return false;
      this.#change.fill(0);
      this.#kernels[rule]?.delta(vm, from, to, this.#change);
      if ((this.#change[0] ?? 0) > 0) return false;
    }
    return true;
  }

  /** Rules that are about a VM, by number. */
  rulesOf(vm: number): readonly number[] {
    return this.#rulesOf[vm] ?? NO_RULES;
  }

  /** The VM is under way. */
  begin(vm: number, from: number, to: number): void {
    for (const rule of this.#rulesOf[vm] ?? NO_RULES) this.#busy[rule] = 1;
    if (this.isEmpty) return;
    this.#place(vm, from, to);
    this.#moved.push({ vm, from, to });
  }

  /** It has arrived. */
  end(vm: number): void {
    for (const rule of this.#rulesOf[vm] ?? NO_RULES) this.#busy[rule] = 0;
  }

  /** As before the first move. */
  reset(): void {
    for (const { vm, from, to } of this.#moved.reverse()) this.#place(vm, to, from);
    this.#moved = [];
    this.#busy.fill(0);
  }

  #place(vm: number, from: number, to: number): void {
    for (const kernel of this.#kernels) kernel.move(vm, from, to);
  }
}

const NO_RULES: readonly number[] = [];
