import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabPlace } from "./place.js";

/** How the hosts share disks: one folder shown to all, or a GlusterFS volume. */
export type Storage = "folder" | "gluster";

/** One host of a lab, as `lab.json` has it. */
export interface LabHost {
  readonly name: string;
  /** Its IPv4 address on the lab's network; its guests are on the same network. */
  readonly address: string;
  /** How a user reaches it with the lab's ssh config: `qemu+ssh://root@ash/system`. */
  readonly uri: string;
  /** Its libvirt socket, as seen from the machine underneath. */
  readonly unixUri: string;
  readonly tcpUri: string;
  /** With the lab's client certificate. */
  readonly tlsUri: string;
  /** What libvirt reports as the host's UUID. */
  readonly uuid: string;
  readonly mac: string;
  /** What switches its power: IPMI over LAN, at an address of the machine underneath. */
  readonly bmc: LabBmc;
}

/** sanlock's times on all hosts of a lab. */
export interface LabSanlock {
  readonly ioTimeoutSeconds: number;
}

export interface LabBmc {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  /** Path of the file with the password, the same for all BMCs of the lab. */
  readonly passwordFile: string;
}

/** The lab's IPv4 network: a /20 out of 10.64.0.0/10. */
export interface LabNetwork {
  readonly cidr: string;
  readonly prefixLength: number;
  /** The address of the machine underneath: how clients and tests reach hosts and guests. */
  readonly client: string;
  /** DHCP and DNS. */
  readonly services: string;
  /** The GlusterFS server. */
  readonly gluster: string;
  /** The first and last address that guests get by DHCP. */
  readonly firstGuest: string;
  readonly lastGuest: string;
}

/** A lab: the content of `lab.json` in its directory. */
export interface Lab {
  readonly format: 1;
  readonly name: string;
  readonly directory: string;
  readonly storage: Storage;
  readonly kvm: boolean;
  /** Guests hold leases on the shared storage by sanlock, and each host has a watchdog. */
  readonly sanlock?: LabSanlock;
  readonly hosts: readonly LabHost[];
  readonly network: LabNetwork;
  /** The guests' network: the bridge on every host, and the DNS server that knows the guests by name. */
  readonly guestNetwork: { readonly bridge: string; readonly cidr: string; readonly dns: string };
  /** Where every host shows the shared storage. */
  readonly sharedPath: string;
  /** Paths of the guest images that were built (qcow2). */
  readonly images: { readonly tiny: string; readonly debian?: string };
  readonly ssh: { readonly config: string; readonly knownHosts: string; readonly identity: string };
  /** Folder with `cacert.pem`, `clientcert.pem` and `clientkey.pem`. */
  readonly pkiPath: string;
  /** What a program needs in its environment to reach the hosts by their names. */
  readonly env: { readonly DROVER_SSH_CONFIG: string };
}

export function labFile(place: LabPlace): string {
  return join(place.directory, "lab.json");
}

/** Reads a lab's `lab.json`; undefined when there is none or when it was not written by this version. */
export async function readLab(path: string): Promise<Lab | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isLab(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file is only ever written whole, by us: its format number says what is in it. */
function isLab(value: unknown): value is Lab {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1
    && "hosts" in value && Array.isArray(value.hosts);
}

const TREES = [
  "ash", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper", "katsura", "larch", "maple",
  "nutmeg", "oak", "pine", "quince", "rowan", "spruce", "teak", "upas", "viburnum", "willow", "yew", "zelkova",
  "alder", "beech", "cypress", "ebony", "fig", "gum", "holly", "ironwood", "jacaranda", "kauri", "linden", "mulberry",
  "neem", "olive", "poplar", "redwood", "sycamore", "tulip", "walnut",
] as const;

/** The most hosts that a lab may have: their addresses end at .250. */
export const MOST_HOSTS = 240;

/** The names of the first `count` hosts: trees, then `host45` and so on. */
export function hostNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => TREES[index] ?? `host${index + 1}`);
}
