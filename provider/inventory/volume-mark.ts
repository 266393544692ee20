import { ErrorCode, isLibvirtError } from "../libvirt/index.js";
import { messageOf } from "../base/error.js";
import type { OpenPool } from "./pools.js";
import { lookupVolume, readSmallVolume, writeSmallVolume } from "./small-volume.js";

/**
 * What we keep beside a volume of ours, in a sidecar volume `NAME.drover` (libvirt has no metadata on volumes).
 *
 * - `writing`: the volume is being made; nothing was ever attached to it, it may be made anew.
 * - `complete`: the volume may hold data.
 * - `deleting`: somebody asked to delete it; that may be finished.
 */
export interface VolumeMark {
  readonly owner: string;
  /** What tells the object that the volume belongs to from all others of its owner. */
  readonly key: string;
  readonly state: "writing" | "complete" | "deleting";
  /** SHA-256 of an image's source. */
  readonly sha256?: string;
  /** What the image is, found out while it was uploaded: its virtual size in bytes. */
  readonly image?: { readonly format: "qcow2" | "raw"; readonly virtualSize: number };
}

/** Name of the sidecar of a volume. */
export function sidecarOf(volume: string): string {
  return `${volume}.drover`;
}

/**
 * The mark of a volume; `undefined` where there is no sidecar, so that the volume is not ours.
 * A sidecar without readable content is one whose writing was interrupted, before its volume was made: `"torn"`.
 */
export async function readVolumeMark(pool: OpenPool, volume: string): Promise<VolumeMark | "torn" | undefined> {
  const text = await readSmallVolume(pool, sidecarOf(volume));
  if (text === undefined) return undefined;
  if (text === "") return "torn";
  try {
    return parseMark(JSON.parse(text));
  } catch (error) {
    throw new Error(`${sidecarOf(volume)} in pool ${pool.name} on ${pool.host.name} is not a sidecar of ours: ${messageOf(error)}`, { cause: error });
  }
}

export async function writeVolumeMark(pool: OpenPool, volume: string, mark: VolumeMark): Promise<void> {
  await writeSmallVolume(pool, sidecarOf(volume), JSON.stringify(mark), 4096);
}

export async function removeVolumeMark(pool: OpenPool, volume: string): Promise<void> {
  const sidecar = await lookupVolume(pool, sidecarOf(volume));
  if (sidecar === undefined) return;
  try {
    await pool.host.libvirt.storageVolDelete({ vol: sidecar, flags: 0 });
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.NO_STORAGE_VOL)) throw error;
  }
}

function parseMark(value: unknown): VolumeMark {
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  const { owner, key, state, sha256, image } = value as Record<string, unknown>;
  if (typeof owner !== "string" || typeof key !== "string") throw new TypeError("owner or key is missing");
  if (state !== "writing" && state !== "complete" && state !== "deleting") throw new TypeError(`state is ${String(state)}`);
  return { owner, key, state, ...(typeof sha256 === "string" ? { sha256 } : {}), ...(isImage(image) ? { image } : {}) };
}

function isImage(value: unknown): value is NonNullable<VolumeMark["image"]> {
  if (typeof value !== "object" || value === null) return false;
  const { format, virtualSize } = value as Record<string, unknown>;
  return (format === "qcow2" || format === "raw") && typeof virtualSize === "number";
}
