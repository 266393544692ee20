import { refreshPool, type OpenPool } from "../inventory/pools.js";
import { ListStoragePoolsFlags } from "../libvirt/index.js";
import { VolumeDocument } from "../xml/index.js";

/** Names of the volumes on the pool's host, in any of its active pools, that rest on this volume as their backing file. */
export async function backedBy(pool: OpenPool, name: string): Promise<string[]> {
  const path = `${pool.path}/${name}`;
  const { libvirt } = pool.host;
  await refreshPool(pool);
  const { pools } = await libvirt.connectListAllStoragePools({ needResults: 1, flags: ListStoragePoolsFlags.ACTIVE });
  const users: string[] = [];
  for (const each of pools) {
    const { vols } = await libvirt.storagePoolListAllVolumes({ pool: each, needResults: 1, flags: 0 });
    const documents = await Promise.all(vols.map(async (vol) => VolumeDocument.parse((await libvirt.storageVolGetXMLDesc({ vol, flags: 0 })).xml)));
    users.push(...documents.filter((document) => document.backing?.path === path).map((document) => `${each.name}/${document.name}`));
  }
  return users;
}
