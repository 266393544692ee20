import { systemClock } from "../base/clock.js";
import type { Hold } from "./store.js";

/** What a hold asks of its record. */
export interface LeaseCalls {
  /** Renews the lease and sees that the lock is still ours. @returns whether it is; throws when nobody tells */
  renew(timeoutMs: number): Promise<boolean>;
  /** Ends the lease, and the lock with it. */
  revoke(): Promise<void>;
}

/** A moment, by both clocks: the monotonic one stands still while the machine sleeps, the other can be set back. */
interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function now(): Instant {
  return { monotonicMs: systemClock.monotonicMs(), wallMs: systemClock.nowMs() };
}

/** How long ago it was, by the clock that says more. */
function sinceMs({ monotonicMs, wallMs }: Instant): number {
  return Math.max(systemClock.monotonicMs() - monotonicMs, systemClock.nowMs() - wallMs);
}

/**
 * A lock in etcd: a key that is bound to a lease. The lease is renewed each third of its TTL, and counts from the moment at
 * which the renewal was *sent*, so that our end of it always comes before etcd's.
 */
export class EtcdHold implements Hold {
  readonly name: string;
  /** The lock's key in etcd, and the revision in which it was made: it tells this hold from any before and after it. */
  readonly lockKey: string;
  readonly createRevision: number;
  readonly #ttlMs: number;
  readonly #calls: LeaseCalls;
  readonly #loss = new AbortController();
  #confirmed: Instant;
  #timer: NodeJS.Timeout | undefined;
  #isReleased = false;

  /** @param hold.granted the moment before the lease was asked for */
  constructor(hold: { readonly name: string; readonly lockKey: string; readonly createRevision: number; readonly ttlMs: number; readonly granted: Instant }, calls: LeaseCalls) {
    this.name = hold.name;
    this.lockKey = hold.lockKey;
    this.createRevision = hold.createRevision;
    this.#ttlMs = hold.ttlMs;
    this.#calls = calls;
    this.#confirmed = hold.granted;
    this.#watch();
    // It ends with the hold, and throws nothing: what fails is tried again until the hold is lost.
    void this.#keepAlive();
  }

  get lost(): AbortSignal {
    // A process that was stopped runs on before its timers do.
    if (this.#leftMs() <= 0) this.markLost("no sign of life was confirmed in time");
    return this.#loss.signal;
  }

  /** The record said that the lock is not ours. */
  markLost(reason: string): void {
    clearTimeout(this.#timer);
    if (!this.#loss.signal.aborted) this.#loss.abort(new Error(`the lock ${this.name} may be lost: ${reason}`));
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.markLost("it was released");
    await this.#calls.revoke();
    this.#isReleased = true;
  }

  /** How long the hold still counts as ours. */
  #leftMs(): number {
    return this.#ttlMs * 0.75 - sinceMs(this.#confirmed);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.lost.aborted) this.#watch();
    }, Math.max(0, this.#leftMs()) + 1);
  }

  async #keepAlive(): Promise<void> {
    let waitMs = this.#ttlMs / 3;
    for (;;) {
      try {
        await systemClock.sleep(waitMs, this.#loss.signal);
      } catch {
        return; // Lost or released.
      }
      const sent = now();
      try {
        const isOurs = await this.#calls.renew(this.#ttlMs / 4);
        if (this.lost.aborted) return;
        if (!isOurs) {
          this.markLost("the record says that it ended");
          return;
        }
        this.#confirmed = sent;
        this.#watch();
        waitMs = Math.max(0, this.#ttlMs / 3 - sinceMs(sent));
      } catch {
        // Whether it goes on is for the time that is left to say.
        waitMs = this.#ttlMs / 12;
      }
    }
  }
}
