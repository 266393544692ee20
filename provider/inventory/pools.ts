import { DroverError } from "../base/error.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import { retry } from "../base/retry.js";
import { ErrorCode, isLibvirtError, LibvirtError, type StoragePoolRef } from "../libvirt/index.js";
import { hostAt, type ConnectedHost, type HostAddress } from "./hosts.js";
import { PoolGate } from "./pool-gate.js";
import { isPartOf, readPoolMarker } from "./pool-marker.js";

/** What a resource knows of a pool that it rests on. */
export interface PoolAddress {
  readonly name: string;
  readonly uuid: string;
  readonly owner: string;
  readonly path: string;
  readonly shared: boolean;
  readonly hosts: readonly HostAddress[];
}

/** A pool on one host, known to be there, active, and ours. */
export interface OpenPool {
  readonly host: ConnectedHost;
  readonly name: string;
  readonly path: string;
  readonly handle: StoragePoolRef;
}

const locks = new KeyedMutex();
const gates = new Map<string, PoolGate>();
const opened = new Map<string, Promise<OpenPool>>();
const listings = new Map<string, Promise<readonly string[]>>();

/**
 * The pool on one host. Once in a process it is verified that it is active and that its marker can be read, for
 * a file system that is not mounted looks like an empty pool. libvirt reads the folder anew then, for it knows nothing
 * of what was made through another host, nor of a file system that was unmounted since.
 * @throws DroverError when the pool is not there, not active, its marker is missing or another pool's.
 */
export function openPool(pool: PoolAddress, address: HostAddress): Promise<OpenPool> {
  const host = hostAt(address);
  const key = JSON.stringify([host.name, host.address.uri, pool.uuid]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const opening = verifyPool(pool, host, address);
  opened.set(key, opening);
  opening.catch(() => { opened.delete(key); });
  return opening;
}

/**
 * The pool through any of its hosts, for work that is done once in a shared pool: the first host that answers.
 * @throws DroverError that tells what each host answered.
 */
export async function openSharedPool(pool: PoolAddress): Promise<OpenPool> {
  const answers: string[] = [];
  for (const address of pool.hosts) {
    try {
      return await openPool(pool, address);
    } catch (error) {
      if (!(error instanceof DroverError)) throw error;
      answers.push(`${address.name}: ${error.answer}`);
    }
  }
  throw new DroverError({ attempted: `reach storage pool ${pool.name} through any of its hosts`, answer: answers.join("; "),
    next: "bring one of these hosts back and run again" });
}

/** Forgets what was verified, for tests and for a pool that was just changed. */
export function forgetOpenPools(): void {
  opened.clear();
}

async function verifyPool(pool: PoolAddress, host: ConnectedHost, address: HostAddress): Promise<OpenPool> {
  // Each host has a UUID of its own for a pool that was adopted; such a part is known by its name and by our entry in its marker.
  const byUuid = await lookupPool(pool.uuid, host);
  const handle = byUuid ?? (await lookupPoolByName(pool.name, host));
  if (handle === undefined) {
    throw new DroverError({ attempted: `use storage pool ${pool.name}`, host: host.name, answer: `libvirt knows no pool with UUID ${pool.uuid}`,
      next: "run `pulumi refresh` and `pulumi up`: the StoragePool is made again, its data is not touched" });
  }
  const { active } = await host.libvirt.storagePoolIsActive({ pool: handle });
  if (active !== 1) {
    throw new DroverError({ attempted: `use storage pool ${pool.name}`, host: host.name, answer: "the pool is not active",
      next: `run \`pulumi refresh\` and \`pulumi up\`, or \`virsh pool-start ${pool.name}\` on the host` });
  }
  const open: OpenPool = { host, name: pool.name, path: pool.path, handle };
  await refreshPool(open);
  const marker = await readPoolMarker(open);
  if (marker === undefined) {
    throw new DroverError({ attempted: `use storage pool ${pool.name}`, host: host.name,
      answer: `its marker is not in ${pool.path}: the file system is probably not mounted`,
      next: `mount it on ${host.name}, then run again; nothing was made in the empty folder` });
  }
  // The connection is shared by all stacks: its own address tells nothing of the owner.
  const isMeant = byUuid === undefined ? isPartOf(marker, address) : marker.uuid === pool.uuid || marker.uuid === handle.uuid;
  if (!isMeant) {
    throw new DroverError({ attempted: `use storage pool ${pool.name}`, host: host.name,
      answer: `the marker in ${pool.path} is another pool's (UUID ${marker.uuid}, not ${pool.uuid})`,
      next: `mount the right file system at ${pool.path} on ${host.name}, then run again` });
  }
  return open;
}

/** A pool by UUID; `undefined` where the host has none. */
export async function lookupPool(uuid: string, host: ConnectedHost): Promise<StoragePoolRef | undefined> {
  try {
    return (await host.libvirt.storagePoolLookupByUUID({ uuid })).pool;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_STORAGE_POOL)) return undefined;
    throw error;
  }
}

/** A pool by name; `undefined` where the host has none. */
export async function lookupPoolByName(name: string, host: ConnectedHost): Promise<StoragePoolRef | undefined> {
  try {
    return (await host.libvirt.storagePoolLookupByName({ name })).pool;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_STORAGE_POOL)) return undefined;
    throw error;
  }
}

/** Runs a task on one volume: side by side with those on others, one after another on the same, and never during a refresh. */
export function withVolume<T>(pool: OpenPool, volume: string, task: () => Promise<T>): Promise<T> {
  return locks.run([pool.handle.uuid, volume], () => gateOf(pool).work(() => retry(task, { when: isBusy })));
}

/** Lets libvirt read the pool's folder again, once nothing works on its volumes. */
export async function refreshPool(pool: OpenPool): Promise<void> {
  await gateOf(pool).alone(() => retry(() => pool.host.libvirt.storagePoolRefresh({ pool: pool.handle, flags: 0 }), { when: isBusy, retries: 20 }));
  listings.delete(keyOf(pool));
}

/**
 * Names of the pool's volumes: as they are, or as they were when this process last asked or refreshed the pool, for a list
 * for each new disk would make time grow with the square of their number.
 */
export function volumeNames(pool: OpenPool, { fresh }: { readonly fresh: boolean }): Promise<readonly string[]> {
  const key = keyOf(pool);
  const known = fresh ? undefined : listings.get(key);
  if (known !== undefined) return known;
  const listing = pool.host.libvirt.storagePoolListAllVolumes({ pool: pool.handle, needResults: 1, flags: 0 }).then(({ vols }) => vols.map(({ name }) => name));
  listings.set(key, listing);
  listing.catch(() => { listings.delete(key); });
  return listing;
}

function gateOf(pool: OpenPool): PoolGate {
  const key = keyOf(pool);
  const gate = gates.get(key) ?? new PoolGate();
  gates.set(key, gate);
  return gate;
}

function keyOf(pool: OpenPool): string {
  return JSON.stringify([pool.host.name, pool.host.address.uri, pool.handle.uuid]);
}

/** libvirt refuses to refresh or stop a pool while a volume is built in it, and says so only in words. */
function isBusy(error: Error): boolean {
  return error instanceof LibvirtError && error.answer.includes("asynchronous jobs running");
}
