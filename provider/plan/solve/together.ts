import { DROPPED_COST, NOWHERE, type GroupSpec, type Problem } from "./problem.js";
import { bestSlot, type Candidates, type Tie } from "./slots.js";
import { compareLevels, type State } from "./state.js";

/** How many domains are tried for a group, at most: those with the most room. */
const MOST_TRIED = 40;

/** Places of one domain. */
interface Domain {
  readonly slots: readonly number[];
  /** Bins of its hosts as a whole. */
  readonly bins: readonly number[];
}

/**
 * Moves VMs that belong together, together: one of them alone can not leave without breaking their rule, so that no single
 * move is better, however full their host is.
 */
export class Together {
  readonly #problem: Problem;
  readonly #candidates: Candidates;
  readonly #tie: Tie;
  readonly #groupsOf = new Map<number, GroupSpec[]>();
  /** Shared by groups with the same domains. */
  readonly #domains = new WeakMap<Int32Array, readonly Domain[]>();

  constructor(problem: Problem, candidates: Candidates, tie: Tie) {
    this.#problem = problem;
    this.#candidates = candidates;
    this.#tie = tie;
    for (const group of problem.groups) {
      if (group.cost.kind !== "gather") continue;
      for (const vm of group.members) {
        const known = this.#groupsOf.get(vm);
        if (known === undefined) this.#groupsOf.set(vm, [group]);
        else known.push(group);
      }
    }
  }

  /** Moves the groups that the VM belongs to where that is better; tells whether it did. */
  move(state: State, vm: number): boolean {
    let moved = false;
    for (const group of this.#groupsOf.get(vm) ?? []) moved = this.#moveGroup(state, group) || moved;
    return moved;
  }

  /** The VM, or those that have to be on one host with it. */
  blockOf(vm: number): readonly number[] {
    const group = this.#groupsOf.get(vm)?.find(({ domainCount }) => domainCount === this.#problem.hostCount);
    return group === undefined ? [vm] : [...group.members].filter((member) => this.#problem.placed[member] === 1);
  }

  #moveGroup(state: State, group: GroupSpec): boolean {
    const { placed, movable, unplacedCost, origin } = this.#problem;
    const members = [...group.members].filter((vm) => placed[vm] === 1);
    if (members.length < 2 || members.some((vm) => movable[vm] === 0)) return false;
    const slots = members.map((vm) => state.slotOf[vm] ?? NOWHERE);
    const before = state.levels.slice();
    for (const vm of members) state.move(vm, NOWHERE);
    // What is left once all have a place and none of them is in anybody's way: then no other domain need be looked at.
    const hard = (state.levels[0] ?? 0) - DROPPED_COST * members.filter((vm) => origin[vm] !== NOWHERE).length;
    const absent = members.reduce((sum, vm) => (origin[vm] === NOWHERE ? sum - (unplacedCost[vm] ?? 0) : sum), state.levels[1] ?? 0);
    let best = before;
    let bestSlots: readonly number[] | undefined;
    for (const domain of this.#withRoom(state, group, members)) {
      const found = this.#place(state, members, domain);
      if (found !== undefined && compareLevels(state.levels, best) < 0) {
        best = state.levels.slice();
        bestSlots = found;
      }
      for (const vm of members) state.move(vm, NOWHERE);
      if (bestSlots !== undefined && (best[0] ?? 0) <= hard && (best[1] ?? 0) <= absent) break;
    }
    for (const [i, vm] of members.entries()) state.move(vm, (bestSlots ?? slots)[i] ?? NOWHERE);
    return bestSlots !== undefined;
  }

  /** Each in its best place of a domain; `undefined` where one of them may not be there at all. */
  #place(state: State, members: readonly number[], domain: readonly number[]): number[] | undefined {
    const found: number[] = [];
    for (const vm of members) {
      const slot = bestSlot(state, vm, Int32Array.from(domain.filter((each) => this.#candidates.allows(vm, each))), this.#tie);
      if (slot === NOWHERE) return undefined;
      state.move(vm, slot);
      found.push(slot);
    }
    return found;
  }

  /** Slots of the domains that may have room for all of them, those with the most room first. */
  #withRoom(state: State, { domainOf, domainCount }: GroupSpec, members: readonly number[]): (readonly number[])[] {
    const { resourceCount, demand, slotHost, capacity } = this.#problem;
    const first = this.#candidates.ofFewest(members);
    const byDomain = this.#domainsOf(domainOf, domainCount);
    const rooms: { readonly domain: number; readonly room: number }[] = [];
    for (const domain of new Set(Array.from(first, (slot) => domainOf[slotHost[slot] ?? 0] ?? -1))) {
      const { slots = [], bins = [] } = byDomain[domain] ?? {};
      if (!members.every((vm) => slots.some((slot) => this.#candidates.allows(vm, slot)))) continue;
      let room = Infinity;
      for (let r = 0; r < resourceCount && bins.length > 0; r += 1) {
        let free = 0;
        let has = 0;
        for (const bin of bins) {
          free += Math.max(0, state.capacity.free(bin, r));
          has += capacity[bin * resourceCount + r] ?? 0;
        }
        for (const vm of members) free -= demand[vm * resourceCount + r] ?? 0;
        room = Math.min(room, has === 0 ? (free < 0 ? -1 : Infinity) : free / has);
      }
      if (room >= 0 && bins.length > 0) rooms.push({ domain, room });
    }
    rooms.sort((a, b) => b.room - a.room || a.domain - b.domain);
    return rooms.slice(0, MOST_TRIED).map(({ domain }) => byDomain[domain]?.slots ?? []);
  }

  #domainsOf(domainOf: Int32Array, domainCount: number): readonly Domain[] {
    const known = this.#domains.get(domainOf);
    if (known !== undefined) return known;
    const { slotHost, slotBin, slotBinStart } = this.#problem;
    const slots = Array.from({ length: domainCount }, (): number[] => []);
    for (const [slot, host] of slotHost.entries()) slots[domainOf[host] ?? -1]?.push(slot);
    const domains = slots.map((each) => ({ slots: each, bins: [...new Set(each.map((slot) => slotBin[slotBinStart[slot] ?? 0] ?? 0))] }));
    this.#domains.set(domainOf, domains);
    return domains;
  }
}
