import { Duplex } from "node:stream";
import { FRAME_HEAD_BYTES, FrameReader, MessageStatus, MessageType, writeFrameHead, type Frame } from "../../../provider/libvirt/frame.js";
import { KEEPALIVE_PROGRAM, REMOTE_PROGRAM, type Codec } from "../../../provider/libvirt/procedure.js";
import { procedures } from "../../../provider/libvirt/protocol/procedures.generated.js";
import { codecs } from "../../../provider/libvirt/protocol/types.generated.js";
import { XdrReader, XdrWriter } from "../../../provider/libvirt/xdr.js";

/** How the fake answers a call; a call that it does not answer stays open. */
export type Answer = (daemon: FakeDaemon, frame: Frame) => void;

/** The other end of a connection, in memory: it takes part in the handshake and answers the rest as the test says. */
export class FakeDaemon {
  readonly client: Duplex;
  readonly calls: Frame[] = [];
  readonly #server: Duplex;
  readonly #answers: ReadonlyMap<number, Answer>;

  constructor(answers: Readonly<Record<number, Answer>> = {}) {
    [this.client, this.#server] = pair();
    this.#answers = new Map(Object.entries({ ...handshakeAnswers, ...answers }).map(([number, answer]) => [Number(number), answer]));
    const reader = new FrameReader();
    this.#server.on("data", (chunk: Buffer) => {
      reader.push(chunk, (frame) => {
        this.calls.push(frame);
        if (frame.program === REMOTE_PROGRAM && frame.type === MessageType.CALL) this.#answers.get(frame.procedure)?.(this, frame);
      });
    });
    this.#server.on("error", () => {});
  }

  reply<T>(call: Frame, codec: Codec<T>, value: T): void {
    this.frame({ ...call, type: MessageType.REPLY, status: MessageStatus.OK }, codec, value);
  }

  refuse(call: Frame, code: number, message: string): void {
    this.frame({ ...call, type: MessageType.REPLY, status: MessageStatus.ERROR }, codecs.NetMessageError, {
      code, domain: 10, message, level: 2, dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null,
    });
  }

  frame<T>(head: Pick<Frame, "program" | "procedure" | "type" | "serial" | "status">, codec: Codec<T>, value: T): void {
    const writer = new XdrWriter();
    codec.encode(writer, value);
    const payload = writer.take();
    const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
    writeFrameHead(bytes, 0, head, payload.length);
    payload.copy(bytes, FRAME_HEAD_BYTES);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.#server.write(bytes);
  }

  hangUp(): void {
    this.#server.destroy();
    this.client.destroy();
  }

  /** How often this procedure was called. */
  count(procedure: { readonly number: number }): number {
    return this.calls.filter((frame) => frame.program !== KEEPALIVE_PROGRAM && frame.procedure === procedure.number && frame.type === MessageType.CALL).length;
  }
}

export function argsOf<T>(frame: Frame, codec: Codec<T>): T {
  return codec.decode(new XdrReader(frame.buffer, frame.payloadStart, frame.payloadEnd));
}

const ok: Answer = (daemon, frame) => { daemon.reply(frame, { encode: () => {}, decode: () => {} }, undefined); };
const handshakeAnswers: Readonly<Record<number, Answer>> = {
  [procedures.authList.number]: (daemon, frame) => { daemon.reply(frame, codecs.AuthListRet, { types: [0] }); },
  [procedures.connectSupportsFeature.number]: (daemon, frame) => { daemon.reply(frame, codecs.ConnectSupportsFeatureRet, { supported: 1 }); },
  [procedures.connectOpen.number]: ok,
  [procedures.connectClose.number]: ok,
};

/** Two ends of one in-memory stream. */
function pair(): [Duplex, Duplex] {
  const end = (): Duplex => new Duplex({
    read() {},
    write(this: Duplex, chunk: Buffer, _encoding, done) { other.get(this)?.push(Buffer.from(chunk)); done(); },
    final(this: Duplex, done) { other.get(this)?.push(null); done(); },
  });
  const other = new Map<Duplex, Duplex>();
  const [left, right] = [end(), end()];
  other.set(left, right);
  other.set(right, left);
  return [left, right];
}
