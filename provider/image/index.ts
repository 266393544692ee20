import { bytes, type Bytes } from "../base/bytes.js";

/** How much of a file's beginning {@link probeImage} wants to see (a CD's signature lies at 32 KiB). */
export const PROBE_BYTES = 36 * 1024;

/** What a file is, told by its content and never by its name. */
export type ImageProbe =
  | { readonly kind: "image"; readonly format: "qcow2" | "raw"; readonly virtualSize: Bytes }
  /** `reason` ends the sentence "… can not be used as an image: ". */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Recognizes a disk image by its first bytes.
 * Refused is what is no disk image, and a qcow2 image that would make QEMU open another file or ask for a key: an image
 * from elsewhere that names a backing or data file reads whatever file of the host it names.
 *
 * @param head the first {@link PROBE_BYTES} of the file, or all of a shorter one
 * @param fileSize size of the whole file
 */
export function probeImage(head: Buffer, fileSize: Bytes): ImageProbe {
  if (fileSize === 0) return refused("it is empty");
  if (startsWith(head, 0, "QFI\xFB")) return probeQcow2(head, fileSize);
  const other = OTHER_FORMATS.find(([offset, magic]) => startsWith(head, offset, magic));
  if (other !== undefined) return refused(other[2]);
  if (looksLikeText(head)) return refused(describeText(head));
  if (fileSize % 512 !== 0) {
    return refused(`it is of no known format, and its ${String(fileSize)} bytes are not a whole number of 512-byte sectors as a raw image has; was it cut off?`);
  }
  return { kind: "image", format: "raw", virtualSize: fileSize };
}

/** QEMU's docs/interop/qcow2: all numbers are big-endian. */
function probeQcow2(head: Buffer, fileSize: Bytes): ImageProbe {
  if (head.length < 72) return refused("it is a qcow2 image that was cut off in its header");
  const version = head.readUInt32BE(4);
  const clusterBits = head.readUInt32BE(20);
  const size = head.readBigUInt64BE(24);
  if (version !== 2 && version !== 3) return refused(`it is a qcow2 image of version ${String(version)}; versions 2 and 3 are known`);
  if (clusterBits < 9 || clusterBits > 21 || size > BigInt(Number.MAX_SAFE_INTEGER)) return refused("it is a qcow2 image with a damaged header");
  if (fileSize < 2 ** clusterBits) return refused("it is a qcow2 image that was cut off");
  if (head.readBigUInt64BE(8) !== 0n) {
    return refused("it is a qcow2 layer on a backing file, which is not part of it; flatten it with: qemu-img convert -O qcow2 LAYER IMAGE");
  }
  if (head.readUInt32BE(32) !== 0) return refused("it is an encrypted qcow2 image");
  if (version === 3) {
    if (head.length < 104) return refused("it is a qcow2 image that was cut off in its header");
    const incompatible = head.readBigUInt64BE(72);
    if ((incompatible & 4n) !== 0n) return refused("it is a qcow2 image whose data is in another file; make one file of it with: qemu-img convert -O qcow2 IMAGE NEW");
    if ((incompatible & 2n) !== 0n) return refused("it is a qcow2 image that is marked as corrupt; try: qemu-img check -r all IMAGE");
    if (incompatible >> 5n !== 0n) return refused("it is a qcow2 image with features that are not known");
  }
  return { kind: "image", format: "qcow2", virtualSize: bytes(Number(size)) };
}

const UNPACK = "unpack it first";
const CONVERT = "convert it with: qemu-img convert -O qcow2 IMAGE NEW";

/** Offset, signature, and what it is. */
const OTHER_FORMATS: readonly (readonly [number, string, string])[] = [
  [0, "\x1F\x8B", `it is compressed with gzip; ${UNPACK}`],
  [0, "\xFD7zXZ\0", `it is compressed with xz; ${UNPACK}`],
  [0, "\x28\xB5\x2F\xFD", `it is compressed with zstd; ${UNPACK}`],
  [0, "BZh", `it is compressed with bzip2; ${UNPACK}`],
  [0, "\x04\x22\x4D\x18", `it is compressed with lz4; ${UNPACK}`],
  [0, "7z\xBC\xAF\x27\x1C", `it is a 7z archive; ${UNPACK}`],
  [0, "PK\x03\x04", `it is a zip archive; ${UNPACK}`],
  [257, "ustar", `it is a tar archive (an OVA is one); ${UNPACK}`],
  [0, "KDMV", `it is a VMDK image; ${CONVERT}`],
  [0, "COWD", `it is a VMDK image; ${CONVERT}`],
  [0, "# Disk DescriptorFile", "it is the description of a VMDK image, whose data is in other files"],
  [64, "\x7F\x10\xDA\xBE", `it is a VDI image; ${CONVERT}`],
  [0, "conectix", `it is a VHD image; ${CONVERT}`],
  [0, "vhdxfile", `it is a VHDX image; ${CONVERT}`],
  [0, "QED\0", `it is a QED image; ${CONVERT}`],
  [0, "WithoutFreeSpace", `it is a Parallels image; ${CONVERT}`],
  [0, "WithouFreSpacExt", `it is a Parallels image; ${CONVERT}`],
  [0, "LUKS\xBA\xBE", "it is encrypted with LUKS"],
  [0, "\x7FELF", "it is a program or a kernel (ELF)"],
  [0, "%PDF", "it is a PDF document"],
];

/** Text has no control characters but white space; a disk that begins with text only does not exist. */
function looksLikeText(head: Buffer): boolean {
  const start = head.subarray(0, 512);
  return start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d)) && !start.includes(0x7f);
}

function describeText(head: Buffer): string {
  const start = head.subarray(0, 512).toString("utf8").trimStart().toLowerCase();
  if (/^(?:<!doctype html|<html|<head)/.test(start)) return "it is a web page (HTML); the address is probably that of a page about the image";
  if (start.startsWith("<?xml") || start.startsWith("<")) return "it is XML";
  return "it is text";
}

/** A signature is written one character a byte. */
function startsWith(head: Buffer, offset: number, magic: string): boolean {
  return head.subarray(offset, offset + magic.length).equals(Buffer.from(magic, "latin1"));
}

function refused(reason: string): ImageProbe {
  return { kind: "refused", reason };
}
