import type { Duplex } from "node:stream";
import { Semaphore } from "async-mutex";
import { messageOf } from "../base/error.js";
import { silentLog, type Log } from "../base/log.js";
import { retry } from "../base/retry.js";
import { Bulkhead, Lane } from "./bulkhead.js";
import { Connection, type ConnectionOptions } from "./connection.js";
import { ConnectionLostError } from "./errors.js";
import type { Procedure } from "./procedure.js";
import { LibvirtCalls } from "./protocol/calls.generated.js";
import type { StorageVolRef } from "./protocol/types.generated.js";
import type { StreamPiece } from "./stream.js";
import { EventQueue, subscribe, type HostEvent } from "./subscription.js";
import { download, upload, type UploadOptions, type UploadResult, type UploadSource } from "./volume-transfer.js";

export interface HostConnectionOptions extends ConnectionOptions {
  /** Connections for slow calls, of four calls each. Default 2. */
  readonly workConnections?: number | undefined;
  /** Volumes on the way at a time, each on a connection of its own. Default 4. */
  readonly transfers?: number | undefined;
  readonly log?: Log | undefined;
}

/** The longest wait between two attempts to get events again, in milliseconds. */
const EVENT_RETRY_MAX_MS = 10_000;

/**
 * A host's libvirt through several connections: quick calls and events on one, slow calls on others behind a bulkhead,
 * each volume transfer on one of its own. All are opened when they are first needed, and again after they were lost.
 *
 * A call that was lost is made again when it only reads or was never sent; every other rejects with a
 * {@link ConnectionLostError} whose `mayHaveHappened` is true.
 *
 * @example
 * const host = new HostConnection(() => transport.open(), { label: "ash" });
 * const { xml } = await host.domainGetXMLDesc({ dom, flags: 0 });
 * await host.close();
 */
export class HostConnection extends LibvirtCalls {
  readonly host: string;
  readonly #openStream: () => Promise<Duplex>;
  readonly #options: HostConnectionOptions;
  readonly #log: Log;
  readonly #control: Lane;
  readonly #work: Bulkhead;
  readonly #transfers: Semaphore;
  /** Connections that served a transfer and wait for the next. */
  readonly #idleTransfers: Connection[] = [];
  readonly #readers = new Set<EventQueue>();
  readonly #closing = new AbortController();
  #subscribed: Promise<void> | undefined;

  /** @param open makes a fresh byte stream to the host's libvirt socket */
  constructor(open: () => Promise<Duplex>, options: HostConnectionOptions) {
    super();
    this.host = options.label;
    this.#openStream = open;
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#control = new Lane(() => this.#connect());
    this.#work = new Bulkhead(Array.from({ length: options.workConnections ?? 2 }, () => new Lane(() => this.#connect())));
    this.#transfers = new Semaphore(options.transfers ?? 4);
  }

  override async call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args): Promise<Ret> {
    const once = procedure.slow
      ? () => this.#work.run((connection) => connection.call(procedure, args))
      : async () => (await this.#control.get()).call(procedure, args);
    try {
      return await once();
    } catch (error) {
      if (!this.#isHarmlessLoss(error)) throw unwrapped(error);
      this.#log.debug(`${this.host}: ${procedure.name} is made again: ${messageOf(error)}`);
    }
    try {
      // A daemon that restarts refuses connections for a moment; the call itself was not sent then.
      return await retry(once, {
        retries: 4, firstDelayMs: 200, signal: this.#closing.signal, when: (error) => this.#isHarmlessLoss(error) || error instanceof ConnectError,
      });
    } catch (error) {
      throw unwrapped(error);
    }
  }

  /**
   * What happens on the host, from the moment the returned promise resolves until `signal` is aborted or the connection is closed.
   * Lost connections are restored, which shows as a `gap`.
   * @example for await (const event of await host.events()) console.log(event.name);
   */
  async events(signal?: AbortSignal): Promise<AsyncGenerator<HostEvent, void, undefined>> {
    const queue = new EventQueue();
    this.#readers.add(queue);
    try {
      await (this.#subscribed ??= this.#subscribe());
    } catch (error) {
      this.#subscribed = undefined;
      this.#readers.delete(queue);
      throw unwrapped(error);
    }
    const stop = (): void => { this.#readers.delete(queue); queue.end(); };
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    return this.#read(queue, stop);
  }

  /** Writes into a volume; see {@link upload}. Never repeated by itself. */
  upload(vol: StorageVolRef, source: UploadSource, options: UploadOptions = {}): Promise<UploadResult> {
    return this.#transfers.runExclusive(() => this.#transfer((connection) => upload(connection, vol, source, options)));
  }

  /** Reads a volume; see {@link download}. */
  async *download(vol: StorageVolRef, options: Parameters<typeof download>[2] = {}): AsyncGenerator<StreamPiece, void, undefined> {
    const [, release] = await this.#transfers.acquire();
    let connection: Connection | undefined;
    try {
      connection = await this.#transferConnection();
      yield* download(connection, vol, options);
      this.#idleTransfers.push(connection);
      connection = undefined;
    } finally {
      release();
      await connection?.close();
    }
  }

  /** Ends all connections; calls in flight are rejected, readers of events end. */
  async close(): Promise<void> {
    this.#closing.abort(new ConnectionLostError({ attempted: "make a call", host: this.host, reason: "it was closed by us", mayHaveHappened: false }));
    for (const queue of this.#readers) queue.end();
    this.#readers.clear();
    await Promise.all([this.#control.close(), this.#work.close(), ...this.#idleTransfers.splice(0).map((connection) => connection.close())]);
  }

  /** Was a call lost that may be made again: it only reads, or was never sent? */
  #isHarmlessLoss(error: unknown): boolean {
    return !this.#closing.signal.aborted && error instanceof ConnectionLostError && !error.mayHaveHappened;
  }

  async #connect(): Promise<Connection> {
    this.#closing.signal.throwIfAborted();
    try {
      const connection = await Connection.open(await this.#openStream(), this.#options);
      if (!this.#closing.signal.aborted) return connection;
      await connection.close();
    } catch (error) {
      throw new ConnectError(error);
    }
    throw this.#closing.signal.reason;
  }

  async #transfer<T>(task: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#transferConnection();
    try {
      const result = await task(connection);
      this.#idleTransfers.push(connection);
      return result;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #transferConnection(): Promise<Connection> {
    for (let idle = this.#idleTransfers.pop(); idle !== undefined; idle = this.#idleTransfers.pop()) if (idle.isOpen) return idle;
    try {
      return await this.#connect();
    } catch (error) {
      throw unwrapped(error);
    }
  }

  async *#read(queue: EventQueue, stop: () => void): AsyncGenerator<HostEvent, void, undefined> {
    try {
      yield* queue.read();
    } finally {
      stop();
    }
  }

  async #subscribe(): Promise<void> {
    const connection = await this.#control.get();
    connection.onEvent((event) => { for (const queue of this.#readers) queue.push(event); });
    await subscribe(connection);
    connection.onClose((reason) => { this.#resubscribe(reason); });
  }

  #resubscribe(reason: Error | undefined): void {
    this.#subscribed = undefined;
    if (this.#closing.signal.aborted || this.#readers.size === 0) return;
    this.#log.warn(`${this.host}: events are interrupted: ${messageOf(reason)}`);
    const again = retry(() => this.#subscribe(), {
      retries: Number.POSITIVE_INFINITY, firstDelayMs: 200, maxDelayMs: EVENT_RETRY_MAX_MS, signal: this.#closing.signal, when: () => this.#readers.size > 0,
    });
    this.#subscribed = again;
    again.then(
      () => { for (const queue of this.#readers) queue.push({ name: "gap", message: {} }); },
      (error: unknown) => {
        this.#subscribed = undefined;
        for (const queue of this.#readers) queue.end(this.#closing.signal.aborted ? undefined : unwrapped(error));
      },
    );
  }
}

/** No connection could be opened, so that nothing of a call was sent; `cause` tells why and is what callers see. */
class ConnectError extends Error {
  override readonly name = "ConnectError";

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

function unwrapped(error: unknown): Error {
  const cause = error instanceof ConnectError ? error.cause : error;
  return cause instanceof Error ? cause : new Error(messageOf(cause));
}
