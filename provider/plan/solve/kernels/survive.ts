import { MOST_LOSSES, setsOf, countOfSets } from "../../losses.js";
import type { Kernel } from "../kernel.js";
import { NOWHERE, type GroupSpec, type Problem, type SurviveSpec } from "../problem.js";
import { Candidates } from "../slots.js";
import type { State } from "../state.js";

/** How many places are tried for the VMs of one loss, beyond a first pass. */
const MOST_TRIED = 5_000;

/** Hosts that are lost at once. */
interface Loss {
  readonly spec: SurviveSpec;
  /** One byte a host. */
  readonly isLost: Uint8Array;
  readonly hosts: readonly number[];
  cost: number;
  /** Hosts that its cost depends on; absent: all. */
  reads: Uint8Array | undefined;
  isDirty: boolean;
}

/**
 * VMs that could not be restarted elsewhere, were hosts lost: for each loss, how many are left over when the others are placed
 * one after another, and 0 where any way to place them all is found.
 *
 * Restarts are tried on an assignment of its own, with all hard rules. Each VM takes the next host with room, beginning beside
 * the lost one, so that a change elsewhere does not change the outcome: only losses that a move touches are counted anew.
 */
export class SurviveKernel implements Kernel {
  readonly #problem: Problem;
  readonly #after: State;
  readonly #candidates: Candidates;
  readonly #losses: readonly Loss[];
  /** Losses that a host is part of. */
  readonly #lossesOf: readonly (readonly Loss[])[];
  readonly #rank: Int32Array;
  /** VMs of one number are the same to every rule. */
  readonly #twins: Int32Array;
  /** Groups that a VM more may mend: judged as a whole. */
  readonly #mending: readonly GroupSpec[];
  readonly #mendingOf: readonly (readonly GroupSpec[])[];
  readonly #groupsOf: readonly (readonly GroupSpec[])[];
  readonly #isWide: boolean;
  #tried = 0;

  /** @param newState an assignment where nothing has a place */
  constructor(problem: Problem, specs: readonly SurviveSpec[], newState: (problem: Problem) => State) {
    this.#problem = problem;
    const hard = problem.groups.filter(({ level }) => level === 0);
    this.#mending = hard.filter(isMending);
    const { survives: _survives, balance: _balance, ...rest } = problem;
    const exclusives = problem.exclusives.filter(({ level }) => level === 0);
    const onlines = problem.onlines.filter(({ level }) => level === 0);
    this.#isWide = exclusives.length + onlines.length > 0;
    this.#after = newState({ ...rest, origin: new Int32Array(problem.vmCount).fill(NOWHERE), groups: hard.filter((group) => !isMending(group)), wishes: [], exclusives, onlines, levelCount: 3 });
    this.#candidates = new Candidates(problem);
    this.#losses = specs.flatMap((spec) => lossesOf(problem, spec));
    this.#lossesOf = Array.from({ length: problem.hostCount }, (_, host) => this.#losses.filter(({ isLost }) => isLost[host] === 1));
    this.#groupsOf = byMember(problem.vmCount, hard);
    this.#mendingOf = byMember(problem.vmCount, this.#mending);
    this.#rank = rankOf(problem);
    this.#twins = twinsOf(problem);
  }

  cost(out: Float64Array): void {
    for (const loss of this.#losses) {
      this.#evaluate(loss);
      out[loss.spec.level] = (out[loss.spec.level] ?? 0) + loss.spec.weight * loss.cost;
    }
  }

  /** What a rule costs, without its weight. */
  costOfSpec(spec: SurviveSpec): number {
    return this.#losses.reduce((sum, loss) => (loss.spec === spec ? sum + this.#costOf(loss) : sum), 0);
  }

  /** Takes from `bound` what placing more VMs may save: where one VM is left over of a loss, one stays left over, unless rules can be mended. */
  relax(bound: Float64Array): void {
    for (const loss of this.#losses) {
      const cost = this.#costOf(loss);
      bound[loss.spec.level] = (bound[loss.spec.level] ?? 0) - loss.spec.weight * (this.#mending.length > 0 ? cost : Math.max(0, cost - 1));
    }
  }

  delta(vm: number, from: number, to: number, out: Float64Array): void {
    const touched = this.#touched(vm, from, to);
    const before = touched.map((loss) => this.#costOf(loss));
    const reads = touched.map((loss) => loss.reads);
    this.#after.move(vm, to);
    for (const [i, loss] of touched.entries()) {
      this.#evaluate(loss);
      out[loss.spec.level] = (out[loss.spec.level] ?? 0) + loss.spec.weight * (loss.cost - (before[i] ?? 0));
    }
    this.#after.move(vm, from);
    for (const [i, loss] of touched.entries()) {
      loss.cost = before[i] ?? 0;
      loss.reads = reads[i];
    }
  }

  move(vm: number, from: number, to: number): void {
    for (const loss of this.#touched(vm, from, to)) loss.isDirty = true;
    this.#after.move(vm, to);
  }

  /** Losses whose cost may change by a move. */
  #touched(vm: number, from: number, to: number): readonly Loss[] {
    if (this.#isWide) return this.#losses;
    const { slotHost } = this.#problem;
    const hosts = [from, to].flatMap((slot) => (slot === NOWHERE ? [] : [slotHost[slot] ?? 0]));
    // Restarts of those that share a rule with it are judged by where it is.
    const friends = new Set<Loss>();
    for (const { members } of this.#groupsOf[vm] ?? []) {
      for (const member of members) {
        const slot = this.#after.slotOf[member] ?? NOWHERE;
        if (slot !== NOWHERE) for (const loss of this.#lossesOf[slotHost[slot] ?? 0] ?? []) friends.add(loss);
      }
    }
    return this.#losses.filter((loss) => loss.isDirty || loss.reads === undefined || friends.has(loss) || hosts.some((host) => loss.isLost[host] === 1 || loss.reads?.[host] === 1));
  }

  #costOf(loss: Loss): number {
    if (loss.isDirty) this.#evaluate(loss);
    return loss.cost;
  }

  #evaluate(loss: Loss): void {
    const after = this.#after;
    const gone = loss.hosts.flatMap((host) => [...(after.vmsOn[host] ?? [])]).sort((a, b) => (this.#rank[a] ?? 0) - (this.#rank[b] ?? 0));
    const slots = gone.map((vm) => after.slotOf[vm] ?? NOWHERE);
    const { isMember, stays } = loss.spec;
    const members = gone.filter((vm) => isMember[vm] === 1 && this.#problem.placed[vm] === 1);
    const wanted = members.filter((vm) => stays[vm] === 0);
    const stuck = members.length - wanted.length;
    loss.isDirty = false;
    loss.cost = stuck;
    loss.reads = new Uint8Array(this.#problem.hostCount);
    if (wanted.length === 0) return;
    for (const vm of gone) after.move(vm, NOWHERE);
    const left = this.#nextFit(loss, wanted, loss.reads);
    if (left > 0 || !this.#isMended(loss, wanted)) {
      loss.reads = undefined;
      for (const vm of wanted) after.move(vm, NOWHERE);
      this.#tried = 0;
      loss.cost = stuck + (this.#search(loss, wanted, 0, 0) ? 0 : Math.max(1, left));
    }
    for (const [i, vm] of gone.entries()) after.move(vm, slots[i] ?? NOWHERE);
  }

  /** How many VMs have no place when each takes the next that is free. */
  #nextFit(loss: Loss, wanted: readonly number[], reads: Uint8Array): number {
    const { slotHost } = this.#problem;
    let next = (loss.hosts[0] ?? 0) + 1;
    let left = 0;
    for (const vm of wanted) {
      const slots = this.#candidates.of(vm);
      const start = Math.max(0, slots.findIndex((slot) => (slotHost[slot] ?? 0) >= next));
      let found = NOWHERE;
      for (let i = 0; i < slots.length && found === NOWHERE; i += 1) {
        const slot = slots[(start + i) % slots.length] ?? 0;
        const host = slotHost[slot] ?? 0;
        if (loss.isLost[host] === 1) continue;
        reads[host] = 1;
        if (this.#isFree(vm, slot) && this.#staysEven(loss, vm, slot)) found = slot;
      }
      if (found === NOWHERE) left += 1;
      else {
        this.#after.move(vm, found);
        next = (slotHost[found] ?? 0) + 1;
      }
    }
    return left;
  }

  /** Every way to place all of them, alike ones in one order only. */
  #search(loss: Loss, wanted: readonly number[], depth: number, first: number): boolean {
    const vm = wanted[depth];
    if (vm === undefined) return this.#isMended(loss, wanted);
    const slots = this.#candidates.of(vm);
    const isTwin = this.#twins[vm] === this.#twins[wanted[depth + 1] ?? NOWHERE];
    for (let at = first; at < slots.length; at += 1) {
      const slot = slots[at] ?? 0;
      if (loss.isLost[this.#problem.slotHost[slot] ?? 0] === 1) continue;
      this.#tried += 1;
      if (this.#tried > MOST_TRIED) return false;
      if (!this.#isFree(vm, slot)) continue;
      this.#after.move(vm, slot);
      if (this.#search(loss, wanted, depth + 1, isTwin ? at : 0)) return true;
      this.#after.move(vm, NOWHERE);
    }
    return false;
  }

  #isFree(vm: number, slot: number): boolean {
    return (this.#after.delta(vm, slot)[0] ?? 0) <= 0;
  }

  #staysEven(loss: Loss, vm: number, slot: number): boolean {
    const groups = this.#mendingOf[vm] ?? [];
    if (groups.length === 0) return true;
    this.#after.move(vm, slot);
    const isEven = groups.every((group) => this.#isEven(loss, group));
    this.#after.move(vm, NOWHERE);
    return isEven;
  }

  #isMended(loss: Loss, wanted: readonly number[]): boolean {
    return this.#mending.length === 0 || wanted.every((vm) => (this.#mendingOf[vm] ?? []).every((group) => this.#isEven(loss, group)));
  }

  /** Is a group kept, a domain without any host that is left not counting? */
  #isEven(loss: Loss, { members, domainOf, domainCount, cost }: GroupSpec): boolean {
    const number = new Int32Array(domainCount).fill(-1);
    let count = 0;
    for (const [host, domain] of domainOf.entries()) if (domain >= 0 && loss.isLost[host] === 0 && number[domain] === -1) number[domain] = count++;
    const counts = new Int32Array(count);
    let placed = 0;
    for (const vm of members) {
      const slot = this.#after.slotOf[vm] ?? NOWHERE;
      if (slot === NOWHERE) continue;
      placed += this.#problem.placed[vm] ?? 0;
      const at = number[domainOf[this.#problem.slotHost[slot] ?? 0] ?? -1] ?? -1;
      if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
    }
    if (cost.kind === "skew") return count === 0 || Math.max(...counts) - Math.min(...counts) <= cost.skew;
    return cost.kind !== "least" || counts.filter((members) => members > 0).length >= Math.min(cost.least, placed);
  }
}

function isMending({ cost }: GroupSpec): boolean {
  return cost.kind === "skew" || cost.kind === "least";
}

function lossesOf({ hostCount }: Problem, spec: SurviveSpec): Loss[] {
  // What is too much to look at, the rule's check names.
  if (countOfSets(spec.domainCount, spec.failures) > MOST_LOSSES) return [];
  return [...setsOf(spec.domainCount, spec.failures)].map((domains) => {
    const isLost = Uint8Array.from({ length: hostCount }, (_, host) => (domains.includes(spec.domainOf[host] ?? -1) ? 1 : 0));
    return { spec, isLost, hosts: [...isLost.keys()].filter((host) => isLost[host] === 1), cost: 0, reads: undefined, isDirty: true };
  });
}

function byMember(vmCount: number, groups: readonly GroupSpec[]): GroupSpec[][] {
  const of = Array.from({ length: vmCount }, (): GroupSpec[] => []);
  for (const group of groups) for (const vm of group.members) of[vm]?.push(group);
  return of;
}

/** Whose turn it is to be restarted: by priority, then by size. */
function rankOf({ vmCount, hostCount, resourceCount, capacity, demand, unplacedCost }: Problem): Int32Array {
  const totals = Array.from({ length: resourceCount }, (_, r) => Array.from({ length: hostCount }, (__, host) => capacity[host * resourceCount + r] ?? 0).reduce((sum, has) => sum + has, 1));
  const size = Float64Array.from({ length: vmCount }, (_, vm) => Math.max(0, ...totals.map((total, r) => (demand[vm * resourceCount + r] ?? 0) / total)));
  const order = Array.from({ length: vmCount }, (_, vm) => vm).sort((a, b) => (unplacedCost[b] ?? 0) - (unplacedCost[a] ?? 0) || (size[b] ?? 0) - (size[a] ?? 0) || a - b);
  const rank = new Int32Array(vmCount);
  for (const [i, vm] of order.entries()) rank[vm] = i;
  return rank;
}

function twinsOf({ vmCount, resourceCount, demand, cellDemand, maskOf, groups, exclusives }: Problem): Int32Array {
  const rules = Array.from({ length: vmCount }, (): number[] => []);
  for (const [g, { members }] of [...groups, ...exclusives].entries()) for (const vm of members) rules[vm]?.push(g);
  const numbers = new Map<string, number>();
  return Int32Array.from({ length: vmCount }, (_, vm) => {
    const key = [maskOf[vm], ...[demand, cellDemand].flatMap((amounts) => [...amounts.subarray(vm * resourceCount, (vm + 1) * resourceCount)]), "rules", ...(rules[vm] ?? [])].join();
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
