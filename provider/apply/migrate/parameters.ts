import { isIP } from "node:net";
import { DroverError } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import { isSafeCache } from "../../inventory/cluster/index.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { DomainMigrateFlags, param, type HostConnection, type TypedParam } from "../../libvirt/index.js";
import { networkAddress, parseLibvirtUri } from "../../transport/index.js";
import type { DomainDocument } from "../../xml/index.js";
import { grantedBy, type Versions } from "./granted.js";
import { LADDERS, usesPostCopy, type MigrationPolicy } from "./ladder.js";

/** How the memory is sent. */
export interface SendOptions {
  readonly policy: MigrationPolicy;
  /**
   * The target's address on the migration network, an IP address with or without a port. Default: the address at which it is
   * reached from here, for a name may mean nothing to the source.
   */
  readonly address?: string;
  /** QEMU's own TLS; both hosts need the certificates that their qemu.conf names, the target's with the name that `virsh hostname` tells. Default: plain TCP. */
  readonly tls?: boolean;
  /** Default: no limit. */
  readonly bandwidthMiBps?: number;
  /** TCP connections side by side (QEMU's multifd), where both ends can. Default: one, without multifd. */
  readonly multifdConnections?: number;
  /** Where both ends can. */
  readonly compression?: Compression;
  /** The source's libvirtd moves the guest by itself: hosts must be able to log in to each other. Default: the client moves it. */
  readonly peer?: Peer;
  /**
   * The disks are in pools whose sharing was proved: libvirt, which does not know that of a folder, is told not to look. Its check
   * of the disks' caches is ours then.
   */
  readonly unsafe: boolean;
}

/** The target as the source's libvirtd reaches it. */
export interface Peer {
  /** libvirt's URI. */
  readonly uri: string;
  /** The memory goes through the two daemons' own connection, and not from QEMU to QEMU. */
  readonly tunnelled: boolean;
}

/** QEMU's compressors; `zlib` and `zstd` are multifd's, `xbzrle` and `mt` those of a single connection. */
export type Compression = "xbzrle" | "mt" | "zlib" | "zstd";

/** Flags and parameters of a move, as libvirt's five calls take them. */
export interface Parameters {
  readonly flags: number;
  readonly params: readonly TypedParam[];
  /** What the target is asked to listen at. */
  readonly uri: string;
  readonly peer?: Peer | undefined;
}

/** What of a host is asked here. */
interface End extends Pick<ConnectedHost, "name" | "address"> {
  readonly libvirt: Pick<HostConnection, "connectGetLibVersion" | "connectGetVersion" | "connectGetHostname">;
}

/** @throws DroverError for wishes that exclude each other, and where no address of the target is known */
export async function parametersFor(name: string, from: End, to: End, options: SendOptions & { readonly isPaused: boolean }, log: Log): Promise<Parameters> {
  refuseContradictions(`move ${name}`, { ...options, tunnelled: options.peer?.tunnelled === true });
  const { address, port } = await targetAddress(name, to, options.address);
  const { connections, compression, notes } = grantedBy(await Promise.all([from, to].map(versionsOf)), options);
  for (const note of notes) log.info(`${name} moves ${note}`);
  const flags = [
    DomainMigrateFlags.LIVE, DomainMigrateFlags.PERSIST_DEST, DomainMigrateFlags.UNDEFINE_SOURCE, DomainMigrateFlags.CHANGE_PROTECTION,
    ...LADDERS[options.policy].autoConverge ? [DomainMigrateFlags.AUTO_CONVERGE] : [],
    // After the switch to post-copy there is nothing that could be aborted.
    usesPostCopy(options.policy) ? DomainMigrateFlags.POSTCOPY : DomainMigrateFlags.ABORT_ON_ERROR,
    ...options.tls === true ? [DomainMigrateFlags.TLS] : [],
    ...connections === undefined ? [] : [DomainMigrateFlags.PARALLEL],
    ...compression === undefined ? [] : [DomainMigrateFlags.COMPRESSED],
    ...options.unsafe ? [DomainMigrateFlags.UNSAFE] : [],
    ...options.peer === undefined ? [] : [DomainMigrateFlags.PEER2PEER],
    ...options.peer?.tunnelled === true ? [DomainMigrateFlags.TUNNELLED] : [],
    // libvirt lets a guest run at the target, whatever it did before.
    ...options.isPaused ? [DomainMigrateFlags.PAUSED] : [],
  ].reduce((all, flag) => all | flag, 0);
  const params = [
    param("destination_name", { type: "string", value: name }),
    // Post-copy has a limit of its own, and none by default.
    ...bandwidth(options),
    ...connections === undefined ? [] : [param("parallel.connections", { type: "int", value: connections })],
    ...compression === undefined ? [] : [param("compression", { type: "string", value: compression })],
    // The memory goes to an address, and certificates speak of names.
    ...options.tls === true ? [param("tls.destination", { type: "string", value: (await to.libvirt.connectGetHostname()).hostname })] : [],
    // The migration network only: nobody else is to find the port open.
    ...options.address === undefined || isIP(address) === 0 || options.peer?.tunnelled === true ? [] : [param("listen_address", { type: "string", value: address })],
  ];
  return { flags, params, peer: options.peer, uri: `tcp://${isIP(address) === 6 ? `[${address}]` : address}${port === undefined ? "" : `:${port}`}` };
}

/** libvirt bounds post-copy by a limit of its own, and by none unless it is told. */
function bandwidth({ policy, bandwidthMiBps }: SendOptions): TypedParam[] {
  if (bandwidthMiBps === undefined) return [];
  return ["bandwidth", ...usesPostCopy(policy) ? ["bandwidth.postcopy"] : []].map((field) => param(field, { type: "ullong", value: BigInt(bandwidthMiBps) }));
}

/** Wishes that may exclude each other. */
export type Contradictable = Pick<SendOptions, "policy" | "tls" | "multifdConnections" | "compression"> & { readonly tunnelled?: boolean };

/**
 * Refuses wishes that QEMU does not grant together; for previews, which do not know the guest yet.
 * @throws DroverError for options that exclude each other
 */
export function refuseContradictions(attempted: string, { policy, tls, multifdConnections, compression, tunnelled }: Contradictable): void {
  const isMultifds = compression === "zlib" || compression === "zstd";
  const refuse = (answer: string, next: string): DroverError => new DroverError({ attempted, answer, next });
  if (isMultifds && multifdConnections === undefined) throw refuse(`${compression} compresses multifd's connections, and none are asked for`, "ask for connections, or for another compression");
  if (isMultifds && usesPostCopy(policy)) throw refuse(`${compression} compresses multifd's connections, and post-copy has none`, "take another compression, or another policy");
  if (compression !== undefined && !isMultifds && multifdConnections !== undefined && !usesPostCopy(policy)) throw refuse(`${compression} does not go with multifd`, "take zlib or zstd, or ask for no connections");
  if (tunnelled === true && multifdConnections !== undefined) throw refuse("a tunnel is one connection, and several are asked for", "ask for no connections, or for no tunnel");
  if (tunnelled === true && usesPostCopy(policy)) throw refuse("post-copy does not go through a tunnel", "take another policy, or no tunnel");
  if (tunnelled === true && tls === true) throw refuse("QEMU's own TLS does not go through a tunnel", "take peers' URIs with TLS (qemu+tls), which encrypt the tunnel, or no tunnel");
}

async function versionsOf({ name, libvirt }: End): Promise<Versions> {
  const [{ libVer }, { hvVer }] = await Promise.all([libvirt.connectGetLibVersion(), libvirt.connectGetVersion()]);
  return { host: name, libvirt: Number(libVer), qemu: Number(hvVer) };
}

async function targetAddress(name: string, to: End, given: string | undefined): Promise<{ address: string; port?: string }> {
  if (given !== undefined) {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]+))?$/.exec(given) ?? [];
    return { address: bracketed ?? plain ?? given, ...(port === undefined ? {} : { port }) };
  }
  const address = await networkAddress(parseLibvirtUri(to.address.uri), to.address.ssh);
  if (address !== undefined) return { address };
  throw new DroverError({ attempted: `move ${name} to ${to.name}`, answer: `no address of ${to.name} is known at which another host could reach it`, next: "give its address on the migration network" });
}

/** libvirt's own check, which UNSAFE switches off. @throws DroverError that names the disk */
export function refuseUnsafeCache(name: string, from: ConnectedHost, live: DomainDocument): void {
  const cached = live.disks.find((disk) => (disk.path !== undefined || disk.volume !== undefined) && !disk.readOnly && !isSafeCache(disk.cache));
  if (cached === undefined) return;
  throw new DroverError({ attempted: `move ${name}`, host: from.name, answer: `its disk ${cached.name ?? cached.target} has cache ${cached.cache ?? "at QEMU's default (writeback)"}: the target could read what the source has not written yet`,
    next: "set the disk's cache to \"none\" (or \"directsync\") and restart the guest" });
}
