import type { Compiled } from "../compile.js";
import type { Action, Place, ScheduleOptions, Selection } from "../model.js";
import { NOWHERE } from "../solve/problem.js";
import { chainsOf } from "./chains.js";
import type { DurationModel } from "./duration.js";
import { bestTimetable } from "./improve.js";
import { jobsOf, kindOf, type Job } from "./jobs.js";
import { converges, settingOf, type MoveTimeOf, type ReadySeconds, type Setting } from "./setting.js";
import type { Step } from "./reach.js";
import type { Timetable } from "./timetable.js";
import { unlock } from "./unlock.js";
import { select } from "../view.js";

/** The way from where the VMs are to where they shall be. */
export interface Schedule {
  readonly actions: readonly Action[];
  /** Where each VM is at its end: where it shall be, or a place that is as good, where only so the way was free. */
  readonly slots: Int32Array;
  /** Why there is no way, in words; empty where there is one. */
  readonly stuck: readonly string[];
}

export interface ScheduleRequest {
  readonly options: ScheduleOptions;
  /** How long moves take: by the formula with these parameters, or by a function of one's own. */
  readonly durations: DurationModel | MoveTimeOf;
  readonly seed: number;
  /** Why a VM's place changes, in one sentence. */
  reasonOf(vm: number): string;
  /** Whether the next plan from there would change nothing. */
  isSettled(slots: Int32Array): boolean;
  /** Single steps that lead there, where it is known that there is a way. */
  readonly steps?: readonly Step[];
  /** Hosts that do not take guests from the beginning. */
  readonly readySeconds?: ReadySeconds;
}

/**
 * Orders what leads to `slots`, and says when each action begins and with how much of the links: a move alone on its links has
 * all of them, ends sooner and copies less again, so that few at a time are faster than many. Where all wait for each other,
 * `unlock.ts` finds another way.
 *
 * @param slots where each VM shall be
 */
export function schedule(compiled: Compiled, slots: Int32Array, request: ScheduleRequest): Schedule {
  const { options, durations, seed } = request;
  const jobs = jobsOf(compiled, slots, options, (vm) => request.reasonOf(vm));
  if (jobs.length === 0) return { actions: [], slots, stuck: [] };
  const setting = settingOf(compiled, options, durations, request.readySeconds);
  const timetable = bestTimetable(setting, jobs, seed, 1);
  if (timetable.stuck.length === 0) return { actions: actionsOf(setting, jobs, timetable), slots, stuck: [] };
  if (request.steps !== undefined && request.steps.length > 0) return byStep(setting, request.steps, slots, request);
  const way = unlock(setting, { jobs, slots, timetable }, request);
  if (way.timetable.stuck.length > 0) return { actions: [], slots, stuck: stuckTexts(compiled, jobs, timetable, options) };
  return { actions: actionsOf(setting, way.jobs, way.timetable), slots: way.slots, stuck: [] };
}

/** Along known steps: each when it can once its VM's last has been done, or, where that leads nowhere, strictly one after another. */
function byStep(setting: Setting, steps: readonly Step[], slots: Int32Array, request: ScheduleRequest): Schedule {
  const { compiled } = setting;
  let jobs: readonly Job[] = [];
  let timetable: Timetable | undefined;
  for (const isStrict of [false, true]) {
    const lastOf = new Map<number, number>();
    jobs = steps.map(({ vm, from, to }, index): Job => {
      const before = isStrict ? index - 1 : lastOf.get(vm);
      lastOf.set(vm, index);
      const isLast = !steps.some((later, i) => i > index && later.vm === vm);
      const reason = isLast ? request.reasonOf(vm) : `${request.reasonOf(vm)}; it goes by ${placeOf(compiled, to).host}, for the way there is not free`;
      return { vm, from, to, reason, kind: kindOf(compiled.problem, from, to), after: before === undefined || before < 0 ? [] : [before] };
    });
    timetable = bestTimetable(setting, jobs, request.seed, 1);
    if (timetable.stuck.length === 0) return { actions: actionsOf(setting, jobs, timetable), slots, stuck: [] };
  }
  return { actions: [], slots, stuck: timetable === undefined ? [] : stuckTexts(compiled, jobs, timetable, request.options) };
}

function actionsOf(setting: Setting, jobs: readonly Job[], timetable: Timetable): Action[] {
  const { compiled } = setting;
  const { sequence, startMs, endMs, mbps } = timetable;
  const after = chainsOf(setting, jobs, timetable);
  const indexOf = new Map(sequence.map((job, index) => [job, index]));
  return sequence.flatMap((index): Action[] => {
    const job = jobs[index];
    const vm = compiled.vms[job?.vm ?? NOWHERE];
    if (job === undefined || vm === undefined) return [];
    const has = mbps[index] ?? 0;
    return [{
      kind: job.kind, subject: vm.name, reason: job.reason, startSeconds: (startMs[index] ?? 0) / 1000, durationSeconds: ((endMs[index] ?? 0) - (startMs[index] ?? 0)) / 1000,
      after: (after[index] ?? []).map((earlier) => indexOf.get(earlier) ?? 0).sort((a, b) => a - b),
      ...(job.from === NOWHERE ? {} : { from: placeOf(compiled, job.from) }), ...(job.to === NOWHERE ? {} : { to: placeOf(compiled, job.to) }),
      ...(job.kind === "migrate" || job.kind === "repin" ? { mib: Math.round(vm.memoryUsedMib ?? vm.demand["memoryMib"] ?? 0) } : {}), ...(job.kind === "migrate" ? { mbps: has } : {}),
      ...(converges(setting, job, has) ? {} : { converges: false }),
    }];
  });
}

function stuckTexts({ vms }: Compiled, jobs: readonly Job[], { stuck }: Timetable, { windows = [], deadlines = [] }: ScheduleOptions): string[] {
  const isStuck = new Set(stuck);
  const nameOf = (job: number): string => vms[jobs[job]?.vm ?? NOWHERE]?.name ?? "";
  const timed = stuck.filter((job) => jobs[job]?.windows !== undefined);
  const ordered = stuck.filter((job) => !timed.includes(job) && jobs[job]?.after.some((earlier) => isStuck.has(earlier)) === true);
  const crowded = stuck.filter((job) => !timed.includes(job) && !ordered.includes(job));
  const isAmong = (limits: readonly { readonly vms: Selection }[], name: string): boolean => limits.some((limit) => select(vms, limit.vms).includes(name));
  const limitsOf = (name: string): string => [...(isAmong(windows, name) ? ["within its windows"] : []), ...(isAmong(deadlines, name) ? ["before its deadline"] : [])].join(" and ");
  return [
    ...timed.map((job) => `${nameOf(job)} finds no moment ${limitsOf(nameOf(job))} at which there is room for it and a link is free`),
    ...ordered.map((job) => `${nameOf(job)} comes after ${(jobs[job]?.after ?? []).filter((earlier) => isStuck.has(earlier)).map(nameOf).join(" and ")}, which can not be done before it`),
    ...(crowded.length === 0 ? [] : [`${crowded.map(nameOf).join(", ")} can not get to where they belong: each waits for the others to make room, and no other host has any`]),
  ];
}

/** A slot by its names. */
export function placeOf({ hosts, problem, slotCells }: Compiled, slot: number): Place {
  const cells = slotCells[slot] ?? [];
  return { host: hosts[problem.slotHost[slot] ?? 0]?.name ?? "", ...(cells.length === 0 ? {} : { cells }) };
}
