import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { backedBy } from "../apply/backing.js";
import { digestOfFile, inspected, isUrl, openImage, withoutCredentials, type ImageFacts } from "../apply/image-source.js";
import { deleteVolume, ensureVolume, reclaimVolume } from "../apply/volumes.js";
import { bytes, formatBytes } from "../base/bytes.js";
import { systemClock } from "../base/clock.js";
import { DroverError, messageOf } from "../base/error.js";
import { type Context, type Handler, UNKNOWN } from "../engine/handler.js";
import { DroverResource } from "../engine/resource.js";
import { openPool, openSharedPool, type OpenPool, type PoolAddress } from "../inventory/pools.js";
import { lookupVolumeAfresh } from "../inventory/small-volume.js";
import { readVolumeState, type Claim } from "../inventory/volume-mark.js";
import { PROBE_BYTES, probeImage } from "../image/index.js";
import type { StorageVolRef } from "../libvirt/index.js";
import type { DeepInput, ImageArgs, ImageInputs, ImageOutputs, ImageRef, PoolRef } from "../schema/index.js";
import { keepPoolOwner } from "./owner.js";

/**
 * A disk image in a pool, from a local file or an http(s) URL. Disks are made from it as copy-on-write layers; changing
 * it never touches disks that were made before.
 *
 * @example
 * const debian = new Image("debian-12", { pool: disks, source: "https://…/debian-12-genericcloud-amd64.qcow2", sha256: "…" });
 */
export class Image extends DroverResource {
  declare readonly name: Output<string>;
  declare readonly volume: Output<string>;
  /** Recognized by content. */
  declare readonly format: Output<ImageRef["format"]>;
  /** Size of the disk that it describes, as text. */
  declare readonly virtualSize: Output<string>;
  declare readonly pool: Output<PoolRef>;
  /** What other resources need to know of it. */
  readonly ref: DeepInput<ImageRef>;

  constructor(name: string, args: ImageArgs, options?: CustomResourceOptions) {
    super("Image", name, args, options);
    this.ref = { volume: this.volume, format: this.format, virtualSize: this.virtualSize, pool: this.pool };
  }
}

export const handler: Handler<ImageInputs, ImageOutputs> = {
  async check(_ctx, { olds, news, name }) {
    const inputs = { ...news, name: news.name ?? olds?.name ?? name, pool: keepPoolOwner(olds?.pool, news.pool) };
    if (inputs.sha256 !== undefined || inputs.source === UNKNOWN) return { inputs };
    if (isUrl(inputs.source)) return { inputs, failures: [{ property: "sha256", reason: "is missing: the content of a URL is verified before its first use" }] };
    try {
      return { inputs: { ...inputs, sha256: await digestOfFile(inputs.source) } };
    } catch (error) {
      return { inputs, failures: [{ property: "source", reason: messageOf(error) }] };
    }
  },

  async create(ctx, { inputs, key }) {
    const facts = await place(ctx, inputs, key);
    return { id: volumeOf(inputs), outputs: { volume: volumeOf(inputs), retained: [], ...facts } };
  },

  async read(_ctx, { id, olds, key }) {
    const places = await openAll(olds.inputs.pool);
    for (const pool of places) {
      const volume = await lookupVolumeAfresh(pool, olds.outputs.volume);
      const state = await readVolumeState(pool, olds.outputs.volume, { owner: olds.inputs.pool.owner, key });
      if (volume === undefined || state !== "complete") return undefined;
    }
    return { id, inputs: olds.inputs, outputs: olds.outputs };
  },

  async update(ctx, { olds, news, key }) {
    const facts = await place(ctx, news, key);
    const volume = volumeOf(news);
    const former = [...olds.outputs.retained, olds.outputs.volume].filter((name) => name !== volume);
    const retained = await dropUnused(ctx, news.pool, former, key);
    const left = { ...olds.inputs.pool, hosts: olds.inputs.pool.hosts.filter((host) => !news.pool.hosts.some((each) => each.name === host.name)) };
    // Pulumi removes the pool from such a host later in this run, and a pool that holds volumes stays.
    if (!news.pool.shared && left.hosts.length > 0) await dropUnused(ctx, left, [...former, volume], key);
    return { volume, retained, ...facts };
  },

  async rekey(_ctx, { news, outputs, key, newKey }) {
    const { owner } = news.pool;
    for (const pool of await openAll(news.pool)) {
      for (const volume of [outputs.volume, ...outputs.retained]) await reclaimVolume(pool, volume, { owner, key }, { owner, key: newKey });
    }
  },

  async delete(ctx, { olds, key }) {
    const { pool } = olds.inputs;
    const all = [...olds.outputs.retained, olds.outputs.volume];
    const used = await dropUnused(ctx, pool, all, key);
    if (used.length === 0) return;
    const users = (await Promise.all((await openAll(pool)).flatMap((open) => used.map((name) => backedBy(open, name))))).flat();
    throw new DroverError({ attempted: `delete image ${used.join(", ")} of storage pool ${pool.name}`, answer: `these volumes rest on it: ${[...new Set(users)].join(", ")}`,
      next: "delete those disks first, or keep the image with `retainOnDelete: true`" });
  },
};

/** The volume's name tells its content, so that another source is another volume. */
function volumeOf(inputs: ImageInputs): string {
  return `${inputs.name ?? ""}-${(inputs.sha256 ?? "").slice(0, 12)}.img`;
}

/** Brings the image into the pool: once where it is shared, else on each host. */
async function place(ctx: Context, inputs: ImageInputs, key: string): Promise<{ format: string; virtualSize: string }> {
  let facts: { format: string; virtualSize: string } | undefined;
  for (const pool of await openAll(inputs.pool)) facts = await placeIn(ctx, pool, inputs, key);
  if (facts === undefined) throw new DroverError({ attempted: `place image ${inputs.name ?? ""}`, answer: `storage pool ${inputs.pool.name} has no hosts`, next: "declare the pool with hosts" });
  return facts;
}

async function placeIn(ctx: Context, pool: OpenPool, inputs: ImageInputs, key: string): Promise<{ format: string; virtualSize: string }> {
  const name = volumeOf(inputs);
  const known = await factsOfPlaced(pool, name, { owner: inputs.pool.owner, key });
  if (known !== undefined) return known;
  const source = await openImage(inputs.source, ctx.signal);
  let facts: ImageFacts | undefined;
  const claim = { owner: inputs.pool.owner, key, recreate: true };
  await ensureVolume(pool, { name, format: "raw", capacity: source.length ?? bytes(0) }, claim, async (volume) => {
    facts = await transfer(ctx, pool, volume, inputs, source);
  });
  if (facts === undefined) throw new DroverError({ attempted: `place image ${name}`, host: pool.host.name, answer: "another run placed it meanwhile", next: "run again" });
  return { format: facts.format, virtualSize: formatBytes(facts.virtualSize) };
}

/** Uploads and verifies what was uploaded. */
async function transfer(ctx: Context, pool: OpenPool, volume: StorageVolRef, inputs: ImageInputs, source: Awaited<ReturnType<typeof openImage>>): Promise<ImageFacts> {
  const { content, facts } = inspected(inputs.source, source);
  await pool.host.libvirt.upload(volume, content, { signal: ctx.signal, onProgress: progress(ctx, pool, volume.name, source.length) });
  const found = facts();
  if (found.sha256 === inputs.sha256) return found;
  throw new DroverError({ attempted: `verify image ${withoutCredentials(inputs.source)}`, host: pool.host.name, answer: `its SHA-256 is ${found.sha256}, not ${inputs.sha256 ?? ""}`,
    next: "check the source; if it was renewed, give its new sha256. What was uploaded is deleted" });
}

/** A line now and then; an image that is there in a moment needs none. */
function progress(ctx: Context, pool: OpenPool, name: string, length: number | undefined): (doneBytes: number) => void {
  let saidMs = systemClock.nowMs();
  return (done) => {
    if (systemClock.nowMs() - saidMs < PROGRESS_MS) return;
    saidMs = systemClock.nowMs();
    const share = length === undefined || length === 0 ? "" : ` (${Math.floor((done / length) * 100)} %)`;
    ctx.log.info(`uploading ${name} to ${pool.host.name}: ${Math.floor(done / 1024 ** 2)} MiB${share}`);
  };
}

const PROGRESS_MS = 5_000;

/** Format and size of an image that is complete and ours, by its own first bytes; `undefined` where it is still to be placed. */
async function factsOfPlaced(pool: OpenPool, name: string, claim: Claim): Promise<{ format: string; virtualSize: string } | undefined> {
  if ((await readVolumeState(pool, name, claim)) !== "complete") return undefined;
  const volume = await lookupVolumeAfresh(pool, name);
  if (volume === undefined) return undefined;
  const { capacity } = await pool.host.libvirt.storageVolGetInfo({ vol: volume });
  const probe = probeImage(await headOf(pool, volume), bytes(Number(capacity)));
  return probe.kind === "refused" ? undefined : { format: probe.format, virtualSize: formatBytes(probe.virtualSize) };
}

async function headOf(pool: OpenPool, volume: StorageVolRef): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of pool.host.libvirt.download(volume, { lengthBytes: PROBE_BYTES })) {
    if ("data" in piece) pieces.push(Buffer.from(piece.data));
  }
  return Buffer.concat(pieces);
}

/** Deletes those volumes of the image on which nothing rests; returns the others. */
async function dropUnused(ctx: Context, address: PoolAddress, names: readonly string[], key: string): Promise<string[]> {
  const kept = new Set<string>();
  for (const pool of await openAll(address)) {
    for (const name of names) {
      const users = await backedBy(pool, name);
      if (users.length === 0) {
        await deleteVolume(pool, name, { owner: address.owner, key });
      } else {
        kept.add(name);
        ctx.log.info(`${name} on ${pool.host.name} stays, for ${users.length} volumes rest on it`);
      }
    }
  }
  return [...kept];
}

/** Where the image lies: one place in a shared pool, else one on each host. */
async function openAll(pool: PoolAddress): Promise<OpenPool[]> {
  if (pool.shared) return [await openSharedPool(pool)];
  return await Promise.all(pool.hosts.map((host) => openPool(pool, host)));
}
