import { once } from "node:events";
import { connect, isIP } from "node:net";
import { DroverError, messageOf } from "../../base/error.js";
import { readHostMark, writeHostMark } from "../../inventory/cluster/index.js";
import { hostAt } from "../../inventory/hosts.js";
import { createTransport, parseLibvirtUri, TransportError, type TransportFailure } from "../../transport/index.js";
import { directory, idOf, noteNow } from "./marks.js";
import type { ReadCluster } from "./planning.js";

/** How long a machine may take to give any sign of life. */
const PATIENCE_MS = 10_000;

/** @throws DroverError when the host, or anything of its machine, answers */
export async function refuseLiving({ hosts, reading }: ReadCluster, name: string): Promise<void> {
  const silent = reading.silent.find(({ address }) => address.name === name);
  if (silent === undefined) {
    throw new DroverError({ attempted: `take ${name} for dead`, answer: hosts.some(({ declared }) => declared.host.name === name) ? "its libvirt answers" : "the cluster has no such host", next: "nothing was changed" });
  }
  const { address } = silent;
  const transport = createTransport(parseLibvirtUri(address.uri), { name, connectTimeoutMs: PATIENCE_MS, ...(address.ssh === undefined ? {} : { ssh: address.ssh }) });
  const sign = await transport.open().then((stream) => {
    stream.destroy();
    return "it takes connections";
  }, (error: unknown) => (error instanceof TransportError && SILENT.has(error.reason) ? undefined : messageOf(error)));
  await transport.close();
  const found = sign ?? await signAt(hosts.find(({ declared }) => declared.host.name === name)?.declared.migration?.address);
  if (found === undefined) return;
  throw new DroverError({ attempted: `take ${name} for dead`, answer: `its machine may live: ${found}`, next: "its guests may run: cut its power first, or mend what is in the way and run `pulumi up`" });
}

/** Port of sshd; a machine without one refuses the connection, and lives. */
const ANY_PORT = 22;

/** A sign of life on the network of migrations, which is another one than that of the URI, perhaps. */
async function signAt(address: string | undefined): Promise<string | undefined> {
  if (address === undefined) return undefined;
  const host = /^\[?([^\]]*?)\]?(?::[0-9]+)?$/.exec(address)?.[1] ?? address;
  const socket = connect({ host: isIP(address) === 0 ? host : address, port: ANY_PORT });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return `${address} takes connections`;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ECONNREFUSED" ? `${address} refuses connections` : undefined;
  } finally {
    socket.destroy();
  }
}

/** A machine that refuses a connection or a login is alive, and of one that has no address nothing is known. */
const SILENT: ReadonlySet<TransportFailure> = new Set(["timeout", "unreachable"]);

/**
 * Writes on all other hosts of the cluster that one is dead.
 * @param by what it is known by, for whoever reads the mark: the fence agent whose device said that it is off
 * @returns names of the hosts that keep it
 * @throws DroverError when none of them could be told
 */
export async function markDead({ inputs, reading }: ReadCluster, name: string, by = "drover confirm-dead"): Promise<string[]> {
  const told: string[] = [];
  for (const { address } of reading.hosts) {
    const host = hostAt(address);
    const before = await readHostMark(host, idOf(inputs));
    const hosts = directory(inputs, before).map((each) => (each.name === name ? { ...each, confirmedDead: noteNow(by) } : each));
    await writeHostMark(host, { cluster: { id: idOf(inputs), name: inputs.cluster }, state: before?.state, hosts });
    told.push(address.name);
  }
  if (told.length === 0) throw new DroverError({ attempted: `take ${name} for dead`, answer: "no other host of the cluster answers, and one has to keep it", next: "bring another host back first" });
  return told;
}
