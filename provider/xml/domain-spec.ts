import type { Bytes } from "../base/bytes.js";
import type { Mark } from "./mark.js";

/** What we manage of a domain. Disks and NICs have names; sizes are bytes. */
export interface DomainSpec {
  readonly name: string;
  readonly uuid: string;
  /** A short text for people; empty for none. */
  readonly title: string;
  /** libvirt's domain type: `kvm`, or `qemu` for emulation. */
  readonly accelerator: string;
  readonly arch: string;
  /** Machine type: `q35`, or a versioned one as libvirt resolves it. */
  readonly machine: string;
  readonly firmware: Firmware;
  /** `host-model`, `host-passthrough`, `maximum` or a model's name; `undefined` leaves it to libvirt. */
  readonly cpu: string | undefined;
  /** Virtual CPUs that are plugged in, and up to how many there can be without a restart. */
  readonly vcpus: number;
  readonly maxVcpus: number;
  /** Memory that the guest has, and up to how much it can have without a restart. */
  readonly memory: Bytes;
  readonly maxMemory: Bytes;
  readonly disks: Readonly<Record<string, DiskSpec>>;
  readonly nics: Readonly<Record<string, NicSpec>>;
  /** Path of the cloud-init seed image; `undefined` for none. */
  readonly seed: string | undefined;
  readonly graphics: GraphicsSpec | undefined;
  /** A watchdog device of ours. */
  readonly watchdog?: WatchdogSpec | undefined;
  readonly serial: boolean;
  readonly mark: Mark | undefined;
}

export type Firmware = "bios" | "efi";

export interface DiskSpec {
  /** Path of the file, or of the block device, on the host. */
  readonly path: string;
  /** `qcow2`, `raw`, … */
  readonly format: string;
  /** `virtio`, `scsi`, `sata`, … */
  readonly bus: string;
  /** Cache mode; `undefined` leaves it to the hypervisor. */
  readonly cache: string | undefined;
  /** `unmap` or `ignore`; `undefined` leaves it to the hypervisor. */
  readonly discard: string | undefined;
  readonly readOnly: boolean;
  /** Place in the boot order, from 1; `undefined` for a device that is not booted from. */
  readonly bootOrder: number | undefined;
  /** An error of the storage pauses the guest, which does not see it. Otherwise it stays with what the document or the hypervisor has. */
  readonly pausesOnError?: boolean;
}

export interface NicSpec {
  readonly source: NicSource;
  readonly mac: string;
  /** Device that the guest sees: `virtio`, `e1000e`, … */
  readonly model: string;
  /** Largest packet in bytes; `undefined` for the network's. */
  readonly mtu: number | undefined;
  readonly link: "up" | "down";
  /** VLAN tag; `undefined` for none. */
  readonly vlan: number | undefined;
}

/** A NIC is plugged into one of libvirt's networks or straight into a bridge of the host. */
export type NicSource = { readonly network: string } | { readonly bridge: string };

export interface WatchdogSpec {
  /** Device that the guest sees: `i6300esb`, … */
  readonly model: string;
  /** What happens when it fires: `reset`, `poweroff`, `pause`, … */
  readonly action: string;
}

export interface GraphicsSpec {
  readonly type: "vnc" | "spice";
  /** Address that it listens on. */
  readonly listen: string;
  /** `undefined`: one that is free. */
  readonly port: number | undefined;
  /** Only in documents that were asked for with secrets. */
  readonly password?: string | undefined;
}
