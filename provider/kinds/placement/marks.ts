import { hostname, userInfo } from "node:os";
import { hostUuidOf } from "../../apply/migrate/index.js";
import { systemClock } from "../../base/clock.js";
import { DroverError, messageOf } from "../../base/error.js";
import { sameValue } from "../../engine/difference.js";
import type { Context } from "../../engine/handler.js";
import { clearHostMark, confirmedDead, marksOf, readHostMark, readHosts, writeHostMark, type HostMark, type HostMarkState, type MarkedHost, type Note } from "../../inventory/cluster/index.js";
import { hostAt, type HostAddress } from "../../inventory/hosts.js";
import { derivedUuid } from "../../inventory/identity.js";
import type { PlacementInputs } from "../../schema/index.js";
import { isTakenBack } from "./inventory.js";
import type { ReadCluster } from "./reading.js";
import { actedOn, gatherFacts, type HostFacts } from "./words.js";

/**
 * Writes on each host of the cluster what the next run, from any machine, has to know: the cluster's hosts, and whether this one
 * is in maintenance. A host that left the cluster forgets it; so does each host what a cluster was called that has another name now.
 */
export async function keepMarks(ctx: Context, inputs: PlacementInputs, olds: PlacementInputs | undefined): Promise<void> {
  const former = olds ?? inputs;
  const isRenamed = idOf(former) !== idOf(inputs);
  const left = former.hosts.filter((old) => isRenamed || !inputs.hosts.some(({ host }) => host.uri === old.host.uri));
  const isHere = isRenamed ? () => Promise.resolve(false) : await isAmong(inputs);
  const facts = await gatherFacts(inputs, idOf(former));
  await Promise.all([
    ...inputs.hosts.map(({ host, maintenance }) => answering(ctx, inputs, host, async () => {
      const before = await readHostMark(hostAt(host), idOf(former));
      const mark = markOf(inputs, stateNow(before?.state, maintenance, olds?.hosts.find((old) => old.host.uri === host.uri)?.maintenance), before, facts);
      if (!sameValue(before, mark)) await writeHostMark(hostAt(host), mark);
    })),
  ]);
  await Promise.all(left.map(({ host }) => answering(ctx, inputs, host, async () => {
    if (!(await isHere(host))) await clearHostMark(hostAt(host), idOf(former));
  })));
}

/** Whether a host is one of the cluster's by another URI: what is kept there is the machine's, however it is reached. */
async function isAmong(inputs: PlacementInputs): Promise<(host: HostAddress) => Promise<boolean>> {
  // One that is silent is known by its name alone.
  const machines = await Promise.allSettled(inputs.hosts.map(({ host }) => hostUuidOf(hostAt(host))));
  const known = new Set(machines.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
  return async (host) => {
    const renamed = inputs.hosts.findIndex((each) => each.host.name === host.name);
    if (renamed >= 0 && machines[renamed]?.status === "rejected") return true;
    try {
      return known.has(await hostUuidOf(hostAt(host)));
    } catch (error) {
      // A host whose URI was edited is no longer reached by the old one, and that is no trouble.
      if (renamed >= 0 && error instanceof DroverError) return true;
      throw error;
    }
  };
}

/**
 * Takes the word back that a host is dead which answers, before anything goes there: lost once more, it would pass for dead at once,
 * with guests that run.
 */
export async function takeBackWords(ctx: Context, inputs: PlacementInputs, olds: PlacementInputs | undefined): Promise<void> {
  const former = idOf(olds ?? inputs);
  await Promise.all(inputs.hosts.map(({ host }) => answering(ctx, inputs, host, async () => {
    const before = await readHostMark(hostAt(host), former);
    const isOld = before?.hosts.some((each) => each.confirmedDead !== undefined && inputs.dead?.includes(each.uri) !== true) === true;
    if (isOld) await writeHostMark(hostAt(host), { ...before, hosts: directory(inputs, before) });
  })));
}

/** A host that is silent and may be is told the next time. */
async function answering(ctx: Context, inputs: PlacementInputs, host: HostAddress, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (inputs.onUnreachable === "fail" && inputs.dead?.includes(host.uri) !== true) throw error;
    ctx.log.warn(`${host.name} was not told what the cluster knows: ${messageOf(error)}`);
  }
}

/** A cluster that is no more leaves nothing on its hosts, but on those that an operator declared dead. */
export async function clearMarks(ctx: Context, inputs: PlacementInputs): Promise<void> {
  const id = idOf(inputs);
  const { hosts, silent } = await readHosts(inputs.hosts.map(({ host }) => host), { signal: ctx.signal });
  const words = marksOf({ hosts }, id);
  for (const { address, error } of silent) {
    if (confirmedDead(words, address) === undefined) throw error;
    ctx.log.warn(`${address.name} keeps what cluster ${inputs.cluster} has written on it: it was declared dead`);
  }
  await Promise.all(hosts.map(({ address }) => clearHostMark(hostAt(address), id)));
}

/** An operator emptied a host by hand, or takes it back. */
export async function markEvacuated({ inputs }: ReadCluster, name: string, isEvacuated: boolean): Promise<void> {
  const found = inputs.hosts.find(({ host }) => host.name === name);
  if (found === undefined) throw new DroverError({ attempted: `mark host ${name}`, answer: `cluster ${inputs.cluster} has no such host`, next: `its hosts are ${inputs.hosts.map(({ host }) => host.name).join(", ")}` });
  const host = hostAt(found.host);
  await writeHostMark(host, markOf(inputs, isEvacuated ? note("evacuated", "drover evacuate") : undefined, await readHostMark(host, idOf(inputs))));
}

/** What the program once said goes when it says so no more; what an operator did by hand stays, unless the program takes back what it said itself. */
function stateNow(before: HostMarkState | undefined, maintenance: boolean | undefined, said: boolean | undefined): HostMarkState | undefined {
  if (maintenance !== true) return before?.kind === "evacuated" && !isTakenBack(maintenance, said) ? before : undefined;
  return before?.kind === "maintenance" ? before : note("maintenance", "maintenance: true in the program");
}

function markOf(inputs: PlacementInputs, state: HostMarkState | undefined, before: HostMark | undefined, facts?: HostFacts): HostMark {
  return { cluster: { id: idOf(inputs), name: inputs.cluster }, state, hosts: directory(inputs, before, facts) };
}

/**
 * The cluster's hosts. What was confirmed of a dead one stays for as long as it does not answer, and every host keeps it.
 * @param facts what all marks know of the hosts, where guests are about to start by it; otherwise the one mark's own
 */
export function directory(inputs: PlacementInputs, before: HostMark | undefined, facts?: HostFacts): MarkedHost[] {
  return inputs.hosts.map(({ host: { name, uri } }) => {
    const { confirmedDead: own, ...known } = before?.hosts.find((each) => each.name === name && each.uri === uri) ?? { name, uri };
    if (inputs.dead?.includes(uri) !== true) return { ...known, ...bootIn(facts, uri) };
    const word = facts?.words.get(uri);
    const note = word === undefined ? own : actedOn(word);
    // What nobody said, or was taken back since, is not said anew.
    return note === undefined ? known : { ...known, ...(note.boot === undefined ? {} : { boot: note.boot }), confirmedDead: note };
  });
}

function bootIn(facts: HostFacts | undefined, uri: string): { readonly boot?: string } {
  const boot = facts?.boots.get(uri);
  return boot === undefined ? {} : { boot };
}

/** Who does something now, and why. */
export function noteNow(reason: string): Note {
  return { by: `${userInfo().username}@${hostname()}`, at: new Date(systemClock.nowMs()).toISOString(), reason };
}

function note(kind: HostMarkState["kind"], reason: string): HostMarkState {
  return { kind, ...noteNow(reason) };
}

/** Id by which a cluster's marks are found on its hosts: two clusters of one owner may share hosts. */
export function idOf({ owner, cluster }: Pick<PlacementInputs, "cluster" | "owner">): string {
  if (owner === undefined) throw new DroverError({ attempted: `mark the hosts of cluster ${cluster}`, answer: "it has no owner id yet", next: "run `pulumi up`" });
  return derivedUuid(owner, "Cluster", cluster);
}
