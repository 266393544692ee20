import type { Duplex } from "node:stream";
import { messageOf } from "../base/error.js";
import { DEFAULT_CONNECT_TIMEOUT_MS, type ExecOptions, type ExecResult, type HostTransport, type SshOptions } from "./host-transport.js";
import { connectSocket } from "./socket.js";
import { SshChannelStream } from "./ssh-channel-stream.js";
import { type SshHostConfig } from "./ssh-config.js";
import { SshConnection } from "./ssh-connection.js";
import { runCommand } from "./ssh-exec.js";
import { resolveHops } from "./ssh-hops.js";
import { findRoute, openRoute, type SocketRoute } from "./ssh-route.js";
import { TransportError } from "./transport-error.js";

/** Where an ssh transport leads. */
export interface SshTarget {
  readonly label: string;
  /** A name that the ssh configuration may know. */
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
  readonly ssh: SshOptions;
  readonly connectTimeoutMs?: number | undefined;
}

/** A connection with the jump hosts' under it, the way to the socket once it is known. */
interface Session {
  readonly connections: readonly SshConnection[];
  readonly last: SshConnection;
  readonly user: string;
  route: SocketRoute | undefined;
}

/** libvirt's socket on another machine, over one ssh connection that all streams and commands share. */
export class SshTransport implements HostTransport {
  readonly label: string;
  readonly #target: SshTarget;
  #session: Promise<Session> | undefined;
  #routing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(target: SshTarget) {
    this.label = target.label;
    this.#target = target;
  }

  async open(): Promise<Duplex> {
    const session = await this.#connected();
    const target = { label: this.label, user: session.user, socket: this.#target.socket };
    if (session.route !== undefined) return openRoute(session.last, session.route, target);
    // One at a time while the way is not known, or each would look for it.
    const search = this.#routing.then(async () => {
      if (session.route !== undefined) return openRoute(session.last, session.route, target);
      const { route, stream } = await findRoute(session.last, target);
      session.route = route;
      return stream;
    });
    this.#routing = search.catch(() => {});
    return search;
  }

  async exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const session = await this.#connected();
    return runCommand(session.last, command, options, this.label);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    // From the host inwards: its connection runs through the jump hosts'.
    for (const connection of [...(session?.connections ?? [])].reverse()) await connection.close();
  }

  /** The shared session: made at the first call, and again when it was lost. */
  #connected(): Promise<Session> {
    if (this.#closed) return Promise.reject(new TransportError("closed", { attempted: "use the ssh connection", host: this.label, answer: "the transport was closed" }));
    this.#session ??= this.#connect().then((session) => {
      session.last.onClose(() => {
        this.#session = undefined;
        closeAll(session.connections);
      });
      return session;
    }, (error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #connect(): Promise<Session> {
    const { host, user, port, ssh } = this.#target;
    const hops = await resolveHops({ host, user, port, configFile: ssh.configFile, knownHostsFile: ssh.knownHostsFile }, this.label);
    const connections: SshConnection[] = [];
    try {
      for (const [index, hop] of hops.entries()) {
        const isTarget = index === hops.length - 1;
        const label = isTarget ? this.label : `${hop.alias} (jump host of ${this.label})`;
        const timeoutMs = this.#target.connectTimeoutMs ?? hop.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
        const previous = connections.at(-1);
        const socket = previous === undefined
          ? await connectSocket({ address: { host: hop.hostName, port: hop.port, ...(hop.addressFamily === undefined ? {} : { family: hop.addressFamily }) }, label, timeoutMs })
          : await jump(previous, hop, hops[index - 1]?.alias ?? "", label, timeoutMs);
        const { password, ...keys } = ssh;
        connections.push(await SshConnection.open({
          host: hop,
          label,
          socket,
          keys: isTarget && password !== undefined ? { ...keys, password } : keys,
          timeoutMs,
          jump: previous === undefined ? undefined : hops[index - 1]?.alias,
        }));
      }
      const last = connections.at(-1);
      const target = hops.at(-1);
      if (last === undefined || target === undefined) throw new TransportError("configuration", { attempted: "find the way", host: this.label, answer: "no host is named" });
      await speedUp(last);
      return { connections, last, user: target.user, route: undefined };
    } catch (error) {
      closeAll(connections);
      throw error;
    }
  }
}

function closeAll(connections: readonly SshConnection[]): void {
  for (const connection of [...connections].reverse()) void connection.close();
}

/** OpenSSH's sshd switches Nagle's algorithm off with the first session of a connection; without one small calls stall 40 ms. */
async function speedUp(connection: SshConnection): Promise<void> {
  try {
    const channel = await connection.exec("exit");
    channel.resume().end();
    channel.stderr.resume();
  } catch (error) {
    // An account that may forward but not run commands is slower, and works.
    if (!connection.alive) throw error;
  }
}

async function jump(from: SshConnection, to: SshHostConfig, jumpHost: string, label: string, timeoutMs: number): Promise<Duplex> {
  const attempted = `reach ${to.hostName} port ${to.port} through the jump host ${jumpHost}`;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TransportError("timeout", { attempted, host: label, answer: `no answer within ${timeoutMs / 1000} s`, next: "check that the host is up and that no firewall drops the connection" }));
    }, timeoutMs);
  });
  const opening = from.forwardTcp(to.hostName, to.port);
  try {
    return new SshChannelStream(await Promise.race([opening, late]), from.carrier, () => from.lost);
  } catch (error) {
    if (error instanceof TransportError) throw error;
    throw jumpRefused(attempted, messageOf(error), label, error);
  } finally {
    clearTimeout(timer);
  }
}

function jumpRefused(attempted: string, answer: string, label: string, cause: unknown): TransportError {
  // RFC 4254, 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED.
  if (cause instanceof Error && "reason" in cause && cause.reason === 1) return new TransportError("forwarding-refused", { attempted, host: label, answer, next: "set AllowTcpForwarding yes in the jump host's sshd_config and reload its sshd", cause });
  if (/name or service|resolve/i.test(answer)) return new TransportError("unresolved", { attempted, host: label, answer, next: "give the host a HostName that the jump host knows", cause });
  if (/timed out/i.test(answer)) return new TransportError("timeout", { attempted, host: label, answer, next: "check that the host is up and that no firewall drops the connection", cause });
  // OpenSSH gives the system's own words. Who says no more may hide a machine that refuses, or one that is gone.
  if (!/refused|unreachable|no route|host is down/i.test(answer)) return new TransportError("jump-failed", { attempted, host: label, answer, next: "check that the host is up, its sshd runs, and the jump host can reach it", cause });
  return new TransportError(/refused/i.test(answer) ? "refused" : "unreachable", { attempted, host: label, answer, next: "check that the host is up, its sshd runs, and the jump host can reach it", cause });
}
