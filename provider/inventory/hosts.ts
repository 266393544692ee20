import { HostConnection } from "../libvirt/index.js";
import { createTransport, parseLibvirtUri, type HostTransport, type TransportOptions } from "../transport/index.js";

/** How a host is reached and whose it is: what a resource's state holds of its host. */
export interface HostAddress {
  /** Name of the host in the program; errors speak of it. */
  readonly name: string;
  /** libvirt's connection URI. */
  readonly uri: string;
  /** Owner id of the host's stack. */
  readonly owner: string;
  readonly ssh?: TransportOptions["ssh"];
}

/** A host with its connections, shared by all that work on it in this process. */
export interface ConnectedHost {
  readonly name: string;
  readonly address: HostAddress;
  readonly libvirt: HostConnection;
  readonly transport: HostTransport;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const connected = new Map<string, ConnectedHost>();

/**
 * The shared connections to a host. Nothing is dialled before the first call.
 * @param connectTimeoutMs how long the host may take to answer, and then its libvirtd; only the first to ask decides. Default 10,000.
 */
export function hostAt(address: HostAddress, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS): ConnectedHost {
  const key = JSON.stringify([address.uri, address.ssh ?? {}]);
  const known = connected.get(key);
  if (known !== undefined) return known;
  const transport = createTransport(parseLibvirtUri(address.uri), {
    name: address.name,
    connectTimeoutMs,
    ...(address.ssh === undefined ? {} : { ssh: address.ssh }),
  });
  const host: ConnectedHost = {
    name: address.name,
    address,
    transport,
    libvirt: new HostConnection(() => transport.open(), { label: address.name, openTimeoutMs: connectTimeoutMs }),
  };
  connected.set(key, host);
  return host;
}

/** Closes all connections; the next {@link hostAt} makes new ones. */
export async function closeHosts(): Promise<void> {
  const closing = [...connected.values()];
  connected.clear();
  await Promise.allSettled(closing.map(async (host) => {
    await host.libvirt.close();
    await host.transport.close();
  }));
}
