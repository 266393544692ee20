import type { SteadyClock } from "../base/clock.js";
import type { RecordStore } from "../record/store.js";
import { parseView, VIEWS_PREFIX, type GuardView } from "../kinds/placement/index.js";
import type { Condition } from "./detect.js";

/** What has not changed is said again after so many polls: each saying is a revision that the record keeps for a while. */
const HEARTBEAT_POLLS = 4;
/** A guard that has not said for so many polls what it sees is taken for gone: two heartbeats and a half. */
const STALE_POLLS = 10;

/** What one guard sees, as it last said. */
interface View {
  readonly text: string;
  /** When this guard first read it, by its own clock: guards' clocks need not agree. */
  readonly readMs: number;
  /** Hosts of which something answered that guard of late. */
  readonly answering: ReadonlySet<string>;
}

/**
 * What all guards of a cluster see, through the record: a host that is silent to one of them and answers another is not dead, and
 * whoever sees less than another is the wrong one to lead.
 */
export class Views {
  readonly #store: RecordStore;
  readonly #id: string;
  readonly #clock: SteadyClock;
  readonly #heartbeatMs: number;
  readonly #staleMs: number;
  readonly #others = new Map<string, View>();
  #count = 0;
  /** What this guard said last, and when. */
  #said: { readonly answering: string; readonly atMs: number } | undefined;

  /** @param id name of this guard */
  constructor(store: RecordStore, id: string, clock: SteadyClock, pollSeconds: number) {
    this.#store = store;
    this.#id = id;
    this.#clock = clock;
    this.#heartbeatMs = HEARTBEAT_POLLS * pollSeconds * 1000;
    this.#staleMs = STALE_POLLS * pollSeconds * 1000;
  }

  /** Says what this guard sees, and hears what the others see. @throws DroverError when the record does not answer */
  async exchange(conditions: ReadonlyMap<string, Condition>): Promise<void> {
    await this.#say(answeringOf(conditions));
    const readMs = this.#clock.monotonicMs();
    for (const { key, value } of await this.#store.list(VIEWS_PREFIX)) {
      const id = key.slice(VIEWS_PREFIX.length);
      if (id === this.#id || this.#others.get(id)?.text === value) continue;
      const isFirst = !this.#others.has(id);
      const view = parseView(value);
      if (view === undefined) {
        this.#others.delete(id);
        continue;
      }
      // It may have been written long ago by one that is gone: it counts once it changes.
      this.#others.set(id, { text: value, readMs: isFirst ? Number.NEGATIVE_INFINITY : readMs, answering: new Set(view.answering) });
    }
  }

  async #say(hosts: readonly string[]): Promise<void> {
    const answering = JSON.stringify(hosts);
    const atMs = this.#clock.monotonicMs();
    if (this.#said?.answering === answering && atMs - this.#said.atMs < this.#heartbeatMs) return;
    this.#count += 1;
    const view: GuardView = { count: this.#count, answering: hosts, staleSeconds: this.#staleMs / 1000 };
    await this.#store.put(VIEWS_PREFIX + this.#id, JSON.stringify(view));
    this.#said = { answering, atMs };
  }

  /** Other guards to which something of a host answers. */
  whoHears(host: string): string[] {
    return this.#fresh().filter(([, { answering }]) => answering.has(host)).map(([id]) => id);
  }

  /** Another guard that hears more hosts than this one does. */
  whoSeesMore(conditions: ReadonlyMap<string, Condition>): string | undefined {
    return this.#fresh().find(([, { answering }]) => answering.size > answeringOf(conditions).length)?.[0];
  }

  /** Says nothing more: a guard that ends sees nothing. */
  async leave(): Promise<void> {
    await this.#store.delete(VIEWS_PREFIX + this.#id);
  }

  #fresh(): [string, View][] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#others].filter(([, { readMs }]) => nowMs - readMs < this.#staleMs);
  }
}

function answeringOf(conditions: ReadonlyMap<string, Condition>): string[] {
  return [...conditions].filter(([, condition]) => condition === "alive" || condition === "ailing").map(([name]) => name);
}
