import { once } from "node:events";
import { connect, isIP } from "node:net";
import { messageOf } from "../base/error.js";
import { createTransport, parseLibvirtUri, TransportError, type TransportFailure } from "../transport/index.js";
import type { HostAddress } from "./hosts.js";

/** How long a machine may take to give any sign of life, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Port of sshd; a machine without one refuses the connection, and lives. */
const ANY_PORT = 22;

/** A machine that refuses a connection or a login is alive, and of one that has no address nothing is known. */
const SILENT: ReadonlySet<TransportFailure> = new Set(["timeout", "unreachable"]);

/**
 * Whether anything of a machine answers, on the way to its libvirt or on its network of migrations.
 * @param migrationAddress its address there, with or without a port
 * @returns what answered, in words: "it takes connections"; `undefined` for nothing, which is no proof that it is dead
 */
export async function signOfLife(address: HostAddress, migrationAddress: string | undefined, patienceMs = PATIENCE_MS): Promise<string | undefined> {
  const transport = createTransport(parseLibvirtUri(address.uri), { name: address.name, connectTimeoutMs: patienceMs, ...(address.ssh === undefined ? {} : { ssh: address.ssh }) });
  try {
    const [onItsWay, beside] = await Promise.all([
      transport.open().then((stream) => {
        stream.destroy();
        return "it takes connections";
      }, (error: unknown) => (error instanceof TransportError && SILENT.has(error.reason) ? undefined : messageOf(error))),
      signAt(migrationAddress, patienceMs),
    ]);
    return onItsWay ?? beside;
  } finally {
    await transport.close();
  }
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
