/** A start counts for so long; and after so long a guest that was started runs, and its next fall is another one. */
const WINDOW_MS = 10 * 60_000;
/** Each pause after a start that was refused is so many times as long as the one before. */
const GROWTH = 3;

interface Refusals {
  readonly count: number;
  /** Before that it is not started again. */
  readonly nextMs: number;
  /** Names of the hosts that refused it. */
  readonly hosts: ReadonlySet<string>;
}

/**
 * How often each guest was started of late, in vain or to fall again. After a start that a host refused there is a pause, which grows:
 * storage that fails over takes a while. Times are of a clock that never jumps, in milliseconds.
 */
export class Attempts {
  readonly #firstPauseMs: number;
  readonly #startsMs = new Map<string, readonly number[]>();
  readonly #refusals = new Map<string, Refusals>();
  readonly #runsSinceMs = new Map<string, number>();
  /** Guests that are left to a person, however long ago that was. */
  readonly #givenUp = new Set<string>();

  /** @param firstPauseMs after the first start that was refused */
  constructor(firstPauseMs: number) {
    this.#firstPauseMs = firstPauseMs;
  }

  /** A guest was started. @returns how many starts of it count */
  add(uuid: string, nowMs: number): number {
    this.#startsMs.set(uuid, [...this.#recent(uuid, nowMs), nowMs]);
    this.#runsSinceMs.delete(uuid);
    return this.of(uuid, nowMs);
  }

  /** A host refused to start a guest. @returns how many starts of it count, and how long it is until the next one, in milliseconds */
  refused(uuid: string, host: string, nowMs: number): { readonly count: number; readonly pauseMs: number } {
    const before = this.#refusals.get(uuid);
    const pauseMs = this.#firstPauseMs * GROWTH ** (before?.count ?? 0);
    this.#refusals.set(uuid, { count: (before?.count ?? 0) + 1, nextMs: nowMs + pauseMs, hosts: new Set([...before?.hosts ?? [], host]) });
    return { count: this.add(uuid, nowMs), pauseMs };
  }

  of(uuid: string, nowMs: number): number {
    return this.#recent(uuid, nowMs).length;
  }

  /** Whether a guest was started as often as it may be, which holds until it has run for ten minutes. */
  isSpent(uuid: string, mostStarts: number, nowMs: number): boolean {
    if (this.of(uuid, nowMs) >= mostStarts) this.#givenUp.add(uuid);
    return this.#givenUp.has(uuid);
  }

  /** Whether a pause after a refusal is not over. */
  isPausing(uuid: string, nowMs: number): boolean {
    return nowMs < (this.#refusals.get(uuid)?.nextMs ?? Number.NEGATIVE_INFINITY);
  }

  /** Names of hosts that refused a guest since it last ran. */
  refusedBy(uuid: string): ReadonlySet<string> {
    return this.#refusals.get(uuid)?.hosts ?? new Set();
  }

  /** A guest is seen to run. */
  runs(uuid: string, nowMs: number): void {
    if (!this.#startsMs.has(uuid)) return;
    const sinceMs = this.#runsSinceMs.get(uuid) ?? nowMs;
    this.#runsSinceMs.set(uuid, sinceMs);
    this.#refusals.delete(uuid);
    if (nowMs - sinceMs <= WINDOW_MS) return;
    this.#startsMs.delete(uuid);
    this.#givenUp.delete(uuid);
  }

  #recent(uuid: string, nowMs: number): readonly number[] {
    return (this.#startsMs.get(uuid) ?? []).filter((ms) => nowMs - ms < WINDOW_MS);
  }
}
