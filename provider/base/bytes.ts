declare const bytesBrand: unique symbol;

/** A size in bytes: a whole number, not negative, up to 2^53 − 1. Make one with {@link parseBytes} or {@link bytes}. */
export type Bytes = number & { readonly [bytesBrand]: true };

const KIB = 1024;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KiB", KIB], ["MiB", KIB ** 2], ["GiB", KIB ** 3], ["TiB", KIB ** 4], ["PiB", KIB ** 5],
  ["KB", 1000], ["kB", 1000], ["MB", 1000 ** 2], ["GB", 1000 ** 3], ["TB", 1000 ** 4], ["PB", 1000 ** 5],
]);
const BINARY_UNITS = ["PiB", "TiB", "GiB", "MiB", "KiB", "B"] as const;

/** What a size may look like, as a regular expression for schemas. {@link parseBytes} is the judge. */
export const BYTES_PATTERN = "^[0-9]+(\\.[0-9]+)? ?(B|[KMGTP]iB|[kKMGTP]B)?$";

/**
 * A checked size from a number of bytes.
 * @throws RangeError when it is negative, not whole or too large to be exact.
 */
export function bytes(count: number): Bytes {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`a size is a whole number of bytes from 0 to 2^53 − 1, got ${String(count)}`);
  }
  return count as Bytes;
}

/**
 * Reads a size as people write it: `"4 GiB"` (1024³), `"20GB"` (1000³), `"512MiB"`, or a number of bytes.
 * @throws RangeError that says what was wrong: an unknown unit, a negative or a fractional number of bytes.
 * @example parseBytes("1.5 GiB") === 1610612736
 */
export function parseBytes(size: string | number): Bytes {
  if (typeof size === "number") return bytes(size);
  const match = /^\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*$/.exec(size);
  const [, digits, unit = ""] = match ?? [];
  if (digits === undefined) {
    throw new RangeError(`"${size}" is not a size: write a number and a unit, such as "4 GiB" or "20 GB"`);
  }
  const factor = unit === "" ? 1 : UNITS.get(unit);
  if (factor === undefined) {
    throw new RangeError(`"${size}" has the unknown unit "${unit}": units are ${suggestion(unit)}B, KiB, MiB, GiB, TiB, PiB (1024) and KB, MB, GB, TB, PB (1000)`);
  }
  const count = Number(digits) * factor;
  if (count < 0) throw new RangeError(`"${size}" is negative: a size is 0 or more`);
  if (!Number.isInteger(count)) throw new RangeError(`"${size}" is not a whole number of bytes`);
  return bytes(count);
}

/** Upper and lower case matter in a unit (b is a bit): the unit that was probably meant goes first. */
function suggestion(unit: string): string {
  const meant = [...UNITS.keys()].find((known) => known.toLowerCase() === unit.toLowerCase())
    ?? [...UNITS.keys()].find((known) => known.toLowerCase().startsWith(unit.toLowerCase()));
  return meant === undefined ? "" : `${meant} (did you mean that?), `;
}

/**
 * The one canonical text of a size, exact: the largest binary unit that divides it.
 * @example formatBytes(parseBytes("4096 MiB")) === "4 GiB"
 */
export function formatBytes(size: Bytes): string {
  for (const unit of BINARY_UNITS) {
    const factor = UNITS.get(unit) ?? 1;
    if (size % factor === 0 && (size > 0 || unit === "B")) return `${String(size / factor)} ${unit}`;
  }
  return `${String(size)} B`;
}
