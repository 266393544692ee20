import type { Context } from "../engine/handler.js";
import { carryOutMoves, type PlannedCluster, type ReadCluster } from "../kinds/placement/index.js";
import { isBeingDeleted } from "../kinds/vm/domain.js";
import type { Attempts } from "./attempts.js";
import type { KnownGuest } from "./guests.js";
import { RestartOrder, runningIn, waitsFor } from "./restart-order.js";
import { planOf, standing } from "./restart-plan.js";
import { begunStarts, keepWaiting, placesOf, startOne, type Places, type RestartTools } from "./starting.js";

/**
 * Starts guests that are down and ought to run, where the planner places them, the most important first: those first that have a place
 * without anything being moved. One that fits nowhere waits; the next round tries again.
 * @param cluster as it was read just now
 * @param wanted those to start; all others that do not run stay so
 * @returns how many wait
 */
export async function restartGuests(ctx: Context, cluster: ReadCluster, wanted: readonly KnownGuest[], attempts: Attempts, tools: RestartTools): Promise<number> {
  const { settings, tell, proceed, read } = tools;
  const due = wanted.filter(({ name }) => !isBeingDeleted(cluster.sorted.members.find((member) => member.name === name)?.seen?.domain.ours));
  const nowMs = tools.nowMs();
  const open = due.filter(({ uuid }) => !attempts.isSpent(uuid, settings.mostStarts, nowMs));
  for (const { name } of due.filter((guest) => !open.includes(guest))) tell("guest-given-up", `it was started ${settings.mostStarts} times in vain; it is left to you: \`pulumi up\` starts it`, { vm: name });
  // How long each is left in peace was told when it was refused.
  const eligible = open.filter(({ uuid }) => !attempts.isPausing(uuid, nowMs));
  const pausing = open.length - eligible.length;
  if (eligible.length === 0) return pausing;
  const places = placesOf(cluster);
  const order = orderIn(cluster, eligible, attempts, tools);
  const held = order.heldFromOutside(eligible);
  for (const { name } of held) tell("guest-waits", waitsFor(order.holding(name)), { vm: name });
  const free = eligible.filter((guest) => !held.includes(guest));
  const begun = await begunStarts(free, places, tools);
  const still = await planOf(standing(cluster), free, begun, order, attempts);
  let left = pausing + held.length + await startAll(still.planned, still.placed, places, order, attempts, tools);
  if (still.waiting.size > 0) {
    // Those that were started just now have what they need, and rules look at them too.
    const now = await read(ctx);
    const moving = await planOf(now, [...still.waiting.keys()], begun, order, attempts);
    if (moving.planned !== undefined && moving.planned.plan.moves.length > 0) {
      proceed();
      for (const { uuid } of moving.planned.plan.moves) tools.whereabouts.settled(uuid, false);
      await carryOutMoves(ctx, { ...now.inputs, plan: moving.planned.plan }, undefined);
    }
    left += await startAll(moving.planned, moving.placed, places, order, attempts, tools);
    left += moving.waiting.size;
    for (const [guest, why] of moving.waiting) await keepWaiting(guest, await why(), begun, places, tools);
  }
  return left;
}

/** @returns how many of them do not run afterwards, and are to be tried again */
async function startAll(planned: PlannedCluster | undefined, placed: readonly KnownGuest[], places: Places, order: RestartOrder, attempts: Attempts, tools: RestartTools): Promise<number> {
  if (planned === undefined) return 0;
  let left = 0;
  const start = async (guest: KnownGuest): Promise<void> => {
    const target = planned.plan.starts[guest.name];
    const host = places.alive.find(({ name }) => name === target);
    const holding = order.holding(guest.name);
    if (host !== undefined && holding.length === 0) {
      if (await startOne(guest, host, places, attempts, tools)) order.started(guest.name);
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
