import type { Duplex } from "node:stream";
import { DEFAULT_CONNECT_TIMEOUT_MS, type ExecResult } from "./host-transport.js";
import { SocketTransport } from "./socket-transport.js";
import { connectSocket } from "./socket.js";
import { TransportError } from "./transport-error.js";

/** IANA's port for libvirt over TCP. */
export const LIBVIRT_TCP_PORT = 16509;

/** Where a network transport leads. */
export interface NetworkTarget {
  readonly label: string;
  readonly host: string;
  readonly port?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

/** What tcp and tls share: no commands. */
export abstract class NetworkTransport extends SocketTransport {
  exec(command: readonly string[]): Promise<ExecResult> {
    return Promise.reject(new TransportError("unsupported", {
      attempted: `run ${command[0] ?? "a command"}`,
      host: this.label,
      answer: "libvirt's TCP and TLS ports carry no commands",
      next: `reach the host by qemu+ssh://${this.label}/system`,
    }));
  }
}

/** libvirt's unencrypted port: for a network that is trusted, or with SASL above it. */
export class TcpTransport extends NetworkTransport {
  readonly #target: NetworkTarget;

  constructor(target: NetworkTarget) {
    super(target.label);
    this.#target = target;
  }

  protected connect(): Promise<Duplex> {
    const { host, label, port = LIBVIRT_TCP_PORT, connectTimeoutMs: timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#target;
    return connectSocket({ address: { host, port }, label, timeoutMs });
  }
}
