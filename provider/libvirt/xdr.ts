import { XdrError } from "./errors.js";

const INITIAL_BYTES = 4096;
const PADDING = Buffer.alloc(3);

/**
 * Writes XDR (RFC 4506) into one growing buffer.
 * Whole numbers of 64 bits are bigints, for libvirt fills them: CPU times in nanoseconds and "unlimited" exceed 2^53.
 * Every method throws {@link XdrError} when its value does not fit the type.
 */
export class XdrWriter {
  #buffer: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  int(value: number): void {
    if (value !== (value | 0)) throw new XdrError(`${value} is not a whole number of 32 bits`);
    this.#room(4);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
  }

  uint(value: number): void {
    if (value !== value >>> 0) throw new XdrError(`${value} is not a whole number of 32 bits without sign`);
    this.#room(4);
    this.#length = this.#buffer.writeUInt32BE(value, this.#length);
  }

  hyper(value: bigint): void {
    if (value !== BigInt.asIntN(64, value)) throw new XdrError(`${String(value)} is not a whole number of 64 bits`);
    this.#room(8);
    this.#length = this.#buffer.writeBigInt64BE(value, this.#length);
  }

  uhyper(value: bigint): void {
    if (value !== BigInt.asUintN(64, value)) throw new XdrError(`${String(value)} is not a whole number of 64 bits without sign`);
    this.#room(8);
    this.#length = this.#buffer.writeBigUInt64BE(value, this.#length);
  }

  double(value: number): void {
    this.#room(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  string(value: string, maxBytes: number): void {
    const bytes = Buffer.byteLength(value);
    this.count(bytes, maxBytes);
    this.#room(bytes + 3);
    this.#buffer.write(value, this.#length);
    this.#length += bytes;
    this.#pad(bytes);
  }

  opaque(value: Uint8Array, maxBytes: number): void {
    this.count(value.length, maxBytes);
    this.bytes(value);
    this.#pad(value.length);
  }

  /** Bytes as they are, without a count or padding. */
  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A UUID in its canonical text form, as 16 bytes. */
  uuid(value: string): void {
    const hex = value.replaceAll("-", "");
    if (!/^[0-9a-fA-F]{32}$/.test(hex)) throw new XdrError(`"${value}" is not a UUID`);
    this.#room(16);
    this.#buffer.write(hex, this.#length, "hex");
    this.#length += 16;
  }

  /** A C array of `size` characters, each sent as a whole word, that ends with a NUL where there is room. */
  chars(value: string, size: number): void {
    const bytes = Buffer.from(value, "latin1");
    if (bytes.length > size) throw new XdrError(`"${value}" has more than ${size} characters`);
    for (let index = 0; index < size; index += 1) this.int(bytes[index] ?? 0);
  }

  /** The number of items that follow. */
  count(value: number, max: number): void {
    if (value > max) throw new XdrError(`${value} is more than the ${max} that the protocol allows`);
    this.uint(value);
  }

  /** Whether an optional value follows. */
  present<T>(value: T | null): value is T {
    this.uint(value === null ? 0 : 1);
    return value !== null;
  }

  /** Overwrites a word written before. */
  patchUint(value: number, at: number): void {
    this.#buffer.writeUInt32BE(value, at);
  }

  /** Forgets what was written after `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** What was written; the writer starts again with another buffer. */
  take(): Buffer {
    const written = this.#buffer.subarray(0, this.#length);
    // The rest of the buffer serves the next frames; what was handed out is never written again.
    this.#buffer = this.#buffer.length - this.#length >= INITIAL_BYTES / 4 ? this.#buffer.subarray(this.#length) : Buffer.allocUnsafe(INITIAL_BYTES * 4);
    this.#length = 0;
    return written;
  }

  #pad(bytes: number): void {
    const missing = (4 - (bytes & 3)) & 3;
    if (missing > 0) this.bytes(PADDING.subarray(0, missing));
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Reads XDR out of a part of a buffer. Every method throws {@link XdrError} when the bytes are not of its type. */
export class XdrReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #at: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  int(): number {
    return this.#buffer.readInt32BE(this.#advance(4));
  }

  uint(): number {
    return this.#buffer.readUInt32BE(this.#advance(4));
  }

  hyper(): bigint {
    return this.#buffer.readBigInt64BE(this.#advance(8));
  }

  uhyper(): bigint {
    return this.#buffer.readBigUInt64BE(this.#advance(8));
  }

  double(): number {
    return this.#buffer.readDoubleBE(this.#advance(8));
  }

  string(maxBytes: number): string {
    const bytes = this.#count(maxBytes);
    const at = this.#advance((bytes + 3) & ~3);
    return this.#buffer.toString("utf8", at, at + bytes);
  }

  opaque(maxBytes: number): Uint8Array {
    const bytes = this.#count(maxBytes);
    const at = this.#advance((bytes + 3) & ~3);
    // A copy, so that a small cookie does not keep a whole received chunk alive.
    return new Uint8Array(this.#buffer.subarray(at, at + bytes));
  }

  uuid(): string {
    const at = this.#advance(16);
    const hex = this.#buffer.toString("hex", at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  chars(size: number): string {
    const codes = Array.from({ length: size }, () => this.int() & 0xff);
    const end = codes.indexOf(0);
    return String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end)));
  }

  present(): boolean {
    const word = this.uint();
    if (word > 1) throw new XdrError(`a mark of presence is 0 or 1, got ${word}`);
    return word === 1;
  }

  /** A list of at most `max` items of at least `smallestBytes` each. */
  list<T>(max: number, smallestBytes: number, item: (reader: XdrReader) => T): T[] {
    const count = this.uint();
    if (count > max) throw new XdrError(`a list of ${count} items is longer than the ${max} that the protocol allows`);
    if (count * smallestBytes > this.#end - this.#at) throw new XdrError(`a list of ${count} items does not fit its frame`);
    const items = new Array<T>(count);
    for (let index = 0; index < count; index += 1) items[index] = item(this);
    return items;
  }

  /** Throws when bytes are left over. */
  end(): void {
    if (this.#at !== this.#end) throw new XdrError(`${this.#end - this.#at} bytes are left over`);
  }

  #count(max: number): number {
    const count = this.uint();
    if (count > max) throw new XdrError(`${count} bytes are more than the ${max} that the protocol allows`);
    return count;
  }

  #advance(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#end - at) throw new XdrError(`the frame ends ${bytes - (this.#end - at)} bytes too early`);
    this.#at = at + bytes;
    return at;
  }
}
