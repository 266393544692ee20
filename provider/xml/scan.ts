import { XmlElement } from "./element.js";
import { parseXml } from "./parse.js";

/** One piece of markup with what it consists of; text lies between the pieces. Comments and processing instructions have no group. */
const MARKUP = /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>/y;
const ATTRIBUTE = /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;

/**
 * Reads a document that is only looked at, some fifty times as fast as {@link parseXml}: comments and the whitespace between
 * elements are not kept, so that it must not be written back. An inventory of thousands of domains would otherwise spend
 * its time here. What this does not understand goes to {@link parseXml}, which reads it or says what is wrong with it.
 *
 * @param rootName what the document has to be, such as `domain`
 * @throws DroverError when the text is not well-formed or another document
 */
export function scanXml(text: string, rootName?: string): XmlElement {
  const root = scan(text);
  return root === undefined || (rootName !== undefined && root.name !== rootName) ? parseXml(text, rootName) : root;
}

function scan(text: string): XmlElement | undefined {
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let at = 0;
  for (;;) {
    const next = text.indexOf("<", at);
    const between = text.slice(at, next < 0 ? text.length : next);
    if (!addText(open.at(-1), between)) return undefined;
    if (next < 0) break;
    MARKUP.lastIndex = next;
    const found = MARKUP.exec(text);
    if (found === null) return undefined;
    at = MARKUP.lastIndex;
    const [, cdata, closed, opened, attributes, empty] = found;
    if (cdata !== undefined) {
      const parent = open.at(-1);
      if (parent === undefined) return undefined;
      parent.nodes.push({ text: cdata });
    } else if (closed !== undefined) {
      if (open.pop()?.name !== closed) return undefined;
    } else if (opened !== undefined) {
      const made = new XmlElement(opened);
      if (!addAttributes(made, attributes ?? "")) return undefined;
      const parent = open.at(-1);
      if (parent !== undefined) parent.nodes.push(made);
      else if (root === undefined) root = made;
      else return undefined;
      if (empty === "") open.push(made);
    }
  }
  return open.length === 0 ? root : undefined;
}

/** Text that is not only whitespace belongs to an element; `false` where there is none, or it holds what is not known. */
function addText(parent: XmlElement | undefined, raw: string): boolean {
  if (raw.trim() === "") return true;
  const text = unescape(raw);
  if (parent === undefined || text === undefined) return false;
  parent.nodes.push({ text });
  return true;
}

function addAttributes(made: XmlElement, text: string): boolean {
  ATTRIBUTE.lastIndex = 0;
  let end = 0;
  for (let found = ATTRIBUTE.exec(text); found !== null; found = ATTRIBUTE.exec(text)) {
    const [, name = "", double, single] = found;
    const value = unescape((double ?? single ?? "").replace(/[\n\t\r]/g, " "));
    if (value === undefined || made.attributes.has(name)) return false;
    made.attributes.set(name, value);
    end = ATTRIBUTE.lastIndex;
  }
  return text.slice(end).trim() === "";
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
