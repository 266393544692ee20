/** Sums of costs stay whole numbers that are exact. */
const MOST_COST = 2 ** 50;

/**
 * What it costs to leave each VM without a place, so that one of a higher priority costs more than all with lower ones together.
 * Of very many priorities and VMs that would be more than a number can hold: then the lowest ones count alike.
 *
 * @param mayWait whether a VM may be without a place at all
 */
export function unplacedCosts(priorities: readonly number[], mayWait: (index: number) => boolean): Float64Array {
  const classes = [...new Set(priorities)].sort((a, b) => a - b);
  const counts = new Map(classes.map((priority) => [priority, 0]));
  for (const [index, priority] of priorities.entries()) if (mayWait(index)) counts.set(priority, (counts.get(priority) ?? 0) + 1);
  for (let alike = 1; ; alike += 1) {
    const costs = new Map<number, number>();
    let sum = 0;
    let cost = 1;
    for (const [rank, priority] of classes.entries()) {
      if (rank >= alike) cost = sum + 1;
      costs.set(priority, cost);
      sum += cost * (counts.get(priority) ?? 0);
    }
    if (sum + cost <= MOST_COST || alike >= classes.length) return Float64Array.from(priorities, (priority) => costs.get(priority) ?? 1);
  }
}
