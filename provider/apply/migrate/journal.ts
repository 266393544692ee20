import { randomUUID } from "node:crypto";
import { DroverError } from "../../base/error.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { DomainAffect, DomainMetadataType, DomainXMLFlags, type DomainRef } from "../../libvirt/index.js";
import { DomainDocument, formatMark, MARK_KEY, MARK_URI, parseCapabilities, type Json, type Mark } from "../../xml/index.js";

/** Where the journal stands among the mark's facts. */
const FACT = "move";

/** One end of a move: enough for a person, and for another machine, to know the host. No credentials. */
export interface MoveEnd {
  readonly name: string;
  readonly uri: string;
  /** What libvirt reports as the host's UUID. */
  readonly hostUuid: string;
}

/** What was begun: it stands in the domain's mark before it is begun, and goes where the domain goes. */
export interface MoveRecord {
  /** Of this try: a second one of the same run has another. */
  readonly id: string;
  readonly run: string;
  readonly from: MoveEnd;
  readonly to: MoveEnd;
  /** ISO 8601. */
  readonly begun: string;
  /** Somebody had paused the guest before: it stands still afterwards too. */
  readonly paused?: boolean;
}

/** The move that a domain's mark says was begun and not ended. */
export function moveOf(mark: Mark | undefined): MoveRecord | undefined {
  const fact = mark?.facts?.[FACT];
  if (!isObject(fact)) return undefined;
  const { id, run, begun, paused } = fact;
  const from = endOf(fact["from"]);
  const to = endOf(fact["to"]);
  if (typeof id !== "string" || typeof run !== "string" || typeof begun !== "string" || from === undefined || to === undefined) return undefined;
  return { id, run, from, to, begun, ...(paused === true ? { paused } : {}) };
}

export async function newRecord(run: string, from: ConnectedHost, to: ConnectedHost, nowMs: number, isPaused: boolean): Promise<MoveRecord> {
  const [source, target] = await Promise.all([endAt(from), endAt(to)]);
  return { id: randomUUID(), run, from: source, to: target, begun: new Date(nowMs).toISOString(), ...(isPaused ? { paused: true } : {}) };
}

/** Whom the journal speaks of, for an operator: `a move from ash to birch (run R, begun T)`. */
export function describe(record: MoveRecord): string {
  return `a move from ${record.from.name} to ${record.to.name} (run ${record.run}, begun ${record.begun})`;
}

/**
 * Writes the journal into the mark of the running guest and of its definition, or takes it out of both.
 * libvirt lets nobody do that while the guest moves.
 * @throws DroverError for a domain without our mark, unless there is nothing to take away
 */
export async function writeJournal(host: ConnectedHost, domain: DomainRef, record: MoveRecord | undefined): Promise<void> {
  const [{ active }, { persistent }] = await Promise.all([host.libvirt.domainIsActive({ dom: domain }), host.libvirt.domainIsPersistent({ dom: domain })]);
  const forms = [...active === 0 ? [] : [{ read: 0, affect: DomainAffect.LIVE }], ...persistent === 0 ? [] : [{ read: DomainXMLFlags.INACTIVE, affect: DomainAffect.CONFIG }]];
  for (const { read, affect } of forms) {
    const { mark } = DomainDocument.parse((await host.libvirt.domainGetXMLDesc({ dom: domain, flags: read })).xml);
    if (mark === undefined && record === undefined) continue;
    if (mark === undefined) {
      throw new DroverError({ attempted: `move ${domain.name}`, host: host.name, answer: "it carries no mark of Drover's", next: "declare it with adopt: true first; what is not ours is never moved" });
    }
    if (record === undefined && moveOf(mark) === undefined) continue;
    await host.libvirt.domainSetMetadata({ dom: domain, type: DomainMetadataType.ELEMENT, metadata: formatMark(withRecord(mark, record)), key: MARK_KEY, uri: MARK_URI, flags: affect });
  }
}

/**
 * Whether a running guest and its definition both still carry this record: another run may have taken it for that of a move that was cut
 * off, or begun a move at the same moment.
 * @param live the running guest's document
 */
export async function carries(host: ConnectedHost, domain: DomainRef, live: string, record: MoveRecord): Promise<boolean> {
  const { xml } = await host.libvirt.domainGetXMLDesc({ dom: domain, flags: DomainXMLFlags.INACTIVE });
  return [live, xml].every((text) => moveOf(DomainDocument.parse(text).mark)?.id === record.id);
}

function withRecord(mark: Mark, record: MoveRecord | undefined): Mark {
  const { [FACT]: _former, ...others } = mark.facts ?? {};
  return { ...mark, facts: record === undefined ? others : { ...others, [FACT]: { ...record, from: { ...record.from }, to: { ...record.to } } } };
}

const hostUuids = new WeakMap<ConnectedHost, Promise<string>>();

/** What libvirt says is the host's UUID, asked once in a process. */
export function hostUuidOf(host: ConnectedHost): Promise<string> {
  const known = hostUuids.get(host);
  if (known !== undefined) return known;
  const asking = host.libvirt.connectGetCapabilities().then(({ capabilities }) => parseCapabilities(capabilities).uuid);
  hostUuids.set(host, asking);
  asking.catch(() => { hostUuids.delete(host); });
  return asking;
}

async function endAt(host: ConnectedHost): Promise<MoveEnd> {
  return { name: host.name, uri: host.address.uri, hostUuid: await hostUuidOf(host) };
}

function endOf(value: Json | undefined): MoveEnd | undefined {
  if (!isObject(value)) return undefined;
  const { name, uri, hostUuid } = value;
  return typeof name === "string" && typeof uri === "string" && typeof hostUuid === "string" ? { name, uri, hostUuid } : undefined;
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
