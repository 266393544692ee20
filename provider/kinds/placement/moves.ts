import { carryOut } from "../../apply/carry-out.js";
import { moveDomain, refuseContradictions, type MoveProgress, type Peer, type SendOptions } from "../../apply/migrate/index.js";
import { systemClock } from "../../base/clock.js";
import { DroverError, messageOf } from "../../base/error.js";
import { UNKNOWN, type Context } from "../../engine/handler.js";
import { sharesDisks } from "../../inventory/cluster/index.js";
import { searchDomain, isActive } from "../../inventory/domains.js";
import { hostAt, type HostAddress } from "../../inventory/hosts.js";
import type { PlacementInputs, PlannedMove } from "../../schema/index.js";
import { refuseClosed } from "./closed.js";

/** How often a move's progress is told. */
const PROGRESS_MS = 5_000;

/**
 * Carries the live migrations of a plan out, in its order. A move that fails stops those that come after it and no others.
 * @returns how many were made
 * @throws DroverError that tells where every VM is now, where any was not made
 */
export async function carryOutMoves(ctx: Context, inputs: PlacementInputs, olds: PlacementInputs | undefined): Promise<number> {
  const { moves = [] } = inputs.plan ?? {};
  const byName = new Map([...(olds?.hosts ?? []), ...inputs.hosts].map(({ host }) => [host.name, host]));
  const run = `${inputs.cluster}-${systemClock.nowMs()}`;
  const outcome = await carryOut(moves, async (move) => {
    const from = required(byName, move.from);
    const to = required(byName, move.to);
    ctx.log.info(`moving ${move.vm} from ${move.from} to ${move.to}: about ${Math.ceil(move.seconds)} s`);
    const target = inputs.hosts.find(({ host }) => host.name === move.to);
    const address = target?.migration?.address;
    const peer = peerAt(inputs, move.to);
    const elsewhere = [...byName.values()].filter((host) => host !== from && host !== to && inputs.dead?.includes(host.uri) !== true).map((host) => hostAt(host));
    // A disk that somebody attached since it was planned: libvirt's own check says what there is to say of it.
    const unsafe = await sharesDisks(move.uuid, hostAt(from), hostAt(to));
    const { seconds, downtimeMs, transferredMiB } = await moveDomain({ uuid: move.uuid, name: move.vm, from: hostAt(from), to: hostAt(to) }, {
      ...sendOptions(inputs), run, elsewhere, unsafe, signal: ctx.signal, log: ctx.log,
      ...(address === undefined ? {} : { address }), ...(peer === undefined ? {} : { peer }), onProgress: telling(ctx, move),
      ...(target === undefined ? {} : { refuseTarget: () => refuseClosed(move.vm, target, olds?.hosts.find(({ host }) => host.uri === target.host.uri)) }),
    });
    ctx.log.info(`moved ${move.vm} from ${move.from} to ${move.to} in ${seconds.toFixed(1)} s, ${Math.round(transferredMiB * MB_PER_MIB)} MB${downtimeMs === undefined ? "" : `, at a standstill for ${downtimeMs} ms`}`);
  }, ctx.signal);
  if (outcome.failed.length > 0 || outcome.skipped.length > 0) throw await broken(inputs, moves, outcome, [...byName.values()]);
  return outcome.done.length;
}

const MB_PER_MIB = 1.048576;

/** Mb/s to the MiB/s of libvirt, which has no smaller unit. */
const MBPS_OF_A_MIB_PER_SECOND = 8.388608;

/** How the cluster's guests move. */
export function sendOptions({ migration }: PlacementInputs): Pick<SendOptions, "policy" | "tls" | "bandwidthMiBps" | "multifdConnections" | "compression"> {
  const { policy = "minimal-downtime", tls = false, mbps, connections, compression } = migration ?? {};
  return {
    policy, tls,
    ...(mbps === undefined ? {} : { bandwidthMiBps: Math.floor(mbps / MBPS_OF_A_MIB_PER_SECOND) }),
    ...(connections === undefined ? {} : { multifdConnections: connections }),
    ...(compression === undefined ? {} : { compression }),
  };
}

/** A host as the others' libvirtd reach it; `undefined` where the client moves guests. @throws DroverError where that is not known */
function peerAt({ migration, hosts }: PlacementInputs, name: string): Peer | undefined {
  const { via = "client" } = migration ?? {};
  if (via === "client") return undefined;
  const uri = hosts.find(({ host }) => host.name === name)?.migration?.peerUri;
  if (uri === undefined) {
    throw new DroverError({ attempted: `move guests to ${name} by ${via}`, answer: `how the other hosts' libvirtd reach ${name} is not known`, next: `give the host migration: { peerUri: "qemu+tls://${name}/system" }, or leave via: "${via}" out of the cluster's migration` });
  }
  return { uri, tunnelled: via === "tunnelled" };
}

/** What an operator is to know before guests move; `undefined` where there is nothing. */
export function riskOf({ migration }: PlacementInputs): string | undefined {
  const { via = "client" } = migration ?? {};
  if (via === "client") return undefined;
  // libvirt's own words on it are in qemuMigrationSrcPerformPeer2Peer3.
  return `guests move by ${via}: where two hosts' libvirtd lose each other at the very moment of the switch, libvirt lets the guest go on at both, unless a lock manager (virtlockd) guards its disks; via: "client" has no such moment`;
}

/** What of a cluster's migrations can be known to fail before anything is planned. @throws DroverError */
export function refuseMigrations(inputs: PlacementInputs): void {
  refuseContradictions(`place the VMs of cluster ${inputs.cluster}`, { ...sendOptions(inputs), tunnelled: inputs.migration?.via === "tunnelled" });
  for (const { host } of inputs.hosts.filter((each) => isKnown(each) && isKnown(each.host))) peerAt(inputs, host.name);
}

function telling(ctx: Context, move: PlannedMove): (progress: MoveProgress) => void {
  let toldMs = systemClock.nowMs();
  return (progress) => {
    if (systemClock.nowMs() - toldMs < PROGRESS_MS) return;
    toldMs = systemClock.nowMs();
    ctx.log.info(`moving ${move.vm} to ${move.to}: ${progressText(progress)}`);
  };
}

/** How far a move is, for an operator; in the MB of the plan. */
export function progressText({ percent, mibPerSecond, dirtyRateMiBps, expectedDowntimeMs }: MoveProgress): string {
  const mb = (mib: number): number => Math.round(mib * MB_PER_MIB);
  return `${Math.floor(percent)} %, ${mb(mibPerSecond)} MB/s, the guest changes ${mb(dirtyRateMiBps)} MB/s${expectedDowntimeMs === undefined ? "" : `, and would stand still for ${expectedDowntimeMs} ms now`}`;
}

async function broken(inputs: PlacementInputs, moves: readonly PlannedMove[], outcome: Awaited<ReturnType<typeof carryOut>>, hosts: readonly HostAddress[]): Promise<DroverError> {
  const failures = outcome.failed.map(({ index, error }) => `${moves[index]?.vm ?? ""}: ${messageOf(error)}`);
  const places = await Promise.all(moves.map(async (move) => {
    const { places: found, silent } = await searchDomain(move.uuid, hosts);
    const running = found.filter(({ state }) => isActive(state)).map(({ host }) => host.name);
    const unknown = silent.length === 0 ? "" : ` (${silent.map(({ host }) => host.name).join(", ")} did not answer)`;
    return `${move.vm} ${running.length === 0 ? "was seen running nowhere" : `is on ${running.join(" and ")}`}${unknown}`;
  }));
  const skipped = outcome.skipped.map((index) => moves[index]?.vm ?? "");
  return new DroverError({
    attempted: `carry out the moves of cluster ${inputs.cluster}`,
    answer: [`${outcome.done.length} of ${moves.length} were made`, ...failures, ...(skipped.length === 0 ? [] : [`not begun: ${skipped.join(", ")}`]), `now: ${places.join("; ")}`].join("\n  - "),
    next: "the next `pulumi up` plans from there; its preview shows what is left to do", cause: outcome.failed[0]?.error,
  });
}

function required(hosts: ReadonlyMap<string, HostAddress>, name: string): HostAddress {
  const host = hosts.get(name);
  if (host === undefined) throw new DroverError({ attempted: `reach host ${name}`, answer: "it is neither in the program nor in the state", next: "run `pulumi up` again" });
  return host;
}

function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}
