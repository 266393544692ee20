import type { SteadyClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { silentLog } from "../base/log.js";
import { within } from "../base/within.js";
import type { Context } from "../engine/handler.js";
import { isActive } from "../inventory/domains.js";
import { hostAt } from "../inventory/hosts.js";
import { signOfLife } from "../inventory/signs.js";
import { unknownTo, WANTED_KEY, wantedOf } from "../kinds/placement/index.js";
import type { Hold, RecordStore } from "../record/store.js";
import type { ClusterHost, PlacementInputs } from "../schema/index.js";
import { Acting } from "./acting.js";
import { Watched, type Condition, type Signs } from "./detect.js";
import type { EventKind, GuardEvent } from "./events.js";
import { HostEvents } from "./host-events.js";
import { KnownGuests, sightings, type KnownGuest, type Sighting } from "./guests.js";
import { LeaseWatch } from "./lease-watch.js";
import type { Observed } from "./http.js";
import type { Fence } from "./recovery.js";
import type { GuardSettings } from "./settings.js";
import { noteStopped } from "./stopped.js";
import { Views } from "./views.js";

export interface GuardOptions {
  /** Name of this guard among those of the cluster. */
  readonly id: string;
  /** The cluster as the last update left it. */
  readonly inputs: PlacementInputs;
  readonly store: RecordStore;
  readonly settings: GuardSettings;
  readonly fence: Fence;
  /** Restarts a host's libvirtd, which repairs and proves nothing. */
  readonly softFence: (host: ClusterHost, signal: AbortSignal) => Promise<void>;
  readonly onEvent: (event: GuardEvent) => void;
  readonly clock: SteadyClock;
}

/** Between two readings of everything, in polls. */
const SURVEY_EVERY = 12;
/** The same trouble is told again after this time. */
const REPEAT_MS = 60_000;
/** Kinds that tell what is so, and not what happens. */
const STANDING: ReadonlySet<EventKind> = new Set<EventKind>(["work-waits", "guest-waits", "guest-given-up", "fence-held-back", "fence-failed", "lease-held", "record-lost", "trouble", "balance-held-back", "host-troubled", "evacuation-held-back", "evacuation-failed"]);
/** A shorter time in which nobody looked is a slow look. */
const LEAST_GAP_SECONDS = 10;
/** How long the definitions of a host's guests may take, in seconds. */
const LEARNING_SECONDS = 10;

/**
 * Watches a cluster's hosts, and starts the guests of one that died elsewhere. Several may run; one of them leads and acts,
 * and each of them watches.
 *
 * @example await new Guard({ id: "guard-1", inputs, store, settings: DEFAULT_SETTINGS, … }).run(signal)
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #conditions = new Map<string, Condition>();
  readonly #asking = new Map<string, Promise<Sighting[]>>();
  readonly #guests: KnownGuests;
  readonly #leases: LeaseWatch;
  readonly #acting: Acting;
  readonly #views: Views;
  readonly #events: HostEvents;
  readonly #told = new Map<string, { readonly text: string; readonly atMs: number }>();
  /** The cluster as the record says that it is wanted; before that, as it was given. */
  #inputs: PlacementInputs;
  #names = new Map<string, string>();
  #hold: Hold | undefined;
  #round = 0;
  #lookedMs: number;
  #wantedRevision: number | undefined;
  #hasRecord = false;
  #hasLoaded = false;
  /** Most hosts were silent when they were looked at last. */
  #isBlind = false;
  #work: Promise<void> | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#lookedMs = options.clock.monotonicMs();
    this.#inputs = options.inputs;
    const leader = (): Hold | undefined => (this.leads ? this.#hold : undefined);
    this.#guests = new KnownGuests(options.store, leader);
    this.#leases = new LeaseWatch(options.store, leader, () => options.clock.monotonicMs(), (kind, text, about) => { this.#tell(kind, text, about); });
    this.#views = new Views(options.store, options.id, options.clock, options.settings.pollSeconds);
    this.#events = new HostEvents({
      subscribe: (host, signal) => hostAt(host).libvirt.events(signal), isOurs: (uuid) => this.#guests.get(uuid) !== undefined, clock: options.clock,
      lost: (host, text) => { this.#tell("trouble", text, { host }); },
    });
    this.#acting = new Acting({
      ...options, leader, guests: this.#guests, leases: this.#leases, views: this.#views, conditions: this.#conditions, inputs: () => this.#inputs,
      tell: (kind, text, about) => { this.#tell(kind, text, about); },
      ailingSeconds: (host) => this.#watched.get(host)?.ailingSeconds(options.clock.monotonicMs()) ?? 0,
    });
  }

  get leads(): boolean {
    return this.#hold?.lost.aborted === false;
  }

  /** For metrics and health. */
  observe(): Observed {
    const { clock } = this.#options;
    const guarded = this.#guests.all().filter(({ name, running }) => running && this.#inputs.vms[name]?.ha !== undefined);
    const isDown = ({ uuid, host }: KnownGuest): boolean => this.#acting.fallen.has(uuid) || this.#conditions.get(host) === "lost";
    return {
      conditions: this.#conditions, leads: this.leads, hasRecord: this.#hasRecord, idleSeconds: (clock.monotonicMs() - this.#lookedMs) / 1000,
      guests: { guarded: guarded.length, waiting: guarded.filter(isDown).length },
    };
  }

  /** Works until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    try {
      while (!signal.aborted) {
        const beganMs = clock.monotonicMs();
        try {
          await this.#pass(signal);
        } catch (error) {
          this.#trouble(error, signal);
        }
        const leftMs = settings.pollSeconds * 1000 - (clock.monotonicMs() - beganMs);
        if (leftMs > 0) await this.#events.pause(leftMs, signal);
      }
    } finally {
      this.#events.stop();
      await this.#work;
      for (const end of [() => this.#hold?.release(), () => this.#views.leave()]) await end()?.catch((error: unknown) => { this.#tell("record-lost", messageOf(error)); });
    }
  }

  /** One look at everything, and what has to be done. */
  async #pass(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    const ctx: Context = { log: silentLog, signal };
    await this.#learnWanted();
    this.#round += 1;
    // Which domains are the cluster's has to be known before any of them is seen; where it cannot be, hosts are looked at all the same.
    if (this.#round % SURVEY_EVERY === 1 || this.#names.size === 0) await this.#survey(ctx).catch((error: unknown) => { this.#trouble(error, signal); });
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs > Math.max(settings.lostSeconds / 2, LEAST_GAP_SECONDS) * 1000) this.#restartSilence(nowMs);
    await Promise.all(this.#inputs.hosts.map((host) => this.#look(host, ctx)));
    this.#lookedMs = clock.monotonicMs();
    const silent = [...this.#conditions.values()].filter((condition) => condition !== "alive" && condition !== "ailing").length;
    const isBlind = silent * 2 > this.#conditions.size;
    if (this.#isBlind && !isBlind) this.#restartSilence(this.#lookedMs);
    this.#isBlind = isBlind;
    if (this.#hasRecord) await this.#views.exchange(this.#conditions).catch((error: unknown) => { this.#lostRecord(error); });
    await this.#lead();
    await this.#guests.writeRest();
    // What takes long goes on beside the next looks.
    if (this.leads && this.#work === undefined) {
      this.#work = this.#acting.act(ctx).catch((error: unknown) => { this.#trouble(error, signal); }).finally(() => { this.#work = undefined; });
    }
  }

  /** What `pulumi up` wrote last: hosts come and go, and VMs are to run or not. */
  async #learnWanted(): Promise<void> {
    const { store, inputs, settings, clock } = this.#options;
    try {
      const wanted = await store.get(WANTED_KEY);
      this.#hasRecord = true;
      if (wanted?.revision !== this.#wantedRevision) this.#inputs = wantedOf(inputs, wanted?.value);
      this.#wantedRevision = wanted?.revision;
      const unknown = unknownTo(inputs, this.#inputs);
      if (unknown.length > 0) this.#tell("trouble", `${unknown.join(", ")} came to the cluster after this guard was started: it has no fence device and no key of ${unknown.length === 1 ? "it" : "them"}; export the cluster anew and start the guard anew`);
      if (!this.#hasLoaded) await this.#load();
    } catch (error) {
      this.#lostRecord(error);
    }
    const names = new Set(this.#inputs.hosts.map(({ host }) => host.name));
    for (const name of [...this.#watched.keys()].filter((each) => !names.has(each))) {
      this.#watched.delete(name);
      this.#conditions.delete(name);
    }
    for (const name of names) if (!this.#watched.has(name)) this.#watched.set(name, new Watched(settings, clock.monotonicMs()));
  }

  /** What nobody saw for a while, or only saw as all others, says nothing of one host. */
  #restartSilence(nowMs: number): void {
    for (const [name, watched] of this.#watched) {
      watched.restartSilence(nowMs);
      if (this.#conditions.has(name)) this.#conditions.set(name, watched.judge(nowMs));
    }
  }

  async #look(declared: ClusterHost, ctx: Context): Promise<void> {
    const { clock, settings } = this.#options;
    const { name } = declared.host;
    const seen = await this.#ask(declared, settings.pollSeconds * 1000);
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    const signs: Signs = { libvirt: seen !== undefined, machine: seen !== undefined ? undefined : await signOfLife(declared.host, declared.migration?.address, settings.pollSeconds * 1000) };
    const now = watched.observe(signs, clock.monotonicMs());
    const before = this.#conditions.get(name);
    this.#conditions.set(name, now);
    if (before !== now && (before !== undefined || now !== "alive")) this.#emit(kindOf(now), wordsOf(now, signs), { host: name });
    if (seen === undefined) return;
    this.#events.follow(declared.host);
    this.#acting.answers(name, before !== "alive");
    // What guards before this one knew comes first: a guest that is off may be one that fell while nobody looked.
    if (!this.#hasLoaded) return;
    try {
      const stopped = seen.some(({ uuid, state }) => !isActive(state) && this.#guests.get(uuid)?.running === true && this.#guests.get(uuid)?.host === name && !this.#acting.fallen.has(uuid));
      noteStopped(name, seen, {
        guests: this.#guests, vms: this.#inputs.vms, fallen: this.#acting.fallen, troubled: this.#acting.troubled, nowMs: clock.monotonicMs(),
        wereKilled: stopped && await this.#leases.hasKilled(declared),
        endedByHost: (uuid) => this.#events.endedByHost(uuid), runs: (uuid) => { this.#acting.runs(uuid); }, tell: (kind, text, about) => { this.#tell(kind, text, about); },
      });
      // What a host takes long for is given up: looking does not wait for it.
      const learning = Promise.all([
        this.#guests.learn(hostAt(declared.host), seen, this.#names, this.#acting.fallen, this.#round % SURVEY_EVERY === 1),
        this.#leases.learn(declared, seen.filter(({ state }) => isActive(state)).map((sighting) => sighting.name)),
      ]);
      await within(Math.max(settings.pollSeconds, LEARNING_SECONDS) * 1000, learning, () => new Error("a host does not tell its guests' definitions"), { clock });
    } catch (error) {
      this.#trouble(error, ctx.signal);
    }
  }

  /** A host is asked once at a time: one that does not answer would take one call after the other and answer none. */
  async #ask(declared: ClusterHost, patienceMs: number): Promise<Sighting[] | undefined> {
    const { name } = declared.host;
    const asked = this.#asking.get(name) ?? sightings(hostAt(declared.host, patienceMs)).finally(() => { this.#asking.delete(name); });
    this.#asking.set(name, asked);
    try {
      return await within(patienceMs, asked, () => new Error("no answer"), this.#options);
    } catch {
      // Silence is what this finds out; what is wrong is told by what else of the machine answers.
      return undefined;
    }
  }

  async #lead(): Promise<void> {
    const { store, id, settings } = this.#options;
    const better = this.#isBlind ? this.#views.whoSeesMore(this.#conditions) : undefined;
    if (better !== undefined) {
      await this.#hold?.release().catch((error: unknown) => { this.#lostRecord(error); });
      if (this.#hold !== undefined) this.#tell("not-leader", `most hosts are silent to it, and ${better} hears more of them`);
      this.#hold = undefined;
      return;
    }
    if (this.leads) return;
    if (this.#hold !== undefined) {
      this.#hold = undefined;
      this.#tell("not-leader", "the record did not confirm that this guard leads: it only watches until it does");
    }
    try {
      const got = await store.acquire("leader", id, { ttlSeconds: settings.leaseSeconds });
      this.#hasRecord = true;
      if (!("release" in got)) return;
      try {
        await this.#load();
        await this.#acting.takeOver();
      } catch (error) {
        // Whoever does not know what was begun does not lead.
        await got.release().catch(() => {});
        throw error;
      }
      this.#hold = got;
      this.#tell("leader", `it leads, by ${store.label}`);
    } catch (error) {
      this.#lostRecord(error);
    }
  }

  #lostRecord(error: unknown): void {
    this.#hasRecord = false;
    this.#tell("record-lost", `${messageOf(error)}: nothing is done until it answers`);
  }

  async #load(): Promise<void> {
    await this.#guests.load((text) => { this.#tell("trouble", text); });
    await this.#leases.load();
    this.#hasLoaded = true;
  }

  /** Reads which domains are the cluster's. */
  async #survey(ctx: Context): Promise<void> {
    const cluster = await this.#acting.read(ctx);
    this.#names = new Map(cluster.sorted.members.flatMap(({ name, seen }) => (seen === undefined ? [] : [[seen.domain.uuid, name]])));
    for (const guest of this.#guests.all()) if (!this.#names.has(guest.uuid)) this.#names.set(guest.uuid, guest.name);
    if (this.leads) await this.#acting.lookInto(cluster);
  }

  #trouble(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#tell("trouble", messageOf(error));
  }

  /** What goes on and would be told at each look is told again only after a while. What happens is told each time. */
  #tell(kind: EventKind, text: string, about: { readonly host?: string; readonly vm?: string } = {}): void {
    const { clock } = this.#options;
    const key = JSON.stringify([kind, about.host, about.vm]);
    const before = this.#told.get(key);
    const nowMs = clock.monotonicMs();
    if (STANDING.has(kind) && before?.text === text && nowMs - before.atMs < REPEAT_MS) return;
    this.#told.set(key, { text, atMs: nowMs });
    this.#emit(kind, text, about);
  }

  #emit(kind: EventKind, text: string, about: { readonly host?: string; readonly vm?: string }): void {
    const { clock, onEvent, id } = this.#options;
    onEvent({ at: new Date(clock.nowMs()).toISOString(), guard: id, kind, ...about, text });
  }
}

function kindOf(condition: Condition): EventKind {
  return ({ unseen: "host-suspect", alive: "host-alive", ailing: "host-ailing", suspect: "host-suspect", lost: "host-lost" } as const)[condition];
}

function wordsOf(condition: Condition, signs: Signs): string {
  switch (condition) {
    case "alive": return "its libvirt answers";
    case "ailing": return `its libvirt is silent, and its machine lives (${signs.machine ?? "a moment ago"}): its guests are left where they are`;
    case "unseen": return "it has not answered since this guard began";
    case "suspect": return "nothing of it answers";
    case "lost": return "nothing of it has answered for so long that it is taken for lost";
  }
}
