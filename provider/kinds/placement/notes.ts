import type { ClusterPlan } from "../../schema/index.js";
import type { KnownHost } from "./inventory.js";
import type { FoundMember, Seen } from "./members.js";
import { riskOf } from "./moves.js";
import type { ReadCluster } from "./reading.js";

/** What an operator is to know beside the plan itself: of the hosts and guests as they are, and of what is not planned. */
export function notesOf(cluster: ReadCluster, { moves }: ClusterPlan): string[] {
  const { inputs, hosts, sorted, cutOff, returned } = cluster;
  const risk = moves.length === 0 ? undefined : riskOf(inputs);
  return [
    ...(risk === undefined ? [] : [risk]),
    ...hosts.filter(({ state }) => state === "unknown").map(({ declared }) => `${declared.host.name} does not answer: its VMs stay where they were last seen, and are started nowhere else`),
    ...hosts.filter(({ state }) => state === "lost").map(({ declared }) => `${declared.host.name} was declared dead: its VMs are started elsewhere`),
    ...returned.map((host) => `${host} answers again, though it was declared dead: from this update on it counts as alive`),
    ...sorted.members.flatMap((found) => conditionsOf(found, cluster)),
    ...hosts.flatMap((host) => strangersOn(host, cluster)),
    ...cutOff.map((move) => `a move of ${move.name} from ${move.from.name} to ${move.to.name} was cut off${move.isOpen === true ? `, and ${move.why}: ${move.name} stays as it is` : ": `up` finishes or undoes it first"}`),
  ];
}

/** What is not as it should be with a guest and is no matter of places, and what becomes of it. */
function conditionsOf({ name, member, seen, leftovers, maybeOn }: FoundMember, { cutOff, hosts, before }: ReadCluster): string[] {
  const unknown = hosts.filter(({ state }) => state === "unknown").map(({ declared }) => declared.host.name);
  if (maybeOn !== undefined && unknown.includes(maybeOn) && before[name]?.name !== maybeOn) {
    return [`${name} was placed on ${before[name]?.name ?? "a host"} and is not there: it may run on ${unknown.join(" or ")}, which ${unknown.length === 1 ? "does" : "do"} not answer, and is started nowhere`];
  }
  if (seen === undefined || cutOff.some((move) => move.name === name)) return [];
  const at = seen.host.address.name;
  return [
    ...(seen.domain.state === "paused" && member.running ? [`${name} is paused on ${at} and stays so: \`virsh resume ${seen.domain.name}\` lets it go on`] : []),
    ...(seen.domain.isActive && !seen.domain.isPersistent ? [`${name} runs on ${at} without a definition: \`up\` writes it`] : []),
    ...(leftovers.length > 0 ? [`${name} is defined on ${leftovers.join(", ")} too, where it does not run: \`up\` removes that`] : []),
  ];
}

/** Guests of VMs that leave the program now; they are deleted at the end of the update. What left it before and was retained stays. */
export function leavingGuests({ inputs, sorted, leavingKeys }: Pick<ReadCluster, "inputs" | "sorted" | "leavingKeys">): Seen[] {
  return sorted.others.filter(({ domain: { ours } }) => ours !== undefined && ours.owner === inputs.owner && leavingKeys.has(ours.urn));
}

/** A host that is to be empty may carry what is none of the cluster's. */
function strangersOn({ declared, state }: KnownHost, cluster: ReadCluster): string[] {
  if (state !== "maintenance" && state !== "leaving") return [];
  const leaving = leavingGuests(cluster);
  const names = cluster.sorted.others.filter((seen) => seen.host.address.name === declared.host.name && !leaving.includes(seen)).map(({ domain }) => domain.name);
  return names.length === 0 ? [] : [`${declared.host.name} is not empty afterwards: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} not of this cluster, and ${names.length === 1 ? "stays" : "stay"}`];
}
