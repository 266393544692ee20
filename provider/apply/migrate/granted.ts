import { usesPostCopy } from "./ladder.js";
import type { Compression, SendOptions } from "./parameters.js";

/** The programs on one end of a move: major × 1,000,000 + minor × 1,000 + release. */
export interface Versions {
  readonly host: string;
  readonly libvirt: number;
  readonly qemu: number;
}

/** What of the wishes both ends can do. */
export interface Granted {
  readonly connections?: number;
  readonly compression?: Compression;
  /** What is left out and why, for an operator. */
  readonly notes: readonly string[];
}

/** multifd is QEMU's since 4.0, and with TLS since 5.2. */
const MULTIFD = 4_000_000;
const MULTIFD_TLS = 5_002_000;
/** multifd's compressors are QEMU's since 5.0, and libvirt's since 9.4. */
const MULTIFD_COMPRESSION = { libvirt: 9_004_000, qemu: 5_000_000 };
/** QEMU has its compression by threads no more. */
const END_OF_MT = 9_001_000;

/**
 * What two ends can do of how a guest's memory is to be sent: what one of them lacks is left out, for the guest moves as well without.
 * Whether QEMU was built with zstd no version tells.
 */
export function grantedBy(ends: readonly Versions[], { policy, tls, multifdConnections, compression }: Pick<SendOptions, "policy" | "tls" | "multifdConnections" | "compression">): Granted {
  const notes: string[] = [];
  const lacking = (isLacking: (end: Versions) => boolean, note: (host: string) => string): boolean => {
    const end = ends.find(isLacking);
    if (end !== undefined) notes.push(note(end.host));
    return end !== undefined;
  };
  let connections = multifdConnections;
  if (connections !== undefined && usesPostCopy(policy)) {
    notes.push("over one connection: QEMU has no post-copy with multifd");
    connections = undefined;
  } else if (connections !== undefined && lacking(({ qemu }) => qemu < (tls === true ? MULTIFD_TLS : MULTIFD), (host) => `over one connection: the QEMU of ${host} has no multifd${tls === true ? " with TLS (5.2 has)" : " (4.0 has)"}`)) {
    connections = undefined;
  }
  const kept = connections === undefined ? {} : { connections };
  if (compression === undefined) return { ...kept, notes };
  const isMultifds = compression === "zlib" || compression === "zstd";
  const isOut = (isMultifds && connections === undefined)
    || (isMultifds && lacking(({ libvirt }) => libvirt < MULTIFD_COMPRESSION.libvirt, (host) => `uncompressed: the libvirt of ${host} has no ${compression} (9.4 has)`))
    || (isMultifds && lacking(({ qemu }) => qemu < MULTIFD_COMPRESSION.qemu, (host) => `uncompressed: the QEMU of ${host} has no ${compression} (5.0 has)`))
    || (compression === "mt" && lacking(({ qemu }) => qemu >= END_OF_MT, (host) => `uncompressed: the QEMU of ${host} has no mt any more (9.0 had)`));
  return { ...kept, ...(isOut ? {} : { compression }), notes };
}
