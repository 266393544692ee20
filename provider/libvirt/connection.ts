import type { Duplex } from "node:stream";
import { DroverError, messageOf } from "../base/error.js";
import { ConnectionLostError, LibvirtError, ProtocolError, XdrError } from "./errors.js";
import { decodeEvent, type LibvirtEvent } from "./events.js";
import { FRAME_HEAD_BYTES, FrameReader, MessageStatus, MessageType, PROTOCOL_VERSION, writeFrameHead, type Frame } from "./frame.js";
import { handshake } from "./handshake.js";
import { Keepalive, KeepaliveProcedure, type KeepaliveOptions } from "./keepalive.js";
import { KEEPALIVE_PROGRAM, type Procedure, type ProcedureHead } from "./procedure.js";
import { LibvirtCalls } from "./protocol/calls.generated.js";
import { codecs } from "./protocol/types.generated.js";
import { LibvirtStream } from "./stream.js";
import { XdrReader, XdrWriter } from "./xdr.js";

export interface ConnectionOptions {
  /** The host's name in errors. */
  readonly label: string;
  /** The driver to open, as libvirtd on the host names it. Default `qemu:///system`. */
  readonly driverUri?: string | undefined;
  readonly keepalive?: KeepaliveOptions | undefined;
  /** How long the handshake may take, in milliseconds. Default 15,000. */
  readonly openTimeoutMs?: number | undefined;
}

interface PendingCall {
  readonly procedure: Procedure<unknown, unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}


/**
 * One connection to libvirtd (or virtqemud) over any byte stream: typed calls, pipelined and answered in any order,
 * events, streams, keepalive both ways.
 *
 * libvirtd reads no further when more than five calls of one connection are at work, so that keepalive starves:
 * hold at most four slow calls in flight here, or use a `HostConnection`, which sees to it.
 * A lost connection stays lost and rejects all that was in flight with a {@link ConnectionLostError}.
 *
 * @example
 * const conn = await Connection.open(net.connect("/run/libvirt/libvirt-sock"), { label: "localhost" });
 * const { domains } = await conn.connectListAllDomains({ needResults: 1, flags: 0 });
 * await conn.close();
 */
export class Connection extends LibvirtCalls {
  readonly host: string;
  readonly #stream: Duplex;
  readonly #frames = new FrameReader();
  readonly #writer = new XdrWriter();
  readonly #pending = new Map<number, PendingCall>();
  readonly #streams = new Map<number, LibvirtStream>();
  readonly #eventListeners = new Set<(event: LibvirtEvent) => void>();
  readonly #closeListeners = new Set<(reason: Error | undefined) => void>();
  /** What rejects each large write that is under way. */
  readonly #writes = new Set<() => void>();
  #keepalive: Keepalive | undefined;
  #serial = 0;
  /** Calls up to this serial were handed to the transport. */
  #sentSerial = 0;
  #flushScheduled = false;
  #paused = 0;
  #end: { reason: Error | undefined } | undefined;

  private constructor(stream: Duplex, host: string) {
    super();
    this.host = host;
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => { this.#receive(chunk); });
    stream.on("error", (error) => { this.#lose(error); });
    stream.on("end", () => { this.#lose(new Error("the daemon closed the connection")); });
    stream.on("close", () => { this.#lose(new Error("the connection was closed")); });
  }

  /**
   * Takes over `stream`, authenticates, agrees on keepalive and opens the driver.
   * The stream is destroyed when that fails.
   * @throws DroverError when libvirtd wants an authentication that we do not have, refuses, or does not answer in time.
   */
  static async open(stream: Duplex, options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(stream, options.label);
    const timeoutMs = options.openTimeoutMs ?? 15_000;
    const timer = setTimeout(() => { connection.#lose(new Error(`no answer to the handshake within ${timeoutMs} ms`)); }, timeoutMs);
    try {
      const { keepalive } = await handshake(connection, options.driverUri ?? "qemu:///system");
      if (keepalive) connection.#startKeepalive(options.keepalive ?? {});
      return connection;
    } catch (error) {
      connection.#lose(error instanceof Error ? error : new Error(messageOf(error)));
      throw error instanceof ConnectionLostError && error.cause instanceof ProtocolError ? error.cause : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Can calls still be made? */
  get isOpen(): boolean {
    return this.#end === undefined;
  }

  override call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args): Promise<Ret> {
    return new Promise<Ret>((resolve, reject) => {
      this.#send(procedure, args, resolve, reject);
    });
  }

  /** Makes a call that opens a stream, and hands the stream out once libvirt has accepted it. */
  async openStream<Args>(procedure: Procedure<Args, void> & { readonly stream: "up" | "down" }, args: Args): Promise<LibvirtStream> {
    let stream: LibvirtStream | undefined;
    await new Promise<void>((resolve, reject) => {
      const serial = this.#send(procedure, args, resolve, reject);
      if (serial === undefined) return;
      // The daemon may send data right behind its reply, so the stream is known before.
      stream = new LibvirtStream(procedure.name, this.#streamPeer(procedure, serial));
      this.#streams.set(serial, stream);
    });
    if (stream === undefined) throw new ProtocolError(this.host, `${procedure.name} opened no stream`);
    return stream;
  }

  /** Calls `listener` for every event that was registered for on this connection. Answers how to stop. */
  onEvent(listener: (event: LibvirtEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => { this.#eventListeners.delete(listener); };
  }

  /** Calls `listener` once when the connection has ended: with the reason, or with nothing after {@link close}. */
  onClose(listener: (reason: Error | undefined) => void): void {
    if (this.#end === undefined) this.#closeListeners.add(listener);
    else listener(this.#end.reason);
  }

  /** Takes leave of the daemon and ends the connection. Calls in flight are rejected. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    try {
      await Promise.race([this.connectClose(), new Promise((resolve) => { setTimeout(resolve, 1_000).unref(); })]);
    } catch (error) {
      // A daemon that hangs up at our farewell is what we want.
      if (!(error instanceof ConnectionLostError)) throw error;
    } finally {
      this.#lose(undefined);
    }
  }

  #send<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, resolve: (value: Ret) => void, reject: (error: Error) => void): number | undefined {
    if (this.#end !== undefined) {
      reject(this.#lostError(procedure, false));
      return undefined;
    }
    const serial = this.#nextSerial();
    const start = this.#writer.length;
    try {
      this.#head(procedure.program, procedure.number, MessageType.CALL, serial, MessageStatus.OK);
      procedure.args.encode(this.#writer, args);
    } catch (error) {
      this.#writer.truncate(start);
      reject(new DroverError({ attempted: `call ${procedure.name}`, host: this.host, answer: `its arguments do not fit: ${messageOf(error)}`, cause: error }));
      return undefined;
    }
    this.#writer.patchUint(this.#writer.length - start, start);
    // The map holds calls of all types; each entry's resolve and codec belong together.
    this.#pending.set(serial, { procedure, resolve, reject } as PendingCall);
    this.#scheduleFlush();
    return serial;
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1;
    return this.#serial;
  }

  /** A frame's head with an open length. */
  #head(program: number, procedure: number, type: number, serial: number, status: number): void {
    this.#writer.uint(FRAME_HEAD_BYTES);
    this.#writer.uint(program);
    this.#writer.uint(PROTOCOL_VERSION);
    this.#writer.int(procedure);
    this.#writer.int(type);
    this.#writer.uint(serial);
    this.#writer.int(status);
  }

  /** All frames of one turn of the event loop go out in one write. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => { this.#flush(); });
  }

  #flush(): void {
    this.#flushScheduled = false;
    // Nothing is sent on a transport that has ended, though its close event is still to come.
    if (this.#end !== undefined || this.#stream.destroyed || this.#writer.length === 0) return;
    this.#sentSerial = this.#serial;
    this.#stream.write(this.#writer.take());
  }

  #receive(chunk: Buffer): void {
    if (this.#end !== undefined) return;
    this.#keepalive?.heard();
    try {
      this.#frames.push(chunk, (frame) => { this.#dispatch(frame); });
    } catch (error) {
      this.#lose(error instanceof ProtocolError ? error : new ProtocolError(this.host, messageOf(error), error));
    }
  }

  #dispatch(frame: Frame): void {
    if (this.#end !== undefined) return;
    if (frame.program === KEEPALIVE_PROGRAM) { this.#answerKeepalive(frame); return; }
    switch (frame.type) {
      case MessageType.REPLY: this.#settle(frame); break;
      case MessageType.MESSAGE: this.#emit(frame); break;
      case MessageType.STREAM:
      case MessageType.STREAM_HOLE: this.#feed(frame); break;
      default: throw new XdrError(`a frame has the unexpected type ${frame.type}`);
    }
  }

  #settle(frame: Frame): void {
    const call = this.#pending.get(frame.serial);
    if (call === undefined) throw new XdrError(`a reply has the unknown serial ${frame.serial}`);
    const { procedure } = call;
    if (frame.program !== procedure.program || frame.procedure !== procedure.number) {
      throw new XdrError(`the reply to ${procedure.name} is of procedure ${frame.procedure} of program ${frame.program}`);
    }
    if (frame.status === MessageStatus.OK) {
      const value = decode(frame, procedure.ret);
      this.#pending.delete(frame.serial);
      call.resolve(value);
    } else if (frame.status === MessageStatus.ERROR) {
      const error = new LibvirtError(procedure.name, this.host, decode(frame, codecs.NetMessageError));
      this.#pending.delete(frame.serial);
      this.#streams.delete(frame.serial);
      call.reject(error);
    } else throw new XdrError(`the reply to ${procedure.name} has the status ${frame.status}`);
  }

  #emit(frame: Frame): void {
    const event = decodeEvent(frame.program, frame.procedure, (codec) => decode(frame, codec));
    if (event === undefined) return;
    for (const listener of this.#eventListeners) queueMicrotask(() => { listener(event); });
  }

  #feed(frame: Frame): void {
    const stream = this.#streams.get(frame.serial);
    if (stream === undefined) throw new XdrError(`a piece of a stream has the unknown serial ${frame.serial}`);
    const ended = stream.receive(frame.type, frame.status, {
      data: () => frame.buffer.subarray(frame.payloadStart, frame.payloadEnd),
      holeBytes: () => Number(decode(frame, codecs.NetStreamHole).length),
      error: () => new LibvirtError(`stream ${frame.procedure}`, this.host, decode(frame, codecs.NetMessageError)),
    });
    if (ended) this.#streams.delete(frame.serial);
  }

  #streamPeer(procedure: ProcedureHead, serial: number): ConstructorParameters<typeof LibvirtStream>[1] {
    const { program, number } = procedure;
    return {
      host: this.host,
      sendPacket: (packet) => {
        writeFrameHead(packet, 0, { program, procedure: number, type: MessageType.STREAM, serial, status: MessageStatus.CONTINUE }, packet.length - FRAME_HEAD_BYTES);
        return this.#write(packet, procedure);
      },
      sendHole: (holeBytes) => {
        const writer = new XdrWriter();
        codecs.NetStreamHole.encode(writer, { length: BigInt(holeBytes), flags: 0 });
        const payload = writer.take();
        const packet = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payload.length);
        payload.copy(packet, FRAME_HEAD_BYTES);
        writeFrameHead(packet, 0, { program, procedure: number, type: MessageType.STREAM_HOLE, serial, status: MessageStatus.CONTINUE }, payload.length);
        return this.#write(packet, procedure);
      },
      sendStatus: (status) => {
        if (this.#end !== undefined) return;
        this.#head(program, number, MessageType.STREAM, serial, status);
        this.#scheduleFlush();
      },
      pause: () => { this.#paused += 1; if (this.#paused === 1) this.#stream.pause(); },
      resume: () => { this.#paused -= 1; if (this.#paused === 0 && this.#end === undefined) this.#stream.resume(); },
    };
  }

  /** Writes past the frame writer, for large packets; resolves when the transport has taken the bytes. */
  #write(packet: Buffer, procedure: ProcedureHead): Promise<void> {
    this.#flush();
    return new Promise((resolve, reject) => {
      const lose = (): void => { reject(this.#lostError(procedure, true)); };
      if (this.#end !== undefined) { lose(); return; }
      // Not every transport answers for a write that is under way when it is destroyed.
      this.#writes.add(lose);
      this.#stream.write(packet, (error) => {
        this.#writes.delete(lose);
        if (error === null || error === undefined) resolve();
        else reject(this.#lostError(procedure, true, error));
      });
    });
  }

  #answerKeepalive(frame: Frame): void {
    if (frame.procedure === KeepaliveProcedure.PING) this.#sendKeepalive(KeepaliveProcedure.PONG);
    else if (frame.procedure !== KeepaliveProcedure.PONG) throw new XdrError(`a keepalive frame has the unknown procedure ${frame.procedure}`);
  }

  #sendKeepalive(procedure: number): void {
    this.#head(KEEPALIVE_PROGRAM, procedure, MessageType.MESSAGE, 0, MessageStatus.OK);
    this.#scheduleFlush();
  }

  #startKeepalive(options: KeepaliveOptions): void {
    if (this.#end !== undefined) return;
    this.#keepalive = new Keepalive(options, {
      ping: () => { this.#sendKeepalive(KeepaliveProcedure.PING); },
      paused: () => this.#paused > 0,
      dead: (silentMs) => { this.#lose(new Error(`the host was silent for ${silentMs} ms`)); },
    });
  }

  /** Ends the connection, with the reason unless it is our own wish. */
  #lose(reason: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#keepalive?.stop();
    // The stream may still fail while it closes; its end is known already.
    this.#stream.on("error", () => {});
    this.#stream.destroy();
    for (const [serial, call] of this.#pending) call.reject(this.#lostError(call.procedure, this.#wasSent(serial)));
    for (const stream of this.#streams.values()) stream.fail(this.#lostError({ name: "carry a stream", repeatable: false }, true));
    for (const lose of this.#writes) lose();
    this.#pending.clear();
    this.#streams.clear();
    this.#writes.clear();
    for (const listener of this.#closeListeners) listener(reason);
    this.#closeListeners.clear();
  }

  #wasSent(serial: number): boolean {
    // Serials wrap after 2^32 calls; then a call counts as sent, which is the careful answer.
    return serial <= this.#sentSerial || this.#serial < serial;
  }

  #lostError(procedure: Pick<ProcedureHead, "name" | "repeatable">, sent: boolean, cause?: unknown): ConnectionLostError {
    const reason = this.#end?.reason ?? cause;
    return new ConnectionLostError({
      attempted: `call ${procedure.name}`, host: this.host, cause: reason,
      reason: reason instanceof DroverError ? reason.answer : reason === undefined ? "it was closed by us" : messageOf(reason),
      mayHaveHappened: sent && !procedure.repeatable,
    });
  }
}

function decode<T>(frame: Frame, codec: { readonly decode: (reader: XdrReader) => T }): T {
  const reader = new XdrReader(frame.buffer, frame.payloadStart, frame.payloadEnd);
  const value = codec.decode(reader);
  reader.end();
  return value;
}
