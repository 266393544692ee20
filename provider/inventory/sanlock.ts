import { createHash } from "node:crypto";
import { DroverError } from "../base/error.js";
import type { ConnectedHost } from "./hosts.js";

/** Name of the lockspace that libvirt keeps for leases of disks, and of its file in the folder of leases. */
export const LOCKSPACE = "__LIBVIRT__DISKS__";

/** What sanlock's daemon on a host says of itself. Times are seconds of that host's monotonic clock. */
export interface SanlockDaemon {
  /** Its lockspaces are renewed under a watchdog, or it does not take part in them. */
  readonly hasWatchdog: boolean;
  /** After how long without being fed the watchdog resets the host. */
  readonly watchdogSeconds: number;
  readonly nowSeconds: number;
  /** Names under which programs are known to it, which it kills when a lease is lost: of a guest, that of its domain. */
  readonly clients: readonly string[];
  /** libvirt's lockspace; `undefined` where the host is not in it. */
  readonly lockspace: SanlockLockspace | undefined;
}

export interface SanlockLockspace {
  readonly hostId: number;
  /** Path of its file. */
  readonly path: string;
  /** Counts how often a host joined under that id. */
  readonly generation: number;
  readonly ioTimeoutSeconds: number;
  /** When its own lease was renewed last. */
  readonly renewedSeconds: number;
  /** It is being left, or its renewal failed for good. */
  readonly isEnding: boolean;
}

/** A host of the lockspace as another one sees it. Times are seconds of the observer's monotonic clock. */
export interface SanlockPeer {
  readonly hostId: number;
  readonly generation: number;
  /** 0: it left the lockspace in good order. */
  readonly timestamp: number;
  readonly ioTimeoutSeconds: number;
  /** When its lease was read last. */
  readonly checkedSeconds: number;
  /** When its lease was last seen to be renewed. */
  readonly liveSeconds: number;
}

/** Who holds the lease of a disk, as it is written on the storage. */
export interface DiskLease {
  readonly hostId: number;
  readonly generation: number;
  /** 0: it was let go. */
  readonly timestamp: number;
}

/** sanlock's own, before it became a matter of configuration (3.9). */
const WATCHDOG_SECONDS = 60;
/** Commands that only ask are over soon; storage that hangs keeps those waiting that read from it. */
const TIMEOUT_MS = 5_000;

/** @throws DroverError where sanlock does not answer, TransportError where there is no shell */
export async function readSanlock(host: ConnectedHost): Promise<SanlockDaemon> {
  return parseStatus(await ask(host, ["sanlock", "client", "status", "-D"]), host.name);
}

/** All hosts of libvirt's lockspace, as a host that is in it sees them. */
export async function readPeers(host: ConnectedHost): Promise<SanlockPeer[]> {
  return parseHosts(await ask(host, ["sanlock", "client", "host_status", "-D", "-s", LOCKSPACE]));
}

/**
 * Reads leases of disks from the storage.
 * @param directory the folder of leases
 * @param disks paths of the disks, as the domains have them
 * @returns by path; a disk that never had a lease is left out
 */
export async function readLeases(host: ConnectedHost, directory: string, disks: readonly string[]): Promise<Map<string, DiskLease>> {
  const found = await Promise.all(disks.map(async (disk): Promise<[string, DiskLease][]> => {
    const name = leaseName(disk);
    const { code, stdout } = await host.transport.exec(["sanlock", "direct", "read_leader", "-r", `${LOCKSPACE}:${name}:${directory}/${name}:0`], { timeoutMs: TIMEOUT_MS });
    const lease = code === 0 ? parseLeader(stdout, name) : undefined;
    return lease === undefined ? [] : [[disk, lease]];
  }));
  return new Map(found.flat());
}

/** What libvirt calls the lease of a disk: the MD5 of its path. */
export function leaseName(disk: string): string {
  return createHash("md5").update(disk).digest("hex");
}

async function ask(host: ConnectedHost, command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.transport.exec(command, { timeoutMs: TIMEOUT_MS });
  if (code === 0) return stdout;
  throw new DroverError({ attempted: command.join(" "), host: host.name, answer: stderr.trim() === "" ? `exit code ${code}` : stderr.trim(), next: "see that its services sanlock and wdmd run" });
}

/** Lines that begin a record, each with the `key=value` lines that are indented below it. */
function records(text: string): { readonly head: string; readonly facts: ReadonlyMap<string, string> }[] {
  const found: { head: string; facts: Map<string, string> }[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [, key, value] = /^\s+([^=\s]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found.at(-1)?.facts.set(key, value);
    else found.push({ head: line.trim(), facts: new Map() });
  }
  return found;
}

/** @throws DroverError where a fact is missing on which somebody's life may rest */
function integer(facts: ReadonlyMap<string, string>, key: string): number {
  const value = facts.get(key);
  if (value !== undefined && /^[0-9]+$/.test(value)) return Number(value);
  throw new DroverError({ attempted: "read what sanlock says", answer: `${key} is ${value ?? "missing"}`, next: "Drover knows sanlock 3.8 and later: see which version the host has" });
}

/** Of `sanlock client status -D`. @throws DroverError where something is missing in it */
export function parseStatus(text: string, host = ""): SanlockDaemon {
  const all = records(text);
  const daemon = all.find(({ head }) => head.startsWith("daemon "));
  if (daemon === undefined) throw new DroverError({ attempted: "read what sanlock says", host, answer: text.slice(0, 200), next: "see that its service sanlock runs" });
  const own = all.flatMap(({ head, facts }) => {
    const [, hostId, path] = new RegExp(`^s ${LOCKSPACE}:([0-9]+):(.*):[0-9]+(?: [A-Z]+)?$`).exec(head) ?? [];
    return hostId === undefined || path === undefined ? [] : [{
      hostId: Number(hostId), path: path.replaceAll("\\:", ":"), generation: integer(facts, "host_generation"), ioTimeoutSeconds: integer(facts, "io_timeout"),
      renewedSeconds: integer(facts, "renewal_last_success"),
      isEnding: facts.get("list") !== "spaces" || integer(facts, "space_dead") !== 0 || integer(facts, "killing_pids") !== 0,
    }];
  });
  return {
    hasWatchdog: daemon.facts.get("use_watchdog") === "1",
    watchdogSeconds: daemon.facts.has("watchdog_fire_timeout") ? integer(daemon.facts, "watchdog_fire_timeout") : WATCHDOG_SECONDS,
    nowSeconds: integer(daemon.facts, "monotime"),
    clients: all.flatMap(({ head }) => /^p [0-9]+ (.+)$/.exec(head)?.[1] ?? []),
    lockspace: own[0],
  };
}

/** Of `sanlock client host_status -D`. */
export function parseHosts(text: string): SanlockPeer[] {
  return records(text).filter(({ head }) => /^[0-9]+ timestamp [0-9]+$/.test(head)).map(({ facts }) => ({
    hostId: integer(facts, "owner_id"), generation: integer(facts, "owner_generation"), timestamp: integer(facts, "timestamp"), ioTimeoutSeconds: integer(facts, "io_timeout"),
    checkedSeconds: integer(facts, "last_check"), liveSeconds: integer(facts, "last_live"),
  }));
}

/** Of `sanlock direct read_leader`; `undefined` for a file that is no lease of that name. */
export function parseLeader(text: string, name: string): DiskLease | undefined {
  const facts = new Map(text.split("\n").flatMap((line) => {
    const [, key, value] = /^([a-z_]+) (.*)$/.exec(line.trim()) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value.trim()] as const];
  }));
  if (facts.get("space_name") !== LOCKSPACE || facts.get("resource_name") !== name) return undefined;
  return { hostId: integer(facts, "owner_id"), generation: integer(facts, "owner_generation"), timestamp: integer(facts, "timestamp") };
}
