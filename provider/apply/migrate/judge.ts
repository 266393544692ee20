import { DomainPausedReason, DomainShutoffReason } from "../../libvirt/index.js";
import { recordOf, type Side } from "./sides.js";

/** What is to be done next with a move that was begun and not ended. After each step both sides are looked at again. */
export type Verdict =
  /** Neither side knows of a move. */
  | { readonly do: "nothing" }
  /** libvirt is at work on it; it may end by itself, for instance when it notices that its client is gone. */
  | { readonly do: "wait" }
  /** The guest is where it was: only the journal is to be cleared. */
  | { readonly do: "stay" }
  /** The guest is at the target: only the journal is to be cleared. */
  | { readonly do: "arrive" }
  /** The guest never ran at the target: it goes on at the source. Every other host must be asked first. */
  | { readonly do: "resume source" }
  /** The guest was accepted at the target and not yet started there. */
  | { readonly do: "resume target" }
  /** QEMU at the target never ran the guest. */
  | { readonly do: "end target" }
  | { readonly do: "undefine target" }
  /** The guest runs, or ran, at the target: what the source has is old. */
  | { readonly do: "end source" }
  | { readonly do: "undefine source" }
  /** Nobody but an operator can know. */
  | { readonly do: "ask"; readonly why: string; readonly next: string };

const { POSTCOPY, POSTCOPY_FAILED, MIGRATION, STARTING_UP, USER, IOERROR, WATCHDOG } = DomainPausedReason;

/**
 * Decides by what the two hosts say of a domain. The rules behind it:
 *
 * - Finish3 defines the guest at the target before it lets it run, and the definition brings the journal along. So a target that
 *   has no definition with this move's journal never ran the guest.
 * - A source that stands still because of a migration is resumed only when the target never ran the guest: else its memory is
 *   older than the disks.
 * - After the switch to post-copy the memory is spread over both: neither is ended, and the source is never resumed.
 */
export function judge(from: Side, to: Side): Verdict {
  const record = recordOf(from, to);
  if (record === undefined) return { do: "nothing" };
  const accepted = to.defined?.id === record.id;
  const isLeft = (from.live ?? from.defined)?.id === record.id;
  if (isPostCopy(from) || isPostCopy(to)) return postCopy(from, to, accepted && isLeft);
  if (from.busy || to.busy) return { do: "wait" };
  const toActive = to.power === "running" || to.power === "paused";
  if (from.power === "running" && to.power === "running") {
    return { do: "ask", why: "it runs on both", next: "stop one of the two at once, the one with the older data: the disks are written by both" };
  }
  // What the source has without this move's journal is not what the move left there.
  if (accepted && !isLeft && from.power === "paused") {
    return { do: "ask", why: "what stands still at the source is not what this move has left", next: "see whose it is, and destroy the one with the older data" };
  }
  if (toActive && accepted) return arrived(from, to, isLeft);
  if (toActive) return notAccepted(from, to);
  if (accepted) return ended(from, to, isLeft);
  return stayed(from);
}

/** The target has the guest, and its definition. */
function arrived(from: Side, to: Side, isLeft: boolean): Verdict {
  if (from.power === "running") {
    return { do: "ask", why: "it runs at the source, and the target has it too, paused", next: "look at both, and destroy the one that is not wanted: if the target's never ran, that one" };
  }
  if (to.power === "paused" && (to.reason === MIGRATION || to.reason === STARTING_UP) && to.defined?.paused !== true) return { do: "resume target" };
  if (from.power === "paused") return { do: "end source" };
  if (from.power === "off" && isLeft) return { do: "undefine source" };
  return { do: "arrive" };
}

/** QEMU is at the target, and the guest was not accepted there: it waits for memory that does not come. */
function notAccepted(from: Side, to: Side): Verdict {
  if (to.power === "paused") return { do: "end target" };
  return { do: "ask", why: `it runs at the target, which has no definition of it with this journal, and is ${from.power === "gone" ? "not" : from.power} at the source`, next: "somebody started it there: if it is right so, define it there and remove what the source has; else destroy it there" };
}

/** The target accepted the guest, which does not run there any more. */
function ended(from: Side, to: Side, isLeft: boolean): Verdict {
  switch (from.power) {
    case "running": return { do: "undefine target" };
    case "off": return { do: isLeft ? "undefine source" : "arrive" };
    case "gone": return { do: "arrive" };
    case "paused":
      if (to.reason === DomainShutoffReason.FAILED) return { do: "undefine target" };
      if (to.reason === DomainShutoffReason.SHUTDOWN || to.reason === DomainShutoffReason.DESTROYED) return { do: "end source" };
      return { do: "ask", why: "it stands still at the source, and the target, which has accepted it, does not run it and does not know why: it may have run there and written its disks",
        next: "if the target's log shows that it ran there (or you do not know), destroy and undefine it at the source and start it at the target; only if it never ran there, undefine it at the target and resume it at the source" };
  }
}

/** The target knows nothing of the guest. */
function stayed(from: Side): Verdict {
  if (from.power !== "paused") return { do: "stay" };
  switch (from.reason) {
    case MIGRATION: return { do: "resume source" };
    // Somebody, or something else than the move, has paused it.
    case USER: case IOERROR: case WATCHDOG: return { do: "stay" };
    default: return { do: "ask", why: "it stands still at the source for a reason that libvirt does not know, and the target has nothing of it", next: "if it runs nowhere else, resume it at the source" };
  }
}

function isPostCopy({ power, reason }: Side): boolean {
  return power === "paused" && (reason === POSTCOPY || reason === POSTCOPY_FAILED);
}

/** A part of the memory is at the target only, and a part perhaps only at the source. */
function postCopy(from: Side, to: Side, isWhole: boolean): Verdict {
  const failed = [from, to].some((side) => side.power === "paused" && side.reason === POSTCOPY_FAILED);
  if (!failed && (from.busy || to.busy)) return { do: "wait" };
  if (!failed && to.power === "running" && !to.busy && isPostCopy(from) && isWhole) return { do: "end source" };
  if (to.power === "running" && to.reason !== 0 && from.power !== "gone") {
    return { do: "ask", why: "it runs at the target, which may still fetch memory from the source", next: "resume the move (virsh migrate --postcopy --postcopy-resume), and do not touch the source until the target's job has ended" };
  }
  return { do: "ask", why: "its post-copy was broken off: one part of its memory is at the target, the other at the source",
    next: to.power === "paused" ? "mend the network and resume the move: virsh migrate --live --postcopy --postcopy-resume, with the flags of the first; never resume the source"
      : "the memory is lost: destroy it at the source and start it anew; its disks are as after a power cut. Never resume the source" };
}
