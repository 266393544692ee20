import { formatBytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import { TransportError } from "../transport/index.js";
import { parseCapabilities, parseDomainCapabilities, type GuestCapabilities } from "../xml/index.js";
import type { ConnectedHost } from "./hosts.js";

/** libvirt 6.0 is the oldest with all calls and flags that we make. */
const OLDEST_LIBVIRT = 6_000_000;
/** A shell that is slow to start holds nothing up: it is asked for a warning only. */
const WARNING_TIMEOUT_MS = 5_000;

/** What a host says of itself. Sizes are canonical text, as the state holds them. */
export interface HostFacts {
  readonly hostname: string;
  readonly hostUuid: string;
  readonly cpu: { readonly arch: string; readonly model?: string; readonly vendor?: string; readonly count: number; readonly sockets: number; readonly cores: number; readonly threads: number };
  readonly memory: string;
  readonly numaCells: readonly { readonly id: number; readonly memory: string; readonly cpus: number }[];
  readonly libvirtVersion: string;
  readonly qemuVersion: string;
  readonly guests: { readonly accelerators: readonly string[]; readonly machines: readonly string[]; readonly firmwares: readonly string[]; readonly maxVcpus: number };
  readonly warnings: readonly string[];
}

/**
 * Connects to a host and asks it for everything that placement and guests rest on.
 * @throws DroverError when it does not answer, its libvirt is too old, or it can run no guests of its own architecture
 */
export async function gatherFacts(host: ConnectedHost): Promise<HostFacts> {
  const [{ hostname }, { capabilities: capabilitiesXml }, { libVer }, { hvVer }, warnings] = await Promise.all([
    host.libvirt.connectGetHostname(),
    host.libvirt.connectGetCapabilities(),
    host.libvirt.connectGetLibVersion(),
    host.libvirt.connectGetVersion(),
    warningsOf(host),
  ]);
  if (libVer < BigInt(OLDEST_LIBVIRT)) {
    throw new DroverError({ attempted: "use the host", host: host.name, answer: `its libvirt is ${versionText(libVer)}, older than ${versionText(BigInt(OLDEST_LIBVIRT))}`, next: "upgrade libvirt on it" });
  }
  const capabilities = parseCapabilities(capabilitiesXml);
  const guest = capabilities.guests.find(({ arch }) => arch === capabilities.cpu.arch);
  const accelerator = guest?.accelerators[0];
  if (guest === undefined || accelerator === undefined) {
    throw new DroverError({ attempted: "use the host", host: host.name, answer: `it can run no ${capabilities.cpu.arch} guests`, next: "install QEMU for its architecture (package qemu-system-x86 or the like) and restart libvirtd" });
  }
  const { model, vendor, ...topology } = capabilities.cpu;
  return {
    hostname,
    hostUuid: capabilities.uuid,
    cpu: { ...topology, ...(model === undefined ? {} : { model }), ...(vendor === undefined ? {} : { vendor }) },
    memory: formatBytes(capabilities.memory),
    numaCells: capabilities.cells.map((cell) => ({ id: cell.id, memory: formatBytes(cell.memory), cpus: cell.cpus })),
    libvirtVersion: versionText(libVer),
    qemuVersion: versionText(hvVer),
    guests: await guestFacts(host, guest, accelerator),
    warnings,
  };
}

async function guestFacts(host: ConnectedHost, guest: GuestCapabilities, accelerator: string): Promise<HostFacts["guests"]> {
  const machines = guest.machines[accelerator] ?? [];
  const { capabilities } = await host.libvirt.connectGetDomainCapabilities({ emulatorbin: null, arch: guest.arch, machine: null, virttype: accelerator, flags: 0 });
  const domain = parseDomainCapabilities(capabilities);
  return {
    accelerators: guest.accelerators,
    machines: machines.filter((machine) => machine.canonical !== undefined).map((machine) => machine.name),
    firmwares: domain.firmwares,
    maxVcpus: domain.maxVcpus,
  };
}

/** What an operator should know. A host without a shell for us (tcp, tls, a forced command) is not asked. */
async function warningsOf(host: ConnectedHost): Promise<string[]> {
  try {
    const { stdout } = await host.transport.exec(["systemctl", "is-enabled", "libvirt-guests"], { timeoutMs: WARNING_TIMEOUT_MS });
    if (stdout.trim() !== "enabled") return [];
    return ["the service libvirt-guests is enabled: it starts guests by itself when the host comes back; disable it with `systemctl disable --now libvirt-guests`"];
  } catch (error) {
    if (error instanceof TransportError || error instanceof DroverError) return [];
    throw error;
  }
}

/** libvirt's version number: major × 1,000,000 + minor × 1,000 + release. */
function versionText(version: bigint): string {
  const number = Number(version);
  return [Math.floor(number / 1_000_000), Math.floor(number / 1000) % 1000, number % 1000].join(".");
}
