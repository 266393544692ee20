/**
 * Writes a small ISO 9660 image with one folder: just what a cloud-init seed needs (no npm package that fits was found).
 * The names come out as they are by Rock Ridge (Linux) and by Joliet (Windows, and kernels without Rock Ridge).
 * Nothing in it depends on clock or machine: the same files give the same bytes.
 * Layout after ECMA-119 (ISO 9660), SUSP 1.12 and RRIP 1.12 (Rock Ridge), and the Joliet specification.
 */
export interface IsoFile {
  /** Up to 64 characters of the basic plane, without `/ * : ; ? \`. */
  readonly name: string;
  readonly content: Buffer;
}

const SECTOR = 2048;
/** Sectors: 0–15 are left to the system, 16–18 hold the descriptors. */
const PATH_TABLES = 19;
const JOLIET_PATH_TABLES = 21;
const ROOT = 23;
const JOLIET_ROOT = 24;
const FIRST_FILE = 25;

/**
 * @param label name of the volume, up to 16 characters
 * @throws RangeError when the label or a name is too long, or there are more files than one sector lists
 */
export function isoImage(label: string, files: readonly IsoFile[]): Buffer {
  if (label.length > 16) throw new RangeError(`the label "${label}" is longer than 16 characters`);
  const sorted = [...files].sort((left, right) => (left.name < right.name ? -1 : 1));
  let next = FIRST_FILE;
  const placed = sorted.map((file): PlacedFile => {
    const sector = next;
    next += Math.ceil(file.content.length / SECTOR);
    return { ...file, sector };
  });
  const image = Buffer.alloc(next * SECTOR);
  const put = (sector: number, content: Buffer): void => {
    content.copy(image, sector * SECTOR);
  };
  put(16, volumeDescriptor(label, next, false));
  put(17, volumeDescriptor(label, next, true));
  put(18, Buffer.from("\xFFCD001\x01", "latin1"));
  for (const [at, root] of [[PATH_TABLES, ROOT], [JOLIET_PATH_TABLES, JOLIET_ROOT]] as const) {
    put(at, pathTable(root, false));
    put(at + 1, pathTable(root, true));
  }
  put(ROOT, folder(ROOT, rockRidgeRecords(placed)));
  put(JOLIET_ROOT, folder(JOLIET_ROOT, placed.map((file) => record(file.sector, file.content.length, utf16(checkName(file.name))))));
  for (const file of placed) put(file.sector, file.content);
  return image;
}

interface PlacedFile extends IsoFile {
  readonly sector: number;
}

/** ECMA-119 8.4 (primary) and 8.5 (supplementary: Joliet, by its escape sequence). */
function volumeDescriptor(label: string, sectors: number, isJoliet: boolean): Buffer {
  const descriptor = Buffer.alloc(SECTOR);
  const text = (offset: number, length: number, value: string): void => {
    const content = isJoliet ? utf16(value.padEnd(length / 2)) : Buffer.from(value.padEnd(length), "latin1");
    content.copy(descriptor, offset, 0, length);
  };
  descriptor.write(isJoliet ? "\x02CD001\x01" : "\x01CD001\x01", 0, "latin1");
  text(8, 32, "");
  text(40, 32, label);
  bothEndian32(sectors).copy(descriptor, 80);
  if (isJoliet) descriptor.write("%/E", 88, "latin1");
  bothEndian16(1).copy(descriptor, 120);
  bothEndian16(1).copy(descriptor, 124);
  bothEndian16(SECTOR).copy(descriptor, 128);
  bothEndian32(PATH_TABLE_BYTES).copy(descriptor, 132);
  const tables = isJoliet ? JOLIET_PATH_TABLES : PATH_TABLES;
  descriptor.writeUInt32LE(tables, 140);
  descriptor.writeUInt32BE(tables + 1, 148);
  record(isJoliet ? JOLIET_ROOT : ROOT, SECTOR, Buffer.from([0]), { isFolder: true }).copy(descriptor, 156);
  // Set, publisher, preparer, application, and three files' names: all blank.
  text(190, 512, "");
  text(702, 111, "");
  // Four dates: not specified (8.4.26.1).
  for (let date = 0; date < 4; date++) descriptor.write("0000000000000000\0", 813 + date * 17, "latin1");
  descriptor[881] = 1;
  return descriptor;
}

const PATH_TABLE_BYTES = 10;

/** ECMA-119 9.4: the root folder alone. */
function pathTable(root: number, isBigEndian: boolean): Buffer {
  const table = Buffer.alloc(PATH_TABLE_BYTES);
  table[0] = 1;
  if (isBigEndian) table.writeUInt32BE(root, 2);
  else table.writeUInt32LE(root, 2);
  if (isBigEndian) table.writeUInt16BE(1, 6);
  else table.writeUInt16LE(1, 6);
  return table;
}

function folder(sector: number, records: readonly Buffer[]): Buffer {
  const isRockRidge = sector === ROOT;
  const attributes = posixAttributes(true);
  const itself = record(sector, SECTOR, Buffer.from([0]), { isFolder: true, system: isRockRidge ? [SHARING_PROTOCOL, attributes, EXTENSION] : [] });
  const parent = record(sector, SECTOR, Buffer.from([1]), { isFolder: true, system: isRockRidge ? [attributes] : [] });
  const content = Buffer.concat([itself, parent, ...records]);
  if (content.length > SECTOR) throw new RangeError("there are more files than one sector lists");
  return content;
}

/** Plain ISO 9660 knows names such as `USER_DAT.;1` only; the real ones stand behind them. */
function rockRidgeRecords(files: readonly PlacedFile[]): Buffer[] {
  return files
    .map((file, index) => {
      const plain = `${file.name.toUpperCase().replace(/[^A-Z0-9]/g, "_").slice(0, 6)}${String(index).padStart(2, "0")}.;1`;
      const name = Buffer.from(file.name, "utf8");
      const alternate = Buffer.concat([Buffer.from("NM", "latin1"), Buffer.from([5 + name.length, 1, 0]), name]);
      return { plain, record: record(file.sector, file.content.length, Buffer.from(plain, "latin1"), { system: [posixAttributes(false), alternate] }) };
    })
    .sort((left, right) => (left.plain < right.plain ? -1 : 1))
    .map((entry) => entry.record);
}

/** ECMA-119 9.1, with what Rock Ridge adds in its system use part. Dated 1 January 1970, midnight. */
function record(sector: number, bytes: number, name: Buffer, options: { readonly isFolder?: boolean; readonly system?: readonly Buffer[] } = {}): Buffer {
  const nameEnd = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const system = Buffer.concat(options.system ?? []);
  const made = Buffer.alloc(nameEnd + system.length + (system.length % 2));
  if (made.length > 255) throw new RangeError("a file's name is too long");
  made[0] = made.length;
  bothEndian32(sector).copy(made, 2);
  bothEndian32(bytes).copy(made, 10);
  made.set([70, 1, 1], 18);
  made[25] = options.isFolder === true ? 2 : 0;
  bothEndian16(1).copy(made, 28);
  made[32] = name.length;
  name.copy(made, 33);
  system.copy(made, nameEnd);
  return made;
}

/** SUSP 5.3 `SP`: this image uses the system use parts. */
const SHARING_PROTOCOL = Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]);
/** SUSP 5.5 `ER`: they are Rock Ridge's. */
const EXTENSION = Buffer.concat([Buffer.from([0x45, 0x52, 18, 1, 10, 0, 0, 1]), Buffer.from("RRIP_1991A", "latin1")]);

/** RRIP 4.1.1 `PX`: read-only for everyone, owned by root. */
function posixAttributes(isFolder: boolean): Buffer {
  const mode = isFolder ? 0o040555 : 0o100444;
  const links = isFolder ? 2 : 1;
  return Buffer.concat([Buffer.from([0x50, 0x58, 36, 1]), ...[mode, links, 0, 0].map(bothEndian32)]);
}

function checkName(name: string): string {
  if (!/^[^/*:;?\\\u{10000}-\u{10FFFF}]{1,64}$/u.test(name)) throw new RangeError(`"${name}" is no name for a file of an ISO 9660 image`);
  return name;
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

function bothEndian16(value: number): Buffer {
  const made = Buffer.alloc(4);
  made.writeUInt16LE(value, 0);
  made.writeUInt16BE(value, 2);
  return made;
}

function bothEndian32(value: number): Buffer {
  const made = Buffer.alloc(8);
  made.writeUInt32LE(value, 0);
  made.writeUInt32BE(value, 4);
  return made;
}
