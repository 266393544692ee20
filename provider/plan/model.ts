/**
 * What a plan is made from, and what it is: plain data, as `drover plan FILE.json` reads and prints it.
 *
 * Units are in the names: memory in MiB, links in Mb/s, times in seconds. Amounts of other resources have the unit of their
 * own name (`vcpus`: virtual CPUs). Names are unique among hosts and among VMs.
 */

/** Amounts by resource: `{ vcpus: 4, memoryMib: 8192 }`. Any name is a resource once a host has it. */
export type Amounts = Readonly<Record<string, number>>;

/** Labels of a host or a VM. A host's labels are also its failure domains: `{ room: "r1", rack: "r1-a" }`. */
export type Labels = Readonly<Record<string, string>>;

/**
 * What a host is for the planner.
 *
 * - `up`: it may carry guests.
 * - `maintenance`, `leaving`: its guests shall move away, alive; it takes no new ones.
 * - `off`: it carries nothing and takes nothing; where it has `power`, the plan may switch it on.
 * - `lost`: it is known to be dead (fenced); what ran there is to be started elsewhere.
 * - `unknown`: nobody knows; what is there stays assigned there, is neither moved nor stopped, and nothing is started twice.
 */
export type HostState = "up" | "maintenance" | "leaving" | "off" | "lost" | "unknown";

export interface NumaCell {
  /** What guests may have of it, before the host's overcommit. A resource that is not named is no limit. */
  readonly capacity: Amounts;
}

export interface PlanHost {
  readonly name: string;
  /** What the machine has, before overcommit. */
  readonly capacity: Amounts;
  /** How many times over a resource may be promised. Default 1 for each. */
  readonly overcommit?: Amounts;
  /** Kept for the host itself, out of its capacity. */
  readonly reserved?: Amounts;
  /** Cells of a NUMA machine, for guests that ask for cells. */
  readonly numa?: readonly NumaCell[];
  readonly labels?: Labels;
  /** Names of its domains where they are a tree: what the inventory's `domains` and its labels make of them. It is not declared. */
  readonly domains?: Labels;
  /** For migration traffic. Default: 1000 both ways. */
  readonly link?: { readonly inMbps: number; readonly outMbps: number };
  /** Names of the networks that guests can be plugged into here. Absent: all. */
  readonly networks?: readonly string[];
  /** Names of the storage pools that it reaches. Absent: all. */
  readonly pools?: readonly string[];
  readonly cpu?: { readonly model: string; readonly features?: readonly string[] };
  /** Default `up`. */
  readonly state?: HostState;
  /** Measured: how much of its CPUs is in use, its guests included, 0 to 100. Absent: what its guests are promised counts. */
  readonly cpuPercent?: number;
  /** For how many minutes that has been on its side of the policy's threshold. Absent: long enough. */
  readonly cpuMinutes?: number;
  /** The plan may switch it on and off. Absent: its power is left alone. */
  readonly power?: HostPower;
}

/** How a host is switched on and off. */
export interface HostPower {
  /** From being switched on until it takes guests. Default 180. */
  readonly bootSeconds?: number;
  /** Default 60. */
  readonly shutdownSeconds?: number;
  /** What it costs to run: of two hosts that would do, the cheaper is switched on, and the dearer switched off. Default 0. */
  readonly cost?: number;
}

export interface PlanVm {
  readonly name: string;
  /** What it needs of its host's resources while it runs. */
  readonly demand: Amounts;
  /** What of its demand must be there though all others use theirs: it counts without overcommit. Default none. */
  readonly reservation?: Amounts;
  /** Where it runs now; absent: nowhere. */
  readonly host?: string;
  /** Cells that it uses there. */
  readonly cells?: readonly number[];
  /** Whether it shall run. Default true; one that shall not run takes no place, and leaves the one that it has. */
  readonly running?: boolean;
  readonly labels?: Labels;
  /** Whether a live migration is possible and wanted. Default true: a VM that does not move stays where it runs. */
  readonly movable?: boolean;
  /** False for what others made: carried on its host whatever happens, never moved nor stopped, so that `running` is not said of it. Default true. */
  readonly managed?: boolean;
  /**
   * High availability: VMs that run nowhere have places in this order, the largest first; where not all fit, see `startWhatFits`.
   * Default 0.
   */
  readonly priority?: number;
  /** How many NUMA cells it spans; its demand is divided among them. Absent: it does not care. */
  readonly numaCells?: number;
  /** Networks, pools and CPU features that it needs. */
  readonly networks?: readonly string[];
  readonly pools?: readonly string[];
  readonly cpu?: { readonly model?: string; readonly features?: readonly string[] };
  /** Memory that is really in use, which is what a migration copies. Default: its demand of `memoryMib`. */
  readonly memoryUsedMib?: number;
  /** How fast it changes memory, beyond a hot part that is always copied again. Default 0. */
  readonly dirtyRateMbps?: number;
  /** The part that is changed all the time, and how soon it is all changed again. Default 0. */
  readonly hotMib?: number;
  readonly hotSeconds?: number;
  /** Measured: how much of its `vcpus` is in use, 0 to 100. Absent: its part of what its host uses, or else all of them. */
  readonly cpuPercent?: number;
  /** Parts of it that must be on other hosts than it is, and than each other, at every moment: the mirror of its disk. */
  readonly linked?: readonly LinkedPart[];
}

/**
 * A part of a VM that is on another host: Ganeti's secondary node. Rules, actions and `assignments` call it by the VM's name and
 * its own, `db/secondary`. It is there whether or not the VM runs, and has the VM's `priority`; what else is said of the VM is not said of it.
 * @example { name: "secondary", demand: { diskMib: 51200 }, host: "birch" }
 */
export interface LinkedPart {
  /** Unique among the parts of the VM. */
  readonly name: string;
  /** What it needs of its host's resources. */
  readonly demand: Amounts;
  /** Where it is now; absent: nowhere, and it is to be made. */
  readonly host?: string;
  readonly labels?: Labels;
  /** Whether it can be moved. Default true. */
  readonly movable?: boolean;
  /** Networks and pools that it needs. */
  readonly networks?: readonly string[];
  readonly pools?: readonly string[];
  /** MiB that moving it copies. Default: its demand of `diskMib`, or else of `memoryMib`. */
  readonly copyMib?: number;
}

/** Which VMs or hosts a rule is about: by name, or all that have these labels. */
export type Selection = readonly string[] | { readonly labels: Labels };

/** What all rules have. `docs/planner.md` shows each kind. */
export interface RuleBase {
  readonly kind: string;
  /** For messages; unique, and none that plans have themselves (`place`, `capacity`, …). Default: its kind and place in the list. */
  readonly name?: string;
  /** A rule that is not hard is broken rather than nothing planned; then its `priority` counts. Default true. */
  readonly hard?: boolean;
  /** Among soft rules: 1 is the weakest, 10 the strongest. Default 5. */
  readonly priority?: number;
  /** It holds at every moment of the transition, not only at its end. Default false. */
  readonly continuous?: boolean;
}

/**
 * What a plan may cost. What is wrong is repaired first, then load is balanced, as far as it goes. Starts and stops are free.
 * @example { moves: 10, mib: 65536 }
 */
export interface Budget {
  /** Only these may move. Absent: all that are movable. */
  readonly vms?: Selection;
  /** Live migrations at most; going to other NUMA cells counts as one. */
  readonly moves?: number;
  /** MiB at most that they copy together. */
  readonly mib?: number;
  /** How long the planner may search, by the wall clock. A plan that this cut short says so: `isDeterministic` is false. */
  readonly searchSeconds?: number;
}

/** oVirt's scheduling policies, by their names there. */
export type PolicyName = "none" | "evenly_distributed" | "vm_evenly_distributed" | "power_saving" | "cluster_maintenance";

/** How load shall be divided among hosts; `docs/planner.md` has each policy's parameters and formula. */
export interface Policy {
  readonly name: PolicyName;
  /** By oVirt's names, `{ HighUtilization: 80 }`; those that are absent have their defaults. */
  readonly parameters?: Readonly<Record<string, number | boolean>>;
}

/** A rule with the properties of its kind. */
export type RuleSpec = RuleBase & Readonly<Record<string, unknown>>;

/** All that a plan is made from. */
export interface Inventory {
  readonly hosts: readonly PlanHost[];
  readonly vms: readonly PlanVm[];
  /** Each is one of the kinds in `rules/index.ts`. */
  readonly rules?: readonly RuleSpec[];
  /**
   * Labels of hosts whose domains lie within each other, the outermost first: `["room", "rack"]`, and rack 1 of room a is another than
   * rack 1 of room b. Absent: a label says all.
   */
  readonly domains?: readonly string[];
  /** Where VMs are placed, of hosts that are equally good, and what `rebalance` aims at. Default `none`. */
  readonly policy?: Policy;
  /** Guests may be moved for the policy's sake alone, where its thresholds are crossed. Default false. */
  readonly rebalance?: boolean;
  readonly budget?: Budget;
  readonly schedule?: ScheduleOptions;
  /** Same seed and inventory, same plan. Default 1. */
  readonly seed?: number;
  /**
   * Where there are not places for all VMs that run nowhere (new ones, and those of lost hosts), those with the highest priority are
   * started and the others wait, which `violationsAfter` tells. Default false: then nothing is planned.
   */
  readonly startWhatFits?: boolean;
  /** How many ways the search goes where the first leaves anything wrong, 1 to 64; the best is taken. Default 1. */
  readonly starts?: number;
}

/** When things are done. Times count from the beginning of the plan. `docs/planner.md` has an example of each. */
export interface ScheduleOptions {
  /** Moves at a time into and out of a host. Default 2 each. */
  readonly parallelPerHost?: number;
  /** What one move takes of the links at most, Mb/s. Default: all that they have. */
  readonly mbpsPerMove?: number;
  /** What is made small: when the last action ends (`makespan`, the default), or the sum of the times at which actions end (`ends`). */
  readonly objective?: "makespan" | "ends";
  /** Names of VMs whose actions come one after another, in this order: the replica, then the database. */
  readonly seq?: readonly (readonly string[])[];
  /** Every action of the one side has ended before any of the other begins. */
  readonly precedence?: readonly Precedence[];
  /** Actions of these VMs begin and end within a window; a VM of several windows takes one of them. */
  readonly windows?: readonly TimeWindow[];
  /** Actions of these VMs have ended by then. */
  readonly deadlines?: readonly Deadline[];
  /** Moves that were measured: durations are predicted by what fits them. */
  readonly calibration?: readonly PastMove[];
}

export interface Precedence {
  readonly before: Selection;
  readonly after: Selection;
}

export interface TimeWindow {
  readonly vms: Selection;
  /** Default 0. */
  readonly fromSeconds?: number;
  /** Default: no end. */
  readonly untilSeconds?: number;
}

export interface Deadline {
  readonly vms: Selection;
  readonly seconds: number;
}

/** A live migration that was measured: of which VM, at what bandwidth, how long it took. */
export interface PastMove {
  readonly vm: string;
  readonly mbps: number;
  readonly seconds: number;
}

/** Where a VM is or shall be. */
export interface Place {
  readonly host: string;
  /** NUMA cells, for a VM that asks for them. */
  readonly cells?: readonly number[];
}

/** One VM, and where the plan has it at the end; `undefined` for one that does not run then. */
export type Assignments = Readonly<Record<string, Place | undefined>>;

/** A rule, or a fact such as a host's capacity, that does not hold. */
export interface Violation {
  /** Name of the rule, or of what it is without a rule: `capacity of ash`. */
  readonly rule: string;
  readonly hard: boolean;
  /** In an operator's words. */
  readonly text: string;
  readonly vms: readonly string[];
  readonly hosts: readonly string[];
}

export interface Action {
  /** `boot` and `shutdown` are done to a host, all others to a VM. `repin`: it goes to other NUMA cells of its host, which is no migration. */
  readonly kind: "migrate" | "repin" | "start" | "stop" | "boot" | "shutdown";
  /** Name of the VM, or of the host. */
  readonly subject: string;
  readonly from?: Place;
  readonly to?: Place;
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** What is copied, for migrations from host to host and for those that go to other cells. */
  readonly mib?: number;
  /** What a migration has of the links on its way, from its beginning to its end. */
  readonly mbps?: number;
  /** `false` for a guest that changes memory as fast as it is copied: its migration policy's ladder ends the move. */
  readonly converges?: boolean;
  /** Indexes of actions that end before this one begins. */
  readonly after: readonly number[];
  /** Why, in one sentence. */
  readonly reason: string;
}

export interface Plan {
  /**
   * `nothing`: all is as it should be, or as well as can be. `changes`: the actions lead there. `impossible`: no assignment keeps all
   * hard rules. What is broken by VMs alone that nothing moves forbids nothing, and stays among `violationsAfter`.
   */
  readonly outcome: "nothing" | "changes" | "impossible";
  readonly assignments: Assignments;
  readonly actions: readonly Action[];
  readonly makespanSeconds: number;
  readonly violationsBefore: readonly Violation[];
  readonly violationsAfter: readonly Violation[];
  /** The budget did not suffice: more could be repaired than the plan does. With the outcome `nothing`: only wishes, and it suffices for none of them. */
  readonly isPartial: boolean;
  /** The same inventory gives this very plan. False only where `budget.searchSeconds` cut the search short. */
  readonly isDeterministic: boolean;
  /**
   * Every assignment was looked at or ruled out: none breaks less, and of equal ones none copies less; and of an impossible plan, that
   * there is none. Balancing is no part of that, nor is in which order things are done. Up to 6 hosts and 12 VMs that is tried, and
   * mostly so; false is no more than that it was not proved.
   */
  readonly isProven: boolean;
  /** Of an impossible plan: rules and facts that conflict; minimal where `isMinimal`. */
  readonly conflict?: { readonly texts: readonly string[]; readonly isMinimal: boolean };
}
