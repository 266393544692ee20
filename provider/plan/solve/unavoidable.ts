import { NOWHERE, type GroupSpec, type Problem } from "./problem.js";
import { State } from "./state.js";

/**
 * What hard rules cost whatever is done: what is broken by those VMs alone that nothing moves, of whom nobody else is in the way.
 * It is counted off, or one such fact would leave no assignment that keeps all hard rules, and nothing else would be repaired.
 *
 * @param isFixed one byte a VM: it stays where it is whatever the plan does
 */
export function unavoidableCost(problem: Problem, isFixed: Uint8Array): number {
  if (!isFixed.includes(1)) return 0;
  const hard = problem.groups.filter(({ level }) => level === 0);
  const { levels } = new State({
    ...problem, placed: isFixed, groups: hard.filter((group) => !isMending(group)), wishes: [], exclusives: problem.exclusives.filter(({ level }) => level === 0), onlines: problem.onlines.filter(({ level }) => level === 0), survives: [], levelCount: 3,
  }, problem.origin.map((slot, vm) => (isFixed[vm] === 1 ? slot : NOWHERE)));
  return hard.filter(isMending).reduce((sum, group) => sum + group.weight * leastUneven(problem, group, isFixed), levels[0] ?? 0);
}

/** Others may mend it by where they go. */
function isMending({ cost }: GroupSpec): boolean {
  return cost.kind === "skew" || cost.kind === "least";
}

/** What a group costs at least, had the members that may go anywhere the best places for that. */
function leastUneven({ origin, slotHost, placed }: Problem, { members, domainOf, domainCount, cost }: GroupSpec, isFixed: Uint8Array): number {
  const counts = new Int32Array(domainCount);
  let free = 0;
  for (const vm of members) {
    const slot = origin[vm] ?? NOWHERE;
    const domain = slot === NOWHERE ? -1 : (domainOf[slotHost[slot] ?? 0] ?? -1);
    if (isFixed[vm] !== 1) free += placed[vm] ?? 0;
    else if (domain >= 0) counts[domain] = (counts[domain] ?? 0) + 1;
  }
  if (cost.kind === "least") return Math.max(0, cost.least - counts.filter((count) => count > 0).length - free);
  if (cost.kind !== "skew" || domainCount === 0) return 0;
  const most = Math.max(...counts);
  let least = Math.min(...counts);
  const toFill = (level: number): number => counts.reduce((sum, count) => sum + Math.max(0, level - count), 0);
  while (least < most && toFill(least + 1) <= free) least += 1;
  return Math.max(0, most - least - cost.skew);
}
