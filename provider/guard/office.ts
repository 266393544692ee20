import { messageOf } from "../base/error.js";
import type { Hold, RecordStore } from "../record/store.js";
import type { Tell } from "./events.js";

/** What leading needs of the guard that watches. */
export interface OfficeOptions {
  readonly id: string;
  readonly store: RecordStore;
  readonly leaseSeconds: number;
  readonly tell: Tell;
  /** Learns what leaders before this one knew and began. */
  readonly prepare: () => Promise<void>;
  /** Whether the record has answered of late: one that does not is not waited for. */
  readonly hasRecord: () => boolean;
  readonly recordLost: (error: unknown) => void;
}

/** Who of a cluster's guards leads: the one that has the record's lock. */
export class Office {
  readonly #options: OfficeOptions;
  #hold: Hold | undefined;

  constructor(options: OfficeOptions) {
    this.#options = options;
  }

  /** The leader's lock, where this guard leads. */
  get hold(): Hold | undefined {
    return this.#hold?.lost.aborted === false ? this.#hold : undefined;
  }

  /** Takes the office where nobody has it. @param better another guard that sees more: it is left to that one */
  async seek(better: string | undefined): Promise<void> {
    const { id, store, leaseSeconds, tell, prepare, hasRecord, recordLost } = this.#options;
    if (better !== undefined) {
      await this.#hold?.release().catch(recordLost);
      if (this.#hold !== undefined) tell("not-leader", `most hosts are silent to it, and ${better} hears more of them`);
      this.#hold = undefined;
      return;
    }
    if (this.hold !== undefined) return;
    if (this.#hold !== undefined) {
      this.#hold = undefined;
      tell("not-leader", "the record did not confirm that this guard leads: it only watches until it does");
    }
    if (!hasRecord()) return;
    try {
      const got = await store.acquire("leader", id, { ttlSeconds: leaseSeconds });
      if (!("release" in got)) return;
      try {
        await prepare();
      } catch (error) {
        // Whoever does not know what was begun does not lead.
        await got.release().catch(() => {});
        throw error;
      }
      this.#hold = got;
      tell("leader", `it leads, by ${store.label}`);
    } catch (error) {
      recordLost(error);
    }
  }

  /** Lays it down, as a guard that ends does. */
  async leave(): Promise<void> {
    await this.#hold?.release().catch((error: unknown) => { this.#options.tell("record-lost", messageOf(error)); });
  }
}
