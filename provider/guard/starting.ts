import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import type { Context } from "../engine/handler.js";
import type { ReadCluster } from "../kinds/placement/index.js";
import type { Hold } from "../record/store.js";
import type { HostRef } from "../schema/index.js";
import type { Attempts } from "./attempts.js";
import type { Condition } from "./detect.js";
import type { Tell } from "./events.js";
import type { Hindrances } from "./hindrances.js";
import { startable, type KnownGuest, type KnownGuests } from "./guests.js";
import type { Intents } from "./intents.js";
import { HostsSilent, startGuest, StartRefused, withdrawStart } from "./restart.js";
import type { GuardSettings } from "./settings.js";
import type { Whereabouts } from "./whereabouts.js";

/** What restarting needs. */
export interface RestartTools {
  /** Reads the cluster as it is now, with what this guard knows of its guests. */
  readonly read: (ctx: Context) => Promise<ReadCluster>;
  readonly guests: KnownGuests;
  readonly settings: GuardSettings;
  readonly tell: Tell;
  /** What is made of each host now. */
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly intents: Intents;
  readonly hindrances: Hindrances;
  /** Whether a silent host is known not to have a guest. */
  readonly cannotBeOn: (guest: KnownGuest, host: string) => boolean;
  readonly whereabouts: Whereabouts;
  /** Of a clock that never jumps. */
  readonly nowMs: () => number;
  /** A guest runs: where it fell before is of no account any more, should its new host die before it was seen there. */
  readonly started: (uuid: string) => void;
  /** The leader's lock. @throws where this guard leads no longer */
  readonly proceed: () => Hold;
}

/** The cluster's hosts, by what is known of them. */
export interface Places {
  readonly all: readonly HostRef[];
  /** All but those that were proved to be dead. One that was and answers again is among them. */
  readonly alive: readonly HostRef[];
  /** Names of those that were proved to be dead. */
  readonly dead: ReadonlySet<string>;
}

export function placesOf({ hosts }: ReadCluster): Places {
  const dead = new Set(hosts.filter(({ state }) => state === "lost").map(({ declared }) => declared.host.name));
  const all = hosts.map(({ declared }) => declared.host);
  return { all, alive: all.filter(({ name }) => !dead.has(name)), dead };
}

/** @returns whether it runs, or was given up */
export async function startOne(guest: KnownGuest, host: HostRef, places: Places, attempts: Attempts, { settings, tell, proceed, guests, intents, conditions, cannotBeOn, whereabouts, nowMs, started }: RestartTools): Promise<boolean> {
  const dueMs = systemClock.nowMs();
  const lives = (name: string): boolean => conditions.get(name) === "alive" || conditions.get(name) === "ailing";
  try {
    await intents.begin(guest.uuid, host.name, proceed());
    const { host: runsOn, started: isStarted } = await startGuest({
      uuid: guest.uuid, name: guest.name, definition: startable(guest), lastHost: guest.host, target: host, hosts: places.all,
      absence: ({ name }) => (places.dead.has(name) && !lives(name) ? "dead" : cannotBeOn(guest, name) ? "elsewhere" : undefined),
    }, () => {
      const hold = proceed();
      refuseReturned(guest, places.dead, lives);
      return hold;
    });
    whereabouts.runs(guest.uuid, runsOn, nowMs());
    if (isStarted) {
      attempts.add(guest.uuid, nowMs());
      tell("guest-restarted", `on ${runsOn}, ${((systemClock.nowMs() - dueMs) / 1000).toFixed(1)} s after its place was planned; it ran on ${guest.host}`, { vm: guest.name, host: runsOn });
    }
    const { isMissing: _isMissing, ...known } = guest;
    await guests.put({ ...known, host: runsOn, running: true, seenMs: systemClock.nowMs() });
    await intents.end(guest.uuid, proceed());
    started(guest.uuid);
    return true;
  } catch (error) {
    const hold = proceed();
    if (error instanceof HostsSilent) {
      tell("guest-waits", messageOf(error), { vm: guest.name });
      return false;
    }
    if (!(error instanceof StartRefused)) throw error;
    // The next try may be on another host, and this one must not come late; nor what another leader may have begun there.
    if (!error.isOver) intents.keepOpen(guest.uuid);
    // Where it was seen last its definition is its own, and stays.
    const isWithdrawn = guest.host !== host.name && await withdrawStart(guest.uuid, host, proceed);
    if (isWithdrawn || !intents.isOpen(guest.uuid)) await intents.end(guest.uuid, hold);
    const { count, pauseMs } = attempts.refused(guest.uuid, host.name, nowMs());
    const isGivenUp = attempts.isSpent(guest.uuid, settings.mostStarts, nowMs());
    tell(isGivenUp ? "guest-given-up" : "guest-waits", `its start on ${host.name} failed (${count} of ${settings.mostStarts}${isGivenUp ? "" : `, the next in ${Math.round(pauseMs / 1000)} s, on another host where there is a place`}): ${messageOf(error)}`, { vm: guest.name });
    return isGivenUp;
  }
}

/**
 * Starts that were begun and may still come, by the guests' names: these guests are started there and nowhere else. {@link withdrawBegun}
 * takes back one that the plan cannot have any more.
 */
export async function begunStarts(wanted: readonly KnownGuest[], { alive }: Places, { intents, proceed }: RestartTools): Promise<Record<string, string>> {
  const begunOn: Record<string, string> = {};
  for (const { uuid, name } of wanted) {
    const begun = intents.of(uuid);
    if (begun === undefined) continue;
    const host = alive.find((each) => each.name === begun);
    if (host !== undefined) begunOn[name] = begun;
    // Its host is dead, and with it whatever was begun there.
    else await intents.end(uuid, proceed());
  }
  return begunOn;
}

/** A start that was begun on a host where the guest has no place any more. */
export async function withdrawBegun(guest: KnownGuest, begun: Readonly<Record<string, string>>, { alive }: Places, { intents, proceed }: RestartTools): Promise<void> {
  const host = alive.find(({ name }) => name === begun[guest.name]);
  if (host !== undefined && (await withdrawStart(guest.uuid, host, proceed))) await intents.end(guest.uuid, proceed());
}

/** A host that was proved to be dead and gives a sign of life disproves it. @throws HostsSilent */
function refuseReturned({ name }: KnownGuest, dead: ReadonlySet<string>, lives: (host: string) => boolean): void {
  const back = [...dead].find(lives);
  if (back !== undefined) throw new HostsSilent({ attempted: `start ${name}`, host: back, answer: "it gives a sign of life, and was proved to be dead: the proof is wrong, or it is back", next: "it is tried again with what is known of it by then" });
}
