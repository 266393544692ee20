import { bytes, formatBytes, type Bytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import { withVolume, type OpenPool } from "../inventory/pools.js";
import { lookupVolume, lookupVolumeAfresh } from "../inventory/small-volume.js";
import { advanceVolumeState, beginVolumeState, otherOwners, readVolumeState, removeVolumeState, type Claim } from "../inventory/volume-mark.js";
import type { StorageVolRef } from "../libvirt/index.js";
import { VolumeDocument, type VolumeSpec } from "../xml/index.js";

/** Whose a volume is, and what may be done when it is not as expected. */
export interface VolumeClaim extends Claim {
  /** Make an empty volume in the place of one that has held data and is gone. */
  readonly recreate: boolean;
  /** Take over a volume without a sidecar. */
  readonly adopt?: boolean;
}

/** What was found or made. `existed`: it was complete before, and may hold data. */
export interface EnsuredVolume {
  readonly volume: StorageVolRef;
  readonly path: string;
  readonly existed: boolean;
}

/**
 * Makes a volume of ours, or finds the one that is there. Killed at any point, the next call finishes it.
 * `fill` uploads its content before it counts as complete, and may
 * say what the content is.
 * @throws DroverError when a volume of that name is not ours, or has held data and is gone.
 */
export function ensureVolume(pool: OpenPool, spec: VolumeSpec, claim: VolumeClaim, fill?: (volume: StorageVolRef) => Promise<void>): Promise<EnsuredVolume> {
  return withVolume(pool, spec.name, async () => {
    const { volume, existed, done } = await beginVolume(pool, spec, claim);
    const path = `${pool.path}/${spec.name}`;
    if (done) return { volume, path, existed };
    await fill?.(volume);
    await advanceVolumeState(pool, spec.name, claim, "complete");
    return { volume, path, existed };
  });
}

async function beginVolume(pool: OpenPool, spec: VolumeSpec, claim: VolumeClaim): Promise<{ volume: StorageVolRef; done: boolean; existed: boolean }> {
  const [present, state] = await Promise.all([lookupVolume(pool, spec.name), readVolumeState(pool, spec.name, claim)]);
  if (state === undefined) {
    await refuseForeign(pool, spec.name, claim, present !== undefined && claim.adopt !== true);
    if (present !== undefined) {
      await advanceVolumeState(pool, spec.name, claim, "complete");
      return { volume: present, done: true, existed: true };
    }
  }
  if (state === "complete" && present !== undefined) return { volume: present, done: true, existed: true };
  if (state === "complete" && !claim.recreate) throw dataGone(pool, spec.name);
  if (present !== undefined) await pool.host.libvirt.storageVolDelete({ vol: present, flags: 0 });
  if (state !== "writing") await beginVolumeState(pool, spec.name, claim);
  const xml = VolumeDocument.create(spec).format();
  const { vol } = await pool.host.libvirt.storageVolCreateXML({ pool: pool.handle, xml, flags: 0 });
  return { volume: vol, done: false, existed: false };
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
    if (state === undefined) await refuseForeign(pool, name, claim, true);
    await advanceVolumeState(pool, name, claim, "deleting");
    if (found !== undefined) await pool.host.libvirt.storageVolDelete({ vol: found, flags: 0 });
    await removeVolumeState(pool, name, claim);
  });
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
async function refuseForeign(pool: OpenPool, name: string, claim: Claim, unmarked: boolean): Promise<void> {
  const owners = await otherOwners(pool, name, claim);
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
