import { isDeepStrictEqual } from "node:util";
import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { backedBy } from "../apply/backing.js";
import { growLiveDisk } from "../apply/live-change.js";
import { deleteVolume, ensureVolume, growVolume, refuseShrink, releaseVolume, type EnsuredVolume } from "../apply/volumes.js";
import { bytes, formatBytes, parseBytes, type Bytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import { UNKNOWN, type CheckFailure, type Handler } from "../engine/handler.js";
import { DroverResource } from "../engine/resource.js";
import { findUser } from "../inventory/disk-users.js";
import { openPool, openSharedPool, type OpenPool } from "../inventory/pools.js";
import { lookupVolumeAfresh } from "../inventory/small-volume.js";
import { readVolumeState } from "../inventory/volume-mark.js";
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
    this.ref = { volume: this.volume, format: this.format, pool: this.pool };
  }
}

export const handler: Handler<DiskInputs, DiskOutputs> = {
  check(_ctx, { olds, news, name }) {
    const image = typeof news.image === "object" ? news.image : undefined;
    const size = news.size ?? image?.virtualSize;
    const inputs: DiskInputs = { ...news, name: news.name ?? name, ...(size === undefined ? {} : { size }),
      ...(typeof news.pool === "object" ? { pool: keepPoolOwner(olds?.pool, news.pool) } : {}) };
    const failures: CheckFailure[] = [];
    if (size === undefined && news.image === undefined) failures.push({ property: "size", reason: "is missing: an empty disk needs a size" });
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

  async read(ctx, { id, olds, key }) {
    const pool = await openFor(olds.inputs);
    const volume = await lookupVolumeAfresh(pool, olds.outputs.volume);
    if (volume === undefined) {
      if ((await readVolumeState(pool, olds.outputs.volume, { owner: olds.inputs.pool.owner, key })) === undefined) return undefined;
      ctx.log.error(`volume ${olds.outputs.volume} is gone from ${pool.path} on ${pool.host.name}; bring it back, or say recreate: true to start with an empty one`);
      return { id, inputs: { ...olds.inputs, size: formatBytes(bytes(0)) }, outputs: olds.outputs };
    }
    const { capacity } = await pool.host.libvirt.storageVolGetInfo({ vol: volume });
    return { id, inputs: { ...olds.inputs, size: formatBytes(bytes(Number(capacity))) }, outputs: olds.outputs };
  },

  async update(_ctx, { olds, news, key }) {
    const pool = await openFor(news);
    const made = await ensure(pool, { ...news, name: olds.inputs.name ?? news.name ?? "" }, key);
    await grow(pool, made, news);
    return { volume: made.volume.name, path: made.path };
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

function ensure(pool: OpenPool, inputs: DiskInputs, key: string): Promise<EnsuredVolume> {
  const { image } = inputs;
  const spec = { name: `${inputs.name ?? ""}.${inputs.format}`, format: inputs.format, capacity: parseBytes(inputs.size ?? "0 B"),
    ...(image === undefined ? {} : { backing: { path: `${image.pool.path}/${image.volume}`, format: image.format } }) };
  return ensureVolume(pool, spec, { owner: inputs.pool.owner, key, recreate: inputs.recreate, adopt: inputs.adopt });
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

function isKnown(size: string | undefined): size is string {
  return size !== undefined && size !== UNKNOWN;
}
