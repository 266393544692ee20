import { moveOf } from "../apply/migrate/index.js";
import type { Context } from "../engine/handler.js";
import { confirmedDead, marksOf } from "../inventory/cluster/index.js";
import { idOf, readCluster, type ReadCluster } from "../kinds/placement/index.js";
import type { ClusterHost, PlacementInputs } from "../schema/index.js";
import type { ClosedHosts } from "./closed.js";
import type { Condition } from "./detect.js";
import type { Tell } from "./events.js";
import type { KnownGuests } from "./guests.js";
import type { LeaseWatch } from "./lease-watch.js";
import { keptInPlace } from "./restart-plan.js";
import type { Whereabouts } from "./whereabouts.js";

/** How long a host may take to answer when a recovery waits for it, in milliseconds. */
const PATIENCE_MS = 2_000;
/** How long it may take for all of its answers: one whose storage hangs is read without. */
const ANSWER_MS = 10_000;

/** What reading needs of the guard that watches. */
export interface ReaderOptions {
  /** The cluster as it is wanted. */
  readonly inputs: () => PlacementInputs;
  readonly guests: KnownGuests;
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly leases: LeaseWatch;
  readonly whereabouts: Whereabouts;
  readonly closed: ClosedHosts;
  readonly tell: Tell;
}

export interface ReadingOptions {
  readonly change?: (inputs: PlacementInputs) => PlacementInputs;
  readonly answerTimeoutMs?: number;
}

/** Reads all hosts of the cluster, and keeps what the last reading said of each. */
export class ClusterReader {
  readonly #options: ReaderOptions;
  /** Words of a host's death, by their times, that were there when it answered: nobody may go by them any more. */
  readonly #outdated = new Map<string, string>();
  /** Hosts that an operator's word calls dead, by which nobody has acted yet. */
  readonly #spoken = new Set<string>();
  /** Hosts that were proved to be dead when all were read last. */
  #dead: ReadonlySet<string> = new Set();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** The cluster as it is, with each guest where this guard last saw it: the program's state may be older. */
  async read(ctx: Context, { change = (inputs) => inputs, answerTimeoutMs = ANSWER_MS }: ReadingOptions = {}): Promise<ReadCluster> {
    const inputs = change(this.#options.inputs());
    const assignments = { ...inputs.assignments };
    for (const { name, host } of this.#options.guests.all()) {
      const address = inputs.hosts.find((each) => each.host.name === host)?.host;
      const before = assignments[name];
      if (address !== undefined && before !== undefined) assignments[name] = { ...before, name: address.name, uri: address.uri, owner: address.owner };
    }
    const now: PlacementInputs = { ...inputs, assignments, onUnreachable: "plan-without" };
    // One that is lost is asked by those who watch, and would only be waited for.
    const silent = new Set([...this.#options.conditions].filter(([, condition]) => condition === "lost").map(([name]) => name));
    const cluster = await readCluster(ctx, now, now, { connectTimeoutMs: PATIENCE_MS, answerTimeoutMs, silent, mayRunTwice: true });
    this.#dead = new Set(cluster.hosts.filter(({ state }) => state === "lost").map(({ declared }) => declared.host.name));
    for (const { declared: { host }, state, read } of cluster.hosts) {
      if (read !== undefined) this.#options.closed.sees(host.name, state === "maintenance");
      const word = confirmedDead(marksOf(cluster.reading, idOf(cluster.inputs)), host);
      if (read !== undefined && word !== undefined) this.#outdated.set(host.name, word.at);
      if (word?.until === undefined) this.#spoken.delete(host.name);
      else this.#spoken.add(host.name);
    }
    for (const { seen } of cluster.sorted.members) if (seen?.domain.isActive === true) this.#options.whereabouts.settled(seen.domain.uuid, seen.domain.ours === undefined || moveOf(seen.domain.ours) === undefined);
    // Where no guest can have a lease, none starts.
    const hosts = cluster.hosts.map((host) => (host.state === "up" && this.#options.leases.isOut(host.declared.host.name) ? { ...host, state: "maintenance" as const } : host));
    return this.#withoutTwice({ ...cluster, hosts });
  }

  /** A guest that runs twice is told of and left to a person; it stops nobody else's rescue. */
  #withoutTwice(cluster: ReadCluster): ReadCluster {
    const twice = cluster.sorted.twice.filter(({ name }) => !cluster.cutOff.some((move) => move.name === name));
    for (const { name, hosts } of twice) this.#options.tell("guest-twice", `it runs on ${hosts.join(" and ")} at once: stop one of the two by hand at once, the one with the older data; this guard does nothing to either`, { vm: name });
    return keptInPlace(cluster, new Map(twice.map(({ name, hosts }) => [name, `runs on ${hosts.join(" and ")} at once`])));
  }

  /** Whether a host has answered since the word of its death that bears this time. */
  isOutdated(host: string, at: string): boolean {
    return this.#outdated.get(host) === at;
  }

  /** Whether an operator's word calls a host dead, by which nobody has acted yet. */
  isSpoken(host: string): boolean {
    return this.#spoken.has(host);
  }

  /** Whether a host ought to answer: it is not in maintenance, and not proved to be dead. */
  isExpected(name: string): boolean {
    const host = this.#options.inputs().hosts.find((each) => each.host.name === name);
    return !this.#dead.has(name) && (host === undefined || !this.isClosed(host));
  }

  /** Whether a host is in maintenance, as far as is known. */
  isClosed({ host, maintenance }: ClusterHost): boolean {
    return maintenance === true || this.#options.closed.has(host.name);
  }
}
