import { XmlElement } from "./element.js";
import { parseXml } from "./parse.js";

/**
 * Reads a document that is only looked at, many times as fast as {@link parseXml}: comments and the whitespace between
 * elements are not kept, so that it must not be written back. An inventory of thousands of domains would otherwise spend
 * its time here. What this does not understand goes to {@link parseXml}, which reads it or says what is wrong with it.
 *
 * @param rootName what the document has to be, such as `domain`
 * @throws DroverError when the text is another document, or so malformed that this notices (libvirt's never are)
 */
export function scanXml(text: string, rootName?: string): XmlElement {
  const root = scan(text);
  return root === undefined || (rootName !== undefined && root.name !== rootName) ? parseXml(text, rootName) : root;
}

/** Character by character where it matters: a regular expression for tags takes five times as long. `undefined`: not understood. */
function scan(text: string): XmlElement | undefined {
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let at = 0;
  for (;;) {
    const start = text.indexOf("<", at);
    const parent = open.at(-1);
    if (!addText(parent, text.slice(at, start < 0 ? text.length : start))) return undefined;
    if (start < 0) return open.length === 0 ? root : undefined;
    const mark = text[start + 1];
    if (mark === "/") {
      const end = text.indexOf(">", start);
      if (end < 0 || open.pop()?.name !== text.slice(start + 2, end).trimEnd()) return undefined;
      at = end + 1;
    } else if (mark === "!" || mark === "?") {
      const end = skip(text, start, parent);
      if (end === undefined) return undefined;
      at = end;
    } else {
      const tag = readTag(text, start + 1);
      if (tag === undefined) return undefined;
      if (parent !== undefined) parent.nodes.push(tag.made);
      else if (root === undefined) root = tag.made;
      else return undefined;
      if (!tag.isEmpty) open.push(tag.made);
      at = tag.end;
    }
  }
}

/** Where a comment, a processing instruction or a CDATA section ends; the text of the last is the parent's. */
function skip(text: string, start: number, parent: XmlElement | undefined): number | undefined {
  const [opening, closing] = text.startsWith("<!--", start) ? ["<!--", "-->"] : text.startsWith("<?", start) ? ["<?", "?>"] : ["<![CDATA[", "]]>"];
  const end = text.startsWith(opening, start) ? text.indexOf(closing, start + opening.length) : -1;
  if (end < 0) return undefined;
  if (closing === "]]>") {
    if (parent === undefined) return undefined;
    parent.nodes.push({ text: text.slice(start + opening.length, end) });
  }
  return end + closing.length;
}

/** An element with its attributes, from behind its `<` to behind its `>`. */
function readTag(text: string, start: number): { readonly made: XmlElement; readonly isEmpty: boolean; readonly end: number } | undefined {
  let at = endOfName(text, start);
  if (at === start) return undefined;
  const made = new XmlElement(text.slice(start, at));
  for (;;) {
    const next = skipBlanks(text, at);
    if (text[next] === ">") return { made, isEmpty: false, end: next + 1 };
    if (text[next] === "/") return text[next + 1] === ">" ? { made, isEmpty: true, end: next + 2 } : undefined;
    const endOfKey = endOfName(text, next);
    const equals = skipBlanks(text, endOfKey);
    const opening = skipBlanks(text, equals + 1);
    const quote = text[opening];
    // Attributes are apart from each other and from the name, and a key is not empty.
    if (next === at || endOfKey === next || text[equals] !== "=" || (quote !== "'" && quote !== '"')) return undefined;
    const closing = text.indexOf(quote, opening + 1);
    const value = closing < 0 ? undefined : readValue(text.slice(opening + 1, closing));
    const key = text.slice(next, endOfKey);
    if (value === undefined || made.attributes.has(key)) return undefined;
    made.attributes.set(key, value);
    at = closing + 1;
  }
}

/** In a value each blank is a space, and a `<` has no place. */
function readValue(raw: string): string | undefined {
  if (raw.includes("<")) return undefined;
  return unescape(/[\n\t\r]/.test(raw) ? raw.replace(/[\n\t\r]/g, " ") : raw);
}

/** Behind the characters that are no blank and none of `/>='"<`. */
function endOfName(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 47 || code === 62 || code === 61 || code === 39 || code === 34 || code === 60) break;
  }
  return at;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Text that is not only whitespace belongs to an element; `false` where there is none, or it holds what is not known. */
function addText(parent: XmlElement | undefined, raw: string): boolean {
  if (raw.trim() === "") return true;
  const text = unescape(raw);
  if (parent === undefined || text === undefined) return false;
  parent.nodes.push({ text });
  return true;
}

const NAMED: ReadonlyMap<string, string> = new Map([["lt", "<"], ["gt", ">"], ["amp", "&"], ["quot", '"'], ["apos", "'"]]);

/** `undefined` for an entity that XML does not know by itself, and for characters that are better left to the parser. */
function unescape(text: string): string | undefined {
  if (!text.includes("&")) return text;
  if (/&(?!(?:#x[0-9a-fA-F]{1,5}|#\d{1,6}|lt|gt|amp|quot|apos);)/.test(text)) return undefined;
  return text.replace(/&(?:#x([^;]+)|#([^;]+)|([^;]+));/g, (reference, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name) ?? reference;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
