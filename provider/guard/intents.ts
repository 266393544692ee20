import { DroverError } from "../base/error.js";
import type { Hold, RecordStore } from "../record/store.js";

const PREFIX = "starts/";

/**
 * Where a leader was about to start a guest, written before it does so. A leader that comes after it starts the guest there
 * or nowhere, until that start is known to be over: its predecessor may only have been stopped for a while, and its call may
 * come late. libvirt runs a guest once on a host, so that two starts on one host are one.
 */
export class Intents {
  readonly #store: RecordStore;
  readonly #hosts = new Map<string, string>();
  /** Guests whose start may still come: another leader began it, or nobody knows what became of it. */
  readonly #open = new Set<string>();

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** What leaders before this one began. */
  async load(): Promise<void> {
    this.#hosts.clear();
    this.#open.clear();
    for (const { key, value } of await this.#store.list(PREFIX)) {
      this.#hosts.set(key.slice(PREFIX.length), value);
      this.#open.add(key.slice(PREFIX.length));
    }
  }

  /** Name of the host on which a guest's start was begun and is not known to be over. */
  of(uuid: string): string | undefined {
    return this.#hosts.get(uuid);
  }

  /** Whether a guest's start that was begun may come late, whatever another try came to. */
  isOpen(uuid: string): boolean {
    return this.#open.has(uuid);
  }

  /** Nobody knows what became of a start. */
  keepOpen(uuid: string): void {
    this.#open.add(uuid);
  }

  /** @throws DroverError where this guard leads no longer */
  async begin(uuid: string, host: string, hold: Hold): Promise<void> {
    if (await this.#store.put(PREFIX + uuid, host, { hold }) === undefined) {
      throw new DroverError({ attempted: `start a guest on ${host}`, answer: `${this.#store.label} says that this guard leads no longer`, next: "the one that leads now goes on" });
    }
    this.#hosts.set(uuid, host);
  }

  /** The guest runs, or can not start there any more: its definition there was removed, or the host is dead. */
  async end(uuid: string, hold: Hold): Promise<void> {
    if (await this.#store.delete(PREFIX + uuid, { hold })) {
      this.#hosts.delete(uuid);
      this.#open.delete(uuid);
    }
  }
}
