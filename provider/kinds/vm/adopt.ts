import { isActive, lookupDomain, stateOf } from "../../inventory/domains.js";
import { hostAt } from "../../inventory/hosts.js";
import type { Change, VirtualMachineInputs } from "../../schema/index.js";
import { bytes, parseBytes } from "../../base/bytes.js";
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
  const there = await definitionOf({ host, domain, state });
  const changes: Change[] = [];
  const compare = (property: string, before: unknown, after: unknown, when: Change["when"]): void => {
    if (JSON.stringify(before) !== JSON.stringify(after)) changes.push({ property: `${property}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`, when });
  };
  compare("running", isActive(state), inputs.running, "live");
  compare("vcpus", there.vcpus, inputs.vcpus, "live");
  compare("memory", there.memory.current, parseBytes(inputs.memory), "live");
  compare("firmware", there.firmware, inputs.firmware, "restart");
  compare("disks", there.disks.filter((disk) => disk.device === "disk").length, Object.keys(inputs.disks ?? {}).length, "live");
  compare("nics", there.nics.length, Object.keys(inputs.nics ?? {}).length, "live");
  return changes;
}
