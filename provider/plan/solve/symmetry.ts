import { NOWHERE, type GroupSpec, type Problem } from "./problem.js";

/**
 * Of assignments that are the same but for the names of alike VMs, hosts and cells, one is looked at: the first of them, slot by slot
 * in the order in which VMs are placed. In that one alike VMs have slots that do not fall; and no host or cell is used before those
 * that are alike and come first, for the two could change places and it would come earlier.
 */
export class Symmetry {
  readonly #problem: Problem;
  /** The alike VM that is placed last before each; {@link NOWHERE} where there is none. */
  readonly #twinBefore: Int32Array;
  /** The alike host or cell before each bin; {@link NOWHERE} where there is none. */
  readonly #binBefore: Int32Array;
  readonly #slotOf: Int32Array;
  readonly #used: Int32Array;

  /** @param order the VMs in the order in which they are placed; all others are where they came from */
  constructor(problem: Problem, order: readonly number[]) {
    this.#problem = problem;
    this.#twinBefore = new Int32Array(problem.vmCount).fill(NOWHERE);
    const bins = problem.capacity.length / Math.max(1, problem.resourceCount);
    this.#binBefore = new Int32Array(bins).fill(NOWHERE);
    this.#slotOf = new Int32Array(problem.vmCount).fill(NOWHERE);
    this.#used = new Int32Array(bins);
    // What a loss costs that is only wished away is counted by a rule of thumb, which may tell alike ones apart.
    if ((problem.survives ?? []).some(({ level }) => level > 0) || problem.balance !== undefined) return;
    link(order, twinKeys(problem), this.#twinBefore);
    const own = binsOfTheirOwn(problem, order);
    link(Array.from({ length: problem.hostCount }, (_, host) => host), hostKeys(problem, order, own), this.#binBefore);
    link(Array.from({ length: bins - problem.hostCount }, (_, i) => problem.hostCount + i), cellKeys(problem, own), this.#binBefore);
  }

  allows(vm: number, slot: number): boolean {
    const twin = this.#twinBefore[vm] ?? NOWHERE;
    if (twin !== NOWHERE && slot < (this.#slotOf[twin] ?? NOWHERE)) return false;
    if (slot === NOWHERE) return true;
    const { slotBinStart, slotBin } = this.#problem;
    const first = slotBinStart[slot] ?? 0;
    const end = slotBinStart[slot + 1] ?? 0;
    for (let b = first; b < end; b += 1) {
      const before = this.#binBefore[slotBin[b] ?? 0] ?? NOWHERE;
      if (before === NOWHERE || (this.#used[before] ?? 0) > 0) continue;
      let isToo = false;
      for (let other = first; other < end && !isToo; other += 1) isToo = slotBin[other] === before;
      if (!isToo) return false;
    }
    return true;
  }

  /** A VM is given a slot, or (−1) loses it. */
  count(vm: number, slot: number, sign: 1 | -1): void {
    this.#slotOf[vm] = sign === 1 ? slot : NOWHERE;
    if (slot === NOWHERE) return;
    const { slotBinStart, slotBin } = this.#problem;
    for (let b = slotBinStart[slot] ?? 0; b < (slotBinStart[slot + 1] ?? 0); b += 1) this.#used[slotBin[b] ?? 0] = (this.#used[slotBin[b] ?? 0] ?? 0) + sign;
  }
}

/** The one before each thing, of those that have the same key; things without a key are like no other. */
function link(things: readonly number[], keys: ReadonlyMap<number, string>, before: Int32Array): void {
  const last = new Map<string, number>();
  for (const thing of things) {
    const key = keys.get(thing);
    if (key === undefined) continue;
    before[thing] = last.get(key) ?? NOWHERE;
    last.set(key, thing);
  }
}

/** Where a VM came from is no matter to one that may be there and moves for nothing. */
function originOf({ origin, moveCost, masks, maskOf }: Problem, vm: number): number | string {
  const slot = origin[vm] ?? NOWHERE;
  return slot === NOWHERE || moveCost[vm] !== 0 || masks[maskOf[vm] ?? 0]?.[slot] !== 1 ? slot : "any";
}

function twinKeys(problem: Problem): Map<number, string> {
  const { vmCount, resourceCount, demand, cellDemand, maskOf, moveCost, unplacedCost, groups, exclusives, wishes, survives = [] } = problem;
  const rules = Array.from({ length: vmCount }, (): string[] => []);
  for (const [g, { members }] of [...groups, ...exclusives].entries()) for (const vm of members) rules[vm]?.push(`${g}`);
  const masks = new Map<Uint8Array, number>();
  for (const { vm, mask, level, weight } of wishes) {
    if (!masks.has(mask)) masks.set(mask, masks.size);
    rules[vm]?.push(`wish ${masks.get(mask) ?? 0} ${level} ${weight}`);
  }
  for (const [s, { isMember, stays }] of survives.entries()) for (const [vm, is] of isMember.entries()) if (is === 1) rules[vm]?.push(`survive ${s} ${stays[vm] ?? 0}`);
  const rowOf = (amounts: Float64Array, vm: number): string => amounts.subarray(vm * resourceCount, (vm + 1) * resourceCount).join();
  return new Map(Array.from({ length: vmCount }, (_, vm) => [vm, [maskOf[vm], originOf(problem, vm), moveCost[vm], unplacedCost[vm], rowOf(demand, vm), rowOf(cellDemand, vm), ...(rules[vm] ?? [])].join(" ")]));
}

/** Bins of slots where a VM stays, or from where it would have to move. */
function binsOfTheirOwn(problem: Problem, order: readonly number[]): ReadonlySet<number> {
  const placed = new Set(order);
  const own = new Set<number>();
  for (const [vm, slot] of problem.origin.entries()) {
    if (slot === NOWHERE || (placed.has(vm) ? originOf(problem, vm) === "any" : problem.placed[vm] === 0)) continue;
    for (let b = problem.slotBinStart[slot] ?? 0; b < (problem.slotBinStart[slot + 1] ?? 0); b += 1) own.add(problem.slotBin[b] ?? 0);
  }
  return own;
}

function capacityOf({ capacity, resourceCount }: Problem, bin: number): string {
  return capacity.subarray(bin * resourceCount, (bin + 1) * resourceCount).join();
}

function hostKeys(problem: Problem, order: readonly number[], own: ReadonlySet<number>): Map<number, string> {
  const { hostCount, slotHost, masks, maskOf, groups, wishes, onlines, survives = [] } = problem;
  const slotsOf = Array.from({ length: hostCount }, (): number[] => []);
  for (const [slot, host] of slotHost.entries()) slotsOf[host]?.push(slot);
  const asked = [...new Set([...order.map((vm) => masks[maskOf[vm] ?? 0]), ...wishes.map(({ mask }) => mask)])];
  const domains = [...groups, ...survives].map(domainKeys);
  const cells = cellsOf(problem);
  return new Map(Array.from({ length: hostCount }, (_, host) => host).filter((host) => !own.has(host)).map((host) => [host, [
    capacityOf(problem, host), ...(cells[host] ?? []).map((cell) => capacityOf(problem, cell)), ...asked.map((mask) => (slotsOf[host] ?? []).map((slot) => mask?.[slot] ?? 0).join("")),
    ...domains.map((keys) => keys[host] ?? ""), ...onlines.map(({ isCounted }) => isCounted[host] ?? 0),
  ].join(" ")]));
}

/** A domain of one host is like any other of one host. */
function domainKeys({ domainOf, domainCount }: Pick<GroupSpec, "domainOf" | "domainCount">): string[] {
  const sizes = new Int32Array(domainCount);
  for (const domain of domainOf) if (domain >= 0) sizes[domain] = (sizes[domain] ?? 0) + 1;
  return Array.from(domainOf, (domain) => (domain < 0 ? "none" : sizes[domain] === 1 ? "one" : `${domain}`));
}

/** Bins of each host's cells, of those that any slot has. */
function cellsOf({ hostCount, slotHost, slotBinStart, slotBin }: Problem): number[][] {
  const cells = Array.from({ length: hostCount }, () => new Set<number>());
  for (const [slot, host] of slotHost.entries()) for (let b = (slotBinStart[slot] ?? 0) + 1; b < (slotBinStart[slot + 1] ?? 0); b += 1) cells[host]?.add(slotBin[b] ?? 0);
  return cells.map((set) => [...set].sort((a, b) => a - b));
}

function cellKeys(problem: Problem, own: ReadonlySet<number>): Map<number, string> {
  return new Map(cellsOf(problem).flatMap((cells, host) => cells.filter((cell) => !own.has(cell)).map((cell) => [cell, `${host} ${capacityOf(problem, cell)}`] as const)));
}
