import type { Action, Inventory, Selection } from "./model.js";
import { select } from "./view.js";

/** Parts of a second that do not matter: times are in thousandths. */
const TOLERANCE_SECONDS = 0.0005;

const BITS_PER_MIB = 8 * 1024 ** 2;

/**
 * Moves that would be over sooner than a link can carry what they copy, whatever durations were predicted by: all of a guest's
 * memory goes over the link once at least, and with no more than the move has of it.
 */
export function durationFaults({ vms }: Inventory, actions: readonly Action[]): string[] {
  const mibOf = new Map(vms.map(({ name, memoryUsedMib, demand }) => [name, memoryUsedMib ?? demand["memoryMib"] ?? 0]));
  return actions.flatMap(({ kind, subject, durationSeconds, mbps = 0 }) => {
    const mib = mibOf.get(subject) ?? 0;
    const least = kind === "migrate" ? (mib * BITS_PER_MIB) / (mbps * 1e6) : 0;
    return durationSeconds >= least - TOLERANCE_SECONDS ? [] : [`${subject} moves in ${durationSeconds} s, and ${mbps} Mb/s take ${Math.round(least * 1000) / 1000} s for its ${mib} MiB`];
  });
}

/** What a plan does too early, too late or in the wrong order, by what `schedule` asks for. */
export function timingFaults({ vms, schedule = {} }: Inventory, actions: readonly Action[]): string[] {
  const { seq = [], precedence = [], windows = [], deadlines = [] } = schedule;
  const spanOf = new Map<string, { first: number; last: number }>();
  for (const { subject, startSeconds, durationSeconds } of actions) {
    const known = spanOf.get(subject) ?? { first: Infinity, last: 0 };
    spanOf.set(subject, { first: Math.min(known.first, startSeconds), last: Math.max(known.last, startSeconds + durationSeconds) });
  }
  const faults: string[] = [];
  const inOrder = (before: string, after: string): void => {
    const [first, second] = [spanOf.get(before), spanOf.get(after)];
    if (before !== after && first !== undefined && second !== undefined && first.last > second.first + TOLERANCE_SECONDS) faults.push(`${after} begins at ${second.first} s, before ${before} is done at ${first.last} s`);
  };
  for (const names of seq) for (const [i, after] of names.entries()) for (const before of names.slice(0, i)) inOrder(before, after);
  for (const { before, after } of precedence) for (const first of select(vms, before)) for (const second of select(vms, after)) inOrder(first, second);
  const of = (selection: Selection): Set<string> => new Set(select(vms, selection));
  const allowed = windows.map(({ vms: selection, fromSeconds = 0, untilSeconds = Infinity }) => ({ names: of(selection), fromSeconds, untilSeconds }));
  const latest = deadlines.map(({ vms: selection, seconds }) => ({ names: of(selection), seconds }));
  for (const { subject, startSeconds, durationSeconds } of actions) {
    const end = startSeconds + durationSeconds;
    const its = allowed.filter(({ names }) => names.has(subject));
    if (its.length > 0 && !its.some(({ fromSeconds, untilSeconds }) => startSeconds >= fromSeconds - TOLERANCE_SECONDS && end <= untilSeconds + TOLERANCE_SECONDS)) faults.push(`${subject} is under way from ${startSeconds} s to ${end} s, in none of its windows`);
    for (const { names, seconds } of latest) if (names.has(subject) && end > seconds + TOLERANCE_SECONDS) faults.push(`${subject} is done at ${end} s, after its deadline at ${seconds} s`);
  }
  return faults;
}
