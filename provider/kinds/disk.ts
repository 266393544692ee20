import { isDeepStrictEqual } from "node:util";
import { basename } from "node:path";
import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { backedBy } from "../apply/backing.js";
import { growLiveDisk } from "../apply/live-change.js";
import { deleteVolume, ensureVolume, growVolume, reclaimVolume, refuseShrink, releaseVolume, type EnsuredVolume } from "../apply/volumes.js";
import { bytes, formatBytes, parseBytes, type Bytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import { UNKNOWN, type CheckFailure, type Existing, type Handler, type State } from "../engine/handler.js";
import { DroverResource } from "../engine/resource.js";
import { findUser } from "../inventory/disk-users.js";
import { openPool, openSharedPool, type OpenPool } from "../inventory/pools.js";
import { lookupVolumeAfresh } from "../inventory/small-volume.js";
import type { DeepInput, DiskArgs, DiskInputs, DiskOutputs, DiskRef, PoolRef } from "../schema/index.js";
import { keepPoolOwner } from "./owner.js";

/**
 * A disk with a life of its own, to be attached to a VM by `disks: { data: { disk } }`. It only grows, live where a guest
 * uses it.
 *
 * @example const data = new Disk("data", { pool: disks, size: "100 GiB" });
 */
export class Disk extends DroverResource {
  declare readonly name: Output<string>;
  declare readonly size: Output<string>;
  declare readonly volume: Output<string>;
  declare readonly path: Output<string>;
  declare readonly format: Output<DiskRef["format"]>;
  declare readonly pool: Output<PoolRef>;
  /** What other resources need to know of it. */
  readonly ref: DeepInput<DiskRef>;

  constructor(name: string, args: DiskArgs, options?: CustomResourceOptions) {
    super("Disk", name, args, options);
    // By the id, which says the volume too: in a preview of an update only the id is known.
    this.ref = { volume: this.id.apply((id) => basename(id)), format: this.format, pool: this.pool };
  }
}

/** QEMU rounds sizes up to whole sectors. */
const SECTOR_BYTES = 512;

export const handler: Handler<DiskInputs, DiskOutputs> = {
  check(_ctx, { olds, news, name }) {
    const image = typeof news.image === "object" ? news.image : undefined;
    // Another image changes nothing of a disk that is there, nor does another name of the resource.
    const size = news.size ?? sizeBefore(olds) ?? image?.virtualSize;
    const inputs: DiskInputs = { ...news, name: news.name ?? olds?.name ?? name, ...(size === undefined ? {} : { size }),
      ...(typeof news.pool === "object" ? { pool: keepPoolOwner(olds?.pool, news.pool) } : {}) };
    const failures: CheckFailure[] = [];
    if (size === undefined && news.image === undefined) failures.push({ property: "size", reason: "is missing: an empty disk needs a size" });
    if (news.format === "raw" && news.image !== undefined) failures.push({ property: "format", reason: "expected qcow2 for a disk on an image, got raw: a layer on an image is qcow2" });
    if (isKnown(size) && parseBytes(size) % SECTOR_BYTES !== 0) failures.push({ property: "size", reason: `expected a multiple of ${SECTOR_BYTES} bytes, got ${size}` });
    if (olds === undefined && isKnown(size) && isKnown(image?.virtualSize) && parseBytes(size) < parseBytes(image.virtualSize)) {
      failures.push({ property: "size", reason: `expected ${image.virtualSize} or more, for so large is its image, got ${size}` });
    }
    if (isKnown(size) && isKnown(olds?.size) && parseBytes(size) < parseBytes(olds.size)) {
      failures.push({ property: "size", reason: `can not shrink from ${olds.size} to ${size}: disks only grow; make a new disk and copy the data` });
    }
    return { inputs, failures };
  },

  diff(_ctx, { olds, news, standard }) {
    // What a disk was made from is history.
    return isDeepStrictEqual({ ...olds.inputs, image: undefined }, { ...news, image: undefined }) ? { changes: false } : standard;
  },

  async create(_ctx, { inputs, key }) {
    const pool = await openFor(inputs);
    const made = await ensure(pool, inputs, key);
    const size = await grow(pool, made, inputs);
    return { id: `${inputs.pool.uuid}/${made.volume.name}`, outputs: { volume: made.volume.name, path: made.path, ...(size === undefined ? {} : { size }) } };
  },

  async read(ctx, { id, olds }) {
    const pool = await openFor(olds.inputs);
    const volume = await lookupVolumeAfresh(pool, olds.outputs.volume);
    if (volume === undefined) {
      // Kept in the state, or the next run would make an empty one in its place.
      ctx.log.error(`volume ${olds.outputs.volume} is gone from ${pool.path} on ${pool.host.name}; bring it back, or say recreate: true to start with an empty one`);
      return found(id, olds, bytes(0));
    }
    const { capacity } = await pool.host.libvirt.storageVolGetInfo({ vol: volume });
    return found(id, olds, bytes(Number(capacity)));
  },

  async update(_ctx, { olds, news, key }) {
    const pool = await openFor(news);
    const made = await ensure(pool, { ...news, name: olds.inputs.name ?? news.name ?? "" }, key, true);
    await grow(pool, made, news);
    return { volume: made.volume.name, path: made.path };
  },

  async rekey(_ctx, { news, outputs, key, newKey }) {
    const { owner } = news.pool;
    await reclaimVolume(await openFor(news), outputs.volume, { owner, key }, { owner, key: newKey });
  },

  async delete(_ctx, { olds, key }) {
    const { inputs, outputs } = olds;
    const pool = await openFor(inputs);
    if (inputs.adopt) {
      await releaseVolume(pool, outputs.volume, { owner: inputs.pool.owner, key });
      return;
    }
    const user = await findUser(pool, outputs.path);
    if (user !== undefined) throw inUse(pool, outputs.volume, `domain ${user.place.domain.name} uses it`);
    const layers = await backedBy(pool, outputs.volume);
    if (layers.length > 0) throw inUse(pool, outputs.volume, `these volumes rest on it: ${layers.join(", ")}`);
    await deleteVolume(pool, outputs.volume, { owner: inputs.pool.owner, key });
  },
};

/** The disk as it is, with its true size among the inputs and the outputs: Pulumi takes the outputs for what was. */
function found(id: string, olds: State<DiskInputs, DiskOutputs>, capacity: Bytes): Existing<DiskOutputs> & { readonly inputs: DiskInputs } {
  const size = formatBytes(capacity);
  return { id, inputs: { ...olds.inputs, size }, outputs: { ...olds.outputs, ...{ size } } };
}

/** @param known it was made before, by the state */
function ensure(pool: OpenPool, inputs: DiskInputs, key: string, known = false): Promise<EnsuredVolume> {
  const { image } = inputs;
  const spec = { name: `${inputs.name ?? ""}.${inputs.format}`, format: inputs.format, capacity: parseBytes(inputs.size ?? "0 B"),
    ...(image === undefined ? {} : { backing: { path: `${image.pool.path}/${image.volume}`, format: image.format } }) };
  return ensureVolume(pool, spec, { owner: inputs.pool.owner, key, recreate: inputs.recreate, adopt: inputs.adopt, known });
}

/** Grows the volume to its declared size: in the guest that uses it, or in the pool. */
async function grow(pool: OpenPool, { volume, path }: EnsuredVolume, inputs: DiskInputs): Promise<string | undefined> {
  if (inputs.size === undefined) return undefined;
  const wanted = parseBytes(inputs.size);
  const { capacity } = await pool.host.libvirt.storageVolGetInfo({ vol: volume });
  const now: Bytes = bytes(Number(capacity));
  if (now > wanted) refuseShrink(`disk ${volume.name}`, now, wanted);
  if (now < wanted) {
    const user = await findUser(pool, path);
    if (user?.running === true) await growLiveDisk(user.place, user.target, wanted);
    else await growVolume(pool, volume, wanted);
  }
  return inputs.size;
}

async function openFor(inputs: DiskInputs): Promise<OpenPool> {
  const { pool, host } = inputs;
  if (host !== undefined) return await openPool(pool, host);
  if (pool.shared || pool.hosts.length === 1) return await openSharedPool(pool);
  throw new DroverError({ attempted: `make disk ${inputs.name ?? ""} in storage pool ${pool.name}`, answer: `the pool is not shared and is on ${pool.hosts.map((each) => each.name).join(", ")}`, next: "give `host`: on which of them" });
}

function inUse(pool: OpenPool, volume: string, answer: string): DroverError {
  return new DroverError({ attempted: `delete disk ${volume} of storage pool ${pool.name}`, host: pool.host.name, answer, next: "detach it there first" });
}

/** The size that the state has; a disk that was found to be gone has none. */
function sizeBefore(olds: DiskInputs | undefined): string | undefined {
  return isKnown(olds?.size) && parseBytes(olds.size) > 0 ? olds.size : undefined;
}

function isKnown(size: string | undefined): size is string {
  return size !== undefined && size !== UNKNOWN;
}
