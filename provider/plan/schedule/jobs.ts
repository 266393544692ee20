import type { Compiled } from "../compile.js";
import type { ScheduleOptions } from "../model.js";
import { NOWHERE, type Problem } from "../solve/problem.js";
import { select } from "../view.js";

/** What has to be done with one VM: one action of the plan. */
export interface Job {
  readonly vm: number;
  readonly kind: "migrate" | "repin" | "start" | "stop";
  /** Slots; NOWHERE before a start and after a stop. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  /** Jobs that have ended before this one begins, as indexes. */
  readonly after: readonly number[];
  /** It begins and ends within one of these; `undefined`: whenever it can. */
  readonly windows?: readonly Span[];
}

/** A span of time in whole milliseconds, from the beginning of the plan. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What leads from where the VMs are to `slots`, in the order of VMs. */
export function jobsOf(compiled: Compiled, slots: Int32Array, options: ScheduleOptions, reasonOf: (vm: number) => string): Job[] {
  const { problem } = compiled;
  const jobs: Job[] = [];
  for (let vm = 0; vm < problem.vmCount; vm += 1) {
    const from = problem.origin[vm] ?? NOWHERE;
    const to = slots[vm] ?? NOWHERE;
    if (from !== to) jobs.push({ vm, from, to, kind: kindOf(problem, from, to), reason: reasonOf(vm), after: [] });
  }
  const spansOf = spans(compiled, options);
  const after = predecessors(compiled, options, jobs);
  return jobs.map((job, index) => {
    const windows = spansOf.get(job.vm);
    return { ...job, after: [...(after[index] ?? [])].sort((a, b) => a - b), ...(windows === undefined ? {} : { windows }) };
  });
}

/** What is to be done between two slots. Nothing migrates from a host to itself: other cells of it are pinned. */
export function kindOf({ slotHost }: Pick<Problem, "slotHost">, from: number, to: number): Job["kind"] {
  if (from === NOWHERE) return "start";
  if (to === NOWHERE) return "stop";
  return slotHost[from] === slotHost[to] ? "repin" : "migrate";
}

/** For each job, the jobs that have ended before it begins. */
function predecessors({ vms }: Compiled, { seq = [], precedence = [] }: ScheduleOptions, jobs: readonly Job[]): Set<number>[] {
  const indexOf = new Map(vms.map(({ name }, vm) => [name, vm]));
  const jobOf = new Map(jobs.map(({ vm }, job) => [vm, job]));
  const jobsNamed = (names: readonly string[]): number[] => names.flatMap((name) => jobOf.get(indexOf.get(name) ?? NOWHERE) ?? []);
  const after = jobs.map(() => new Set<number>());
  for (const names of seq) {
    // Members without a job do not break the chain.
    const chain = jobsNamed(names);
    for (const [i, job] of chain.entries()) if (i > 0) after[job]?.add(chain[i - 1] ?? 0);
  }
  for (const { before, after: later } of precedence) {
    const first = jobsNamed(select(vms, before));
    for (const job of jobsNamed(select(vms, later))) for (const earlier of first) after[job]?.add(earlier);
  }
  return after;
}

/** When each VM's actions may be, for those of which something is said: its windows, cut off at its deadline. */
function spans({ vms }: Compiled, { windows = [], deadlines = [] }: ScheduleOptions): Map<number, readonly Span[]> {
  const indexOf = new Map(vms.map(({ name }, vm) => [name, vm]));
  const out = new Map<number, readonly Span[]>();
  const each = (selection: Parameters<typeof select>[1], change: (before: readonly Span[] | undefined) => readonly Span[]): void => {
    for (const name of select(vms, selection)) {
      const vm = indexOf.get(name) ?? 0;
      out.set(vm, change(out.get(vm)));
    }
  };
  for (const { vms: selection, fromSeconds = 0, untilSeconds } of windows) {
    each(selection, (before = []) => [...before, { fromMs: Math.round(fromSeconds * 1000), untilMs: untilSeconds === undefined ? Infinity : Math.round(untilSeconds * 1000) }]);
  }
  for (const { vms: selection, seconds } of deadlines) {
    const latestMs = Math.round(seconds * 1000);
    each(selection, (before = [{ fromMs: 0, untilMs: Infinity }]) => before.map(({ fromMs, untilMs }) => ({ fromMs, untilMs: Math.min(untilMs, latestMs) })));
  }
  return out;
}
