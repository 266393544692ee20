import type { Compiled } from "../compile.js";
import type { PlanVm, ScheduleOptions } from "../model.js";
import { NOWHERE, type Problem } from "../solve/problem.js";
import { linkOf, moveTime, repinSeconds, START_SECONDS, STOP_SECONDS, type DurationModel, type MoveTime } from "./duration.js";
import type { Job } from "./jobs.js";

/** How long a VM's move takes with so many Mb/s. */
export type MoveTimeOf = (vm: PlanVm, mbps: number) => MoveTime;

/** When hosts take guests that do not from the beginning, by name. */
export type ReadySeconds = ReadonlyMap<string, number>;

/** What jobs compete for, and how long they take: the same for all orders in which they could be done. */
export interface Setting {
  readonly compiled: Compiled;
  readonly problem: Problem;
  readonly objective: "makespan" | "ends";
  /** Moves at a time, into and out of a host. */
  readonly parallel: number;
  /** Speed of each host's links. */
  readonly outMbps: Float64Array;
  readonly inMbps: Float64Array;
  /** What one move takes of them at most. */
  readonly mbpsPerMove: number;
  readonly moveTimeOf: MoveTimeOf;
  /** From when on each host takes guests. */
  readonly readyMs: Float64Array;
}

const DEFAULT_PARALLEL = 2;

export function settingOf(compiled: Compiled, { objective = "makespan", parallelPerHost = DEFAULT_PARALLEL, mbpsPerMove = Infinity }: ScheduleOptions, model: DurationModel | MoveTimeOf, readySeconds: ReadySeconds = new Map()): Setting {
  const links = compiled.hosts.map(linkOf);
  return {
    compiled, problem: compiled.problem, objective, parallel: parallelPerHost, mbpsPerMove,
    outMbps: Float64Array.from(links, ({ outMbps }) => outMbps), inMbps: Float64Array.from(links, ({ inMbps }) => inMbps),
    moveTimeOf: typeof model === "function" ? model : (vm, mbps) => moveTime(vm, mbps, model),
    readyMs: Float64Array.from(compiled.hosts, ({ name }) => Math.round((readySeconds.get(name) ?? 0) * 1000)),
  };
}

/** Host of a slot, NOWHERE of none. */
export function hostOf({ problem }: Setting, slot: number): number {
  return slot === NOWHERE ? NOWHERE : (problem.slotHost[slot] ?? NOWHERE);
}

/** What a move has that is alone on its links. */
export function fullMbps(setting: Setting, { from, to }: Job): number {
  return Math.min(setting.outMbps[hostOf(setting, from)] ?? 0, setting.inMbps[hostOf(setting, to)] ?? 0, setting.mbpsPerMove);
}

/** In whole milliseconds, so that ends that are equal are equal. */
export function durationMs(setting: Setting, job: Job, mbps: number): number {
  if (job.kind === "start") return START_SECONDS * 1000;
  if (job.kind === "stop") return STOP_SECONDS * 1000;
  const vm = setting.compiled.vms[job.vm];
  if (job.kind === "repin") return Math.round(repinSeconds(vm) * 1000);
  return vm === undefined ? 1 : Math.max(1, Math.round(setting.moveTimeOf(vm, mbps).seconds * 1000));
}

/** Does the move end by itself with so much of the links? */
export function converges(setting: Setting, job: Job, mbps: number): boolean {
  const vm = setting.compiled.vms[job.vm];
  return job.kind !== "migrate" || vm === undefined || setting.moveTimeOf(vm, mbps).converges;
}
