import { undefineLeftover, undefineMoved } from "../../apply/leftover.js";
import { bytes, formatBytes } from "../../base/bytes.js";
import { systemClock } from "../../base/clock.js";
import { DroverError } from "../../base/error.js";
import { isActive, lookupDomain, stateOf, type DomainPlace } from "../../inventory/domains.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { DomainDefineFlags, DomainMetadataType, DomainAffect, DomainState, DomainUndefineFlags, DomainXMLFlags, ErrorCode, isLibvirtError, type DomainRef } from "../../libvirt/index.js";
import { DomainDocument, formatMark, MARK_KEY, MARK_URI, type Mark } from "../../xml/index.js";

/** Everything that belongs to a definition and leaves with it. */
const UNDEFINE_ALL = DomainUndefineFlags.MANAGED_SAVE | DomainUndefineFlags.SNAPSHOTS_METADATA | DomainUndefineFlags.CHECKPOINTS_METADATA | DomainUndefineFlags.NVRAM | DomainUndefineFlags.TPM;

/** Our mark for a VM; an adopted one is released and not deleted. */
export function markOf(owner: string, key: string, adopted: boolean): Mark {
  return { owner, urn: key, version: 1, ...(adopted ? { facts: { adopted: true } } : {}) };
}

export function isAdopted(mark: Mark | undefined): boolean {
  return mark?.facts?.["adopted"] === true;
}

/** A domain where it is, with its definition: read once, and again only after it was changed. */
export interface DefinedDomain extends DomainPlace {
  readonly definition: DomainDocument;
}

/** A domain with its definition as libvirt has it now. */
export async function withDefinition(place: DomainPlace): Promise<DefinedDomain> {
  return { ...place, definition: await definitionOf(place) };
}

/** The definition as libvirt has it, with the secrets that writing it back needs. */
export async function definitionOf(place: Omit<DomainPlace, "state">): Promise<DomainDocument> {
  const { xml } = await place.host.libvirt.domainGetXMLDesc({ dom: place.domain, flags: DomainXMLFlags.INACTIVE | DomainXMLFlags.SECURE });
  return DomainDocument.parse(xml);
}

/** Shapes of documents that each host's schema has accepted in this process. */
const accepted = new WeakMap<ConnectedHost, Set<string>>();

/**
 * Defines a domain, and reads what libvirt made of it. The host's own schema refuses what it does not know; libvirtd reads the
 * whole schema for each document that it validates (some 6 ms), so one that differs from an accepted one in names and numbers
 * alone is not validated again.
 */
export async function define(host: ConnectedHost, document: DomainDocument): Promise<DefinedDomain> {
  const xml = document.format();
  const shapes = accepted.get(host) ?? new Set();
  accepted.set(host, shapes);
  const shape = shapeOf(xml, document);
  const { dom } = await host.libvirt.domainDefineXMLFlags({ xml, flags: shapes.has(shape) ? 0 : DomainDefineFlags.VALIDATE });
  shapes.add(shape);
  const [state, definition] = await Promise.all([stateOf(host, dom), definitionOf({ host, domain: dom })]);
  return { host, domain: dom, state, definition };
}

/** A document without its name, UUID, MAC addresses and numbers. */
function shapeOf(xml: string, { name, uuid }: DomainDocument): string {
  return xml.replaceAll(uuid, "").replaceAll(name, "").replaceAll(/[0-9a-f]{2}(?::[0-9a-f]{2}){5}/gi, "").replaceAll(/[0-9]+/g, "0");
}

/** Removes a definition that does not run, with all that belongs to it. */
export async function undefine(place: DomainPlace): Promise<void> {
  await place.host.libvirt.domainUndefineFlags({ dom: place.domain, flags: UNDEFINE_ALL });
}

/** In a mark's facts: since when the guest is being deleted, milliseconds since the epoch. */
const DELETING = "deletingMs";
/** A deletion that takes longer was broken off. */
const MOST_DELETING_MS = 15 * 60_000;

/** Notes on the domain itself that it is being deleted, so that no guard takes its end for a failure. */
export async function markDeleting(place: DomainPlace, mark: Mark): Promise<void> {
  const metadata = formatMark({ ...mark, facts: { ...mark.facts, [DELETING]: systemClock.nowMs() } });
  const flags = isActive(place.state) ? DomainAffect.LIVE | DomainAffect.CONFIG : DomainAffect.CONFIG;
  await place.host.libvirt.domainSetMetadata({ dom: place.domain, type: DomainMetadataType.ELEMENT, metadata, key: MARK_KEY, uri: MARK_URI, flags });
}

/** Whether somebody is deleting the domain with this mark. */
export function isBeingDeleted(mark: Mark | undefined): boolean {
  const sinceMs = mark?.facts?.[DELETING];
  return typeof sinceMs === "number" && Math.abs(systemClock.nowMs() - sinceMs) < MOST_DELETING_MS;
}

/** Lets a domain go: our mark leaves, everything else stays. */
export async function release(place: DomainPlace): Promise<void> {
  const flags = isActive(place.state) ? DomainAffect.LIVE | DomainAffect.CONFIG : DomainAffect.CONFIG;
  await place.host.libvirt.domainSetMetadata({ dom: place.domain, type: DomainMetadataType.ELEMENT, metadata: null, key: MARK_KEY, uri: MARK_URI, flags });
}

/**
 * Definitions of a VM that it left behind on other hosts are removed, when they do not run and carry our mark.
 * @param isEnd the VM is deleted. Else libvirt keeps one with a managed save where the VM does not run elsewhere: it may be the VM's last state.
 */
export async function removeLeftovers(places: readonly DomainPlace[], kept: DomainPlace, { isEnd = false } = {}): Promise<void> {
  const remove = isEnd || isActive(kept.state) ? undefineLeftover : undefineMoved;
  for (const place of places) {
    if (place.host === kept.host || isActive(place.state)) continue;
    if ((await definitionOf(place)).mark !== undefined) await remove(place);
  }
}

/** @throws DroverError when another domain of the host has the name */
export async function refuseTakenName(host: ConnectedHost, name: string, uuid: string): Promise<void> {
  const other = await lookupDomain(host, { name });
  if (other === undefined || other.uuid === uuid) return;
  const { mark } = await definitionOf({ host, domain: other });
  const whose = mark === undefined ? "that Drover did not make" : `of another stack (owner ${mark.owner}, ${mark.urn})`;
  throw new DroverError({ attempted: `make VM ${name}`, host: host.name, answer: `there is a domain of that name ${whose} (UUID ${other.uuid})`,
    next: `give this one another \`name\`${mark === undefined ? ", or say adopt: true to take it over" : ""}` });
}

/** @throws DroverError when another domain of the host has one of the MAC addresses or uses one of the files */
export async function refuseTakenDevices(host: ConnectedHost, uuid: string, macs: readonly string[], paths: readonly string[]): Promise<void> {
  if (macs.length === 0 && paths.length === 0) return;
  const { domains } = await host.libvirt.connectListAllDomains({ needResults: 1, flags: 0 });
  await Promise.all(domains.filter((domain) => domain.uuid !== uuid).map(async (domain) => {
    const xml = await documentOf(host, domain);
    if (xml === undefined || !mayMention(xml, [...macs, ...paths])) return;
    const document = DomainDocument.parse(xml);
    const mac = document.nics.find((nic) => macs.includes(nic.mac.toLowerCase()))?.mac;
    if (mac !== undefined) throw new DroverError({ attempted: `use MAC address ${mac}`, host: host.name, answer: `domain ${domain.name} has it`, next: "give another `mac`, or none to have one derived" });
    const path = document.disks.find((disk) => disk.path !== undefined && paths.includes(disk.path) && !disk.readOnly)?.path;
    if (path !== undefined) throw new DroverError({ attempted: `attach ${path}`, host: host.name, answer: `domain ${domain.name} uses it`, next: "detach it there first: two guests that write one disk destroy it" });
  }));
}

/** A domain's document as text; `undefined` when it was removed since it was listed. */
async function documentOf(host: ConnectedHost, domain: DomainRef): Promise<string | undefined> {
  try {
    return (await host.libvirt.domainGetXMLDesc({ dom: domain, flags: 0 })).xml;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return undefined;
    throw error;
  }
}

/** Spares parsing what cannot matter: with hundreds of domains that takes far longer than reading them. */
function mayMention(xml: string, texts: readonly string[]): boolean {
  const lower = xml.toLowerCase();
  return texts.some((text) => !/^[\w:./-]+$/.test(text) || lower.includes(text.toLowerCase()));
}

/** `running`, `shutoff`, … */
export function stateName(state: number): string {
  return (Object.entries(DomainState).find(([, value]) => value === state)?.[0] ?? String(state)).toLowerCase();
}

/** A size of a document as canonical text. */
export function sizeText(size: number): string {
  return formatBytes(bytes(size));
}
