import { messageOf } from "../base/error.js";
import type { Context } from "../engine/handler.js";
import { readCluster, WORK_LOCK, type ReadCluster } from "../kinds/placement/index.js";
import type { Hold, RecordStore } from "../record/store.js";
import type { ClusterHost, PlacementInputs } from "../schema/index.js";
import type { Condition } from "./detect.js";
import type { Tell } from "./events.js";
import type { GuardClock } from "./guard.js";
import type { KnownGuest, KnownGuests } from "./guests.js";
import { Intents } from "./intents.js";
import { Attempts, restartGuests } from "./planned-restart.js";
import { recoverHost, wordOfDeath, type Fence } from "./recovery.js";
import { takeBack } from "./returned.js";
import type { GuardSettings } from "./settings.js";
import { whyNotFence } from "./storm.js";

/** What acting needs of the guard that watches. */
export interface ActingOptions {
  readonly id: string;
  readonly store: RecordStore;
  readonly settings: GuardSettings;
  readonly clock: GuardClock;
  readonly fence: Fence;
  readonly softFence: (host: ClusterHost, signal: AbortSignal) => Promise<void>;
  readonly tell: Tell;
  readonly guests: KnownGuests;
  readonly conditions: ReadonlyMap<string, Condition>;
  /** The leader's lock; `undefined` where another leads. */
  readonly leader: () => Hold | undefined;
  /** The cluster as it is wanted. */
  readonly inputs: () => PlacementInputs;
  /** How long a host's machine has answered and its libvirt has not. */
  readonly ailingSeconds: (host: string) => number;
}

/** How long a host may take to answer when a recovery waits for it, in milliseconds. */
const PATIENCE_MS = 2_000;
/** Where the record keeps when each host was fenced last. */
const FENCED = "fenced/";
/** Where the record keeps guests whose start is owed though their state does not show it. */
const OWED = "owed/";

/** What a leading guard does about what it sees. */
export class Acting {
  readonly #options: ActingOptions;
  readonly #intents: Intents;
  readonly attempts = new Attempts();
  /** When each host was fenced last, by any guard: milliseconds since the epoch. */
  readonly #fencedMs = new Map<string, number>();
  readonly #softFencedMs = new Map<string, number>();
  /** Hosts whose recovery is over, until they answer again. */
  readonly #recovered = new Set<string>();
  /** Asked at first, and whenever a host answers that did not: all hosts are read for it. */
  #mayHaveReturned = true;
  /** Guests that are off and ought to run: by UUID. */
  readonly fallen = new Map<string, KnownGuest>();
  /** Those among them of which only the record knows why. */
  readonly #owed = new Set<string>();
  /** Words of a host's death, by their times, that were there when it answered: nobody may go by them any more. */
  readonly #outdated = new Map<string, string>();
  /** Hosts that were in maintenance when they were read last, by the program or by hand. */
  readonly #inMaintenance = new Set<string>();

  constructor(options: ActingOptions) {
    this.#options = options;
    this.#intents = new Intents(options.store);
  }

  /** What leaders before this one have left undone. */
  async takeOver(): Promise<void> {
    const { store } = this.#options;
    await this.#intents.load();
    for (const { key, value } of await store.list(FENCED)) this.#fencedMs.set(key.slice(FENCED.length), Number(value));
    for (const { key, value } of await store.list(OWED)) {
      const uuid = key.slice(OWED.length);
      this.#owed.add(uuid);
      this.fallen.set(uuid, JSON.parse(value) as KnownGuest);
    }
  }

  /** A host answers that did not: when it is lost again, that is another loss; and the others may have kept that it is dead. */
  answers(host: string, isNew: boolean): void {
    if (!isNew) return;
    this.#recovered.delete(host);
    this.#mayHaveReturned = true;
  }

  /** A guest is seen to run. */
  runs(uuid: string): void {
    this.attempts.runs(uuid, this.#options.clock.monotonicMs());
    this.fallen.delete(uuid);
  }

  /** The cluster as it is, with each guest where this guard last saw it: the program's state may be older. */
  async read(ctx: Context): Promise<ReadCluster> {
    const inputs = this.#options.inputs();
    const assignments = { ...inputs.assignments };
    for (const { name, host } of this.#options.guests.all()) {
      const address = inputs.hosts.find((each) => each.host.name === host)?.host;
      const before = assignments[name];
      if (address !== undefined && before !== undefined) assignments[name] = { ...before, name: address.name, uri: address.uri, owner: address.owner };
    }
    const now: PlacementInputs = { ...inputs, assignments, onUnreachable: "plan-without" };
    // One that is lost is asked by those who watch, and would only be waited for.
    const silent = new Set([...this.#options.conditions].filter(([, condition]) => condition === "lost").map(([name]) => name));
    const cluster = await readCluster(ctx, now, now, { connectTimeoutMs: PATIENCE_MS, silent });
    for (const { declared: { host }, state, read } of cluster.hosts) {
      if (state === "maintenance") this.#inMaintenance.add(host.name);
      else if (read !== undefined) this.#inMaintenance.delete(host.name);
      const word = read === undefined ? undefined : wordOfDeath(cluster, host);
      if (word !== undefined) this.#outdated.set(host.name, word);
    }
    return cluster;
  }

  async act(ctx: Context): Promise<void> {
    const { conditions, inputs } = this.#options;
    const { hosts } = inputs();
    for (const host of hosts) if (conditions.get(host.host.name) === "ailing" && !this.#isClosed(host)) await this.#mend(host, ctx);
    const lost = hosts.filter(({ host }) => conditions.get(host.name) === "lost" && !this.#recovered.has(host.name));
    await this.#forgetPaid();
    const hasFallen = [...this.fallen.values()].some(({ host }) => conditions.get(host) === "alive");
    const returned = this.#mayHaveReturned && (await this.read(ctx)).returned.length > 0;
    this.#mayHaveReturned = returned;
    if (lost.length > 0 || hasFallen || returned) await this.#atWork(ctx, (proceed) => this.#restore(ctx, lost, returned, proceed));
  }

  async #restore(ctx: Context, lost: readonly ClusterHost[], returned: boolean, proceed: () => Hold): Promise<void> {
    const { settings, clock, store, fence, tell, guests, conditions } = this.#options;
    const common = { guests, intents: this.#intents, settings, tell, proceed };
    if (returned) await takeBack(ctx, await this.read(ctx), tell, proceed);
    for (const host of lost) {
      try {
        const outcome = await recoverHost(ctx, host, {
          ...common, fallen: this.fallen, attempts: this.attempts, fence, read: (context) => this.read(context),
          isOutdated: (name, at) => this.#outdated.get(name) === at,
          whyNot: (name) => (this.#isClosed(host) ? "it is in maintenance: what is wrong there is somebody's work" : this.#whyNotFence(name)),
          owe: async (guest) => {
            await store.put(OWED + guest.uuid, JSON.stringify(guest), { hold: proceed() });
            this.#owed.add(guest.uuid);
            this.fallen.set(guest.uuid, guest);
          },
          fenced: async (name) => {
            this.#fencedMs.set(name, clock.nowMs());
            await store.put(FENCED + name, String(clock.nowMs()), { hold: proceed() });
          },
        });
        if (outcome === "done") this.#recovered.add(host.host.name);
      } catch (error) {
        // The others' guests do not wait for what is wrong with this one.
        proceed();
        tell("trouble", messageOf(error), { host: host.host.name });
      }
    }
    const fallen = [...this.fallen.values()].filter(({ host }) => conditions.get(host) === "alive");
    if (fallen.length > 0) await restartGuests(ctx, await this.read(ctx), fallen, this.attempts, common);
  }

  /** Its own last fence says nothing against the next one of it. */
  #whyNotFence(host: string): string | undefined {
    const { conditions, settings, clock } = this.#options;
    const others = [...this.#fencedMs].filter(([name]) => name !== host).map(([, ms]) => ms);
    return whyNotFence(host, conditions, others, settings, clock.nowMs());
  }

  #isClosed({ host, maintenance }: ClusterHost): boolean {
    return maintenance ?? this.#inMaintenance.has(host.name);
  }

  /** What was owed and runs now. */
  async #forgetPaid(): Promise<void> {
    const { store, leader } = this.#options;
    for (const uuid of [...this.#owed].filter((each) => !this.fallen.has(each))) {
      const hold = leader();
      if (hold === undefined) return;
      await store.delete(OWED + uuid, { hold });
      this.#owed.delete(uuid);
    }
  }

  /** Works where nobody else does: not beside a `pulumi up`. */
  async #atWork(ctx: Context, run: (proceed: () => Hold) => Promise<void>): Promise<void> {
    const { store, id, settings, tell, leader } = this.#options;
    const got = await store.acquire(WORK_LOCK, `drover guard ${id}`, { ttlSeconds: settings.leaseSeconds });
    if (!("release" in got)) {
      tell("work-waits", `${got.heldBy} has been at work on the cluster since ${got.since}: it is waited for`);
      return;
    }
    try {
      await run(() => {
        ctx.signal.throwIfAborted();
        const hold = leader();
        if (hold === undefined || got.lost.aborted) throw new Error("this guard leads no longer, or the record does not confirm it");
        return hold;
      });
    } finally {
      await got.release().catch((error: unknown) => { tell("record-lost", messageOf(error)); });
    }
  }

  /** Soft fencing: it repairs, and is never evidence. */
  async #mend(host: ClusterHost, ctx: Context): Promise<void> {
    const { clock, settings, softFence, ailingSeconds, tell } = this.#options;
    const { name } = host.host;
    const nowMs = clock.monotonicMs();
    const silent = ailingSeconds(name);
    const lastMs = this.#softFencedMs.get(name) ?? Number.NEGATIVE_INFINITY;
    if (silent < settings.softFenceSeconds || nowMs - lastMs < settings.softFenceSeconds * 1000) return;
    this.#softFencedMs.set(name, nowMs);
    tell("soft-fence", `its libvirtd has been silent for ${Math.round(silent)} s and its machine answers: libvirtd is restarted, guests go on`, { host: name });
    try {
      await softFence(host, ctx.signal);
    } catch (error) {
      tell("trouble", `its libvirtd could not be restarted: ${messageOf(error)}`, { host: name });
    }
  }
}
