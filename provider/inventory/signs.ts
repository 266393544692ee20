import { once } from "node:events";
import { connect, isIP } from "node:net";
import { messageOf } from "../base/error.js";
import { createTransport, parseLibvirtUri, TransportError, type TransportFailure } from "../transport/index.js";
import type { HostAddress } from "./hosts.js";

/** How long a machine may take to give any sign of life, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Port of sshd; a machine without one refuses the connection, and lives. */
const ANY_PORT = 22;

/**
 * - `lives`: something of the machine answers; one that refuses a connection or a login does.
 * - `silent`: nothing answers, which is no proof that it is dead.
 * - `unresolved`: its name has no address now, so that nobody was asked.
 * - `unknown`: for another reason, which is ours, nobody was asked or nobody knows who answered.
 */
export interface Life {
  readonly is: "lives" | "silent" | "unresolved" | "unknown";
  /** What answered or was in the way, in words: "it takes connections"; empty for silence. */
  readonly text: string;
}

const SILENT: ReadonlySet<TransportFailure> = new Set(["timeout", "unreachable"]);
/** A certificate may be missing here; a jump host may not say why it reached nobody. */
const UNKNOWN: ReadonlySet<TransportFailure> = new Set(["configuration", "certificate", "unsupported", "closed", "jump-failed"]);

/**
 * Whether anything of a machine answers, on the way to its libvirt or on its network of migrations.
 * @param migrationAddress its address there, with or without a port
 */
export async function lifeOf(address: HostAddress, migrationAddress: string | undefined, patienceMs = PATIENCE_MS): Promise<Life> {
  const transport = createTransport(parseLibvirtUri(address.uri), { name: address.name, connectTimeoutMs: patienceMs, ...(address.ssh === undefined ? {} : { ssh: address.ssh }) });
  try {
    const [onItsWay, beside] = await Promise.all([
      transport.open().then((stream): Life => {
        stream.destroy();
        return { is: "lives", text: "it takes connections" };
      }, whatFailed),
      signAt(migrationAddress, patienceMs),
    ]);
    return onItsWay.is === "lives" || beside === undefined ? onItsWay : { is: "lives", text: beside };
  } finally {
    await transport.close();
  }
}

/** What a connection that was not made says of the machine. */
export function whatFailed(error: unknown): Life {
  if (!(error instanceof TransportError)) return { is: "unknown", text: messageOf(error) };
  if (SILENT.has(error.reason)) return { is: "silent", text: "" };
  return { is: error.reason === "unresolved" ? "unresolved" : UNKNOWN.has(error.reason) ? "unknown" : "lives", text: messageOf(error) };
}

/**
 * For whoever is not to take a machine for dead in doubt.
 * @returns what speaks against it, in words; `undefined` where it was asked and nothing answers
 */
export async function signOfLife(address: HostAddress, migrationAddress: string | undefined, patienceMs = PATIENCE_MS): Promise<string | undefined> {
  const { is, text } = await lifeOf(address, migrationAddress, patienceMs);
  return is === "silent" ? undefined : text;
}

/**
 * For whoever goes by a proof or a word that a machine is dead.
 * @returns what speaks against it, in words; a name without an address does not, for the name server may have died with it
 */
export async function mayLive(address: HostAddress, migrationAddress: string | undefined, patienceMs = PATIENCE_MS): Promise<string | undefined> {
  const { is, text } = await lifeOf(address, migrationAddress, patienceMs);
  return is === "lives" || is === "unknown" ? text : undefined;
}

async function signAt(address: string | undefined, patienceMs: number): Promise<string | undefined> {
  if (address === undefined) return undefined;
  const host = /^\[?([^\]]*?)\]?(?::[0-9]+)?$/.exec(address)?.[1] ?? address;
  const socket = connect({ host: isIP(address) === 0 ? host : address, port: ANY_PORT });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(patienceMs) });
    return `${address} takes connections`;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ECONNREFUSED" ? `${address} refuses connections` : undefined;
  } finally {
    socket.destroy();
  }
}
