import { CLOSED_PREFIX } from "../kinds/placement/index.js";
import type { Hold, RecordStore } from "../record/store.js";

/**
 * Hosts in maintenance, by the program or by an operator's hand, as they were read last. What an operator did stands on the host itself,
 * so that the record keeps it too: a guard that starts while such a host is off must not take it for lost.
 */
export class ClosedHosts {
  readonly #store: RecordStore;
  readonly #leads: () => Hold | undefined;
  readonly #closed = new Set<string>();
  /** Those that the record has. */
  readonly #kept = new Set<string>();

  /** @param leads the lock of the leader, who alone writes */
  constructor(store: RecordStore, leads: () => Hold | undefined) {
    this.#store = store;
    this.#leads = leads;
  }

  /** What guards before this one, or an operator's command, have left. One that answers is read soon, and then it says itself what is so. */
  async load(): Promise<void> {
    this.#kept.clear();
    for (const { key } of await this.#store.list(CLOSED_PREFIX)) this.#kept.add(key.slice(CLOSED_PREFIX.length));
    for (const host of this.#kept) this.#closed.add(host);
  }

  has(host: string): boolean {
    return this.#closed.has(host);
  }

  /** A host was read. */
  sees(host: string, isClosed: boolean): void {
    if (isClosed) this.#closed.add(host);
    else this.#closed.delete(host);
  }

  /** Brings the record up to date. */
  async write(): Promise<void> {
    for (const host of new Set([...this.#closed, ...this.#kept])) {
      const hold = this.#leads();
      if (hold === undefined) return;
      if (this.#closed.has(host) && !this.#kept.has(host)) {
        if (await this.#store.put(CLOSED_PREFIX + host, "as the host said itself", { hold }) !== undefined) this.#kept.add(host);
      } else if (!this.#closed.has(host)) {
        await this.#store.delete(CLOSED_PREFIX + host, { hold });
        this.#kept.delete(host);
      }
    }
  }
}
