import { closedBy, cpuNeeds, cpuOffers, type DomainInventory, type HostInventory } from "../../inventory/cluster/index.js";
import type { HostState, Inventory, PlanHost, PlanVm, RuleSpec } from "../../plan/index.js";
import type { ClusterHost, PlacementInputs } from "../../schema/index.js";
import { demandOf, mibOf, type FoundMember, type Seen, type Sorted } from "./members.js";

/** A host as the program has it today, or had it, and what was read of it. */
export interface KnownHost {
  readonly declared: ClusterHost;
  /** `undefined`: it did not answer. */
  readonly read: HostInventory | undefined;
  readonly state: Extract<HostState, "up" | "maintenance" | "leaving" | "lost" | "unknown">;
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
  return {
    hosts: hosts.map((host) => planHost(inputs, host, needs)),
    vms: [...sorted.members.flatMap(planVm), ...sorted.others.map(load)],
    rules: [...(inputs.rules ?? []) as RuleSpec[], ...sorted.members.flatMap(rulesOf), ...spreads(sorted.members), ...survives(inputs)],
    policy: { name: policy, ...(policyParameters === undefined ? {} : { parameters: policyParameters as Record<string, number | boolean> }) },
    rebalance,
    ...(budget === undefined ? {} : { budget: { ...(budget.moves === undefined ? {} : { moves: budget.moves }), ...(budget.memory === undefined ? {} : { mib: mibOf(budget.memory, 0) }) } }),
    schedule: { parallelPerHost: migration?.parallelPerHost ?? 2, ...(migration?.mbps === undefined ? {} : { mbpsPerMove: migration.mbps }) },
  };
}

/** A VM that shall not run takes no place. Where it still runs it is load: it is stopped after all moves. */
function planVm(found: FoundMember): PlanVm[] {
  const { name, member, seen, lastHost } = found;
  const place = lastHost ?? seen?.host.address.name;
  const labels = member.labels ?? {};
  if (!member.running) return [{ name, demand: demandOf(found), labels, running: false }, ...(seen?.domain.isActive === true ? [load(seen)] : [])];
  return [{
    name, demand: demandOf(found), labels, priority: member.ha?.priority ?? 50,
    ...(place === undefined ? {} : { host: place }),
    ...(seen?.domain.measured?.residentMib === undefined ? {} : { memoryUsedMib: usedMemoryMib(seen.domain.memory.totalMib, seen.domain.measured.residentMib) }),
    movable: seen === undefined || !seen.domain.isActive || reasonsToStay(found).length === 0,
    ...(seen === undefined ? {} : { cpu: { features: machineNeeds(seen.domain) } }),
    pools: (member.pools ?? []).map((pool) => pool.name),
    networks: [...(member.networks ?? []), ...(member.bridges ?? []).map(bridgeName)],
  }];
}

/** Of a guest's memory, what is measured counts in such parts: a plan is to stay the same while guests live on. */
const PARTS = 8;

/** QEMU's own memory, which is resident too and is not copied. Measured: 65 to 85 MiB where guests are emulated. */
const QEMU_MIB = 80;

/** What a move copies, in MiB: memory that the guest has never touched is not sent. */
export function usedMemoryMib(totalMib: number, residentMib: number): number {
  const part = totalMib / PARTS;
  const parts = Math.round((residentMib - QEMU_MIB) / part);
  return Math.ceil(Math.min(PARTS, Math.max(1, parts)) * part);
}

/** Why a guest can not be moved live, in an operator's words. */
export function reasonsToStay({ member, seen }: FoundMember): string[] {
  const local = (member.pools ?? []).filter((pool) => !pool.shared).map((pool) => `storage pool ${pool.name} is not shared`);
  const disks = (seen?.domain.disks ?? []).flatMap((disk) => {
    const name = disk.name ?? disk.target;
    if (disk.sharedStorage === undefined) return [`its disk ${name} is on storage of its host alone${disk.path === undefined ? "" : ` (${disk.path})`}`];
    return disk.readOnly || disk.sharedStorage === "network" || SAFE_CACHES.has(disk.cache ?? "") ? [] : [`its disk ${name} has the cache mode ${disk.cache ?? "writeback"}, with which it would lose data: none or directsync`];
  });
  return [...new Set([...local, ...disks, ...(seen?.domain.obstacles ?? []).map((obstacle) => `it ${obstacle}`)])];
}

/** With these the source's page cache holds nothing back that the target would not see. */
const SAFE_CACHES: ReadonlySet<string> = new Set(["none", "directsync"]);

/** What a guest that is there needs of a machine, as texts that equal {@link machineOffers}. */
function machineNeeds(domain: DomainInventory): string[] {
  return [...cpuNeeds(domain), `architecture ${domain.arch}`, `accelerator ${domain.accelerator}`, `machine type ${domain.machine}`];
}

function machineOffers(host: HostInventory): string[] {
  return [...cpuOffers(host), `architecture ${host.cpu.arch}`, ...host.accelerators.map((accelerator) => `accelerator ${accelerator}`), ...host.machineTypes.map((type) => `machine type ${type}`)];
}

function load({ host, domain }: Seen): PlanVm {
  return { name: loadName(host, domain), demand: { vcpus: domain.vcpus, memoryMib: domain.memory.totalMib }, host: host.address.name, managed: false, movable: false };
}

/** Others' domains may be called like a VM of the program, and on two hosts the same. */
function loadName(host: HostInventory, domain: { readonly name: string }): string {
  return `${domain.name} (on ${host.address.name}, not of this cluster)`;
}

/** What members need of hosts, and where the program declares it: what is declared comes before anything moves. */
interface Needs {
  readonly pools: ReadonlyMap<string, ReadonlySet<string>>;
  readonly networks: ReadonlySet<string>;
  readonly bridges: ReadonlySet<string>;
}

function needsOf(members: readonly FoundMember[]): Needs {
  const pools = new Map<string, Set<string>>();
  for (const { member } of members) {
    for (const pool of member.pools ?? []) pools.set(pool.name, (pools.get(pool.name) ?? new Set()).add(pool.uuid));
  }
  return { pools, networks: new Set(members.flatMap(({ member }) => member.networks ?? [])), bridges: new Set(members.flatMap(({ member }) => member.bridges ?? [])) };
}

function planHost(inputs: PlacementInputs, { declared, read, state }: KnownHost, needs: Needs): PlanHost {
  const { overcommit } = inputs;
  // Nothing goes there, and what is there stays or is lost: how much it has does not matter.
  if (read === undefined) return { name: declared.host.name, capacity: BOUNDLESS, labels: declared.labels ?? {}, state };
  const isLeaving = state === "leaving";
  const isDeclared = (kind: "pools" | "networks", name: string): boolean => inputs.hosts.some((host) => host[kind]?.includes(name) === true);
  const has = (kind: "pools" | "networks", name: string, isThere: boolean): boolean => (isDeclared(kind, name) && !isLeaving ? declared[kind]?.includes(name) === true : isThere);
  const mbps = declared.migration?.mbps ?? DEFAULT_LINK_MBPS;
  return {
    name: read.address.name,
    capacity: { vcpus: read.cpu.count, memoryMib: read.memoryMib },
    overcommit: { vcpus: overcommit?.["vcpus"] ?? DEFAULT_OVERCOMMIT.vcpus, memoryMib: overcommit?.["memory"] ?? DEFAULT_OVERCOMMIT.memory },
    reserved: { vcpus: declared.reserve?.vcpus ?? 0, memoryMib: mibOf(declared.reserve?.memory, DEFAULT_RESERVE_MIB) },
    labels: declared.labels ?? {},
    link: { inMbps: mbps, outMbps: mbps },
    cpu: { model: read.cpu.model ?? "", features: machineOffers(read) },
    pools: [...needs.pools].filter(([name, uuids]) => has("pools", name, read.pools.some((pool) => pool.name === name && (uuids.has(pool.uuid) || uuids.size === 0)))).map(([name]) => name),
    networks: [
      ...[...needs.networks].filter((name) => has("networks", name, read.networks.some((network) => network.name === name))),
      ...[...needs.bridges].filter((bridge) => read.bridges === undefined || read.bridges.includes(bridge)).map(bridgeName),
    ],
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

function bridgeName(bridge: string): string {
  return `bridge ${bridge}`;
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

function survives({ tolerate }: PlacementInputs): RuleSpec[] {
  if (tolerate === undefined) return [];
  const { hosts = 0, domains = 0, across, hard } = tolerate;
  const strength = { hard, ...(hard ? {} : { priority: SURVIVE_PRIORITY }) };
  return [
    ...(hosts > 0 ? [{ kind: "survive", name: `loss of ${hosts === 1 ? "a host" : `${hosts} hosts`}`, failures: hosts, ...strength }] : []),
    ...(domains > 0 && across !== undefined ? [{ kind: "survive", name: `loss of ${domains} ${across}`, failures: domains, across, ...strength }] : []),
  ];
}
