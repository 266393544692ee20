import { DroverError, messageOf } from "../base/error.js";
import { remembered } from "../base/remembered.js";
import type { HostAddress } from "./hosts.js";
import type { OpenPool } from "./pools.js";
import { readSmallVolume, writeSmallVolume } from "./small-volume.js";

/** Name of the volume that marks a pool of ours, and tells a mounted file system from an empty folder. */
export const POOL_MARKER = "drover-pool.json";

/**
 * What the marker of a pool says. In a shared pool it is also the directory of its hosts, so that a guest can be looked
 * for on all of them by a run that knows only one. It holds no credentials.
 */
export interface PoolMarker {
  readonly owner: string;
  readonly uuid: string;
  /** URI of each host by its name. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Owner id of each host by its name: whoever knows one of them is of the stack that made the pool. */
  readonly owners: Readonly<Record<string, string>>;
}

/**
 * The marker of a pool; `undefined` where there is none or it is empty.
 * @throws DroverError when there is one that is not ours to read.
 */
export async function readPoolMarker(pool: OpenPool): Promise<PoolMarker | undefined> {
  const text = await readSmallVolume(pool, POOL_MARKER);
  if (text === undefined || text === "") return undefined;
  try {
    return markerOf(text);
  } catch (error) {
    throw new DroverError({ attempted: `read the marker ${POOL_MARKER} of storage pool ${pool.name}`, host: pool.host.name, answer: messageOf(error),
      next: `look at ${pool.path}/${POOL_MARKER} on ${pool.host.name}`, cause: error });
  }
}

export async function writePoolMarker(pool: OpenPool, marker: PoolMarker): Promise<void> {
  await writeSmallVolume(pool, POOL_MARKER, JSON.stringify(marker), 65536);
}

/** Takes a host that is dead for good out of a shared pool's directory, through a host that lives. */
export async function forgetInMarker(pool: OpenPool, name: string): Promise<void> {
  const marker = await readPoolMarker(pool);
  if (marker?.hosts[name] === undefined) return;
  const left = <T>(entries: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(entries).filter(([each]) => each !== name));
  await writePoolMarker(pool, { ...marker, hosts: left(marker.hosts), owners: left(marker.owners) });
}

/** Whether the stack that this host is of made its part of the pool. */
export function isPartOf(marker: PoolMarker, host: HostAddress): boolean {
  return marker.owners[host.name] === host.owner && marker.hosts[host.name] !== undefined;
}

/** The hosts that a shared pool's marker names, reached with the credentials of a host that is known. */
export function hostsOfMarker(marker: PoolMarker, known: HostAddress): HostAddress[] {
  return Object.entries(marker.hosts).map(([name, uri]) =>
    name === known.name && uri === known.uri ? known : { ...known, name, uri });
}

/** All hosts of a shared pool read the same one. */
const markerOf = remembered((text) => parseMarker(JSON.parse(text)));

function parseMarker(value: unknown): PoolMarker {
  if (typeof value !== "object" || value === null) throw new TypeError("it is not an object");
  const { owner, uuid, hosts, owners } = value as Record<string, unknown>;
  if (typeof owner !== "string" || typeof uuid !== "string") throw new TypeError("owner or uuid is missing");
  if (typeof hosts !== "object" || hosts === null) throw new TypeError("hosts are missing");
  if (typeof owners !== "object" || owners === null) throw new TypeError("owners are missing");
  return { owner, uuid, hosts: texts(hosts), owners: texts(owners) };
}

function texts(value: object): Record<string, string> {
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
