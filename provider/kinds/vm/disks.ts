import { createHash } from "node:crypto";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { deleteVolume, ensureVolume, growVolume, refuseShrink } from "../../apply/volumes.js";
import { bytes, parseBytes, type Bytes } from "../../base/bytes.js";
import { DroverError } from "../../base/error.js";
import { findUser } from "../../inventory/disk-users.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { openPool, type OpenPool, type PoolAddress } from "../../inventory/pools.js";
import { lookupVolumeAfresh } from "../../inventory/small-volume.js";
import { readVolumeState, sidecarOf, type Claim } from "../../inventory/volume-mark.js";
import type { StorageVolRef } from "../../libvirt/index.js";
import type { VirtualMachineInputs, VmDisk } from "../../schema/index.js";
import { seed } from "../../seed/index.js";
import type { DomainDocument } from "../../xml/index.js";

/** A disk of the VM with its volume, there on the host. */
export interface PlacedDisk {
  readonly path: string;
  readonly format: "qcow2" | "raw";
  /** Name of the volume. */
  readonly volume: string;
  /** Present for volumes that the VM owns: with what can be done to them. */
  readonly own?: { readonly pool: OpenPool; readonly ref: StorageVolRef; readonly wanted: Bytes | undefined };
  /** The volume was there before this run and may hold data. */
  readonly existed: boolean;
}

/** What tells a VM's volumes from all others: its UUID, and the disk's name. */
export function claimOf(uuid: string, disk: string): Claim {
  return { owner: uuid, key: `disks.${disk}` };
}

/**
 * Makes the volumes that are missing, or finds those that are there.
 * @param adopted document of an adopted VM, whose own disks stay what they are
 * @param known volume of each disk as the state has it, so that a renamed VM keeps its disks
 */
export async function placeDisks(host: ConnectedHost, inputs: VirtualMachineInputs, uuid: string, known: Readonly<Record<string, string>>, adopted?: DomainDocument): Promise<Map<string, PlacedDisk>> {
  const entries = Object.entries(inputs.disks ?? {});
  const placed = await Promise.all(entries.map(async ([name, disk]) => [name, adoptedDisk(adopted, name) ?? (await placeDisk(host, inputs, name, disk, uuid, known[name]))] as const));
  return new Map(placed);
}

/** A disk that an adopted VM came with: its file is what it was, and not ours to make, grow or delete. */
function adoptedDisk(adopted: DomainDocument | undefined, name: string): PlacedDisk | undefined {
  const device = adopted?.disks.find((each) => each.name === name);
  if (device?.path === undefined) return undefined;
  return { path: device.path, format: device.format === "raw" ? "raw" : "qcow2", volume: basename(device.path), existed: true };
}

async function placeDisk(host: ConnectedHost, inputs: VirtualMachineInputs, name: string, disk: VmDisk, uuid: string, known: string | undefined): Promise<PlacedDisk> {
  if (disk.disk !== undefined) return await attachedDisk(host, name, disk.disk);
  const pool = poolOf(name, disk);
  const open = await openPool(pool, addressIn(pool, host));
  const { image } = disk;
  const wanted = disk.size === undefined ? undefined : parseBytes(disk.size);
  const capacity = wanted ?? (image === undefined ? undefined : parseBytes(image.virtualSize));
  if (capacity === undefined) throw new DroverError({ attempted: `make disk ${name} of ${inputs.name ?? uuid}`, host: host.name, answer: "an empty disk needs a size", next: `give disks.${name}.size` });
  const volume = known ?? `${inputs.name ?? uuid}-${name}.${disk.format}`;
  const spec = { name: volume, format: disk.format, capacity,
    ...(image === undefined ? {} : { backing: { path: `${image.pool.path}/${image.volume}`, format: image.format } }) };
  const made = await ensureVolume(open, spec, { ...claimOf(uuid, name), recreate: disk.recreate });
  return { path: made.path, format: disk.format, volume, existed: made.existed, own: { pool: open, ref: made.volume, wanted } };
}

async function attachedDisk(host: ConnectedHost, name: string, disk: NonNullable<VmDisk["disk"]>): Promise<PlacedDisk> {
  const open = await openPool(disk.pool, addressIn(disk.pool, host));
  if ((await lookupVolumeAfresh(open, disk.volume)) === undefined) {
    throw new DroverError({ attempted: `attach disk ${name}`, host: host.name, answer: `volume ${disk.volume} is not in storage pool ${disk.pool.name}`, next: "run `pulumi refresh` and `pulumi up`: the Disk says what became of it" });
  }
  return { path: `${open.path}/${disk.volume}`, format: disk.format === "raw" ? "raw" : "qcow2", volume: disk.volume, existed: true };
}

/** @throws DroverError when a domain of any of the shared pool's hosts uses a disk that is to be attached */
export async function refuseUsedElsewhere(host: ConnectedHost, { pool, volume }: NonNullable<VmDisk["disk"]>, uuid: string): Promise<void> {
  const open = await openPool(pool, addressIn(pool, host));
  const user = await findUser(open, `${open.path}/${volume}`, uuid);
  if (user === undefined) return;
  throw new DroverError({ attempted: `attach ${open.path}/${volume}`, host: host.name, answer: `domain ${user.place.domain.name} on ${user.place.host.name} uses it`,
    next: "detach it there first: two guests that write one disk destroy it" });
}

/**
 * Grows the volumes that are smaller than declared.
 * @param live grows a disk in the running guest; absent when it does not run
 */
export async function growDisks(disks: ReadonlyMap<string, PlacedDisk>, live: ((name: string, size: Bytes) => Promise<void>) | undefined): Promise<void> {
  for (const [name, { own, volume, existed }] of disks) {
    if (own?.wanted === undefined || !existed) continue;
    const { capacity } = await own.pool.host.libvirt.storageVolGetInfo({ vol: own.ref });
    const now = bytes(Number(capacity));
    if (now > own.wanted) refuseShrink(`disk ${name} (volume ${volume})`, now, own.wanted);
    if (now === own.wanted) continue;
    if (live === undefined) await growVolume(own.pool, own.ref, own.wanted);
    else await live(name, own.wanted);
  }
}

export function seedClaim(uuid: string): Claim {
  return { owner: uuid, key: "seed" };
}

/** A VM's seed: its content, and a volume name that tells it. */
export function seedImage(inputs: VirtualMachineInputs, uuid: string): { readonly volume: string; readonly content: Buffer } | undefined {
  const { cloudInit } = inputs;
  if (cloudInit === undefined) return undefined;
  const content = seed({ instanceId: uuid, hostName: inputs.name ?? uuid, userData: asText("cloudInit.userData", cloudInit.userData),
    metaData: asObject("cloudInit.metaData", cloudInit.metaData), networkConfig: asText("cloudInit.networkConfig", cloudInit.networkConfig) });
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return { volume: `${inputs.name ?? uuid}-seed-${digest}.iso`, content };
}

/** The seed's volume, made where it is missing; `undefined` without cloud-init. */
export async function placeSeed(host: ConnectedHost, inputs: VirtualMachineInputs, uuid: string): Promise<PlacedDisk | undefined> {
  const image = seedImage(inputs, uuid);
  if (image === undefined) return undefined;
  const pool = seedPool(inputs);
  const open = await openPool(pool, addressIn(pool, host));
  const spec = { name: image.volume, format: "raw" as const, capacity: bytes(image.content.length) };
  const made = await ensureVolume(open, spec, { ...seedClaim(uuid), recreate: true }, async (ref) => {
    await host.libvirt.upload(ref, Readable.from([image.content]), { sparse: false });
  });
  return { path: made.path, format: "raw", volume: image.volume, existed: made.existed, own: { pool: open, ref: made.volume, wanted: undefined } };
}

/** Deletes a volume that the VM owns; one that is not its own, or gone, is left alone. */
export async function deleteOwnVolume(host: ConnectedHost, pool: PoolAddress, volume: string, claim: Claim): Promise<void> {
  const open = await openPool(pool, addressIn(pool, host));
  await lookupVolumeAfresh(open, sidecarOf(volume, claim));
  if ((await readVolumeState(open, volume, claim)) === undefined) return;
  await deleteVolume(open, volume, claim);
}

/** Whether a disk's volume is where it should be. */
export async function isPresent(host: ConnectedHost, pool: PoolAddress, volume: string): Promise<boolean> {
  const open = await openPool(pool, addressIn(pool, host));
  return (await lookupVolumeAfresh(open, volume)) !== undefined;
}

/** The pool that a disk's volume lies in. */
export function poolOf(name: string, disk: VmDisk): PoolAddress {
  const pool = disk.disk?.pool ?? disk.pool ?? disk.image?.pool;
  if (pool === undefined) throw new DroverError({ attempted: `place disk ${name}`, answer: "it has no pool", next: `give disks.${name}.pool or an image` });
  return pool;
}

/** Pools of all disks of a VM, and of its seed. */
export function poolsOf(inputs: VirtualMachineInputs): PoolAddress[] {
  const pools = Object.entries(inputs.disks ?? {}).map(([name, disk]) => poolOf(name, disk));
  return inputs.cloudInit?.pool === undefined ? pools : [...pools, inputs.cloudInit.pool];
}

export function seedPool(inputs: VirtualMachineInputs): PoolAddress {
  if (inputs.cloudInit?.pool !== undefined) return inputs.cloudInit.pool;
  const names = Object.keys(inputs.disks ?? {}).sort();
  const name = names.includes("root") ? "root" : names[0];
  const disk = name === undefined ? undefined : inputs.disks?.[name];
  if (name === undefined || disk === undefined) throw new DroverError({ attempted: `make the cloud-init seed of ${inputs.name ?? "the VM"}`, answer: "it has no disk whose pool could hold it", next: "give cloudInit.pool" });
  return poolOf(name, disk);
}

/** The pool's own word for a host: with it, the host's part of the pool is reached by the same connection. */
function addressIn(pool: PoolAddress, host: ConnectedHost): ConnectedHost["address"] {
  if (!pool.shared && !pool.hosts.some((each) => each.uri === host.address.uri)) {
    throw new DroverError({ attempted: `use storage pool ${pool.name}`, host: host.name, answer: `the pool is not on this host (it is on ${pool.hosts.map((each) => each.name).join(", ")})`, next: "declare the pool on this host too, or choose another host" });
  }
  return host.address;
}

function asText(property: string, value: unknown): object | string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || typeof value === "object") return value;
  throw new TypeError(`${property} is an object or text`);
}

function asObject(property: string, value: unknown): object | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object") return value;
  throw new TypeError(`${property} is an object`);
}
