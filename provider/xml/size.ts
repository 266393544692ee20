import { bytes, type Bytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import type { XmlElement } from "./element.js";

/** libvirt's units (formatdomain, "Memory Allocation"): case does not matter, a single letter is binary. */
const POWERS = ["", "k", "m", "g", "t", "p", "e"];

/**
 * Reads `<memory unit='KiB'>1048576</memory>` and its like.
 * @param defaultUnit what libvirt assumes where no unit is written: `KiB` for a guest's memory, `bytes` for storage.
 */
export function readSize(item: XmlElement, defaultUnit: "KiB" | "bytes"): Bytes {
  const unit = (item.attr("unit") ?? defaultUnit).toLowerCase();
  const power = POWERS.indexOf(unit.replace(/^(?:b|bytes?)$/, "").replace(/i?b$/, ""));
  const base = /^[kmgtpe]b$/.test(unit) ? 1000 : 1024;
  const count = Number(item.text.trim());
  const size = count * base ** power;
  if (power < 0 || item.text.trim() === "" || !Number.isSafeInteger(size) || size < 0) {
    throw new DroverError({ attempted: `read the size <${item.name}>`, answer: `"${item.text.trim()}" of the unit "${unit}" is not a whole number of bytes below 2^53` });
  }
  return bytes(size);
}

/** Writes a size in KiB where that is exact, else in bytes. Leaves an equal size as it is written. */
export function writeSize(item: XmlElement, size: Bytes, defaultUnit: "KiB" | "bytes"): void {
  if (item.text.trim() !== "" && readSize(item, defaultUnit) === size) return;
  const isKib = defaultUnit === "KiB" && size % 1024 === 0;
  item.setAttr("unit", isKib ? "KiB" : "bytes").setText(String(isKib ? size / 1024 : size));
}

/** A whole number in an attribute or a text; `undefined` where there is none. */
export function readInteger(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? "";
  return /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}
