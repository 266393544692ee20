import { requiredFeatures, type CpuDescription } from "../../xml/index.js";
import type { DomainDisk, DomainInventory, HostInventory } from "./model.js";

/** Cache modes with which the source's page cache holds nothing back that the target would not see. */
const SAFE_CACHES: ReadonlySet<string | undefined> = new Set(["none", "directsync"]);

/** Whether a disk with this cache mode may migrate: libvirt's own rule. */
export function isSafeCache(cache: string | undefined): boolean {
  return SAFE_CACHES.has(cache);
}

/** Why a running guest cannot be moved to any host, as texts that follow "it can not move: ". What a host must have for it is said by its needs. */
export function reasonsToStay({ disks, obstacles }: Pick<DomainInventory, "disks" | "obstacles">): string[] {
  return [...disks.flatMap(whyDiskStays), ...obstacles.map((obstacle) => `it ${obstacle}`)];
}

function whyDiskStays(disk: DomainDisk): string[] {
  const name = disk.name ?? disk.target;
  if (disk.sharedStorage === undefined) return [`its disk ${name} is on storage of its host alone${disk.path === undefined ? "" : ` (${disk.path})`}`];
  if (disk.readOnly || disk.sharedStorage === "network" || isSafeCache(disk.cache)) return [];
  return [`its disk ${name} has the cache mode ${disk.cache ?? "writeback"}, with which it would lose data: none or directsync`];
}

/** A pool that holds disks of a guest: where that guest goes, the same storage must be in the same folder. */
export interface StorageNeed {
  /** Name of the pool on the guest's host. */
  readonly pool: string;
  readonly sharedStorage: string;
  /** `undefined` for a pool that is no folder. */
  readonly path: string | undefined;
}

/** Pools of a guest's disks, whoever attached them. Storage of its host alone, and what QEMU itself gets by the network, is not among them. */
export function storageNeeds({ disks }: Pick<DomainInventory, "disks">, on: Pick<HostInventory, "pools">): StorageNeed[] {
  const pools = new Set(disks.flatMap(({ pool }) => (pool === undefined ? [] : [pool])));
  return on.pools.flatMap(({ name, sharedStorage, path }) => (pools.has(name) && sharedStorage !== undefined ? [{ pool: name, sharedStorage, path }] : []));
}

/** Whether a host has this storage where a guest's document says that it is. */
export function hasStorage(host: Pick<HostInventory, "pools">, need: StorageNeed): boolean {
  return host.pools.some((pool) => pool.sharedStorage === need.sharedStorage && folderOf(pool.path) === folderOf(need.path));
}

function folderOf(path: string | undefined): string | undefined {
  return path?.replace(/\/+$/, "");
}

/** What a guest's CPU needs, as texts that equal a host's {@link cpuOffers}: so the planner's rule on CPUs compares them. */
export function cpuNeeds({ cpu }: Pick<DomainInventory, "cpu">): readonly string[] {
  if (cpu === undefined) return [];
  const known = needs.get(cpu) ?? needsOf(cpu);
  needs.set(cpu, known);
  return known;
}

/** Guests share the descriptions of their CPUs. */
const needs = new WeakMap<CpuDescription, readonly string[]>();

function needsOf(cpu: CpuDescription): string[] {
  if (cpu.mode === "host-model" || cpu.mode === "maximum") return [];
  if (cpu.mode === "host-passthrough") return ["host-passthrough"];
  return [...(cpu.model === undefined ? [] : [`the CPU model ${cpu.model}`]), ...requiredFeatures(cpu)];
}

/** What guests can have of a host's CPUs: features by their names, named models as `the CPU model EPYC`. */
export function cpuOffers(host: Pick<HostInventory, "cpu">): string[] {
  const { features, usableModels, hasPassthrough } = host.cpu;
  return [...features, ...usableModels.map((model) => `the CPU model ${model}`), ...(hasPassthrough ? ["host-passthrough"] : [])];
}
