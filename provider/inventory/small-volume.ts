import { Readable } from "node:stream";
import { bytes, type Bytes } from "../base/bytes.js";
import { ErrorCode, isLibvirtError, type StorageVolRef } from "../libvirt/index.js";
import { VolumeDocument } from "../xml/index.js";
import { refreshPool, type OpenPool } from "./pools.js";

/** What a small volume holds: one block for a sidecar (written whole or not at all, as far as a file system can promise), 64 KiB for a pool's marker. */
export type SmallVolumeSize = 4096 | 65536;
const MOST_BYTES = 65536;

/** A volume by name; `undefined` where the pool has none as libvirt knows it. */
export async function lookupVolume(pool: OpenPool, name: string): Promise<StorageVolRef | undefined> {
  try {
    return (await pool.host.libvirt.storageVolLookupByName({ pool: pool.handle, name })).vol;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_STORAGE_VOL)) return undefined;
    throw error;
  }
}

/** A volume by name, looking again at what is really in the folder when libvirt does not know it: another host may have made it. */
export async function lookupVolumeAfresh(pool: OpenPool, name: string): Promise<StorageVolRef | undefined> {
  const known = await lookupVolume(pool, name);
  if (known !== undefined && (await hasFile(pool, known))) return known;
  await refreshPool(pool);
  return await lookupVolume(pool, name);
}

/** Whether a volume that libvirt lists is still there: its file is looked at when its size is asked for. */
export async function hasFile(pool: OpenPool, volume: StorageVolRef): Promise<boolean> {
  try {
    await pool.host.libvirt.storageVolGetInfo({ vol: volume });
    return true;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.SYSTEM_ERROR, ErrorCode.NO_STORAGE_VOL)) return false;
    throw error;
  }
}

/**
 * The text of a small volume: `""` when it was never written, `undefined` when there is none. A volume that libvirt still
 * lists and whose file cannot be opened (the file system was unmounted) is none.
 */
export async function readSmallVolume(pool: OpenPool, name: string): Promise<string | undefined> {
  const volume = await lookupVolume(pool, name);
  if (volume === undefined) return undefined;
  const pieces: Buffer[] = [];
  try {
    for await (const piece of pool.host.libvirt.download(volume, { lengthBytes: MOST_BYTES })) {
      if ("data" in piece) pieces.push(Buffer.from(piece.data));
    }
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.SYSTEM_ERROR, ErrorCode.NO_STORAGE_VOL)) return undefined;
    throw error;
  }
  return Buffer.concat(pieces).toString("utf8").replace(/\0+$/, "").trimEnd();
}

/** Writes a small volume whole, making it where it is missing. */
export async function writeSmallVolume(pool: OpenPool, name: string, text: string, size: SmallVolumeSize): Promise<void> {
  const content = Buffer.alloc(size, " ");
  if (content.write(text, "utf8") < Buffer.byteLength(text)) {
    throw new RangeError(`${name} takes ${size} bytes of text, got ${Buffer.byteLength(text)}`);
  }
  const volume = (await lookupVolume(pool, name)) ?? (await createSmallVolume(pool, name, bytes(size)));
  await pool.host.libvirt.upload(volume, Readable.from([content]), { sparse: false });
}

async function createSmallVolume(pool: OpenPool, name: string, size: Bytes): Promise<StorageVolRef> {
  const xml = VolumeDocument.create({ name, format: "raw", capacity: size }).format();
  return (await pool.host.libvirt.storageVolCreateXML({ pool: pool.handle, xml, flags: 0 })).vol;
}
