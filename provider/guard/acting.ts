import type { SteadyClock } from "../base/clock.js";
import { proofOfOff } from "../apply/fence.js";
import { messageOf } from "../base/error.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import type { Context } from "../engine/handler.js";
import { actOn, newBoots, noteBoots, WORK_LOCK, type ReadCluster } from "../kinds/placement/index.js";
import type { Hold, RecordStore } from "../record/store.js";
import type { ClusterHost, PlacementInputs } from "../schema/index.js";
import { Attempts } from "./attempts.js";
import { balance, BalanceTimer } from "./balance.js";
import { clearAutostart } from "./autostart.js";
import type { ClosedHosts } from "./closed.js";
import type { ClusterReader } from "./cluster-reader.js";
import type { Condition } from "./detect.js";
import { emptyTroubled, without } from "./evacuate.js";
import type { Tell } from "./events.js";
import { Fences } from "./fences.js";
import type { KnownGuest, KnownGuests } from "./guests.js";
import { HealthWatch } from "./health/watch.js";
import { Hindrances } from "./hindrances.js";
import { Intents } from "./intents.js";
import type { LeaseWatch } from "./lease-watch.js";
import { OwedStarts } from "./owed.js";
import { restartGuests } from "./planned-restart.js";
import { recoverHost, type Fence } from "./recovery.js";
import { takeBack } from "./returned.js";
import type { GuardSettings } from "./settings.js";
import { whyNotFence } from "./storm.js";
import { mendTroubled, Troubled, type TroubledGuest } from "./troubled.js";
import type { Views } from "./views.js";
import type { Whereabouts } from "./whereabouts.js";

/** What acting needs of the guard that watches. */
export interface ActingOptions {
  readonly id: string;
  readonly store: RecordStore;
  readonly settings: GuardSettings;
  readonly clock: SteadyClock;
  readonly reader: ClusterReader;
  readonly fence: Fence;
  readonly softFence: (host: ClusterHost, signal: AbortSignal) => Promise<void>;
  readonly tell: Tell;
  readonly guests: KnownGuests;
  readonly leases: LeaseWatch;
  readonly views: Views;
  readonly whereabouts: Whereabouts;
  readonly closed: ClosedHosts;
  readonly conditions: ReadonlyMap<string, Condition>;
  /** The leader's lock; `undefined` where another leads. */
  readonly leader: () => Hold | undefined;
  /** The cluster as it is wanted. */
  readonly inputs: () => PlacementInputs;
  /** For how long nothing of a host has answered. */
  readonly silentSeconds: (host: string) => number;
  /** An update is over: there may be new guests, and other definitions. */
  readonly updated: () => void;
  /** How long a host's machine has answered and its libvirt has not. */
  readonly ailingSeconds: (host: string) => number;
}

/** After a start that was refused, in polls: 20 s by the defaults, and a minute after the next. */
const PAUSE_POLLS = 4;

/** What a leading guard does about what it sees. */
export class Acting {
  readonly #options: ActingOptions;
  readonly #reader: ClusterReader;
  readonly #intents: Intents;
  readonly attempts: Attempts;
  readonly #balanceTimer = new BalanceTimer();
  readonly #health = new HealthWatch();
  readonly #hindrances = new Hindrances();
  readonly #fences: Fences;
  readonly #softFencedMs = new Map<string, number>();
  /** Hosts whose recovery is over, until they answer again. */
  readonly #recovered = new Set<string>();
  /** Asked at first, and whenever a host answers that did not: all hosts are read for it. */
  #mayHaveReturned = true;
  /** Guests that are off and ought to run: by UUID. */
  readonly fallen = new Map<string, KnownGuest>();
  /** Guests that libvirt paused. */
  readonly troubled: Troubled;
  /** Those that are off of which only the record knows why. */
  readonly #owed: OwedStarts;
  /** Boots that hosts have and the marks on them do not know. */
  #boots: ReadonlyMap<string, string> = new Map();
  /** When an update was known to be over that wanted what is wanted now. */
  #quiet: { readonly inputs: PlacementInputs; readonly atMs: number } | undefined;

  constructor(options: ActingOptions) {
    this.#options = options;
    this.#reader = options.reader;
    this.#intents = new Intents(options.store);
    this.#fences = new Fences(options.store, options.clock);
    this.#owed = new OwedStarts(options.store);
    this.attempts = new Attempts(PAUSE_POLLS * options.settings.pollSeconds * 1000);
    this.troubled = new Troubled(options.settings.pollSeconds * 1000);
  }

  /** What leaders before this one have left undone. */
  async takeOver(): Promise<void> {
    const { closed, tell } = this.#options;
    await this.#intents.load();
    await this.#fences.load();
    await closed.load();
    for (const guest of await this.#owed.load((text) => { tell("trouble", text); })) this.fallen.set(guest.uuid, guest);
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

  /** What is looked at now and then: the hosts' own troubles, and guests that a host would start by itself. */
  async lookInto(cluster: ReadCluster): Promise<void> {
    const { conditions, tell, leader } = this.#options;
    await this.#options.closed.write();
    await this.#health.look(cluster, conditions, tell);
    this.#boots = await newBoots(cluster);
    await clearAutostart(cluster, tell, () => {
      if (leader() === undefined) throw new Error("this guard leads no longer");
    });
  }

  async act(ctx: Context): Promise<void> {
    const { conditions, inputs, clock, tell, guests } = this.#options;
    await this.#seeEndOfUpdate();
    for (const guest of guests.missing(this.#options.settings.suspectSeconds * 1000)) this.#tellMissing(guest);
    const { hosts } = inputs();
    for (const host of hosts) if (conditions.get(host.host.name) === "ailing" && !this.#reader.isClosed(host)) await this.#mend(host, ctx);
    const lost = hosts.filter(({ host }) => conditions.get(host.name) === "lost" && !this.#recovered.has(host.name));
    // What a person took down by now.
    const { vms } = inputs();
    const isTakenDown = ({ uuid, name }: KnownGuest): boolean => vms[name]?.ha === undefined || !vms[name].running || (guests.get(uuid)?.running === false && !this.#owed.has(uuid));
    for (const [uuid, guest] of this.fallen) if (isTakenDown(guest)) this.fallen.delete(uuid);
    await this.#owed.forgetPaid((uuid) => this.fallen.has(uuid), this.#options.leader);
    const hasFallen = this.#fallenNow().length > 0;
    const returned = this.#mayHaveReturned && await this.#haveReturned(ctx);
    const isTroubled = this.#dueTroubled().length > 0;
    if (lost.length > 0 || hasFallen || isTroubled || returned) await this.#atWork(ctx, (proceed, working) => this.#restore(working, lost, returned, proceed));
    else if (this.#boots.size > 0) await this.#atWork(ctx, (proceed, working) => this.#noteBoots(working, proceed));
    else if (inputs().evacuateOnTrouble === true && await this.#evacuated(ctx)) return;
    else if (this.#balanceTimer.isDue(inputs(), clock.monotonicMs())) await this.#atWork(ctx, (_proceed, working) => this.#moving(working, async () => { await balance(working, await this.#reader.read(working), conditions, tell); }));
  }

  /** Whether hosts that were declared dead answer. One that a reading missed, though it answers, is asked for again. */
  async #haveReturned(ctx: Context): Promise<boolean> {
    const { returned, hosts } = await this.#reader.read(ctx);
    const isMissed = hosts.some(({ declared, read }) => read === undefined && this.#options.conditions.get(declared.host.name) === "alive");
    this.#mayHaveReturned = returned.length > 0 || isMissed;
    return returned.length > 0;
  }

  async #restore(ctx: Context, lost: readonly ClusterHost[], returned: boolean, proceed: () => Hold): Promise<void> {
    const { settings, clock, fence, tell, guests, conditions } = this.#options;
    const owe = async (guest: KnownGuest): Promise<void> => {
      await this.#owed.add(guest, proceed());
      this.fallen.set(guest.uuid, guest);
    };
    const read = (context: Context): Promise<ReadCluster> => this.#reader.read(context);
    const started = (uuid: string): void => { this.fallen.delete(uuid); };
    const common = { read, started, guests, intents: this.#intents, hindrances: this.#hindrances, settings, tell, conditions, proceed, cannotBeOn: this.#cannotBeOn, whereabouts: this.#options.whereabouts, nowMs: () => clock.monotonicMs() };
    if (returned) await takeBack(ctx, await this.#reader.read(ctx), tell, proceed);
    // A device that hangs keeps nobody else waiting: deaths are proved side by side, and what follows is done in turn.
    const turns = new KeyedMutex();
    const inTurn = <T>(run: () => Promise<T>): Promise<T> => turns.run(["restart"], run);
    const recover = async (host: ClusterHost): Promise<void> => {
      try {
        const outcome = await recoverHost(ctx, host, {
          ...common, fallen: this.fallen, attempts: this.attempts, leases: this.#options.leases, fence, inTurn, owe, silentSeconds: this.#options.silentSeconds,
          whoHears: (name) => this.#options.views.whoHears(name),
          isOutdated: (name, at) => this.#reader.isOutdated(name, at),
          isOff: (each, signal) => proofOfOff(each.host.name, each.fence ?? [], { signal }), isClosed: (each) => this.#reader.isClosed(each), whyNot: (name) => this.#whyNotFence(name),
          fenced: (name) => this.#countFence(name, proceed),
        });
        if (outcome === "done") this.#recovered.add(host.host.name);
        if ((outcome === "done" || outcome === "again") && this.#reader.isSpoken(host.host.name)) {
          await inTurn(async () => {
            const cluster = await this.#reader.read(ctx);
            proceed();
            await actOn(cluster, host.host.name);
          });
        }
      } catch (error) {
        // The others' guests do not wait for what is wrong with this one.
        proceed();
        tell("trouble", messageOf(error), { host: host.host.name });
      }
    };
    const restart = async (): Promise<void> => {
      const fallen = this.#fallenNow();
      if (fallen.length > 0) await restartGuests(ctx, await this.#reader.read(ctx), fallen, this.attempts, common);
    };
    const troubled = this.#dueTroubled();
    const mend = async (): Promise<void> => {
      if (troubled.length > 0) await mendTroubled(await this.#reader.read(ctx), troubled, { troubled: this.troubled, attempts: this.attempts, mostStarts: settings.mostStarts, nowMs: () => clock.monotonicMs(), tell, proceed, owe });
      await restart();
    };
    const ended = await Promise.allSettled([inTurn(mend), ...lost.map(recover)]);
    const failed = ended.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    // Moves that a death cut off leave guests that are off.
    if (lost.length > 0) await restart();
  }

  /** A later word of death is bound to the boot that was seen last. */
  async #noteBoots(ctx: Context, proceed: () => Hold): Promise<void> {
    const boots = this.#boots;
    this.#boots = new Map();
    const cluster = await this.#reader.read(ctx);
    proceed();
    await noteBoots(cluster, boots);
  }

  /** An empty host takes nothing from the limit: nobody suffers from its loss, and none of its guests starts at once. */
  async #countFence(name: string, proceed: () => Hold): Promise<void> {
    if (!this.#options.whereabouts.wasEmpty(name)) await this.#fences.count(name, proceed());
  }

  #tellMissing({ name, host, uuid }: KnownGuest): void {
    const { inputs, tell } = this.#options;
    const member = inputs().vms[name];
    if (member?.ha === undefined || !member.running || this.fallen.has(uuid)) return;
    tell("guest-unknown", `it is gone from ${host}, and is seen nowhere: it was deleted, or moved to a host that died before it was seen there. It is started by nobody but \`pulumi up\``, { vm: name, host });
  }

  /** An update keeps the work lock while it works: once that is free, what it published last is done. */
  async #seeEndOfUpdate(): Promise<void> {
    const { inputs, store, id, settings, clock } = this.#options;
    const wanted = inputs();
    if (this.#quiet?.inputs === wanted) return;
    const got = await store.acquire(WORK_LOCK, `drover guard ${id}`, { ttlSeconds: settings.leaseSeconds });
    if (!("release" in got)) return;
    this.#quiet = { inputs: wanted, atMs: clock.monotonicMs() };
    await got.release();
    this.#options.updated();
  }

  /** Whether a silent host is known not to have a guest. */
  readonly #cannotBeOn = (guest: KnownGuest, host: string): boolean => {
    const { inputs, whereabouts, views, conditions } = this.#options;
    if (this.#intents.of(guest.uuid) === host) return false;
    // An update may have moved it there, until it is seen elsewhere after that update's end.
    if (inputs().assignments?.[guest.name]?.name === host && !(whereabouts.seenMs(guest.uuid) > (this.#quiet?.inputs === inputs() ? this.#quiet.atMs : Number.POSITIVE_INFINITY))) return false;
    // What answers as a machine has a libvirtd that answers nobody; of another it may be the way that is cut.
    if (conditions.get(host) !== "ailing" && views.whoHears(host).length > 0) return false;
    return whereabouts.cannotBeOn(guest.uuid, host);
  };

  /** Guests that are off on hosts that answer, and may start. */
  #fallenNow(): KnownGuest[] {
    return [...this.fallen.values()].filter(({ host }) => this.#isWell(host));
  }

  /** @returns whether there was a host to empty */
  async #evacuated(ctx: Context): Promise<boolean> {
    const { conditions, tell } = this.#options;
    const troubled = this.#health.take();
    if (troubled === undefined) return false;
    await this.#atWork(ctx, (proceed, working) => this.#moving(working, async () => { await emptyTroubled(working, await this.#reader.read(working, { change: without(troubled.host) }), troubled, conditions, tell, proceed); }));
    return true;
  }

  /** What moves guests: a guest in a move may be at either end of it, until all hosts were read again. */
  async #moving(ctx: Context, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } finally {
      this.#options.whereabouts.unsettle();
    }
    await this.#reader.read(ctx);
  }

  #dueTroubled(): TroubledGuest[] {
    return this.troubled.due(this.#options.clock.monotonicMs()).filter(({ guest }) => this.#isWell(guest.host));
  }

  /** A host that answers, and whose leases hold back nothing. */
  #isWell(host: string): boolean {
    const { conditions, leases } = this.#options;
    return conditions.get(host) === "alive" && !leases.holdsBack(host);
  }

  #whyNotFence(host: string): string | undefined {
    const { conditions, settings, clock } = this.#options;
    return whyNotFence(host, conditions, (name) => this.#reader.isExpected(name), this.#fences.ofOthers(host), settings, clock.nowMs());
  }

  /**
   * Works where nobody else does: not beside a `pulumi up`.
   * @param run gets what throws where this guard may act no longer, and what ends it as soon as either lock may be lost
   */
  async #atWork(ctx: Context, run: (proceed: () => Hold, working: Context) => Promise<void>): Promise<void> {
    const { store, id, settings, tell, leader } = this.#options;
    const got = await store.acquire(WORK_LOCK, `drover guard ${id}`, { ttlSeconds: settings.leaseSeconds });
    if (!("release" in got)) {
      tell("work-waits", `${got.heldBy} has been at work on the cluster since ${got.since}: it is waited for`);
      return;
    }
    const leading = leader();
    const working = { ...ctx, signal: AbortSignal.any([ctx.signal, got.lost, ...(leading === undefined ? [] : [leading.lost])]) };
    try {
      await run(() => {
        ctx.signal.throwIfAborted();
        const hold = leader();
        if (hold === undefined || hold !== leading || got.lost.aborted) throw new Error("this guard leads no longer, or the record does not confirm it");
        return hold;
      }, working);
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
