import { bytes, formatBytes, type Bytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import { refreshPool, withVolume, type OpenPool } from "../inventory/pools.js";
import { hasFile, lookupVolume, lookupVolumeAfresh } from "../inventory/small-volume.js";
import { advanceVolumeState, beginVolumeState, moveVolumeState, otherOwners, readVolumeState, removeVolumeState, resumeVolumeState, type Claim } from "../inventory/volume-mark.js";
import { ErrorCode, isLibvirtError, LibvirtError, type StorageVolRef } from "../libvirt/index.js";
import { VolumeDocument, type VolumeSpec } from "../xml/index.js";

/** Whose a volume is, and what may be done when it is not as expected. */
export interface VolumeClaim extends Claim {
  /** Make an empty volume in the place of one that has held data and is gone. */
  readonly recreate: boolean;
  /** Take over a volume without a sidecar. */
  readonly adopt?: boolean;
  /** The state says that it was made before: where nothing is left of it, it is gone, not new. */
  readonly known?: boolean;
}

/** What was found or made. `existed`: it was complete before, and may hold data. */
export interface EnsuredVolume {
  readonly volume: StorageVolRef;
  readonly path: string;
  readonly existed: boolean;
}

/**
 * Makes a volume of ours, or finds the one that is there. Killed at any point, the next call finishes it.
 * `fill` uploads its content before it counts as complete; when it fails, nothing is left, as far as the host can still be reached.
 * @throws DroverError when a volume of that name is not ours, or has held data and is gone.
 */
export async function ensureVolume(pool: OpenPool, spec: VolumeSpec, claim: VolumeClaim, fill?: Fill): Promise<EnsuredVolume> {
  try {
    return await withVolume(pool, spec.name, () => makeVolume(pool, spec, claim, fill));
  } catch (error) {
    if (!isUnlistedFile(error)) throw error;
  }
  // Somebody, or another host of the pool, made it since libvirt last read the folder here.
  await refreshPool(pool);
  return await withVolume(pool, spec.name, () => makeVolume(pool, spec, claim, fill));
}

type Fill = (volume: StorageVolRef) => Promise<void>;

async function makeVolume(pool: OpenPool, spec: VolumeSpec, claim: VolumeClaim, fill: Fill | undefined): Promise<EnsuredVolume> {
  const { volume, existed, done, sidecar } = await beginVolume(pool, spec, claim, fill !== undefined);
  const path = `${pool.path}/${spec.name}`;
  if (done) return { volume, path, existed };
  try {
    await fill?.(volume);
  } catch (error) {
    // Where that fails too, what is left is marked as being written, and is made anew by the next run.
    await eraseVolume(pool, volume, claim).catch(() => {});
    throw error;
  }
  await advanceVolumeState(pool, spec.name, claim, "complete", sidecar);
  return { volume, path, existed };
}

async function eraseVolume(pool: OpenPool, volume: StorageVolRef, claim: Claim): Promise<void> {
  await pool.host.libvirt.storageVolDelete({ vol: volume, flags: 0 });
  await removeVolumeState(pool, volume.name, claim);
}

/** libvirt refuses to make a volume over a file that it has not listed, and says so only in words. */
function isUnlistedFile(error: unknown): boolean {
  return isLibvirtError(error, ErrorCode.STORAGE_VOL_EXIST) || (isLibvirtError(error, ErrorCode.OPERATION_INVALID) && error.answer.includes("already exists"));
}

interface BegunVolume {
  readonly volume: StorageVolRef;
  readonly done: boolean;
  readonly existed: boolean;
  /** The sidecar, where it was made just now. */
  readonly sidecar?: StorageVolRef | undefined;
}

async function beginVolume(pool: OpenPool, spec: VolumeSpec, claim: VolumeClaim, isFilled: boolean): Promise<BegunVolume> {
  const [present, state] = await Promise.all([lookupVolume(pool, spec.name), readVolumeState(pool, spec.name, claim)]);
  if (state === undefined) {
    await refuseForeign(pool, spec.name, claim, { unmarked: present !== undefined && claim.adopt !== true, fresh: present !== undefined });
    if (present !== undefined) {
      await advanceVolumeState(pool, spec.name, claim, "complete");
      return { volume: present, done: true, existed: true };
    }
    if (claim.known === true && !claim.recreate) throw dataGone(pool, spec.name);
  }
  if (state === "deleting" && present !== undefined && !isFilled) {
    // Its deletion was cut short and is not wanted any more: what it holds is whole.
    await resumeVolumeState(pool, spec.name, claim);
    return { volume: present, done: true, existed: true };
  }
  const isThere = present !== undefined && (await hasFile(pool, present));
  if (state === "complete" && isThere) return { volume: present, done: true, existed: true };
  if (state === "complete" && !claim.recreate) throw dataGone(pool, spec.name);
  if (present !== undefined) {
    // Ours is half-made, but another's claim beside it may mean that this file is theirs: two runs began at once, and this one was killed.
    await refuseForeign(pool, spec.name, claim, { unmarked: false, fresh: true });
    await pool.host.libvirt.storageVolDelete({ vol: present, flags: 0 });
  }
  const sidecar = state === "writing" ? undefined : await beginVolumeState(pool, spec.name, claim);
  const xml = VolumeDocument.create(spec).format();
  try {
    const { vol } = await pool.host.libvirt.storageVolCreateXML({ pool: pool.handle, xml, flags: 0 });
    return { volume: vol, done: false, existed: false, sidecar };
  } catch (error) {
    // A refusal made nothing. A sidecar that stayed would make ours what may be somebody's file.
    if (error instanceof LibvirtError && state === undefined) await removeVolumeState(pool, spec.name, claim);
    throw error;
  }
}

/**
 * Deletes a volume of ours and its sidecar; nothing happens when both are gone.
 * @throws DroverError when the volume is not ours.
 */
export async function deleteVolume(pool: OpenPool, name: string, claim: Claim): Promise<void> {
  const found = await lookupVolumeAfresh(pool, name);
  await withVolume(pool, name, async () => {
    const state = await readVolumeState(pool, name, claim);
    if (state === undefined && found === undefined) return;
    if (state === undefined) await refuseForeign(pool, name, claim, { unmarked: true, fresh: true });
    await advanceVolumeState(pool, name, claim, "deleting");
    if (found !== undefined) await pool.host.libvirt.storageVolDelete({ vol: found, flags: 0 });
    await removeVolumeState(pool, name, claim);
  });
}

/** A volume that is there goes over to another claim of ours. */
export async function reclaimVolume(pool: OpenPool, name: string, from: Claim, to: Claim): Promise<void> {
  await withVolume(pool, name, () => moveVolumeState(pool, name, from, to));
}

/** Lets a volume go without deleting it: only its sidecar is removed. */
export async function releaseVolume(pool: OpenPool, name: string, claim: Claim): Promise<void> {
  await withVolume(pool, name, () => removeVolumeState(pool, name, claim));
}

/**
 * Grows a volume that no guest uses. A volume that is large enough stays as it is: disks only grow.
 * @returns its size afterwards
 */
export async function growVolume(pool: OpenPool, volume: StorageVolRef, capacity: Bytes): Promise<Bytes> {
  return await withVolume(pool, volume.name, async () => {
    const { capacity: now } = await pool.host.libvirt.storageVolGetInfo({ vol: volume });
    if (now >= BigInt(capacity)) return bytes(Number(now));
    await pool.host.libvirt.storageVolResize({ vol: volume, capacity: BigInt(capacity), flags: 0 });
    return capacity;
  });
}

/** @throws DroverError that says that disks only grow */
export function refuseShrink(what: string, from: Bytes, to: Bytes): never {
  throw new DroverError({ attempted: `resize ${what} from ${formatBytes(from)} to ${formatBytes(to)}`, answer: "disks only grow, for what is cut off is lost",
    next: `set its size to ${formatBytes(from)} or more, or make a new disk and copy the data` });
}

/** @param unmarked a volume of that name is there, and nobody said to take it over */
async function refuseForeign(pool: OpenPool, name: string, claim: Claim, { unmarked, fresh }: { readonly unmarked: boolean; readonly fresh: boolean }): Promise<void> {
  const owners = await otherOwners(pool, name, claim, { fresh });
  const [owner] = owners;
  if (owner === undefined && !unmarked) return;
  const answer = owner === undefined ? "there is a volume of that name that Drover did not make (no sidecar beside it)"
    : owner === claim.owner ? "it belongs to another object of the same program" : `it belongs to another stack or VM (owner ${owner})`;
  throw new DroverError({ attempted: `use volume ${name} of storage pool ${pool.name}`, host: pool.host.name, answer,
    next: `give this one another name${owner === undefined ? ", or say adopt: true to take it over with its data" : ""}` });
}

function dataGone(pool: OpenPool, name: string): DroverError {
  return new DroverError({ attempted: `use volume ${name} of storage pool ${pool.name}`, host: pool.host.name,
    answer: "it has held data and is not there any more",
    next: "bring the file back, or say recreate: true to start with an empty one (or anew from its image)" });
}
