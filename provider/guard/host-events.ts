import { messageOf } from "../base/error.js";
import type { SteadyClock } from "../base/clock.js";
import type { HostAddress } from "../inventory/hosts.js";
import { DomainEvent, type HostEvent } from "../libvirt/index.js";

/** virDomainEventShutdownDetailType: a signal of its host ended QEMU, as when the host shuts down in good order. Of a guest that was asked to it is another. */
const SHUTDOWN_BY_HOST = 2;
/** virDomainEventStoppedDetailType: it was destroyed, which is somebody's wish, though it comes by a signal too. */
const STOPPED_DESTROYED = 1;

/** Events come in bundles: a guest that ends tells three. In milliseconds. */
const BUNDLE_MS = 200;

export interface HostEventsOptions {
  /** What a host tells, from the moment on at which the promise resolves. */
  readonly subscribe: (host: HostAddress, signal: AbortSignal) => Promise<AsyncIterable<HostEvent>>;
  /** Whether a domain is one of the cluster's guests. */
  readonly isOurs: (uuid: string) => boolean;
  readonly clock: SteadyClock;
  /** That a host's events are not heard for now; polls go on. */
  readonly lost: (host: string, text: string) => void;
}

/**
 * Hears what hosts tell of the cluster's guests, so that a look comes at once and not at the next poll. Nothing is judged by an event
 * alone, for one may be lost; but of a guest that was shut down it is known by them alone whether its host ended it.
 *
 * @example
 * events.follow(host);                    // whenever it answers
 * await events.pause(5_000, signal);      // until the next poll, or until something happens
 */
export class HostEvents {
  readonly #options: HostEventsOptions;
  readonly #followed = new Set<string>();
  readonly #end = new AbortController();
  /** Guests that a signal of their host ended, by UUID. */
  readonly #endedByHost = new Set<string>();
  #woken = new AbortController();

  constructor(options: HostEventsOptions) {
    this.#options = options;
  }

  /** Hears a host that answers, from now on; again is no more. */
  follow(host: HostAddress): void {
    if (this.#followed.has(host.name) || this.#end.signal.aborted) return;
    this.#followed.add(host.name);
    this.#read(host).catch((error: unknown) => {
      if (!this.#end.signal.aborted) this.#options.lost(host.name, `its events are not heard: ${messageOf(error)}`);
    }).finally(() => { this.#followed.delete(host.name); });
  }

  /** Whether a guest that was shut down last was ended by its host, and nobody asked it to. */
  endedByHost(uuid: string): boolean {
    return this.#endedByHost.has(uuid);
  }

  /** Waits until the time is over, something happens to a guest, or the signal is aborted. Never throws. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const woken = this.#woken.signal;
    await clock.sleep(ms, AbortSignal.any([signal, woken])).catch(() => { /* It is over. */ });
    if (!woken.aborted) return;
    await clock.sleep(Math.min(ms, BUNDLE_MS), signal).catch(() => { /* It is over. */ });
    this.#woken = new AbortController();
  }

  stop(): void {
    this.#end.abort(new Error("the guard ended"));
  }

  async #read(host: HostAddress): Promise<void> {
    const { subscribe, isOurs } = this.#options;
    for await (const event of await subscribe(host, this.#end.signal)) {
      if (event.name === "gap") this.#wake();
      if (event.name !== "domainEventCallbackLifecycle") continue;
      const { dom: { uuid }, event: kind, detail } = event.message.msg;
      if (!isOurs(uuid)) continue;
      if (kind === DomainEvent.SHUTDOWN && detail === SHUTDOWN_BY_HOST) this.#endedByHost.add(uuid);
      else if (kind === DomainEvent.STARTED || kind === DomainEvent.SHUTDOWN || (kind === DomainEvent.STOPPED && detail === STOPPED_DESTROYED)) this.#endedByHost.delete(uuid);
      if (kind !== DomainEvent.DEFINED) this.#wake();
    }
  }

  #wake(): void {
    this.#woken.abort(new Error("something happened"));
  }
}
