import type { Kernel } from "../kernel.js";
import { NOWHERE, type GroupSpec, type Problem } from "../problem.js";
import { Counts } from "./counts.js";

/**
 * How the members of groups are divided among domains: separate, gather, spread, quota.
 *
 * What a group costs is kept as a few sums (members too many, domains in use, how many domains have how many members), so that
 * a change is judged without looking at all domains.
 */
export class GroupKernel implements Kernel {
  readonly #problem: Problem;
  readonly #groups: readonly GroupSpec[];
  /** Groups of VM v: `#groupOf[#start[v]]` up to `#groupOf[#start[v + 1] - 1]`. */
  readonly #start: Int32Array;
  readonly #groupOf: Int32Array;
  /** Members by domain, for each group. */
  readonly #counts: Counts;
  /** Domains in use, of each group. */
  readonly #used: Int32Array;
  /** Σ max(0, count − most), of each group of that kind. */
  readonly #over: Int32Array;
  /** For groups with a skew: domains of group g with c members at `#firstSize[g] + c`. */
  readonly #sizes: Int32Array;
  readonly #firstSize: Int32Array;
  readonly #most: Int32Array;
  readonly #least: Int32Array;

  constructor(problem: Problem) {
    const { groups, vmCount } = problem;
    this.#problem = problem;
    this.#groups = groups;
    this.#start = new Int32Array(vmCount + 1);
    for (const group of groups) for (const vm of group.members) this.#start[vm + 1] = (this.#start[vm + 1] ?? 0) + 1;
    for (let v = 0; v < vmCount; v += 1) this.#start[v + 1] = (this.#start[v + 1] ?? 0) + (this.#start[v] ?? 0);
    this.#groupOf = new Int32Array(this.#start[vmCount] ?? 0);
    const next = Int32Array.from(this.#start);
    for (const [g, group] of groups.entries()) {
      for (const vm of group.members) {
        const at = next[vm] ?? 0;
        this.#groupOf[at] = g;
        next[vm] = at + 1;
      }
    }
    this.#counts = new Counts(groups.map(({ members, domainCount }) => Math.min(members.length, domainCount)));
    this.#used = new Int32Array(groups.length);
    this.#over = new Int32Array(groups.length);
    this.#most = new Int32Array(groups.length);
    this.#least = new Int32Array(groups.length);
    this.#firstSize = new Int32Array(groups.length);
    let sizes = 0;
    for (const [g, { members, cost }] of groups.entries()) {
      this.#firstSize[g] = sizes;
      if (cost.kind === "skew") sizes += members.length + 2;
    }
    this.#sizes = new Int32Array(sizes);
    for (const [g, { domainCount, cost }] of groups.entries()) if (cost.kind === "skew") this.#sizes[this.#firstSize[g] ?? 0] = domainCount;
  }

  cost(out: Float64Array): void {
    for (const [g, { level, weight }] of this.#groups.entries()) out[level] = (out[level] ?? 0) + weight * this.costOf(g);
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    const end = this.#start[vm + 1] ?? 0;
    for (let i = this.#start[vm] ?? 0; i < end; i += 1) {
      const g = this.#groupOf[i] ?? 0;
      const group = this.#groups[g];
      if (group === undefined) continue;
      const change = this.change(g, from, to);
      if (change !== 0) out[group.level] = (out[group.level] ?? 0) + group.weight * change;
    }
  }

  /** Adds what a VM's move from a slot to any other changes at least. */
  addLeast(vm: number, from: number, out: Float64Array): void {
    const end = this.#start[vm + 1] ?? 0;
    for (let i = this.#start[vm] ?? 0; i < end; i += 1) {
      const g = this.#groupOf[i] ?? 0;
      const group = this.#groups[g];
      // A move takes one member from one domain and adds it to another: no cost falls by more than what leaving and coming save, each 1 at most.
      if (group !== undefined) out[group.level] = (out[group.level] ?? 0) - group.weight * Math.min(this.costOf(g), this.#mostSaved(g, group, from));
    }
  }

  move(vm: number, from: number, to: number): void {
    const end = this.#start[vm + 1] ?? 0;
    for (let i = this.#start[vm] ?? 0; i < end; i += 1) {
      const g = this.#groupOf[i] ?? 0;
      const before = this.#domain(g, from);
      const after = this.#domain(g, to);
      if (before === after) continue;
      if (before >= 0) this.#count(g, before, -1);
      if (after >= 0) this.#count(g, after, 1);
    }
  }

  /** What a group costs now, without its weight. */
  costOf(g: number): number {
    const cost = this.#groups[g]?.cost;
    switch (cost?.kind) {
      case "most": return this.#over[g] ?? 0;
      case "gather": return Math.max(0, (this.#used[g] ?? 0) - 1);
      case "least": return Math.max(0, cost.least - (this.#used[g] ?? 0));
      case "skew": return Math.max(0, (this.#most[g] ?? 0) - (this.#least[g] ?? 0) - cost.skew);
      case undefined: return 0;
    }
  }

  /** What a member's move from one slot to another would change of its group's cost, without the weight. */
  change(g: number, from: number, to: number): number {
    const before = this.#domain(g, from);
    const after = this.#domain(g, to);
    const cost = this.#groups[g]?.cost;
    if (before === after || cost === undefined) return 0;
    const countBefore = before < 0 ? 0 : this.#counts.get(g, before);
    const countAfter = after < 0 ? 0 : this.#counts.get(g, after);
    if (cost.kind === "most") return (after >= 0 && countAfter >= cost.most ? 1 : 0) - (before >= 0 && countBefore > cost.most ? 1 : 0);
    if (cost.kind === "skew") {
      if (before >= 0) this.#resize(g, countBefore, -1);
      if (after >= 0) this.#resize(g, countAfter, 1);
      const most = this.#most[g] ?? 0;
      const least = this.#least[g] ?? 0;
      const [newMost, newLeast] = this.#extremes(g);
      if (after >= 0) this.#resize(g, countAfter + 1, -1);
      if (before >= 0) this.#resize(g, countBefore - 1, 1);
      return Math.max(0, newMost - newLeast - cost.skew) - Math.max(0, most - least - cost.skew);
    }
    const used = this.#used[g] ?? 0;
    const usedThen = used + (after >= 0 && countAfter === 0 ? 1 : 0) - (before >= 0 && countBefore === 1 ? 1 : 0);
    return cost.kind === "gather" ? Math.max(0, usedThen - 1) - Math.max(0, used - 1) : Math.max(0, cost.least - usedThen) - Math.max(0, cost.least - used);
  }

  /** What a member's move from a slot can save. */
  #mostSaved(g: number, { cost }: GroupSpec, from: number): number {
    if (cost.kind === "least") return 1;
    if (cost.kind === "skew") return 2;
    const domain = this.#domain(g, from);
    // Where there are others besides, leaving them frees no domain; where no more are than may be, it saves nothing.
    const others = domain < 0 ? -1 : this.#counts.get(g, domain) - 1;
    return cost.kind === "most" ? (others >= cost.most ? 1 : 0) : others === 0 ? 1 : 0;
  }

  #count(g: number, domain: number, sign: 1 | -1): void {
    const count = this.#counts.add(g, domain, sign);
    const before = count - sign;
    if (before === 0) this.#used[g] = (this.#used[g] ?? 0) + 1;
    else if (count === 0) this.#used[g] = (this.#used[g] ?? 0) - 1;
    const cost = this.#groups[g]?.cost;
    if (cost?.kind === "most" && Math.max(count, before) > cost.most) this.#over[g] = (this.#over[g] ?? 0) + sign;
    if (cost?.kind !== "skew") return;
    this.#resize(g, before, sign);
    const [most, least] = this.#extremes(g);
    this.#most[g] = most;
    this.#least[g] = least;
  }

  /** One domain with `count` members has one more or less. */
  #resize(g: number, count: number, sign: 1 | -1): void {
    const at = (this.#firstSize[g] ?? 0) + count;
    this.#sizes[at] = (this.#sizes[at] ?? 0) - 1;
    this.#sizes[at + sign] = (this.#sizes[at + sign] ?? 0) + 1;
  }

  /** Largest and smallest count, found from the last ones, of which they are off by 1 at most. */
  #extremes(g: number): [number, number] {
    const first = this.#firstSize[g] ?? 0;
    if ((this.#groups[g]?.domainCount ?? 0) === 0) return [0, 0];
    let most = (this.#most[g] ?? 0) + 1;
    while (most > 0 && (this.#sizes[first + most] ?? 0) === 0) most -= 1;
    let least = Math.max(0, (this.#least[g] ?? 0) - 1);
    while (least < most && (this.#sizes[first + least] ?? 0) === 0) least += 1;
    return [most, least];
  }

  #domain(g: number, slot: number): number {
    return slot === NOWHERE ? -1 : (this.#groups[g]?.domainOf[this.#problem.slotHost[slot] ?? 0] ?? -1);
  }
}
