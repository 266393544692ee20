import { DroverError } from "../../base/error.js";
import { containsUnknown } from "../../engine/difference.js";
import { UNKNOWN, type Context } from "../../engine/handler.js";
import { confirmedDead, cpusOn, declaredDead, marksOf, readHosts, type ClusterReading } from "../../inventory/cluster/index.js";
import type { HostAddress } from "../../inventory/hosts.js";
import { mayLive } from "../../inventory/signs.js";
import type { Assignment, ClusterHost, Member, PlacementInputs } from "../../schema/index.js";
import { cutOffMoves, heldBy, type CutOff } from "./cut-off.js";
import { cpusToStart, isInMaintenance, type KnownHost } from "./inventory.js";
import { idOf } from "./marks.js";
import { sortDomains, type Sorted } from "./members.js";

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
  /** Keys of VMs that leave the program now. */
  readonly leavingKeys: ReadonlySet<string>;
  /** Where each VM was placed by the last update. */
  readonly before: Readonly<Record<string, Assignment>>;
  /** Hosts that answer though an operator had declared them dead. */
  readonly returned: readonly string[];
}

export interface ReadClusterOptions {
  /** How long a host may take to answer, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** And for all of its answers. */
  readonly answerTimeoutMs?: number;
  /** Names of hosts that are known to give no answer, and are not asked. */
  readonly silent?: ReadonlySet<string>;
  /** Why moves that were cut off could not be ended, by the names of their VMs: they stay as they are. */
  readonly undecided?: ReadonlyMap<string, string>;
  /** A VM that runs twice is none of this caller's work, and no error. Default false. */
  readonly mayRunTwice?: boolean;
}

/**
 * Reads all hosts of the cluster, those that leave it included. Changes nothing.
 * @throws DroverError when a host does not answer, or a VM runs twice
 */
export async function readCluster(ctx: Context, inputs: PlacementInputs, olds: PlacementInputs | undefined, { connectTimeoutMs, answerTimeoutMs, silent: notAsked, undecided, mayRunTwice = false }: ReadClusterOptions = {}): Promise<ReadCluster> {
  const { all } = hostsIn(inputs, olds);
  const isAsked = ({ host }: ClusterHost): boolean => notAsked?.has(host.name) !== true;
  const answers = await readHosts(all.filter(isAsked).map(({ host }) => host), { signal: ctx.signal, measure: true, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }), ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }) });
  const unasked = all.filter((host) => !isAsked(host)).map(({ host }) => ({ address: host, error: new DroverError({ attempted: "read what is on the host", host: host.name, answer: "it has given no answer for a while", next: `see to ${host.name}` }) }));
  const reading: ClusterReading = { hosts: answers.hosts, silent: [...answers.silent, ...unasked] };
  const cluster = clusterOf(inputs, olds, reading, { ...(undecided === undefined ? {} : { undecided }), mayRunTwice, alive: await aliveAmong(saidDead(inputs, olds, reading), notAsked) });
  const cpus = cpusToStart(cluster.sorted.members);
  if (cpus.length === 0) return cluster;
  return { ...cluster, hosts: await Promise.all(cluster.hosts.map(async (host) => (host.read === undefined ? host : { ...host, cpus: await cpusOn(host.read, cpus) }))) };
}

/** What was found out beside the reading. */
export interface Known {
  /** Why moves that were cut off could not be ended, by the names of their VMs. */
  readonly undecided?: ReadonlyMap<string, string>;
  /** Names of silent hosts that are said to be dead and live. */
  readonly alive?: ReadonlySet<string>;
  /** A VM that runs twice is no error. */
  readonly mayRunTwice?: boolean;
}

/**
 * What a reading of all hosts means for a cluster.
 * @param olds what the last update had
 * @throws DroverError when a host did not answer that has to, or a VM runs twice
 */
export function clusterOf(inputs: PlacementInputs, olds: PlacementInputs | undefined, reading: ClusterReading, { undecided = new Map(), alive = new Set(), mayRunTwice = false }: Known = {}): ReadCluster {
  const { all, leaving } = hostsIn(inputs, olds);
  const words = marksOf(reading, inputs.owner === undefined ? undefined : idOf(inputs));
  const hosts = all.map((each): KnownHost => {
    const read = reading.hosts.find(({ address }) => address.name === each.host.name);
    if (read === undefined) return { declared: each, read, state: confirmedDead(words, each.host) === undefined || alive.has(each.host.name) ? "unknown" : "lost" };
    return { declared: each, read, state: leaving.includes(each) ? "leaving" : isInMaintenance(each, read, olds?.hosts.find(({ host }) => host.uri === each.host.uri)) ? "maintenance" : "up" };
  });
  const silent = reading.silent.filter(({ address }) => hosts.some((host) => host.state === "unknown" && host.declared.host.name === address.name));
  if (silent.length > 0 && inputs.onUnreachable === "fail") throw silence(inputs, silent);
  if (reading.hosts.length === 0 && all.length > 0) throw silence(inputs, reading.silent);
  const members = Object.entries(inputs.vms);
  const closed = Object.fromEntries(members.filter(([, member]) => !isOpen(member)).map(([name, member]) => [name, withoutUnknowns(member)]));
  const open = members.filter(([, member]) => isOpen(member)).map(([name]) => name);
  const owners = new Set([inputs.owner ?? "", ...all.map(({ host }) => host.owner)].filter((owner) => owner !== UNKNOWN));
  const before = olds?.assignments ?? inputs.assignments ?? {};
  const lost = new Set(hosts.filter(({ state }) => state === "lost").map(({ declared }) => declared.host.name));
  const sorted = sortDomains({ ...inputs, vms: closed, assignments: before }, owners, reading, lost);
  const cutOff = cutOffMoves(sorted, reading, hosts, undecided);
  const twice = sorted.twice.find(({ name }) => !cutOff.some((move) => move.name === name));
  if (twice !== undefined && !mayRunTwice) {
    throw new DroverError({ attempted: `place VM ${twice.name}`, answer: `it runs on ${twice.hosts.join(" and ")} at once`, next: "stop one of the two by hand at once, the one with the older data; nothing was changed" });
  }
  const dead = hosts.filter(({ state }) => state === "lost").map(({ declared: { host } }) => host.uri);
  const returned = declaredDead(words, hosts.filter(({ read }) => read !== undefined).map(({ declared }) => declared.host)).map(({ name }) => name);
  return { inputs: { ...inputs, vms: closed, dead }, hosts, reading, owners, sorted: heldBy(cutOff, sorted), open, cutOff, leavingKeys: keysOf(Object.entries(olds?.vms ?? {}).filter(([name]) => !(name in inputs.vms))), before, returned };
}

/** How long a host that is said to be dead may take to show that it is not, in milliseconds. */
const SIGN_MS = 3_000;

/** Silent hosts that are said to be dead. */
function saidDead(inputs: PlacementInputs, olds: PlacementInputs | undefined, reading: ClusterReading): ClusterHost[] {
  const words = marksOf(reading, inputs.owner === undefined ? undefined : idOf(inputs));
  return hostsIn(inputs, olds).all.filter(({ host }) => !reading.hosts.some(({ address }) => address.name === host.name) && confirmedDead(words, host) !== undefined);
}

/** Of silent hosts that are said to be dead, names of those of which something else answers: one that came back lives, whatever was said before. */
async function aliveAmong(said: readonly ClusterHost[], notAsked: ReadonlySet<string> | undefined): Promise<ReadonlySet<string>> {
  const found = await Promise.all(said.map(async ({ host, migration }) => ({ name: host.name, sign: notAsked?.has(host.name) === true ? undefined : await mayLive(host, migration?.address, SIGN_MS) })));
  return new Set(found.filter(({ sign }) => sign !== undefined).map(({ name }) => name));
}

/** The hosts of a cluster, those that leave it included. */
function hostsIn(inputs: PlacementInputs, olds: PlacementInputs | undefined): { readonly all: readonly ClusterHost[]; readonly leaving: readonly ClusterHost[] } {
  const declared = inputs.hosts.filter((host) => isKnown(host) && isKnown(host.host) && host.host.uri !== UNKNOWN);
  const leaving = (olds?.hosts ?? []).filter((old) => !inputs.hosts.some((host) => isKnown(host) && host.host.name === old.host.name));
  return { all: [...declared, ...leaving], leaving };
}

function silence({ cluster }: PlacementInputs, silent: readonly { readonly address: HostAddress; readonly error: Error }[]): DroverError {
  const names = silent.map(({ address }) => address.name).join(", ");
  return new DroverError({ attempted: `read the hosts of cluster ${cluster}`, host: names, answer: silent[0]?.error.message ?? "no answer", cause: silent[0]?.error,
    next: `bring ${names} back; or say onUnreachable: "plan-without" in the cluster, which leaves VMs there where they are. When the machine is dead for certain, \`drover confirm-dead\` lets its VMs start elsewhere. Nothing was changed` });
}

function keysOf(members: readonly (readonly [string, Member])[]): Set<string> {
  return new Set(members.flatMap(([, { key, aliases = [] }]) => [key, ...aliases]));
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
