import type { DiskDevice } from "./domain-disk.js";
import type { NicDevice } from "./domain-nic.js";
import type { DomainDocument } from "./domain.js";
import type { GraphicsSpec } from "./domain-spec.js";

/**
 * What of the definition a running guest does not have yet: the paths of the properties that its next start changes.
 * What libvirt fills in by itself is no difference.
 *
 * @param live the running guest's document
 * @param defined the document of its definition (VIR_DOMAIN_XML_INACTIVE)
 * @example pendingChanges(live, defined) // ["maxVcpus", "disks.data", "firmware"]
 */
export function pendingChanges(live: DomainDocument, defined: DomainDocument): string[] {
  const pending: string[] = [];
  const compare = (property: string, running: unknown, wanted: unknown): void => {
    if (JSON.stringify(running) !== JSON.stringify(wanted)) pending.push(property);
  };
  compare("vcpus", live.vcpus, defined.vcpus);
  compare("maxVcpus", live.maxVcpus, defined.maxVcpus);
  compare("memory", roundToMiB(live.memory.current), roundToMiB(defined.memory.current));
  compare("maxMemory", roundToMiB(live.memory.max), roundToMiB(defined.memory.max));
  compare("machine", live.machine, defined.machine);
  compare("firmware", live.firmware, defined.firmware);
  if (!isSameCpu(live.cpu, defined.cpu)) pending.push("cpu");
  pending.push(...compareNamed("disks", live.disks, defined.disks, describeDisk));
  pending.push(...compareNamed("nics", live.nics, defined.nics, describeNic));
  compare("cloudInit", live.seed, defined.seed);
  compare("graphics", describeGraphics(live.graphics), describeGraphics(defined.graphics));
  compare("watchdog", live.watchdog, defined.watchdog);
  compare("serial", live.serial, defined.serial);
  return pending;
}

/** QEMU starts guests with whole MiB. */
function roundToMiB(size: number): number {
  return Math.ceil(size / 1024 ** 2);
}

/** A running guest shows the model that `host-model` came to. */
function isSameCpu(live: string | undefined, defined: string | undefined): boolean {
  if (live === defined || defined === undefined) return true;
  return defined === "host-model" && live !== "host-passthrough" && live !== "maximum";
}

function compareNamed<T extends { readonly name: string | undefined }>(
  property: string, live: readonly T[], defined: readonly T[], describe: (device: T) => string,
): string[] {
  const running = new Map(live.map((device) => [device.name, describe(device)]));
  const wanted = new Map(defined.map((device) => [device.name, describe(device)]));
  return [...new Set([...running.keys(), ...wanted.keys()])]
    .filter((name) => name !== undefined && running.get(name) !== wanted.get(name))
    .map((name) => `${property}.${String(name)}`);
}

/** The password is no part of it: most documents are read without. */
function describeGraphics(graphics: GraphicsSpec | undefined): string {
  return JSON.stringify([graphics?.type, graphics?.listen, graphics?.port]);
}

function describeDisk({ path, format, bus, cache, discard, readOnly }: DiskDevice): string {
  return JSON.stringify([path, format, bus, cache, discard, readOnly]);
}

function describeNic({ source, mac, model, mtu, link, vlan }: NicDevice): string {
  return JSON.stringify([source, mac, model, mtu ?? 1500, link, vlan]);
}
