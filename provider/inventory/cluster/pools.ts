import { DroverError } from "../../base/error.js";
import { ErrorCode, LibvirtError, ListStoragePoolsFlags, type StoragePoolRef } from "../../libvirt/index.js";
import { scanXml, type XmlElement } from "../../xml/index.js";
import type { ConnectedHost } from "../hosts.js";
import { readPoolMarker, type PoolMarker } from "../pool-marker.js";
import { byName, unlessGone } from "./listing.js";
import type { PoolInventory } from "./model.js";

/** A host's active pools. */
export async function readPools(host: ConnectedHost): Promise<PoolInventory[]> {
  const { pools } = await host.libvirt.connectListAllStoragePools({ needResults: 1, flags: ListStoragePoolsFlags.ACTIVE });
  const described = await Promise.all(pools.map((pool) => readPool(host, pool)));
  return described.filter((pool) => pool !== undefined).sort(byName);
}

async function readPool(host: ConnectedHost, handle: StoragePoolRef): Promise<PoolInventory | undefined> {
  const root = await unlessGone(async () => scanXml((await host.libvirt.storagePoolGetXMLDesc({ pool: handle, flags: 0 })).xml, "pool"), ErrorCode.NO_STORAGE_POOL);
  if (root === undefined) return undefined;
  const type = root.attr("type") ?? "";
  const path = root.find("target", "path")?.text;
  const isFolder = type === "dir" || type === "fs" || type === "netfs";
  const marker = isFolder && path !== undefined ? await markerOf(host, handle, path) : undefined;
  return { name: handle.name, uuid: handle.uuid, type, path, markerUuid: marker?.uuid, sharedStorage: sharedStorage(root, marker) };
}

/** See {@link PoolInventory.sharedStorage}. */
export function sharedStorage(pool: XmlElement, marker: Pick<PoolMarker, "uuid" | "hosts"> | undefined): string | undefined {
  const isShared = marker !== undefined && Object.keys(marker.hosts).length > 1;
  return isShared ? `pool ${marker.uuid}` : networkSource(pool.attr("type") ?? "", pool);
}

/** A marker that cannot be read (somebody else's file of that name, a pool just stopped) proves nothing. */
async function markerOf(host: ConnectedHost, handle: StoragePoolRef, path: string): Promise<PoolMarker | undefined> {
  try {
    return await readPoolMarker({ host, name: handle.name, path, handle });
  } catch (error) {
    if (error instanceof LibvirtError || (error instanceof DroverError && (error.cause instanceof TypeError || error.cause instanceof SyntaxError))) return undefined;
    throw error;
  }
}

/** Where a pool's data comes from by the network: the same words on two hosts, the same storage. */
function networkSource(type: string, root: XmlElement): string | undefined {
  if (!["netfs", "gluster", "rbd", "iscsi", "iscsi-direct"].includes(type)) return undefined;
  const source = root.child("source");
  const hosts = source?.children("host").map((host) => [host.attr("name"), host.attr("port")].filter((part) => part !== undefined).join(":")).sort() ?? [];
  const place = [source?.child("dir")?.attr("path"), source?.child("device")?.attr("path"), source?.child("name")?.text].filter((part) => part !== undefined);
  return [type, hosts.join(","), ...place].join(" ");
}
