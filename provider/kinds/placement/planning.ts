import { DroverError, messageOf } from "../../base/error.js";
import { moveOf, type Survivor } from "../../apply/migrate/index.js";
import { containsUnknown } from "../../engine/difference.js";
import { UNKNOWN, type Context } from "../../engine/handler.js";
import { confirmedDead, isDeclaredDead, marksOf, readHosts, type ClusterReading } from "../../inventory/cluster/index.js";
import type { HostAddress } from "../../inventory/hosts.js";
import { InventoryError, plan, type Action, type Inventory, type Place, type Plan, type RuleSpec } from "../../plan/index.js";
import type { Assignment, ClusterHost, ClusterPlan, Member, PlacementInputs, PlannedMove } from "../../schema/index.js";
import { isInMaintenance, planInventory, reasonsToStay, type KnownHost } from "./inventory.js";
import { idOf } from "./marks.js";
import { riskOf } from "./moves.js";
import { sortDomains, type FoundMember, type Seen, type Sorted } from "./members.js";
import { report } from "./report.js";

/** Everything that a plan rests on, as it was read at one moment. */
export interface ReadCluster {
  /** Without members that are not known yet. */
  readonly inputs: PlacementInputs;
  readonly hosts: readonly KnownHost[];
  /** As it was read. */
  readonly reading: ClusterReading;
  /** Owner ids whose domains are the cluster's. */
  readonly owners: ReadonlySet<string>;
  readonly sorted: Sorted;
  /** Members that are placed in `up`, for something of them is not known yet. */
  readonly open: readonly string[];
  /** Moves of an earlier run that was cut off. */
  readonly cutOff: readonly CutOff[];
  /** Where each VM was placed by the last update. */
  readonly before: Readonly<Record<string, Assignment>>;
  /** Hosts that answer though an operator had declared them dead. */
  readonly returned: readonly string[];
}

export interface CutOff {
  readonly name: string;
  readonly uuid: string;
  readonly from: HostAddress;
  readonly to: HostAddress;
  /** The other end gives no answer, and may live: nothing is done about it. */
  readonly isOpen?: true;
  /** The end of it whose host is left, where the other's was declared dead. */
  readonly survivor?: Survivor;
}

/** A plan in the form in which it is shown, kept and carried out. */
export interface PlannedCluster {
  readonly assignments: Readonly<Record<string, Assignment>>;
  readonly plan: ClusterPlan;
  /** For the terminal. */
  readonly text: string;
}

/**
 * Reads all hosts of the cluster, those that leave it included. Changes nothing.
 * @param options.connectTimeoutMs how long a host may take to answer
 * @param options.answerTimeoutMs and for all of its answers
 * @param options.silent names of hosts that are known to give no answer, and are not asked
 * @param options.mayRunTwice a VM that runs twice is none of this caller's work, and no error
 * @throws DroverError when a host does not answer, or a VM runs twice
 */
export async function readCluster(ctx: Context, inputs: PlacementInputs, olds: PlacementInputs | undefined, { connectTimeoutMs, answerTimeoutMs, silent: notAsked, mayRunTwice = false }: { readonly connectTimeoutMs?: number; readonly answerTimeoutMs?: number; readonly silent?: ReadonlySet<string>; readonly mayRunTwice?: boolean } = {}): Promise<ReadCluster> {
  const declared = inputs.hosts.filter((host) => isKnown(host) && isKnown(host.host) && host.host.uri !== UNKNOWN);
  const leaving = (olds?.hosts ?? []).filter((old) => !inputs.hosts.some((host) => isKnown(host) && host.host.name === old.host.name));
  const all = [...declared, ...leaving];
  const isAsked = ({ host }: ClusterHost): boolean => notAsked?.has(host.name) !== true;
  const answers = await readHosts(all.filter(isAsked).map(({ host }) => host), { signal: ctx.signal, measure: true, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }), ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }) });
  const unasked = all.filter((host) => !isAsked(host)).map(({ host }) => ({ address: host, error: new DroverError({ attempted: "read what is on the host", host: host.name, answer: "it has given no answer for a while", next: `see to ${host.name}` }) }));
  const reading: ClusterReading = { hosts: answers.hosts, silent: [...answers.silent, ...unasked] };
  const words = marksOf(reading, inputs.owner === undefined ? undefined : idOf(inputs));
  const hosts = all.map((each): KnownHost => {
    const read = reading.hosts.find(({ address }) => address.name === each.host.name);
    if (read === undefined) return { declared: each, read, state: confirmedDead(words, each.host) === undefined ? "unknown" : "lost" };
    return { declared: each, read, state: leaving.includes(each) ? "leaving" : isInMaintenance(each, read) ? "maintenance" : "up" };
  });
  const silent = reading.silent.filter(({ address }) => hosts.some((host) => host.state === "unknown" && host.declared.host.name === address.name));
  if (silent.length > 0 && inputs.onUnreachable === "fail") throw silence(inputs, silent);
  if (reading.hosts.length === 0 && all.length > 0) throw silence(inputs, reading.silent);
  const members = Object.entries(inputs.vms);
  const closed = Object.fromEntries(members.filter(([, member]) => !isOpen(member)).map(([name, member]) => [name, withoutUnknowns(member)]));
  const open = members.filter(([, member]) => isOpen(member)).map(([name]) => name);
  const owners = new Set([inputs.owner ?? "", ...all.map(({ host }) => host.owner)].filter((owner) => owner !== UNKNOWN));
  const before = olds?.assignments ?? inputs.assignments ?? {};
  const sorted = sortDomains({ ...inputs, vms: closed, assignments: before }, owners, reading);
  const cutOff = cutOffMoves(sorted, reading, hosts, inputs.onUnreachable === "plan-without");
  const settled = sortedWith(sorted, cutOff.filter(({ isOpen }) => isOpen === true));
  const twice = sorted.twice.find(({ name }) => !cutOff.some((move) => move.name === name));
  if (twice !== undefined && !mayRunTwice) {
    throw new DroverError({ attempted: `place VM ${twice.name}`, answer: `it runs on ${twice.hosts.join(" and ")} at once`, next: "stop one of the two by hand at once, the one with the older data; nothing was changed" });
  }
  const dead = hosts.filter(({ state }) => state === "lost").map(({ declared: { host } }) => host.uri);
  const returned = hosts.filter(({ declared, read }) => read !== undefined && isDeclaredDead(words, declared.host)).map(({ declared }) => declared.host.name);
  return { inputs: { ...inputs, vms: closed, dead }, hosts, reading, owners, sorted: settled, open, cutOff, before, returned };
}

/**
 * Plans what the program asks for.
 * @param fixed places that a preview showed, and that hold
 * @param outlook whether the text tells what is spare and what a loss would do though nothing changes
 * @throws DroverError when it is impossible, with the smallest conflict that was found
 */
export async function makePlan(cluster: ReadCluster, { fixed, outlook = false }: { readonly fixed?: Readonly<Record<string, string>> | undefined; readonly outlook?: boolean } = {}): Promise<PlannedCluster> {
  const { inputs, hosts, sorted, open } = cluster;
  const base = planInventory(inputs, hosts, sorted);
  const inventory: Inventory = fixed === undefined ? base : { ...base, rules: [...(base.rules ?? []), ...fences(base, fixed)] };
  const made = await planned(inputs, inventory);
  if (made.outcome === "impossible") throw impossible(cluster, made, fixed !== undefined);
  const shown: ClusterPlan = {
    moves: movesOf(made, cluster), starts: startsOf(made, cluster), seconds: made.makespanSeconds,
    violations: made.violationsBefore.map(({ text }) => text),
    violationsAfter: made.violationsAfter.map(({ text }) => text),
    ...(cluster.returned.length === 0 ? {} : { returned: cluster.returned }),
  };
  const risk = shown.moves.length === 0 ? undefined : riskOf(inputs);
  const notes = [
    ...(risk === undefined ? [] : [risk]),
    ...open.map((name) => `${name} is placed in \`up\`: something of it is not known yet`),
    ...hosts.filter(({ state }) => state === "unknown").map(({ declared }) => `${declared.host.name} does not answer: its VMs stay where they were last seen, and are started nowhere else`),
    ...hosts.filter(({ state }) => state === "lost").map(({ declared }) => `${declared.host.name} was declared dead: its VMs are started elsewhere`),
    ...cluster.returned.map((host) => `${host} answers again, though it was declared dead: from this update on it counts as alive`),
    ...sorted.members.flatMap((found) => conditionsOf(found, cluster)),
    ...hosts.flatMap((host) => strangersOn(host, cluster)),
    ...cluster.cutOff.filter((move) => move.isOpen === true).map(({ name, from, to }) => `a move of ${name} from ${from.name} to ${to.name} was cut off, and not both answer: it stays as it is`),
    ...cluster.cutOff.filter((move) => move.isOpen !== true).map(({ name, from, to }) => `a move of ${name} from ${from.name} to ${to.name} was cut off: \`up\` finishes or undoes it first`),
  ];
  return { assignments: assignmentsOf(cluster, made, shown), plan: shown, text: report(inputs.cluster, shown, made, inventory, hosts, notes, outlook) };
}

/** What is not as it should be with a guest and is no matter of places, and what becomes of it. */
function conditionsOf({ name, member, seen, leftovers }: FoundMember, { cutOff }: ReadCluster): string[] {
  if (seen === undefined || cutOff.some((move) => move.name === name)) return [];
  const at = seen.host.address.name;
  return [
    ...(seen.domain.state === "paused" && member.running ? [`${name} is paused on ${at} and stays so: \`virsh resume ${seen.domain.name}\` lets it go on`] : []),
    ...(seen.domain.isActive && !seen.domain.isPersistent ? [`${name} runs on ${at} without a definition: \`up\` writes it`] : []),
    ...(leftovers.length > 0 ? [`${name} is defined on ${leftovers.join(", ")} too, where it does not run: \`up\` removes that`] : []),
  ];
}

/** A host that is to be empty may carry what is none of the cluster's. */
function strangersOn({ declared, state }: KnownHost, { inputs, sorted, before }: ReadCluster): string[] {
  if (state !== "maintenance" && state !== "leaving") return [];
  // What leaves the program now is deleted at the end of the update; what left it before and was retained stays.
  const leaving = Object.keys(before).filter((name) => !(name in inputs.vms));
  const isLeaving = ({ ours }: Seen["domain"]): boolean => ours?.owner === inputs.owner && leaving.some((name) => ours?.urn.endsWith(name) === true);
  const names = sorted.others.filter(({ host, domain }) => host.address.name === declared.host.name && !isLeaving(domain)).map(({ domain }) => domain.name);
  return names.length === 0 ? [] : [`${declared.host.name} is not empty afterwards: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} not of this cluster, and ${names.length === 1 ? "stays" : "stay"}`];
}

async function planned(inputs: PlacementInputs, inventory: Inventory): Promise<Plan> {
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

function startsOf({ assignments }: Plan, { hosts, sorted }: ReadCluster): Record<string, string> {
  const silent = new Set(hosts.filter(({ state }) => state === "unknown").map(({ declared }) => declared.host.name));
  return Object.fromEntries(sorted.members.flatMap(({ name, member, seen }) => {
    const place = assignments[name];
    return member.running && place !== undefined && !silent.has(place.host) && seen?.domain.isActive !== true ? [[name, place.host]] : [];
  }));
}

function assignmentsOf({ inputs, hosts, sorted, open, cutOff, before }: ReadCluster, { assignments }: Plan, { starts }: ClusterPlan): Record<string, Assignment> {
  const byName = new Map(hosts.map((host) => [host.declared.host.name, host]));
  const placed = sorted.members.map((found): [string, Assignment] => {
    const { name, member, seen } = found;
    const host = byName.get(hostFor(assignments[name], seen, hosts) ?? "");
    if (host === undefined) throw new DroverError({ attempted: `place VM ${name}`, answer: "the plan has no place for it", next: "see what the plan says of it: the log of `pulumi preview`" });
    const { uri, owner } = host.declared.host;
    const isDue = name in before && !cutOff.some((move) => move.name === name) && needsRepair(found, name in starts);
    const repairs = (before[name]?.repairs ?? 0) + (isDue ? 1 : 0);
    return [name, { name: host.declared.host.name, uri, owner, vcpus: member.vcpus, memory: member.memory, ...(repairs === 0 ? {} : { repairs }) }];
  });
  const unknown = open.map((name): [string, Assignment] => [name, { name: UNKNOWN, uri: UNKNOWN, owner: UNKNOWN, vcpus: UNKNOWN as never, memory: UNKNOWN }]);
  return Object.fromEntries([...placed, ...unknown].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([name]) => name in inputs.vms || open.includes(name)));
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

function impossible({ inputs, sorted }: ReadCluster, { conflict }: Plan, isFixed: boolean): DroverError {
  const texts = conflict?.texts ?? [];
  const named = sorted.members.filter(({ name }) => texts.some((text) => text.includes(name)));
  const stay = named.flatMap((member) => reasonsToStay(member).map((reason) => `${member.name} can not move: ${reason}`));
  return new DroverError({
    attempted: `place the VMs of cluster ${inputs.cluster}`,
    answer: [conflict?.isMinimal === true ? "these do not go together:" : "there is no way to keep all of these:", ...texts, ...stay].join("\n  - "),
    next: isFixed ? "something became known only now; nothing was moved: run `pulumi up` again and look at its preview" : "give way in one of them; nothing was changed",
  });
}

function silence({ cluster }: PlacementInputs, silent: readonly { readonly address: HostAddress; readonly error: Error }[]): DroverError {
  const names = silent.map(({ address }) => address.name).join(", ");
  return new DroverError({ attempted: `read the hosts of cluster ${cluster}`, host: names, answer: silent[0]?.error.message ?? "no answer", cause: silent[0]?.error,
    next: `bring ${names} back; or say onUnreachable: "plan-without" in the cluster, which leaves VMs there where they are. When the machine is dead for certain, \`drover confirm-dead\` lets its VMs start elsewhere. Nothing was changed` });
}

/** Journals that were not cleared. */
function cutOffMoves({ members }: Sorted, { hosts, silent }: ClusterReading, all: readonly KnownHost[], mayBeOpen: boolean): CutOff[] {
  const byUuid = new Map(hosts.map((host) => [host.hostUuid, host.address]));
  const lost: HostAddress[] = all.filter(({ state }) => state === "lost").map(({ declared }) => declared.host);
  return members.flatMap(({ name, seen }): CutOff[] => {
    const journal = seen?.domain.ours === undefined ? undefined : moveOf(seen.domain.ours);
    if (seen === undefined || journal === undefined) return [];
    const at = (end: { readonly name: string; readonly uri: string; readonly hostUuid: string }): HostAddress | undefined => byUuid.get(end.hostUuid) ?? lost.find((host) => host.name === end.name && host.uri === end.uri);
    const from = at(journal.from);
    const to = at(journal.to);
    const named = (end: { readonly name: string }): HostAddress | undefined => all.find(({ declared }) => declared.host.name === end.name)?.declared.host;
    const [first, second] = [from ?? named(journal.from), to ?? named(journal.to)];
    if (mayBeOpen && (from === undefined || to === undefined) && first !== undefined && second !== undefined) return [{ name, uuid: seen.domain.uuid, from: first, to: second, isOpen: true }];
    if (from === undefined || to === undefined) {
      throw new DroverError({ attempted: `place VM ${name}`, answer: `a move of it from ${journal.from.name} to ${journal.to.name} was cut off, and not both ${silent.length === 0 ? "are hosts of the cluster" : "answer"}`,
        next: "it is finished or undone when both are in the cluster and answer, or one of them is known to be dead; look at both before you do it by hand" });
    }
    const survivor = lost.includes(to) ? "source" : lost.includes(from) ? "target" : undefined;
    return [{ name, uuid: seen.domain.uuid, from, to, ...(survivor === undefined ? {} : { survivor }) }];
  });
}

/** A guest in the middle of a move, of which one end is not known, stays where it is seen. */
function sortedWith(sorted: Sorted, open: readonly CutOff[]): Sorted {
  if (open.length === 0) return sorted;
  const why = (name: string): string[] => open.filter((move) => move.name === name).map(({ from, to }) => `is in the middle of a move from ${from.name} to ${to.name}, and not both answer`);
  return { ...sorted, members: sorted.members.map((found) => (found.seen === undefined ? found : { ...found, seen: { ...found.seen, domain: { ...found.seen.domain, obstacles: [...found.seen.domain.obstacles, ...why(found.name)] } } })) };
}

function isOpen({ pools: _pools, networks: _networks, bridges: _bridges, ...rest }: Member): boolean {
  return containsUnknown(rest);
}

/** A pool that is made in this run is known by its name alone; what is not even that is not asked for. */
function withoutUnknowns(member: Member): Member {
  const known = (names: readonly string[] | undefined): string[] => (names ?? []).filter((name) => name !== UNKNOWN);
  return { ...member, pools: (member.pools ?? []).filter((pool) => isKnown(pool) && pool.name !== UNKNOWN), networks: known(member.networks), bridges: known(member.bridges) };
}

function isKnown(value: unknown): boolean {
  return value !== UNKNOWN && value !== undefined;
}
