import type { FileHandle } from "node:fs/promises";
import { DroverError } from "../base/error.js";
import type { Connection } from "./connection.js";
import { FRAME_HEAD_BYTES } from "./frame.js";
import { StorageVolDownloadFlags, StorageVolUploadFlags } from "./protocol/constants.generated.js";
import { procedures } from "./protocol/procedures.generated.js";
import type { StorageVolRef } from "./protocol/types.generated.js";
import type { LibvirtStream, StreamPiece } from "./stream.js";

/** Where an upload's bytes come from: an open file, read from its start, or pieces of any size. */
export type UploadSource = FileHandle | AsyncIterable<Uint8Array>;

export interface UploadOptions {
  /** Where in the volume to start, in bytes. Default 0. */
  readonly offsetBytes?: number | undefined;
  /**
   * Send blocks of zero bytes as holes. Default true. The daemon cuts a file volume off at the end of each hole before it goes on,
   * so a sparse upload is for new volumes; after one that is shorter than the volume, the volume may be as short as what was sent.
   */
  readonly sparse?: boolean | undefined;
  /** Told after each packet how many bytes of the source are done, holes included. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  /** Gives the upload up. */
  readonly signal?: AbortSignal | undefined;
}

export interface UploadResult {
  /** Bytes of the source. */
  readonly totalBytes: number;
  /** Bytes of it that were sent; the rest were holes. */
  readonly sentBytes: number;
}

/** A whole number of 4 KiB blocks that fits a packet, so that holes and writes lie on the file system's blocks. */
const PIECE_BYTES = 63 * 4096;
/** Packets that are filled or under way at a time: some 2 MiB, the window of an ssh channel. */
const PACKETS = 8;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/**
 * Writes `source` into a volume. Holds {@link PACKETS} packets in memory, whatever the size.
 * @throws LibvirtError what libvirt refused or failed at (a full pool), ConnectionLostError, or the source's own error; the stream is then given up
 *   and the volume holds an unknown part of the source.
 */
export async function upload(connection: Connection, vol: StorageVolRef, source: UploadSource, options: UploadOptions = {}): Promise<UploadResult> {
  const sparse = options.sparse ?? true;
  const stream = await connection.openStream(procedures.storageVolUpload, {
    vol, offset: BigInt(options.offsetBytes ?? 0), length: 0n, flags: sparse ? StorageVolUploadFlags.SPARSE_STREAM : 0,
  });
  try {
    const sender = new Sender(stream, sparse, options);
    await (Symbol.asyncIterator in source ? sendPieces(sender, source) : sendFile(sender, source));
    await sender.drain();
    await stream.finish();
    return { totalBytes: sender.totalBytes, sentBytes: sender.sentBytes };
  } catch (error) {
    stream.abort();
    throw error;
  }
}

/**
 * A volume's bytes as they arrive; with `sparse` its holes come as such. Whoever stops early ends the stream.
 * @example for await (const piece of download(conn, vol, { sparse: false })) if ("data" in piece) hash.update(piece.data);
 */
export async function* download(
  connection: Connection, vol: StorageVolRef, options: { offsetBytes?: number; lengthBytes?: number; sparse?: boolean } = {},
): AsyncGenerator<StreamPiece, void, undefined> {
  const stream = await connection.openStream(procedures.storageVolDownload, {
    vol, offset: BigInt(options.offsetBytes ?? 0), length: BigInt(options.lengthBytes ?? 0),
    flags: options.sparse === true ? StorageVolDownloadFlags.SPARSE_STREAM : 0,
  });
  let complete = false;
  try {
    yield* stream.pieces();
    complete = true;
    await stream.finish();
  } finally {
    if (!complete) stream.abort();
  }
}

/** A packet and the sending of its former content. */
interface Packet { readonly buffer: Buffer; sending: Promise<void> | undefined }

/** Sends full packets in order while the next ones are filled. */
class Sender {
  readonly #stream: LibvirtStream;
  readonly #sparse: boolean;
  readonly #options: UploadOptions;
  readonly #packets: Packet[] = Array.from({ length: PACKETS }, () => ({ buffer: Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + PIECE_BYTES), sending: undefined }));
  #next = 0;
  #holeBytes = 0;
  totalBytes = 0;
  sentBytes = 0;

  constructor(stream: LibvirtStream, sparse: boolean, options: UploadOptions) {
    this.#stream = stream;
    this.#sparse = sparse;
    this.#options = options;
  }

  /** The room for the next piece, free to be written. */
  async room(): Promise<Buffer> {
    const { signal } = this.#options;
    if (signal?.aborted === true) throw new DroverError({ attempted: "upload a volume", answer: "it was cancelled", cause: signal.reason });
    const packet = this.#packet();
    await packet.sending;
    packet.sending = undefined;
    return packet.buffer.subarray(FRAME_HEAD_BYTES);
  }

  /** Sends the first `bytes` of what {@link room} handed out. */
  async send(bytes: number): Promise<void> {
    const packet = this.#packet();
    const end = FRAME_HEAD_BYTES + bytes;
    if (this.#sparse && packet.buffer.compare(ZEROS, 0, bytes, FRAME_HEAD_BYTES, end) === 0) this.#holeBytes += bytes;
    else {
      await this.#flushHole();
      packet.sending = this.#stream.send(packet.buffer.subarray(0, end));
      // Its error is thrown by the next use of the packet or by drain.
      packet.sending.catch(() => {});
      this.#next = (this.#next + 1) % PACKETS;
      this.sentBytes += bytes;
    }
    this.totalBytes += bytes;
    this.#options.onProgress?.(this.totalBytes);
  }

  async drain(): Promise<void> {
    await this.#flushHole();
    for (const packet of this.#packets) await packet.sending;
  }

  async #flushHole(): Promise<void> {
    if (this.#holeBytes === 0) return;
    const bytes = this.#holeBytes;
    this.#holeBytes = 0;
    await this.#stream.sendHole(bytes);
  }

  #packet(): Packet {
    const packet = this.#packets[this.#next];
    if (packet === undefined) throw new RangeError(`there is no packet ${this.#next}`);
    return packet;
  }
}

async function sendFile(sender: Sender, file: FileHandle): Promise<void> {
  for (let position = 0; ;) {
    const room = await sender.room();
    const { bytesRead } = await file.read(room, 0, room.length, position);
    if (bytesRead === 0) return;
    await sender.send(bytesRead);
    position += bytesRead;
  }
}

async function sendPieces(sender: Sender, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let room = await sender.room();
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(piece.length - at, room.length - filled);
      room.set(piece.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < room.length) continue;
      await sender.send(filled);
      room = await sender.room();
      filled = 0;
    }
  }
  if (filled > 0) await sender.send(filled);
}
