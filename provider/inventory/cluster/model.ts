import type { CpuDescription, Mark } from "../../xml/index.js";
import type { HostAddress } from "../hosts.js";
import type { HostMark } from "./mark.js";

/** What one host is and carries, read at one moment. Amounts are as libvirt tells them: nothing is reserved or overcommitted yet. */
export interface HostInventory {
  readonly address: HostAddress;
  /** UUID of the machine. */
  readonly hostUuid: string;
  readonly cpu: HostCpu;
  readonly memoryMib: number;
  readonly numaCells: readonly { readonly id: number; readonly memoryMib: number; readonly cpus: number }[];
  /** Active networks, by name. */
  readonly networks: readonly NetworkInventory[];
  /** Names of the bridges that exist on the host; `undefined` where its libvirt cannot say. */
  readonly bridges: readonly string[] | undefined;
  /** Active pools, by name. */
  readonly pools: readonly PoolInventory[];
  /** Names of the machine types that guests can have with the first of the accelerators. */
  readonly machineTypes: readonly string[];
  /** `kvm` before `qemu` (emulation). */
  readonly accelerators: readonly string[];
  /** Transports of a live migration, `tcp` among them; empty where the host cannot migrate. */
  readonly migrationTransports: readonly string[];
  /** libvirt's and QEMU's versions: major × 1,000,000 + minor × 1,000 + release. */
  readonly libvirtVersion: number;
  readonly qemuVersion: number;
  /** All domains, by name. */
  readonly domains: readonly DomainInventory[];
  /** What clusters keep on the host, by their ids. */
  readonly marks: readonly HostMark[];
  /** A mark that could not be read: nobody knows then whether the host is in maintenance. */
  readonly markError: Error | undefined;
}

/** What guests can have of a host's CPUs. */
export interface HostCpu {
  readonly arch: string;
  /** Logical CPUs that are online. */
  readonly count: number;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  /** What `host-model` stands for with the first of the accelerators; `undefined` where the host knows none. */
  readonly model: string | undefined;
  readonly vendor: string | undefined;
  /** The model's own features and all beside them, sorted. */
  readonly features: readonly string[];
  /** Named models that guests can have. */
  readonly usableModels: readonly string[];
  /** Can guests have `host-passthrough`? Not where they are emulated. */
  readonly hasPassthrough: boolean;
  /** `host-model` as libvirt describes it, for a baseline of several hosts. */
  readonly hostModel: CpuDescription | undefined;
}

export interface NetworkInventory {
  readonly name: string;
  readonly uuid: string;
  readonly bridge: string | undefined;
  /** `bridge`, `nat`, `route`, `isolated`, or another word of libvirt's. */
  readonly forward: string;
}

export interface PoolInventory {
  readonly name: string;
  readonly uuid: string;
  /** `dir`, `netfs`, `logical`, … */
  readonly type: string;
  /** `undefined` for a pool that is no folder. */
  readonly path: string | undefined;
  /**
   * The same text on two hosts: the same storage, for certain. `undefined`: nobody shares it, as far as is known.
   * A folder is shared where the marker in it says so, which was proved when it was written.
   */
  readonly sharedStorage: string | undefined;
  /** UUID by our marker, which is the pool's own but for one that was adopted; `undefined` for a pool that is not ours. */
  readonly markerUuid: string | undefined;
}

/** `blocked` is a running guest to a hypervisor other than QEMU; `shutdown` is one that shuts down, `shutoff` one that did. */
export type DomainStateName = "nostate" | "running" | "blocked" | "paused" | "shutdown" | "shutoff" | "crashed" | "pmsuspended";

/** One domain on one host: of a running guest what it runs with, else its definition. */
export interface DomainInventory {
  readonly uuid: string;
  readonly name: string;
  readonly state: DomainStateName;
  /** Why it is in this state, in libvirt's word: `booted`, `migration`, `ioerror`, …; `unknown` where libvirt does not say. */
  readonly reason: string;
  /** Is there a guest with memory and CPUs (running, paused, …)? */
  readonly isActive: boolean;
  /** Is there a definition on this host? A guest without one is gone when it stops. */
  readonly isPersistent: boolean;
  /** Our mark of the definition, or of the running guest where that has none; with it the journal of a move. `undefined`: not ours. */
  readonly ours: Mark | undefined;
  /** `kvm` or `qemu`. */
  readonly accelerator: string;
  readonly arch: string;
  readonly machine: string;
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly memory: DomainMemoryInventory;
  /** NUMA cells of the host that its memory is bound to, strictly; `undefined` for any. */
  readonly hostCells: readonly number[] | undefined;
  /** Drives that hold something; empty CD drives are left out. */
  readonly disks: readonly DomainDisk[];
  /** Names of the libvirt networks that its NICs are plugged into, sorted. */
  readonly networks: readonly string[];
  /** Names of the bridges that its NICs are plugged into directly, sorted. */
  readonly bridges: readonly string[];
  /** `undefined`: the hypervisor's default. Of a running guest, what `host-model` came to. */
  readonly cpu: CpuDescription | undefined;
  /**
   * Why it cannot go to any other host, as texts that follow its name: "has a managed save". A running guest goes there live, of one
   * that does not run the definition. Where its disks are is another matter: `whyNotOn`.
   */
  readonly obstacles: readonly string[];
  /** Does libvirtd start it when the host boots? */
  readonly autostart: boolean;
  /** Measured just now, where it was asked for and the guest is active. Never a part of the digest. */
  readonly measured: DomainMeasures | undefined;
}

export interface DomainMemoryInventory {
  /** What the balloon leaves it. */
  readonly currentMib: number;
  /** What it was given, modules included, and may take back any time: its load on the host. */
  readonly totalMib: number;
  /** Up to what modules can be plugged in. */
  readonly maxMib: number;
}

export interface DomainDisk {
  /** Device name in the guest: `vda`. */
  readonly target: string;
  /** Our name of it. */
  readonly name: string | undefined;
  /** `disk`, `cdrom`, `floppy` or `lun`. */
  readonly device: string;
  /** File or block device on the host; `undefined` for a volume that is named by its pool, or comes by the network. */
  readonly path: string | undefined;
  /** Name of the active pool that it is in; `undefined` where it is in none. */
  readonly pool: string | undefined;
  /** See {@link PoolInventory.sharedStorage}; `network` for a disk that QEMU itself gets by the network. */
  readonly sharedStorage: string | undefined;
  /** QEMU's cache mode; `undefined` for its default, which is writeback. */
  readonly cache: string | undefined;
  readonly readOnly: boolean;
}

export interface DomainMeasures {
  /** Memory of the host that it takes, which is about what a migration copies. */
  readonly residentMib: number;
}

/** A host that gave no answer in time. What is on it is not known. */
export interface SilentHost {
  readonly address: HostAddress;
  readonly error: Error;
}

/** What asking all hosts came to; both lists in the order in which the hosts were named. */
export interface ClusterReading {
  readonly hosts: readonly HostInventory[];
  readonly silent: readonly SilentHost[];
}
