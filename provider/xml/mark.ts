import { element, localName, type XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { scanXml } from "./scan.js";

/** Namespace of our mark in a domain's metadata: the `uri` of libvirt's metadata calls. */
export const MARK_URI = "urn:drover:1";
/** Its prefix: the `key` of libvirt's metadata calls. */
export const MARK_KEY = "drover";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Whose a domain is. It goes where the domain goes, and is read without the program. Never a secret. */
export interface Mark {
  /** Owner id of the stack's host. */
  readonly owner: string;
  /** The resource's key: its URN without stack and project, as the program calls it. */
  readonly urn: string;
  /** Version of the mark's own form. */
  readonly version: number;
  /** Small facts by key, such as a journal entry. */
  readonly facts?: Readonly<Record<string, Json>>;
}

/** The mark's element on its own, as libvirt's metadata calls take and give it: libvirt declares the namespace, and refuses one that is declared. */
export function formatMark(mark: Mark): string {
  const bare = markElement(mark, "").setAttr(`xmlns:${MARK_KEY}`, undefined);
  return formatXml(bare);
}

/** Reads what libvirt's metadata call gave; `undefined` when it is no mark of ours. */
export function parseMark(text: string): Mark | undefined {
  return readMarkElement(scanXml(text));
}

/** The mark in a document with `<metadata>`. The namespace tells it, whatever its prefix. */
export function readMark(root: XmlElement): Mark | undefined {
  const found = findMark(root);
  return found === undefined ? undefined : readMarkElement(found);
}

/** Writes the mark into the document's `<metadata>`, or takes it away. What others keep there stays. */
export function writeMark(root: XmlElement, mark: Mark | undefined): void {
  const old = findMark(root);
  if (old !== undefined && mark !== undefined) {
    if (JSON.stringify(readMarkElement(old)) === JSON.stringify(ordered(mark))) return;
    root.ensure("metadata").replace(old, markElement(mark));
  } else if (old !== undefined) {
    const metadata = root.ensure("metadata").remove(old);
    if (metadata.children().length === 0) root.remove(metadata);
  } else if (mark !== undefined) {
    root.ensure("metadata").append(markElement(mark));
  }
}

/** `root` is asked too: a prefix may be declared there. */
function findMark(root: XmlElement): XmlElement | undefined {
  const metadata = root.child("metadata");
  return metadata?.children().find((child) => {
    const prefix = child.name.includes(":") ? `:${child.name.slice(0, child.name.indexOf(":"))}` : "";
    const declared = [child, metadata, root].map((scope) => scope.attr(`xmlns${prefix}`)).find((uri) => uri !== undefined);
    return declared === MARK_URI;
  });
}

function markElement(mark: Mark, prefix = `${MARK_KEY}:`): XmlElement {
  const { owner, urn, version, facts } = ordered(mark);
  return element(`${prefix}vm`, { [`xmlns:${MARK_KEY}`]: MARK_URI, owner, urn, version },
    facts === undefined ? [] : [element(`${prefix}facts`, {}, JSON.stringify(facts))]);
}

function readMarkElement(found: XmlElement): Mark | undefined {
  const owner = found.attr("owner");
  const urn = found.attr("urn");
  const version = Number(found.attr("version"));
  if (localName(found.name) !== "vm" || owner === undefined || urn === undefined || !Number.isInteger(version)) return undefined;
  const facts = readFacts(found.children().find((child) => localName(child.name) === "facts")?.text);
  return { owner, urn, version, ...(facts === undefined ? {} : { facts }) };
}

function readFacts(text: string | undefined): Record<string, Json> | undefined {
  if (text === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Somebody wrote into our mark by hand. Owner and URN still stand; facts are only helpful.
    return undefined;
  }
  return isJsonObject(parsed) ? parsed : undefined;
}

/** Is this an object that JSON.parse made? */
export function isJsonObject(value: unknown): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ordered({ owner, urn, version, facts }: Mark): Mark {
  return { owner, urn, version, ...(facts === undefined || Object.keys(facts).length === 0 ? {} : { facts }) };
}
