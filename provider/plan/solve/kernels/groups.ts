import type { Kernel } from "../kernel.js";
import { NOWHERE, type GroupCost, type GroupSpec, type Problem } from "../problem.js";

/** How the members of groups are divided among domains: separate, gather, spread, quota. */
export class GroupKernel implements Kernel {
  readonly #problem: Problem;
  /** Groups of VM v: `#groupOf[#start[v]]` up to `#groupOf[#start[v + 1] - 1]`. */
  readonly #start: Int32Array;
  readonly #groupOf: Int32Array;
  /** Members by domain, for each group. */
  readonly #counts: readonly Int32Array[];

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#start = new Int32Array(problem.vmCount + 1);
    for (const group of problem.groups) for (const vm of group.members) this.#start[vm + 1] = (this.#start[vm + 1] ?? 0) + 1;
    for (let v = 0; v < problem.vmCount; v += 1) this.#start[v + 1] = (this.#start[v + 1] ?? 0) + (this.#start[v] ?? 0);
    this.#groupOf = new Int32Array(this.#start[problem.vmCount] ?? 0);
    const next = Int32Array.from(this.#start);
    for (const [g, group] of problem.groups.entries()) {
      for (const vm of group.members) {
        const at = next[vm] ?? 0;
        this.#groupOf[at] = g;
        next[vm] = at + 1;
      }
    }
    this.#counts = problem.groups.map((group) => new Int32Array(group.domainCount));
  }

  cost(out: Float64Array): void {
    for (const [g, group] of this.#problem.groups.entries()) {
      const counts = this.#counts[g];
      if (counts !== undefined) out[group.level] = (out[group.level] ?? 0) + group.weight * costOf(group.cost, counts);
    }
  }

  /** What group g costs, without its weight. */
  costOf(g: number): number {
    const group = this.#problem.groups[g];
    return group === undefined ? 0 : costOf(group.cost, this.#counts[g] ?? NO_COUNTS);
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    const end = this.#start[vm + 1] ?? 0;
    for (let i = this.#start[vm] ?? 0; i < end; i += 1) {
      const g = this.#groupOf[i] ?? 0;
      const group = this.#problem.groups[g];
      const counts = this.#counts[g];
      if (group === undefined || counts === undefined) continue;
      const before = this.#domain(group, from);
      const after = this.#domain(group, to);
      if (before === after) continue;
      const change = changeOf(group.cost, counts, before, after);
      if (change !== 0) out[group.level] = (out[group.level] ?? 0) + group.weight * change;
    }
  }

  move(vm: number, from: number, to: number): void {
    const end = this.#start[vm + 1] ?? 0;
    for (let i = this.#start[vm] ?? 0; i < end; i += 1) {
      const g = this.#groupOf[i] ?? 0;
      const group = this.#problem.groups[g];
      const counts = this.#counts[g];
      if (group === undefined || counts === undefined) continue;
      const before = this.#domain(group, from);
      const after = this.#domain(group, to);
      if (before >= 0) counts[before] = (counts[before] ?? 0) - 1;
      if (after >= 0) counts[after] = (counts[after] ?? 0) + 1;
    }
  }

  #domain(group: GroupSpec, slot: number): number {
    return slot === NOWHERE ? -1 : (group.domainOf[this.#problem.slotHost[slot] ?? 0] ?? -1);
  }
}

const NO_COUNTS = new Int32Array(0);

/** What counts by domain cost. */
export function costOf(cost: GroupCost, counts: Int32Array): number {
  switch (cost.kind) {
    case "most": {
      let over = 0;
      for (const count of counts) if (count > cost.most) over += count - cost.most;
      return over;
    }
    case "gather":
      return Math.max(0, inUse(counts) - 1);
    case "least":
      return Math.max(0, cost.least - inUse(counts));
    case "skew": {
      let most = 0;
      let least = Infinity;
      for (const count of counts) {
        if (count > most) most = count;
        if (count < least) least = count;
      }
      return least === Infinity ? 0 : Math.max(0, most - least - cost.skew);
    }
  }
}

/** What would change if a member went from one domain to another; −1 for none. The counts are as before when it returns. */
export function changeOf(cost: GroupCost, counts: Int32Array, from: number, to: number): number {
  const countFrom = from < 0 ? 0 : (counts[from] ?? 0);
  const countTo = to < 0 ? 0 : (counts[to] ?? 0);
  if (cost.kind === "most") return (to >= 0 && countTo >= cost.most ? 1 : 0) - (from >= 0 && countFrom > cost.most ? 1 : 0);
  if (from >= 0) counts[from] = countFrom - 1;
  if (to >= 0) counts[to] = countTo + 1;
  const after = costOf(cost, counts);
  if (from >= 0) counts[from] = countFrom;
  if (to >= 0) counts[to] = countTo;
  return after - costOf(cost, counts);
}

function inUse(counts: Int32Array): number {
  let used = 0;
  for (const count of counts) if (count > 0) used += 1;
  return used;
}
