import { NOWHERE, type Problem } from "./problem.js";
import { compareLevels, type State } from "./state.js";

/** Slots where each VM may be, as lists: VMs with the same mask share one. */
export class Candidates {
  readonly #problem: Problem;
  readonly #lists: readonly Int32Array[];

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#lists = problem.masks.map((mask) => Int32Array.from([...mask.keys()].filter((slot) => mask[slot] === 1)));
  }

  of(vm: number): Int32Array {
    return this.#lists[this.#problem.maskOf[vm] ?? 0] ?? NONE;
  }

  /** The list of that one of the VMs that has the fewest. */
  ofFewest(vms: readonly number[]): Int32Array {
    let fewest: Int32Array | undefined;
    for (const vm of vms) if (fewest === undefined || this.of(vm).length < fewest.length) fewest = this.of(vm);
    return fewest ?? NONE;
  }

  allows(vm: number, slot: number): boolean {
    return this.#problem.masks[this.#problem.maskOf[vm] ?? 0]?.[slot] === 1;
  }
}

const NONE = new Int32Array(0);

/** Which of places that cost the same is taken. */
export interface Tie {
  /** `spread`: the emptiest host; `pack`: the fullest; `fewest`: the one with the fewest VMs, and of those the emptiest. */
  readonly order: "spread" | "pack" | "fewest";
  /** A host that would be fuller than this part of it (0 to 1) is the last to be packed. */
  readonly most: number;
}

/**
 * The best place for a VM: the one that costs least; the place that it has, and then the one it came from, before others of
 * equal cost; then by how full the host would be; then by the slot's number.
 */
export function bestSlot(state: State, vm: number, candidates: Int32Array, tie: Tie): number {
  let best = NOWHERE;
  let bestFill = 0;
  let bestDelta: Float64Array | undefined;
  const own = state.slotOf[vm];
  const origin = state.problem.origin[vm];
  // Once a place is as good as any can be, only the others' fullness counts.
  const least = state.leastDelta(vm);
  let isLeast = false;
  for (const slot of candidates) {
    const fill = slot === own ? -2 : slot === origin ? -1 : fillOf(state, vm, slot, tie);
    if (isLeast && fill >= bestFill && fill >= 0) continue;
    const delta = state.delta(vm, slot);
    const order = bestDelta === undefined ? -1 : compareLevels(delta, bestDelta);
    if (order > 0) continue;
    if (order === 0 && fill >= bestFill) continue;
    if (bestDelta === undefined) bestDelta = delta.slice();
    else bestDelta.set(delta);
    best = slot;
    bestFill = fill;
    isLeast = least !== undefined && compareLevels(delta, least) <= 0;
  }
  return best;
}

/** What to prefer the least of: how full the host of a slot would be with the VM, by its scarcest resource. */
function fillOf(state: State, vm: number, slot: number, { order, most }: Tie): number {
  const { slotBinStart, slotBin, resourceCount, capacity, demand } = state.problem;
  const bin = slotBin[slotBinStart[slot] ?? 0] ?? 0;
  let fill = 0;
  for (let r = 0; r < resourceCount; r += 1) {
    const has = capacity[bin * resourceCount + r] ?? 0;
    if (has === 0) continue;
    fill = Math.max(fill, (has - state.capacity.free(bin, r) + (demand[vm * resourceCount + r] ?? 0)) / has);
  }
  if (order === "fewest") return (state.vmsOn[state.problem.slotHost[slot] ?? 0]?.size ?? 0) * 1000 + fill;
  return order === "spread" ? fill : fill <= most ? 1 - fill : 1 + fill;
}
