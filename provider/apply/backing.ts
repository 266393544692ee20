import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { hostsOfMarker, readPoolMarker } from "../inventory/pool-marker.js";
import { refreshPool, type OpenPool } from "../inventory/pools.js";
import { isSidecar } from "../inventory/volume-mark.js";
import { ErrorCode, isLibvirtError, ListStoragePoolsFlags, type StoragePoolRef, type StorageVolRef } from "../libvirt/index.js";
import { VolumeDocument } from "../xml/index.js";

/**
 * Names of the volumes that rest on this volume as their backing file: in any active pool of any host that the pool is
 * on, for a layer on a host's own disk can rest on an image that all share.
 * @throws DroverError when one of these hosts does not answer: what it holds is not known then
 */
export async function backedBy(pool: OpenPool, name: string): Promise<string[]> {
  await refreshPool(pool);
  const marker = await readPoolMarker(pool);
  const addresses = marker === undefined ? [] : hostsOfMarker(marker, pool.host.address);
  const hosts = new Set([pool.host, ...addresses.map((address) => hostAt(address))]);
  const path = `${pool.path}/${name}`;
  return [...new Set((await Promise.all([...hosts].map((host) => layersOn(host, path)))).flat())];
}

async function layersOn(host: ConnectedHost, path: string): Promise<string[]> {
  const { pools } = await host.libvirt.connectListAllStoragePools({ needResults: 1, flags: ListStoragePoolsFlags.ACTIVE });
  const volumes = (await Promise.all(pools.map((pool) => volumesIn(host, pool)))).flat();
  const layers = await Promise.all(volumes.filter(({ name }) => !isSidecar(name)).map((volume) => restsOn(host, volume, path)));
  return layers.filter((layer) => layer !== undefined);
}

/** None of a pool that was stopped, or removed, since it was listed: others may be at work on the host, and such a pool is none of those that are active. */
async function volumesIn(host: ConnectedHost, pool: StoragePoolRef): Promise<StorageVolRef[]> {
  try {
    return (await host.libvirt.storagePoolListAllVolumes({ pool, needResults: 1, flags: 0 })).vols;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_STORAGE_POOL, ErrorCode.OPERATION_INVALID)) return [];
    throw error;
  }
}

async function restsOn(host: ConnectedHost, volume: StorageVolRef, path: string): Promise<string | undefined> {
  try {
    const document = VolumeDocument.parse((await host.libvirt.storageVolGetXMLDesc({ vol: volume, flags: 0 })).xml);
    return document.backing?.path === path ? `${volume.pool}/${volume.name}` : undefined;
  } catch (error) {
    // Deleted since it was listed, or its pool was, or that was stopped.
    if (isLibvirtError(error, ErrorCode.NO_STORAGE_VOL, ErrorCode.NO_STORAGE_POOL, ErrorCode.OPERATION_INVALID)) return undefined;
    throw error;
  }
}
