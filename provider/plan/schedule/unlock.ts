import { NOWHERE } from "../solve/problem.js";
import { compareLevels, State } from "../solve/state.js";
import { Dispatcher, LAST_LEVEL } from "./dispatcher.js";
import { bestTimetable } from "./improve.js";
import { jobsOf, kindOf, type Job } from "./jobs.js";
import type { ScheduleRequest } from "./schedule.js";
import { hostOf, type Setting } from "./setting.js";
import { compareTimetables, type Timetable } from "./timetable.js";

/** Jobs, where they lead, and when they are done. */
export interface Way {
  readonly jobs: readonly Job[];
  readonly slots: Int32Array;
  readonly timetable: Timetable;
}

/** How often something is changed, and how many changes are tried each time. */
const MOST_ROUNDS = 64;
const MOST_TRIED = 40;
/** Of a schedule with more jobs than this, fewer are tried. */
const MANY_JOBS = 60;
const MOST_TRIED_OF_MANY = 10;

/** A change, what it costs beyond what is copied anyway, and its way. */
interface Change {
  readonly way: Way;
  readonly extraMib: number;
  /** The VM that goes by a third host. */
  readonly bypassed?: number;
}

/**
 * Finds another way where some wait for each other for ever: two VMs exchange their targets, or one takes another target, where
 * the outcome is as good by every rule; or one goes by a third host, which copies it twice. Of those that free the most the one
 * that copies least is taken, then the fastest.
 */
export function unlock(setting: Setting, stuck: Way, request: ScheduleRequest): Way {
  let way = stuck;
  const bypassed = new Set<number>();
  for (let round = 0; round < MOST_ROUNDS && way.timetable.stuck.length > 0; round += 1) {
    const before = way.timetable.stuck.length;
    const changes = [...(bypassed.size === 0 ? retargeted(setting, way, request) : []), ...bypasses(setting, way, bypassed)];
    const better = changes.filter(({ way: { timetable } }) => timetable.stuck.length < before).sort((a, b) => (
      a.way.timetable.stuck.length - b.way.timetable.stuck.length || a.extraMib - b.extraMib || compareTimetables(setting, a.way.timetable, b.way.timetable)));
    // A first half may free nobody yet, and make the room that the next one needs.
    const chosen = better.find(({ bypassed: vm, way: { slots } }) => vm !== undefined || request.isSettled(slots)) ?? changes.find(({ bypassed: vm }) => vm !== undefined);
    if (chosen === undefined) break;
    if (chosen.bypassed !== undefined) bypassed.add(chosen.bypassed);
    way = chosen.way;
  }
  if (way.timetable.stuck.length > 0) return way;
  const timetable = bestTimetable(setting, way.jobs, request.seed, 1);
  return compareTimetables(setting, timetable, way.timetable) < 0 ? { ...way, timetable } : way;
}

/** Ways to places that are as good: a VM that waits takes that of another, and gives it its own, or a free one. */
function retargeted(setting: Setting, { jobs, slots, timetable }: Way, request: ScheduleRequest): Change[] {
  const { compiled, problem } = setting;
  const state = new State(problem, slots);
  const levels = state.levels.slice();
  const changes: Change[] = [];
  const most = jobs.length > MANY_JOBS ? MOST_TRIED_OF_MANY : MOST_TRIED;
  const tryIt = (moves: readonly (readonly [vm: number, to: number])[], note: (vm: number) => string): void => {
    if (changes.length >= most || moves.some(([vm, to]) => to === NOWHERE || problem.masks[problem.maskOf[vm] ?? 0]?.[to] !== 1)) return;
    for (const [vm, to] of moves) state.move(vm, to);
    if (compareLevels(state.levels, levels) <= 0) {
      const changed = Int32Array.from(state.slotOf);
      const changedJobs = jobsOf(compiled, changed, request.options, (vm) => (moves.some(([moved]) => moved === vm) ? `${request.reasonOf(vm)}; ${note(vm)}` : request.reasonOf(vm)));
      changes.push({ way: { jobs: changedJobs, slots: changed, timetable: quickTimetable(setting, changedJobs) }, extraMib: 0 });
    }
    for (const [vm] of moves) state.move(vm, slots[vm] ?? NOWHERE);
  };
  const waiting = timetable.stuck.flatMap((index) => jobs[index] ?? []).filter(({ kind }) => kind !== "stop");
  for (const { vm, to } of waiting) {
    for (const other of jobs) {
      if (other.vm !== vm && other.to !== to && other.kind !== "stop" && hasEqualDemand(setting, vm, other.vm)) tryIt([[vm, other.to], [other.vm, to]], (moved) => `it takes the place of ${compiled.vms[moved === vm ? other.vm : vm]?.name ?? ""}, for they would wait for each other`);
    }
  }
  for (const { vm, to } of waiting) {
    for (const slot of problem.slotHost.keys()) {
      if (slot !== to) tryIt([[vm, slot]], () => `it goes there for ${compiled.hosts[hostOf(setting, to)]?.name ?? ""} has no room in time`);
    }
  }
  return changes;
}

function hasEqualDemand({ problem: { demand, resourceCount, maskOf } }: Setting, a: number, b: number): boolean {
  for (let r = 0; r < resourceCount; r += 1) if (demand[a * resourceCount + r] !== demand[b * resourceCount + r]) return false;
  return maskOf[a] === maskOf[b];
}

/** Ways on which a VM that waits goes by a third host that has room when nothing goes on, the smallest first. */
function bypasses(setting: Setting, way: Way, bypassed: ReadonlySet<number>): Change[] {
  const { problem } = setting;
  const { jobs, timetable } = way;
  const moment = new Dispatcher(setting, jobs);
  replay(moment, timetable);
  const moves = timetable.stuck.filter((index) => jobs[index] !== undefined && jobs[index].from !== NOWHERE && jobs[index].to !== NOWHERE && !bypassed.has(jobs[index].vm));
  const cost = (index: number): number => problem.moveCost[jobs[index]?.vm ?? 0] ?? 0;
  const changes: Change[] = [];
  const most = jobs.length > MANY_JOBS ? MOST_TRIED_OF_MANY : MOST_TRIED;
  for (const index of moves.sort((a, b) => cost(a) - cost(b) || a - b)) {
    const job = jobs[index];
    if (job === undefined) continue;
    const mask = problem.passing.masks[problem.passing.maskOf[job.vm] ?? 0];
    const hosts = new Set([hostOf(setting, job.from), hostOf(setting, job.to)]);
    for (const over of problem.slotHost.keys()) {
      const host = hostOf(setting, over);
      if (changes.length >= most) return changes;
      if (mask?.[over] !== 1 || hosts.has(host) || !moment.hasRoom(job.vm, job.from, over)) continue;
      // Whether the first half waits until nothing else goes on, or goes when it can: the first always frees its host, the second is faster.
      for (const isPatient of [true, false]) {
        const changed = goingBy(setting, jobs, index, over, isPatient ? timetable.sequence : []);
        changes.push({ way: { ...way, jobs: changed, timetable: quickTimetable(setting, changed) }, extraMib: cost(index), bypassed: job.vm });
      }
      hosts.add(host);
    }
  }
  return changes;
}

/** The jobs with one of them in two halves: by a third host. */
function goingBy({ compiled, problem }: Setting, jobs: readonly Job[], index: number, over: number, first: readonly number[]): Job[] {
  const job = jobs[index];
  if (job === undefined) return [...jobs];
  const reason = `${job.reason}; it goes by ${compiled.hosts[problem.slotHost[over] ?? 0]?.name ?? ""}, for all that move wait for each other`;
  const second = jobs.length;
  // Who waits for the VM waits for all of it.
  const halves = jobs.map((each, i) => (i === index ? { ...job, kind: kindOf(problem, job.from, over), to: over, reason, after: [...new Set([...job.after, ...first])] } : { ...each, after: each.after.map((earlier) => (earlier === index ? second : earlier)) }));
  return [...halves, { ...job, kind: kindOf(problem, over, job.to), from: over, after: [index] }];
}

/** To where nothing goes on any more. */
function replay(dispatcher: Dispatcher, { sequence, stuck }: Timetable): void {
  dispatcher.run([...sequence, ...stuck], new Uint8Array(dispatcher.jobs.length).fill(LAST_LEVEL));
}

function quickTimetable(setting: Setting, jobs: readonly Job[]): Timetable {
  return bestTimetable(setting, jobs, 0, 0);
}
