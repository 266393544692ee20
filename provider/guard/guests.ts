import { randomBytes } from "node:crypto";
import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { DomainPausedReason, DomainState, DomainStats, DomainStatsFlags, DomainXMLFlags, ErrorCode, isLibvirtError, paramsToObject } from "../libvirt/index.js";
import { isActive } from "../inventory/domains.js";
import type { ConnectedHost } from "../inventory/hosts.js";
import type { Hold, RecordStore } from "../record/store.js";
import { DomainDocument } from "../xml/index.js";

/** A guest as it was last seen: what it takes to start it again elsewhere. */
export interface KnownGuest {
  readonly uuid: string;
  /** Name in the cluster. */
  readonly name: string;
  /** Where it was seen last. */
  readonly host: string;
  /** When it was seen so last: milliseconds since the epoch, by the clock of the guard that saw it. */
  readonly seenMs: number;
  /** It ran, or was paused. One that was off when its host was lost stays off. */
  readonly running: boolean;
  /** It was gone from its host, and nobody has seen it since: it was moved, or deleted. */
  readonly isMissing?: true;
  /** Its last definition, of a running guest that of its next start. */
  readonly definition: string;
  /** Whether the definition has the console's password and the like. */
  readonly isWhole: boolean;
}

/** A guest's state on one host at one moment. */
export interface Sighting {
  readonly uuid: string;
  /** Name of the domain. */
  readonly name: string;
  /** `DomainState` and its reason. */
  readonly state: number;
  readonly reason: number;
}

const PREFIX = "guests/";

/** A copy that waits for the memory of one that runs elsewhere: libvirt calls it paused. */
export function isIncoming({ state, reason }: Sighting): boolean {
  return state === DomainState.PAUSED && (reason === DomainPausedReason.MIGRATION || reason === DomainPausedReason.STARTING_UP);
}

/** What a host says of all its guests, in one call that waits for none of them. */
export async function sightings(host: ConnectedHost): Promise<Sighting[]> {
  const { retStats } = await host.libvirt.connectGetAllDomainStats({ doms: [], stats: DomainStats.STATE, flags: DomainStatsFlags.NOWAIT });
  return retStats.map(({ dom, params }) => {
    const { "state.state": state, "state.reason": reason } = paramsToObject(params);
    return { uuid: dom.uuid, name: dom.name, state: Number(state ?? DomainState.NOSTATE), reason: Number(reason ?? 0) };
  });
}

/**
 * The cluster's guests as they were last seen, kept in the record, so that another guard knows them too. A definition is
 * read again only where something about a guest changed.
 */
export class KnownGuests {
  readonly #store: RecordStore;
  readonly #leads: () => Hold | undefined;
  readonly #known = new Map<string, KnownGuest>();
  /** What of it the record may not have. */
  readonly #unwritten = new Set<string>();

  /** @param leads the lock of the leader, who alone writes; all others only remember */
  constructor(store: RecordStore, leads: () => Hold | undefined) {
    this.#store = store;
    this.#leads = leads;
  }

  /** What guards before this one knew, where that is newer. What cannot be read is told, and left out. @throws DroverError when the record does not answer */
  async load(warn: (text: string) => void): Promise<void> {
    for (const { key, value } of await this.#store.list(PREFIX)) {
      try {
        const guest = JSON.parse(value) as KnownGuest;
        if ((this.#known.get(guest.uuid)?.seenMs ?? Number.NEGATIVE_INFINITY) < guest.seenMs) this.#known.set(guest.uuid, guest);
      } catch (error) {
        warn(`what the record says of ${key} cannot be read: ${messageOf(error)}`);
      }
    }
  }

  get(uuid: string): KnownGuest | undefined {
    return this.#known.get(uuid);
  }

  all(): KnownGuest[] {
    return [...this.#known.values()];
  }

  /** Guests that were gone from their hosts, by so long ago, and were seen nowhere since. */
  missing(forMs: number): KnownGuest[] {
    return this.all().filter(({ isMissing, seenMs }) => isMissing === true && systemClock.nowMs() - seenMs >= forMs);
  }

  /** Guests that ran on a host when it was last seen. */
  runningOn(host: string): KnownGuest[] {
    return this.all().filter((guest) => guest.host === host && guest.running);
  }

  /**
   * Takes in what a host said. A guest that is active on one host is not looked for on another.
   * @param names name in the cluster, by UUID: guests that are none of it are passed over
   * @param fallen guests that stopped unasked: they stay known as running, for they are started again
   * @param reread also read definitions again that look unchanged
   */
  async learn(host: ConnectedHost, seen: readonly Sighting[], names: ReadonlyMap<string, string>, fallen: ReadonlyMap<string, unknown>, reread: boolean): Promise<void> {
    const seenMs = systemClock.nowMs();
    await Promise.all(seen.map(async (sighting) => {
      const { uuid, state } = sighting;
      const name = names.get(uuid);
      if (name === undefined || fallen.has(uuid)) return;
      const before = this.#known.get(uuid);
      // It runs at the source of its move until it runs here.
      if (before !== undefined && before.host !== host.name && isIncoming(sighting)) return;
      const running = isActive(state);
      // A leftover definition elsewhere says nothing of a guest that runs, or that was lost with its host.
      if (before !== undefined && before.host !== host.name && !running) return;
      if (!reread && before?.host === host.name && before.running === running && before.isWhole && before.isMissing !== true) {
        this.#known.set(uuid, { ...before, seenMs });
        return;
      }
      const definition = await definitionOn(host, uuid);
      if (definition === undefined) return;
      await this.put({ uuid, name, host: host.name, running, definition, isWhole: true, seenMs });
    }));
    const there = new Set(seen.map(({ uuid }) => uuid));
    // Deleted, or moved on: where it is now says another host, if that lives to be asked.
    await Promise.all(this.all().filter((guest) => guest.host === host.name && guest.running && !there.has(guest.uuid)).map((guest) => this.#vanish(guest)));
  }

  async put(guest: KnownGuest): Promise<void> {
    const before = this.#known.get(guest.uuid);
    this.#known.set(guest.uuid, guest);
    if (before === undefined || before.host !== guest.host || before.running !== guest.running || before.definition !== guest.definition) this.#unwritten.add(guest.uuid);
    await this.#write(guest);
  }

  /** Writes what this guard saw while it did not lead, or while the record did not answer. */
  async writeRest(): Promise<void> {
    for (const uuid of [...this.#unwritten]) {
      const guest = this.#known.get(uuid);
      if (guest !== undefined) await this.#write(guest);
    }
  }

  async #write(guest: KnownGuest): Promise<void> {
    const hold = this.#leads();
    if (hold === undefined || !this.#unwritten.has(guest.uuid)) return;
    const written = await this.#store.put(PREFIX + guest.uuid, recordText(this.#store, guest), { hold });
    if (written !== undefined) this.#unwritten.delete(guest.uuid);
  }

  async #vanish(guest: KnownGuest): Promise<void> {
    await this.put({ ...guest, running: false, isMissing: true, seenMs: systemClock.nowMs() });
  }
}

/** A guest as a record keeps it: a shared one is no place for passwords; see {@link startable}. */
export function recordText({ isShared }: RecordStore, guest: KnownGuest): string {
  return JSON.stringify(isShared ? withoutSecrets(guest) : guest);
}

function withoutSecrets(guest: KnownGuest): KnownGuest {
  return { ...guest, definition: guest.definition.replaceAll(/(<graphics\b[^>]*?) passwd=(?:"[^"]*"|'[^']*')/g, "$1"), isWhole: !/<graphics\b[^>]*? passwd=/.test(guest.definition) };
}

/** What to start a guest with. A console whose password nobody here knows gets one that nobody knows, until the next update: it is never open. */
export function startable({ definition, isWhole }: KnownGuest): string {
  if (isWhole) return definition;
  const document = DomainDocument.parse(definition);
  const { graphics } = document;
  // VNC knows eight characters.
  return graphics === undefined ? definition : document.apply({ graphics: { ...graphics, password: randomBytes(6).toString("base64url") } }).format();
}

async function definitionOn(host: ConnectedHost, uuid: string): Promise<string | undefined> {
  try {
    const { dom } = await host.libvirt.domainLookupByUUID({ uuid });
    return (await host.libvirt.domainGetXMLDesc({ dom, flags: DomainXMLFlags.INACTIVE | DomainXMLFlags.SECURE })).xml;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return undefined;
    throw error;
  }
}
