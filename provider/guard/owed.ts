import { fields } from "../record/content.js";
import type { Hold, RecordStore } from "../record/store.js";
import { recordText, type KnownGuest } from "./guests.js";

const PREFIX = "owed/";

/** Guests whose start is owed though their state does not show it, as of one that was killed to be started anew: only the record knows why. */
export class OwedStarts {
  readonly #store: RecordStore;
  readonly #uuids = new Set<string>();

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** What leaders before this one owe. @param unread is told of what no guard wrote */
  async load(unread: (text: string) => void): Promise<KnownGuest[]> {
    const guests: KnownGuest[] = [];
    for (const { key, value } of await this.#store.list(PREFIX)) {
      const guest = parseOwed(value);
      if (guest === undefined) {
        unread(`that a guest is owed a start cannot be read: ${key} is passed over`);
        continue;
      }
      this.#uuids.add(guest.uuid);
      guests.push(guest);
    }
    return guests;
  }

  has(uuid: string): boolean {
    return this.#uuids.has(uuid);
  }

  async add(guest: KnownGuest, hold: Hold): Promise<void> {
    await this.#store.put(PREFIX + guest.uuid, recordText(this.#store, guest), { hold });
    this.#uuids.add(guest.uuid);
  }

  /** Forgets those that run now. @param isFallen whether a guest is still off */
  async forgetPaid(isFallen: (uuid: string) => boolean, leader: () => Hold | undefined): Promise<void> {
    for (const uuid of [...this.#uuids].filter((each) => !isFallen(each))) {
      const hold = leader();
      if (hold === undefined) return;
      await this.#store.delete(PREFIX + uuid, { hold });
      this.#uuids.delete(uuid);
    }
  }
}

/** `undefined` for what no guard wrote. */
function parseOwed(text: string): KnownGuest | undefined {
  const { uuid, name, host, seenMs, running, definition, isWhole } = fields(text);
  if (typeof uuid !== "string" || typeof name !== "string" || typeof host !== "string" || typeof seenMs !== "number" || typeof running !== "boolean" || typeof definition !== "string" || typeof isWhole !== "boolean") return undefined;
  return { uuid, name, host, seenMs, running, definition, isWhole };
}
