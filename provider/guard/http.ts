import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Counter, Gauge, Registry } from "prom-client";
import { DroverError, messageOf } from "../base/error.js";
import type { Condition } from "./detect.js";
import type { GuardEvent } from "./events.js";

/** What the endpoints tell of a guard. */
export interface Observed {
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly leads: boolean;
  /** Running guests that it would restart, and those that are down and ought to run. */
  readonly guests: { readonly guarded: number; readonly waiting: number };
  /** Since its last look at all hosts ended. */
  readonly idleSeconds: number;
  /** The record answered when it was last asked. */
  readonly hasRecord: boolean;
}

const CONDITIONS: readonly Condition[] = ["unseen", "alive", "ailing", "suspect", "lost"];

/** A guard's figures for Prometheus, and whether it is well, by HTTP. */
export class GuardHttp {
  readonly #registry = new Registry();
  readonly #events: Counter<"kind">;

  /** @param observe asked for at each request */
  constructor(private readonly observe: () => Observed, private readonly staleSeconds: number) {
    const registers = [this.#registry];
    this.#events = new Counter({ name: "drover_guard_events_total", help: "What the guard did and saw, by kind", labelNames: ["kind"], registers });
    new Gauge({ name: "drover_guard_leader", help: "1 where this guard leads", registers, collect() { this.set(observe().leads ? 1 : 0); } });
    new Gauge({ name: "drover_guard_guests", help: "HA guests that this guard would restart", registers, collect() { this.set(observe().guests.guarded); } });
    new Gauge({ name: "drover_guard_guests_waiting", help: "HA guests that are down and ought to run", registers, collect() { this.set(observe().guests.waiting); } });
    new Gauge({
      name: "drover_guard_host_condition", help: "1 for the condition that a host is in", labelNames: ["host", "condition"], registers,
      collect() {
        // Of hosts that the cluster has no more nothing is told.
        this.reset();
        for (const [host, now] of observe().conditions) for (const condition of CONDITIONS) this.set({ host, condition }, condition === now ? 1 : 0);
      },
    });
  }

  count({ kind }: GuardEvent): void {
    this.#events.inc({ kind });
  }

  /**
   * Serves `/metrics`, `/health` (503 when the guard looks at nothing any more) and `/ready` (503 while it does not know all
   * hosts, or the record does not answer).
   * @returns the port, and how to end it
   * @throws DroverError when the port is taken
   */
  async listen(address: string, port: number): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
    const server = createServer((request, response) => {
      void this.#answer(request.url ?? "/").then(({ status, type, body }) => {
        response.writeHead(status, { "content-type": type }).end(body);
      }, (error: unknown) => { response.writeHead(500).end(messageOf(error)); });
    });
    server.listen(port, address);
    try {
      await once(server, "listening");
    } catch (error) {
      throw new DroverError({ attempted: `listen on ${address}:${port}`, answer: messageOf(error), next: "give another --http", cause: error });
    }
    return {
      port: (server.address() as AddressInfo).port,
      close: async () => {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      },
    };
  }

  async #answer(path: string): Promise<{ status: number; type: string; body: string }> {
    const { conditions, idleSeconds, hasRecord } = this.observe();
    const plain = (isWell: boolean, body: string): { status: number; type: string; body: string } => ({ status: isWell ? 200 : 503, type: "text/plain", body: `${body}\n` });
    switch (path) {
      case "/metrics": return { status: 200, type: this.#registry.contentType, body: await this.#registry.metrics() };
      case "/health": return plain(idleSeconds < this.staleSeconds, `it looked at all hosts ${idleSeconds.toFixed(1)} s ago`);
      case "/ready": {
        const unseen = [...conditions].filter(([, condition]) => condition === "unseen").map(([host]) => host);
        const why = !hasRecord ? "the record does not answer" : conditions.size === 0 ? "it has looked at no host yet" : unseen.length > 0 ? `not seen yet: ${unseen.join(", ")}` : undefined;
        return plain(why === undefined, why ?? "ready");
      }
      default: return { status: 404, type: "text/plain", body: "there are /metrics, /health and /ready\n" };
    }
  }
}
