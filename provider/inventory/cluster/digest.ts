import { createHash } from "node:crypto";
import { closedBy } from "./mark.js";
import type { ClusterReading, DomainInventory, HostInventory } from "./model.js";

export interface DigestOptions {
  /** Owner ids whose domains the plan may move; where it is not said, all that carry a mark are such. Others' are load alone. */
  readonly owners?: ReadonlySet<string>;
}

/** What a plan rests on of one host, in one order. */
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
  readonly domains: Readonly<Record<string, DomainBasis>>;
}

/** What a plan rests on of one domain. A stopped one of others is no load and is left out. */
export interface DomainBasis {
  readonly name: string;
  readonly isActive: boolean;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly hostCells: readonly number[] | undefined;
  /** `undefined` for a domain of others: it is a load that never moves, whatever it does. */
  readonly ours: OurBasis | undefined;
}

/** What decides where one of our own may go. */
export interface OurBasis {
  readonly state: string;
  /** Owner, key and journal. */
  readonly mark: unknown;
  /** Digest of its disks, networks and CPU. */
  readonly devices: string;
  readonly obstacles: readonly string[];
}

/** What a plan rests on, by the names of the hosts: `null` for a host that did not answer. It may be kept as JSON. */
export type ClusterBasis = Readonly<Record<string, HostBasis | null>>;

/**
 * What a plan rests on: locations, power states, demands, capacities, host states, marks and journals; never anything that
 * is measured, nor what each start makes anew (addresses, process ids, the reason of a state).
 * @returns basis by host name
 */
export function basisOf(reading: ClusterReading, options: DigestOptions = {}): ClusterBasis {
  const named = [
    ...reading.hosts.map((host): [string, HostBasis | null] => [host.address.name, hostBasis(host, options)]),
    ...reading.silent.map(({ address }): [string, HostBasis | null] => [address.name, null]),
  ];
  return Object.fromEntries(named.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** SHA-256, in hexadecimal digits, of what a plan rests on: the same wherever, whenever and in whatever order it was read. */
export function digestOfInventory(reading: ClusterReading, options: DigestOptions = {}): string {
  return digestOfBasis(basisOf(reading, options));
}

/** The same of a basis as {@link basisOf} made it. */
export function digestOfBasis(basis: ClusterBasis): string {
  return digestOf(canonical(basis));
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
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
  return {
    hostUuid: host.hostUuid, cpus: count, memoryMib: host.memoryMib, numaCells: host.numaCells.toSorted((left, right) => left.id - right.id),
    cpu: { arch, model, features: features.toSorted(), usableModels: usableModels.toSorted(), hasPassthrough },
    machineTypes: host.machineTypes.toSorted(), accelerators: host.accelerators,
    closed: closedBy(host.marks)?.kind,
    dead: [...new Set(host.marks.flatMap((mark) => mark.hosts.filter((each) => each.confirmedDead !== undefined && each.confirmedDead.answered === undefined).map(({ name }) => name)))].sort(),
    isMarkReadable: host.markError === undefined,
    domains: Object.fromEntries(host.domains
      .map((domain): [string, DomainBasis] => [domain.uuid, domainBasis(domain, options.owners)])
      .filter(([, { isActive, ours }]) => isActive || ours !== undefined)),
  };
}

function domainBasis(domain: DomainInventory, owners: DigestOptions["owners"]): DomainBasis {
  const { ours, name, isActive, vcpus, memory, hostCells } = domain;
  const isOurs = ours !== undefined && owners?.has(ours.owner) !== false;
  return { name, isActive, vcpus, memoryMib: memory.totalMib, hostCells, ours: isOurs ? ourBasis(domain) : undefined };
}

/** Guests share the descriptions of their CPUs, with a hundred features each. */
const cpuTexts = new WeakMap<object, string>();

function cpuText(cpu: DomainInventory["cpu"]): string | undefined {
  if (cpu === undefined) return undefined;
  const known = cpuTexts.get(cpu) ?? canonical(cpu);
  cpuTexts.set(cpu, known);
  return known;
}

function ourBasis({ state, ours, obstacles, accelerator, arch, machine, cpu, networks, bridges, ...domain }: DomainInventory): OurBasis {
  const disks = domain.disks.map(({ target, path, pool, sharedStorage, cache }) => ({ target, path, pool, sharedStorage, cache }));
  return { state, mark: ours, obstacles, devices: digestOf(canonical({ accelerator, arch, machine, cpu: cpuText(cpu), networks, bridges, disks })) };
}
