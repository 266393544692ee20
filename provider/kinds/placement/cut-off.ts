import { moveOf, recoverAlone, recoverMove, type MoveEnd, type Survivor } from "../../apply/migrate/index.js";
import { DroverError, messageOf } from "../../base/error.js";
import type { Context } from "../../engine/handler.js";
import type { ClusterReading } from "../../inventory/cluster/index.js";
import { hostAt, type HostAddress } from "../../inventory/hosts.js";
import { MARK_KEY, MARK_URI } from "../../xml/index.js";
import type { KnownHost } from "./inventory.js";
import type { Sorted } from "./members.js";
import type { ReadCluster } from "./reading.js";

/** A move of an earlier run, which began it and did not end it. */
export type CutOff = EndableMove | OpenMove;

export interface EndableMove {
  readonly name: string;
  readonly uuid: string;
  readonly from: HostAddress;
  readonly to: HostAddress;
  readonly isOpen?: undefined;
  /** The end of it whose host is left, where the other's was declared dead. */
  readonly survivor?: Survivor;
}

/** One about which nothing is done now: its guest stays as it is. */
export interface OpenMove {
  readonly name: string;
  readonly uuid: string;
  readonly from: Pick<HostAddress, "name">;
  readonly to: Pick<HostAddress, "name">;
  readonly isOpen: true;
  /** As a part of a sentence: "birch does not answer". */
  readonly why: string;
  readonly survivor?: undefined;
}

/**
 * Journals that were not cleared.
 * @param undecided why an attempt to end it came to nothing, by the VM's name
 */
export function cutOffMoves({ members }: Sorted, { hosts }: ClusterReading, all: readonly KnownHost[], undecided: ReadonlyMap<string, string>): CutOff[] {
  const byUuid = new Map(hosts.map((host) => [host.hostUuid, host.address]));
  const lost: HostAddress[] = all.filter(({ state }) => state === "lost").map(({ declared }) => declared.host);
  const at = (end: MoveEnd): HostAddress | undefined => byUuid.get(end.hostUuid) ?? lost.find((host) => host.name === end.name && host.uri === end.uri);
  return members.flatMap(({ name, seen }): CutOff[] => {
    const journal = seen?.domain.ours === undefined ? undefined : moveOf(seen.domain.ours);
    if (seen === undefined || journal === undefined) return [];
    const { uuid } = seen.domain;
    const [from, to] = [at(journal.from), at(journal.to)];
    const why = undecided.get(name);
    if (from === undefined || to === undefined || why !== undefined) {
      const missing = from === undefined ? journal.from : journal.to;
      return [{ name, uuid, from: from ?? journal.from, to: to ?? journal.to, isOpen: true, why: why ?? whyNot(missing, all, seen.domain.name) }];
    }
    const survivor = lost.includes(to) ? "source" : lost.includes(from) ? "target" : undefined;
    return [{ name, uuid, from, to, ...(survivor === undefined ? {} : { survivor }) }];
  });
}

/** Why nothing can be known of an end, and what an operator does about it. */
function whyNot(end: MoveEnd, all: readonly KnownHost[], domain: string): string {
  const known = all.find(({ declared }) => declared.host.name === end.name);
  if (known !== undefined && known.read === undefined) return `${end.name} does not answer`;
  const what = known === undefined ? `${end.name} (${end.uri}) is no host of the cluster` : `${end.name} is another machine today (its host UUID was ${end.hostUuid})`;
  return `${what}, so that nobody can ask whether it runs there (\`up\` ends the move once that machine is in the cluster and answers, or was declared dead; `
    + `if it is gone for good, and the guest is right as it is, take "move" out of its mark: virsh metadata ${domain} ${MARK_URI} --key ${MARK_KEY} --edit --config, and --live where it runs)`;
}

/** A guest in the middle of a move of which one end is not known stays where it is seen. */
export function heldBy(cutOff: readonly CutOff[], sorted: Sorted): Sorted {
  const why = new Map(cutOff.flatMap((move) => (move.isOpen === true ? [[move.name, `is in the middle of a move from ${move.from.name} to ${move.to.name}, and ${move.why}`] as const] : [])));
  if (why.size === 0) return sorted;
  const members = sorted.members.map((found) => {
    const obstacle = why.get(found.name);
    return found.seen === undefined || obstacle === undefined ? found : { ...found, seen: { ...found.seen, domain: { ...found.seen.domain, obstacles: [...found.seen.domain.obstacles, obstacle] } } };
  });
  return { ...sorted, members };
}

/**
 * Finishes or undoes the moves that an earlier run began, side by side: each may wait for libvirt to notice that its client is gone.
 * @returns those that could not be ended, by the names of their VMs, with the reason. Nothing was changed about them
 */
export async function settleCutOff(ctx: Context, cluster: ReadCluster): Promise<ReadonlyMap<string, DroverError>> {
  const left = new Map<string, DroverError>();
  const outcomes = await Promise.allSettled(cluster.cutOff.map(async (move) => {
    if (move.isOpen === true) return;
    try {
      await end(ctx, move, cluster);
    } catch (error) {
      if (!(error instanceof DroverError)) throw error;
      left.set(move.name, error);
    }
  }));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return left;
}

/**
 * Ends all moves that were cut off.
 * @throws DroverError when one of them stays as it is; the others were ended
 */
export async function finishCutOff(ctx: Context, cluster: ReadCluster): Promise<void> {
  const left = await settleCutOff(ctx, cluster);
  const open = cluster.cutOff.flatMap((move) => (move.isOpen === true ? [`${move.name}, from ${move.from.name} to ${move.to.name}: ${move.why}`] : []));
  const [only, ...more] = left.values();
  if (only === undefined && open.length === 0) return;
  if (only !== undefined && more.length + open.length === 0) throw only;
  throw new DroverError({ attempted: `end the moves of cluster ${cluster.inputs.cluster} that were cut off`, answer: ["some stay as they are:", ...[...left].map(([name, error]) => `${name}: ${messageOf(error)}`), ...open].join("\n  - "), cause: only,
    next: "see to these; `pulumi up` leaves their VMs where they are and does the rest" });
}

async function end(ctx: Context, { name, uuid, from, to, survivor }: EndableMove, { reading }: ReadCluster): Promise<void> {
  if (survivor !== undefined) {
    const left = survivor === "source" ? from : to;
    await recoverAlone(uuid, name, hostAt(left), survivor, { log: ctx.log });
    ctx.log.info(`a move of ${name} from ${from.name} to ${to.name} had been cut off by a host's death: what is left of it is on ${left.name}`);
    return;
  }
  const elsewhere = reading.hosts.map(({ address }) => hostAt(address)).filter((host) => host !== hostAt(from) && host !== hostAt(to));
  const outcome = await recoverMove(uuid, name, hostAt(from), hostAt(to), { log: ctx.log, elsewhere });
  ctx.log.info(`a move of ${name} from ${from.name} to ${to.name} had been cut off: ${outcome === "moved" ? `it is finished, ${name} is on ${to.name}` : `${name} is on ${from.name}`}`);
}
