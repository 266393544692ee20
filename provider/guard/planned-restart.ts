import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { carryOutMoves, type PlannedCluster, type ReadCluster } from "../kinds/placement/index.js";
import { isBeingDeleted } from "../kinds/vm/domain.js";
import type { Context } from "../engine/handler.js";
import type { Hold } from "../record/store.js";
import type { HostRef } from "../schema/index.js";
import type { Attempts } from "./attempts.js";
import type { Condition } from "./detect.js";
import type { Tell } from "./events.js";
import { startable, type KnownGuest, type KnownGuests } from "./guests.js";
import type { Intents } from "./intents.js";
import { RestartOrder, runningIn, waitsFor } from "./restart-order.js";
import { planOf, standing } from "./restart-plan.js";
import { HostsSilent, startGuest, StartRefused, withdrawStart } from "./restart.js";
import type { GuardSettings } from "./settings.js";
import type { Whereabouts } from "./whereabouts.js";

/** What restarting needs. */
export interface RestartTools {
  readonly guests: KnownGuests;
  readonly settings: GuardSettings;
  readonly tell: Tell;
  /** What is made of each host now. */
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly intents: Intents;
  /** Whether a silent host is known not to have a guest. */
  readonly cannotBeOn: (guest: KnownGuest, host: string) => boolean;
  readonly whereabouts: Whereabouts;
  /** The leader's lock. @throws where this guard leads no longer */
  readonly proceed: () => Hold;
}

/**
 * Starts guests that are down and ought to run, where the planner places them, the most important first: those first that have a place
 * without anything being moved. One that fits nowhere waits; the next round tries again.
 * @param cluster as it was read just now
 * @param wanted those to start; all others that do not run stay so
 * @returns how many wait
 */
export async function restartGuests(ctx: Context, cluster: ReadCluster, wanted: readonly KnownGuest[], attempts: Attempts, tools: RestartTools): Promise<number> {
  const { settings, tell, proceed } = tools;
  const due = wanted.filter(({ name }) => !isBeingDeleted(cluster.sorted.members.find((member) => member.name === name)?.seen?.domain.ours));
  const eligible = due.filter(({ uuid }) => attempts.of(uuid) < settings.mostStarts);
  for (const { name } of due.filter((guest) => !eligible.includes(guest))) tell("guest-given-up", `it was started ${settings.mostStarts} times in vain; it is left to you: \`pulumi up\` starts it`, { vm: name });
  if (eligible.length === 0) return 0;
  // A host that was declared dead and answers again may run guests: it is asked as the others are.
  const alive = cluster.hosts.filter(({ state }) => state !== "lost").map(({ declared }) => declared.host);
  const order = orderIn(cluster, eligible, attempts, tools);
  const held = order.heldFromOutside(eligible);
  for (const { name } of held) tell("guest-waits", waitsFor(order.holding(name)), { vm: name });
  const free = eligible.filter((guest) => !held.includes(guest));
  const begun = await begunStarts(free, alive, tools);
  const still = await planOf(standing(cluster), free, begun, order);
  let left = held.length + await startAll(still.planned, still.placed, alive, order, attempts, tools);
  if (still.waiting.size > 0) {
    const moving = await planOf(cluster, [...still.waiting.keys()], begun, order);
    if (moving.planned !== undefined && moving.planned.plan.moves.length > 0) {
      proceed();
      for (const { uuid } of moving.planned.plan.moves) tools.whereabouts.settled(uuid, false);
      await carryOutMoves(ctx, { ...cluster.inputs, plan: moving.planned.plan }, undefined);
    }
    left += await startAll(moving.planned, moving.placed, alive, order, attempts, tools);
    left += moving.waiting.size;
    for (const [guest, why] of moving.waiting) await keepWaiting(guest, why, begun, alive, tools);
  }
  return left;
}

async function keepWaiting(guest: KnownGuest, why: string, begun: Readonly<Record<string, string>>, alive: readonly HostRef[], { tell, intents, proceed }: RestartTools): Promise<void> {
  tell("guest-waits", why, { vm: guest.name });
  const host = alive.find(({ name }) => name === begun[guest.name]);
  if (host !== undefined && (await withdrawStart(guest.uuid, host, proceed))) await intents.end(guest.uuid, proceed());
}

/** @returns how many of them do not run afterwards, and are to be tried again */
async function startAll(planned: PlannedCluster | undefined, placed: readonly KnownGuest[], alive: readonly HostRef[], order: RestartOrder, attempts: Attempts, tools: RestartTools): Promise<number> {
  if (planned === undefined) return 0;
  let left = 0;
  const start = async (guest: KnownGuest): Promise<void> => {
    const target = planned.plan.starts[guest.name];
    const host = alive.find(({ name }) => name === target);
    const holding = order.holding(guest.name);
    if (host !== undefined && holding.length === 0) {
      if (await startOne(guest, host, alive, attempts, tools)) order.started(guest.name);
      else left += 1;
      return;
    }
    left += 1;
    tools.tell("guest-waits", holding.length > 0 ? waitsFor(holding) : target === undefined ? "the plan starts it nowhere" : `its place is ${target}, which does not answer`, { vm: guest.name });
  };
  // Guests of one rank start side by side.
  for (const rank of order.ranks(placed)) await Promise.all(rank.map(start));
  return left;
}

/** @returns whether it runs, or was given up */
async function startOne(guest: KnownGuest, host: HostRef, alive: readonly HostRef[], attempts: Attempts, { settings, tell, proceed, guests, intents, cannotBeOn, whereabouts }: RestartTools): Promise<boolean> {
  const dueMs = systemClock.nowMs();
  try {
    await intents.begin(guest.uuid, host.name, proceed());
    const { host: runsOn, started } = await startGuest({
      uuid: guest.uuid, name: guest.name, definition: startable(guest), target: host, hosts: alive, mayBeSilent: ({ name }) => cannotBeOn(guest, name),
    }, proceed);
    whereabouts.runs(guest.uuid, runsOn, systemClock.monotonicMs());
    if (started) {
      attempts.add(guest.uuid);
      tell("guest-restarted", `on ${runsOn}, ${((systemClock.nowMs() - dueMs) / 1000).toFixed(1)} s after its place was planned; it ran on ${guest.host}`, { vm: guest.name, host: runsOn });
    }
    await guests.put({ ...guest, host: runsOn, running: true, seenMs: systemClock.nowMs() });
    await intents.end(guest.uuid, proceed());
    return true;
  } catch (error) {
    const hold = proceed();
    if (error instanceof HostsSilent) {
      tell("guest-waits", messageOf(error), { vm: guest.name });
      return false;
    }
    if (!(error instanceof StartRefused)) throw error;
    // The next try may be on another host, and this one must not come late.
    if (error.isNew && (await withdrawStart(guest.uuid, host, proceed))) await intents.end(guest.uuid, hold);
    const count = attempts.add(guest.uuid);
    tell(count >= settings.mostStarts ? "guest-given-up" : "guest-waits", `its start on ${host.name} failed (${count} of ${settings.mostStarts}): ${messageOf(error)}`, { vm: guest.name });
    return count >= settings.mostStarts;
  }
}

/**
 * Starts that were begun and may still come, by the guests' names: these guests are started there and nowhere else. {@link keepWaiting}
 * takes back one that the plan cannot have any more.
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

/** What is owed to run and does not is waited for. What an ailing host carries goes on there, as far as anybody knows. */
function orderIn(cluster: ReadCluster, wanted: readonly KnownGuest[], attempts: Attempts, { guests, settings, conditions }: RestartTools): RestartOrder {
  const { vms } = cluster.inputs;
  const running = runningIn(cluster);
  const known = new Map([...guests.all().filter((guest) => guest.running), ...wanted].map((guest) => [guest.name, guest]));
  return new RestartOrder({
    vms,
    runs: (name) => running.has(name) || conditions.get(known.get(name)?.host ?? "") === "ailing",
    isOwed: (name) => {
      const guest = known.get(name);
      return guest !== undefined && vms[name]?.ha !== undefined && vms[name].running && attempts.of(guest.uuid) < settings.mostStarts;
    },
  });
}
