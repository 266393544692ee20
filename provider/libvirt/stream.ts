import { DroverError } from "../base/error.js";
import { ProtocolError } from "./errors.js";
import { FRAME_HEAD_BYTES, MessageStatus, MessageType, STREAM_PACKET_MAX_BYTES } from "./frame.js";

/** A piece of a stream as it arrives: bytes, or a hole of so many zero bytes (only in sparse streams). */
export type StreamPiece = { readonly data: Buffer } | { readonly holeBytes: number };

/** What a stream needs of its connection. */
export interface StreamPeer {
  readonly host: string;
  /** Sends a frame of the stream; `packet` has {@link FRAME_HEAD_BYTES} free bytes in front of the payload. Resolves when the transport has taken it. */
  sendPacket(packet: Buffer): Promise<void>;
  sendHole(holeBytes: number): Promise<void>;
  sendStatus(status: number): void;
  pause(): void;
  resume(): void;
}

/** Received bytes that wait for the reader before the connection stops reading. */
const QUEUE_MAX_BYTES = 4 * 1024 * 1024;

/**
 * One stream of bytes beside a call, up or down. libvirt allows each only one direction at a time.
 * Every method rejects with what ended the stream: libvirt's error, or the loss of the connection.
 */
export class LibvirtStream {
  readonly #peer: StreamPeer;
  readonly #name: string;
  readonly #queue: StreamPiece[] = [];
  #queuedBytes = 0;
  #paused = false;
  #drained = false;
  #state: "open" | "aborted" | "ended" = "open";
  #failure: Error | undefined;
  #wakeReader: (() => void) | undefined;
  #finished: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(name: string, peer: StreamPeer) {
    this.#name = name;
    this.#peer = peer;
  }

  /**
   * Sends the payload of `packet`, which lies behind {@link FRAME_HEAD_BYTES} free bytes and has at most
   * {@link STREAM_PACKET_MAX_BYTES}. The packet may be used again when the promise resolves.
   */
  async send(packet: Buffer): Promise<void> {
    this.#checkOpen();
    const payloadBytes = packet.length - FRAME_HEAD_BYTES;
    if (payloadBytes <= 0 || payloadBytes > STREAM_PACKET_MAX_BYTES) throw new RangeError(`a packet has 1 to ${STREAM_PACKET_MAX_BYTES} bytes, got ${payloadBytes}`);
    await this.#peer.sendPacket(packet);
    this.#checkOpen();
  }

  /** Skips `holeBytes` zero bytes; only in sparse streams. */
  async sendHole(holeBytes: number): Promise<void> {
    this.#checkOpen();
    await this.#peer.sendHole(holeBytes);
    this.#checkOpen();
  }

  /** Ends the stream and waits until libvirt has confirmed that all of it was taken. */
  finish(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) { reject(this.#failure); return; }
      this.#finished = { resolve, reject };
      this.#peer.sendStatus(MessageStatus.OK);
    });
  }

  /** Gives the stream up; does nothing when it has ended. */
  abort(): void {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    this.#failure ??= new DroverError({ attempted: this.#name, host: this.#peer.host, answer: "the stream was given up by us" });
    this.#queue.length = 0;
    this.#relieve();
    this.#peer.sendStatus(MessageStatus.ERROR);
    this.#wakeReader?.();
  }

  /** What arrives, until the peer says that it is all. Slow readers slow the daemon down. */
  async *pieces(): AsyncGenerator<StreamPiece, void, undefined> {
    for (;;) {
      const piece = this.#queue.shift();
      if (piece !== undefined) {
        this.#queuedBytes -= "data" in piece ? piece.data.length : 0;
        if (this.#queuedBytes < QUEUE_MAX_BYTES / 2) this.#relieve();
        yield piece;
      } else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#drained) return;
      else {
        await new Promise<void>((resolve) => { this.#wakeReader = resolve; });
        this.#wakeReader = undefined;
      }
    }
  }

  /** The connection hands in a frame of this stream; answers whether the stream has ended with it. */
  receive(type: number, status: number, payload: { data(): Buffer; holeBytes(): number; error(): Error }): boolean {
    if (status === MessageStatus.OK || status === MessageStatus.ERROR) {
      if (status === MessageStatus.ERROR) this.fail(payload.error());
      else if (this.#state === "open" && this.#finished === undefined) throw new ProtocolError(this.#peer.host, `the daemon ended ${this.#name} unasked`);
      this.#state = "ended";
      this.#finished?.resolve();
      return true;
    }
    if (this.#state === "aborted") return false;
    if (type === MessageType.STREAM_HOLE) this.#enqueue({ holeBytes: payload.holeBytes() });
    else {
      const data = payload.data();
      if (data.length === 0) this.#drained = true;
      else this.#enqueue({ data });
    }
    this.#wakeReader?.();
    return false;
  }

  /** The stream cannot go on. */
  fail(error: Error): void {
    if (this.#state !== "aborted") this.#failure ??= error;
    this.#state = "ended";
    this.#relieve();
    this.#finished?.reject(error);
    this.#wakeReader?.();
  }

  #enqueue(piece: StreamPiece): void {
    this.#queue.push(piece);
    this.#queuedBytes += "data" in piece ? piece.data.length : 0;
    if (this.#queuedBytes > QUEUE_MAX_BYTES && !this.#paused) {
      this.#paused = true;
      this.#peer.pause();
    }
  }

  #relieve(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#peer.resume();
  }

  #checkOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
