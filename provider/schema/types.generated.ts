// Generated from schema.json by `npm run generate`. Do not edit.

import type { Input } from "@pulumi/pulumi";

import type { Ref } from "./ref.js";

/** How to log in to a host by ssh. What is not given comes from the ssh configuration file. */
export interface SshOptions {
  /** Path of an OpenSSH client configuration. Default: the environment variable DROVER_SSH_CONFIG, else `~/.ssh/config`. */
  readonly configFile?: string;
  /** Path of the file with the known host keys. Default: `UserKnownHostsFile` of the configuration, else `~/.ssh/known_hosts`. */
  readonly knownHostsFile?: string;
  /** Path of the private key. Default: `IdentityFile` of the configuration, the agent, else the usual files in `~/.ssh`. */
  readonly identityFile?: string;
  /** The private key itself, in OpenSSH or PEM form. */
  readonly privateKey?: string;
  /** The passphrase of an encrypted private key. */
  readonly passphrase?: string;
  /** A password, for hosts that take no key. */
  readonly password?: string;
}

/** How to log in to a host by ssh. What is not given comes from the ssh configuration file. */
export interface SshOptionsArgs {
  /** Path of an OpenSSH client configuration. Default: the environment variable DROVER_SSH_CONFIG, else `~/.ssh/config`. */
  readonly configFile?: Input<string>;
  /** Path of the file with the known host keys. Default: `UserKnownHostsFile` of the configuration, else `~/.ssh/known_hosts`. */
  readonly knownHostsFile?: Input<string>;
  /** Path of the private key. Default: `IdentityFile` of the configuration, the agent, else the usual files in `~/.ssh`. */
  readonly identityFile?: Input<string>;
  /** The private key itself, in OpenSSH or PEM form. */
  readonly privateKey?: Input<string>;
  /** The passphrase of an encrypted private key. */
  readonly passphrase?: Input<string>;
  /** A password, for hosts that take no key. */
  readonly password?: Input<string>;
}

/** What another resource needs to know of a host. Hand over the `Host` itself. */
export interface HostRef {
  /** Name of the host in the program. */
  readonly name: string;
  /** Connection URI of its libvirt. */
  readonly uri: string;
  /** Owner id of the host's stack: tells our objects from those of others. */
  readonly owner: string;
  /** How to log in. */
  readonly ssh?: SshOptions;
}

/** What another resource needs to know of a host. Hand over the `Host` itself. */
export interface HostRefArgs {
  /** Name of the host in the program. */
  readonly name: Input<string>;
  /** Connection URI of its libvirt. */
  readonly uri: Input<string>;
  /** Owner id of the host's stack: tells our objects from those of others. */
  readonly owner: Input<string>;
  /** How to log in. */
  readonly ssh?: Input<SshOptionsArgs>;
}

/** What another resource needs to know of a storage pool. Hand over the `StoragePool` itself. */
export interface PoolRef {
  /** Name of the pool in libvirt. */
  readonly name: string;
  /** UUID of the pool, the same on each of its hosts. */
  readonly uuid: string;
  /** Owner id that the pool's marker carries. */
  readonly owner: string;
  /** Folder of the pool on its hosts. */
  readonly path: string;
  /** Whether all hosts see the same folder. */
  readonly shared: boolean;
  /** Hosts of the pool: all of them, or of a shared pool the first four (its marker names all). */
  readonly hosts: readonly HostRef[];
}

/** What another resource needs to know of a storage pool. Hand over the `StoragePool` itself. */
export interface PoolRefArgs {
  /** Name of the pool in libvirt. */
  readonly name: Input<string>;
  /** UUID of the pool, the same on each of its hosts. */
  readonly uuid: Input<string>;
  /** Owner id that the pool's marker carries. */
  readonly owner: Input<string>;
  /** Folder of the pool on its hosts. */
  readonly path: Input<string>;
  /** Whether all hosts see the same folder. */
  readonly shared: Input<boolean>;
  /** Hosts of the pool: all of them, or of a shared pool the first four (its marker names all). */
  readonly hosts: readonly Ref<HostRef>[];
}

/** What another resource needs to know of a network. Hand over the `Network` itself. */
export interface NetworkRef {
  /** Name of the network in libvirt, the same on each of its hosts. */
  readonly name: string;
}

/** What another resource needs to know of a network. Hand over the `Network` itself. */
export interface NetworkRefArgs {
  /** Name of the network in libvirt, the same on each of its hosts. */
  readonly name: Input<string>;
}

/** What another resource needs to know of an image. Hand over the `Image` itself. */
export interface ImageRef {
  /** Name of the volume that holds the image. */
  readonly volume: string;
  /** Format of the image: `qcow2` or `raw`. */
  readonly format: "qcow2" | "raw";
  /** Size of the disk that the image describes. */
  readonly virtualSize: string;
  /** Pool that holds it. */
  readonly pool: PoolRef;
}

/** What another resource needs to know of an image. Hand over the `Image` itself. */
export interface ImageRefArgs {
  /** Name of the volume that holds the image. */
  readonly volume: Input<string>;
  /** Format of the image: `qcow2` or `raw`. */
  readonly format: Input<"qcow2" | "raw">;
  /** Size of the disk that the image describes. */
  readonly virtualSize: Input<string | number>;
  /** Pool that holds it. */
  readonly pool: Ref<PoolRef>;
}

/** What another resource needs to know of a disk. Hand over the `Disk` itself. */
export interface DiskRef {
  /** Name of the volume. */
  readonly volume: string;
  /** Format of the volume. */
  readonly format: string;
  /** Pool that holds it. */
  readonly pool: PoolRef;
}

/** What another resource needs to know of a disk. Hand over the `Disk` itself. */
export interface DiskRefArgs {
  /** Name of the volume. */
  readonly volume: Input<string>;
  /** Format of the volume. */
  readonly format: Input<string>;
  /** Pool that holds it. */
  readonly pool: Ref<PoolRef>;
}

/** One NUMA cell of a host. */
export interface NumaCell {
  /** Number of the cell. */
  readonly id: number;
  /** Memory of the cell. */
  readonly memory: string;
  /** Logical CPUs of the cell. */
  readonly cpus: number;
}

/** One NUMA cell of a host. */
export interface NumaCellArgs {
  /** Number of the cell. */
  readonly id: Input<number>;
  /** Memory of the cell. */
  readonly memory: Input<string | number>;
  /** Logical CPUs of the cell. */
  readonly cpus: Input<number>;
}

/** The processors of a host. */
export interface CpuFacts {
  /** Architecture, such as `x86_64`. */
  readonly arch: string;
  /** CPU model as libvirt names it. */
  readonly model?: string;
  /** CPU vendor. */
  readonly vendor?: string;
  /** Logical CPUs that are online. */
  readonly count: number;
  /** Sockets in each NUMA cell. */
  readonly sockets: number;
  /** Cores in each socket. */
  readonly cores: number;
  /** Threads in each core. */
  readonly threads: number;
}

/** The processors of a host. */
export interface CpuFactsArgs {
  /** Architecture, such as `x86_64`. */
  readonly arch: Input<string>;
  /** CPU model as libvirt names it. */
  readonly model?: Input<string>;
  /** CPU vendor. */
  readonly vendor?: Input<string>;
  /** Logical CPUs that are online. */
  readonly count: Input<number>;
  /** Sockets in each NUMA cell. */
  readonly sockets: Input<number>;
  /** Cores in each socket. */
  readonly cores: Input<number>;
  /** Threads in each core. */
  readonly threads: Input<number>;
}

/** What a host can run. */
export interface GuestFacts {
  /** `kvm`, `qemu` (emulation), best first. */
  readonly accelerators: readonly string[];
  /** Machine types by their short names. */
  readonly machines: readonly string[];
  /** Firmwares: `bios`, `efi`. */
  readonly firmwares: readonly string[];
  /** Most virtual CPUs that one guest can have. */
  readonly maxVcpus: number;
}

/** What a host can run. */
export interface GuestFactsArgs {
  /** `kvm`, `qemu` (emulation), best first. */
  readonly accelerators: readonly Input<string>[];
  /** Machine types by their short names. */
  readonly machines: readonly Input<string>[];
  /** Firmwares: `bios`, `efi`. */
  readonly firmwares: readonly Input<string>[];
  /** Most virtual CPUs that one guest can have. */
  readonly maxVcpus: Input<number>;
}

/** A fixed address for one MAC. */
export interface DhcpHost {
  /** MAC address, such as `52:54:00:12:34:56`. */
  readonly mac: string;
  /** Address that it gets. */
  readonly ip: string;
}

/** A fixed address for one MAC. */
export interface DhcpHostArgs {
  /** MAC address, such as `52:54:00:12:34:56`. */
  readonly mac: Input<string>;
  /** Address that it gets. */
  readonly ip: Input<string>;
}

/** A range of addresses for guests. */
export interface DhcpRange {
  /** First address. */
  readonly start: string;
  /** Last address. */
  readonly end: string;
}

/** A range of addresses for guests. */
export interface DhcpRangeArgs {
  /** First address. */
  readonly start: Input<string>;
  /** Last address. */
  readonly end: Input<string>;
}

/** DHCP server of a network. */
export interface Dhcp {
  /** Ranges by name. */
  readonly ranges?: Readonly<Record<string, DhcpRange>>;
  /** Fixed addresses by host name. Changed live. */
  readonly hosts?: Readonly<Record<string, DhcpHost>>;
}

/** DHCP server of a network. */
export interface DhcpArgs {
  /** Ranges by name. */
  readonly ranges?: Readonly<Record<string, Input<DhcpRangeArgs>>>;
  /** Fixed addresses by host name. Changed live. */
  readonly hosts?: Readonly<Record<string, Input<DhcpHostArgs>>>;
}

/** DNS entries of a network. */
export interface Dns {
  /** DNS domain of the network. */
  readonly domain?: string;
  /** Address by host name. Changed live. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** DNS entries of a network. */
export interface DnsArgs {
  /** DNS domain of the network. */
  readonly domain?: Input<string>;
  /** Address by host name. Changed live. */
  readonly hosts?: Readonly<Record<string, Input<string>>>;
}

/** A disk of a VM, held by its name. */
export interface VmDisk {
  /** Image that the disk starts as a copy-on-write layer of. */
  readonly image?: ImageRef;
  /** An existing `Disk` to attach, with a life of its own. */
  readonly disk?: DiskRef;
  /** Pool that the disk is made in. Default: the image's pool. */
  readonly pool?: PoolRef;
  /** Size of the disk. Default: the image's. It only grows. */
  readonly size?: string;
  /** Format of the volume: `qcow2` or `raw`. Default: `qcow2`. */
  readonly format: "qcow2" | "raw";
  /** How the guest sees it. Default: `virtio`. */
  readonly bus: "virtio" | "scsi" | "sata";
  /** Cache mode on the host. Live migration on shared folders wants `none` or `directsync`. Default: `none`. */
  readonly cache: "none" | "directsync" | "writethrough" | "writeback" | "unsafe";
  /** Whether the guest's discards free space. Default: `unmap`. */
  readonly discard: "unmap" | "ignore";
  /** The guest can not write to it. Default: `false`. */
  readonly readOnly: boolean;
  /** Place in the boot order. Default: `root`, else the first disk by name, boots first. */
  readonly bootOrder?: number;
  /** Make an empty disk in the place of one that has held data and is gone. Default: `false`. */
  readonly recreate: boolean;
  /** What becomes of the data when the disk is taken out of the VM. Default: `keep`. */
  readonly onRemove: "keep" | "delete";
  /** What becomes of the data when the VM is destroyed. Default: `delete`. */
  readonly onDestroy: "delete" | "keep";
}

/** A disk of a VM, held by its name. */
export interface VmDiskArgs {
  /** Image that the disk starts as a copy-on-write layer of. */
  readonly image?: Ref<ImageRef>;
  /** An existing `Disk` to attach, with a life of its own. */
  readonly disk?: Ref<DiskRef>;
  /** Pool that the disk is made in. Default: the image's pool. */
  readonly pool?: Ref<PoolRef>;
  /** Size of the disk. Default: the image's. It only grows. */
  readonly size?: Input<string | number>;
  /** Format of the volume: `qcow2` or `raw`. Default: `qcow2`. */
  readonly format?: Input<"qcow2" | "raw">;
  /** How the guest sees it. Default: `virtio`. */
  readonly bus?: Input<"virtio" | "scsi" | "sata">;
  /** Cache mode on the host. Live migration on shared folders wants `none` or `directsync`. Default: `none`. */
  readonly cache?: Input<"none" | "directsync" | "writethrough" | "writeback" | "unsafe">;
  /** Whether the guest's discards free space. Default: `unmap`. */
  readonly discard?: Input<"unmap" | "ignore">;
  /** The guest can not write to it. Default: `false`. */
  readonly readOnly?: Input<boolean>;
  /** Place in the boot order. Default: `root`, else the first disk by name, boots first. */
  readonly bootOrder?: Input<number>;
  /** Make an empty disk in the place of one that has held data and is gone. Default: `false`. */
  readonly recreate?: Input<boolean>;
  /** What becomes of the data when the disk is taken out of the VM. Default: `keep`. */
  readonly onRemove?: Input<"keep" | "delete">;
  /** What becomes of the data when the VM is destroyed. Default: `delete`. */
  readonly onDestroy?: Input<"delete" | "keep">;
}

/** A network interface of a VM, held by its name. */
export interface VmNic {
  /** Network that it is plugged into. */
  readonly network?: NetworkRef;
  /** A bridge of the host that it is plugged into, instead of a network. */
  readonly bridge?: string;
  /** MAC address. Default: derived from the VM's UUID and the NIC's name, and kept. */
  readonly mac?: string;
  /** Device that the guest sees. Default: `virtio`. */
  readonly model: "virtio" | "e1000e" | "e1000" | "rtl8139";
  /** Largest packet in bytes. Default: the network's. */
  readonly mtu?: number;
  /** State of the cable. Default: `up`. */
  readonly link: "up" | "down";
}

/** A network interface of a VM, held by its name. */
export interface VmNicArgs {
  /** Network that it is plugged into. */
  readonly network?: Ref<NetworkRef>;
  /** A bridge of the host that it is plugged into, instead of a network. */
  readonly bridge?: Input<string>;
  /** MAC address. Default: derived from the VM's UUID and the NIC's name, and kept. */
  readonly mac?: Input<string>;
  /** Device that the guest sees. Default: `virtio`. */
  readonly model?: Input<"virtio" | "e1000e" | "e1000" | "rtl8139">;
  /** Largest packet in bytes. Default: the network's. */
  readonly mtu?: Input<number>;
  /** State of the cable. Default: `up`. */
  readonly link?: Input<"up" | "down">;
}

/** First-boot configuration by cloud-init's NoCloud data source. The host name is the VM's name unless `metaData` says otherwise. */
export interface CloudInit {
  /** cloud-config as an object, or any user data as text. */
  readonly userData?: unknown;
  /** Entries to add to meta-data, as an object. */
  readonly metaData?: unknown;
  /** Network configuration (version 1 or 2), as an object or text. */
  readonly networkConfig?: unknown;
  /** Pool that the seed image is made in. Default: that of the root disk. */
  readonly pool?: PoolRef;
}

/** First-boot configuration by cloud-init's NoCloud data source. The host name is the VM's name unless `metaData` says otherwise. */
export interface CloudInitArgs {
  /** cloud-config as an object, or any user data as text. */
  readonly userData?: Input<unknown>;
  /** Entries to add to meta-data, as an object. */
  readonly metaData?: Input<unknown>;
  /** Network configuration (version 1 or 2), as an object or text. */
  readonly networkConfig?: Input<unknown>;
  /** Pool that the seed image is made in. Default: that of the root disk. */
  readonly pool?: Ref<PoolRef>;
}

/** A graphical console. */
export interface Graphics {
  /** Protocol. Default: `vnc`. */
  readonly type: "vnc" | "spice";
  /** Address of the host that it listens on. Default: `127.0.0.1`. */
  readonly listen: string;
  /** Port. Default: one that is free. */
  readonly port?: number;
  /** Password of the console. */
  readonly password?: string;
}

/** A graphical console. */
export interface GraphicsArgs {
  /** Protocol. Default: `vnc`. */
  readonly type?: Input<"vnc" | "spice">;
  /** Address of the host that it listens on. Default: `127.0.0.1`. */
  readonly listen?: Input<string>;
  /** Port. Default: one that is free. */
  readonly port?: Input<number>;
  /** Password of the console. */
  readonly password?: Input<string>;
}

/** A watchdog device: it acts when the guest, once it has begun to feed it, does so no more. */
export interface Watchdog {
  /** The device that the guest sees. `itco` needs the machine type q35 and libvirt 9.1, `ib700` is for guests of old. Default: `i6300esb`. */
  readonly model: "i6300esb" | "ib700" | "itco";
  /** What happens when it fires: `reset` needs nobody; after `poweroff`, and after `pause`, which keeps the guest as it hung for whoever wants to look, a guard starts a VM with `ha` anew. Default: `reset`. */
  readonly action: "reset" | "poweroff" | "pause";
}

/** A watchdog device: it acts when the guest, once it has begun to feed it, does so no more. */
export interface WatchdogArgs {
  /** The device that the guest sees. `itco` needs the machine type q35 and libvirt 9.1, `ib700` is for guests of old. Default: `i6300esb`. */
  readonly model?: Input<"i6300esb" | "ib700" | "itco">;
  /** What happens when it fires: `reset` needs nobody; after `poweroff`, and after `pause`, which keeps the guest as it hung for whoever wants to look, a guard starts a VM with `ha` anew. Default: `reset`. */
  readonly action?: Input<"reset" | "poweroff" | "pause">;
}

/** How a guest is stopped: the agent is asked, then ACPI's power button is pressed, then time runs out. */
export interface Shutdown {
  /** How long the guest may take. Default: `120`. */
  readonly timeoutSeconds: number;
  /** What happens then: `power-off` cuts the power, `fail` leaves the guest running and fails. Destroying the VM always ends in power-off. Default: `fail`. */
  readonly onTimeout: "fail" | "power-off";
}

/** How a guest is stopped: the agent is asked, then ACPI's power button is pressed, then time runs out. */
export interface ShutdownArgs {
  /** How long the guest may take. Default: `120`. */
  readonly timeoutSeconds?: Input<number>;
  /** What happens then: `power-off` cuts the power, `fail` leaves the guest running and fails. Destroying the VM always ends in power-off. Default: `fail`. */
  readonly onTimeout?: Input<"fail" | "power-off">;
}

/** How long to wait for an address. */
export interface WaitForIp {
  /** Then it is a warning, and the address stays empty. Default: `180`. */
  readonly timeoutSeconds: number;
}

/** How long to wait for an address. */
export interface WaitForIpArgs {
  /** Then it is a warning, and the address stays empty. Default: `180`. */
  readonly timeoutSeconds?: Input<number>;
}

/** One change of a VM and when it takes effect. */
export interface Change {
  /** Path of the property. */
  readonly property: string;
  /** `live`: now, in the running guest; `restart`: at the guest's next restart. */
  readonly when: "live" | "restart";
}

/** One change of a VM and when it takes effect. */
export interface ChangeArgs {
  /** Path of the property. */
  readonly property: Input<string>;
  /** `live`: now, in the running guest; `restart`: at the guest's next restart. */
  readonly when: Input<"live" | "restart">;
}

/** Leases on shared storage, which libvirt takes for the disks of each guest that starts. `sanlock`, with its watchdog, proves the death of a host whose lease expired; `lockd` keeps a guest from running twice and proves nothing. */
export interface HostLeases {
  /** libvirt's `lock_manager` on the host. */
  readonly manager: "sanlock" | "lockd";
  /** Folder on shared storage, the same on all hosts: `disk_lease_dir` of sanlock, `file_lockspace_dir` of lockd. */
  readonly directory: string;
  /** sanlock's id of the host, which no other host has. */
  readonly hostId?: number;
  /** sanlock's `io_timeout`. A host that renews no more is known to be dead after 8 times as long and the time of its watchdog: 140 s by default. Default: `10`. */
  readonly ioTimeoutSeconds: number;
}

/** Leases on shared storage, which libvirt takes for the disks of each guest that starts. `sanlock`, with its watchdog, proves the death of a host whose lease expired; `lockd` keeps a guest from running twice and proves nothing. */
export interface HostLeasesArgs {
  /** libvirt's `lock_manager` on the host. */
  readonly manager: Input<"sanlock" | "lockd">;
  /** Folder on shared storage, the same on all hosts: `disk_lease_dir` of sanlock, `file_lockspace_dir` of lockd. */
  readonly directory: Input<string>;
  /** sanlock's id of the host, which no other host has. */
  readonly hostId?: Input<number>;
  /** sanlock's `io_timeout`. A host that renews no more is known to be dead after 8 times as long and the time of its watchdog: 140 s by default. Default: `10`. */
  readonly ioTimeoutSeconds?: Input<number>;
}

/** A device that cuts a host's power, and the standard fence agent (Debian's package `fence-agents`) that speaks with it. It must cut all of the host's power by itself: one of two power supplies is not enough. The agent runs on the machine where `drover` runs, and gets everything by its standard input. */
export interface FenceDevice {
  /** Name of the agent, with or without `fence_`: `ipmilan`, `redfish`, `apc`, `vmware_rest`, …. */
  readonly agent: string;
  /** The agent's parameters by the names that its man page has for standard input: `{ ip: "10.0.0.21", username: "drover", lanplus: true }`. What is done (`action`) is none of them. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** Parameters that nobody is to see, secret in the state whatever they were given as: `{ password: config.requireSecret("bmc") }`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How long the agent may take for one action; then it is killed. Default: `60`. */
  readonly timeoutSeconds: number;
}

/** A device that cuts a host's power, and the standard fence agent (Debian's package `fence-agents`) that speaks with it. It must cut all of the host's power by itself: one of two power supplies is not enough. The agent runs on the machine where `drover` runs, and gets everything by its standard input. */
export interface FenceDeviceArgs {
  /** Name of the agent, with or without `fence_`: `ipmilan`, `redfish`, `apc`, `vmware_rest`, …. */
  readonly agent: Input<string>;
  /** The agent's parameters by the names that its man page has for standard input: `{ ip: "10.0.0.21", username: "drover", lanplus: true }`. What is done (`action`) is none of them. */
  readonly parameters?: Readonly<Record<string, Input<string | number | boolean>>>;
  /** Parameters that nobody is to see, secret in the state whatever they were given as: `{ password: config.requireSecret("bmc") }`. */
  readonly secrets?: Readonly<Record<string, Input<string>>>;
  /** How long the agent may take for one action; then it is killed. Default: `60`. */
  readonly timeoutSeconds?: Input<number>;
}

/** How guests move from and to a host. */
export interface HostMigration {
  /** Address of the host on the network that migrations use, as other hosts reach it. Default: the address by which the client reaches it. */
  readonly address?: string;
  /** libvirt URI of the host as other hosts' libvirtd reach it: `qemu+tls://ash/system`. Only for clusters whose guests move by `peer-to-peer` or `tunnelled`. */
  readonly peerUri?: string;
  /** Speed of its link for migrations, in Mb/s. Default: `1000`. */
  readonly mbps: number;
}

/** How guests move from and to a host. */
export interface HostMigrationArgs {
  /** Address of the host on the network that migrations use, as other hosts reach it. Default: the address by which the client reaches it. */
  readonly address?: Input<string>;
  /** libvirt URI of the host as other hosts' libvirtd reach it: `qemu+tls://ash/system`. Only for clusters whose guests move by `peer-to-peer` or `tunnelled`. */
  readonly peerUri?: Input<string>;
  /** Speed of its link for migrations, in Mb/s. Default: `1000`. */
  readonly mbps?: Input<number>;
}

/** What is kept for a host itself. */
export interface HostReserve {
  /** Processors. */
  readonly vcpus?: number;
  /** Memory. Default: 512 MiB. */
  readonly memory?: string;
}

/** What is kept for a host itself. */
export interface HostReserveArgs {
  /** Processors. */
  readonly vcpus?: Input<number>;
  /** Memory. Default: 512 MiB. */
  readonly memory?: Input<string | number>;
}

/** What a VM needs to know of its cluster. */
export interface ClusterRef {
  /** Name of the cluster in the program. */
  readonly name: string;
  /** Owner id of the cluster: that of its first host when it was made. */
  readonly owner: string;
  /** URIs of hosts that were declared dead, by an operator or by a guard that has the proof, and do not answer: no VM is looked for there. */
  readonly dead?: readonly string[];
  /** The record of the cluster's guards, which is told before a VM with `ha` is stopped or deleted. */
  readonly guard?: GuardRecord;
}

/** What a VM needs to know of its cluster. */
export interface ClusterRefArgs {
  /** Name of the cluster in the program. */
  readonly name: Input<string>;
  /** Owner id of the cluster: that of its first host when it was made. */
  readonly owner: Input<string>;
  /** URIs of hosts that were declared dead, by an operator or by a guard that has the proof, and do not answer: no VM is looked for there. */
  readonly dead?: readonly Input<string>[];
  /** The record of the cluster's guards, which is told before a VM with `ha` is stopped or deleted. */
  readonly guard?: Input<GuardRecordArgs>;
}

/** A host of a cluster, with what placement needs to know of it. */
export interface ClusterHost {
  /** The host. */
  readonly host: HostRef;
  /** Empty it live and place nothing on it. */
  readonly maintenance?: boolean;
  /** Labels, which are failure domains too: `{ rack: "r1" }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is kept for the host itself. */
  readonly reserve?: HostReserve;
  /** How guests move from and to it. */
  readonly migration?: HostMigration;
  /** What cuts its power when it must be known to be dead, in order of preference. `drover fence HOST` tries it. */
  readonly fence?: readonly FenceDevice[];
  /** By which its guests hold their disks on shared storage. It is checked, and never set up: see docs/high-availability.md. */
  readonly leases?: HostLeases;
  /** Names of the storage pools that the program declares on it. */
  readonly pools?: readonly string[];
  /** Names of the networks that the program declares on it. */
  readonly networks?: readonly string[];
}

/** A host of a cluster, with what placement needs to know of it. */
export interface ClusterHostArgs {
  /** The host. */
  readonly host: Ref<HostRef>;
  /** Empty it live and place nothing on it. */
  readonly maintenance?: Input<boolean>;
  /** Labels, which are failure domains too: `{ rack: "r1" }`. */
  readonly labels?: Readonly<Record<string, Input<string>>>;
  /** What is kept for the host itself. */
  readonly reserve?: Input<HostReserveArgs>;
  /** How guests move from and to it. */
  readonly migration?: Input<HostMigrationArgs>;
  /** What cuts its power when it must be known to be dead, in order of preference. `drover fence HOST` tries it. */
  readonly fence?: readonly Input<FenceDeviceArgs>[];
  /** By which its guests hold their disks on shared storage. It is checked, and never set up: see docs/high-availability.md. */
  readonly leases?: Input<HostLeasesArgs>;
  /** Names of the storage pools that the program declares on it. */
  readonly pools?: readonly Input<string>[];
  /** Names of the networks that the program declares on it. */
  readonly networks?: readonly Input<string>[];
}

/** Members of a group are divided evenly among hosts, or among failure domains. */
export interface VmSpread {
  /** Name of the group. */
  readonly group: string;
  /** What they are divided among: `host`, or a label of hosts such as `rack`. Default: `host`. */
  readonly across: string;
}

/** Members of a group are divided evenly among hosts, or among failure domains. */
export interface VmSpreadArgs {
  /** Name of the group. */
  readonly group: Input<string>;
  /** What they are divided among: `host`, or a label of hosts such as `rack`. Default: `host`. */
  readonly across?: Input<string>;
}

/** High availability: a guard restarts the VM when its host dies, or when it does by itself. A change of it restarts nothing. */
export interface VmHa {
  /** Of two VMs that do not both fit, the one with the larger priority has the place. Default: `50`. */
  readonly priority: number;
  /** VMs of its cluster that have to run before a guard restarts it, by their names there (`"db"`; of a component `"shop/db"`) or as resources. One that no guard restarts holds nobody back. */
  readonly dependsOn?: readonly string[];
  /** What a guard does when the guest was shut down: `leave` takes it for a wish; `restart` starts it again, also after `virsh shutdown`, which libvirt does not tell apart. After `running: false` and `virsh destroy` it stays down either way. Default: `leave`. */
  readonly onShutdown?: "leave" | "restart";
  /** What a guard does when libvirt paused the guest for an error of its storage: `resume` it, again and again until its storage is back; `kill` it and start it anew; or `leave` it paused, and tell. Default: `resume`. */
  readonly onStorageError?: "resume" | "kill" | "leave";
}

/** High availability: a guard restarts the VM when its host dies, or when it does by itself. A change of it restarts nothing. */
export interface VmHaArgs {
  /** Of two VMs that do not both fit, the one with the larger priority has the place. Default: `50`. */
  readonly priority?: Input<number>;
  /** VMs of its cluster that have to run before a guard restarts it, by their names there (`"db"`; of a component `"shop/db"`) or as resources. One that no guard restarts holds nobody back. */
  readonly dependsOn?: readonly Input<string>[];
  /** What a guard does when the guest was shut down: `leave` takes it for a wish; `restart` starts it again, also after `virsh shutdown`, which libvirt does not tell apart. After `running: false` and `virsh destroy` it stays down either way. Default: `leave`. */
  readonly onShutdown?: Input<"leave" | "restart">;
  /** What a guard does when libvirt paused the guest for an error of its storage: `resume` it, again and again until its storage is back; `kill` it and start it anew; or `leave` it paused, and tell. Default: `resume`. */
  readonly onStorageError?: Input<"resume" | "kill" | "leave">;
}

/** A storage pool that a VM needs. */
export interface MemberPool {
  /** Its name in libvirt. */
  readonly name: string;
  /** Its UUID. */
  readonly uuid: string;
  /** All its hosts see the same volumes. */
  readonly shared: boolean;
}

/** A storage pool that a VM needs. */
export interface MemberPoolArgs {
  /** Its name in libvirt. */
  readonly name: Input<string>;
  /** Its UUID. */
  readonly uuid: Input<string>;
  /** All its hosts see the same volumes. */
  readonly shared: Input<boolean>;
}

/** A VM of a cluster, with what placement needs to know of it. */
export interface Member {
  /** What tells it from all others of its program, and those that it had by its aliases. */
  readonly key: string;
  /** Keys that it had before. */
  readonly aliases?: readonly string[];
  /** Virtual CPUs. Default: `1`. */
  readonly vcpus: number;
  /** Memory. Default: `1 GiB`. */
  readonly memory: string;
  /** Whether it runs. Default: `true`. */
  readonly running: boolean;
  /** Labels, by which rules choose VMs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Name of the host on which it stays. */
  readonly pin?: string;
  /** Divided among hosts with others of its group. */
  readonly spread?: VmSpread;
  /** High availability. */
  readonly ha?: VmHa;
  /** CPU that it names itself. */
  readonly cpu?: string;
  /** Machine type that it names itself. */
  readonly machine?: string;
  /** Storage pools of its disks. */
  readonly pools?: readonly MemberPool[];
  /** Networks of its NICs. */
  readonly networks?: readonly string[];
  /** Bridges of its NICs. */
  readonly bridges?: readonly string[];
}

/** A VM of a cluster, with what placement needs to know of it. */
export interface MemberArgs {
  /** What tells it from all others of its program, and those that it had by its aliases. */
  readonly key: Input<string>;
  /** Keys that it had before. */
  readonly aliases?: readonly Input<string>[];
  /** Virtual CPUs. Default: `1`. */
  readonly vcpus?: Input<number>;
  /** Memory. Default: `1 GiB`. */
  readonly memory?: Input<string | number>;
  /** Whether it runs. Default: `true`. */
  readonly running?: Input<boolean>;
  /** Labels, by which rules choose VMs. */
  readonly labels?: Readonly<Record<string, Input<string>>>;
  /** Name of the host on which it stays. */
  readonly pin?: Input<string>;
  /** Divided among hosts with others of its group. */
  readonly spread?: Input<VmSpreadArgs>;
  /** High availability. */
  readonly ha?: Input<VmHaArgs>;
  /** CPU that it names itself. */
  readonly cpu?: Input<string>;
  /** Machine type that it names itself. */
  readonly machine?: Input<string>;
  /** Storage pools of its disks. */
  readonly pools?: readonly Input<MemberPoolArgs>[];
  /** Networks of its NICs. */
  readonly networks?: readonly Input<string>[];
  /** Bridges of its NICs. */
  readonly bridges?: readonly Input<string>[];
}

/** Where a VM of a cluster runs, and what it was placed with. */
export interface Assignment {
  /** Name of the host. */
  readonly name: string;
  /** Connection URI of the host. */
  readonly uri: string;
  /** Owner id of the host. */
  readonly owner: string;
  /** Virtual CPUs that it was placed with. */
  readonly vcpus: number;
  /** Memory that it was placed with. */
  readonly memory: string;
  /** How often its resource had to act though nothing of it was changed in the program: to start it again, to define it again, to remove what it left on another host. */
  readonly repairs?: number;
}

/** Where a VM of a cluster runs, and what it was placed with. */
export interface AssignmentArgs {
  /** Name of the host. */
  readonly name: Input<string>;
  /** Connection URI of the host. */
  readonly uri: Input<string>;
  /** Owner id of the host. */
  readonly owner: Input<string>;
  /** Virtual CPUs that it was placed with. */
  readonly vcpus: Input<number>;
  /** Memory that it was placed with. */
  readonly memory: Input<string | number>;
  /** How often its resource had to act though nothing of it was changed in the program: to start it again, to define it again, to remove what it left on another host. */
  readonly repairs?: Input<number>;
}

/** What a VM of a cluster was placed with. */
export interface Planned {
  /** Virtual CPUs. */
  readonly vcpus: number;
  /** Memory. */
  readonly memory: string;
  /** How often it was to be repaired. */
  readonly repairs?: number;
  /** Whether it runs. This and what follows is compared with the VM's own, and not kept. */
  readonly running?: boolean;
  /** Labels, by which rules choose VMs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Name of the host on which it stays. */
  readonly pin?: string;
  /** Divided among hosts with others of its group. */
  readonly spread?: VmSpread;
  /** High availability. */
  readonly ha?: VmHa;
  /** Storage pools of its disks. */
  readonly pools?: readonly string[];
  /** Networks of its NICs. */
  readonly networks?: readonly string[];
  /** Bridges of its NICs. */
  readonly bridges?: readonly string[];
}

/** What a VM of a cluster was placed with. */
export interface PlannedArgs {
  /** Virtual CPUs. */
  readonly vcpus: Input<number>;
  /** Memory. */
  readonly memory: Input<string | number>;
  /** How often it was to be repaired. */
  readonly repairs?: Input<number>;
  /** Whether it runs. This and what follows is compared with the VM's own, and not kept. */
  readonly running?: Input<boolean>;
  /** Labels, by which rules choose VMs. */
  readonly labels?: Readonly<Record<string, Input<string>>>;
  /** Name of the host on which it stays. */
  readonly pin?: Input<string>;
  /** Divided among hosts with others of its group. */
  readonly spread?: Input<VmSpreadArgs>;
  /** High availability. */
  readonly ha?: Input<VmHaArgs>;
  /** Storage pools of its disks. */
  readonly pools?: readonly Input<string>[];
  /** Networks of its NICs. */
  readonly networks?: readonly Input<string>[];
  /** Bridges of its NICs. */
  readonly bridges?: readonly Input<string>[];
}

/** How often a guard carries the cluster's policy out, and how much of it at a time. */
export interface GuardBalance {
  /** From one look to the next: `10 min`, `30 s`, `2 h`. */
  readonly every: string;
  /** Live migrations at one time, at most. Default: `2`. */
  readonly maxMoves: number;
  /** Only tell what would be moved. Default: `false`. */
  readonly dryRun: boolean;
}

/** How often a guard carries the cluster's policy out, and how much of it at a time. */
export interface GuardBalanceArgs {
  /** From one look to the next: `10 min`, `30 s`, `2 h`. */
  readonly every: Input<string>;
  /** Live migrations at one time, at most. Default: `2`. */
  readonly maxMoves?: Input<number>;
  /** Only tell what would be moved. Default: `false`. */
  readonly dryRun?: Input<boolean>;
}

/** Where a cluster's record is: in etcd, or in a directory of this machine for a single guard on it. */
export interface GuardRecord {
  /** Client URLs of etcd's members: `["http://10.0.0.1:2379", …]`. */
  readonly etcd?: readonly string[];
  /** Name for etcd's authentication. */
  readonly user?: string;
  /** Password for etcd's authentication. */
  readonly password?: string;
  /** File of the authority that signed the members' certificates (PEM). */
  readonly caFile?: string;
  /** File of our client certificate (PEM). */
  readonly certFile?: string;
  /** File of the client certificate's key (PEM). */
  readonly keyFile?: string;
  /** Folder of a local record, instead of etcd: for a single guard, on the machine where `pulumi up` runs too. */
  readonly directory?: string;
}

/** Where a cluster's record is: in etcd, or in a directory of this machine for a single guard on it. */
export interface GuardRecordArgs {
  /** Client URLs of etcd's members: `["http://10.0.0.1:2379", …]`. */
  readonly etcd?: readonly Input<string>[];
  /** Name for etcd's authentication. */
  readonly user?: Input<string>;
  /** Password for etcd's authentication. */
  readonly password?: Input<string>;
  /** File of the authority that signed the members' certificates (PEM). */
  readonly caFile?: Input<string>;
  /** File of our client certificate (PEM). */
  readonly certFile?: Input<string>;
  /** File of the client certificate's key (PEM). */
  readonly keyFile?: Input<string>;
  /** Folder of a local record, instead of etcd: for a single guard, on the machine where `pulumi up` runs too. */
  readonly directory?: Input<string>;
}

/** How guests of a cluster move. */
export interface ClusterMigration {
  /** oVirt's migration policies: what is done for a guest that changes memory faster than it is copied. Default: `minimal-downtime`. */
  readonly policy: "minimal-downtime" | "suspend-if-needed" | "post-copy" | "very-large";
  /** Moves at a time into a host, and out of one. Default: `2`. */
  readonly parallelPerHost: number;
  /** Encrypt guests' memory on its way, by libvirt's native TLS. Each host has the certificates that its qemu.conf names (`migrate_tls_x509_cert_dir`), with the name that `virsh hostname` tells there: it is looked for, and no address. Default: `false`. */
  readonly tls: boolean;
  /** What one move may take of the links, in Mb/s. Default: all that they have. */
  readonly mbps?: number;
  /** Who moves a guest: `client` is this program, over its connections to both hosts, which need not trust each other; by `peer-to-peer` the source's libvirtd connects to the target's, at its `migration.peerUri`; by `tunnelled` the memory goes through that connection too. Where those two lose each other at the moment of the switch, libvirt lets the guest go on at both, unless a lock manager (virtlockd) guards its disks. Default: `client`. */
  readonly via: "client" | "peer-to-peer" | "tunnelled";
  /** TCP connections side by side for each move (QEMU's multifd). Default: one, without multifd. */
  readonly connections?: number;
  /** QEMU's compressors: `zlib` and `zstd` are for moves of several connections where both hosts' libvirt is 9.4 or newer, `xbzrle` and `mt` (before QEMU 9.1) for those of one. Where a host cannot, the guest moves uncompressed, and the log says so. Default: none. */
  readonly compression?: "xbzrle" | "mt" | "zlib" | "zstd";
}

/** How guests of a cluster move. */
export interface ClusterMigrationArgs {
  /** oVirt's migration policies: what is done for a guest that changes memory faster than it is copied. Default: `minimal-downtime`. */
  readonly policy?: Input<"minimal-downtime" | "suspend-if-needed" | "post-copy" | "very-large">;
  /** Moves at a time into a host, and out of one. Default: `2`. */
  readonly parallelPerHost?: Input<number>;
  /** Encrypt guests' memory on its way, by libvirt's native TLS. Each host has the certificates that its qemu.conf names (`migrate_tls_x509_cert_dir`), with the name that `virsh hostname` tells there: it is looked for, and no address. Default: `false`. */
  readonly tls?: Input<boolean>;
  /** What one move may take of the links, in Mb/s. Default: all that they have. */
  readonly mbps?: Input<number>;
  /** Who moves a guest: `client` is this program, over its connections to both hosts, which need not trust each other; by `peer-to-peer` the source's libvirtd connects to the target's, at its `migration.peerUri`; by `tunnelled` the memory goes through that connection too. Where those two lose each other at the moment of the switch, libvirt lets the guest go on at both, unless a lock manager (virtlockd) guards its disks. Default: `client`. */
  readonly via?: Input<"client" | "peer-to-peer" | "tunnelled">;
  /** TCP connections side by side for each move (QEMU's multifd). Default: one, without multifd. */
  readonly connections?: Input<number>;
  /** QEMU's compressors: `zlib` and `zstd` are for moves of several connections where both hosts' libvirt is 9.4 or newer, `xbzrle` and `mt` (before QEMU 9.1) for those of one. Where a host cannot, the guest moves uncompressed, and the log says so. Default: none. */
  readonly compression?: Input<"xbzrle" | "mt" | "zlib" | "zstd">;
}

/** What one update may move. */
export interface ClusterBudget {
  /** Live migrations at most. */
  readonly moves?: number;
  /** Memory at most that they copy together. */
  readonly memory?: string;
}

/** What one update may move. */
export interface ClusterBudgetArgs {
  /** Live migrations at most. */
  readonly moves?: Input<number>;
  /** Memory at most that they copy together. */
  readonly memory?: Input<string | number>;
}

/** One live migration of a plan. */
export interface PlannedMove {
  /** Name of the VM. */
  readonly vm: string;
  /** UUID of its domain. */
  readonly uuid: string;
  /** Host that it leaves. */
  readonly from: string;
  /** Host that it goes to. */
  readonly to: string;
  /** Moves of a group are under way at the same time. */
  readonly group: number;
  /** When it is predicted to begin, from the beginning of the plan. */
  readonly startSeconds: number;
  /** How long it is predicted to take. */
  readonly seconds: number;
  /** What is predicted to be copied. */
  readonly megabytes: number;
  /** Why. */
  readonly reason: string;
  /** Moves that come before it, by their place in the list. */
  readonly after: readonly number[];
}

/** One live migration of a plan. */
export interface PlannedMoveArgs {
  /** Name of the VM. */
  readonly vm: Input<string>;
  /** UUID of its domain. */
  readonly uuid: Input<string>;
  /** Host that it leaves. */
  readonly from: Input<string>;
  /** Host that it goes to. */
  readonly to: Input<string>;
  /** Moves of a group are under way at the same time. */
  readonly group: Input<number>;
  /** When it is predicted to begin, from the beginning of the plan. */
  readonly startSeconds: Input<number>;
  /** How long it is predicted to take. */
  readonly seconds: Input<number>;
  /** What is predicted to be copied. */
  readonly megabytes: Input<number>;
  /** Why. */
  readonly reason: Input<string>;
  /** Moves that come before it, by their place in the list. */
  readonly after: readonly Input<number>[];
}

/** What a host may still be promised for. */
export interface SpareCapacity {
  /** Name of the host. */
  readonly host: string;
  /** Memory, in MiB. */
  readonly memoryMib: number;
  /** Virtual CPUs. */
  readonly vcpus: number;
}

/** What a host may still be promised for. */
export interface SpareCapacityArgs {
  /** Name of the host. */
  readonly host: Input<string>;
  /** Memory, in MiB. */
  readonly memoryMib: Input<number>;
  /** Virtual CPUs. */
  readonly vcpus: Input<number>;
}

/** What an update of a cluster does. */
export interface ClusterPlan {
  /** Live migrations in order. */
  readonly moves: readonly PlannedMove[];
  /** VMs that start, and on which host. */
  readonly starts: Readonly<Record<string, string>>;
  /** What is not as it should be now. */
  readonly violations: readonly string[];
  /** What will not be as it should be afterwards. */
  readonly violationsAfter: readonly string[];
  /** How long it is predicted to take. */
  readonly seconds: number;
  /** Hosts that answer again, which an operator had declared dead: from now on they count as alive. */
  readonly returned?: readonly string[];
  /** VMs that get their place only in `up`, for something of them is not known in a preview. */
  readonly unplaced?: readonly string[];
  /** What an operator is to know beside it. */
  readonly notes?: readonly string[];
  /** What is left on each host that may carry guests, where anything moves or starts. */
  readonly spare?: readonly SpareCapacity[];
  /** Of the loss of any one host, what would have no place on the others, where anything moves or starts; empty where every VM would have one. */
  readonly losses?: readonly string[];
}

/** What an update of a cluster does. */
export interface ClusterPlanArgs {
  /** Live migrations in order. */
  readonly moves: readonly Input<PlannedMoveArgs>[];
  /** VMs that start, and on which host. */
  readonly starts: Readonly<Record<string, Input<string>>>;
  /** What is not as it should be now. */
  readonly violations: readonly Input<string>[];
  /** What will not be as it should be afterwards. */
  readonly violationsAfter: readonly Input<string>[];
  /** How long it is predicted to take. */
  readonly seconds: Input<number>;
  /** Hosts that answer again, which an operator had declared dead: from now on they count as alive. */
  readonly returned?: readonly Input<string>[];
  /** VMs that get their place only in `up`, for something of them is not known in a preview. */
  readonly unplaced?: readonly Input<string>[];
  /** What an operator is to know beside it. */
  readonly notes?: readonly Input<string>[];
  /** What is left on each host that may carry guests, where anything moves or starts. */
  readonly spare?: readonly Input<SpareCapacityArgs>[];
  /** Of the loss of any one host, what would have no place on the others, where anything moves or starts; empty where every VM would have one. */
  readonly losses?: readonly Input<string>[];
}

/** What a `Host` is declared with. A Linux machine that runs libvirt. Creating it connects and verifies; nothing is installed or changed on it. */
export interface HostArgs {
  /** libvirt's connection URI: `qemu+ssh://root@ash/system`, `qemu+tls://…`, `qemu+tcp://…`, `qemu:///system`. */
  readonly uri: Input<string>;
  /** How to log in, where the ssh configuration does not say it. */
  readonly ssh?: Input<SshOptionsArgs>;
  /** How long the host may take to answer. Default: `10`. */
  readonly connectTimeoutSeconds?: Input<number>;
  /** Its cluster empties it live and places nothing on it. */
  readonly maintenance?: Input<boolean>;
  /** Labels for the rules of its cluster, which are failure domains too: `{ rack: "r1" }`. */
  readonly labels?: Readonly<Record<string, Input<string>>>;
  /** What its cluster keeps for the host itself. */
  readonly reserve?: Input<HostReserveArgs>;
  /** How guests move from and to it. */
  readonly migration?: Input<HostMigrationArgs>;
  /** What cuts its power when it must be known to be dead, in order of preference. `drover fence HOST` tries it. */
  readonly fence?: readonly Input<FenceDeviceArgs>[];
  /** By which its guests hold their disks on shared storage. It is checked, and never set up: see docs/high-availability.md. */
  readonly leases?: Input<HostLeasesArgs>;
}

/** A `Host`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface HostInputs {
  /** libvirt's connection URI: `qemu+ssh://root@ash/system`, `qemu+tls://…`, `qemu+tcp://…`, `qemu:///system`. */
  readonly uri: string;
  /** How to log in, where the ssh configuration does not say it. */
  readonly ssh?: SshOptions;
  /** How long the host may take to answer. Default: `10`. */
  readonly connectTimeoutSeconds: number;
  /** Its cluster empties it live and places nothing on it. */
  readonly maintenance?: boolean;
  /** Labels for the rules of its cluster, which are failure domains too: `{ rack: "r1" }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What its cluster keeps for the host itself. */
  readonly reserve?: HostReserve;
  /** How guests move from and to it. */
  readonly migration?: HostMigration;
  /** What cuts its power when it must be known to be dead, in order of preference. `drover fence HOST` tries it. */
  readonly fence?: readonly FenceDevice[];
  /** By which its guests hold their disks on shared storage. It is checked, and never set up: see docs/high-availability.md. */
  readonly leases?: HostLeases;
}

/** What is known of a `Host` once it exists, beside its inputs. */
export interface HostOutputs {
  /** Random id made with the host and kept: what we make on it carries the id. */
  readonly owner: string;
  /** The machine's own host name. */
  readonly hostname: string;
  /** UUID of the machine as libvirt reports it. */
  readonly hostUuid: string;
  /** Processors. */
  readonly cpu: CpuFacts;
  /** Memory. */
  readonly memory: string;
  /** NUMA cells. */
  readonly numaCells: readonly NumaCell[];
  /** Version of libvirt, such as `9.0.0`. */
  readonly libvirtVersion: string;
  /** Version of QEMU, such as `7.2.22`. */
  readonly qemuVersion: string;
  /** What it can run. */
  readonly guests: GuestFacts;
  /** What an operator should know, such as a `libvirt-guests` service that would start guests by itself. */
  readonly warnings: readonly string[];
}

/** What a `StoragePool` is declared with. A storage pool on many hosts: one `HostStoragePool` for each. */
export interface StoragePoolArgs {
  /** Hosts that have it. */
  readonly hosts: readonly Ref<HostRef>[];
  /** Name of the pool in libvirt. Default: its name in the program. */
  readonly name?: Input<string>;
  /** Kind of pool: `dir`, a folder. Default: `dir`. */
  readonly type?: Input<"dir">;
  /** Folder on the host, absolute. */
  readonly path: Input<string>;
  /** All hosts see the same folder (a network file system). It is checked: a file written through one host is seen through the others. Default: `false`. */
  readonly shared?: Input<boolean>;
  /** Make the folder where it is missing. Default: true, and false for a shared pool, whose missing folder is a file system that is not mounted. */
  readonly build?: Input<boolean>;
  /** Start the pool with its host. Default: `true`. */
  readonly autostart?: Input<boolean>;
  /** Take over a pool of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt?: Input<boolean>;
}

/** What a `HostStoragePool` is declared with. One host's part of a `StoragePool`. It is deleted only when it holds no volumes; adopted pools are released. */
export interface HostStoragePoolArgs {
  /** The host. */
  readonly host: Ref<HostRef>;
  /** Owner id of the pool: that of its first host. */
  readonly owner: Input<string>;
  /** Name of the pool in the program, from which its UUID derives. */
  readonly pool: Input<string>;
  /** Name of the pool in libvirt. Default: its name in the program. */
  readonly name?: Input<string>;
  /** Kind of pool: `dir`, a folder. Default: `dir`. */
  readonly type?: Input<"dir">;
  /** Folder on the host, absolute. */
  readonly path: Input<string>;
  /** All hosts see the same folder (a network file system). It is checked: a file written through one host is seen through the others. Default: `false`. */
  readonly shared?: Input<boolean>;
  /** Make the folder where it is missing. Default: true, and false for a shared pool, whose missing folder is a file system that is not mounted. */
  readonly build?: Input<boolean>;
  /** Start the pool with its host. Default: `true`. */
  readonly autostart?: Input<boolean>;
  /** Take over a pool of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt?: Input<boolean>;
}

/** A `HostStoragePool`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface HostStoragePoolInputs {
  /** The host. */
  readonly host: HostRef;
  /** Owner id of the pool: that of its first host. */
  readonly owner: string;
  /** Name of the pool in the program, from which its UUID derives. */
  readonly pool: string;
  /** Some of the other hosts of a shared pool, through which it is checked that the folder is one. */
  readonly peers?: readonly HostRef[];
  /** Name of the pool in libvirt. Default: its name in the program. */
  readonly name?: string;
  /** Kind of pool: `dir`, a folder. Default: `dir`. */
  readonly type: "dir";
  /** Folder on the host, absolute. */
  readonly path: string;
  /** All hosts see the same folder (a network file system). It is checked: a file written through one host is seen through the others. Default: `false`. */
  readonly shared: boolean;
  /** Make the folder where it is missing. Default: true, and false for a shared pool, whose missing folder is a file system that is not mounted. */
  readonly build?: boolean;
  /** Start the pool with its host. Default: `true`. */
  readonly autostart: boolean;
  /** Take over a pool of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt: boolean;
}

/** What is known of a `HostStoragePool` once it exists, beside its inputs. */
export interface HostStoragePoolOutputs {
  /** UUID of the pool. */
  readonly uuid: string;
  /** Size of the file system. */
  readonly capacity: string;
  /** Whether the pool runs. */
  readonly active: boolean;
}

/** What a `Network` is declared with. A network on many hosts: one `HostNetwork` for each. */
export interface NetworkArgs {
  /** Hosts that have it. */
  readonly hosts: readonly Ref<HostRef>[];
  /** Name of the network in libvirt. Default: its name in the program. */
  readonly name?: Input<string>;
  /** How guests reach the world: `bridge` (an existing bridge of the host), `nat`, or `isolated`. Default: `nat`. */
  readonly forward?: Input<"bridge" | "nat" | "isolated">;
  /** Name of the bridge. Needed for `bridge`; else libvirt chooses one. */
  readonly bridge?: Input<string>;
  /** Address of the host in the network with its prefix, such as `192.168.50.1/24`. Not for `bridge`. */
  readonly address?: Input<string>;
  /** DHCP server. Not for `bridge`. */
  readonly dhcp?: Input<DhcpArgs>;
  /** DNS server. Not for `bridge`. */
  readonly dns?: Input<DnsArgs>;
  /** Largest packet in bytes. */
  readonly mtu?: Input<number>;
  /** Start the network with its host. Default: `true`. */
  readonly autostart?: Input<boolean>;
  /** Take over a network of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt?: Input<boolean>;
}

/** What a `HostNetwork` is declared with. One host's part of a `Network`. DHCP hosts and DNS entries change live; it is never torn down under running guests. */
export interface HostNetworkArgs {
  /** The host. */
  readonly host: Ref<HostRef>;
  /** Owner id of the network: that of its first host. */
  readonly owner: Input<string>;
  /** Name of the network in the program, from which its UUID derives. */
  readonly network: Input<string>;
  /** Name of the network in libvirt. Default: its name in the program. */
  readonly name?: Input<string>;
  /** How guests reach the world: `bridge` (an existing bridge of the host), `nat`, or `isolated`. Default: `nat`. */
  readonly forward?: Input<"bridge" | "nat" | "isolated">;
  /** Name of the bridge. Needed for `bridge`; else libvirt chooses one. */
  readonly bridge?: Input<string>;
  /** Address of the host in the network with its prefix, such as `192.168.50.1/24`. Not for `bridge`. */
  readonly address?: Input<string>;
  /** DHCP server. Not for `bridge`. */
  readonly dhcp?: Input<DhcpArgs>;
  /** DNS server. Not for `bridge`. */
  readonly dns?: Input<DnsArgs>;
  /** Largest packet in bytes. */
  readonly mtu?: Input<number>;
  /** Start the network with its host. Default: `true`. */
  readonly autostart?: Input<boolean>;
  /** Take over a network of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt?: Input<boolean>;
}

/** A `HostNetwork`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface HostNetworkInputs {
  /** The host. */
  readonly host: HostRef;
  /** Owner id of the network: that of its first host. */
  readonly owner: string;
  /** Name of the network in the program, from which its UUID derives. */
  readonly network: string;
  /** Name of the network in libvirt. Default: its name in the program. */
  readonly name?: string;
  /** How guests reach the world: `bridge` (an existing bridge of the host), `nat`, or `isolated`. Default: `nat`. */
  readonly forward: "bridge" | "nat" | "isolated";
  /** Name of the bridge. Needed for `bridge`; else libvirt chooses one. */
  readonly bridge?: string;
  /** Address of the host in the network with its prefix, such as `192.168.50.1/24`. Not for `bridge`. */
  readonly address?: string;
  /** DHCP server. Not for `bridge`. */
  readonly dhcp?: Dhcp;
  /** DNS server. Not for `bridge`. */
  readonly dns?: Dns;
  /** Largest packet in bytes. */
  readonly mtu?: number;
  /** Start the network with its host. Default: `true`. */
  readonly autostart: boolean;
  /** Take over a network of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt: boolean;
  /** Computed: what a change does and when. */
  readonly changes?: readonly Change[];
}

/** What is known of a `HostNetwork` once it exists, beside its inputs. */
export interface HostNetworkOutputs {
  /** UUID of the network. */
  readonly uuid: string;
  /** Bridge on the host. */
  readonly bridgeName: string;
  /** Whether the network runs. */
  readonly active: boolean;
  /** Changes that wait for the network's restart. */
  readonly pending: readonly string[];
}

/** What a `Image` is declared with. A disk image in a pool, from a local file or an http(s) URL. Disks are made from it; changing it never touches disks that were made before. */
export interface ImageArgs {
  /** Pool that holds it. */
  readonly pool: Ref<PoolRef>;
  /** Name of the image; the volume's name adds the start of its digest. Default: its name in the program. */
  readonly name?: Input<string>;
  /** Path of a local file, or an http(s) URL. */
  readonly source: Input<string>;
  /** SHA-256 of the source, 64 hexadecimal digits. Needed for a URL; of a local file it is computed when not given. */
  readonly sha256?: Input<string>;
}

/** A `Image`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface ImageInputs {
  /** Pool that holds it. */
  readonly pool: PoolRef;
  /** Name of the image; the volume's name adds the start of its digest. Default: its name in the program. */
  readonly name?: string;
  /** Path of a local file, or an http(s) URL. */
  readonly source: string;
  /** SHA-256 of the source, 64 hexadecimal digits. Needed for a URL; of a local file it is computed when not given. */
  readonly sha256?: string;
}

/** What is known of a `Image` once it exists, beside its inputs. */
export interface ImageOutputs {
  /** Name of the volume. */
  readonly volume: string;
  /** Format, recognized by content: `qcow2` or `raw`. */
  readonly format: string;
  /** Size of the disk that it describes. */
  readonly virtualSize: string;
  /** Volumes of earlier sources that disks still rest on. */
  readonly retained: readonly string[];
}

/** What a `Disk` is declared with. A disk with a life of its own, to be attached to a VM. */
export interface DiskArgs {
  /** Pool that holds it. */
  readonly pool: Ref<PoolRef>;
  /** Host, for a pool with several hosts that is not shared. */
  readonly host?: Ref<HostRef>;
  /** Name of the disk; the volume's name adds the format. Default: its name in the program. */
  readonly name?: Input<string>;
  /** Size. Default: the image's. It only grows, live where a guest uses it. */
  readonly size?: Input<string | number>;
  /** Format of the volume: `qcow2` or `raw`. Default: `qcow2`. */
  readonly format?: Input<"qcow2" | "raw">;
  /** Image that the disk starts as a copy-on-write layer of. Changing it later changes nothing of an existing disk. */
  readonly image?: Ref<ImageRef>;
  /** Make an empty disk in the place of one that has held data and is gone. Default: `false`. */
  readonly recreate?: Input<boolean>;
  /** Take over a volume of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt?: Input<boolean>;
}

/** A `Disk`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface DiskInputs {
  /** Pool that holds it. */
  readonly pool: PoolRef;
  /** Host, for a pool with several hosts that is not shared. */
  readonly host?: HostRef;
  /** Name of the disk; the volume's name adds the format. Default: its name in the program. */
  readonly name?: string;
  /** Size. Default: the image's. It only grows, live where a guest uses it. */
  readonly size?: string;
  /** Format of the volume: `qcow2` or `raw`. Default: `qcow2`. */
  readonly format: "qcow2" | "raw";
  /** Image that the disk starts as a copy-on-write layer of. Changing it later changes nothing of an existing disk. */
  readonly image?: ImageRef;
  /** Make an empty disk in the place of one that has held data and is gone. Default: `false`. */
  readonly recreate: boolean;
  /** Take over a volume of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt: boolean;
}

/** What is known of a `Disk` once it exists, beside its inputs. */
export interface DiskOutputs {
  /** Name of the volume. */
  readonly volume: string;
  /** Path of the volume on its hosts. */
  readonly path: string;
}

/** What a `VirtualMachine` is declared with. A virtual machine. Every change that libvirt can make in the running guest is made there; nothing restarts it unasked; nothing but a new identity replaces it. */
export interface VirtualMachineArgs {
  /** Host that it is made on. Where it runs later is looked up; a change is refused while it runs. */
  readonly host: Ref<HostRef>;
  /** Name of the domain in libvirt. Default: its name in the program. */
  readonly name?: Input<string>;
  /** A short text for people, shown by libvirt's tools. */
  readonly title?: Input<string>;
  /** Virtual CPUs. Default: `1`. */
  readonly vcpus?: Input<number>;
  /** Up to how many it can grow live. Default: the larger of 8 and twice `vcpus` when it was made, and kept. */
  readonly maxVcpus?: Input<number>;
  /** Memory, a multiple of 1 MiB. Default: `1 GiB`. */
  readonly memory?: Input<string | number>;
  /** Up to how much it can grow live. Default: the larger of 4 GiB and four times `memory` (at most 512 GiB more) when it was made, and kept. */
  readonly maxMemory?: Input<string | number>;
  /** Machine type: `q35`, `pc`, or a versioned one. It is resolved to a versioned one once, and kept. Default: `q35`. */
  readonly machine?: Input<string>;
  /** `bios` or `efi`. Default: `bios`. */
  readonly firmware?: Input<"bios" | "efi">;
  /** CPU: `host-model`, `host-passthrough`, `maximum`, or a model that libvirt names, with features if need be: `EPYC,+vaes,-sha-ni`. `cluster`: what all hosts of its cluster can give. Default: `cluster` in a cluster and `host-model` elsewhere with KVM, and the emulator's own without. */
  readonly cpu?: Input<string>;
  /** Disks by name. */
  readonly disks?: Readonly<Record<string, Input<VmDiskArgs>>>;
  /** Network interfaces by name. */
  readonly nics?: Readonly<Record<string, Input<VmNicArgs>>>;
  /** First-boot configuration. */
  readonly cloudInit?: Input<CloudInitArgs>;
  /** Graphical console. Default: none. */
  readonly graphics?: Input<GraphicsArgs>;
  /** A watchdog device. A change waits for a restart. Default: none. */
  readonly watchdog?: Input<WatchdogArgs>;
  /** A serial console. Default: `true`. */
  readonly serial?: Input<boolean>;
  /** Start it with its host. Default: `false`. */
  readonly autostart?: Input<boolean>;
  /** Whether it runs. Default: `true`. */
  readonly running?: Input<boolean>;
  /** How it is stopped. */
  readonly shutdown?: Input<ShutdownArgs>;
  /** Whether a change that needs a restart may restart the guest: `never` leaves it pending, `when-needed` restarts. Default: `never`. */
  readonly restart?: Input<"never" | "when-needed">;
  /** Wait until the guest has an address. */
  readonly waitForIp?: Input<WaitForIpArgs>;
  /** Take over a domain of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt?: Input<boolean>;
  /** Labels, by which its cluster's rules choose VMs. */
  readonly labels?: Readonly<Record<string, Input<string>>>;
  /** Name of the host of its cluster on which it stays. */
  readonly pin?: Input<string>;
  /** Divided among the hosts of its cluster, with others of its group. */
  readonly spread?: Input<VmSpreadArgs>;
  /** High availability. */
  readonly ha?: Input<VmHaArgs>;
}

/** A `VirtualMachine`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface VirtualMachineInputs {
  /** Host that it is made on. Where it runs later is looked up; a change is refused while it runs. */
  readonly host: HostRef;
  /** Name of the domain in libvirt. Default: its name in the program. */
  readonly name?: string;
  /** A short text for people, shown by libvirt's tools. */
  readonly title?: string;
  /** Virtual CPUs. Default: `1`. */
  readonly vcpus: number;
  /** Up to how many it can grow live. Default: the larger of 8 and twice `vcpus` when it was made, and kept. */
  readonly maxVcpus?: number;
  /** Memory, a multiple of 1 MiB. Default: `1 GiB`. */
  readonly memory: string;
  /** Up to how much it can grow live. Default: the larger of 4 GiB and four times `memory` (at most 512 GiB more) when it was made, and kept. */
  readonly maxMemory?: string;
  /** Machine type: `q35`, `pc`, or a versioned one. It is resolved to a versioned one once, and kept. Default: `q35`. */
  readonly machine: string;
  /** `bios` or `efi`. Default: `bios`. */
  readonly firmware: "bios" | "efi";
  /** CPU: `host-model`, `host-passthrough`, `maximum`, or a model that libvirt names, with features if need be: `EPYC,+vaes,-sha-ni`. `cluster`: what all hosts of its cluster can give. Default: `cluster` in a cluster and `host-model` elsewhere with KVM, and the emulator's own without. */
  readonly cpu?: string;
  /** Disks by name. */
  readonly disks?: Readonly<Record<string, VmDisk>>;
  /** Network interfaces by name. */
  readonly nics?: Readonly<Record<string, VmNic>>;
  /** First-boot configuration. */
  readonly cloudInit?: CloudInit;
  /** Graphical console. Default: none. */
  readonly graphics?: Graphics;
  /** A watchdog device. A change waits for a restart. Default: none. */
  readonly watchdog?: Watchdog;
  /** A serial console. Default: `true`. */
  readonly serial: boolean;
  /** Start it with its host. Default: `false`. */
  readonly autostart: boolean;
  /** Whether it runs. Default: `true`. */
  readonly running: boolean;
  /** How it is stopped. */
  readonly shutdown?: Shutdown;
  /** Whether a change that needs a restart may restart the guest: `never` leaves it pending, `when-needed` restarts. Default: `never`. */
  readonly restart: "never" | "when-needed";
  /** Wait until the guest has an address. */
  readonly waitForIp?: WaitForIp;
  /** Take over a domain of this name that somebody else made: preview shows what differs, and destroy releases it without deleting it. Default: `false`. */
  readonly adopt: boolean;
  /** Computed: what a change does and when. */
  readonly changes?: readonly Change[];
  /** Labels, by which its cluster's rules choose VMs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Name of the host of its cluster on which it stays. */
  readonly pin?: string;
  /** Divided among the hosts of its cluster, with others of its group. */
  readonly spread?: VmSpread;
  /** High availability. */
  readonly ha?: VmHa;
  /** Its cluster, which computes its host. */
  readonly cluster?: ClusterRef;
  /** Computed: what its cluster placed it with. */
  readonly planned?: Planned;
}

/** What is known of a `VirtualMachine` once it exists, beside its inputs. */
export interface VirtualMachineOutputs {
  /** UUID of the domain. */
  readonly uuid: string;
  /** Name of the host where it was last seen. */
  readonly runsOn: string;
  /** `running`, `paused`, `shutoff`, … */
  readonly state: string;
  /** The versioned machine type. */
  readonly machineType: string;
  /** First address of the first NIC that has one; empty when not known. */
  readonly ipAddress: string;
  /** MAC address by NIC. */
  readonly macs: Readonly<Record<string, string>>;
  /** Volume by disk. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Changes that wait for a restart. */
  readonly pending: readonly string[];
}

/** What a `Placement` is declared with. Where the VMs of a `Cluster` run: computes it, shows it in preview with every live migration, and carries the migrations out. */
export interface PlacementArgs {
  /** Name of the cluster. */
  readonly cluster: Input<string>;
  /** Its hosts. */
  readonly hosts: readonly Input<ClusterHostArgs>[];
  /** Its VMs by name. */
  readonly vms: Readonly<Record<string, Input<MemberArgs>>>;
  /** Rules as the planner takes them. */
  readonly rules?: readonly Input<unknown>[];
  /** Where VMs are placed, of hosts that are equally good, by oVirt's names. Default: `none`. */
  readonly policy?: Input<"none" | "evenly_distributed" | "vm_evenly_distributed" | "power_saving" | "cluster_maintenance">;
  /** Parameters of the policy by oVirt's names: `{ HighUtilization: 80 }`. */
  readonly policyParameters?: Readonly<Record<string, Input<unknown>>>;
  /** Move guests for the policy's sake alone, where its thresholds are crossed. Default: `false`. */
  readonly rebalance?: Input<boolean>;
  /** How many may be lost at once and leave every VM a place on what is left, with all rules: `hosts`, or failure domains by the label of hosts that names them, such as `rack`. */
  readonly tolerate?: Readonly<Record<string, Input<number>>>;
  /** What becomes of an update after which `tolerate` would not hold: `hard`, the default, refuses it, `soft` says so and goes on. Once a host is lost or silent, what was kept for it is used, and it is only said. */
  readonly enforce?: Input<"hard" | "soft">;
  /** The record that the cluster's guards (`drover guard run`) share with `pulumi up`: what is wanted of each VM is written there before anything is changed, and updates and guards never work at the same time. */
  readonly guard?: Input<GuardRecordArgs>;
  /** Lets the leading guard carry the policy out now and then. Without it only `rebalance: true` and `drover balance` move guests for the policy's sake. */
  readonly balance?: Input<GuardBalanceArgs>;
  /** Lets the leading guard empty a host that reports trouble of its memory, temperature, disks or storage, by live migration, as `drover evacuate` does. Without it such a host is told of. Default: `false`. */
  readonly evacuateOnTrouble?: Input<boolean>;
  /** How many times over a resource may be promised. Default: `{ vcpus: 8, memory: 1 }`. */
  readonly overcommit?: Readonly<Record<string, Input<number>>>;
  /** How guests move. */
  readonly migration?: Input<ClusterMigrationArgs>;
  /** What one update may move. */
  readonly budget?: Input<ClusterBudgetArgs>;
  /** Computed: where each VM runs. */
  readonly assignments?: Readonly<Record<string, Input<AssignmentArgs>>>;
  /** What becomes of the CPU that guests have on all hosts when a host can not give it: `keep` refuses the host, `lower` chooses a lesser CPU, which guests get at their next restart. Default: `keep`. */
  readonly cpuBaseline?: Input<"keep" | "lower">;
  /** What a host that does not answer does: `fail` refuses to plan, `plan-without` leaves its VMs where they were last seen and plans for the others. Nothing of it is started elsewhere before `drover confirm-dead`. Default: `fail`. */
  readonly onUnreachable?: Input<"fail" | "plan-without">;
}

/** A `Placement`'s inputs as its handler sees them: checked, defaults filled in, sizes as text. */
export interface PlacementInputs {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Its hosts. */
  readonly hosts: readonly ClusterHost[];
  /** Its VMs by name. */
  readonly vms: Readonly<Record<string, Member>>;
  /** Rules as the planner takes them. */
  readonly rules?: readonly unknown[];
  /** Where VMs are placed, of hosts that are equally good, by oVirt's names. Default: `none`. */
  readonly policy: "none" | "evenly_distributed" | "vm_evenly_distributed" | "power_saving" | "cluster_maintenance";
  /** Parameters of the policy by oVirt's names: `{ HighUtilization: 80 }`. */
  readonly policyParameters?: Readonly<Record<string, unknown>>;
  /** Move guests for the policy's sake alone, where its thresholds are crossed. Default: `false`. */
  readonly rebalance: boolean;
  /** How many may be lost at once and leave every VM a place on what is left, with all rules: `hosts`, or failure domains by the label of hosts that names them, such as `rack`. */
  readonly tolerate?: Readonly<Record<string, number>>;
  /** What becomes of an update after which `tolerate` would not hold: `hard`, the default, refuses it, `soft` says so and goes on. Once a host is lost or silent, what was kept for it is used, and it is only said. */
  readonly enforce?: "hard" | "soft";
  /** The record that the cluster's guards (`drover guard run`) share with `pulumi up`: what is wanted of each VM is written there before anything is changed, and updates and guards never work at the same time. */
  readonly guard?: GuardRecord;
  /** Lets the leading guard carry the policy out now and then. Without it only `rebalance: true` and `drover balance` move guests for the policy's sake. */
  readonly balance?: GuardBalance;
  /** Lets the leading guard empty a host that reports trouble of its memory, temperature, disks or storage, by live migration, as `drover evacuate` does. Without it such a host is told of. Default: `false`. */
  readonly evacuateOnTrouble?: boolean;
  /** How many times over a resource may be promised. Default: `{ vcpus: 8, memory: 1 }`. */
  readonly overcommit?: Readonly<Record<string, number>>;
  /** How guests move. */
  readonly migration?: ClusterMigration;
  /** What one update may move. */
  readonly budget?: ClusterBudget;
  /** Whether this is a preview, which changes nothing. Not kept. */
  readonly dryRun?: boolean;
  /** Owner id of the cluster. */
  readonly owner?: string;
  /** Computed: where each VM runs. */
  readonly assignments?: Readonly<Record<string, Assignment>>;
  /** Computed: what this update moves. */
  readonly plan?: ClusterPlan;
  /** What becomes of the CPU that guests have on all hosts when a host can not give it: `keep` refuses the host, `lower` chooses a lesser CPU, which guests get at their next restart. Default: `keep`. */
  readonly cpuBaseline: "keep" | "lower";
  /** Computed: the CPU that guests have on all hosts. */
  readonly baseline?: unknown;
  /** Computed: the same as text, for VMs. */
  readonly cpu?: string;
  /** Computed: CPU of VMs that name none. None where guests are emulated. */
  readonly defaultCpu?: string;
  /** What a host that does not answer does: `fail` refuses to plan, `plan-without` leaves its VMs where they were last seen and plans for the others. Nothing of it is started elsewhere before `drover confirm-dead`. Default: `fail`. */
  readonly onUnreachable: "fail" | "plan-without";
  /** Computed: URIs of hosts that were declared dead, by an operator or by a guard that has the proof, and that do not answer. */
  readonly dead?: readonly string[];
}

/** What is known of a `Placement` once it exists, beside its inputs. */
export interface PlacementOutputs {
  /** How many live migrations the last update made. */
  readonly carriedOut: number;
}

/** What a `Cluster` is declared with. Hosts among which VMs are placed and move. A VM with `cluster` has its host computed. */
export interface ClusterArgs {
  /** Its hosts. */
  readonly hosts: readonly Input<ClusterHostArgs>[];
  /** Where VMs are placed, of hosts that are equally good, by oVirt's names. Default: `none`. */
  readonly policy?: Input<"none" | "evenly_distributed" | "vm_evenly_distributed" | "power_saving" | "cluster_maintenance">;
  /** Parameters of the policy by oVirt's names: `{ HighUtilization: 80 }`. */
  readonly policyParameters?: Readonly<Record<string, Input<unknown>>>;
  /** Move guests for the policy's sake alone, where its thresholds are crossed. Default: `false`. */
  readonly rebalance?: Input<boolean>;
  /** How many may be lost at once and leave every VM a place on what is left, with all rules: `hosts`, or failure domains by the label of hosts that names them, such as `rack`. */
  readonly tolerate?: Readonly<Record<string, Input<number>>>;
  /** What becomes of an update after which `tolerate` would not hold: `hard`, the default, refuses it, `soft` says so and goes on. Once a host is lost or silent, what was kept for it is used, and it is only said. */
  readonly enforce?: Input<"hard" | "soft">;
  /** The record that the cluster's guards (`drover guard run`) share with `pulumi up`: what is wanted of each VM is written there before anything is changed, and updates and guards never work at the same time. */
  readonly guard?: Input<GuardRecordArgs>;
  /** Lets the leading guard carry the policy out now and then. Without it only `rebalance: true` and `drover balance` move guests for the policy's sake. */
  readonly balance?: Input<GuardBalanceArgs>;
  /** Lets the leading guard empty a host that reports trouble of its memory, temperature, disks or storage, by live migration, as `drover evacuate` does. Without it such a host is told of. Default: `false`. */
  readonly evacuateOnTrouble?: Input<boolean>;
  /** How many times over a resource may be promised. Default: `{ vcpus: 8, memory: 1 }`. */
  readonly overcommit?: Readonly<Record<string, Input<number>>>;
  /** How guests move. */
  readonly migration?: Input<ClusterMigrationArgs>;
  /** What one update may move. */
  readonly budget?: Input<ClusterBudgetArgs>;
  /** When the list of its VMs is complete: `auto`, at the end of a program that awaits nothing between them; `manual`, by `cluster.close()`. Default: `auto`. */
  readonly roster?: Input<"auto" | "manual">;
  /** What becomes of the CPU that guests have on all hosts when a host can not give it: `keep` refuses the host, `lower` chooses a lesser CPU, which guests get at their next restart. Default: `keep`. */
  readonly cpuBaseline?: Input<"keep" | "lower">;
  /** What a host that does not answer does: `fail` refuses to plan, `plan-without` leaves its VMs where they were last seen and plans for the others. Nothing of it is started elsewhere before `drover confirm-dead`. Default: `fail`. */
  readonly onUnreachable?: Input<"fail" | "plan-without">;
}
