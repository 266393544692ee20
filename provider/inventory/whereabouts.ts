import { DroverError, messageOf } from "../base/error.js";
import { confirmedDead, readHostMark } from "./cluster/mark.js";
import type { DomainSearch } from "./domains.js";
import { hostAt, type HostAddress } from "./hosts.js";
import { hostsOfMarker, readPoolMarker } from "./pool-marker.js";
import { openSharedPool, type PoolAddress } from "./pools.js";
import { mayLive } from "./signs.js";

/** The hosts on which a VM may be. */
export interface Whereabouts {
  readonly hosts: readonly HostAddress[];
  /** Why these may not be all. */
  readonly gap: DroverError | undefined;
}

/** The cluster that a VM is of. */
export interface OfCluster {
  /** Id of its marks. */
  readonly id: string;
  readonly name: string;
}

/**
 * All hosts on which a VM may be: its own, and all that share one of its pools, by the directory in the pool's marker. A VM of a
 * cluster without a shared pool may be on all hosts of the cluster, by the directory that each of them keeps.
 */
export async function hostsOf(own: HostAddress, pools: readonly PoolAddress[], cluster: OfCluster | undefined): Promise<Whereabouts> {
  const all = new Map<string, HostAddress>([[own.uri, own]]);
  const add = (hosts: readonly HostAddress[]): void => { for (const host of hosts) if (!all.has(host.uri)) all.set(host.uri, host); };
  const shared = [...new Map(pools.filter((pool) => pool.shared).map((pool) => [pool.uuid, pool])).values()];
  const gaps: DroverError[] = [];
  for (const pool of shared) {
    add(pool.hosts);
    const directory = await unless(directoryOf(pool));
    if (directory instanceof DroverError) gaps.push(directory);
    else add(directory);
  }
  if (cluster === undefined || (shared.length > 0 && gaps.length === 0)) return { hosts: [...all.values()], gap: gaps[0] };
  const directory = await unless(once(`cluster ${cluster.id}`, () => readClusterDirectory(cluster, [...all.values()])));
  if (directory instanceof DroverError) return { hosts: [...all.values()], gap: directory };
  add(directory);
  return { hosts: [...all.values()], gap: undefined };
}

/** How long a host that is said to be dead may take to show that it is not, in milliseconds. */
const SIGN_MS = 3_000;

/** A search without the silent hosts that are said to be dead, by what the others of the cluster keep, and of which nothing else answers. */
export async function withoutDead(search: DomainSearch, { id }: OfCluster): Promise<DomainSearch> {
  if (search.silent.length === 0) return search;
  const marks = (await Promise.all(search.asked.map((host) => readHostMark(host, id)))).filter((mark) => mark !== undefined);
  const isDead = await Promise.all(search.silent.map(async ({ host }) => confirmedDead(marks, host) !== undefined && await mayLive(host, undefined, SIGN_MS) === undefined));
  return { ...search, silent: search.silent.filter((_, index) => isDead[index] !== true) };
}

const directories = new Map<string, Promise<HostAddress[]>>();

/** Hosts of a shared pool by its marker. */
function directoryOf(pool: PoolAddress): Promise<HostAddress[]> {
  return once(`pool ${pool.uuid}`, async () => {
    const open = await openSharedPool(pool);
    const marker = await readPoolMarker(open);
    if (marker === undefined) throw new DroverError({ attempted: `read which hosts share storage pool ${pool.name}`, host: open.host.name, answer: `its marker is not in ${pool.path}`, next: `mount the pool's file system on ${open.host.name}, then run again` });
    return hostsOfMarker(marker, open.host.address);
  });
}

/** Hosts of a cluster, by the first of these that keeps its directory. */
async function readClusterDirectory({ id, name }: OfCluster, known: readonly HostAddress[]): Promise<HostAddress[]> {
  const answers: string[] = [];
  for (const address of known) {
    try {
      const mark = await readHostMark(hostAt(address), id);
      if (mark !== undefined) return mark.hosts.map((host) => (host.uri === address.uri ? address : { ...address, name: host.name, uri: host.uri }));
      answers.push(`${address.name} does not keep it`);
    } catch (error) {
      if (!(error instanceof DroverError)) throw error;
      answers.push(`${address.name}: ${error.answer}`);
    }
  }
  throw new DroverError({ attempted: `read which hosts cluster ${name} has`, answer: answers.join("; "),
    next: "run `pulumi up` with the cluster, which writes it on each host; a VM that is on none of the cluster's hosts leaves the state by `pulumi state delete URN`" });
}

/** What was read well is read once in a process. */
function once(key: string, read: () => Promise<HostAddress[]>): Promise<HostAddress[]> {
  const known = directories.get(key);
  if (known !== undefined) return known;
  const reading = read();
  directories.set(key, reading);
  reading.catch(() => { directories.delete(key); });
  return reading;
}

async function unless<T>(reading: Promise<T>): Promise<T | DroverError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DroverError) return new DroverError({ attempted: "find all hosts on which the VM may be", answer: messageOf(error), cause: error, next: "what is not found is not known to be gone; nothing was changed" });
    throw error;
  }
}
