/** What a guard knows of a host by its own looks alone. Times are of the guard's clock that never jumps, in milliseconds. */
interface HostSight {
  /** When the last look that was answered had begun; `undefined` for none. */
  readonly askedMs: number | undefined;
  /** UUIDs of all domains that were active there then, copies that wait for a move's memory among them. */
  readonly active: ReadonlySet<string>;
  /** It was in maintenance then. */
  readonly wasClosed: boolean;
  /** Since when its libvirt is known to give no answer, without a pause; `undefined` while it answers. */
  readonly silentMs: number | undefined;
}

const NEVER_SEEN: HostSight = { askedMs: undefined, active: new Set(), wasClosed: false, silentMs: undefined };

/**
 * Of which silent hosts a guest is known not to be there, so that its start need not wait for them.
 *
 * A guest comes to another host by a migration, in which the libvirtd of both have a part, whoever drives it; or by a start, which
 * the libvirtd of the other makes. So a guest that was seen to run on one host is not on another whose libvirtd was silent before
 * that already and has been ever since; nor where the host that it ran on was silent before the other was seen without it.
 * All of it has to be seen by one and the same guard: what several saw by several clocks leaves gaps.
 */
export class Whereabouts {
  readonly #hosts = new Map<string, HostSight>();
  readonly #guests = new Map<string, { readonly host: string; readonly seenMs: number }>();
  /** Guests whose last reading showed them to be in no move. */
  readonly #settled = new Set<string>();

  /**
   * A host told all of its domains.
   * @param active UUIDs of those that are active, copies that wait for a move's memory among them
   * @param running UUIDs of those among them that have the guest's memory
   * @param isClosed the host is in maintenance
   * @param askedMs when it was asked: what it says is of that moment or a later one
   */
  answered(host: string, active: ReadonlySet<string>, running: Iterable<string>, isClosed: boolean, askedMs: number): void {
    this.#hosts.set(host, { askedMs, active, wasClosed: isClosed, silentMs: undefined });
    for (const uuid of running) this.runs(uuid, host, askedMs);
  }

  /** A host gave no answer to a look that ended at `nowMs`. */
  silent(host: string, nowMs: number): void {
    const known = this.#hosts.get(host) ?? NEVER_SEEN;
    this.#hosts.set(host, { ...known, silentMs: known.silentMs ?? nowMs });
  }

  /** A guest ran on a host at a moment. */
  runs(uuid: string, host: string, seenMs: number): void {
    this.#guests.set(uuid, { host, seenMs });
  }

  /** Whether nothing at all was active on a host when it answered last. */
  wasEmpty(host: string): boolean {
    const sight = this.#hosts.get(host);
    return sight?.askedMs !== undefined && sight.active.size === 0;
  }

  /** Whether this guard itself saw a guest run on a host, and nowhere else since. */
  isSeenOn(uuid: string, host: string): boolean {
    return this.#guests.get(uuid)?.host === host;
  }

  /** When a guest was seen to run last, wherever. */
  seenMs(uuid: string): number {
    return this.#guests.get(uuid)?.seenMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Nobody looked for a while, or somebody else heard the host: it may have answered in between. */
  interrupt(nowMs: number, host?: string): void {
    for (const [name, sight] of this.#hosts) if (sight.silentMs !== undefined && (host ?? name) === name) this.#hosts.set(name, { ...sight, wasClosed: false, silentMs: nowMs });
  }

  /** Whether a reading of all hosts showed a guest to be in a move: one that is, or was moved just now, may be at either end. */
  settled(uuid: string, isSettled: boolean): void {
    if (isSettled) this.#settled.add(uuid);
    else this.#settled.delete(uuid);
  }

  /** Guests are moved now: where each is says the next reading. */
  unsettle(): void {
    this.#settled.clear();
  }

  /** Whether a host that gives no answer is known not to have a guest. */
  cannotBeOn(uuid: string, host: string): boolean {
    const sight = this.#hosts.get(host);
    const guest = this.#guests.get(uuid);
    if (sight?.silentMs === undefined || guest === undefined || guest.host === host || !this.#settled.has(uuid)) return false;
    if (sight.silentMs < guest.seenMs) return true;
    if (sight.askedMs === undefined || sight.active.has(uuid)) return false;
    if (sight.wasClosed) return true;
    const sourceSilentMs = this.#hosts.get(guest.host)?.silentMs;
    return sourceSilentMs !== undefined && sourceSilentMs < sight.askedMs;
  }
}
