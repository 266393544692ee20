import { messageOf } from "../base/error.js";
import { makePlan, type KnownHost, type PlannedCluster, type ReadCluster } from "../kinds/placement/index.js";
import type { Attempts } from "./attempts.js";
import type { KnownGuest } from "./guests.js";
import type { PlacementInputs } from "../schema/index.js";
import { waitsFor, type RestartOrder } from "./restart-order.js";

/** What a plan starts, and what waits. */
export interface Fitting {
  readonly planned: PlannedCluster | undefined;
  readonly placed: readonly KnownGuest[];
  /** With what finds out the reason, for which the planner may search long: starts come before that. */
  readonly waiting: ReadonlyMap<KnownGuest, () => Promise<string>>;
}

/** Of the planner's priorities. */
const MOST_PRIORITY = 1000;

/** Of so many that wait it is found out why; of the others it is that those before them have what there was. */
const MOST_REASONS = 3;
/** The planner searches so long for one of them. */
const REASON_SECONDS = 3;

type Planner = (guests: readonly KnownGuest[], startWhatFits: boolean, searchSeconds?: number) => Promise<PlannedCluster>;

/** A plan with as many of the guests as fit, the most important first. One that waits keeps those waiting that depend on it, and nobody else. */
export async function planOf(cluster: ReadCluster, wanted: readonly KnownGuest[], begun: Readonly<Record<string, string>>, order: RestartOrder, attempts: Pick<Attempts, "refusedBy">): Promise<Fitting> {
  const ranks = order.ranks(wanted);
  const plan: Planner = (guests, startWhatFits, searchSeconds) => makePlan(only(cluster, ranks, guests, attempts), { ...(Object.keys(begun).length === 0 ? {} : { fixed: begun }), outlook: "never", startWhatFits, searchSeconds });
  try {
    return await together(ranks.flat(), order, plan);
  } catch {
    // Of a guest that fell where its host goes on the planner knows no other way than that it runs. What is wrong comes out for each.
    return await oneByOne(ranks.flat(), order, plan);
  }
}

/** By plans that start what fits. @throws DroverError where one that may not wait has no place */
async function together(guests: readonly KnownGuest[], order: RestartOrder, plan: Planner): Promise<Fitting> {
  const waiting = new Map<KnownGuest, () => Promise<string>>();
  let open = guests;
  while (open.length > 0) {
    const planned = await plan(open, true);
    const without = new Set([...planned.waiting, ...[...waiting.keys()].map(({ name }) => name)]);
    const held = open.flatMap((guest): [KnownGuest, string][] => {
      const holding = order.holding(guest.name).filter((name) => without.has(name));
      if (holding.length > 0) without.add(guest.name);
      return holding.length > 0 ? [[guest, waitsFor(holding)]] : [];
    });
    if (held.length === 0) return { planned, ...sorted(planned, open, waiting, plan) };
    // What they would have had is for others.
    for (const [guest, why] of held) waiting.set(guest, () => Promise.resolve(why));
    open = open.filter((guest) => !waiting.has(guest));
  }
  return { planned: undefined, placed: [], waiting };
}

/** Those that have a place, and those that wait, with their reasons. */
function sorted(planned: PlannedCluster, guests: readonly KnownGuest[], held: Fitting["waiting"], plan: Planner): Pick<Fitting, "placed" | "waiting"> {
  const placed = guests.filter(({ name }) => !planned.waiting.includes(name));
  const without = guests.filter((guest) => !placed.includes(guest));
  const why = async (guest: KnownGuest): Promise<string> => {
    try {
      // A plan without a choice says what is in the way of one.
      await plan([...placed, guest], false, REASON_SECONDS);
      return "a place for it was found later than for the others: it is tried again";
    } catch (error) {
      return noPlace(messageOf(error));
    }
  };
  const reasons = without.map((guest, index) => [guest, index < MOST_REASONS ? () => why(guest) : () => Promise.resolve(noPlace("those before it have what there was"))] as const);
  return { placed, waiting: new Map([...held, ...reasons]) };
}

async function oneByOne(guests: readonly KnownGuest[], order: RestartOrder, plan: Planner): Promise<Fitting> {
  const placed: KnownGuest[] = [];
  const waiting = new Map<KnownGuest, () => Promise<string>>();
  let planned: PlannedCluster | undefined;
  for (const guest of guests) {
    const holding = order.holding(guest.name).filter((name) => [...waiting.keys()].some((each) => each.name === name));
    if (holding.length > 0) {
      waiting.set(guest, () => Promise.resolve(waitsFor(holding)));
      continue;
    }
    try {
      planned = await plan([...placed, guest], false);
      placed.push(guest);
    } catch (error) {
      waiting.set(guest, () => Promise.resolve(noPlace(messageOf(error))));
    }
  }
  return { planned, placed, waiting };
}

function noPlace(why: string): string {
  return `no place for it now: ${why}`;
}

/** The cluster where nothing that runs is moved. A rule that is broken by what runs already keeps nobody else from being started. */
export function standing(cluster: ReadCluster): ReadCluster {
  const members = cluster.sorted.members.map((found) => (found.seen?.domain.isActive === true ? { ...found, stands: true as const } : found));
  // What moves costs is not asked: a guest that fell and starts elsewhere would count as one that moves.
  const { budget: _budget, ...inputs } = cluster.inputs;
  return { ...cluster, inputs, sorted: { ...cluster.sorted, members } };
}

/** The cluster where nothing that runs is moved for a wish: room for those that have none is all that moves are made for. */
export function forRoomAlone(cluster: ReadCluster): ReadCluster {
  const { tolerate: _tolerate, ...inputs } = cluster.inputs;
  return { ...cluster, inputs: { ...inputs, rules: (inputs.rules ?? []).filter((rule) => !isWish(rule)) } };
}

function isWish(rule: unknown): boolean {
  return typeof rule === "object" && rule !== null && "hard" in rule && rule.hard === false;
}

/** The cluster where some of what runs is not moved. @param why by the guests' names, as a text that follows the name */
export function keptInPlace(cluster: ReadCluster, why: ReadonlyMap<string, string>): ReadCluster {
  const members = cluster.sorted.members.map((found) => {
    const obstacle = why.get(found.name);
    return obstacle === undefined || found.seen?.domain.isActive !== true ? found : { ...found, seen: { ...found.seen, domain: { ...found.seen.domain, obstacles: [...found.seen.domain.obstacles, obstacle] } } };
  });
  return { ...cluster, sorted: { ...cluster.sorted, members } };
}

/** The cluster where of all guests that are down only some are wanted. @param ranks those of the first rank have a place before all others */
function only(cluster: ReadCluster, ranks: readonly (readonly KnownGuest[])[], wanted: readonly KnownGuest[], attempts: Pick<Attempts, "refusedBy">): ReadCluster {
  const priorities = new Map(ranks.flatMap((rank, index) => rank.map(({ name }) => [name, Math.max(0, MOST_PRIORITY - index)] as const)));
  const lastHosts = new Map(wanted.map(({ name, host }) => [name, host]));
  const members = cluster.sorted.members.map((found) => {
    if (found.seen?.domain.isActive === true) return found;
    if (!lastHosts.has(found.name)) return { ...found, member: { ...found.member, running: false } };
    // Whether it runs on a silent host that is not its last one is known, or asked, when it is started.
    const maybeOn = found.maybeOn === lastHosts.get(found.name) ? found.maybeOn : undefined;
    const { ha } = found.member;
    return { ...found, maybeOn, ...(ha === undefined ? {} : { member: { ...found.member, ha: { ...ha, priority: priorities.get(found.name) ?? ha.priority } } }) };
  });
  // What is kept for the next loss is what this one takes.
  const inputs = { ...cluster.inputs, rules: [...cluster.inputs.rules ?? [], ...refusals(cluster, wanted, attempts)], rebalance: false, enforce: "soft" } as const;
  // A host that was declared dead and answers again carries that word still: cut off once more, it would pass for dead at once.
  // One that carries guests all the same is not emptied for that.
  const used = new Set(cluster.sorted.members.flatMap(({ seen }) => (seen?.domain.isActive === true ? [seen.host.address.name] : [])));
  const isOut = ({ declared: { host }, state }: KnownHost): boolean => state === "up" && cluster.returned.includes(host.name) && !used.has(host.name);
  const hosts = cluster.hosts.map((host) => (isOut(host) ? { ...host, state: "maintenance" as const } : host));
  return { ...cluster, inputs, hosts, sorted: { ...cluster.sorted, members } };
}

/** Where a host refused a guest, another one is tried before it; where there is none, the same once more. */
function refusals({ hosts }: ReadCluster, wanted: readonly KnownGuest[], attempts: Pick<Attempts, "refusedBy">): NonNullable<PlacementInputs["rules"]> {
  const names = new Set(hosts.map(({ declared }) => declared.host.name));
  return wanted.flatMap(({ uuid, name }) => {
    const refused = [...attempts.refusedBy(uuid)].filter((host) => names.has(host));
    return refused.length === 0 ? [] : [{ kind: "ban", name: `${name} was refused`, vms: [name], hosts: refused, hard: false, priority: 10 }];
  });
}
