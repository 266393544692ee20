import { bytes, formatBytes, parseBytes } from "../../base/bytes.js";
import { isActive, lookupDomain, stateOf, type DomainPlace } from "../../inventory/domains.js";
import { hostAt } from "../../inventory/hosts.js";
import { LibvirtError } from "../../libvirt/index.js";
import type { Change, VirtualMachineInputs } from "../../schema/index.js";
import type { DomainDocument } from "../../xml/index.js";
import { definitionOf } from "./domain.js";
import type { ManagedSpec } from "./spec.js";

/**
 * Gives a foreign domain's devices the names of the declaration: `root` (or the first declared disk by name) is its first
 * disk, the others follow in order, and so do the NICs. Nothing else of it is touched.
 */
export function claimDevices(definition: DomainDocument, inputs: VirtualMachineInputs): DomainDocument {
  const claimed = definition.clone();
  const names = Object.keys(inputs.disks ?? {}).sort((a, b) => Number(b === "root") - Number(a === "root") || a.localeCompare(b));
  const disks = definition.disks.filter((disk) => disk.device === "disk");
  for (const [index, name] of names.entries()) {
    const disk = disks[index];
    if (disk !== undefined && disk.name === undefined) claimed.claimDisk(disk.target, name);
  }
  for (const [index, name] of Object.keys(inputs.nics ?? {}).sort().entries()) {
    const nic = definition.nics[index];
    if (nic !== undefined && nic.name === undefined) claimed.claimNic(nic.mac, name);
  }
  return claimed;
}

/**
 * What an adopted VM's document is brought to: what its declaration says in words, and else what it was. Its disks keep their
 * files and their buses, its NICs their MAC addresses, and nothing leaves because nobody spoke of it.
 */
export function asItIs(managed: ManagedSpec, inputs: VirtualMachineInputs, there: DomainDocument): ManagedSpec {
  const { disks, nics, memory } = there;
  return {
    ...managed,
    title: inputs.title ?? there.title,
    maxVcpus: Math.max(there.maxVcpus, managed.vcpus),
    maxMemory: bytes(Math.max(memory.max, managed.memory)),
    seed: managed.seed ?? there.seed,
    graphics: managed.graphics ?? there.graphics,
    serial: there.serial,
    disks: Object.fromEntries(Object.entries(managed.disks).map(([name, disk]) => {
      const device = disks.find((each) => each.name === name);
      return [name, device?.path === undefined ? disk : { ...disk, ...device, path: device.path, format: device.format }];
    })),
    nics: Object.fromEntries(Object.entries(managed.nics).map(([name, nic]) => {
      const device = nics.find((each) => each.name === name);
      return [name, device === undefined ? nic : { ...nic, mac: inputs.nics?.[name]?.mac ?? device.mac, model: device.model, mtu: nic.mtu ?? device.mtu }];
    })),
  };
}

/**
 * What an adoption would change of the domain that is there. It is the one question that a check asks a host: whoever takes
 * over a guest wants to see in the preview what differs, and asks it once.
 */
export async function adoptionChanges(inputs: VirtualMachineInputs): Promise<Change[]> {
  const host = hostAt(inputs.host);
  const domain = await lookupDomain(host, { name: inputs.name ?? "" });
  if (domain === undefined) return [];
  const state = await stateOf(host, domain);
  const place = { host, domain, state };
  const there = await definitionOf(place);
  const { autostart } = await host.libvirt.domainGetAutostart({ dom: domain });
  const rows: readonly Row[] = [
    ["running", isActive(state), inputs.running, "live"],
    ["autostart", autostart === 1, inputs.autostart, "live"],
    ["title", there.title, inputs.title ?? there.title, "live"],
    ["vcpus", there.vcpus, inputs.vcpus, "live"],
    ["memory", formatBytes(there.memory.current), formatBytes(parseBytes(inputs.memory)), "live"],
    ["firmware", there.firmware, inputs.firmware, "restart"],
    ...(await diskRows(place, claimDevices(there, inputs), inputs)),
    ...nicRows(claimDevices(there, inputs), inputs),
  ];
  return rows.filter(([, before, after]) => before !== after).map(([property, before, after, when]) => ({ property: `${property}: ${words(before)} → ${words(after)}`, when }));
}

/** A property, what it is, what it is to be, and when that comes about. */
type Row = readonly [property: string, before: string | number | boolean | undefined, after: string | number | boolean | undefined, when: Change["when"]];

function words(value: string | number | boolean | undefined): string {
  return value === undefined || value === "" ? "none" : String(value);
}

/** Disks that are made for the VM, and what an adopted one has that its declaration does not say: it keeps that. */
async function diskRows(place: DomainPlace, claimed: DomainDocument, inputs: VirtualMachineInputs): Promise<Row[]> {
  const rows = await Promise.all(Object.entries(inputs.disks ?? {}).map(async ([name, disk]): Promise<Row[]> => {
    const device = claimed.disks.find((each) => each.name === name);
    const at = `disks.${name}`;
    if (device?.path === undefined) return [[at, undefined, disk.disk?.volume ?? disk.size ?? disk.image?.virtualSize, "live"]];
    const size = disk.size === undefined ? undefined : formatBytes(parseBytes(disk.size));
    const found = size === undefined ? undefined : await sizeOfDisk(place, device.path);
    const kept = (value: string): string => `${value} stays as it is (${device.path ?? ""} is adopted)`;
    return [
      ...(found === undefined || found === size ? [] : [[`${at}.size`, size, kept(found), "live"] as const]),
      ...(disk.disk !== undefined || device.format === disk.format ? [] : [[`${at}.format`, disk.format, kept(device.format), "live"] as const]),
    ];
  }));
  return rows.flat();
}

/** `undefined` where the host can not tell, as of a file that is gone: the adoption itself says so. */
async function sizeOfDisk({ host, domain }: DomainPlace, path: string): Promise<string | undefined> {
  try {
    return formatBytes(bytes(Number((await host.libvirt.domainGetBlockInfo({ dom: domain, path, flags: 0 })).capacity)));
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}

function nicRows(claimed: DomainDocument, inputs: VirtualMachineInputs): Row[] {
  return Object.entries(inputs.nics ?? {}).flatMap(([name, nic]): Row[] => {
    const device = claimed.nics.find((each) => each.name === name);
    const at = `nics.${name}`;
    const source = nic.network === undefined ? `bridge ${nic.bridge ?? ""}` : `network ${nic.network.name}`;
    if (device === undefined) return [[at, undefined, source, "live"]];
    const plugged = device.source === undefined ? undefined : "network" in device.source ? `network ${device.source.network}` : `bridge ${device.source.bridge}`;
    return [[at, plugged, source, "live"], [`${at}.mac`, device.mac, nic.mac?.toLowerCase() ?? device.mac, "live"], [`${at}.link`, device.link, nic.link, "live"]];
  });
}
