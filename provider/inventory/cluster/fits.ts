import { requiredFeatures } from "../../xml/index.js";
import type { DomainDisk, DomainInventory, HostInventory } from "./model.js";

/**
 * Why a domain cannot be on another host, as texts that follow its name; empty: nothing that libvirt tells is in the way.
 * It is about what the host is and has, not about how full it is. For a running guest that is what a live migration wants
 * (no copying of disks), for a stopped one what its start wants.
 */
export function whyNotOn(domain: DomainInventory, host: HostInventory): string[] {
  const { name } = host.address;
  return [
    ...domain.obstacles,
    ...(domain.isActive && !host.migrationTransports.includes("tcp") ? [`cannot migrate to ${name}, whose libvirt takes no migration by TCP`] : []),
    ...lackingAccelerator(domain, host),
    ...lackingCpu(domain, host),
    ...domain.networks.filter((network) => !host.networks.some((each) => each.name === network)).map((network) => `is plugged into the network ${network}, which is not active on ${name}`),
    ...domain.bridges.filter((bridge) => host.bridges?.includes(bridge) === false).map((bridge) => `is plugged into the bridge ${bridge}, which ${name} does not have`),
    ...domain.disks.map((disk) => whyDiskNotOn(disk, domain, host)).filter((text) => text !== undefined),
  ];
}

/** What a guest's CPU needs, as texts that equal a host's {@link cpuOffers}: so the planner's rule on CPUs compares them. */
export function cpuNeeds(domain: Pick<DomainInventory, "cpu">): string[] {
  const { cpu } = domain;
  if (cpu === undefined || cpu.mode === "host-model" || cpu.mode === "maximum") return [];
  if (cpu.mode === "host-passthrough") return ["host-passthrough"];
  return [...(cpu.model === undefined ? [] : [`model ${cpu.model}`]), ...requiredFeatures(cpu)];
}

/** What guests can have of a host's CPUs: features by their names, named models as `model EPYC`. */
export function cpuOffers(host: Pick<HostInventory, "cpu">): string[] {
  const { features, usableModels, hasPassthrough } = host.cpu;
  return [...features, ...usableModels.map((model) => `model ${model}`), ...(hasPassthrough ? ["host-passthrough"] : [])];
}

function lackingAccelerator(domain: DomainInventory, host: HostInventory): string[] {
  const { name } = host.address;
  if (domain.arch !== host.cpu.arch) return [`is a guest of ${domain.arch}, and ${name} is ${host.cpu.arch}`];
  if (!host.accelerators.includes(domain.accelerator)) return [`runs by ${domain.accelerator}, which ${name} does not have`];
  // Machine types are known of the first accelerator only.
  if (domain.accelerator !== host.accelerators[0] || host.machineTypes.includes(domain.machine)) return [];
  return [`is a machine of the type ${domain.machine}, which ${name}'s QEMU does not know`];
}

function lackingCpu(domain: DomainInventory, host: HostInventory): string[] {
  if (domain.arch !== host.cpu.arch || domain.accelerator !== host.accelerators[0]) return [];
  const offers = new Set(cpuOffers(host));
  const lacking = cpuNeeds(domain).filter((need) => !offers.has(need));
  return lacking.length === 0 ? [] : [`needs a CPU with ${lacking.join(", ")}, which ${host.address.name} does not have`];
}

/** Cache modes with which the source's page cache holds nothing back that the target would not see. */
const SAFE_CACHES: ReadonlySet<string | undefined> = new Set(["none", "directsync"]);

/** Whether a disk with this cache mode may migrate: libvirt's own rule. */
export function isSafeCache(cache: string | undefined): boolean {
  return SAFE_CACHES.has(cache);
}

function whyDiskNotOn(disk: DomainDisk, domain: DomainInventory, host: HostInventory): string | undefined {
  const { name } = host.address;
  if (disk.sharedStorage === "network") return undefined;
  const what = `has its ${disk.device === "disk" ? "disk" : "medium"} ${disk.name ?? disk.target}`;
  if (disk.sharedStorage === undefined) return `${what} ${disk.path === undefined ? "" : `at ${disk.path}, `}in no storage pool that is known to be shared`;
  const pool = host.pools.find(({ sharedStorage }) => sharedStorage === disk.sharedStorage);
  if (pool === undefined) return `${what} in the pool ${disk.pool ?? ""}, which ${name} does not reach`;
  if (disk.path !== undefined && pool.path !== undefined && !disk.path.startsWith(`${pool.path.replace(/\/+$/, "")}/`)) return `${what} at ${disk.path}, and ${name} has that pool at ${pool.path}`;
  if (domain.isActive && !disk.readOnly && !isSafeCache(disk.cache)) return `${what} with the cache mode ${disk.cache ?? "writeback (the default)"}, with which it must not migrate: none or directsync`;
  return undefined;
}
