import { systemClock } from "../../base/clock.js";
import { DroverError } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { DomainPausedReason } from "../../libvirt/index.js";
import { describe } from "./journal.js";
import { clearJournal, look, recordOf, stateText, type SeenSide, type Side } from "./sides.js";

/** Which end of a move is left when the other one's host is dead. */
export type Survivor = "source" | "target";

/** What is to be done with the end that is left. */
export type AloneVerdict = "nothing" | "clear" | "abort" | "resume" | "end" | "wait";

const { MIGRATION, STARTING_UP, POSTCOPY, POSTCOPY_FAILED } = DomainPausedReason;

/**
 * Decides what becomes of a guest that was moving when the host at the other end died, which is proven.
 *
 * - A source that stands still because of the move is never resumed: the target may have run the guest and written its disks, and
 *   the dead host cannot be asked. It is ended, and the guest starts anew from its disks, as after a power cut.
 * - A target that waits for memory waits for ever.
 */
export function judgeAlone(survivor: Survivor, side: Side): AloneVerdict {
  const record = side.live ?? side.defined;
  if (record === undefined) return "nothing";
  const { power, reason, busy } = side;
  if (power === "off" || power === "gone") return "clear";
  if (survivor === "source") {
    if (power === "paused" && [MIGRATION, POSTCOPY, POSTCOPY_FAILED].some((each) => each === reason)) return "end";
    return busy ? "abort" : "clear";
  }
  if (power === "paused" && !busy && side.defined?.id === record.id && (reason === MIGRATION || reason === STARTING_UP)) return record.paused === true ? "clear" : "resume";
  if (power === "paused") return reason === POSTCOPY && busy ? "wait" : "end";
  return busy ? "wait" : "clear";
}

export interface RecoverAloneOptions {
  readonly log: Log;
  /** How long a move may take to notice its end, in milliseconds. Default 30,000. */
  readonly patienceMs?: number;
}

const POLL_MS = 300;

/**
 * Ends a move whose other host is dead, so that its guest runs on where it is left, or can be started anew.
 * @throws DroverError when the host does not answer, or the move does not end
 */
export async function recoverAlone(uuid: string, name: string, host: ConnectedHost, survivor: Survivor, { log, patienceMs = 30_000 }: RecoverAloneOptions): Promise<void> {
  const endMs = systemClock.nowMs() + patienceMs;
  for (;;) {
    const side = await look(host, uuid);
    const verdict = judgeAlone(survivor, side);
    log.debug(`${name}: ${stateText(side)} on ${host.name}, whose peer is dead: ${verdict}`);
    if (verdict === "nothing") return;
    if (verdict === "clear") {
      await clearJournal(side);
      return;
    }
    const record = recordOf(side, side);
    if (systemClock.nowMs() > endMs) {
      throw new DroverError({ attempted: `end what was begun with ${name}${record === undefined ? "" : ` (${describe(record)})`}`, host: host.name, answer: `it is ${stateText(side)}, and stays so, though the other host is dead`,
        next: `look at it: virsh domjobinfo ${name}; then run again` });
    }
    await step(verdict, name, host, side, log);
    await systemClock.sleep(POLL_MS);
  }
}

async function step(verdict: Exclude<AloneVerdict, "nothing" | "clear">, name: string, host: ConnectedHost, { domain }: SeenSide, log: Log): Promise<void> {
  if (domain === undefined) return;
  switch (verdict) {
    case "wait": return;
    case "abort":
      log.info(`the move of ${name} away from ${host.name} is given up: its target is dead`);
      await host.libvirt.domainAbortJob({ dom: domain });
      return;
    case "resume":
      log.info(`${name} has arrived on ${host.name}: it goes on there`);
      await host.libvirt.domainResume({ dom: domain });
      return;
    case "end":
      log.info(`what an unfinished move of ${name} left on ${host.name} is ended: the other host is dead, and may have run it last`);
      await host.libvirt.domainDestroyFlags({ dom: domain, flags: 0 });
      return;
  }
}
