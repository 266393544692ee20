import type { FenceProof } from "../apply/fence.js";
import { DroverError, messageOf } from "../base/error.js";
import type { Context } from "../engine/handler.js";
import { lifeOf, mayLive, type Life } from "../inventory/signs.js";
import { confirmedDead, marksOf } from "../inventory/cluster/index.js";
import { finishCutOff, idOf, markDead, type ReadCluster } from "../kinds/placement/index.js";
import type { ClusterHost } from "../schema/index.js";
import type { Attempts } from "./attempts.js";
import type { KnownGuest, KnownGuests } from "./guests.js";
import { leaseLife, leaseProof, type LeaseProof } from "./lease-proof.js";
import type { LeaseWatch } from "./lease-watch.js";
import { restartGuests } from "./planned-restart.js";
import type { RestartTools } from "./starting.js";

/** Cuts a host's power and proves it. `undefined`: the host has no fence device. @throws DroverError where it could not be proved */
export type Fence = (host: ClusterHost, signal: AbortSignal) => Promise<FenceProof | undefined>;

export interface RecoveryTools extends RestartTools {
  /** Guests that are off on hosts that answer, and are started as soon as there is a place: by UUID. */
  readonly fallen: Map<string, KnownGuest>;
  readonly attempts: Attempts;
  readonly leases: LeaseWatch;
  readonly fence: Fence;
  /** That a host's power is off already, as its devices say. */
  readonly isOff: (host: ClusterHost, signal: AbortSignal) => Promise<FenceProof | undefined>;
  /** Whether a host is in maintenance. */
  readonly isClosed: (host: ClusterHost) => boolean;
  /** For how long nothing of a host has answered. */
  readonly silentSeconds: (host: string) => number;
  /** Other guards to which something of a host answers. */
  readonly whoHears: (host: string) => readonly string[];
  /** Whether a host has answered since the word of its death that bears this time. */
  readonly isOutdated: (host: string, at: string) => boolean;
  /** Keeps that a guest is owed a start, should this guard end before it. */
  readonly owe: (guest: KnownGuest) => Promise<void>;
  /** Why a host is not to be fenced now; asked straight before. */
  readonly whyNot: (host: string) => string | undefined;
  /** Counts that a host is about to be fenced, for the limit of how many. It is asked for straight after {@link whyNot}, and counts from then on. */
  readonly fenced: (host: string) => Promise<void>;
  /** Deaths are proved side by side; what follows is done one after the other, by what was read then. */
  readonly inTurn: <T>(run: () => Promise<T>) => Promise<T>;
}

/** How long a host that is taken for lost, or for dead, may take to show that it is not, in milliseconds. */
const PATIENCE_MS = 1_500;

/** What a round of a recovery came to. `again`: the host is dead, and guests of it wait. */
export type RecoveryOutcome = "alive" | "not dead" | "again" | "done";

/**
 * One round of the recovery of a lost host: reach it once more, cut its power, prove it, tell the other hosts, and start its
 * guests elsewhere. Each step looks at what is there, so that another guard goes on where one stopped.
 */
export async function recoverHost(ctx: Context, host: ClusterHost, tools: RecoveryTools): Promise<RecoveryOutcome> {
  const { name } = host.host;
  const { tell, read } = tools;
  const cluster = await read(ctx);
  const found = cluster.hosts.find(({ declared }) => declared.host.name === name);
  if (found === undefined) return "done";
  const life: Life = found.read !== undefined ? { is: "lives", text: "libvirt" } : await lifeOf(host.host, host.migration?.address, PATIENCE_MS);
  if (life.is === "lives") {
    tell("host-alive", `it answers after all (${life.text}): nothing is done to it`, { host: name });
    return "alive";
  }
  if (life.is === "unknown") {
    tell("fence-held-back", `nobody can tell whether it lives: ${life.text}. Nothing is done to it`, { host: name });
    return "not dead";
  }
  const hearing = tools.whoHears(name);
  if (hearing.length > 0) {
    tell("fence-held-back", `it is silent to this guard alone: ${hearing.join(" and ")} ${hearing.length === 1 ? "hears" : "hear"} it. Nothing is done to it`, { host: name });
    return "not dead";
  }
  // It may have answered since somebody said that it was dead.
  const isProved = found.state === "lost" && !tools.isOutdated(name, wordOfDeath(cluster, found.declared.host) ?? "");
  const proof = isProved ? undefined : await fenced(ctx, host, cluster, tools) ?? await expired(host, cluster, tools);
  if (!isProved && proof === undefined) return "not dead";
  return await tools.inTurn(() => restartElsewhere(ctx, host, proof, tools));
}

/** What one host after the other has done: all others are told that it is dead, and its guests start there. @param proof of now; `undefined` where they know it */
async function restartElsewhere(ctx: Context, host: ClusterHost, proof: FenceProof | LeaseProof | undefined, tools: RecoveryTools): Promise<RecoveryOutcome> {
  const { name } = host.host;
  const { guests, fallen, tell, read, proceed, attempts } = tools;
  let cluster = await read(ctx);
  if (proof !== undefined) {
    proceed();
    // The device may be another machine's.
    await refuseAlive(host);
    const told = await markDead(cluster, name, proof.by);
    const words = "text" in proof ? proof.text : `its power is off, says ${proof.by} (${proof.at})`;
    tell("text" in proof ? "lease-expired" : "fence-confirmed", `${words}; ${told.join(", ")} ${told.length === 1 ? "keeps" : "keep"} that`, { host: name });
    cluster = await read(ctx);
  }
  // It may have come back while it waited for its turn.
  if (cluster.hosts.find(({ declared }) => declared.host.name === name)?.state !== "lost") return "alive";
  if (cluster.cutOff.some(({ survivor }) => survivor !== undefined)) {
    await endMoves(ctx, cluster, tools);
    cluster = await read(ctx);
  }
  const isHere = ({ uuid }: KnownGuest): boolean => (fallen.get(uuid)?.host ?? name) === name;
  const wanted = owedOn(name, cluster, guests).filter(isHere);
  const waiting = await restartGuests(ctx, cluster, wanted, attempts, tools);
  for (const vm of neverSeen(cluster, name, guests)) tell("guest-unknown", `it was placed on ${name}, which is dead, and no guard has seen it there: \`pulumi up\` starts it elsewhere`, { vm, host: name });
  return waiting === 0 ? "done" : "again";
}

/** HA guests that ran on a host and ought to. */
function owedOn(host: string, { inputs: { vms } }: ReadCluster, guests: KnownGuests): KnownGuest[] {
  return guests.runningOn(host).filter(({ name }) => vms[name]?.ha !== undefined && vms[name].running);
}

/** HA guests that an update placed on a host and no guard has seen: nobody knows their definitions. */
function neverSeen({ inputs: { vms, assignments = {} }, sorted }: ReadCluster, host: string, guests: KnownGuests): string[] {
  const known = new Set(guests.all().map(({ name }) => name));
  const running = new Set(sorted.members.flatMap(({ name, seen }) => (seen?.domain.isActive === true ? [name] : [])));
  return Object.entries(vms).filter(([vm, { ha, running: isWanted }]) => ha !== undefined && isWanted && assignments[vm]?.name === host && !known.has(vm) && !running.has(vm)).map(([vm]) => vm);
}

/** Whoever answers is not dead, whatever a device says. @throws DroverError */
async function refuseAlive({ host, migration }: ClusterHost): Promise<void> {
  const found = await mayLive(host, migration?.address, PATIENCE_MS);
  if (found !== undefined) throw new DroverError({ attempted: `take ${host.name} for dead`, answer: `its machine may live: ${found}`, next: "its guests are started nowhere: see whose power its fence device cuts" });
}

/** When somebody said that a host is dead, as it is written on the others. */
export function wordOfDeath({ inputs, reading }: ReadCluster, host: { readonly name: string; readonly uri: string }): string | undefined {
  return confirmedDead(marksOf(reading, idOf(inputs)), host)?.at;
}

/** Moves from or to the dead host: their guests go on at the other end, or are off there and start anew. */
async function endMoves(ctx: Context, cluster: ReadCluster, { guests, owe, proceed }: RecoveryTools): Promise<void> {
  for (const move of cluster.cutOff.filter(({ survivor }) => survivor !== undefined)) {
    const { uuid, name, from, to, survivor } = move;
    const known = guests.get(uuid);
    const member = cluster.inputs.vms[name];
    if (known?.running === true && member?.running === true && member.ha !== undefined) await owe({ ...known, host: survivor === "source" ? from.name : to.name });
    proceed();
    await finishCutOff(ctx, { ...cluster, cutOff: [move] });
  }
}

/** The proof by its fence device: its power is off already, or is cut now. */
async function fenced(ctx: Context, host: ClusterHost, cluster: ReadCluster, { tell, fence, isOff, proceed, whyNot, isClosed, fenced: count, leases, silentSeconds, guests, whereabouts }: RecoveryTools): Promise<FenceProof | undefined> {
  const { name } = host.host;
  // What its lease says is told by whoever asks for that.
  if (host.leases?.manager === "sanlock" && (host.fence ?? []).length === 0) return undefined;
  // What it carries still would wait for a person otherwise, and a host that ails is the first to be emptied.
  if (isClosed(host) && !owedOn(name, cluster, guests).some(({ uuid }) => whereabouts.isSeenOn(uuid, name))) {
    tell("fence-held-back", "it is in maintenance, and was seen without guests to be started: what is wrong there is somebody's work", { host: name });
    return undefined;
  }
  // Who renews on shared storage lives, however silent: its guests go on, and are not to be ended for a cut of the network.
  const life = await leaseLife(host, cluster, leases, silentSeconds(name));
  if (life === "renews") {
    tell("lease-held", "it renews its lease on shared storage since it fell silent: it lives and is cut off. Its power is not cut, and its guests are started nowhere", { host: name });
    return undefined;
  }
  const begin = (): void => { tell("fence-begun", "nothing of it answers: its power is cut, where it is not off already", { host: name }); };
  const wasHeld = life === "undecided" || whyNot(name) !== undefined;
  if (!wasHeld) begin();
  proceed();
  const { signal } = ctx;
  // A device that says that it is off proves as much, cuts nothing, and counts for no limit.
  const off = await isOff(host, signal);
  if (off !== undefined) return off;
  if (life === "undecided") {
    tell("lease-held", "it renewed its lease on shared storage when it fell silent or since; its power is not cut before that is known, some io_timeouts later", { host: name });
    return undefined;
  }
  const why = whyNot(name);
  if (why !== undefined) {
    tell("fence-held-back", why, { host: name });
    return undefined;
  }
  // Whatever comes of it: a device that fails may have cut the power all the same.
  if ((host.fence ?? []).length > 0) await count(name);
  if (wasHeld) begin();
  proceed();
  try {
    const proof = await fence(host, signal);
    if (proof !== undefined) return proof;
    tell("fence-held-back", `it has no fence device, so nobody can know that it is dead: its guests are started nowhere. When its power is off for certain, say so: \`drover confirm-dead ${name}\``, { host: name });
  } catch (error) {
    proceed();
    tell("fence-failed", `${messageOf(error)}\nits guests are started nowhere, and it is tried again`, { host: name });
  }
  return undefined;
}

/** The proof by its lease, for a host that has one. */
async function expired(host: ClusterHost, cluster: ReadCluster, tools: RecoveryTools): Promise<LeaseProof | undefined> {
  if (host.leases?.manager !== "sanlock") return undefined;
  const proof = await leaseProof(host, cluster, tools);
  if (typeof proof !== "string") return proof;
  tools.tell("lease-held", proof, { host: host.host.name });
  return undefined;
}
