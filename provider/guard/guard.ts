import type { SteadyClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { silentLog } from "../base/log.js";
import { within } from "../base/within.js";
import type { Context } from "../engine/handler.js";
import { isActive } from "../inventory/domains.js";
import { hostAt } from "../inventory/hosts.js";
import { lifeOf } from "../inventory/signs.js";
import { unknownTo, WANTED_KEY, wantedOf } from "../kinds/placement/index.js";
import type { Hold, RecordStore } from "../record/store.js";
import type { ClusterHost, PlacementInputs } from "../schema/index.js";
import { Acting } from "./acting.js";
import { ClosedHosts } from "./closed.js";
import { ClusterReader } from "./cluster-reader.js";
import { ANSWERS, signsOf, Watched, type Condition } from "./detect.js";
import type { GuardEvent } from "./events.js";
import { HostEvents } from "./host-events.js";
import { isIncoming, KnownGuests, sightings, type KnownGuest, type Sighting } from "./guests.js";
import { LeaseWatch } from "./lease-watch.js";
import type { Observed } from "./http.js";
import { Office } from "./office.js";
import type { Fence } from "./recovery.js";
import type { GuardSettings } from "./settings.js";
import { noteStopped } from "./stopped.js";
import { silence } from "./storm.js";
import { Telling } from "./telling.js";
import { Views } from "./views.js";
import { Whereabouts } from "./whereabouts.js";

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
/** How long a host may take for a survey: its libvirt may probe QEMU for the first time. */
const SURVEY_ANSWER_MS = 60_000;
/** How long looks at hosts wait for the record, at least. */
const RECORD_PATIENCE_SECONDS = 2;
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
  readonly #reader: ClusterReader;
  readonly #acting: Acting;
  readonly #views: Views;
  readonly #events: HostEvents;
  readonly #whereabouts = new Whereabouts();
  readonly #office: Office;
  readonly #telling: Telling;
  /** The cluster as the record says that it is wanted; before that, as it was given. */
  #inputs: PlacementInputs;
  #names = new Map<string, string>();
  #round = 0;
  /** In which definitions are read again that look unchanged. */
  #rereadRound = 0;
  #lookedMs: number;
  #wantedRevision: number | undefined;
  #hasRecord = false;
  #hasLoaded = false;
  /** Most hosts were silent when they were looked at last. */
  #isBlind = false;
  #work: Promise<void> | undefined;
  #learning: Promise<void> | undefined;
  #surveying: Promise<void> | undefined;
  /** Something was changed that a survey has to see, and does not wait for its time. */
  #isSurveyDue = true;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#lookedMs = options.clock.monotonicMs();
    this.#inputs = options.inputs;
    this.#telling = new Telling(options);
    const { tell } = this.#telling;
    const leader = (): Hold | undefined => this.#office.hold;
    this.#guests = new KnownGuests(options.store, leader);
    this.#leases = new LeaseWatch(options.store, leader, () => options.clock.monotonicMs(), tell);
    this.#views = new Views(options.store, options.id, options.clock, options.settings.pollSeconds);
    this.#events = new HostEvents({
      subscribe: (host, signal) => hostAt(host).libvirt.events(signal), isOurs: (uuid) => this.#guests.get(uuid) !== undefined, clock: options.clock,
      lost: (host, text) => { tell("trouble", text, { host }); },
    });
    const closed = new ClosedHosts(options.store, leader);
    this.#reader = new ClusterReader({ inputs: () => this.#inputs, guests: this.#guests, conditions: this.#conditions, leases: this.#leases, whereabouts: this.#whereabouts, closed, tell });
    this.#acting = new Acting({
      reader: this.#reader,
      ...options, leader, guests: this.#guests, leases: this.#leases, views: this.#views, whereabouts: this.#whereabouts, closed, conditions: this.#conditions, inputs: () => this.#inputs,
      tell,
      silentSeconds: (host) => this.#watched.get(host)?.silentSeconds(options.clock.monotonicMs()) ?? 0,
      updated: () => { this.#isSurveyDue = true; },
      ailingSeconds: (host) => this.#watched.get(host)?.ailingSeconds(options.clock.monotonicMs()) ?? 0,
    });
    this.#office = new Office({
      id: options.id, store: options.store, leaseSeconds: options.settings.leaseSeconds, tell,
      prepare: async () => {
        await this.#load();
        await this.#acting.takeOver();
      },
      hasRecord: () => this.#hasRecord, recordLost: (error) => { this.#lostRecord(error); },
    });
  }

  get leads(): boolean {
    return this.#office.hold !== undefined;
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
      await this.#learning;
      await this.#surveying;
      await this.#office.leave();
      await this.#views.leave().catch((error: unknown) => { this.#telling.tell("record-lost", messageOf(error)); });
    }
  }

  /** One look at everything, and what has to be done. */
  async #pass(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    const ctx: Context = { log: silentLog, signal };
    await this.#askRecord();
    this.#followHosts();
    this.#round += 1;
    await this.#surveyBeside(ctx);
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs > Math.max(settings.lostSeconds / 2, LEAST_GAP_SECONDS) * 1000) this.#restartSilence(nowMs);
    await Promise.all(this.#inputs.hosts.map((host) => this.#look(host, ctx)));
    this.#lookedMs = clock.monotonicMs();
    const isBlind = silence(this.#conditions, (name) => this.#reader.isExpected(name)).isMost;
    if (this.#isBlind && !isBlind) this.#restartSilence(this.#lookedMs);
    this.#isBlind = isBlind;
    if (this.#hasRecord) await this.#views.exchange(this.#conditions).catch((error: unknown) => { this.#lostRecord(error); });
    this.#hearOthers();
    await this.#office.seek(this.#isBlind ? this.#views.whoSeesMore(this.#conditions) : undefined);
    await this.#guests.writeRest();
    // What takes long goes on beside the next looks.
    if (this.leads && this.#work === undefined) {
      this.#work = this.#acting.act(ctx).catch((error: unknown) => { this.#trouble(error, signal); }).finally(() => { this.#work = undefined; });
    }
  }

  /** A reading of everything waits for the slowest host, and looks at hosts do not wait for it. */
  async #surveyBeside(ctx: Context): Promise<void> {
    const { settings, clock } = this.#options;
    const isFirst = this.#names.size === 0;
    if ((!this.#isSurveyDue && this.#round % SURVEY_EVERY !== 1 && !isFirst) || this.#surveying !== undefined) return;
    this.#isSurveyDue = false;
    this.#rereadRound = this.#round + 1;
    const surveying = this.#survey(ctx).catch((error: unknown) => { this.#trouble(error, ctx.signal); }).finally(() => { this.#surveying = undefined; });
    this.#surveying = surveying;
    // Which domains are the cluster's is better known before any of them is seen; where it cannot be, hosts are looked at all the same.
    if (isFirst) await within(settings.pollSeconds * 1000, surveying, () => new Error("it takes longer"), { clock }).catch(() => {});
  }

  /** The record is asked once at a time: whoever is cut off from it goes on looking at the hosts, and knows of each what it needs once it leads again. */
  async #askRecord(): Promise<void> {
    const { settings, clock, store } = this.#options;
    this.#learning ??= this.#learnWanted().finally(() => { this.#learning = undefined; });
    await within(Math.max(settings.pollSeconds, RECORD_PATIENCE_SECONDS) * 1000, this.#learning, () => new Error(`${store.label} does not answer`), { clock }).catch((error: unknown) => { this.#lostRecord(error); });
  }

  /** What `pulumi up` wrote last: hosts come and go, and VMs are to run or not. */
  async #learnWanted(): Promise<void> {
    const { store, inputs } = this.#options;
    try {
      const wanted = await store.get(WANTED_KEY);
      this.#hasRecord = true;
      if (wanted?.revision !== this.#wantedRevision) {
        this.#inputs = wantedOf(inputs, wanted?.value);
        this.#isSurveyDue = true;
      }
      this.#wantedRevision = wanted?.revision;
      const unknown = unknownTo(inputs, this.#inputs);
      if (unknown.length > 0) this.#telling.tell("trouble", `${unknown.join(", ")} came to the cluster after this guard was started: it has no fence device and no key of ${unknown.length === 1 ? "it" : "them"}; export the cluster anew and start the guard anew`);
      if (!this.#hasLoaded) await this.#load();
    } catch (error) {
      this.#lostRecord(error);
    }
  }

  #followHosts(): void {
    const { settings, clock } = this.#options;
    const names = new Set(this.#inputs.hosts.map(({ host }) => host.name));
    for (const name of [...this.#watched.keys()].filter((each) => !names.has(each))) {
      this.#watched.delete(name);
      this.#conditions.delete(name);
    }
    for (const name of names) if (!this.#watched.has(name)) this.#watched.set(name, new Watched(settings, clock.monotonicMs()));
  }

  /** What nobody saw for a while, or only saw as all others, says nothing of one host. */
  #restartSilence(nowMs: number): void {
    this.#whereabouts.interrupt(nowMs);
    for (const [name, watched] of this.#watched) {
      watched.restartSilence(nowMs);
      if (this.#conditions.has(name)) this.#conditions.set(name, watched.judge(nowMs));
    }
  }

  /** Another guard that leads may move guests to a host that is silent to this one alone. */
  #hearOthers(): void {
    if (this.leads) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (!this.#hasRecord) this.#whereabouts.interrupt(nowMs);
    for (const name of this.#conditions.keys()) if (this.#views.whoHears(name).length > 0) this.#whereabouts.interrupt(nowMs, name);
  }

  async #look(declared: ClusterHost, ctx: Context): Promise<void> {
    const { clock, settings } = this.#options;
    const { name } = declared.host;
    const seen = await this.#ask(declared, settings.pollSeconds * 1000);
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    const signs = seen !== undefined ? ANSWERS : signsOf(await lifeOf(declared.host, declared.migration?.address, settings.pollSeconds * 1000));
    const now = watched.observe(signs, clock.monotonicMs());
    const before = this.#conditions.get(name);
    this.#conditions.set(name, now);
    if (before !== now && (before !== undefined || now !== "alive")) this.#telling.condition(name, now, signs);
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
        endedByHost: (uuid) => this.#events.endedByHost(uuid), runs: (uuid) => { this.#acting.runs(uuid); }, tell: this.#telling.tell,
      });
      // What a host takes long for is given up: looking does not wait for it.
      const learning = Promise.all([
        this.#guests.learn(hostAt(declared.host), seen, this.#names, this.#acting.fallen, this.#round === this.#rereadRound),
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
    const asked = this.#asking.get(name) ?? this.#sightings(declared, patienceMs).finally(() => { this.#asking.delete(name); });
    this.#asking.set(name, asked);
    try {
      return await within(patienceMs, asked, () => new Error("no answer"), this.#options);
    } catch {
      // Silence is what this finds out; what is wrong is told by what else of the machine answers.
      this.#whereabouts.silent(name, this.#options.clock.monotonicMs());
      return undefined;
    }
  }

  async #sightings(declared: ClusterHost, patienceMs: number): Promise<Sighting[]> {
    const askedMs = this.#options.clock.monotonicMs();
    const seen = await sightings(hostAt(declared.host, patienceMs));
    // An answer that nobody waited for any more is one, too.
    const active = seen.filter(({ state }) => isActive(state));
    const running = active.filter((sighting) => !isIncoming(sighting));
    this.#whereabouts.answered(declared.host.name, new Set(active.map(({ uuid }) => uuid)), running.map(({ uuid }) => uuid), this.#reader.isClosed(declared), askedMs);
    return seen;
  }

  #lostRecord(error: unknown): void {
    this.#hasRecord = false;
    this.#telling.tell("record-lost", `${messageOf(error)}: nothing is done until it answers`);
  }

  async #load(): Promise<void> {
    await this.#guests.load((text) => { this.#telling.tell("trouble", text); });
    await this.#leases.load();
    this.#hasLoaded = true;
  }

  /** Reads which domains are the cluster's. */
  async #survey(ctx: Context): Promise<void> {
    const cluster = await this.#reader.read(ctx, { answerTimeoutMs: SURVEY_ANSWER_MS });
    this.#names = new Map(cluster.sorted.members.flatMap(({ name, seen }) => (seen === undefined ? [] : [[seen.domain.uuid, name]])));
    for (const guest of this.#guests.all()) if (!this.#names.has(guest.uuid)) this.#names.set(guest.uuid, guest.name);
    if (this.leads) await this.#acting.lookInto(cluster);
  }

  #trouble(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#telling.tell("trouble", messageOf(error));
  }

}
