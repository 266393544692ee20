import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { FrameReader, MessageType, type Frame } from "../../provider/libvirt/frame.js";
import { KEEPALIVE_PROGRAM, type ProcedureHead } from "../../provider/libvirt/procedure.js";

/** One call that a daemon answered. */
export interface Exchange {
  readonly program: number;
  readonly procedure: number;
  /** Payload of the call, in base64. */
  readonly call: string;
  /** Frames that the daemon sent for it, in order: its reply, and what came by a stream. */
  readonly answers: { readonly type: number; readonly status: number; readonly payload: string }[];
}

/** All that a real daemon was asked, and what it said. */
export type Recording = readonly Exchange[];

/**
 * Stands before a daemon's socket, hands everything through, and writes down what is asked and answered.
 * @example const recorder = await Recorder.start("/run/libvirt/libvirt-sock", "/tmp/recorder"); …; const recording = await recorder.stop();
 */
export class Recorder {
  readonly #exchanges: Exchange[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param socket of the daemon  @param own where it listens itself */
  static async start(socket: string, own: string): Promise<Recorder> {
    const server = createServer();
    const recorder = new Recorder(server);
    server.on("connection", (client) => { recorder.#handThrough(client, connect(socket)); });
    server.listen(own);
    await once(server, "listening");
    return recorder;
  }

  async stop(): Promise<Recording> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
    return this.#exchanges;
  }

  #handThrough(client: Socket, daemon: Socket): void {
    const bySerial = new Map<number, Exchange>();
    const calls = new FrameReader();
    const answers = new FrameReader();
    client.on("data", (chunk: Buffer) => {
      calls.push(chunk, (frame) => {
        if (frame.program === KEEPALIVE_PROGRAM || frame.type !== MessageType.CALL) return;
        const exchange: Exchange = { program: frame.program, procedure: frame.procedure, call: payloadOf(frame), answers: [] };
        bySerial.set(frame.serial, exchange);
        this.#exchanges.push(exchange);
      });
      daemon.write(chunk);
    });
    daemon.on("data", (chunk: Buffer) => {
      answers.push(chunk, (frame) => {
        bySerial.get(frame.serial)?.answers.push({ type: frame.type, status: frame.status, payload: payloadOf(frame) });
      });
      client.write(chunk);
    });
    for (const [one, other] of [[client, daemon], [daemon, client]] as const) {
      this.#sockets.add(one);
      one.on("close", () => { this.#sockets.delete(one); other.destroy(); });
      one.on("error", () => other.destroy());
    }
  }
}

/** The first that was asked of a procedure; `undefined` where nobody did. */
export function firstOf(recording: Recording, { program, number }: ProcedureHead): Exchange | undefined {
  return recording.find((exchange) => exchange.program === program && exchange.procedure === number);
}

function payloadOf({ buffer, payloadStart, payloadEnd }: Frame): string {
  return buffer.subarray(payloadStart, payloadEnd).toString("base64");
}

