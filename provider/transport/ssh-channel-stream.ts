import { Duplex } from "node:stream";
import type { Channel } from "ssh2";

/** Ends a write that its channel will never confirm. */
type Finish = (error?: Error | null) => void;

/**
 * An ssh channel as a stream that keeps a stream's promises: ssh2's own channels forget the callback of a write when they are
 * closed, and end without an error when the connection under them is lost.
 */
export class SshChannelStream extends Duplex {
  readonly #channel: Channel;
  readonly #carrier: Duplex;
  #pending: Finish | undefined;

  /**
   * @param channel an open channel that nothing has been read from
   * @param carrier the socket below: a large write becomes many ssh packets, which go to the kernel together
   * @param whyClosed the error to end with when the channel closes before its end; undefined for a plain end
   */
  constructor(channel: Channel, carrier: Duplex, whyClosed: () => Error | undefined) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1024 * 1024, writableHighWaterMark: 512 * 1024 });
    this.#channel = channel;
    this.#carrier = carrier;
    channel.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => this.push(null));
    channel.on("error", (error: Error) => this.destroy(error));
    channel.on("close", () => {
      const error = whyClosed();
      const finish = this.#pending;
      this.#pending = undefined;
      if (error !== undefined) this.destroy(error);
      else if (finish !== undefined) this.destroy();
      else if (this.writable) this.end();
      finish?.(error ?? new Error("the channel was closed"));
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, finish: Finish): void {
    this.#pending = finish;
    this.#carrier.cork();
    this.#channel.write(chunk, encoding, (error) => {
      if (this.#pending !== finish) return;
      this.#pending = undefined;
      finish(error);
    });
    this.#carrier.uncork();
  }

  override _final(finish: Finish): void {
    this.#channel.end();
    finish();
  }

  override _destroy(error: Error | null, finish: Finish): void {
    this.#pending = undefined;
    this.#channel.close();
    // What still arrives is read away, or the channel would never see its own end.
    this.#channel.resume();
    finish(error);
  }
}
