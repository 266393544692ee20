import { declaredDead, marksOf } from "../inventory/cluster/index.js";
import { isActive, searchDomain } from "../inventory/domains.js";
import { hostAt } from "../inventory/hosts.js";
import type { Context } from "../engine/handler.js";
import { idOf, keepMarks, voidWords, type ReadCluster } from "../kinds/placement/index.js";
import { removeLeftovers } from "../kinds/vm/domain.js";
import type { Tell } from "./events.js";

/**
 * Takes hosts back that were dead and answer again: what they have left of guests that run elsewhere goes, and what the
 * program declares on them has to be there; only then they count as alive, and may carry guests.
 * @returns names of those that were taken back
 */
export async function takeBack(ctx: Context, cluster: ReadCluster, tell: Tell, proceed: () => unknown): Promise<string[]> {
  const taken: string[] = [];
  // Whatever it lacks yet: it answered, and the word that it was dead is worth nothing from now on, to nobody.
  proceed();
  await voidWords(cluster);
  for (const name of cluster.returned) {
    const host = cluster.hosts.find(({ declared }) => declared.host.name === name);
    if (host?.read === undefined) continue;
    const others = cluster.hosts.filter((each) => each !== host && each.read !== undefined).map(({ declared }) => declared.host);
    for (const { name: vm, seen } of cluster.sorted.members) {
      if (seen === undefined || !seen.domain.isActive || seen.host.address.name === name) continue;
      const { places } = await searchDomain(seen.domain.uuid, [host.declared.host, ...others]);
      const running = places.find((place) => isActive(place.state) && place.host !== hostAt(host.declared.host));
      const leftover = places.find((place) => !isActive(place.state) && place.host === hostAt(host.declared.host));
      if (running === undefined || leftover === undefined) continue;
      proceed();
      await removeLeftovers([leftover], running);
      tell("leftover-removed", `its definition on ${name}, where it ran before: it runs on ${running.host.name}`, { vm, host: name });
    }
    const lacking = lackingOn(cluster, name);
    if (lacking.length > 0) {
      tell("trouble", `it answers again and stays out of use: ${lacking.join("; ")}`, { host: name });
      continue;
    }
    taken.push(name);
  }
  if (taken.length === 0) return taken;
  proceed();
  // Of one that is on its way, whose machine answers and its libvirt not yet, the word stays until it is taken back itself.
  const declared = cluster.inputs.hosts.map(({ host }) => host);
  const stillDead = declaredDead(marksOf(cluster.reading, idOf(cluster.inputs)), declared).filter(({ name }) => !taken.includes(name));
  await keepMarks(ctx, { ...cluster.inputs, onUnreachable: "plan-without", dead: stillDead.map(({ uri }) => uri) }, undefined);
  for (const name of taken) tell("host-back", "it answers, has what the program declares on it, and takes guests again", { host: name });
  return taken;
}

/** What a host has to have again before it takes guests. */
function lackingOn({ hosts }: ReadCluster, name: string): string[] {
  const found = hosts.find(({ declared }) => declared.host.name === name);
  if (found?.read === undefined) return ["it does not answer"];
  const { declared, read } = found;
  return [
    ...(declared.pools ?? []).filter((pool) => !read.pools.some((each) => each.name === pool)).map((pool) => `storage pool ${pool} is not active`),
    ...(declared.networks ?? []).filter((network) => !read.networks.some((each) => each.name === network)).map((network) => `network ${network} is not active`),
  ];
}
