import { systemClock } from "../../base/clock.js";
import { DroverError, messageOf } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { HostConnection, LibvirtError, type DomainRef } from "../../libvirt/index.js";
import { DomainDocument } from "../../xml/index.js";
import { carries, describe, newRecord, writeJournal } from "./journal.js";
import { parametersFor, refuseUnsafeCache, type SendOptions } from "./parameters.js";
import { runByPeer, runPhases, type MovePhase, type PhaseHooks } from "./phases.js";
import { recoverMove, Undecided, type Recovered } from "./recover.js";
import { look, recordOf, stateText } from "./sides.js";
import { completedStats, watchMove, type MoveProgress, type MoveStats } from "./watch.js";

export interface Move {
  readonly uuid: string;
  readonly name: string;
  readonly from: ConnectedHost;
  readonly to: ConnectedHost;
}

export interface MoveOptions extends SendOptions {
  /** Id of this run, for the journal. */
  readonly run: string;
  /** Ends the move as long as the guest runs at the source, where it goes on. */
  readonly signal: AbortSignal;
  readonly log: Log;
  onProgress?(progress: MoveProgress): void;
  /** Called before each phase. */
  onPhase?(phase: MovePhase): void;
  /** Other hosts on which the guest may be; see {@link recoverMove}. */
  readonly elsewhere?: readonly ConnectedHost[];
  /**
   * Throws where the target takes no guests any more. It is asked once the journal stands, and whoever closes a host looks for journals
   * after that: so one of the two sees the other.
   */
  refuseTarget?(): Promise<void>;
}

export interface MoveOutcome extends MoveStats {
  readonly seconds: number;
}

/** How long hosts that do not answer are asked again after a move has failed, in milliseconds. */
const ANSWER_MS = 30_000;

/**
 * Moves a running guest from one host to another over the client's two connections: the hosts need not trust each other, unless
 * the source is asked to do it by itself (`peer`). Its definition goes along, with changes that wait for its restart.
 *
 * What is begun is in the journal before it is begun (see {@link recoverMove}). When something fails, both hosts are looked at
 * and what was begun is finished or undone; the error says where the guest is.
 * @throws DroverError when the guest did not move
 */
export async function moveDomain(move: Move, options: MoveOptions): Promise<MoveOutcome> {
  const startMs = systemClock.nowMs();
  const { name, from, to } = move;
  const { domain, isPaused, parameters } = await prepareMove(move, options);
  const record = await newRecord(options.run, from, to, startMs, isPaused);
  // Connections of this move's own: with their end libvirt notices at once that its client is gone, and nothing waits for a place.
  const [source, target] = [from, to].map((host) => new HostConnection(() => host.transport.open(), { label: host.name, workConnections: 1 })) as [HostConnection, HostConnection];
  let watched = { rounds: 0, sentMiB: 0 };
  try {
    options.onPhase?.("journal");
    await writeJournal(from, domain, record);
    await options.refuseTarget?.();
    const hooks: PhaseHooks = {
      onPhase: (phase) => { options.onPhase?.(phase); },
      throwIfAborted: () => { if (options.signal.aborted) throw interrupted(move); },
      begun: async (xml) => { if (!await carries(from, domain, xml, record)) throw overtaken(move); },
      watch: async (done) => {
        watched = await watchMove({ name, from, to, domain, target: parameters.peer === undefined ? target : undefined, policy: options.policy, signal: options.signal, log: options.log, onProgress: (progress) => { options.onProgress?.(progress); } }, done);
      },
    };
    await (parameters.peer === undefined ? runPhases(source, target, domain, parameters, hooks) : runByPeer(source, domain, parameters, parameters.peer, hooks));
    options.onPhase?.("clear");
    await writeJournal(to, domain, undefined);
  } catch (error) {
    await Promise.all([source.close(), target.close()]);
    await settle(move, { ...options, only: record.id }, error);
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
  const stats = await completedStats(to, domain, options.log);
  return {
    seconds: (systemClock.nowMs() - startMs) / 1000, ...(watched.rounds === 0 ? {} : { rounds: watched.rounds }), ...stats,
    transferredMiB: Math.max(stats.transferredMiB, watched.sentMiB),
  };
}

/** All that can be known to fail before anything is begun. */
async function prepareMove(move: Move, options: MoveOptions): Promise<{ domain: DomainRef; isPaused: boolean; parameters: Awaited<ReturnType<typeof parametersFor>> }> {
  const { uuid, name, from, to } = move;
  const refuse = (answer: string, next: string): DroverError => new DroverError({ attempted: `move ${name} to ${to.name}`, host: from.name, answer, next });
  options.signal.throwIfAborted();
  const [source, target] = await Promise.all([look(from, uuid), look(to, uuid)]);
  const begun = recordOf(source, target);
  if (begun !== undefined) throw refuse(`${describe(begun)} was begun and is not ended`, "let that end; if its run died, the next `up` looks at both hosts and ends it");
  const { domain } = source;
  if (domain === undefined || source.power === "gone" || source.power === "off") throw refuse(`it is ${stateText(source)}`, "run again: what does not run is not moved live");
  if (source.busy) throw refuse("libvirt is at work on it: somebody migrates, saves or backs it up", "wait until that is over (virsh domjobinfo), then run again");
  if (target.power === "running" || target.power === "paused") throw refuse(`it is ${stateText(target)} on ${to.name} too`, "stop one of the two, the one with the older data");
  const live = DomainDocument.parse((await from.libvirt.domainGetXMLDesc({ dom: domain, flags: 0 })).xml);
  if (options.unsafe) refuseUnsafeCache(name, from, live);
  const isPaused = source.power === "paused";
  return { domain, isPaused, parameters: await parametersFor(domain.name, from, to, { ...options, isPaused }, options.log) };
}

/** Ends what failed as a later run would, and throws with where the guest is; returns when it has moved after all, by whomever. */
async function settle(move: Move, options: MoveOptions & { readonly only: string }, error: unknown): Promise<void> {
  const { name, from, to } = move;
  const settled = await recovered(move, options);
  // No journal any more: somebody else moved it at the same time, or undid this move.
  const [source, target] = settled === "nothing to do" ? await Promise.all([look(from, move.uuid), look(to, move.uuid)]) : [];
  if (settled === "moved" || (source?.power === "gone" && target?.power === "running")) {
    options.log.warn(`${name} has moved to ${to.name}, though the move reported: ${messageOf(error)}`);
    return;
  }
  const told = error instanceof DroverError ? error.answer : messageOf(error);
  const next = error instanceof DroverError && !(error instanceof LibvirtError) && error.next !== undefined ? error.next : "mend what libvirt complains of; the next `up` plans anew from where the guest is";
  if (settled instanceof Error) {
    throw new DroverError({ attempted: `move ${name} to ${to.name}`, host: from.name, cause: error, answer: `${told}; then: ${settled.message}`,
      next: "the next `up` looks at both hosts first and finishes or undoes the move" });
  }
  const where = source === undefined || target === undefined ? `the guest is on ${from.name} as before, and nothing is left on ${to.name}` : `somebody else worked on it too: it is ${stateText(source)} on ${from.name} and ${stateText(target)} on ${to.name}`;
  throw new DroverError({ attempted: `move ${name} to ${to.name}`, host: from.name, cause: error, answer: `${told}; ${where}`, next });
}

/** Both hosts must answer; one whose daemon restarts, or whose cable was pulled for a moment, is asked again. */
async function recovered(move: Move, options: MoveOptions & { readonly only: string }): Promise<Recovered | Error> {
  const endMs = systemClock.nowMs() + ANSWER_MS;
  for (;;) {
    try {
      return await recoverMove(move.uuid, move.name, move.from, move.to, options);
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(messageOf(error));
      if (error instanceof Undecided || options.signal.aborted || systemClock.nowMs() > endMs) return reason;
      options.log.debug(`${move.name}: ${reason.message}`);
      await systemClock.sleep(1_000);
    }
  }
}

function overtaken({ name, from, to }: Move): DroverError {
  return new DroverError({ attempted: `move ${name} to ${to.name}`, host: from.name, answer: "its journal is gone: another run works on it at this moment", next: "let that end; the next `up` plans from where the guest is" });
}

function interrupted({ name, from, to }: Move): DroverError {
  return new DroverError({ attempted: `move ${name} to ${to.name}`, host: from.name, answer: "it was interrupted", next: "run it again when it is wanted" });
}
