import { messageOf } from "../base/error.js";
import type { Context } from "../engine/handler.js";
import { carryOutMoves, type PlannedCluster, type ReadCluster } from "../kinds/placement/index.js";
import { isBeingDeleted } from "../kinds/vm/domain.js";
import type { Attempts } from "./attempts.js";
import type { KnownGuest } from "./guests.js";
import { RestartOrder, runningIn, waitsFor } from "./restart-order.js";
import { forRoomAlone, keptInPlace, planOf, standing } from "./restart-plan.js";
import { begunStarts, placesOf, startOne, withdrawBegun, type Places, type RestartTools } from "./starting.js";

/**
 * Starts guests that are down and ought to run, where the planner places them, the most important first: those first that have a place
 * without anything being moved. One that fits nowhere waits; the next round tries again.
 * @param cluster as it was read just now
 * @param wanted those to start; all others that do not run stay so
 * @returns how many wait
 */
export async function restartGuests(ctx: Context, cluster: ReadCluster, wanted: readonly KnownGuest[], attempts: Attempts, tools: RestartTools): Promise<number> {
  const { settings, tell } = tools;
  const due = wanted.filter(({ name }) => !isBeingDeleted(cluster.sorted.members.find((member) => member.name === name)?.seen?.domain.ours));
  const nowMs = tools.nowMs();
  const open = due.filter(({ uuid }) => !attempts.isSpent(uuid, settings.mostStarts, nowMs));
  for (const { name } of due.filter((guest) => !open.includes(guest))) tell("guest-given-up", `it was started ${settings.mostStarts} times in vain; it is left to you: \`pulumi up\` starts it`, { vm: name });
  // How long each is left in peace was told when it was refused.
  const pausing = open.filter(({ uuid }) => attempts.isPausing(uuid, nowMs));
  const eligible = open.filter((guest) => !pausing.includes(guest));
  if (eligible.length === 0) return pausing.length;
  const places = placesOf(cluster);
  const order = orderIn(cluster, open, attempts, tools);
  const held = order.heldFromOutside(eligible);
  for (const { name } of held) tell("guest-waits", waitsFor(order.holding(name)), { vm: name });
  const free = eligible.filter((guest) => !held.includes(guest));
  // Whoever is about to be tried again keeps its place: nobody less important has it meanwhile.
  const reserved = [...pausing, ...heldBy(pausing, held, order)];
  const begun = await begunStarts([...free, ...reserved], places, tools);
  const still = await planOf(standing(cluster), [...free, ...reserved], begun, order, attempts);
  const failed = await startAll(still.planned, still.placed.filter((guest) => free.includes(guest)), places, order, attempts, tools);
  const waiting = free.filter((guest) => still.waiting.has(guest));
  const left = waiting.length === 0 ? 0 : await makeRoom(ctx, waiting, [...reserved, ...failed], { order, places, attempts }, tools);
  return pausing.length + held.length + failed.length + left;
}

/** Guests that are held by others alone that are about to be tried again, or by such guests. */
function heldBy(pausing: readonly KnownGuest[], held: readonly KnownGuest[], order: RestartOrder): KnownGuest[] {
  const names = new Set(pausing.map(({ name }) => name));
  return order.ranks(held).flat().filter(({ name }) => {
    const isKept = order.holding(name).every((each) => names.has(each));
    if (isKept) names.add(name);
    return isKept;
  });
}

interface Round {
  readonly order: RestartOrder;
  readonly places: Places;
  readonly attempts: Attempts;
}

/**
 * Starts guests for which others that run are moved away.
 * @param kept guests that do not run either, and whose places are not to be had
 * @returns how many do not run afterwards
 */
async function makeRoom(ctx: Context, wanted: readonly KnownGuest[], kept: readonly KnownGuest[], { order, places, attempts }: Round, tools: RestartTools): Promise<number> {
  const { hindrances, nowMs, proceed, read, tell, whereabouts } = tools;
  // Those that were started just now have what they need, and rules look at them too.
  const now = await read(ctx);
  const begun = await begunStarts([...wanted, ...kept], places, tools);
  const { planned, placed, waiting } = await planOf(forRoomAlone(keptInPlace(now, hindrances.unmovable(nowMs()))), [...wanted, ...kept], begun, order, attempts);
  const starting = placed.filter((guest) => wanted.includes(guest));
  let left = wanted.length - starting.length;
  const moves = planned?.plan.moves ?? [];
  let hasRoom = true;
  if (planned !== undefined && starting.length > 0 && moves.length > 0) {
    proceed();
    for (const { uuid } of moves) whereabouts.settled(uuid, false);
    try {
      await carryOutMoves(ctx, { ...now.inputs, plan: planned.plan }, undefined);
    } catch (error) {
      proceed();
      hasRoom = false;
      for (const { vm } of moves) hindrances.moveFailed(vm, nowMs());
      tell("trouble", `no room could be made for ${starting.map(({ name }) => name).join(", ")}: ${messageOf(error)}`);
    }
  }
  left += hasRoom ? (await startAll(planned, starting, places, order, attempts, tools)).length : starting.length;
  const still = [...waiting].filter(([guest]) => wanted.includes(guest));
  for (const [guest] of still) await withdrawBegun(guest, begun, places, tools);
  for (const [{ uuid, name }, why] of still) tell("guest-waits", await hindrances.why(uuid, nowMs(), why), { vm: name });
  return left;
}

/** @returns those of them that do not run afterwards, and are to be tried again */
async function startAll(planned: PlannedCluster | undefined, placed: readonly KnownGuest[], places: Places, order: RestartOrder, attempts: Attempts, tools: RestartTools): Promise<KnownGuest[]> {
  if (planned === undefined) return [];
  const left: KnownGuest[] = [];
  const start = async (guest: KnownGuest): Promise<void> => {
    const target = planned.plan.starts[guest.name];
    const host = places.alive.find(({ name }) => name === target);
    const holding = order.holding(guest.name);
    if (host !== undefined && holding.length === 0) {
      if (await startOne(guest, host, places, attempts, tools)) order.started(guest.name);
      else left.push(guest);
      return;
    }
    left.push(guest);
    tools.tell("guest-waits", holding.length > 0 ? waitsFor(holding) : target === undefined ? "the plan starts it nowhere" : `its place is ${target}, which does not answer`, { vm: guest.name });
  };
  // Guests of one rank start side by side.
  for (const rank of order.ranks(placed)) await Promise.all(rank.map(start));
  return left;
}

/** What is owed to run and does not is waited for. What an ailing host carries goes on there, as far as anybody knows. */
function orderIn(cluster: ReadCluster, wanted: readonly KnownGuest[], attempts: Attempts, { guests, settings, conditions, nowMs }: RestartTools): RestartOrder {
  const { vms } = cluster.inputs;
  const running = runningIn(cluster);
  const known = new Map([...guests.all().filter((guest) => guest.running), ...wanted].map((guest) => [guest.name, guest]));
  return new RestartOrder({
    vms,
    runs: (name) => running.has(name) || conditions.get(known.get(name)?.host ?? "") === "ailing",
    isOwed: (name) => {
      const guest = known.get(name);
      return guest !== undefined && vms[name]?.ha !== undefined && vms[name].running && !attempts.isSpent(guest.uuid, settings.mostStarts, nowMs());
    },
  });
}
