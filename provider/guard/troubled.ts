import { destroyDomain } from "../apply/stop.js";
import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { within } from "../base/within.js";
import { lookupDomain } from "../inventory/domains.js";
import { hostAt } from "../inventory/hosts.js";
import type { ReadCluster } from "../kinds/placement/index.js";
import { DomainPausedReason, DomainState } from "../libvirt/index.js";
import type { Hold } from "../record/store.js";
import type { VmHa } from "../schema/index.js";
import type { Tell } from "./events.js";
import type { KnownGuest, Sighting } from "./guests.js";
import type { Attempts } from "./attempts.js";

/** Why libvirt paused a guest that nobody else paused. */
export type Trouble = "storage" | "watchdog";

/** `undefined` for a guest that runs, is off, or was paused by a person. */
export function troubleOf({ state, reason }: Pick<Sighting, "state" | "reason">): Trouble | undefined {
  if (state !== DomainState.PAUSED) return undefined;
  return reason === DomainPausedReason.IOERROR ? "storage" : reason === DomainPausedReason.WATCHDOG ? "watchdog" : undefined;
}

/** What a guard does about it. */
export type Remedy = "resume" | "kill" | "leave";

export function remedyFor(trouble: Trouble, ha: VmHa): Remedy {
  return trouble === "watchdog" ? "kill" : ha.onStorageError ?? "resume";
}

/** The longest pause between two tries. */
const MOST_PAUSE_MS = 60_000;
/** A guest that has run for so long is well: what comes then is another trouble. */
const WELL_MS = 60_000;

export interface TroubledGuest {
  readonly guest: KnownGuest;
  readonly trouble: Trouble;
  readonly remedy: Remedy;
}

/** Guests that libvirt paused, and when something is done about each: at once, and then after pauses that grow. */
export class Troubled {
  readonly #firstPauseMs: number;
  readonly #found = new Map<string, TroubledGuest>();
  readonly #tries = new Map<string, { readonly count: number; readonly nextMs: number; readonly runsSinceMs?: number }>();

  /** When each was in trouble last: one that goes on for moments only is not told of each time. */
  readonly #lastMs = new Map<string, number>();

  /** @param firstPauseMs between the first try and the second */
  constructor(firstPauseMs: number) {
    this.#firstPauseMs = firstPauseMs;
  }

  /** Takes in what was seen of a guest. @returns whether the trouble is a new one */
  sees(guest: KnownGuest, trouble: Trouble | undefined, ha: VmHa, nowMs: number): boolean {
    const { uuid } = guest;
    const tries = this.#tries.get(uuid);
    if (trouble !== undefined) {
      this.#found.set(uuid, { guest, trouble, remedy: remedyFor(trouble, ha) });
      if (tries !== undefined) this.#tries.set(uuid, { count: tries.count, nextMs: tries.nextMs });
      const isNew = nowMs - (this.#lastMs.get(uuid) ?? Number.NEGATIVE_INFINITY) >= WELL_MS;
      this.#lastMs.set(uuid, nowMs);
      return isNew;
    }
    this.#found.delete(uuid);
    if (tries === undefined) return false;
    const runsSinceMs = tries.runsSinceMs ?? nowMs;
    if (nowMs - runsSinceMs >= WELL_MS) this.#tries.delete(uuid);
    else this.#tries.set(uuid, { ...tries, runsSinceMs });
    return false;
  }

  /** It is off, gone or well, or nobody wants it mended. What was tried counts on. */
  forget(uuid: string): void {
    this.#found.delete(uuid);
  }

  /** Guests for which something is to be done now. */
  due(nowMs: number): TroubledGuest[] {
    return [...this.#found.values()].filter(({ guest, remedy }) => remedy !== "leave" && nowMs >= (this.#tries.get(guest.uuid)?.nextMs ?? Number.NEGATIVE_INFINITY));
  }

  /** Something was tried. @returns how long it is until the next time, in milliseconds */
  tried(uuid: string, nowMs: number): number {
    const count = (this.#tries.get(uuid)?.count ?? 0) + 1;
    const pauseMs = Math.min(MOST_PAUSE_MS, this.#firstPauseMs * 2 ** (count - 1));
    this.#tries.set(uuid, { count, nextMs: nowMs + pauseMs });
    return pauseMs;
  }
}

/** What mending needs. */
export interface MendTools {
  readonly troubled: Troubled;
  readonly attempts: Attempts;
  readonly mostStarts: number;
  readonly nowMs: () => number;
  readonly tell: Tell;
  /** The leader's lock. @throws where this guard leads no longer */
  readonly proceed: () => Hold;
  /** Keeps that a guest is owed a start, should this guard end before it. */
  readonly owe: (guest: KnownGuest) => Promise<void>;
}

/** A call that a host's storage holds up is not waited for. */
const CALL_MS = 30_000;
/** A guest whose storage is not back pauses again as soon as it goes on. */
const PROVED_MS = 500;

/**
 * Resumes guests that a storage error paused, or ends those that are to start anew, which their restart does afterwards.
 * Nothing is done to a guest whose host was taken for dead and is not taken back, or that was in a move: it may run elsewhere. Nor
 * to one that runs twice.
 * @param cluster as it was read just now
 */
export async function mendTroubled(cluster: ReadCluster, due: readonly TroubledGuest[], tools: MendTools): Promise<void> {
  await Promise.all(due.map(async (each) => {
    const { name, host } = each.guest;
    try {
      await mend(cluster, each, tools);
    } catch (error) {
      tools.proceed();
      tools.tell("trouble", messageOf(error), { vm: name, host });
    }
  }));
}

async function mend({ hosts, returned, cutOff, sorted }: ReadCluster, { guest, remedy, trouble }: TroubledGuest, { troubled, attempts, mostStarts, nowMs, tell, proceed, owe }: MendTools): Promise<void> {
  const { uuid, name } = guest;
  const found = hosts.find(({ declared, read }) => declared.host.name === guest.host && read !== undefined);
  const pauseSeconds = troubled.tried(uuid, nowMs()) / 1000;
  if (found === undefined || returned.includes(guest.host) || cutOff.some((move) => move.uuid === uuid) || sorted.twice.some((each) => each.name === name)) return;
  const host = hostAt(found.declared.host);
  const domain = await lookupDomain(host, { uuid });
  const isStill = async (): Promise<boolean> => domain !== undefined && troubleOf(await host.libvirt.domainGetState({ dom: domain, flags: 0 })) === trouble;
  if (domain === undefined || !(await isStill())) {
    troubled.forget(uuid);
    return;
  }
  const about = { vm: name, host: guest.host };
  const late = (): Error => new Error(`it did not end within ${CALL_MS / 1000} s`);
  if (remedy === "resume") {
    proceed();
    await within(CALL_MS, host.libvirt.domainResume({ dom: domain }), late);
    await systemClock.sleep(PROVED_MS);
    if (await isStill()) tell("guest-waits", `its storage is not back: it paused again as soon as it went on, and is tried again in ${pauseSeconds} s`, about);
    else tell("guest-resumed", "its storage takes what it writes again", about);
    return;
  }
  if (attempts.isSpent(uuid, mostStarts, nowMs())) {
    tell("guest-given-up", `it was started ${mostStarts} times, and is paused again: it is left to you`, about);
    return;
  }
  await owe(guest);
  proceed();
  await within(CALL_MS, destroyDomain({ host, domain, state: DomainState.PAUSED }), late);
  tell("guest-killed", `${trouble === "watchdog" ? "its watchdog fired" : "its storage failed"}: it is ended, to start anew`, about);
}
