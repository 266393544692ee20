import type { Clock } from "../base/clock.js";
import { DroverError } from "../base/error.js";
import type { Hold, RecordStore } from "../record/store.js";

const PREFIX = "fenced/";

/** When each host was fenced last, by any guard of the cluster: what the limit of fences counts. */
export class Fences {
  readonly #store: RecordStore;
  readonly #clock: Clock;
  /** Milliseconds since the epoch. */
  readonly #lastMs = new Map<string, number>();

  constructor(store: RecordStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What leaders before this one fenced. */
  async load(): Promise<void> {
    for (const { key, value } of await this.#store.list(PREFIX)) this.#lastMs.set(key.slice(PREFIX.length), Number(value));
  }

  /** Writes that a host is fenced now, before it is. @throws DroverError where this guard leads no longer */
  async count(host: string, hold: Hold): Promise<void> {
    const nowMs = this.#clock.nowMs();
    this.#lastMs.set(host, nowMs);
    if (await this.#store.put(PREFIX + host, String(nowMs), { hold }) === undefined) {
      throw new DroverError({ attempted: `fence ${host}`, answer: `${this.#store.label} says that this guard leads no longer`, next: "the one that leads now goes on" });
    }
  }

  /** Of all hosts but one, in milliseconds since the epoch: its own last fence says nothing against the next one of it. */
  ofOthers(host: string): number[] {
    return [...this.#lastMs].filter(([name]) => name !== host).map(([, ms]) => ms);
  }
}
