import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { SshOptions } from "./host-transport.js";
import { resolveSshHost } from "./ssh-config.js";
import type { LibvirtUri } from "./uri.js";

/**
 * The IP address at which a host is reached from here, by its URI and the ssh configuration; `undefined` where there is none to
 * be had: the local socket, a loopback address, a name that only a jump host knows.
 */
export async function networkAddress(uri: LibvirtUri, ssh: SshOptions = {}): Promise<string | undefined> {
  if (uri.transport === "unix" || uri.host === undefined) return undefined;
  const name = uri.transport === "ssh" ? (await resolveSshHost({ host: uri.host, user: uri.user, port: uri.port, configFile: ssh.configFile })).hostName : uri.host;
  const address = isIP(name) === 0 ? await resolved(name) : name;
  return address === undefined || /^(127\.|::1$)/.test(address) ? undefined : address;
}

async function resolved(name: string): Promise<string | undefined> {
  try {
    return (await lookup(name)).address;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
