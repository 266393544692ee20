import { isActive } from "../inventory/domains.js";
import { DomainShutoffReason, DomainState } from "../libvirt/index.js";
import type { Member, PlacementInputs } from "../schema/index.js";
import type { EventKind, Tell } from "./events.js";
import { isIncoming, type KnownGuest, type KnownGuests, type Sighting } from "./guests.js";
import { remedyFor, troubleOf, type Remedy, type Trouble, type Troubled } from "./troubled.js";

/** Stops that neither a person nor the guest itself asked for. A host that was started anew does not know why its guests are off. */
const UNASKED: ReadonlySet<number> = new Set([DomainShutoffReason.UNKNOWN, DomainShutoffReason.CRASHED, DomainShutoffReason.FAILED, DomainShutoffReason.DAEMON]);

/**
 * Why a guest that ran and is off now is started again; `undefined` where somebody wanted it off. libvirt gives one reason
 * for a shutdown from inside and for one that a person asked the guest for.
 * @param reason one of `DomainShutoffReason`
 * @param wereKilled sanlock ended the host's guests, which looks like a shutdown
 * @param byHost a signal of its host ended it, which looks like a shutdown too
 */
export function whyRestart(reason: number, member: Pick<Member, "ha" | "running"> | undefined, wereKilled: boolean, byHost = false): { readonly kind: EventKind; readonly text: string } | undefined {
  if (member?.ha === undefined || !member.running) return undefined;
  if (wereKilled) return { kind: "guest-crashed", text: "its host could not renew its lease, and sanlock ended it: it starts elsewhere when that lease has expired" };
  if (UNASKED.has(reason)) return { kind: "guest-crashed", text: "it stopped, and nobody asked for that" };
  if (byHost && reason === DomainShutoffReason.SHUTDOWN) return { kind: "guest-crashed", text: "its host ended it, as it does when it shuts down in good order, and nobody asked the guest" };
  if (reason !== DomainShutoffReason.SHUTDOWN || member.ha.onShutdown !== "restart") return undefined;
  return { kind: "guest-shut-down", text: 'it was shut down, and its program wants it to run then too (ha.onShutdown: "restart")' };
}

/** Where what is seen of guests goes. */
export interface Noting {
  readonly guests: KnownGuests;
  readonly vms: PlacementInputs["vms"];
  readonly fallen: Map<string, KnownGuest>;
  readonly troubled: Troubled;
  /** Whether a signal of its host ended a guest that was shut down. */
  readonly endedByHost: (uuid: string) => boolean;
  readonly runs: (uuid: string) => void;
  readonly tell: Tell;
  readonly nowMs: number;
  /** sanlock ended the host's guests. */
  readonly wereKilled: boolean;
}

/** Takes in what one look at a host shows of guests that stopped, or that libvirt paused. */
export function noteStopped(host: string, seen: readonly Sighting[], { guests, vms, fallen, troubled, endedByHost, runs, tell, nowMs, wereKilled }: Noting): void {
  for (const sighting of seen) {
    const { uuid, state, reason } = sighting;
    const known = guests.get(uuid);
    const trouble = troubleOf(sighting);
    // One that is being ended is active still, and does not run.
    if (isActive(state) && state !== DomainState.SHUTDOWN && !isIncoming(sighting) && trouble === undefined) runs(uuid);
    if (known?.running !== true || known.host !== host) continue;
    const member = vms[known.name];
    const { ha } = member ?? {};
    const about = { vm: known.name, host };
    if (isActive(state) && ha !== undefined && member?.running === true) {
      if (troubled.sees(known, trouble, ha, nowMs) && trouble !== undefined) tell("guest-paused", wordsOf(trouble, remedyFor(trouble, ha)), about);
    } else {
      troubled.forget(uuid);
    }
    const why = isActive(state) ? undefined : whyRestart(reason, member, wereKilled, endedByHost(uuid));
    if (why === undefined) continue;
    if (!fallen.has(uuid)) tell(why.kind, why.text, about);
    fallen.set(uuid, known);
  }
}

function wordsOf(trouble: Trouble, remedy: Remedy): string {
  if (trouble === "watchdog") return "its watchdog fired and paused it: it is started anew";
  const next = { resume: "it is resumed as soon as that is back", kill: "it is ended, and started anew", leave: "it is left so, as its program wants; `virsh resume` lets it go on" }[remedy];
  return `an error of its storage paused it: ${next}`;
}
