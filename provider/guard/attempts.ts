/** After so long a guest that was started runs, and its next fall is another one. */
const STEADY_MS = 10 * 60_000;

/** How often each guest was started of late, in vain or to fall again. One that has run for ten minutes starts afresh. */
export class Attempts {
  readonly #counts = new Map<string, number>();
  readonly #runsSinceMs = new Map<string, number>();

  add(uuid: string): number {
    const count = this.of(uuid) + 1;
    this.#counts.set(uuid, count);
    this.#runsSinceMs.delete(uuid);
    return count;
  }

  of(uuid: string): number {
    return this.#counts.get(uuid) ?? 0;
  }

  runs(uuid: string, nowMs: number): void {
    if (!this.#counts.has(uuid)) return;
    const sinceMs = this.#runsSinceMs.get(uuid) ?? nowMs;
    this.#runsSinceMs.set(uuid, sinceMs);
    if (nowMs - sinceMs > STEADY_MS) this.#counts.delete(uuid);
  }
}
