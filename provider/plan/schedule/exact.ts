import type { Bound } from "./bound.js";
import { LAST_LEVEL, type Dispatcher } from "./dispatcher.js";
import type { Setting } from "./setting.js";
import { compareTimetables, type Timetable } from "./timetable.js";

/** Up to so many jobs all schedules are looked at that could be better. */
export const EXACT_JOBS = 12;
/** A limit in nodes, never in time: the same schedule on every machine. */
const MOST_NODES = 60_000;

/**
 * Branch and bound over what begins at each moment at which something ends: one more job that can, or no more before the next
 * moment, each with as much of its links as it can have. Some best schedule of such moves is always of this form, for what
 * begins as soon as it can frees its source the sooner.
 *
 * @param found the best so far
 */
export function dispatchExactly(setting: Setting, dispatcher: Dispatcher, bound: Bound, found: Timetable): Timetable {
  if (dispatcher.hasContinuousRules) return found;
  let best = found;
  let nodes = 0;
  // What was begun, and what of it is under way for how long: from the same again nothing better follows, unless it is earlier.
  const seen = new Map<string, { nowMs: number; endsMs: number }>();

  const isHopeless = (endedMs: number): boolean => {
    if (best.stuck.length > 0) return false;
    return setting.objective === "makespan" ? bound.makespanMs(dispatcher) >= best.makespanMs : endedMs + bound.endsMs(dispatcher) >= best.endsMs;
  };

  /** @param first jobs before this one were not begun at this moment by choice */
  const visit = (first: number, endedMs: number): void => {
    nodes += 1;
    if (nodes > MOST_NODES || isHopeless(endedMs)) return;
    const saved = dispatcher.save();
    let waits = false;
    for (let job = 0; job < dispatcher.jobs.length; job += 1) {
      if (!dispatcher.isWaiting(job)) continue;
      waits = true;
      const level = job < first ? undefined : dispatcher.levelNow(job, LAST_LEVEL);
      if (level === undefined) continue;
      dispatcher.start(job, level);
      visit(job + 1, endedMs);
      dispatcher.restore(saved);
    }
    if (waits && dispatcher.advance()) {
      const under = new Set(dispatcher.running().map(({ job }) => job));
      const ended = saved.running.filter((job) => !under.has(job)).reduce((sum, job) => sum + (saved.endMs[job] ?? 0), endedMs);
      if (!isKnown(seen, dispatcher, setting.objective === "makespan" ? 0 : ended)) visit(0, ended);
      dispatcher.restore(saved);
      return;
    }
    const timetable = dispatcher.timetable();
    if (compareTimetables(setting, timetable, best) < 0) best = timetable;
  };

  dispatcher.reset();
  visit(0, 0);
  return best;
}

/** Has as much been begun before, no later and with no larger ends? */
function isKnown(seen: Map<string, { nowMs: number; endsMs: number }>, dispatcher: Dispatcher, endedMs: number): boolean {
  const now = dispatcher.nowMs;
  const waiting = [...dispatcher.jobs.keys()].filter((job) => dispatcher.isWaiting(job)).join(" ");
  const running = dispatcher.running().sort((a, b) => a.job - b.job).map(({ job, endMs, mbps }) => `${job}:${endMs - now}:${mbps}`).join(" ");
  // Windows close: with them, earlier is not the same.
  const windows = dispatcher.isTimed ? now : "";
  const key = `${waiting}|${running}|${windows}`;
  const before = seen.get(key);
  if (before !== undefined && before.nowMs <= now && before.endsMs <= endedMs) return true;
  seen.set(key, { nowMs: now, endsMs: endedMs });
  return false;
}
