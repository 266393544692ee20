import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { carryOutMoves, makePlan, type KnownHost, type PlannedCluster, type ReadCluster } from "../kinds/placement/index.js";
import type { Context } from "../engine/handler.js";
import type { Hold } from "../record/store.js";
import type { HostRef } from "../schema/index.js";
import type { Tell } from "./events.js";
import { startable, type KnownGuest, type KnownGuests } from "./guests.js";
import type { Intents } from "./intents.js";
import { startGuest, withdrawStart } from "./restart.js";
import type { GuardSettings } from "./settings.js";

/** What restarting needs. */
export interface RestartTools {
  readonly guests: KnownGuests;
  readonly settings: GuardSettings;
  readonly tell: Tell;
  readonly intents: Intents;
  /** The leader's lock. @throws where this guard leads no longer */
  readonly proceed: () => Hold;
}

/** How often each guest's start has failed. A guest that ran for a while starts afresh. */
export class Failures {
  readonly #counts = new Map<string, number>();

  add(uuid: string): number {
    const count = (this.#counts.get(uuid) ?? 0) + 1;
    this.#counts.set(uuid, count);
    return count;
  }

  of(uuid: string): number {
    return this.#counts.get(uuid) ?? 0;
  }

  forget(uuid: string): void {
    this.#counts.delete(uuid);
  }
}

/**
 * Starts guests that are down and ought to run, where the planner places them, the most important first. One that fits
 * nowhere waits; the next round tries again.
 * @param cluster as it was read just now
 * @param wanted those to start; all others that do not run stay so
 * @returns how many wait
 */
export async function restartGuests(ctx: Context, cluster: ReadCluster, wanted: readonly KnownGuest[], failures: Failures, tools: RestartTools): Promise<number> {
  const { settings, tell, proceed, guests, intents } = tools;
  const eligible = wanted.filter(({ uuid }) => failures.of(uuid) < settings.mostStarts);
  if (eligible.length === 0) return 0;
  // A host that was declared dead and answers again may run guests: it is asked as the others are.
  const alive = cluster.hosts.filter(({ state }) => state !== "lost").map(({ declared }) => declared.host);
  const begun = await begunStarts(eligible, alive, tools);
  const { planned, waiting, why } = await planOf(cluster, eligible, begun);
  for (const guest of waiting) {
    tell("guest-waits", `no place for it now: ${why}`, { vm: guest.name });
    const host = alive.find(({ name }) => name === begun[guest.name]);
    if (host !== undefined && !(await withdrawStart(guest.uuid, host, proceed))) await intents.end(guest.uuid, proceed());
  }
  if (planned === undefined) return waiting.length;
  if (planned.plan.moves.length > 0) {
    proceed();
    await carryOutMoves(ctx, { ...cluster.inputs, plan: planned.plan }, undefined);
  }
  const dueMs = systemClock.nowMs();
  await inOrder(eligible.filter((guest) => !waiting.includes(guest)), cluster, async (guest) => {
    const target = planned.plan.starts[guest.name];
    const host = alive.find(({ name }) => name === target);
    if (host === undefined) {
      tell("guest-waits", target === undefined ? "the plan starts it nowhere" : `its place is ${target}, which does not answer`, { vm: guest.name });
      return;
    }
    try {
      await intents.begin(guest.uuid, host.name, proceed());
      const { host: runsOn, started } = await startGuest({ uuid: guest.uuid, name: guest.name, definition: startable(guest), target: host, hosts: alive }, proceed);
      await guests.put({ ...guest, host: runsOn, running: true });
      failures.forget(guest.uuid);
      await intents.end(guest.uuid, proceed());
      if (started) tell("guest-restarted", `on ${runsOn}, ${((systemClock.nowMs() - dueMs) / 1000).toFixed(1)} s after its place was planned; it ran on ${guest.host}`, { vm: guest.name, host: runsOn });
    } catch (error) {
      const hold = proceed();
      const count = failures.add(guest.uuid);
      // The next try may be on another host, and this one must not come late.
      if (!(await withdrawStart(guest.uuid, host, proceed))) await intents.end(guest.uuid, hold);
      if (count >= settings.mostStarts) tell("guest-given-up", `its start failed ${count} times, the last time so: ${messageOf(error)}. It is left to you: \`pulumi up\` starts it`, { vm: guest.name });
      else tell("guest-waits", `its start on ${host.name} failed, and is tried again: ${messageOf(error)}`, { vm: guest.name });
    }
  });
  return waiting.length + eligible.filter(({ uuid }) => failures.of(uuid) > 0 && failures.of(uuid) < settings.mostStarts).length;
}

/**
 * Starts that were begun and may still come: their guests start there. Where the plan can have that no more, the start is made
 * impossible first.
 */
async function begunStarts(wanted: readonly KnownGuest[], alive: readonly HostRef[], { intents, proceed }: RestartTools): Promise<Record<string, string>> {
  const places: Record<string, string> = {};
  for (const { uuid, name } of wanted) {
    const begun = intents.of(uuid);
    if (begun === undefined) continue;
    const host = alive.find((each) => each.name === begun);
    if (host !== undefined) places[name] = begun;
    // Its host is dead, and with it whatever was begun there.
    else await intents.end(uuid, proceed());
  }
  return places;
}

/** Guests of one priority start side by side, after all of higher ones. */
async function inOrder(wanted: readonly KnownGuest[], cluster: ReadCluster, start: (guest: KnownGuest) => Promise<void>): Promise<void> {
  const ranks = new Map<number, KnownGuest[]>();
  for (const guest of wanted) {
    const priority = priorityOf(cluster, guest);
    ranks.set(priority, [...(ranks.get(priority) ?? []), guest]);
  }
  for (const [, rank] of [...ranks].sort(([a], [b]) => b - a)) await Promise.all(rank.map(start));
}

interface Fitting {
  readonly planned: PlannedCluster | undefined;
  readonly waiting: readonly KnownGuest[];
  readonly why: string;
}

/** A plan with as many of the guests as fit: the least important ones give way, one after the other. */
async function planOf(cluster: ReadCluster, wanted: readonly KnownGuest[], begun: Readonly<Record<string, string>>): Promise<Fitting> {
  const order = [...wanted].sort((a, b) => priorityOf(cluster, b) - priorityOf(cluster, a) || (a.name < b.name ? -1 : 1));
  const waiting: KnownGuest[] = [];
  let why = "";
  for (;;) {
    const kept = order.filter((guest) => !waiting.includes(guest));
    const next = kept.at(-1);
    if (next === undefined) return { planned: undefined, waiting, why };
    try {
      return { planned: await makePlan(only(cluster, kept), { fixed: begun }), waiting, why };
    } catch (error) {
      why = messageOf(error);
      waiting.push(next);
    }
  }
}

/** The cluster where of all guests that are down only some are wanted. */
function only(cluster: ReadCluster, wanted: readonly KnownGuest[]): ReadCluster {
  const names = new Set(wanted.map(({ name }) => name));
  const members = cluster.sorted.members.map((found) => (found.seen?.domain.isActive === true || names.has(found.name) ? found : { ...found, member: { ...found.member, running: false } }));
  // What is kept for the next loss is what this one takes.
  const { tolerate } = cluster.inputs;
  const inputs = { ...cluster.inputs, rebalance: false, ...(tolerate === undefined ? {} : { tolerate: { ...tolerate, hard: false } }) };
  // A host that was declared dead and answers again carries that word still: cut off once more, it would pass for dead at once.
  // One that carries guests all the same is not emptied for that.
  const used = new Set(cluster.sorted.members.flatMap(({ seen }) => (seen?.domain.isActive === true ? [seen.host.address.name] : [])));
  const isOut = ({ declared: { host }, state }: KnownHost): boolean => state === "up" && cluster.returned.includes(host.name) && !used.has(host.name);
  const hosts = cluster.hosts.map((host) => (isOut(host) ? { ...host, state: "maintenance" as const } : host));
  return { ...cluster, inputs, hosts, sorted: { ...cluster.sorted, members } };
}

function priorityOf({ inputs }: ReadCluster, guest: KnownGuest): number {
  return inputs.vms[guest.name]?.ha?.priority ?? 0;
}

