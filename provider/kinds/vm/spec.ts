import { parseBytes } from "../../base/bytes.js";
import { DroverError } from "../../base/error.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { derivedMac } from "../../inventory/identity.js";
import type { VirtualMachineInputs, VmNic } from "../../schema/index.js";
import { parseCapabilities, type DiskSpec, type DomainSpec, type HostCapabilities, type Mark, type NicSpec } from "../../xml/index.js";
import type { PlacedDisk } from "./disks.js";

const capabilities = new Map<ConnectedHost, Promise<HostCapabilities>>();

/** What of a VM's document we manage, of a VM that is new or exists: all but what is decided once. */
export type ManagedSpec = Omit<DomainSpec, "accelerator" | "arch" | "machine" | "mark">;

/** @param known names of the disks that libvirt should boot from first come from their declared order */
export function managedSpec(inputs: VirtualMachineInputs, uuid: string, disks: ReadonlyMap<string, PlacedDisk>, seedPath: string | undefined): ManagedSpec {
  const { graphics } = inputs;
  return {
    name: inputs.name ?? uuid,
    uuid,
    title: inputs.title ?? "",
    firmware: inputs.firmware,
    cpu: inputs.cpu,
    vcpus: inputs.vcpus,
    maxVcpus: Math.max(inputs.maxVcpus ?? inputs.vcpus, inputs.vcpus),
    memory: parseBytes(inputs.memory),
    maxMemory: parseBytes(inputs.maxMemory ?? inputs.memory),
    disks: diskSpecs(inputs, disks),
    nics: Object.fromEntries(Object.entries(inputs.nics ?? {}).map(([name, nic]) => [name, nicSpec(name, nic, uuid)])),
    seed: seedPath,
    graphics: graphics === undefined ? undefined : { type: graphics.type, listen: graphics.listen, port: graphics.port, password: graphics.password },
    watchdog: inputs.watchdog,
    serial: inputs.serial,
  };
}

/** What is decided when the VM is made, and kept. */
export async function creationSpec(host: ConnectedHost, inputs: VirtualMachineInputs, managed: ManagedSpec, mark: Mark): Promise<DomainSpec> {
  const found = await capabilitiesOf(host);
  const guest = found.guests.find(({ arch }) => arch === found.cpu.arch);
  const accelerator = guest?.accelerators[0];
  if (guest === undefined || accelerator === undefined) {
    throw new DroverError({ attempted: `make ${managed.name}`, host: host.name, answer: `the host can run no ${found.cpu.arch} guests`, next: "install QEMU for its architecture" });
  }
  return { ...managed, cpu: managed.cpu ?? (accelerator === "kvm" ? "host-model" : undefined), accelerator, arch: guest.arch, machine: inputs.machine, mark };
}

/** @throws DroverError when the VM asks for more memory than the host has */
export async function refuseTooMuchMemory(host: ConnectedHost, inputs: VirtualMachineInputs): Promise<void> {
  const { memory } = await capabilitiesOf(host);
  if (parseBytes(inputs.memory) <= memory) return;
  throw new DroverError({ attempted: `give VM ${inputs.name ?? ""} ${inputs.memory} of memory (property memory)`, host: host.name, answer: `the host has ${Math.floor(memory / 1024 ** 2)} MiB`, next: "give the VM less memory, or another host" });
}

export function macsOf(inputs: VirtualMachineInputs, uuid: string): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs.nics ?? {}).map(([name, nic]) => [name, macOf(name, nic, uuid)]));
}

function macOf(name: string, nic: VmNic, uuid: string): string {
  return (nic.mac ?? derivedMac(uuid, name)).toLowerCase();
}

function nicSpec(name: string, nic: VmNic, uuid: string): NicSpec {
  const source = nic.network === undefined ? { bridge: nic.bridge ?? "" } : { network: nic.network.name };
  return { source, mac: macOf(name, nic, uuid), model: nic.model, mtu: nic.mtu, link: nic.link, vlan: undefined };
}

function diskSpecs(inputs: VirtualMachineInputs, placed: ReadonlyMap<string, PlacedDisk>): Record<string, DiskSpec> {
  const names = [...placed.keys()].sort();
  const declared = Object.values(inputs.disks ?? {}).some((disk) => disk.bootOrder !== undefined);
  const first = names.includes("root") ? "root" : names[0];
  return Object.fromEntries([...placed].map(([name, disk]) => {
    const wish = inputs.disks?.[name];
    return [name, {
      path: disk.path, format: disk.format, bus: wish?.bus ?? "virtio", cache: wish?.cache, discard: wish?.discard, readOnly: wish?.readOnly ?? false,
      bootOrder: declared ? wish?.bootOrder : name === first ? 1 : undefined,
      // What nobody resumes is better off with an error that it sees.
      pausesOnError: inputs.ha !== undefined,
    }];
  }));
}

function capabilitiesOf(host: ConnectedHost): Promise<HostCapabilities> {
  const known = capabilities.get(host);
  if (known !== undefined) return known;
  const asking = host.libvirt.connectGetCapabilities().then(({ capabilities: xml }) => parseCapabilities(xml));
  capabilities.set(host, asking);
  asking.catch(() => { capabilities.delete(host); });
  return asking;
}
