import { DroverError } from "../../base/error.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { describe, hostUuidOf, type MoveRecord } from "./journal.js";
import { judge, type Verdict } from "./judge.js";
import { asking } from "./recover.js";
import { look, recordOf, type Side } from "./sides.js";

/** A move that was begun and not ended, by what the two hosts say that have the guest. */
export interface UnfinishedMove {
  readonly record: MoveRecord;
  readonly from: ConnectedHost;
  readonly to: ConnectedHost;
  /** Which of the two has the guest, as long as nobody changes anything. */
  readonly guestAt: ConnectedHost;
}

/**
 * The unfinished move for which two hosts have a guest at once; `undefined` where neither carries a journal. Changes nothing.
 * @throws DroverError when only an operator can know where the guest is, or the journal speaks of other hosts
 */
export async function moveBetween(uuid: string, name: string, hosts: readonly [ConnectedHost, ConnectedHost]): Promise<UnfinishedMove | undefined> {
  const sides = await Promise.all([look(hosts[0], uuid), look(hosts[1], uuid)]);
  const record = recordOf(...sides);
  if (record === undefined) return undefined;
  const uuids = await Promise.all(hosts.map(hostUuidOf));
  const source = sides[uuids.indexOf(record.from.hostUuid)];
  const target = sides[uuids.indexOf(record.to.hostUuid)];
  if (source === undefined || target === undefined) {
    throw new DroverError({ attempted: `find ${name}`, answer: `there is an unfinished move of it (${describe(record)}), and it is active on ${hosts[0].name} and ${hosts[1].name}`,
      next: `look at all of them (virsh domstate --reason), and destroy it where it is not wanted; nothing was changed` });
  }
  const verdict = judge(source, target);
  if (verdict.do === "ask") throw asking(name, record, source, target, verdict.why, verdict.next);
  return { record, from: source.host, to: target.host, guestAt: isAtTarget(verdict, source, target) ? target.host : source.host };
}

/** Where the guest is by what is to be done next. */
export function isAtTarget(verdict: Exclude<Verdict, { readonly do: "ask" }>, source: Side, target: Side): boolean {
  switch (verdict.do) {
    case "arrive": case "resume target": case "end source": case "undefine source": return true;
    case "nothing": case "stay": case "resume source": case "end target": case "undefine target": return false;
    // Until the switch it runs at the source; afterwards, post-copy included, only the target runs it.
    case "wait": return source.power !== "running" && target.power === "running";
  }
}
