import { DroverError } from "../base/error.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import { retry } from "../base/retry.js";
import { ErrorCode, isLibvirtError, LibvirtError, type StoragePoolRef } from "../libvirt/index.js";
import { hostAt, type ConnectedHost, type HostAddress } from "./hosts.js";
import { readPoolMarker } from "./pool-marker.js";

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
const uploads = new Map<string, Set<Promise<unknown>>>();
const opened = new Map<string, Promise<OpenPool>>();

/**
 * The pool on one host. Once in a process it is verified that it is active and that its marker can be read, for
 * a file system that is not mounted looks like an empty pool.
 * @throws DroverError when the pool is not there, not active, or its marker is missing.
 */
export function openPool(pool: PoolAddress, address: HostAddress): Promise<OpenPool> {
  const host = hostAt(address);
  const key = JSON.stringify([host.name, host.address.uri, pool.uuid]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const opening = verifyPool(pool, host);
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

async function verifyPool(pool: PoolAddress, host: ConnectedHost): Promise<OpenPool> {
  const handle = await lookupPool(pool.uuid, host);
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
  const marker = await readPoolMarker(open);
  if (marker === undefined) {
    throw new DroverError({ attempted: `use storage pool ${pool.name}`, host: host.name,
      answer: `its marker is not in ${pool.path}: the file system is probably not mounted`,
      next: `mount it on ${host.name}, then run again; nothing was made in the empty folder` });
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

/** Runs `task` while nothing else in this process changes the pool on this host. */
export function withPool<T>(pool: OpenPool, task: () => Promise<T>): Promise<T> {
  return locks.run(keyOf(pool), () => retry(task, { when: isBusy }));
}

/** Runs a long upload: other volumes may be made meanwhile, but the pool is not refreshed. */
export async function duringUpload<T>(pool: OpenPool, upload: () => Promise<T>): Promise<T> {
  const key = JSON.stringify(keyOf(pool));
  const running = uploads.get(key) ?? new Set();
  uploads.set(key, running);
  // A refresh that is under way holds the mutex; once we hold it, the next refresh waits for us.
  const work = await locks.run(keyOf(pool), () => {
    const started = upload();
    running.add(started);
    return Promise.resolve({ started });
  });
  try {
    return await work.started;
  } finally {
    running.delete(work.started);
  }
}

/** Lets libvirt read the pool's folder again, once no upload runs. */
export async function refreshPool(pool: OpenPool): Promise<void> {
  await locks.run(keyOf(pool), async () => {
    await Promise.allSettled([...(uploads.get(JSON.stringify(keyOf(pool))) ?? [])]);
    await retry(() => pool.host.libvirt.storagePoolRefresh({ pool: pool.handle, flags: 0 }), { when: isBusy, retries: 20 });
  });
}

/** libvirt refuses to refresh or stop a pool while a volume is built in it, and says so only in words. */
function isBusy(error: Error): boolean {
  return error instanceof LibvirtError && error.answer.includes("asynchronous jobs running");
}

function keyOf(pool: OpenPool): readonly string[] {
  return [pool.host.name, pool.host.address.uri, pool.handle.uuid];
}
