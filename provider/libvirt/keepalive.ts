/** How a connection notices a dead peer. */
export interface KeepaliveOptions {
  /** Silence after which the peer is pinged, in milliseconds. Default 5,000. */
  readonly intervalMs?: number | undefined;
  /** Pings without any answer after which the connection is lost. Default 6: 30 s, as libvirtd itself has it. */
  readonly count?: number | undefined;
}

export const KeepaliveProcedure = { PING: 1, PONG: 2 } as const;

/** Pings a silent peer and tells when it is dead. Whatever arrives counts as a sign of life. */
export class Keepalive {
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  #unanswered = 0;

  /** `paused` tells that we ourselves do not read at the moment, so that the peer's silence means nothing. */
  constructor(options: KeepaliveOptions, peer: { ping(): void; paused(): boolean; dead(silentMs: number): void }) {
    const { intervalMs = 5_000, count = 6 } = options;
    this.#timer = setInterval(() => {
      if (this.#heard || peer.paused()) this.#unanswered = 0;
      else if (this.#unanswered >= count) { peer.dead(intervalMs * count); return; }
      // While we do not read, our ping is what keeps the daemon from dropping us.
      if (!this.#heard || peer.paused()) { this.#unanswered += 1; peer.ping(); }
      this.#heard = false;
    }, intervalMs);
    this.#timer.unref();
  }

  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
