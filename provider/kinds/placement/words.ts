import { systemClock } from "../../base/clock.js";
import { bootOf } from "../../inventory/boot.js";
import { confirmedDead, marksOf, readHostMark, writeHostMark, type DeathNote, type HostMark, type MarkedHost, type Note } from "../../inventory/cluster/index.js";
import { hostAt } from "../../inventory/hosts.js";
import type { PlacementInputs } from "../../schema/index.js";
import { idOf } from "./marks.js";
import type { ReadCluster } from "./reading.js";

/**
 * How long an operator's word counts while nobody acts by it. A host that comes back unseen (no guard watches, nobody runs anything)
 * and dies once more is another matter, and of that the word says nothing.
 */
export const SPOKEN_SECONDS = 3_600;

/** What the hosts of a cluster know of each other, by their URIs. */
export interface HostFacts {
  /** Boots of the hosts that answer and say it. */
  readonly boots: ReadonlyMap<string, string>;
  /** The words of death that count, each as it was first given. */
  readonly words: ReadonlyMap<string, DeathNote>;
}

/** @param id under which the hosts keep what the cluster knows; hosts that do not answer add nothing */
export async function gatherFacts(inputs: PlacementInputs, id: string): Promise<HostFacts> {
  const isAlive = ({ host }: PlacementInputs["hosts"][number]): boolean => inputs.dead?.includes(host.uri) !== true;
  const found = await Promise.all(inputs.hosts.filter(isAlive).map(async ({ host }) => {
    const [mark, boot] = await Promise.all([readHostMark(hostAt(host), id).catch(() => undefined), bootOf(hostAt(host))]);
    return { uri: host.uri, mark, boot };
  }));
  const marks = found.flatMap(({ mark }) => mark ?? []);
  return {
    boots: new Map(found.flatMap(({ uri, boot }) => (boot === undefined ? [] : [[uri, boot] as const]))),
    words: new Map(inputs.hosts.flatMap(({ host }) => {
      const word = inputs.dead?.includes(host.uri) === true ? wordOf(marks, host) : undefined;
      return word === undefined ? [] : [[host.uri, word] as const];
    })),
  };
}

/** A mark that has none yet is to get it from another. */
function wordOf(marks: readonly HostMark[], host: { readonly name: string; readonly uri: string }): DeathNote | undefined {
  return confirmedDead(marks.filter(({ hosts }) => hosts.some((each) => each.uri === host.uri && each.confirmedDead !== undefined)), host);
}

/** A word of death as it is first given. */
export function wordNow(boot: string | undefined, note: Note, validSeconds: number | undefined): DeathNote {
  return {
    ...note, ...(boot === undefined ? {} : { boot }),
    ...(validSeconds === undefined ? {} : { until: new Date(Date.parse(note.at) + validSeconds * 1000).toISOString() }),
  };
}

/** Guests start by it: from now on it stands until the host answers. */
export function actedOn({ until: _until, ...word }: DeathNote): DeathNote {
  return word;
}

/** The boot of a host that was seen last, as far as any mark knows. */
export function lastBoot(marks: readonly HostMark[], name: string): string | undefined {
  return marks.flatMap(({ hosts }) => hosts.filter((each) => each.name === name)).find(({ boot }) => boot !== undefined)?.boot;
}

/** That hosts answer which were declared dead: the words count no more from now on, whoever reads them. The hosts have yet to be taken back. */
export async function voidWords(cluster: ReadCluster): Promise<void> {
  const answered = new Date(systemClock.nowMs()).toISOString();
  await rewrite(cluster, (host) => (cluster.returned.includes(host.name) && host.confirmedDead !== undefined && host.confirmedDead.answered === undefined ? { ...host, confirmedDead: { ...host.confirmedDead, answered } } : host));
}

/** Guests were started by the word that a host is dead: it does not end by itself any more. */
export async function actOn(cluster: ReadCluster, name: string): Promise<void> {
  await rewrite(cluster, (host) => (host.name === name && host.confirmedDead !== undefined ? { ...host, confirmedDead: actedOn(host.confirmedDead) } : host));
}

/** Boots of hosts that answer, by name, where a mark does not know them. */
export async function newBoots({ inputs, reading, hosts }: ReadCluster): Promise<ReadonlyMap<string, string>> {
  const marks = marksOf(reading, idOf(inputs));
  const found = await Promise.all(hosts.filter(({ read }) => read !== undefined).map(async ({ declared: { host } }) => ({ name: host.name, boot: await bootOf(hostAt(host)) })));
  return new Map(found.flatMap(({ name, boot }) => {
    const isKnown = marks.every((mark) => mark.hosts.every((each) => each.name !== name || each.boot === boot));
    return boot === undefined || isKnown ? [] : [[name, boot] as const];
  }));
}

/** Writes on all hosts which boots of them were seen. */
export async function noteBoots(cluster: ReadCluster, boots: ReadonlyMap<string, string>): Promise<void> {
  await rewrite(cluster, (host) => {
    const boot = boots.get(host.name);
    return boot === undefined || host.boot === boot ? host : { ...host, boot };
  });
}

/** Changes the directory of hosts on each host that answers. @throws the first error, when all were tried */
async function rewrite({ inputs, reading }: ReadCluster, change: (host: MarkedHost) => MarkedHost): Promise<void> {
  const outcomes = await Promise.allSettled(reading.hosts.map(async ({ address }) => {
    const mark = await readHostMark(hostAt(address), idOf(inputs));
    const hosts = mark?.hosts.map(change);
    if (mark !== undefined && hosts?.some((host, index) => host !== mark.hosts[index]) === true) await writeHostMark(hostAt(address), { ...mark, hosts });
  }));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
