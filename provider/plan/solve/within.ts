import type { Allowance } from "./allowance.js";
import { NOWHERE, type Problem } from "./problem.js";
import { relieves } from "./search.js";
import { bestSlot, Candidates, type Tie } from "./slots.js";
import { compareLevels, isBetter, State } from "./state.js";

/**
 * The best part of a repair that a budget allows: one change after another, the one that mends most first and of equal ones
 * the one that copies least, each of which makes something better and nothing worse, and fits as things stand.
 * @param problem with a level of its own for each broken rule (`levels.ts`)
 */
export function repairWithin(problem: Problem, slots: Int32Array, allowance: Allowance, tie: Tie): Int32Array {
  const state = new State(problem, slots);
  const candidates = new Candidates(problem);
  const isWorth = (vm: number, slot: number): boolean => {
    if (slot === state.slotOf[vm] || !allowance.allows(vm, slot) || !hasRoom(state, vm, slot)) return false;
    const delta = state.delta(vm, slot);
    const rules = delta.subarray(0, -1);
    return rules.every((change) => change <= 0) && isBetter(rules);
  };
  const best = (vm: number): number => bestSlot(state, vm, candidates.of(vm).filter((slot) => isWorth(vm, slot)), tie);
  for (let changed = true; changed;) {
    changed = false;
    const found = culpritsOf(state).map((vm) => ({ vm, slot: best(vm) })).filter(({ slot }) => slot !== NOWHERE).map(({ vm, slot }) => ({ vm, delta: state.delta(vm, slot).slice() }));
    found.sort((a, b) => compareLevels(a.delta, b.delta) || a.vm - b.vm);
    for (const { vm } of found) {
      // What was done meanwhile may have taken its place, or its reason.
      const slot = best(vm);
      if (slot === NOWHERE) continue;
      allowance.move(vm, slot);
      state.move(vm, slot);
      changed = true;
    }
  }
  return state.slotOf;
}

function culpritsOf(state: State): number[] {
  const { vmCount, movable, placed } = state.problem;
  return Array.from({ length: vmCount }, (_, vm) => vm).filter((vm) => movable[vm] === 1 && placed[vm] === 1 && (state.slotOf[vm] === NOWHERE || relieves(state, vm)));
}

/** Does it fit without anybody going first? */
function hasRoom({ problem, capacity, slotOf }: State, vm: number, slot: number): boolean {
  const { slotBinStart, slotBin, slotHost, resourceCount, demand, cellDemand } = problem;
  const from = slotOf[vm] ?? NOWHERE;
  const first = slotBinStart[slot] ?? 0;
  const isSameHost = from !== NOWHERE && slotHost[from] === slotHost[slot];
  for (let b = isSameHost ? first + 1 : first; b < (slotBinStart[slot + 1] ?? 0); b += 1) {
    const amounts = b === first ? demand : cellDemand;
    for (let r = 0; r < resourceCount; r += 1) {
      const amount = amounts[vm * resourceCount + r] ?? 0;
      if (amount > 0 && capacity.free(slotBin[b] ?? 0, r) < amount) return false;
    }
  }
  return true;
}
