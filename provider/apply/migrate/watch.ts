import { systemClock, type Clock } from "../../base/clock.js";
import { DroverError, messageOf, type ErrorParts } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import { DomainJobStatsFlags, DomainJobType, DomainPausedReason, DomainState, LibvirtError, paramsToObject, type DomainRef, type HostConnection, type ParamValue } from "../../libvirt/index.js";
import { Climb, LADDERS, type Action, type MigrationPolicy } from "./ladder.js";

const MIB = 2 ** 20;
const POLL_MS = 200;
/** Between two looks whether the target is still there. */
const TARGET_POLL_MS = 2_000;
/** Memory that does not flow for so long will not flow any more: QEMU itself would wait for TCP's quarter of an hour. */
const STILL_MS = 30_000;
/** After so many looks at which libvirt refused post-copy the move is ended. */
const MOST_REFUSALS = 10;

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
  readonly from: { readonly name: string; readonly libvirt: Pick<HostConnection, "domainGetJobStats" | "domainGetState" | "domainAbortJob" | "domainMigrateStartPostCopy" | "domainMigrateSetMaxDowntime"> };
  readonly to: { readonly name: string };
  readonly domain: DomainRef;
  /** The connection whose end makes libvirt end QEMU at the target; none where the source's libvirtd has one of its own, and watches it. */
  readonly target: Pick<HostConnection, "domainIsActive" | "close"> | undefined;
  readonly policy: MigrationPolicy;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock?: Clock;
  onProgress(progress: MoveProgress): void;
}

/**
 * Follows a guest's memory until `done` is aborted: tells the progress, climbs the policy's ladder, and ends the move where it is
 * not wanted any more, will never end, or has lost its target.
 * @throws DroverError with the reason for which it ended the move, once that has ended
 */
export async function watchMove(move: WatchedMove, done: AbortSignal): Promise<{ rounds: number; sentMiB: number }> {
  const { from, clock = systemClock } = move;
  const seen: Seen = { climb: new Climb(LADDERS[move.policy]), rounds: 0, sentBytes: -1, sinceMs: clock.nowMs(), hasDowntime: false, postCopy: "no", refused: 0, blindSinceMs: undefined };
  const targetLost = watchTarget(move, done);
  const isOver = (): boolean => done.aborted;
  while (!isOver()) {
    const end = await lookOrWait(move, seen);
    const why = end ?? whyNoMore(move, targetLost.reason, seen.blindSinceMs === undefined ? clock.nowMs() - seen.sinceMs : 0);
    if (why !== undefined && !mayBePostCopy(seen) && !isOver()) {
      await abort(move, done);
      throw new DroverError({ attempted: `move ${move.name} to ${move.to.name}`, host: from.name, ...why });
    }
    await clock.sleep(POLL_MS, done).catch(() => {});
  }
  return { rounds: seen.rounds, sentMiB: Math.max(0, seen.sentBytes) / MIB };
}

interface Seen {
  readonly climb: Climb;
  rounds: number;
  sentBytes: number;
  /** Since when nothing more was sent. */
  sinceMs: number;
  /** The policy's first downtime is set. */
  hasDowntime: boolean;
  /** After the switch to it nothing can be aborted: a part of the memory is at the target alone. `unknown`: the answer was lost. */
  postCopy: "no" | "due" | "unknown" | "begun";
  /** How often libvirt has refused it. */
  refused: number;
  /** Since when every look has failed. */
  blindSinceMs: number | undefined;
}

/** A look that fails, and not by a refusal of libvirt's, is made again: a move goes on unwatched for no longer than one that sends nothing. */
async function lookOrWait(move: WatchedMove, seen: Seen): Promise<Why | undefined> {
  const { name, from, log, clock = systemClock } = move;
  try {
    const end = await look(move, seen);
    seen.blindSinceMs = undefined;
    return end;
  } catch (error) {
    const nowMs = clock.nowMs();
    seen.blindSinceMs ??= nowMs;
    log.debug(`${name}: how far it is could not be seen: ${messageOf(error)}`);
    if (nowMs - seen.blindSinceMs <= STILL_MS) return undefined;
    return { answer: `it could not be watched for ${STILL_MS / 1000} s: ${error instanceof DroverError ? error.answer : messageOf(error)}`, next: `check the connection to ${from.name} and its libvirtd, then run again` };
  }
}

/** Why a move is ended. */
type Why = Pick<ErrorParts, "answer" | "next">;

/** Takes in how far the move is, and does what the policy wants. @returns why it is to be ended, where it is */
async function look(move: WatchedMove, seen: Seen): Promise<Why | undefined> {
  const { from, domain, clock = systemClock } = move;
  const stats = await jobStats(from.libvirt, domain);
  // The call that sends has not begun its work, or has ended it.
  if (stats === undefined || number(stats["memory_total"]) === 0) return undefined;
  if (!seen.hasDowntime) seen.hasDowntime = await act(move, { downtimeMs: LADDERS[move.policy].downtimeMs }) === undefined;
  seen.rounds = Math.max(seen.rounds, number(stats["memory_iteration"]));
  move.onProgress(progressOf(stats));
  const sentBytes = number(stats["memory_processed"]);
  if (sentBytes !== seen.sentBytes) Object.assign(seen, { sentBytes, sinceMs: clock.nowMs() });
  const guest = await guestOf(move);
  if (guest === "post-copy") seen.postCopy = "begun";
  if (guest === "running" && seen.postCopy === "unknown") seen.postCopy = "due";
  // Once the guest stands still the switch has begun, and its last pass counts as a round too.
  if (mayBePostCopy(seen) || guest !== "running") return undefined;
  for (const action of seen.climb.see(number(stats["memory_iteration"]), number(stats["memory_remaining"]))) {
    if (action === "abort") {
      return { answer: `the guest writes its memory (${mib(progressOf(stats).dirtyRateMiBps)} MiB/s) as fast as it can be sent (${mib(progressOf(stats).mibPerSecond)} MiB/s)`,
        next: `give the move a faster network or the VM another migration policy than "${move.policy}", or move it when it does less` };
    }
    if (action === "post-copy") seen.postCopy = "due";
    else await act(move, action);
  }
  return seen.postCopy === "due" ? await switchToPostCopy(move, seen) : undefined;
}

/** What is refused is tried again at the next looks: a guest that writes faster than it is sent would move for ever. */
async function switchToPostCopy(move: WatchedMove, seen: Seen): Promise<Why | undefined> {
  // Until its answer is there.
  seen.postCopy = "unknown";
  const refusal = await act(move, "post-copy");
  if (refusal === undefined) {
    move.log.info(`${move.name} writes its memory as fast as it can be sent: it goes on at ${move.to.name} and fetches the rest (post-copy)`);
    seen.postCopy = "begun";
    return undefined;
  }
  seen.postCopy = "due";
  seen.refused += 1;
  return seen.refused < MOST_REFUSALS ? undefined : { answer: `the guest writes its memory as fast as it can be sent, and post-copy is refused: ${refusal.answer}`, next: `mend what libvirt complains of, or give the VM another migration policy than "${move.policy}"` };
}

function mayBePostCopy({ postCopy }: Seen): boolean {
  return postCopy === "begun" || postCopy === "unknown";
}

function whyNoMore({ from, to, signal }: WatchedMove, targetLost: string | undefined, stillMs: number): Why | undefined {
  if (signal.aborted) return { answer: "it was interrupted", next: "run it again when it is wanted" };
  const answer = targetLost ?? (stillMs > STILL_MS ? `no memory has flowed for ${STILL_MS / 1000} s` : undefined);
  return answer === undefined ? undefined : { answer, next: `check the network from ${from.name} to ${to.name} and libvirtd on ${to.name}, then run again` };
}

/** What libvirt counted of the move that ended, asked at the target; what it does not tell is left out, and so is all where it cannot be asked: the guest has moved. */
export async function completedStats(to: { readonly name: string; readonly libvirt: Pick<HostConnection, "domainGetJobStats"> }, domain: DomainRef, log: Log): Promise<MoveStats> {
  const stats = await jobStats(to.libvirt, domain, DomainJobStatsFlags.COMPLETED).catch((error: unknown) => {
    log.debug(`${domain.name}: what its move took ${to.name} could not be asked: ${messageOf(error)}`);
    return undefined;
  });
  if (stats === undefined) return { transferredMiB: 0 };
  return {
    transferredMiB: number(stats["memory_processed"] ?? stats["data_processed"]) / MIB,
    ...(stats["downtime"] === undefined ? {} : { downtimeMs: number(stats["downtime"]) }),
    ...(stats["memory_iteration"] === undefined ? {} : { rounds: number(stats["memory_iteration"]) }),
  };
}

/** Nothing where there is no job, or where the domain has gone: what became of it the call tells that sends its memory. */
async function jobStats(libvirt: Pick<HostConnection, "domainGetJobStats">, domain: DomainRef, flags = 0): Promise<Readonly<Record<string, ParamValue>> | undefined> {
  try {
    const { type, params } = await libvirt.domainGetJobStats({ dom: domain, flags });
    return type === DomainJobType.NONE ? undefined : paramsToObject(params);
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}

/** @returns libvirt's refusal, where it refused: the move may have come to its end meanwhile, which its own call tells */
async function act({ from, domain, log, name }: WatchedMove, action: Action): Promise<LibvirtError | undefined> {
  try {
    if (action === "abort") await from.libvirt.domainAbortJob({ dom: domain });
    else if (action === "post-copy") await from.libvirt.domainMigrateStartPostCopy({ dom: domain, flags: 0 });
    else {
      log.debug(`${name} may stand still for ${action.downtimeMs} ms`);
      await from.libvirt.domainMigrateSetMaxDowntime({ dom: domain, downtime: BigInt(action.downtimeMs), flags: 0 });
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    log.debug(`${name} on ${from.name}: ${messageOf(error)}`);
    return error;
  }
}

/** What the guest does at the source: `still` while it switches, or is gone. */
async function guestOf({ from, domain }: WatchedMove): Promise<"running" | "still" | "post-copy"> {
  try {
    const { state, reason } = await from.libvirt.domainGetState({ dom: domain, flags: 0 });
    if (state === DomainState.RUNNING) return "running";
    return state === DomainState.PAUSED && (reason === DomainPausedReason.POSTCOPY || reason === DomainPausedReason.POSTCOPY_FAILED) ? "post-copy" : "still";
  } catch (error) {
    if (error instanceof LibvirtError) return "still";
    throw error;
  }
}

/** Looks at the target now and then: when it is gone its QEMU is too, and the source does not notice for a long time. */
function watchTarget({ target, domain, clock = systemClock }: WatchedMove, done: AbortSignal): { readonly reason: string | undefined } {
  const found: { reason: string | undefined } = { reason: undefined };
  if (target === undefined) return found;
  void (async () => {
    while (!done.aborted && found.reason === undefined) {
      try {
        await target.domainIsActive({ dom: domain });
      } catch (error) {
        found.reason = messageOf(error);
      }
      await clock.sleep(TARGET_POLL_MS, done).catch(() => {});
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

/**
 * Ends the move, however often it takes: libvirt has nothing to end while it still sets the move up. Where the source cannot be told, the
 * connection to the target is given up, and with it QEMU there: the guest never ran in it.
 */
async function abort(move: WatchedMove, done: AbortSignal): Promise<void> {
  const { name, from, target, log, clock = systemClock } = move;
  while (!done.aborted) {
    try {
      await act(move, "abort");
    } catch (error) {
      log.debug(`${name}: ${from.name} could not be told to end its move: ${messageOf(error)}`);
      await target?.close();
    }
    await clock.sleep(POLL_MS, done).catch(() => {});
  }
}

function number(value: ParamValue | undefined): number {
  return value === undefined ? 0 : Number(value);
}

function mib(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
