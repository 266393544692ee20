import { createHash } from "node:crypto";
import { bytes } from "../base/bytes.js";
import { ErrorCode, isLibvirtError, StorageVolResizeFlags, type StorageVolRef } from "../libvirt/index.js";
import { VolumeDocument } from "../xml/index.js";
import { volumeNames, type OpenPool } from "./pools.js";
import { lookupVolume } from "./small-volume.js";

/** Whose a volume is: an owner, and what tells the object that it belongs to from all others of the owner. */
export interface Claim {
  /** A UUID. */
  readonly owner: string;
  readonly key: string;
}

/**
 * What we know of a volume of ours.
 *
 * - `writing`: the volume is being made; nothing was ever attached to it, it may be made anew.
 * - `complete`: the volume may hold data.
 * - `deleting`: somebody asked to delete it; that may be finished.
 */
export type VolumeState = "writing" | "complete" | "deleting";

const SUFFIX = ".drover";
const BLOCK = 512;
/** A state is the sidecar's size, in blocks, so that it only grows on its way. */
const STATES: readonly VolumeState[] = ["writing", "complete", "deleting"];

/**
 * libvirt has no metadata on volumes: what we keep of one is an empty sidecar volume beside it. Its name is the claim, its
 * size the state. (Content would have to be uploaded, and after each upload libvirtd reads the whole pool anew, which makes
 * the hundredth disk a hundred times as slow as the first: storage_driver.c, the upload's close callback.)
 */
export function sidecarOf(volume: string, { owner, key }: Claim): string {
  return `${volume}.${owner}.${createHash("sha256").update(key).digest("hex").slice(0, 8)}${SUFFIX}`;
}

/** Is this the name of a sidecar, and not of content? */
export function isSidecar(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** The state of a volume under a claim; `undefined` when it is not this claim's. */
export async function readVolumeState(pool: OpenPool, volume: string, claim: Claim): Promise<VolumeState | undefined> {
  const sidecar = await lookupVolume(pool, sidecarOf(volume, claim));
  if (sidecar === undefined) return undefined;
  const { capacity } = await pool.host.libvirt.storageVolGetInfo({ vol: sidecar });
  return STATES[Number(capacity) / BLOCK - 1];
}

/** Claims a volume that is to be made; from here on it is `writing`. Returns the sidecar. */
export async function beginVolumeState(pool: OpenPool, volume: string, claim: Claim): Promise<StorageVolRef> {
  await removeVolumeState(pool, volume, claim);
  return (await createSidecar(pool, volume, claim, "writing")).vol;
}

/** The claim goes on to a later state. `known` is its sidecar, where the caller has it. */
export async function advanceVolumeState(pool: OpenPool, volume: string, claim: Claim, state: Exclude<VolumeState, "writing">, known?: StorageVolRef): Promise<void> {
  const sidecar = known ?? (await lookupVolume(pool, sidecarOf(volume, claim)));
  if (sidecar === undefined) await createSidecar(pool, volume, claim, state);
  else await pool.host.libvirt.storageVolResize({ vol: sidecar, capacity: BigInt(sizeOf(state)), flags: 0 });
}

/** A claim whose volume was to be deleted, and is there and wanted again. */
export async function resumeVolumeState(pool: OpenPool, volume: string, claim: Claim): Promise<void> {
  const sidecar = await lookupVolume(pool, sidecarOf(volume, claim));
  if (sidecar === undefined) await createSidecar(pool, volume, claim, "complete");
  else await pool.host.libvirt.storageVolResize({ vol: sidecar, capacity: BigInt(sizeOf("complete")), flags: StorageVolResizeFlags.SHRINK });
}

/** Takes the claim away. */
export async function removeVolumeState(pool: OpenPool, volume: string, claim: Claim): Promise<void> {
  const sidecar = await lookupVolume(pool, sidecarOf(volume, claim));
  if (sidecar === undefined) return;
  try {
    await pool.host.libvirt.storageVolDelete({ vol: sidecar, flags: 0 });
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.NO_STORAGE_VOL)) throw error;
  }
}

/** A complete volume goes over to another claim. When that was done before, nothing happens. */
export async function moveVolumeState(pool: OpenPool, volume: string, from: Claim, to: Claim): Promise<void> {
  if ((await readVolumeState(pool, volume, to)) === undefined) await createSidecar(pool, volume, to, "complete");
  await removeVolumeState(pool, volume, from);
}

/** Owners of claims on a volume other than this one; where `fresh` is false, claims of before this run are enough. */
export async function otherOwners(pool: OpenPool, volume: string, claim: Claim, options: { readonly fresh: boolean }): Promise<string[]> {
  const own = sidecarOf(volume, claim);
  const pattern = /^\.([0-9a-f-]{36})\.[0-9a-f]{8}\.drover$/;
  return (await volumeNames(pool, options))
    .filter((name) => name !== own && name.startsWith(`${volume}.`))
    .flatMap((name) => pattern.exec(name.slice(volume.length))?.[1] ?? []);
}

function createSidecar(pool: OpenPool, volume: string, claim: Claim, state: VolumeState): Promise<{ vol: StorageVolRef }> {
  const xml = VolumeDocument.create({ name: sidecarOf(volume, claim), format: "raw", capacity: bytes(sizeOf(state)) }).format();
  return pool.host.libvirt.storageVolCreateXML({ pool: pool.handle, xml, flags: 0 });
}

function sizeOf(state: VolumeState): number {
  return (STATES.indexOf(state) + 1) * BLOCK;
}
