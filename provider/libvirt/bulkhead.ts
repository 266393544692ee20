import { Semaphore } from "async-mutex";
import type { Connection } from "./connection.js";

/** libvirtd stops reading a connection at its fifth call at work (`max_client_requests`), and keepalive with it. */
export const SLOW_CALLS_PER_CONNECTION = 4;

/** A place for one connection that is opened when it is needed, and again when it was lost. */
export class Lane {
  readonly #open: () => Promise<Connection>;
  #connection: Promise<Connection> | undefined;
  inFlight = 0;

  constructor(open: () => Promise<Connection>) {
    this.#open = open;
  }

  /** The open connection. Callers at the same time share one attempt to open it. */
  async get(): Promise<Connection> {
    const current = this.#connection ??= this.#open();
    try {
      const connection = await current;
      if (connection.isOpen) return connection;
    } catch (error) {
      if (this.#connection === current) this.#connection = undefined;
      throw error;
    }
    if (this.#connection === current) this.#connection = undefined;
    return this.get();
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    // An attempt that fails has left nothing to close; its caller has the error.
    const open = await connection.catch(() => undefined);
    await open?.close();
  }
}

/** Slow calls over a few connections, at most {@link SLOW_CALLS_PER_CONNECTION} in flight on each; the others wait their turn. */
export class Bulkhead {
  readonly #lanes: readonly Lane[];
  readonly #places: Semaphore;

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
    this.#places = new Semaphore(lanes.length * SLOW_CALLS_PER_CONNECTION);
  }

  run<T>(task: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#places.runExclusive(async () => {
      const lane = this.#lanes.find((candidate) => candidate.inFlight < SLOW_CALLS_PER_CONNECTION);
      if (lane === undefined) throw new Error("the bulkhead let more calls in than its connections have places");
      lane.inFlight += 1;
      try {
        return await task(await lane.get());
      } finally {
        lane.inFlight -= 1;
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}
