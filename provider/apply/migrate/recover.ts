import { systemClock } from "../../base/clock.js";
import { DroverError, messageOf } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import { isActive, lookupDomain, stateOf } from "../../inventory/domains.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { LibvirtError, type DomainRef } from "../../libvirt/index.js";
import { undefineLeftover } from "../leftover.js";
import { describe, hostUuidOf, type MoveRecord } from "./journal.js";
import { judge, type Verdict } from "./judge.js";
import { clearJournal, look, recordOf, stateText, type SeenSide } from "./sides.js";

export interface RecoverOptions {
  readonly log: Log;
  /**
   * All other hosts on which the guest may be: before a guest that stands still at the source is resumed, those that answer are asked
   * that it runs on none of them.
   */
  readonly elsewhere?: readonly ConnectedHost[];
  /** How long libvirt may take to notice that the client of a move is gone, in milliseconds. Default 45,000: its keepalive takes 30,000. */
  readonly patienceMs?: number;
  /** Id of the one record that is ended: of any other move somebody else takes care. */
  readonly only?: string;
}

/** An answer of recovery itself, and no failure to reach a host: asking again changes nothing. */
export class Undecided extends DroverError {
  override readonly name = "Undecided";
}

export type Recovered = "moved" | "stayed" | "nothing to do";

const POLL_MS = 300;
/** Each step changes what is seen next; more of them than there are means that somebody else works on the guest. */
const MOST_STEPS = 12;

/**
 * Finishes or undoes a move that was begun and not ended: looks at both hosts, takes one step, and looks again, until the guest is
 * at one of them, with its definition, and the journal is cleared. Several may do it at once.
 * @throws DroverError when a host does not answer, and {@link Undecided} when a migration is under way or only an operator can know; nothing was changed then
 */
export async function recoverMove(uuid: string, name: string, from: ConnectedHost, to: ConnectedHost, options: RecoverOptions): Promise<Recovered> {
  const endMs = systemClock.nowMs() + (options.patienceMs ?? 45_000);
  let steps = 0;
  for (;;) {
    const [source, target] = await Promise.all([look(from, uuid), look(to, uuid)]);
    const record = recordOf(source, target);
    const verdict = judge(source, target);
    if (record === undefined || verdict.do === "nothing" || (options.only !== undefined && record.id !== options.only)) return "nothing to do";
    if (steps === 0) await refuseOthers(name, record, from, to);
    options.log.debug(`${name}: ${stateText(source)} on ${from.name}, ${stateText(target)} on ${to.name}: ${verdict.do}`);
    if (verdict.do === "ask") throw asking(name, record, source, target, verdict.why, verdict.next);
    if (verdict.do === "wait") {
      if (systemClock.nowMs() > endMs) throw asking(name, record, source, target, "a migration of it is under way", `wait until it is over, or end it: virsh domjobabort ${name} on ${from.name}`);
      await systemClock.sleep(POLL_MS);
      continue;
    }
    steps += 1;
    if (steps > MOST_STEPS) throw asking(name, record, source, target, "it changes while it is looked at", "see who else works on it, then run again");
    try {
      const outcome = await carryOut(verdict, name, uuid, source, target, options);
      if (outcome !== undefined) return outcome;
    } catch (error) {
      // Somebody was quicker, or it is busy again: what is there now decides.
      if (!(error instanceof LibvirtError) || steps === MOST_STEPS) throw error;
      options.log.debug(`${name}: ${messageOf(error)}`);
      await systemClock.sleep(POLL_MS);
    }
  }
}

type Step = Exclude<Verdict["do"], "nothing" | "wait" | "ask">;

async function carryOut(verdict: { readonly do: Step }, name: string, uuid: string, source: SeenSide, target: SeenSide, options: RecoverOptions): Promise<Recovered | undefined> {
  const { log } = options;
  switch (verdict.do) {
    case "stay":
      await clearJournal(target);
      await clearJournal(source);
      return "stayed";
    case "arrive":
      await clearJournal(target);
      return "moved";
    case "resume source":
      await refuseRunningElsewhere(name, uuid, options.elsewhere ?? [], log);
      log.info(`${name} never ran on ${target.host.name}: it goes on on ${source.host.name}`);
      await source.host.libvirt.domainResume({ dom: domainOf(source) });
      return undefined;
    case "resume target":
      log.info(`${name} has arrived on ${target.host.name}: it goes on there`);
      await target.host.libvirt.domainResume({ dom: domainOf(target) });
      return undefined;
    case "end target":
      log.info(`what an unfinished move of ${name} left on ${target.host.name} is ended`);
      await target.host.libvirt.domainDestroyFlags({ dom: domainOf(target), flags: 0 });
      return undefined;
    case "end source":
      log.info(`${name} has moved to ${target.host.name}: what stands still on ${source.host.name} is ended`);
      await source.host.libvirt.domainDestroyFlags({ dom: domainOf(source), flags: 0 });
      return undefined;
    case "undefine target":
      await undefineLeftover({ host: target.host, domain: domainOf(target) });
      return undefined;
    case "undefine source":
      await undefineLeftover({ host: source.host, domain: domainOf(source) });
      return undefined;
  }
}

function domainOf({ domain, host }: SeenSide): DomainRef {
  if (domain === undefined) throw new Error(`${host.name} has no such domain`);
  return domain;
}

/** The journal names two hosts by their UUIDs, and only they can tell. */
async function refuseOthers(name: string, record: MoveRecord, from: ConnectedHost, to: ConnectedHost): Promise<void> {
  const [source, target] = await Promise.all([hostUuidOf(from), hostUuidOf(to)]);
  if (source === record.from.hostUuid && target === record.to.hostUuid) return;
  throw new Undecided({ attempted: `end what was begun with ${name}`, answer: `its journal speaks of ${describe(record)}, and not of ${from.name} and ${to.name}`,
    next: `ask ${record.from.name} (${record.from.uri}) and ${record.to.name} (${record.to.uri}), whose host UUIDs are ${record.from.hostUuid} and ${record.to.hostUuid}` });
}

/**
 * The two ends of the move say that it never ran at the target; only a person can have moved it on since. So hosts that answer are asked,
 * and one that does not lets no guest stand still that it has nothing to do with.
 */
export async function refuseRunningElsewhere(name: string, uuid: string, hosts: readonly ConnectedHost[], log: Log): Promise<void> {
  await Promise.all(hosts.map(async (host) => {
    try {
      const domain = await lookupDomain(host, { uuid });
      if (domain === undefined || !isActive(await stateOf(host, domain))) return;
    } catch (error) {
      if (!(error instanceof DroverError) || error instanceof LibvirtError) throw error;
      log.debug(`${name}: ${host.name} was not asked: ${messageOf(error)}`);
      return;
    }
    throw new DroverError({ attempted: `let ${name} go on where it stands still`, host: host.name, answer: "it is active there: somebody has moved it on", next: "destroy and undefine what stands still, if the one there runs well" });
  }));
}

/** What only an operator can decide. Nothing was changed. */
export function asking(name: string, record: MoveRecord, source: SeenSide, target: SeenSide, why: string, next: string): Undecided {
  return new Undecided({
    attempted: `end what was begun with ${name}, an unfinished move (${describe(record)})`,
    answer: `${why}; it is ${stateText(source)} on ${source.host.name} and ${stateText(target)} on ${target.host.name}; nothing was changed`, next,
  });
}
