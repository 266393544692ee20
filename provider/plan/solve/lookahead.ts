import { DROPPED_COST, FORBIDDEN_COST, NOWHERE, type Problem } from "./problem.js";
import type { Candidates } from "./slots.js";
import { compareLevels, type State } from "./state.js";

/** A place that a VM could have, and what it costs whatever the others do. */
interface Option {
  readonly slot: number;
  readonly cost: Float64Array;
}

/**
 * What a VM that is still to be placed costs at least: the place that costs least of those that it could have, by what that costs in
 * itself (a wish, a move), and by what stands there already, which only becomes more: room that is missing, and members of groups of
 * which no more may be in a domain. Costs of several VMs add up.
 */
export class Lookahead {
  readonly #problem: Problem;
  /** By VM, the cheapest first. */
  readonly #options: readonly (readonly Option[])[];
  readonly #groupsOf: readonly (readonly number[])[];
  readonly #cost: Float64Array;
  readonly #least: Float64Array;

  constructor(problem: Problem, order: readonly number[], candidates: Candidates) {
    this.#problem = problem;
    this.#cost = new Float64Array(problem.levelCount);
    this.#least = new Float64Array(problem.levelCount);
    const options = Array.from({ length: problem.vmCount }, (): readonly Option[] => []);
    for (const vm of order) options[vm] = placesOf(problem, vm, candidates).map((slot) => ({ slot, cost: ownCost(problem, vm, slot) })).sort((a, b) => compareLevels(a.cost, b.cost) || a.slot - b.slot);
    this.#options = options;
    const groupsOf = Array.from({ length: problem.vmCount }, (): number[] => []);
    for (const [g, { members, cost }] of problem.groups.entries()) if (cost.kind === "most") for (const vm of members) groupsOf[vm]?.push(g);
    this.#groupsOf = groupsOf;
  }

  /** Places that a VM could have: those that are allowed, and none, or where it is though it must not be, for both may be the least evil. */
  placesOf(vm: number): readonly Option[] {
    return this.#options[vm] ?? [];
  }

  /** Adds what a VM costs at least. */
  add(state: State, vm: number, out: Float64Array): void {
    const least = this.#least;
    let isFirst = true;
    for (const { slot, cost } of this.#options[vm] ?? []) {
      // The ones after it cost no less in themselves.
      if (!isFirst && compareLevels(cost, least) >= 0) break;
      this.#cost.set(cost);
      this.#addOthers(state, vm, slot);
      if (isFirst || compareLevels(this.#cost, least) < 0) least.set(this.#cost);
      isFirst = false;
    }
    if (isFirst) return;
    for (let level = 0; level < out.length; level += 1) out[level] = (out[level] ?? 0) + (least[level] ?? 0);
  }

  /** Adds to the cost what there is of others. */
  #addOthers(state: State, vm: number, slot: number): void {
    if (slot === NOWHERE) return;
    const { slotBinStart, slotBin, resourceCount, demand, cellDemand, groups } = this.#problem;
    const first = slotBinStart[slot] ?? 0;
    let missing = 0;
    for (let b = first; b < (slotBinStart[slot + 1] ?? 0); b += 1) {
      const amounts = b === first ? demand : cellDemand;
      for (let r = 0; r < resourceCount; r += 1) {
        const amount = amounts[vm * resourceCount + r] ?? 0;
        if (amount > 0) missing += Math.max(0, amount - Math.max(0, state.capacity.free(slotBin[b] ?? 0, r)));
      }
    }
    this.#cost[0] = (this.#cost[0] ?? 0) + missing;
    for (const g of this.#groupsOf[vm] ?? []) {
      const group = groups[g];
      if (group !== undefined) this.#cost[group.level] = (this.#cost[group.level] ?? 0) + group.weight * state.changeOfGroup(g, slot);
    }
  }
}

function placesOf({ origin }: Problem, vm: number, candidates: Candidates): number[] {
  const slots = [...candidates.of(vm)];
  const own = origin[vm] ?? NOWHERE;
  return slots.includes(own) ? slots : [...slots, own];
}

function ownCost({ levelCount, masks, maskOf, origin, unplacedCost, moveCost, wishes }: Problem, vm: number, slot: number): Float64Array {
  const cost = new Float64Array(levelCount);
  const own = origin[vm] ?? NOWHERE;
  const add = (level: number, amount: number): void => { cost[level] = (cost[level] ?? 0) + amount; };
  if (slot === NOWHERE) {
    if (own === NOWHERE) add(1, unplacedCost[vm] ?? 0);
    else add(0, DROPPED_COST);
    return cost;
  }
  if (masks[maskOf[vm] ?? 0]?.[slot] !== 1) add(0, FORBIDDEN_COST);
  if (own !== NOWHERE && own !== slot) add(levelCount - 1, moveCost[vm] ?? 0);
  for (const wish of wishes) if (wish.vm === vm && wish.mask[slot] !== 1) add(wish.level, wish.weight);
  return cost;
}
