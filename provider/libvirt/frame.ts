import { XdrError } from "./errors.js";

/**
 * libvirt's frames: u32 length (itself included), then six words — program, version, procedure, type, serial, status —
 * then the payload (libvirt's virnetprotocol.x and "RPC protocol" page).
 */
export const FRAME_HEAD_BYTES = 28;
/** The largest frame that libvirt sends: 32 MiB and its length word. */
export const FRAME_MAX_BYTES = 33_554_432 + 4;
/** The largest piece of a stream in one frame that every libvirt accepts. */
export const STREAM_PACKET_MAX_BYTES = 262_120;
export const PROTOCOL_VERSION = 1;

export const MessageType = { CALL: 0, REPLY: 1, MESSAGE: 2, STREAM: 3, CALL_WITH_FDS: 4, REPLY_WITH_FDS: 5, STREAM_HOLE: 6 } as const;
export const MessageStatus = { OK: 0, ERROR: 1, CONTINUE: 2 } as const;

export interface FrameHead {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** A received frame: its head, and where its payload lies in a buffer that is not ours to change. */
export interface Frame extends FrameHead {
  readonly buffer: Buffer;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Writes a frame's first {@link FRAME_HEAD_BYTES} bytes. */
export function writeFrameHead(target: Buffer, at: number, head: FrameHead, payloadBytes: number): void {
  target.writeUInt32BE(FRAME_HEAD_BYTES + payloadBytes, at);
  target.writeUInt32BE(head.program, at + 4);
  target.writeUInt32BE(PROTOCOL_VERSION, at + 8);
  target.writeInt32BE(head.procedure, at + 12);
  target.writeInt32BE(head.type, at + 16);
  target.writeUInt32BE(head.serial, at + 20);
  target.writeInt32BE(head.status, at + 24);
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  /** Received pieces of a frame that is not whole yet. */
  #pieces: Buffer[] = [];
  #held = 0;
  /** The length of the frame in {@link #pieces}, 0 as long as its length word is not whole. */
  #wanted = 0;

  /**
   * Hands every frame that `chunk` completes to `onFrame`.
   * @throws XdrError when the bytes cannot be a frame; the stream cannot be read on.
   */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    let at = 0;
    if (this.#held > 0) {
      at = this.#complete(chunk, onFrame);
      if (at < 0) return;
    }
    while (chunk.length - at >= 4) {
      const length = checkedLength(chunk.readUInt32BE(at));
      if (chunk.length - at < length) break;
      onFrame(parse(chunk, at, at + length));
      at += length;
    }
    if (at < chunk.length) this.#hold(chunk.subarray(at));
  }

  /** Adds what is missing of the held frame; answers where the rest of the chunk starts, -1 when all of it is used up. */
  #complete(chunk: Buffer, onFrame: (frame: Frame) => void): number {
    let at = 0;
    let wanted = this.#wanted;
    if (wanted === 0) {
      at = Math.min(4 - this.#held, chunk.length);
      wanted = this.#hold(chunk.subarray(0, at));
      if (wanted === 0) return -1;
    }
    const missing = wanted - this.#held;
    if (chunk.length - at < missing) {
      if (at < chunk.length) this.#hold(chunk.subarray(at));
      return -1;
    }
    this.#pieces.push(chunk.subarray(at, at + missing));
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#held = 0;
    this.#wanted = 0;
    onFrame(parse(whole, 0, whole.length));
    return at + missing;
  }

  /** Keeps a piece; answers the frame's length, 0 when that is not known yet. */
  #hold(piece: Buffer): number {
    this.#pieces.push(piece);
    this.#held += piece.length;
    if (this.#wanted === 0 && this.#held >= 4) this.#wanted = checkedLength(Buffer.concat(this.#pieces).readUInt32BE(0));
    return this.#wanted;
  }
}

function checkedLength(length: number): number {
  if (length < FRAME_HEAD_BYTES) throw new XdrError(`a frame of ${length} bytes is shorter than its head`);
  if (length > FRAME_MAX_BYTES) throw new XdrError(`a frame of ${length} bytes is longer than the ${FRAME_MAX_BYTES} that the protocol allows`);
  return length;
}

function parse(buffer: Buffer, start: number, end: number): Frame {
  const version = buffer.readUInt32BE(start + 8);
  if (version !== PROTOCOL_VERSION) throw new XdrError(`a frame is of protocol version ${version}, not ${PROTOCOL_VERSION}`);
  return {
    program: buffer.readUInt32BE(start + 4),
    procedure: buffer.readInt32BE(start + 12),
    type: buffer.readInt32BE(start + 16),
    serial: buffer.readUInt32BE(start + 20),
    status: buffer.readInt32BE(start + 24),
    buffer,
    payloadStart: start + FRAME_HEAD_BYTES,
    payloadEnd: end,
  };
}
