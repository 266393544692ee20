/**
 * Guests that all have a place and are to have a better one: one cost, and hard rules that hold at the start and are never
 * broken. Numbers on typed arrays, like `../problem.ts`; here the unit of assignment is the host.
 *
 * It is the machine reassignment problem (ROADEF/EURO challenge 2012), and what balancing a cluster asks for.
 */
export interface Reassignment {
  readonly hostCount: number;
  readonly vmCount: number;
  readonly resourceCount: number;
  /** Capacity of host h in resource r at `h * resourceCount + r`. */
  readonly capacity: Float64Array;
  /** Up to here a load costs nothing, likewise. */
  readonly safety: Float64Array;
  /** What each unit above the safety capacity costs, by resource. */
  readonly loadWeight: Float64Array;
  /** 1 for a resource that a VM holds on its old host too while it moves. */
  readonly isTransient: Uint8Array;
  /** Demand of VM v in resource r at `v * resourceCount + r`. */
  readonly demand: Float64Array;
  /** Host where each VM is now. */
  readonly origin: Int32Array;
  /** Group of each VM; members of one group are on distinct hosts. */
  readonly groupOf: Int32Array;
  readonly groupCount: number;
  /** In at least so many locations members of each group are. */
  readonly leastLocations: Int32Array;
  /** Location of each host. */
  readonly locationOf: Int32Array;
  readonly locationCount: number;
  /** Neighbourhood of each host. */
  readonly neighbourhoodOf: Int32Array;
  readonly neighbourhoodCount: number;
  /** Groups that each group needs: wherever it has a member, each of them has one in the same neighbourhood. */
  readonly needs: readonly Int32Array[];
  readonly balances: readonly Balance[];
  /** What it costs that a VM is elsewhere than it was. */
  readonly moveCost: Float64Array;
  /** What the way costs besides, from host a to host b at `a * hostCount + b`. */
  readonly wayCost: Int32Array;
  /** What each unit of {@link wayCost} costs. */
  readonly wayWeight: number;
  /** What each moved member costs of the group that has most of them. */
  readonly groupMoveWeight: number;
}

/** On each host, what is free of resource b shall be `target` times what is free of a: costs weight × max(0, target × free(a) − free(b)). */
export interface Balance {
  readonly a: number;
  readonly b: number;
  readonly target: number;
  readonly weight: number;
}
