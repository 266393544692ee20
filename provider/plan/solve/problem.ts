/**
 * An inventory as the solver sees it: numbers on typed arrays. Names, labels and rules are gone; `compile.ts` made it.
 *
 * The unit of assignment is a *slot*: a host, or certain NUMA cells of a host. What a VM uses of a slot it uses of the
 * slot's *bins*: the host as a whole, and for a VM that asks for cells, each of those cells.
 */
export interface Problem {
  readonly hostCount: number;
  readonly vmCount: number;
  readonly resourceCount: number;
  /** Host of each slot. */
  readonly slotHost: Int32Array;
  /** Bins of slot s: `slotBin[slotBinStart[s]]` (the host's own) up to `slotBin[slotBinStart[s + 1] - 1]` (its cells). */
  readonly slotBinStart: Int32Array;
  readonly slotBin: Int32Array;
  /** Capacity of bin b in resource r at `b * resourceCount + r`, overcommit included, in thousandths of a unit. */
  readonly capacity: Float64Array;
  /** Demand of VM v in resource r at `v * resourceCount + r`, in thousandths of a unit. */
  readonly demand: Float64Array;
  /** The same for each of its cells, for VMs that span cells. */
  readonly cellDemand: Float64Array;
  /** Slot where each VM is now; {@link NOWHERE} for one that runs nowhere. */
  readonly origin: Int32Array;
  /** Slots where each VM may be, as an index into `masks`. */
  readonly maskOf: Int32Array;
  /** One byte a slot: 1 where it is allowed. */
  readonly masks: readonly Uint8Array[];
  /** The same for where each VM may be on its way: what need not hold but at the end is no matter there. */
  readonly passing: { readonly maskOf: Int32Array; readonly masks: readonly Uint8Array[] };
  /** Does the VM need a place at all? 0 for one that shall not run. */
  readonly placed: Uint8Array;
  /** May the solver change its place? 0 for what others made, and for VMs that do not move. */
  readonly movable: Uint8Array;
  /** What leaving a VM without a place costs at level 1: one of a higher priority more than all with lower ones (`priorities.ts`). One that runs is never left without (level 0). */
  readonly unplacedCost: Float64Array;
  /** VMs may be left without a place that run nowhere, where there is none for all. */
  readonly mayWait: boolean;
  /** What a change of its place costs at the last level: MiB that are copied. */
  readonly moveCost: Float64Array;
  /** What hard rules cost whatever is done (`unavoidable.ts`): it is counted off, so that 0 at level 0 is the best there is. */
  readonly unavoidable: number;
  /** 0: hard; 1: without a place; then soft rules by priority, strongest first; the last: MiB moved. */
  readonly levelCount: number;
  readonly groups: readonly GroupSpec[];
  readonly wishes: readonly WishSpec[];
  readonly exclusives: readonly ExclusiveSpec[];
  readonly onlines: readonly OnlineSpec[];
  readonly survives?: readonly SurviveSpec[];
  /** What a policy minimises; only while it balances. Its level is the last but one. */
  readonly balance?: BalanceSpec;
}

/** In place of a slot: the VM has none. */
export const NOWHERE = -1;

/** What leaving a guest that runs without a place costs at level 0: it is never done, whatever else is broken. */
export const DROPPED_COST = 1e13;

/** Being where a hard rule forbids it is worse than a unit too much of a resource. */
export const FORBIDDEN_COST = 1_000_000;

/** How the counts of a group's members by domain become a cost. */
export type GroupCost =
  /** Σ max(0, count − most) over domains. */
  | { readonly kind: "most"; readonly most: number }
  /** Domains in use beyond the first. */
  | { readonly kind: "gather" }
  /** max(0, largest count − smallest count − skew), over all domains. */
  | { readonly kind: "skew"; readonly skew: number }
  /** max(0, least − domains in use); `least` is never more than the group has members. */
  | { readonly kind: "least"; readonly least: number };

/** What all rules have that are about more than one VM. */
interface RuleSpecBase {
  readonly level: number;
  readonly weight: number;
  /** It holds at every moment of the transition. */
  readonly isContinuous: boolean;
}

/** Hosts that carry members carry no others. */
export interface ExclusiveSpec extends RuleSpecBase {
  readonly members: Int32Array;
}

/** At most so many of these hosts carry anything. */
export interface OnlineSpec extends RuleSpecBase {
  readonly isCounted: Uint8Array;
  readonly most: number;
}

/** After the loss of any so many domains, members that were there have places elsewhere. */
export interface SurviveSpec extends RuleSpecBase {
  /** One byte a VM: those that must be restarted. */
  readonly isMember: Uint8Array;
  /** One byte a VM: those that can be started anywhere now and restarted nowhere else, for they are pinned and have no host yet. */
  readonly stays: Uint8Array;
  /** Domain of each host; −1 for one that is not counted. */
  readonly domainOf: Int32Array;
  readonly domainCount: number;
  readonly failures: number;
}

/** A rule about how members of a group are divided among domains (hosts, racks, a set of hosts). */
export interface GroupSpec extends RuleSpecBase {
  readonly members: Int32Array;
  /** Domain of each host; −1 where the host is in none and is not counted. */
  readonly domainOf: Int32Array;
  readonly domainCount: number;
  readonly cost: GroupCost;
}

/**
 * A policy in numbers: a cost for each host by what it carries, and a price for each VM that moves, in millionths of a host.
 * VMs and hosts have loads of several sorts, and a measure makes one number of a host's: Σ load × `measures[m]`, rounded down.
 */
export interface BalanceSpec {
  readonly level: number;
  /** 1 for hosts that take part. */
  readonly isCounted: Uint8Array;
  readonly sorts: number;
  /** Load of VM v of sort l at `v * sorts + l`, whole numbers. */
  readonly loads: Float64Array;
  /** Load that is of no VM, of host h at `h * sorts + l`. */
  readonly base: Float64Array;
  /** For each measure: millionths of host h that a unit of sort l is, at `h * sorts + l`. */
  readonly measures: readonly Float64Array[];
  readonly terms: readonly HostTerm[];
  /** What it costs that a VM is elsewhere than it was. */
  readonly price: Float64Array;
}

/** A part of what a host costs. */
export type HostTerm =
  /** weight × max(0, measure − most[host]) */
  | { readonly kind: "above"; readonly measure: number; readonly weight: number; readonly most: Float64Array }
  /** weight × (number of its VMs)² */
  | { readonly kind: "square"; readonly weight: number }
  /** weight, where it carries any VM */
  | { readonly kind: "used"; readonly weight: number };

/** A soft preference: a VM outside of the mask costs. */
export interface WishSpec {
  readonly vm: number;
  readonly mask: Uint8Array;
  readonly level: number;
  readonly weight: number;
}
