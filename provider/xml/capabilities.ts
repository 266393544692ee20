import { bytes, type Bytes } from "../base/bytes.js";
import type { XmlElement } from "./element.js";
import { scanXml } from "./scan.js";
import { readInteger, readSize } from "./size.js";

/** What a host is and can run: libvirt's `<capabilities>`. */
export interface HostCapabilities {
  /** UUID of the machine. */
  readonly uuid: string;
  readonly cpu: {
    readonly arch: string;
    readonly model: string | undefined;
    readonly vendor: string | undefined;
    /** Logical CPUs that are online. */
    readonly count: number;
    /** Sockets in each NUMA cell, cores in each socket, threads in each core. */
    readonly sockets: number;
    readonly cores: number;
    readonly threads: number;
  };
  /** Memory of all cells. */
  readonly memory: Bytes;
  readonly cells: readonly { readonly id: number; readonly memory: Bytes; readonly cpus: number }[];
  /** Ways for a live migration's data: `tcp`, `rdma`; empty when the host can not migrate. */
  readonly migrationTransports: readonly string[];
  readonly guests: readonly GuestCapabilities[];
}

/** What guests of one architecture can be. */
export interface GuestCapabilities {
  readonly arch: string;
  /** `kvm` before `qemu` (emulation). */
  readonly accelerators: readonly string[];
  /** Machine types by accelerator. */
  readonly machines: Readonly<Record<string, readonly MachineType[]>>;
}

export interface MachineType {
  readonly name: string;
  /** Versioned machine that a short name stands for; `undefined` for a versioned one. */
  readonly canonical: string | undefined;
  readonly maxVcpus: number;
}

/** @throws DroverError when the text is not well-formed XML or no capabilities. */
export function parseCapabilities(text: string): HostCapabilities {
  const root = scanXml(text, "capabilities");
  const host = root.child("host");
  const cpu = host?.child("cpu");
  const topology = cpu?.child("topology");
  const cells = (host?.find("topology", "cells")?.children("cell") ?? []).map(readCell);
  return {
    uuid: host?.child("uuid")?.text.trim() ?? "",
    cpu: {
      arch: cpu?.child("arch")?.text.trim() ?? "",
      model: cpu?.child("model")?.text.trim(),
      vendor: cpu?.child("vendor")?.text.trim(),
      count: cells.reduce((sum, cell) => sum + cell.cpus, 0),
      sockets: readInteger(topology?.attr("sockets")) ?? 1,
      cores: readInteger(topology?.attr("cores")) ?? 1,
      threads: readInteger(topology?.attr("threads")) ?? 1,
    },
    memory: bytes(cells.reduce((sum, cell) => sum + cell.memory, 0)),
    cells,
    migrationTransports: (host?.find("migration_features", "uri_transports")?.children("uri_transport") ?? []).map((transport) => transport.text.trim()),
    guests: root.children("guest").flatMap((guest) => guest.children("arch").map(readGuest)),
  };
}

/** The versioned machine that a name stands for now, such as `pc-q35-7.2` for `q35`; `undefined` when the host does not know it. */
export function resolveMachine(guest: GuestCapabilities, accelerator: string, name: string): string | undefined {
  const found = guest.machines[accelerator]?.find((machine) => machine.name === name);
  return found?.canonical ?? found?.name;
}

function readCell(cell: XmlElement): HostCapabilities["cells"][number] {
  const memory = cell.child("memory");
  const cpus = cell.child("cpus");
  return {
    id: readInteger(cell.attr("id")) ?? 0,
    memory: memory === undefined ? bytes(0) : readSize(memory, "KiB"),
    cpus: cpus?.children("cpu").length ?? 0,
  };
}

function readGuest(arch: XmlElement): GuestCapabilities {
  const shared = arch.children("machine").map(readMachine);
  const domains = arch.children("domain");
  const accelerators = domains.map((domain) => domain.attr("type") ?? "").sort((left, right) => rank(left) - rank(right));
  return {
    arch: arch.attr("name") ?? "",
    accelerators,
    machines: Object.fromEntries(domains.map((domain) => {
      const own = domain.children("machine").map(readMachine);
      return [domain.attr("type") ?? "", own.length > 0 ? own : shared];
    })),
  };
}

function readMachine(machine: XmlElement): MachineType {
  return { name: machine.text.trim(), canonical: machine.attr("canonical"), maxVcpus: readInteger(machine.attr("maxCpus")) ?? 1 };
}

function rank(accelerator: string): number {
  const at = ["kvm", "qemu"].indexOf(accelerator);
  return at < 0 ? 2 : at;
}
