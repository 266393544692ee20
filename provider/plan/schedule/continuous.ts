import type { Kernel } from "../solve/kernel.js";
import { GroupKernel } from "../solve/kernels/groups.js";
import { HostKernel } from "../solve/kernels/hosts.js";
import { NOWHERE, type Problem } from "../solve/problem.js";

/** The rules that hold at every moment, over where all VMs are once those under way have arrived. */
export class ContinuousRules {
  readonly #kernels: readonly Kernel[];
  readonly #change: Float64Array;

  constructor(problem: Problem) {
    // A kernel for each rule: one may not pay for another.
    const none: Problem = { ...problem, groups: [], exclusives: [], onlines: [] };
    this.#kernels = [
      ...problem.groups.filter(({ isContinuous }) => isContinuous).map((group) => new GroupKernel({ ...none, groups: [group] })),
      ...problem.exclusives.filter(({ isContinuous }) => isContinuous).map((exclusive) => new HostKernel({ ...none, exclusives: [exclusive] })),
      ...problem.onlines.filter(({ isContinuous }) => isContinuous).map((online) => new HostKernel({ ...none, onlines: [online] })),
    ];
    this.#change = new Float64Array(problem.levelCount);
    for (let vm = 0; vm < problem.vmCount; vm += 1) this.move(vm, NOWHERE, problem.origin[vm] ?? NOWHERE);
  }

  /** Are there any? */
  get isEmpty(): boolean {
    return this.#kernels.length === 0;
  }

  /** Does none of them come to hold less than it does? */
  allow(vm: number, from: number, to: number): boolean {
    return this.#kernels.every((kernel) => {
      this.#change.fill(0);
      kernel.delta(vm, from, to, this.#change);
      return (this.#change[0] ?? 0) <= 0;
    });
  }

  move(vm: number, from: number, to: number): void {
    for (const kernel of this.#kernels) kernel.move(vm, from, to);
  }
}
