import { GroupKernel } from "../solve/kernels/groups.js";
import { HostKernel } from "../solve/kernels/hosts.js";
import { NOWHERE, type GroupSpec, type Problem } from "../solve/problem.js";

/**
 * The rules that hold at every moment, over where all VMs are once those under way have arrived.
 *
 * Of the VMs that a rule is about, one at a time is under way: so it does not depend on which of two arrives first.
 */
export class ContinuousRules {
  /** Rules about how VMs are divided; their numbers are those of the kernel's groups. */
  readonly #groups: GroupKernel;
  readonly #groupCount: number;
  /** Rules about whole hosts, and about so many domains at least; their numbers follow. */
  readonly #wide: readonly ContinuousRule[];
  /** Rules that are about each VM, as indexes. */
  readonly #rulesOf: readonly (readonly number[])[];
  /** 1 while a VM that the rule is about is under way. */
  readonly #busy: Uint8Array;
  /** 1 where a VM that the rule is about has arrived at this moment. */
  readonly #touched: Uint8Array;
  #moved: { readonly vm: number; readonly from: number; readonly to: number }[] = [];

  constructor(problem: Problem) {
    const continuous = problem.groups.filter(({ isContinuous }) => isContinuous);
    const groups = continuous.filter(({ cost }) => cost.kind !== "least");
    const leasts = continuous.filter(({ cost }) => cost.kind === "least");
    const none: Problem = { ...problem, groups: [], exclusives: [], onlines: [] };
    const hosts = [
      ...problem.exclusives.filter(({ isContinuous }) => isContinuous).map((exclusive) => new ContinuousHosts({ ...none, exclusives: [exclusive] })),
      ...problem.onlines.filter(({ isContinuous }) => isContinuous).map((online) => new ContinuousHosts({ ...none, onlines: [online] })),
    ];
    this.#groups = new GroupKernel({ ...none, groups });
    this.#groupCount = groups.length;
    this.#wide = [...hosts, ...leasts.map((group) => new ContinuousLeast(problem, group))];
    // Whoever comes to a host that is kept for others, or is to be empty, is a matter of those rules.
    const ofAll = hosts.map((_, index) => groups.length + index);
    const rulesOf = Array.from({ length: this.isEmpty ? 0 : problem.vmCount }, () => [...ofAll]);
    for (const [index, { members }] of groups.entries()) for (const vm of members) rulesOf[vm]?.push(index);
    for (const [index, { members }] of leasts.entries()) for (const vm of members) rulesOf[vm]?.push(groups.length + hosts.length + index);
    this.#rulesOf = rulesOf;
    this.#busy = new Uint8Array(groups.length + this.#wide.length);
    this.#touched = new Uint8Array(groups.length + this.#wide.length);
    for (const vm of rulesOf.keys()) this.place(vm, NOWHERE, problem.origin[vm] ?? NOWHERE);
  }

  /** Are there any? */
  get isEmpty(): boolean {
    return this.#groupCount + this.#wide.length === 0;
  }

  /** Does none of them come to hold less than it does, and is none waiting for another VM to arrive? */
  allow(vm: number, from: number, to: number): boolean {
    for (const rule of this.rulesOf(vm)) if (this.#busy[rule] === 1 || this.#change(rule, vm, from, to) > 0) return false;
    return true;
  }

  /** Rules that are about a VM, by number. */
  rulesOf(vm: number): readonly number[] {
    return this.#rulesOf[vm] ?? NO_RULES;
  }

  /** The VM is under way. */
  begin(vm: number, from: number, to: number): void {
    const rules = this.rulesOf(vm);
    if (rules.length === 0) return;
    for (const rule of rules) this.#busy[rule] = 1;
    this.place(vm, from, to);
    this.#moved.push({ vm, from, to });
  }

  /** It has arrived. */
  end(vm: number): void {
    for (const rule of this.rulesOf(vm)) {
      this.#busy[rule] = 0;
      this.#touched[rule] = 1;
    }
  }

  /** May a VM be allowed now that was not before? From when one begins until it arrives, its rules let nobody begin. */
  isTouched(vm: number): boolean {
    for (const rule of this.rulesOf(vm)) if (this.#touched[rule] === 1) return true;
    return false;
  }

  /** Time goes on: nothing has arrived at this moment yet. */
  advance(): void {
    this.#touched.fill(0);
  }

  /** As before the first move. */
  reset(): void {
    for (const { vm, from, to } of this.#moved.reverse()) this.place(vm, to, from);
    this.#moved = [];
    this.#busy.fill(0);
  }

  /** By how much more a rule would be broken; negative for less. One may not pay for another. */
  #change(rule: number, vm: number, from: number, to: number): number {
    return rule < this.#groupCount ? this.#groups.change(rule, from, to) : (this.#wide[rule - this.#groupCount]?.change(vm, from, to) ?? 0);
  }

  /** A VM is elsewhere, at once. */
  place(vm: number, from: number, to: number): void {
    this.#groups.move(vm, from, to);
    for (const rule of this.rulesOf(vm)) if (rule >= this.#groupCount) this.#wide[rule - this.#groupCount]?.move(vm, from, to);
  }
}

const NO_RULES: readonly number[] = [];

/** A rule that keeps an account of its own. */
interface ContinuousRule {
  /** By how much more it would be broken; negative for less. */
  change(vm: number, from: number, to: number): number;
  move(vm: number, from: number, to: number): void;
}

/**
 * Members are in at least so many domains, or each in its own where fewer run: what is not started yet can be nowhere, and of
 * two that run on one host it is no excuse that a third is to come.
 */
class ContinuousLeast implements ContinuousRule {
  readonly #problem: Problem;
  readonly #domainOf: Int32Array;
  readonly #least: number;
  readonly #counts = new Map<number, number>();
  /** Members that run and shall go on. */
  #present = 0;

  constructor(problem: Problem, { domainOf, cost }: GroupSpec) {
    this.#problem = problem;
    this.#domainOf = domainOf;
    this.#least = cost.kind === "least" ? cost.least : 0;
  }

  change(vm: number, from: number, to: number): number {
    const before = this.#cost();
    this.move(vm, from, to);
    const after = this.#cost();
    this.move(vm, to, from);
    return after - before;
  }

  move(vm: number, from: number, to: number): void {
    this.#add(vm, from, -1);
    this.#add(vm, to, 1);
  }

  #cost(): number {
    return Math.max(0, Math.min(this.#least, this.#present) - this.#counts.size);
  }

  #add(vm: number, slot: number, sign: 1 | -1): void {
    if (slot === NOWHERE) return;
    this.#present += sign * (this.#problem.placed[vm] ?? 0);
    const domain = this.#domainOf[this.#problem.slotHost[slot] ?? 0] ?? -1;
    if (domain < 0) return;
    const count = (this.#counts.get(domain) ?? 0) + sign;
    if (count === 0) this.#counts.delete(domain);
    else this.#counts.set(domain, count);
  }
}

/** Who is on hosts besides whom, and how many hosts carry anything. */
class ContinuousHosts implements ContinuousRule {
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
