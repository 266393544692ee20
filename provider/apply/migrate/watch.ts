import { systemClock } from "../../base/clock.js";
import { DroverError, messageOf } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import { stateOf } from "../../inventory/domains.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { DomainJobStatsFlags, DomainJobType, DomainState, LibvirtError, paramsToObject, type DomainRef, type HostConnection, type ParamValue } from "../../libvirt/index.js";
import { Climb, LADDERS, type Action, type MigrationPolicy } from "./ladder.js";

const MIB = 2 ** 20;
const POLL_MS = 200;
/** Between two looks whether the target is still there. */
const TARGET_POLL_MS = 2_000;
/** Memory that does not flow for so long will not flow any more: QEMU itself would wait for TCP's quarter of an hour. */
const STILL_MS = 30_000;

/** How far a move is. */
export interface MoveProgress {
  readonly percent: number;
  readonly mibPerSecond: number;
  /** How fast the guest writes its memory. */
  readonly dirtyRateMiBps: number;
  readonly remainingMiB: number;
  /** How long the guest would stand still if it switched now. */
  readonly expectedDowntimeMs?: number;
}

/** What a move took, as libvirt counted it. */
export interface MoveStats {
  readonly downtimeMs?: number;
  readonly transferredMiB: number;
  /** Passes over the memory. */
  readonly rounds?: number;
}

export interface WatchedMove {
  readonly name: string;
  readonly from: ConnectedHost;
  readonly to: ConnectedHost;
  readonly domain: DomainRef;
  /** The connection whose end makes libvirt end QEMU at the target; none where the source's libvirtd has one of its own, and watches it. */
  readonly target: HostConnection | undefined;
  readonly policy: MigrationPolicy;
  readonly signal: AbortSignal;
  readonly log: Log;
  onProgress(progress: MoveProgress): void;
}

/**
 * Follows a guest's memory until `done` is aborted: tells the progress, climbs the policy's ladder, and ends the move where it is
 * not wanted any more, will never end, or has lost its target.
 * @throws DroverError with the reason for which it ended the move
 */
export async function watchMove(move: WatchedMove, done: AbortSignal): Promise<{ rounds: number; sentMiB: number }> {
  const { from, domain } = move;
  const ladder = LADDERS[move.policy];
  const climb = new Climb(ladder);
  const seen = { rounds: 0, sentBytes: -1, sinceMs: systemClock.nowMs(), postCopy: false, first: true };
  const targetLost = watchTarget(move, done);
  const isOver = (): boolean => done.aborted;
  while (!isOver()) {
    const stats = await jobStats(from.libvirt, domain);
    // The call that sends has not begun its work, or has ended it.
    if (stats !== undefined && number(stats["memory_total"]) > 0) {
      if (seen.first) await act(move, { downtimeMs: ladder.downtimeMs });
      seen.first = false;
      seen.rounds = Math.max(seen.rounds, number(stats["memory_iteration"]));
      move.onProgress(progressOf(stats));
      const sentBytes = number(stats["memory_processed"]);
      if (sentBytes !== seen.sentBytes) Object.assign(seen, { sentBytes, sinceMs: systemClock.nowMs() });
      // Once the guest stands still the switch has begun, and its last pass counts as a round too.
      const due = seen.postCopy || await standsStill(move) ? [] : climb.see(number(stats["memory_iteration"]), number(stats["memory_remaining"]));
      for (const action of due) {
        if (action !== "abort") await act(move, action);
        if (action === "post-copy") seen.postCopy = true;
        if (action === "abort") throw await ended(move, done, `the guest writes its memory (${mib(progressOf(stats).dirtyRateMiBps)} MiB/s) as fast as it can be sent (${mib(progressOf(stats).mibPerSecond)} MiB/s)`, `give the move a faster network or the VM another migration policy than "${move.policy}", or move it when it does less`);
      }
    }
    if (!seen.postCopy && !isOver()) {
      const reason = move.signal.aborted ? "it was interrupted" : targetLost.reason ?? (systemClock.nowMs() - seen.sinceMs > STILL_MS ? `no memory has flowed for ${STILL_MS / 1000} s` : undefined);
      if (reason !== undefined) {
        throw await ended(move, done, reason, move.signal.aborted ? "run it again when it is wanted" : `check the network from ${from.name} to ${move.to.name} and libvirtd on ${move.to.name}, then run again`);
      }
    }
    await systemClock.sleep(POLL_MS, done).catch(() => {});
  }
  return { rounds: seen.rounds, sentMiB: Math.max(0, seen.sentBytes) / MIB };
}

/** What libvirt counted of the move that ended, asked at the target; what it does not tell is left out. */
export async function completedStats(to: ConnectedHost, domain: DomainRef): Promise<MoveStats> {
  const stats = await jobStats(to.libvirt, domain, DomainJobStatsFlags.COMPLETED);
  if (stats === undefined) return { transferredMiB: 0 };
  return {
    transferredMiB: number(stats["memory_processed"] ?? stats["data_processed"]) / MIB,
    ...(stats["downtime"] === undefined ? {} : { downtimeMs: number(stats["downtime"]) }),
    ...(stats["memory_iteration"] === undefined ? {} : { rounds: number(stats["memory_iteration"]) }),
  };
}

/** Nothing where there is no job, or where the domain has gone: what became of it the call tells that sends its memory. */
async function jobStats(libvirt: HostConnection, domain: DomainRef, flags = 0): Promise<Readonly<Record<string, ParamValue>> | undefined> {
  try {
    const { type, params } = await libvirt.domainGetJobStats({ dom: domain, flags });
    return type === DomainJobType.NONE ? undefined : paramsToObject(params);
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}

async function act(move: WatchedMove, action: Action): Promise<void> {
  const { from, domain, log, name } = move;
  try {
    if (action === "abort") await from.libvirt.domainAbortJob({ dom: domain });
    else if (action === "post-copy") {
      log.info(`${name} writes its memory as fast as it can be sent: it goes on at ${move.to.name} and fetches the rest (post-copy)`);
      await from.libvirt.domainMigrateStartPostCopy({ dom: domain, flags: 0 });
    } else {
      log.debug(`${name} may stand still for ${action.downtimeMs} ms`);
      await from.libvirt.domainMigrateSetMaxDowntime({ dom: domain, downtime: BigInt(action.downtimeMs), flags: 0 });
    }
  } catch (error) {
    // The move came to its end meanwhile, which its own call tells.
    if (!(error instanceof LibvirtError)) throw error;
    log.debug(`${name} on ${from.name}: ${messageOf(error)}`);
  }
}

async function standsStill({ from, domain }: WatchedMove): Promise<boolean> {
  try {
    return await stateOf(from, domain) !== DomainState.RUNNING;
  } catch (error) {
    if (error instanceof LibvirtError) return true;
    throw error;
  }
}

/** Looks at the target now and then: when it is gone its QEMU is too, and the source does not notice for a long time. */
function watchTarget({ target, domain }: WatchedMove, done: AbortSignal): { readonly reason: string | undefined } {
  const found: { reason: string | undefined } = { reason: undefined };
  if (target === undefined) return found;
  void (async () => {
    while (!done.aborted && found.reason === undefined) {
      try {
        await target.domainIsActive({ dom: domain });
      } catch (error) {
        found.reason = messageOf(error);
      }
      await systemClock.sleep(TARGET_POLL_MS, done).catch(() => {});
    }
  })();
  return found;
}

function progressOf(stats: Readonly<Record<string, ParamValue>>): MoveProgress {
  const total = number(stats["memory_total"]);
  const remaining = number(stats["memory_remaining"]);
  const downtime = stats["downtime"];
  return {
    percent: total === 0 ? 0 : Math.max(0, Math.min(100, (1 - remaining / total) * 100)),
    mibPerSecond: number(stats["memory_bps"]) / MIB,
    dirtyRateMiBps: number(stats["memory_dirty_rate"]) * (number(stats["memory_page_size"]) || 4096) / MIB,
    remainingMiB: remaining / MIB,
    ...(downtime === undefined ? {} : { expectedDowntimeMs: number(downtime) }),
  };
}

/** Ends the move, however often it takes: libvirt has nothing to end while it still sets the move up. */
async function ended(move: WatchedMove, done: AbortSignal, answer: string, next: string): Promise<DroverError> {
  const { name, from, to } = move;
  while (!done.aborted) {
    await act(move, "abort");
    await systemClock.sleep(POLL_MS, done).catch(() => {});
  }
  return new DroverError({ attempted: `move ${name} to ${to.name}`, host: from.name, answer, next });
}

function number(value: ParamValue | undefined): number {
  return value === undefined ? 0 : Number(value);
}

function mib(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
