import type { Duplex } from "node:stream";
import type { ExecOptions, ExecResult, HostTransport } from "./host-transport.js";
import { TransportError } from "./transport-error.js";

/** What unix, tcp and tls share: a socket of its own for each stream. */
export abstract class SocketTransport implements HostTransport {
  readonly label: string;
  readonly #streams = new Set<Duplex>();
  #closed = false;

  constructor(label: string) {
    this.label = label;
  }

  protected abstract connect(): Promise<Duplex>;

  async open(): Promise<Duplex> {
    this.#refuseWhenClosed();
    const stream = await this.connect();
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    if (this.#closed) stream.destroy();
    this.#refuseWhenClosed();
    return stream;
  }

  abstract exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;

  close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.#streams) stream.destroy();
    return Promise.resolve();
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new TransportError("closed", { attempted: "open a connection", host: this.label, answer: "the transport was closed" });
  }
}
