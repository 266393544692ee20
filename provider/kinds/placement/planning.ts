import { DroverError, messageOf } from "../../base/error.js";
import { UNKNOWN } from "../../engine/handler.js";
import { UNTIE } from "../../inventory/ties.js";
import { InventoryError, plan, type Action, type Inventory, type Place, type Plan, type RuleSpec } from "../../plan/index.js";
import type { Assignment, ClusterPlan, PlacementInputs, PlannedMove } from "../../schema/index.js";
import { headroomOf, lossesIn, type Headroom } from "./headroom.js";
import { planInventory, whyItStays, type KnownHost } from "./inventory.js";
import type { FoundMember, Seen } from "./members.js";
import { leavingGuests, notesOf } from "./notes.js";
import type { ReadCluster } from "./reading.js";
import { report, spareOf } from "./report.js";

/** A plan in the form in which it is shown, kept and carried out. */
export interface PlannedCluster {
  readonly assignments: Readonly<Record<string, Assignment>>;
  readonly plan: ClusterPlan;
  /** VMs that are to run and have no place: none, unless as many are to be started as fit. */
  readonly waiting: readonly string[];
  /** Where guests move or start, and where it is asked for. */
  readonly headroom?: readonly Headroom[];
  /** For the terminal. */
  readonly text: string;
}

export interface PlanOptions {
  /** Places that a preview showed, and that hold. */
  readonly fixed?: Readonly<Record<string, string>> | undefined;
  /** When the plan tells what is spare and what a loss would do. */
  readonly outlook?: "always" | "where it changes something" | "never";
  /** Where not all VMs that run nowhere have a place, the most important ones get one. Otherwise that is impossible. */
  readonly startWhatFits?: boolean;
  /** How long the planner may search. Default: as long as it takes. */
  readonly searchSeconds?: number | undefined;
}

/**
 * Plans what the program asks for.
 * @throws DroverError when it is impossible, with the smallest conflict that was found
 */
export async function makePlan(cluster: ReadCluster, { fixed, outlook = "where it changes something", startWhatFits = false, searchSeconds }: PlanOptions = {}): Promise<PlannedCluster> {
  const { inputs, hosts, sorted, open } = cluster;
  const asked = planInventory(inputs, hosts, sorted);
  const base: Inventory = { ...asked, startWhatFits, ...(searchSeconds === undefined ? {} : { budget: { ...asked.budget, searchSeconds } }) };
  const inventory: Inventory = fixed === undefined ? base : { ...base, rules: [...(base.rules ?? []), ...fences(base, fixed)] };
  const made = await plannedBy(inputs, inventory);
  if (made.outcome === "impossible") throw impossible(cluster, made, inventory, fixed !== undefined);
  const planned: ClusterPlan = {
    moves: movesOf(made, cluster), starts: startsOf(made, cluster), seconds: made.makespanSeconds,
    violations: made.violationsBefore.map(({ text }) => text),
    violationsAfter: made.violationsAfter.map(({ text }) => text),
    ...(cluster.returned.length === 0 ? {} : { returned: cluster.returned }),
  };
  const notes = notesOf(cluster, planned);
  const isQuiet = planned.moves.length === 0 && Object.keys(planned.starts).length === 0;
  const headroom = outlook === "never" || (isQuiet && outlook !== "always") ? undefined : headroomOf(inventory, made, inputs.tolerate);
  const waiting = startWhatFits ? sorted.members.flatMap(({ name, member }) => (member.running && made.assignments[name] === undefined ? [name] : [])) : [];
  const shown: ClusterPlan = {
    ...planned, ...(open.length === 0 ? {} : { unplaced: open }), ...(notes.length === 0 ? {} : { notes }), ...(headroom === undefined ? {} : { spare: spareOf(inventory, made), losses: lossesIn(headroom) }),
  };
  return { assignments: assignmentsOf(cluster, made, shown), plan: shown, waiting, ...(headroom === undefined ? {} : { headroom }), text: report(inputs.cluster, shown, inventory, hosts, headroom) };
}

async function plannedBy(inputs: PlacementInputs, inventory: Inventory): Promise<Plan> {
  try {
    return await plan(inventory);
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    throw new DroverError({ attempted: `place the VMs of cluster ${inputs.cluster}`, answer: messageOf(error), next: "correct the cluster's rules, hosts or VMs", cause: error });
  }
}

function fences(inventory: Inventory, places: Readonly<Record<string, string>>): RuleSpec[] {
  return inventory.vms.flatMap((vm) => {
    const host = places[vm.name];
    return host === undefined || vm.running === false ? [] : [{ kind: "fence", name: `${vm.name} as preview showed it`, vms: [vm.name], hosts: [host] }];
  });
}

/** Live migrations alone: a guest that does not run is defined and started elsewhere by its own resource. */
function movesOf({ actions }: Plan, { sorted }: ReadCluster): PlannedMove[] {
  const moving = new Map<number, number>();
  const seen = new Map(sorted.members.map((member) => [member.name, member.seen]));
  const isLive = (action: Action): boolean => action.kind === "migrate" && seen.get(action.subject)?.domain.isActive === true;
  actions.forEach((action, index) => { if (isLive(action)) moving.set(index, moving.size); });
  const groups: number[] = [];
  return actions.filter(isLive).map((action): PlannedMove => {
    const after = [...new Set(action.after.flatMap((index) => liveBefore(actions, moving, index)))].sort((a, b) => a - b);
    const group = Math.max(0, ...after.map((index) => groups[index] ?? 0)) + 1;
    groups.push(group);
    return {
      vm: action.subject, uuid: seen.get(action.subject)?.domain.uuid ?? "", from: action.from?.host ?? "", to: action.to?.host ?? "", group, after, reason: action.reason,
      startSeconds: action.startSeconds, seconds: action.durationSeconds, megabytes: Math.round((action.mib ?? 0) * 1.048576),
    };
  });
}

/** The moves that an action stands for in an order: itself, or those before it. */
function liveBefore(actions: readonly Action[], moving: ReadonlyMap<number, number>, index: number): number[] {
  const own = moving.get(index);
  if (own !== undefined) return [own];
  return actions[index]?.after.flatMap((before) => liveBefore(actions, moving, before)) ?? [];
}

function startsOf({ assignments }: Plan, { hosts, sorted, cutOff }: ReadCluster): Record<string, string> {
  const silent = new Set(hosts.filter(({ state }) => state === "unknown").map(({ declared }) => declared.host.name));
  return Object.fromEntries(sorted.members.flatMap(({ name, member, seen }) => {
    const place = assignments[name];
    // It may run at the end that is not known.
    if (cutOff.some((move) => move.isOpen === true && move.name === name)) return [];
    return member.running && place !== undefined && !silent.has(place.host) && seen?.domain.isActive !== true ? [[name, place.host]] : [];
  }));
}

function assignmentsOf({ inputs, hosts, sorted, open, cutOff, before }: ReadCluster, { assignments }: Plan, { starts }: ClusterPlan): Record<string, Assignment> {
  const byName = new Map(hosts.map((host) => [host.declared.host.name, host]));
  const placed = sorted.members.map((found): [string, Assignment] => {
    const { name, member, seen, maybeOn } = found;
    const former = before[name];
    // It may run there: its own resource is not to look for another place.
    if (former !== undefined && maybeOn !== undefined && byName.get(maybeOn)?.state === "unknown") return [name, { ...former, vcpus: member.vcpus, memory: member.memory }];
    const host = byName.get(hostFor(assignments[name], seen, hosts) ?? "");
    if (host === undefined) throw new DroverError({ attempted: `place VM ${name}`, answer: "the plan has no place for it", next: "see what the plan says of it: the log of `pulumi preview`" });
    refuseTied(found, host);
    const { uri, owner } = host.declared.host;
    const isDue = name in before && !cutOff.some((move) => move.name === name) && needsRepair(found, name in starts);
    const repairs = (before[name]?.repairs ?? 0) + (isDue ? 1 : 0);
    return [name, { name: host.declared.host.name, uri, owner, vcpus: member.vcpus, memory: member.memory, ...(repairs === 0 ? {} : { repairs }) }];
  });
  const unknown = open.map((name): [string, Assignment] => [name, { name: UNKNOWN, uri: UNKNOWN, owner: UNKNOWN, vcpus: UNKNOWN as never, memory: UNKNOWN }]);
  return Object.fromEntries([...placed, ...unknown].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([name]) => name in inputs.vms || open.includes(name)));
}

/** A VM that shall not run leaves a host that leaves. @throws DroverError where something of it would stay behind */
function refuseTied(found: FoundMember, to: KnownHost): void {
  const { name, seen } = found;
  if (seen === undefined || seen.domain.isActive || seen.host.address.name === to.declared.host.name) return;
  const ties = whyItStays(found);
  if (ties.length === 0) return;
  throw new DroverError({ attempted: `move VM ${name} from ${seen.host.address.name} to ${to.declared.host.name}`, host: seen.host.address.name, answer: `it does not run, and ${ties.join(", and ")}`, next: `${UNTIE}. Nothing was changed` });
}

/**
 * Whether a VM's own resource has something to do that its inputs do not say. It is told so by a count, for whatever is only
 * true of this update would be a change again in the next one.
 */
function needsRepair({ seen, leftovers }: FoundMember, starts: boolean): boolean {
  return starts || leftovers.length > 0 || (seen?.domain.isActive === true && !seen.domain.isPersistent);
}

/** One that shall not run stays where it is defined, unless that host leaves; a new one is defined on the emptiest. */
function hostFor(place: Place | undefined, seen: Seen | undefined, hosts: readonly KnownHost[]): string | undefined {
  if (place !== undefined) return place.host;
  const staying = hosts.filter(({ state }) => state !== "leaving" && state !== "lost");
  const where = seen?.host.address.name;
  if (staying.some((host) => host.declared.host.name === where)) return where;
  const free = ({ read }: KnownHost): number => (read === undefined ? 0 : read.memoryMib - read.domains.reduce((sum, domain) => sum + domain.memory.totalMib, 0));
  return staying.filter(({ state }) => state === "up").sort((a, b) => free(b) - free(a))[0]?.declared.host.name ?? staying[0]?.declared.host.name;
}

function impossible(cluster: ReadCluster, { conflict }: Plan, inventory: Inventory, isFixed: boolean): DroverError {
  const { inputs, sorted } = cluster;
  const texts = conflict?.texts ?? [];
  const named = sorted.members.filter(({ name }) => texts.some((text) => text.includes(name)));
  const stay = named.flatMap((member) => whyItStays(member).map((reason) => `${member.name} can not move: ${reason}`));
  const unsurvived = inputs.enforce === "soft" ? [] : unsurvivedNow(inventory, inputs);
  const losses = unsurvived.map(({ lost, left }) => `as things are, the loss of ${lost} leaves no place for ${left.join(", ")}`);
  return new DroverError({
    attempted: `place the VMs of cluster ${inputs.cluster}`,
    answer: [conflict?.isMinimal === true ? "these do not go together:" : "there is no way to keep all of these:", ...texts, ...stay, ...losses].join("\n  - "),
    next: isFixed ? "something became known only now; nothing was moved: run `pulumi up` again and look at its preview" : [...help(unsurvived, inventory), ...afterwards(cluster), "give way in one of them; nothing was changed"].join("; "),
  });
}

/** Whom the losses that are to be tolerated would leave without a place, as things are now. */
function unsurvivedNow(inventory: Inventory, { tolerate }: PlacementInputs): Headroom["unsurvived"] {
  if (tolerate === undefined) return [];
  const now = Object.fromEntries(inventory.vms.flatMap(({ name, host }) => (host === undefined ? [] : [[name, { host }] as const])));
  return headroomOf(inventory, { assignments: now }, tolerate).flatMap(({ unsurvived }) => unsurvived);
}

/** What would keep the promise for each loss: room for the most that any of them leaves without a place. */
function help(unsurvived: Headroom["unsurvived"], { vms }: Inventory): string[] {
  if (unsurvived.length === 0) return [];
  const most = (resource: "vcpus" | "memoryMib"): number => Math.max(...unsurvived.map(({ left }) => vms.filter(({ name }) => left.includes(name)).reduce((sum, { demand }) => sum + (demand[resource] ?? 0), 0)));
  return [`for \`tolerate\`, what would help is a host more, or room on the others, for ${most("vcpus")} vcpus and ${most("memoryMib")} MiB, or \`enforce: "soft"\`, which only says so`];
}

/** VMs that leave the program have their room until the update's end. */
function afterwards(cluster: ReadCluster): string[] {
  const names = leavingGuests(cluster).map(({ domain }) => domain.name);
  return names.length === 0 ? [] : [`${names.join(", ")} ${names.length === 1 ? "leaves" : "leave"} the program and ${names.length === 1 ? "counts" : "count"} until Pulumi has deleted ${names.length === 1 ? "it" : "them"}, which it does last: an update that only does that comes first`];
}
