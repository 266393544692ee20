import type { Amounts, NumaCell, PlanHost } from "./model.js";

/** Parts of a unit that do not matter: the solver counts in thousandths, and rounds demands up and capacities down. */
export const TOLERANCE = 0.0005;

/** What guests may be promised of a host: (capacity − reserved) × overcommit, a number for each resource. */
export function available({ capacity, reserved, overcommit }: Pick<PlanHost, "capacity" | "reserved" | "overcommit">): Amounts {
  return Object.fromEntries(Object.entries(capacity).map(([resource, amount]) => [resource, Math.max(0, amount - (reserved?.[resource] ?? 0)) * (overcommit?.[resource] ?? 1)]));
}

/** What guests may be promised of a NUMA cell: its capacity × the host's overcommit. What the host keeps for itself is kept of the whole. */
export function availableOfCell({ overcommit }: Pick<PlanHost, "overcommit">, { capacity }: NumaCell): Amounts {
  return Object.fromEntries(Object.entries(capacity).map(([resource, amount]) => [resource, amount * (overcommit?.[resource] ?? 1)]));
}
