import { DroverError } from "../../base/error.js";
import { BaselineCPUFlags, isLibvirtError, ErrorCode } from "../../libvirt/index.js";
import { formatCpu, parseCapabilities, parseCpu, parseDomainCapabilities, requiredFeatures, type DomainCapabilities } from "../../xml/index.js";
import type { ConnectedHost } from "../hosts.js";
import type { HostCpu, HostInventory } from "./model.js";

const MIB = 1024 ** 2;

/** What a host is, which stays while it is up: its machine, its CPUs, and what guests can be on it. */
export type HostCapabilitiesFacts = Pick<HostInventory, "hostUuid" | "cpu" | "memoryMib" | "numaCells" | "machineTypes" | "accelerators" | "migrationTransports" | "libvirtVersion" | "qemuVersion">;

const known = new WeakMap<ConnectedHost, Promise<HostCapabilitiesFacts>>();

/** Read once in a process: libvirt takes seconds the first time after its start, and it changes with the host's packages only. */
export function capabilitiesOf(host: ConnectedHost): Promise<HostCapabilitiesFacts> {
  const found = known.get(host);
  if (found !== undefined) return found;
  const reading = readCapabilities(host);
  known.set(host, reading);
  reading.catch(() => { known.delete(host); });
  return reading;
}

async function readCapabilities(host: ConnectedHost): Promise<HostCapabilitiesFacts> {
  const [{ capabilities: xml }, { libVer }, { hvVer }] = await Promise.all([
    host.libvirt.connectGetCapabilities(), host.libvirt.connectGetLibVersion(), host.libvirt.connectGetVersion(),
  ]);
  const capabilities = parseCapabilities(xml);
  const { arch } = capabilities.cpu;
  const guest = capabilities.guests.find((each) => each.arch === arch);
  const accelerator = guest?.accelerators[0];
  if (guest === undefined || accelerator === undefined) {
    throw new DroverError({ attempted: "read what guests the host can run", host: host.name, answer: `none of its own architecture, ${arch}`,
      next: "install QEMU for it (package qemu-system-x86 or the like) and restart libvirtd" });
  }
  const { capabilities: domainXml } = await host.libvirt.connectGetDomainCapabilities({ emulatorbin: null, arch, machine: null, virttype: accelerator, flags: 0 });
  const domain = parseDomainCapabilities(domainXml);
  const { count, sockets, cores, threads } = capabilities.cpu;
  const { hostModel } = domain;
  return {
    hostUuid: capabilities.uuid,
    cpu: {
      arch, count, sockets, cores, threads,
      model: hostModel?.model, vendor: hostModel?.vendor,
      features: await guestFeatures(host, domain),
      usableModels: domain.cpuModels.usable.toSorted(),
      hasPassthrough: domain.cpuModes.includes("host-passthrough"),
      hostModel,
    } satisfies HostCpu,
    memoryMib: Math.floor(capabilities.memory / MIB),
    numaCells: capabilities.cells.map(({ id, memory, cpus }) => ({ id, memoryMib: Math.floor(memory / MIB), cpus })),
    machineTypes: [...new Set((guest.machines[accelerator] ?? []).map(({ name }) => name))].sort(),
    accelerators: guest.accelerators,
    migrationTransports: capabilities.migrationTransports,
    libvirtVersion: Number(libVer),
    qemuVersion: Number(hvVer),
  };
}

/** All features that `host-model` stands for. libvirt has the models' own; where it cannot say, those beside the model are known alone. */
async function guestFeatures(host: ConnectedHost, domain: DomainCapabilities): Promise<string[]> {
  const { hostModel, emulator, arch, machine, accelerator } = domain;
  if (hostModel === undefined) return [];
  try {
    const { cpu } = await host.libvirt.connectBaselineHypervisorCPU({
      emulator, arch, machine, virttype: accelerator, xmlCPUs: [formatCpu(hostModel)], flags: BaselineCPUFlags.EXPAND_FEATURES,
    });
    return requiredFeatures(parseCpu(cpu));
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.NO_SUPPORT, ErrorCode.CONFIG_UNSUPPORTED, ErrorCode.OPERATION_UNSUPPORTED, ErrorCode.INTERNAL_ERROR)) throw error;
    return requiredFeatures(hostModel);
  }
}
