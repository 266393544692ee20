import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";

/** A write that is to be met, and what is done with it. */
interface Trap {
  readonly key: RegExp;
  readonly when: "before" | "after";
  readonly caught: (key: string) => void;
}

/**
 * What stands between one guard and a member of etcd: it can cut the guard off from the record, or hold a write of it for ever, so that
 * the guard is killed at a known step.
 */
export class RecordGate {
  readonly endpoint: string;
  readonly #server: Server;
  readonly #target: URL;
  #isCut = false;
  #trap: Trap | undefined;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.#target = new URL(target);
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(target: string): Promise<RecordGate> {
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
    const gate = new RecordGate(server, target);
    server.on("connection", (socket) => { if (gate.#isCut) socket.destroy(); });
    server.on("request", (call, answer) => {
      gate.#pass(call.url ?? "/", text(call)).then(({ status, body }) => { answer.writeHead(status, { "content-type": "application/json" }).end(body); }, () => { answer.destroy(); });
    });
    return gate;
  }

  /** No connection is left, and none is taken until it is mended. */
  cut(): void {
    this.#isCut = true;
    this.#server.closeAllConnections();
  }

  mend(): void {
    this.#isCut = false;
  }

  /**
   * Waits for a write of an entry, and keeps it: `before` etcd has it, or `after` that and before the guard hears of it.
   * @param key of the entry, below the cluster's own prefix: `/\/starts\//`
   */
  caught(key: RegExp, when: Trap["when"]): Promise<string> {
    return new Promise((resolve) => { this.#trap = { key, when, caught: resolve }; });
  }

  /** What was not caught goes on. */
  disarm(): void {
    this.#trap = undefined;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await setImmediate();
  }

  async #pass(path: string, call: Promise<string>): Promise<{ status: number; body: string }> {
    const body = await call;
    const trap = this.#trap;
    const key = trap === undefined ? undefined : writtenKeys(JSON.parse(body)).find((each) => trap.key.test(each));
    if (trap !== undefined && key !== undefined) this.disarm();
    const hold = (): Promise<never> => {
      trap?.caught(key ?? "");
      return new Promise<never>(() => {});
    };
    if (key !== undefined && trap?.when === "before") return await hold();
    const answer = await this.#ask(path, body);
    return key === undefined ? answer : await hold();
  }

  #ask(path: string, body: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, this.#target), { method: "POST", headers: { "content-type": "application/json" } }, (response) => {
        text(response).then((answer) => { resolve({ status: response.statusCode ?? 0, body: answer }); }, reject);
      });
      call.once("error", reject);
      call.end(body);
    });
  }
}

/** Keys of the entries that a call writes. */
function writtenKeys(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const isPut = name === "request_put" && typeof inner === "object" && inner !== null && "key" in inner;
    return isPut ? [Buffer.from(String(inner.key), "base64").toString()] : writtenKeys(inner);
  });
}
