import { parseJump, resolveSshHost, type SshHostConfig, type SshHostRequest } from "./ssh-config.js";
import { TransportError } from "./transport-error.js";

const MOST_HOPS = 8;

/**
 * The hosts to log in to, one through the other, the target last. Of several jump hosts the first is reached as its own
 * configuration says, each further one through the one before it, as OpenSSH does.
 *
 * @throws TransportError (`configuration`) for jump hosts that lead in a circle.
 */
export async function resolveHops(request: SshHostRequest, label: string, depth = 0): Promise<SshHostConfig[]> {
  if (depth > MOST_HOPS) {
    throw new TransportError("configuration", { attempted: "follow ProxyJump", host: label, answer: `more than ${MOST_HOPS} jump hosts one behind the other, or a circle`, next: "write \"ProxyJump none\" for the first jump host" });
  }
  const host = await resolveSshHost(request);
  const [last, ...before] = [...host.proxyJump].reverse();
  if (last === undefined) return [host];
  const { configFile, knownHostsFile } = request;
  const jump = { ...parseJump(last), configFile, knownHostsFile };
  // "Host *" with a ProxyJump names the jump host itself too.
  if (jump.host.toLowerCase() === host.alias.toLowerCase()) return [host];
  const hops = await resolveHops({ ...jump, ...(before.length === 0 ? {} : { proxyJump: before.reverse() }) }, label, depth + 1);
  return [...hops, host];
}
