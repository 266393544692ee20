import { LibvirtError, type LibvirtCalls } from "../../../provider/libvirt/index.js";
import { formatXml, parseXml } from "../../../provider/xml/index.js";

/** VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE: all of the definition. */
const DEFINITION = 1 | 2;
/** VIR_DOMAIN_UNDEFINE_NVRAM | _MANAGED_SAVE. */
const UNDEFINE = 4 | 1;

/** Defines a document and gives libvirt's dump of it; `undefined` when libvirt refuses the document. Leaves nothing. */
export type Define = (xml: string) => Promise<string | undefined>;

export function domainDefiner(conn: LibvirtCalls): Define {
  return async (xml) => {
    const made = await unlessRefused(conn.domainDefineXMLFlags({ xml, flags: 0 }));
    if (made === undefined) return undefined;
    const dump = await conn.domainGetXMLDesc({ dom: made.dom, flags: DEFINITION });
    await conn.domainUndefineFlags({ dom: made.dom, flags: UNDEFINE });
    return dump.xml;
  };
}

export function networkDefiner(conn: LibvirtCalls): Define {
  return async (xml) => {
    const made = await unlessRefused(conn.networkDefineXML({ xml }));
    if (made === undefined) return undefined;
    const dump = await conn.networkGetXMLDesc({ net: made.net, flags: 1 });
    await conn.networkUndefine({ net: made.net });
    return dump.xml;
  };
}

export function poolDefiner(conn: LibvirtCalls): Define {
  return async (xml) => {
    const made = await unlessRefused(conn.storagePoolDefineXML({ xml, flags: 0 }));
    if (made === undefined) return undefined;
    const dump = await conn.storagePoolGetXMLDesc({ pool: made.pool, flags: 0 });
    await conn.storagePoolUndefine({ pool: made.pool });
    return dump.xml;
  };
}

/** Makes volumes in a pool that runs; their times are not compared. */
export function volumeDefiner(conn: LibvirtCalls, poolName: string): Define {
  return async (xml) => {
    const { pool } = await conn.storagePoolLookupByName({ name: poolName });
    const made = await unlessRefused(conn.storageVolCreateXML({ pool, xml, flags: 0 }));
    if (made === undefined) return undefined;
    const dump = await conn.storageVolGetXMLDesc({ vol: made.vol, flags: 0 });
    await conn.storageVolDelete({ vol: made.vol, flags: 0 });
    return dump.xml.replace(/<timestamps>[^]*<\/timestamps>/, "");
  };
}

async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}

/** The dumps of the original and of what we write from what we read; `undefined` when libvirt refuses the original. */
export async function roundTrip(define: Define, original: string): Promise<{ readonly expected: string; readonly actual: string | undefined } | undefined> {
  const expected = await define(original);
  if (expected === undefined) return undefined;
  const actual = await define(formatXml(parseXml(original)));
  return { expected: mask(expected, original), actual: actual === undefined ? undefined : mask(actual, original) };
}

/** libvirt makes up the UUIDs and MAC addresses that a document does not give. */
function mask(dump: string, original: string): string {
  const known = original.toLowerCase();
  const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;
  const mac = /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g;
  return [uuid, mac].reduce((text, pattern) => text.replace(pattern, (value) => (known.includes(value) ? value : "made up")), dump);
}

/** The lines of `after` and `before` that are not in the other, without indentation. */
export function changedLines(before: string, after: string): { readonly gone: string[]; readonly come: string[] } {
  const left = before.split("\n").map((line) => line.trim());
  const right = after.split("\n").map((line) => line.trim());
  return { gone: without(left, right), come: without(right, left) };
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}
