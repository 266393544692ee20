import { messageOf } from "../base/error.js";
import { hostAt } from "../inventory/hosts.js";
import { judgeSanlock } from "../inventory/leases.js";
import { readSanlock } from "../inventory/sanlock.js";
import { fields } from "../record/content.js";
import type { Hold, RecordStore } from "../record/store.js";
import type { ClusterHost } from "../schema/index.js";
import type { Tell } from "./events.js";

/** What was seen of a host's sanlock while the host answered: what its lease is worth once it does not. */
export interface LeaseSight {
  readonly hostId: number;
  /** Path of the lockspace's file. */
  readonly path: string;
  readonly generation: number;
  readonly hasWatchdog: boolean;
  readonly watchdogSeconds: number;
}

const PREFIX = "leases/";
/** sanlock counts a new generation when its host joins again, which is rare: between two looks, in milliseconds. */
const LOOK_EVERY_MS = 15_000;

/** What guards know of the leases of the hosts that have them declared, kept in the record. */
export class LeaseWatch {
  readonly #store: RecordStore;
  readonly #leads: () => Hold | undefined;
  readonly #monotonicMs: () => number;
  readonly #tell: Tell;
  readonly #sights = new Map<string, LeaseSight>();
  readonly #written = new Map<string, string>();
  readonly #lookedMs = new Map<string, number>();
  /** Hosts that could not renew and are out of the lockspace, and since when: sanlock has killed their guests, and none can start there. */
  readonly #outMs = new Map<string, number>();

  constructor(store: RecordStore, leads: () => Hold | undefined, monotonicMs: () => number, tell: Tell) {
    this.#store = store;
    this.#leads = leads;
    this.#monotonicMs = monotonicMs;
    this.#tell = tell;
  }

  /** What guards before this one saw, where that is newer. */
  async load(): Promise<void> {
    for (const { key, value } of await this.#store.list(PREFIX)) {
      const name = key.slice(PREFIX.length);
      const sight = parseSight(value);
      if (sight === undefined) {
        this.#tell("trouble", `what the record says of its lease cannot be read: ${key} is passed over`, { host: name });
        continue;
      }
      this.#written.set(name, value);
      if ((this.#sights.get(name)?.generation ?? -1) < sight.generation) this.#sights.set(name, sight);
    }
  }

  of(host: string): LeaseSight | undefined {
    return this.#sights.get(host);
  }

  /** Whether no guest can have a lease on a host, as it was looked at last. */
  isOut(host: string): boolean {
    return this.#outMs.has(host);
  }

  /** Whether guests that were killed on a host cannot start anywhere yet: its last lease has not expired, and their disks are locked. */
  holdsBack(host: string): boolean {
    const sinceMs = this.#outMs.get(host);
    if (sinceMs === undefined) return false;
    // Guests are killed when 8 io_timeouts are over, and what is left until it has expired is the watchdog's time.
    return this.#monotonicMs() - sinceMs < (this.#sights.get(host)?.watchdogSeconds ?? 0) * 1000 + LOOK_EVERY_MS;
  }

  /** Whether sanlock has killed the guests of a host, or is about to: it lost its storage. The host is asked now. */
  async hasKilled(declared: ClusterHost): Promise<boolean> {
    if (declared.leases?.manager !== "sanlock") return false;
    this.#lookedMs.delete(declared.host.name);
    await this.learn(declared, []);
    return this.isOut(declared.host.name);
  }

  /** Looks at the leases of a host that answers, now and then. @param running names of the domains that run there */
  async learn({ host: address, leases }: ClusterHost, running: readonly string[]): Promise<void> {
    if (leases?.manager !== "sanlock") return;
    const { name } = address;
    const nowMs = this.#monotonicMs();
    if (nowMs - (this.#lookedMs.get(name) ?? Number.NEGATIVE_INFINITY) >= LOOK_EVERY_MS) {
      this.#lookedMs.set(name, nowMs);
      try {
        const daemon = await readSanlock(hostAt(address));
        const { lockspace, hasWatchdog, watchdogSeconds } = daemon;
        const problems = judgeSanlock(daemon, running, leases);
        if (problems.length > 0) this.#tell("trouble", problems.join("; "), { host: name });
        // What it had counts on: should it die now, that is the lease which nobody renews.
        if (lockspace === undefined || lockspace.isEnding) {
          if (this.#sights.has(name) && !this.#outMs.has(name)) this.#outMs.set(name, nowMs);
        } else {
          this.#outMs.delete(name);
          this.#sights.set(name, { hostId: lockspace.hostId, path: lockspace.path, generation: lockspace.generation, hasWatchdog, watchdogSeconds });
        }
      } catch (error) {
        this.#tell("trouble", `its leases cannot be looked at: ${messageOf(error)}`, { host: name });
      }
    }
    await this.#write(name);
  }

  async #write(name: string): Promise<void> {
    const hold = this.#leads();
    const sight = this.#sights.get(name);
    if (hold === undefined || sight === undefined) return;
    const value = JSON.stringify(sight);
    if (this.#written.get(name) === value) return;
    if (await this.#store.put(PREFIX + name, value, { hold }) !== undefined) this.#written.set(name, value);
  }
}

/** `undefined` for what no guard wrote. */
function parseSight(text: string): LeaseSight | undefined {
  const { hostId, path, generation, hasWatchdog, watchdogSeconds } = fields(text);
  if (typeof hostId !== "number" || typeof path !== "string" || typeof generation !== "number" || typeof hasWatchdog !== "boolean" || typeof watchdogSeconds !== "number") return undefined;
  return { hostId, path, generation, hasWatchdog, watchdogSeconds };
}
