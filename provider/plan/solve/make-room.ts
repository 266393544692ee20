import { NOWHERE, type Problem } from "./problem.js";
import { bestSlot, type Candidates, type Tie } from "./slots.js";
import { compareLevels, type State } from "./state.js";

/** How many hosts are cleared for a VM, at most: those that need the least more room. */
const MOST_HOSTS = 12;

/**
 * Clears a host for a VM, or for some that belong together, that fit nowhere as things are: all that may leave the host is
 * taken off, they are put there, and the others find places again, their own where there is room left.
 *
 * @param block VMs that are to be on one host
 * @returns whether that was better; if not, nothing has changed
 */
export function makeRoom(state: State, block: readonly number[], candidates: Candidates, tie: Tie): boolean {
  const { problem } = state;
  if (block.some((vm) => problem.placed[vm] === 0 || problem.movable[vm] === 0)) return false;
  const before = state.levels.slice();
  const inBlock = new Set(block);
  for (const host of hostsToClear(state, block, candidates)) {
    const torn = [...block, ...[...(state.vmsOn[host] ?? [])].filter((vm) => !inBlock.has(vm) && problem.movable[vm] === 1 && problem.placed[vm] === 1).sort((a, b) => largerFirst(problem, a, b))];
    const slots = torn.map((vm) => state.slotOf[vm] ?? NOWHERE);
    for (const vm of torn) state.move(vm, NOWHERE);
    const isPlaced = torn.every((vm) => {
      const where = inBlock.has(vm) ? candidates.of(vm).filter((slot) => problem.slotHost[slot] === host) : candidates.of(vm);
      const slot = bestSlot(state, vm, where, tie);
      if (slot === NOWHERE) return false;
      state.move(vm, slot);
      return true;
    });
    if (isPlaced && compareLevels(state.levels, before) < 0) return true;
    for (const vm of torn) state.move(vm, NOWHERE);
    for (const [i, vm] of torn.entries()) state.move(vm, slots[i] ?? NOWHERE);
  }
  return false;
}

/** Hosts where all of them may be and have room once it is cleared, those first that have the most room as they are. */
function hostsToClear(state: State, block: readonly number[], candidates: Candidates): number[] {
  const { problem } = state;
  const { resourceCount, demand, capacity, slotHost, movable } = problem;
  const found: { readonly host: number; readonly room: number }[] = [];
  const where = block.map((vm) => new Set(Array.from(candidates.of(vm), (slot) => slotHost[slot] ?? 0)));
  for (const host of where[0] ?? []) {
    if (!where.every((hosts) => hosts.has(host))) continue;
    let room = Infinity;
    for (let r = 0; r < resourceCount; r += 1) {
      const has = capacity[host * resourceCount + r] ?? 0;
      let free = state.capacity.free(host, r);
      for (const vm of block) free -= demand[vm * resourceCount + r] ?? 0;
      let cleared = free;
      for (const vm of state.vmsOn[host] ?? []) if (movable[vm] === 1) cleared += demand[vm * resourceCount + r] ?? 0;
      room = Math.min(room, cleared < 0 ? -Infinity : has === 0 ? 0 : free / has);
    }
    if (room > -Infinity) found.push({ host, room });
  }
  found.sort((a, b) => b.room - a.room || a.host - b.host);
  return found.slice(0, MOST_HOSTS).map(({ host }) => host);
}

function largerFirst({ resourceCount, demand, capacity }: Problem, a: number, b: number): number {
  let difference = 0;
  for (let r = 0; r < resourceCount; r += 1) {
    const has = capacity[r] ?? 0;
    if (has > 0) difference += ((demand[b * resourceCount + r] ?? 0) - (demand[a * resourceCount + r] ?? 0)) / has;
  }
  return difference || a - b;
}
