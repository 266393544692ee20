import type { ClusterReading, DomainInventory, HostInventory } from "../../../../provider/inventory/cluster/index.js";

/** A host with nothing on it, for tests: what matters to one is given. */
export function host(name: string, given: Partial<HostInventory> = {}): HostInventory {
  return {
    address: { name, uri: `qemu+ssh://root@${name}/system`, owner: "owner" },
    hostUuid: `uuid-of-${name}`,
    cpu: {
      arch: "x86_64", count: 8, sockets: 1, cores: 8, threads: 1, model: "EPYC", vendor: "AMD", features: ["aes", "avx2"], usableModels: ["EPYC", "qemu64"],
      hasPassthrough: true, hostModel: undefined,
    },
    memoryMib: 16_384, numaCells: [{ id: 0, memoryMib: 16_384, cpus: 8 }],
    networks: [], bridges: ["br0"], pools: [], machineTypes: ["pc-q35-7.2", "q35"], accelerators: ["kvm", "qemu"], migrationTransports: ["tcp"],
    libvirtVersion: 9_000_000, qemuVersion: 7_002_000, domains: [], marks: [], markError: undefined,
    ...given,
  };
}

/** A running guest of ours. Its UUID is made of its name. */
export function domain(name: string, given: Partial<DomainInventory> = {}): DomainInventory {
  return {
    uuid: `uuid-of-${name}`, name, state: "running", reason: "booted", isActive: true, isPersistent: true,
    ours: { owner: "owner", urn: `drover:VirtualMachine::${name}`, version: 1 },
    accelerator: "kvm", arch: "x86_64", machine: "pc-q35-7.2", vcpus: 2, maxVcpus: 8,
    memory: { currentMib: 2048, totalMib: 2048, maxMib: 8192 }, hostCells: undefined,
    disks: [], networks: [], bridges: ["br0"], cpu: undefined, obstacles: [], autostart: false, measured: undefined,
    ...given,
  };
}

export const SHUT_OFF = { state: "shutoff", reason: "shutdown", isActive: false } as const;
export const FOREIGN = { ours: undefined } as const;

/** Hosts with their domains: `reading({ ash: [domain("web-1")], birch: [] })`. */
export function reading(hosts: Readonly<Record<string, readonly DomainInventory[]>>, silent: readonly string[] = []): ClusterReading {
  return {
    hosts: Object.entries(hosts).map(([name, domains]) => host(name, { domains })),
    silent: silent.map((name) => ({ address: host(name).address, error: new Error("no answer") })),
  };
}
