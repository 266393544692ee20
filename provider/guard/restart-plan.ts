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
  /** With the reason. */
  readonly waiting: ReadonlyMap<KnownGuest, string>;
}

/** A plan with as many of the guests as fit: where not all do, one after the other is tried, the most important first. */
export async function planOf(cluster: ReadCluster, wanted: readonly KnownGuest[], begun: Readonly<Record<string, string>>, order: RestartOrder, attempts: Pick<Attempts, "refusedBy">): Promise<Fitting> {
  if (wanted.length === 0) return { planned: undefined, placed: [], waiting: new Map() };
  const sorted = order.ranks(wanted).flat();
  const plan = (guests: readonly KnownGuest[]): Promise<PlannedCluster> => makePlan(only(cluster, guests, attempts), { fixed: begun });
  try {
    return { planned: await plan(sorted), placed: sorted, waiting: new Map() };
  } catch {
    // Which of them it is comes out below, each with its own reason.
  }
  const placed: KnownGuest[] = [];
  const waiting = new Map<KnownGuest, string>();
  let planned: PlannedCluster | undefined;
  for (const guest of sorted) {
    const holding = order.holding(guest.name).filter((name) => [...waiting.keys()].some((each) => each.name === name));
    if (holding.length > 0) {
      waiting.set(guest, waitsFor(holding));
      continue;
    }
    try {
      planned = await plan([...placed, guest]);
      placed.push(guest);
    } catch (error) {
      waiting.set(guest, `no place for it now: ${messageOf(error)}`);
    }
  }
  return { planned, placed, waiting };
}

/** The cluster where nothing that runs is moved. A rule that is broken by what runs already keeps nobody else from being started. */
export function standing(cluster: ReadCluster): ReadCluster {
  const members = cluster.sorted.members.map((found) => (found.seen?.domain.isActive === true ? { ...found, stands: true as const } : found));
  return { ...cluster, sorted: { ...cluster.sorted, members } };
}

/** The cluster where some of what runs is not moved. @param why by the guests' names, as a text that follows the name */
export function keptInPlace(cluster: ReadCluster, why: ReadonlyMap<string, string>): ReadCluster {
  const members = cluster.sorted.members.map((found) => {
    const obstacle = why.get(found.name);
    return obstacle === undefined || found.seen?.domain.isActive !== true ? found : { ...found, seen: { ...found.seen, domain: { ...found.seen.domain, obstacles: [...found.seen.domain.obstacles, obstacle] } } };
  });
  return { ...cluster, sorted: { ...cluster.sorted, members } };
}

/** The cluster where of all guests that are down only some are wanted. */
function only(cluster: ReadCluster, wanted: readonly KnownGuest[], attempts: Pick<Attempts, "refusedBy">): ReadCluster {
  const lastHosts = new Map(wanted.map(({ name, host }) => [name, host]));
  const members = cluster.sorted.members.map((found) => {
    if (found.seen?.domain.isActive === true) return found;
    if (!lastHosts.has(found.name)) return { ...found, member: { ...found.member, running: false } };
    // Whether it runs on a silent host that is not its last one is known, or asked, when it is started.
    return { ...found, maybeOn: found.maybeOn === lastHosts.get(found.name) ? found.maybeOn : undefined };
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
