import type { HostTransport, TransportOptions } from "./host-transport.js";
import { SshTransport } from "./ssh.js";
import { TcpTransport } from "./tcp.js";
import { TlsTransport } from "./tls.js";
import { TransportError } from "./transport-error.js";
import { UnixTransport } from "./unix.js";
import type { LibvirtUri } from "./uri.js";

export type { ExecOptions, ExecResult, HostTransport, SshOptions, TransportOptions } from "./host-transport.js";
export { TransportError, type TransportFailure } from "./transport-error.js";
export { networkAddress } from "./network-address.js";
export { parseLibvirtUri, type LibvirtUri } from "./uri.js";

/**
 * The way to a host's libvirt daemon. Nothing is connected until the first call.
 *
 * @example
 * const transport = createTransport(parseLibvirtUri("qemu+ssh://root@ash/system"));
 * const stream = await transport.open();
 */
export function createTransport(uri: LibvirtUri, options: TransportOptions = {}): HostTransport {
  const { connectTimeoutMs } = options;
  const label = options.name ?? uri.host ?? "localhost";
  const { host } = uri;
  if (uri.transport === "unix") return new UnixTransport({ label, socket: uri.socket, connectTimeoutMs });
  if (host === undefined) throw new TransportError("configuration", { attempted: `make a ${uri.transport} transport`, host: label, answer: "the URI names no host" });
  switch (uri.transport) {
    case "tcp":
      return new TcpTransport({ label, host, port: uri.port, connectTimeoutMs });
    case "tls":
      return new TlsTransport({ label, host, port: uri.port, pkipath: uri.pkipath, connectTimeoutMs });
    case "ssh":
      return new SshTransport({
        label, host, user: uri.user, port: uri.port, socket: uri.socket, connectTimeoutMs,
        ssh: { ...options.ssh, ...(uri.keyfile === undefined ? {} : { identityFile: uri.keyfile }) },
      });
  }
}
