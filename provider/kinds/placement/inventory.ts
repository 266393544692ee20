import { closedBy, cpuNeeds, cpuOffers, hasStorage, reasonsToStay, storageNeeds, type HostInventory, type StorageNeed } from "../../inventory/cluster/index.js";
import type { HostState, Inventory, PlanHost, PlanVm, RuleSpec } from "../../plan/index.js";
import type { ClusterHost, PlacementInputs } from "../../schema/index.js";
import { demandOf, mibOf, type FoundMember, type Seen, type Sorted } from "./members.js";

/** A host as the program has it today, or had it, and what was read of it. */
export interface KnownHost {
  readonly declared: ClusterHost;
  /** `undefined`: it did not answer. */
  readonly read: HostInventory | undefined;
  readonly state: Extract<HostState, "up" | "maintenance" | "leaving" | "lost" | "unknown">;
  /** Of the CPUs that VMs without a running guest name, those that they can have there. */
  readonly cpus?: ReadonlySet<string>;
}

const DEFAULT_OVERCOMMIT = { vcpus: 8, memory: 1 };
const DEFAULT_RESERVE_MIB = 512;
const DEFAULT_LINK_MBPS = 1000;
const SURVIVE_PRIORITY = 8;
const BOUNDLESS = { vcpus: 1e6, memoryMib: 1e9 };

/** What the planner plans with: declared demand, and what was found on the hosts. */
export function planInventory(inputs: PlacementInputs, hosts: readonly KnownHost[], sorted: Sorted): Inventory {
  const { policy, policyParameters, rebalance, budget, migration } = inputs;
  const needs = needsOf(sorted.members);
  const unknown = new Set(hosts.filter(({ state }) => state === "unknown").map(({ declared }) => declared.host.name));
  return {
    hosts: hosts.map((host) => planHost(inputs, host, needs)),
    vms: [...sorted.members.flatMap((found) => planVm(found, unknown)), ...sorted.others.map(load)],
    rules: [...(inputs.rules ?? []) as RuleSpec[], ...sorted.members.flatMap(rulesOf), ...spreads(sorted.members), ...survives(inputs, hosts)],
    policy: { name: policy, ...(policyParameters === undefined ? {} : { parameters: policyParameters as Record<string, number | boolean> }) },
    rebalance,
    ...(budget === undefined ? {} : { budget: { ...(budget.moves === undefined ? {} : { moves: budget.moves }), ...(budget.memory === undefined ? {} : { mib: mibOf(budget.memory, 0) }) } }),
    schedule: { parallelPerHost: migration?.parallelPerHost ?? 2, ...(migration?.mbps === undefined ? {} : { mbpsPerMove: migration.mbps }) },
  };
}

/** A VM that shall not run takes no place. Where it still runs it is load: it is stopped after all moves. */
function planVm(found: FoundMember, unknown: ReadonlySet<string>): PlanVm[] {
  const { name, member, seen, maybeOn } = found;
  const place = maybeOn ?? seen?.host.address.name;
  const labels = member.labels ?? {};
  if (!member.running) return [{ name, demand: demandOf(found), labels, running: false }, ...(seen?.domain.isActive === true ? [load(seen)] : [])];
  return [{
    name, demand: demandOf(found), labels, priority: member.ha?.priority ?? 50,
    ...(place === undefined ? {} : { host: place }),
    ...(seen?.domain.measured?.residentMib === undefined ? {} : { memoryUsedMib: usedMemoryMib(seen.domain.memory.totalMib, seen.domain.measured.residentMib, seen.domain.accelerator) }),
    movable: seen === undefined || whyItStays(found).length === 0,
    ...(found.stands === true ? { managed: false } : {}),
    // Of what a silent host has nothing is known.
    ...(unknown.has(place ?? "") ? {} : { cpu: { features: machineNeeds(found) } }),
    ...placesNeeded(found),
  }];
}

/** What a VM is declared with, and what its running guest has by whomever: both are there while an update goes on. */
function placesNeeded({ member, seen }: FoundMember): { readonly pools: string[]; readonly networks: string[] } {
  const { networks, bridges, storages } = attached(seen);
  return {
    pools: [...new Set([...(member.pools ?? []).map((pool) => pool.name), ...storages.map(storageName)])],
    networks: [...new Set([...(member.networks ?? []), ...networks, ...[...(member.bridges ?? []), ...bridges].map(bridgeName)])],
  };
}

/** What of its host a running guest uses. What that host itself does not seem to have can be asked of no other. */
function attached(seen: Seen | undefined): { readonly networks: readonly string[]; readonly bridges: readonly string[]; readonly storages: readonly StorageNeed[] } {
  if (seen?.domain.isActive !== true) return { networks: [], bridges: [], storages: [] };
  const { host, domain } = seen;
  return {
    networks: domain.networks.filter((name) => host.networks.some((network) => network.name === name)),
    bridges: domain.bridges.filter((name) => host.bridges?.includes(name) === true),
    storages: storageNeeds(domain, host),
  };
}

/** Of a guest's memory, what is measured counts in such parts: a plan is to stay the same while guests live on. */
const PARTS = 8;

/**
 * QEMU's own memory, which is resident too and is not copied. Measured with QEMU 7.2: 48 MiB, and where guests are emulated what their
 * code was translated to besides: 70 MiB after an operating system has started, 14 MiB after a move.
 */
const QEMU_MIB = { kvm: 48, emulated: 100 };

/** What a move copies, in MiB: memory that the guest has never touched is not sent. @param accelerator as libvirt has it: `kvm`, `qemu` */
export function usedMemoryMib(totalMib: number, residentMib: number, accelerator: string): number {
  const part = totalMib / PARTS;
  const parts = Math.round((residentMib - (accelerator === "kvm" ? QEMU_MIB.kvm : QEMU_MIB.emulated)) / part);
  return Math.ceil(Math.min(PARTS, Math.max(1, parts)) * part);
}

/** Why a guest can not be moved, in an operator's words: live, or, where it does not run, its definition. */
export function whyItStays({ member, seen }: FoundMember): string[] {
  if (seen?.domain.isActive === false) return seen.domain.obstacles.map((obstacle) => `it ${obstacle}`);
  const local = (member.pools ?? []).filter((pool) => !pool.shared).map((pool) => `storage pool ${pool.name} is not shared`);
  const lacking = seen === undefined ? [] : seen.domain.networks.filter((name) => member.networks?.includes(name) !== true && !seen.host.networks.some((network) => network.name === name))
    .map((name) => `it is plugged into the network ${name}, which is not active even on its own host`);
  return [...new Set([...local, ...(seen === undefined ? [] : reasonsToStay(seen.domain)), ...lacking])];
}

/** CPUs that VMs name which are to start: whether a host can give them decides where. One that runs keeps the CPU that it has. */
export function cpusToStart(members: readonly FoundMember[]): string[] {
  return [...new Set(members.flatMap((found) => ownCpu(found) ?? []))];
}

/** What all hosts of the cluster can give, is everywhere. */
function ownCpu({ member: { cpu, running }, seen }: FoundMember): string | undefined {
  return cpu === undefined || cpu === "cluster" || !running || seen?.domain.isActive === true ? undefined : cpu;
}

/** As `schema.json` has it. */
const DEFAULT_MACHINE = "q35";

/** What a VM needs of a machine, as texts that equal {@link machineOffers}. A new one has its host's architecture and accelerator. */
function machineNeeds(found: FoundMember): string[] {
  const { member, seen } = found;
  const cpu = ownCpu(found);
  const declared = cpu === undefined ? [] : [declaredCpu(cpu)];
  if (seen === undefined) return [...declared, `machine type ${member.machine ?? DEFAULT_MACHINE}`];
  const { domain } = seen;
  return [...(cpu === undefined ? cpuNeeds(domain) : declared), `architecture ${domain.arch}`, `accelerator ${domain.accelerator}`, `machine type ${domain.machine}`];
}

function declaredCpu(cpu: string): string {
  return `the CPU ${cpu}`;
}

function machineOffers(host: HostInventory, cpus: ReadonlySet<string> | undefined): string[] {
  return [...cpuOffers(host), ...[...cpus ?? []].map(declaredCpu), `architecture ${host.cpu.arch}`, ...host.accelerators.map((accelerator) => `accelerator ${accelerator}`), ...host.machineTypes.map((type) => `machine type ${type}`)];
}

function load({ host, domain }: Seen): PlanVm {
  return { name: loadName(host, domain), demand: { vcpus: domain.vcpus, memoryMib: domain.memory.totalMib }, host: host.address.name, managed: false, movable: false };
}

/** Others' domains may be called like a VM of the program, and on two hosts the same. */
function loadName(host: HostInventory, domain: { readonly name: string }): string {
  // Of others' names nobody has seen to what is in them, and the planner takes none that a terminal would obey.
  return `${domain.name.replace(/\p{Cc}/gu, "\uFFFD")} (on ${host.address.name}, not of this cluster)`;
}

/** What members need of hosts, and where the program declares it: what is declared comes before anything moves. */
interface Needs {
  readonly pools: ReadonlyMap<string, ReadonlySet<string>>;
  readonly networks: ReadonlySet<string>;
  readonly bridges: ReadonlySet<string>;
  /** By their names to the planner. */
  readonly storages: ReadonlyMap<string, StorageNeed>;
  /** All that any of them needs of a machine. */
  machines(): readonly string[];
}

function needsOf(members: readonly FoundMember[]): Needs {
  const pools = new Map<string, Set<string>>();
  const networks = new Set<string>();
  const bridges = new Set<string>();
  const storages = new Map<string, StorageNeed>();
  for (const { member, seen } of members) {
    const has = attached(seen);
    for (const pool of member.pools ?? []) pools.set(pool.name, (pools.get(pool.name) ?? new Set()).add(pool.uuid));
    for (const network of [...member.networks ?? [], ...has.networks]) networks.add(network);
    for (const bridge of [...member.bridges ?? [], ...has.bridges]) bridges.add(bridge);
    for (const storage of has.storages) storages.set(storageName(storage), storage);
  }
  let machines: readonly string[] | undefined;
  return { pools, networks, bridges, storages, machines: () => machines ??= [...new Set(members.flatMap(machineNeeds))] };
}

/** A name that no pool has: that of the storage itself, in the folder where guests' documents have it. */
function storageName({ pool, sharedStorage, path }: StorageNeed): string {
  return `${pool}${path === undefined ? "" : ` at ${path}`} (${sharedStorage})`;
}

/** What of the needs a host has, or has when guests move, by the program. */
function reachOf(inputs: PlacementInputs, { declared, state }: KnownHost, read: HostInventory, needs: Needs): { readonly pools: string[]; readonly networks: string[] } {
  const isDeclared = (kind: "pools" | "networks", name: string): boolean => inputs.hosts.some((host) => host[kind]?.includes(name) === true);
  const has = (kind: "pools" | "networks", name: string, isThere: boolean): boolean => (state !== "leaving" && isDeclared(kind, name) ? declared[kind]?.includes(name) === true : isThere);
  return {
    pools: [
      ...[...needs.pools].filter(([name, uuids]) => has("pools", name, read.pools.some((pool) => pool.name === name && (uuids.has(pool.uuid) || uuids.size === 0)))).map(([name]) => name),
      ...[...needs.storages].filter(([, need]) => has("pools", need.pool, hasStorage(read, need))).map(([name]) => name),
    ],
    networks: [
      ...[...needs.networks].filter((name) => has("networks", name, read.networks.some((network) => network.name === name))),
      ...[...needs.bridges].filter((bridge) => read.bridges === undefined || read.bridges.includes(bridge)).map(bridgeName),
    ],
  };
}

/** What a host that a VM goes to lacks of what that needs there, by its name; for a plan that was made some time ago. */
export function lackingAt({ inputs, hosts }: { readonly inputs: PlacementInputs; readonly hosts: readonly KnownHost[] }, found: FoundMember, name: string): string[] {
  const host = hosts.find(({ declared }) => declared.host.name === name);
  if (host?.read === undefined) return [];
  const there = reachOf(inputs, host, host.read, needsOf([found]));
  const needed = placesNeeded(found);
  return [...needed.pools.filter((pool) => !there.pools.includes(pool)).map((pool) => `storage pool ${pool}`), ...needed.networks.filter((network) => !there.networks.includes(network)).map((network) => (network.startsWith(BRIDGE) ? network : `network ${network}`))];
}

function planHost(inputs: PlacementInputs, host: KnownHost, needs: Needs): PlanHost {
  const { declared, read, state } = host;
  const { overcommit } = inputs;
  // Nothing goes there, and what is there stays or is lost: how much it has does not matter.
  if (read === undefined) return { name: declared.host.name, capacity: BOUNDLESS, labels: declared.labels ?? {}, cpu: { model: "", features: needs.machines() }, state };
  const mbps = declared.migration?.mbps ?? DEFAULT_LINK_MBPS;
  return {
    name: read.address.name,
    capacity: { vcpus: read.cpu.count, memoryMib: read.memoryMib },
    overcommit: { vcpus: overcommit?.["vcpus"] ?? DEFAULT_OVERCOMMIT.vcpus, memoryMib: overcommit?.["memory"] ?? DEFAULT_OVERCOMMIT.memory },
    reserved: { vcpus: declared.reserve?.vcpus ?? 0, memoryMib: mibOf(declared.reserve?.memory, DEFAULT_RESERVE_MIB) },
    labels: declared.labels ?? {},
    link: { inMbps: mbps, outMbps: mbps },
    cpu: { model: read.cpu.model ?? "", features: machineOffers(read, host.cpus) },
    ...reachOf(inputs, host, read, needs),
    state,
  };
}

/**
 * Whether a host takes no guests: the program says so, or an operator left that on the host.
 * @param before the host as the last update had it
 */
export function isInMaintenance(declared: Pick<ClusterHost, "maintenance">, read: Pick<HostInventory, "marks">, before: Pick<ClusterHost, "maintenance"> | undefined): boolean {
  return declared.maintenance === true || (closedBy(read.marks)?.kind === "evacuated" && !isTakenBack(declared.maintenance, before?.maintenance));
}

/** A program that always says `maintenance: false` takes nothing back: only one that said `true` before. */
export function isTakenBack(maintenance: boolean | undefined, before: boolean | undefined): boolean {
  return maintenance === false && before === true;
}

const BRIDGE = "bridge ";

function bridgeName(bridge: string): string {
  return BRIDGE + bridge;
}

function rulesOf({ name, member }: FoundMember): RuleSpec[] {
  return member.pin === undefined || !member.running ? [] : [{ kind: "fence", name: `pin of ${name}`, vms: [name], hosts: [member.pin] }];
}

function spreads(members: readonly FoundMember[]): RuleSpec[] {
  const groups = new Map<string, { group: string; across: string; vms: string[] }>();
  for (const { name, member } of members) {
    if (member.spread === undefined || !member.running) continue;
    const { group, across } = member.spread;
    const key = JSON.stringify([group, across]);
    const known = groups.get(key) ?? { group, across, vms: [] };
    known.vms.push(name);
    groups.set(key, known);
  }
  return [...groups.values()].filter(({ vms }) => vms.length > 1).map(({ group, across, vms }) => ({ kind: "spread", name: `spread of ${group} across ${across}`, vms, across, maxSkew: 1 }));
}

function survives({ tolerate = {}, enforce }: PlacementInputs, hosts: readonly KnownHost[]): RuleSpec[] {
  // What was kept for a loss is there to be used when it has come.
  const hard = enforce !== "soft" && hosts.every(({ state }) => state !== "lost" && state !== "unknown");
  return Object.entries(tolerate).filter(([, failures]) => failures > 0).map(([of, failures]): RuleSpec => ({
    kind: "survive", failures, hard, ...(of === "hosts" ? { name: `loss of ${failures === 1 ? "a host" : `${failures} hosts`}` } : { name: `loss of ${failures} ${of}`, across: of }), ...(hard ? {} : { priority: SURVIVE_PRIORITY }),
  }));
}
