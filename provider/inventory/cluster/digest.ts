import { createHash } from "node:crypto";
import { closedBy } from "./mark.js";
import type { ClusterReading, DomainInventory, HostInventory } from "./model.js";

/** Networks, bridges and pools that count, by name. An `up` makes some of its own before its moves, so that none counts unasked. */
export interface DigestOptions {
  readonly networks?: readonly string[];
  readonly bridges?: readonly string[];
  readonly pools?: readonly string[];
}

/** What a plan rests on of one host, in one order: `undefined` for a host that did not answer. */
export interface HostBasis {
  readonly hostUuid: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly numaCells: HostInventory["numaCells"];
  readonly cpu: { readonly arch: string; readonly model: string | undefined; readonly features: readonly string[]; readonly usableModels: readonly string[]; readonly hasPassthrough: boolean };
  readonly machineTypes: readonly string[];
  readonly accelerators: readonly string[];
  /** `maintenance` or `evacuated`. */
  readonly closed: string | undefined;
  /** Names of hosts that its marks call dead. */
  readonly dead: readonly string[];
  readonly isMarkReadable: boolean;
  readonly networks: readonly string[];
  readonly bridges: readonly string[];
  readonly pools: readonly string[];
  readonly domains: Readonly<Record<string, DomainBasis>>;
}

/** What a plan rests on of one domain. A stopped one of others is no load and is left out. */
export interface DomainBasis {
  readonly name: string;
  readonly isOurs: boolean;
  readonly isActive: boolean;
  readonly state: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly afterRestart: DomainInventory["afterRestart"];
  readonly hostCells: readonly number[] | undefined;
  /** Owner, key and journal. */
  readonly mark: unknown;
  readonly devices: unknown;
  readonly obstacles: readonly string[];
}

/**
 * What a plan rests on: locations, power states, demands, capacities, host states, marks and journals; never anything that
 * is measured, nor what each start makes anew (addresses, process ids, the reason of a state).
 * @returns basis by host name
 */
export function basisOf(reading: ClusterReading, options: DigestOptions = {}): Readonly<Record<string, HostBasis | undefined>> {
  const named = [
    ...reading.hosts.map((host): [string, HostBasis | undefined] => [host.address.name, hostBasis(host, options)]),
    ...reading.silent.map(({ address }): [string, HostBasis | undefined] => [address.name, undefined]),
  ];
  return Object.fromEntries(named.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** SHA-256, in hexadecimal digits, of what a plan rests on: the same wherever, whenever and in whatever order it was read. */
export function digestOfInventory(reading: ClusterReading, options: DigestOptions = {}): string {
  return createHash("sha256").update(canonical(basisOf(reading, options))).digest("hex");
}

/** JSON with the keys of each object in order, and what is `undefined` as `null`. By hand: a replacer of `JSON.stringify` takes four times as long. */
export function canonical(value: unknown): string {
  if (value === undefined || value === null) return "null";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}

function hostBasis(host: HostInventory, options: DigestOptions): HostBasis {
  const { arch, count, model, features, usableModels, hasPassthrough } = host.cpu;
  const those = (wanted: readonly string[] | undefined, there: readonly string[]): string[] => (wanted ?? []).filter((name) => there.includes(name)).sort();
  return {
    hostUuid: host.hostUuid, cpus: count, memoryMib: host.memoryMib, numaCells: host.numaCells.toSorted((left, right) => left.id - right.id),
    cpu: { arch, model, features: features.toSorted(), usableModels: usableModels.toSorted(), hasPassthrough },
    machineTypes: host.machineTypes.toSorted(), accelerators: host.accelerators,
    closed: closedBy(host.marks)?.kind,
    dead: [...new Set(host.marks.flatMap((mark) => mark.hosts.filter((each) => each.confirmedDead !== undefined).map(({ name }) => name)))].sort(),
    isMarkReadable: host.markError === undefined,
    networks: those(options.networks, host.networks.map(({ name }) => name)),
    bridges: those(options.bridges, host.bridges ?? options.bridges ?? []),
    pools: those(options.pools, host.pools.map(({ name }) => name)),
    domains: Object.fromEntries(host.domains.filter((domain) => domain.isActive || domain.ours !== undefined).map((domain) => [domain.uuid, domainBasis(domain)])),
  };
}

function domainBasis(domain: DomainInventory): DomainBasis {
  const { accelerator, arch, machine, cpu, networks, bridges } = domain;
  const disks = domain.disks.map(({ target, path, pool, sharedStorage, cache }) => ({ target, path, pool, sharedStorage, cache }));
  return {
    name: domain.name, isOurs: domain.ours !== undefined, isActive: domain.isActive, state: domain.state,
    vcpus: domain.vcpus, memoryMib: domain.memory.totalMib, afterRestart: domain.afterRestart, hostCells: domain.hostCells,
    mark: domain.ours, obstacles: domain.obstacles,
    devices: { accelerator, arch, machine, cpu, networks, bridges, disks },
  };
}
