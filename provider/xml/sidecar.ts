import { isJsonObject, type Json } from "./mark.js";

/**
 * libvirt keeps no metadata of pools and volumes, so our mark of one is a small volume beside it: text that a person
 * can read, JSON, filled up with line breaks to whole blocks (a volume's capacity is what libvirt gives back).
 */
export interface Sidecar {
  readonly owner: string;
  /** The resource's URN at its creation. */
  readonly urn: string;
  /** `writing` from before the first byte of content until after the last. */
  readonly state: "writing" | "complete";
  /** Small facts by key, such as a source's digest. */
  readonly facts?: Readonly<Record<string, Json>>;
}

const BLOCK_BYTES = 4096;

/** Name of the volume that marks a pool as ours. */
export const POOL_MARKER_NAME = "drover-pool.json";

/** Name of the volume that holds a volume's mark. */
export function sidecarName(volume: string): string {
  return `${volume}.drover.json`;
}

/** Is this the name of a marker or a sidecar, and not of content? */
export function isSidecarName(volume: string): boolean {
  return volume === POOL_MARKER_NAME || volume.endsWith(".drover.json");
}

/** The sidecar's content. Its length is the capacity of its volume. */
export function formatSidecar({ owner, urn, state, facts }: Sidecar): Buffer {
  const text = Buffer.from(`${JSON.stringify({ drover: 1, owner, urn, state, facts: facts ?? {} }, null, 1)}\n`, "utf8");
  const filled = Buffer.alloc(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES, "\n");
  text.copy(filled);
  return filled;
}

/** Reads a sidecar's content; `undefined` when it is none, or was cut off while it was written. */
export function parseSidecar(content: Buffer): Sidecar | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content.toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isJsonObject(parsed)) return undefined;
  const { drover, owner, urn, state, facts } = parsed;
  if (drover !== 1 || typeof owner !== "string" || typeof urn !== "string" || (state !== "writing" && state !== "complete")) return undefined;
  return { owner, urn, state, facts: isJsonObject(facts) ? facts : {} };
}
