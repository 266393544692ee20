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
  const spans = spansOf(compiled, options);
  const after = predecessors(compiled, options, jobs);
  return jobs.map((job, index) => {
    const windows = spans.get(job.vm);
    return { ...job, after: [...(after[index] ?? [])].sort((a, b) => a - b), ...(windows === undefined ? {} : { windows }) };
  });
}

/** What is to be done between two slots. Nothing migrates from a host to itself: other cells of it are pinned. */
export function kindOf({ slotHost }: Pick<Problem, "slotHost">, from: number, to: number): Job["kind"] {
  if (from === NOWHERE) return "start";
  if (to === NOWHERE) return "stop";
  return slotHost[from] === slotHost[to] ? "repin" : "migrate";
}

/**
 * Of which VMs all is done before anything is done to which others, as pairs.
 * @param hasJob whether anything is to be done to a VM: those to which nothing is do not break a sequence
 */
export function ordersOf({ vms }: Compiled, { seq = [], precedence = [] }: ScheduleOptions, hasJob: (vm: number) => boolean): (readonly [before: number, after: number])[] {
  const indexOf = new Map(vms.map(({ name }, vm) => [name, vm]));
  const named = (names: readonly string[]): number[] => names.flatMap((name) => indexOf.get(name) ?? []).filter(hasJob);
  const all = [
    ...seq.flatMap((names) => named(names).flatMap((after, i, chain) => chain.slice(Math.max(0, i - 1), i).map((before) => [before, after] as const))),
    ...precedence.flatMap(({ before, after }) => named(select(vms, before)).flatMap((first) => named(select(vms, after)).map((second) => [first, second] as const))),
  ];
  // Who is on both sides does not wait for itself.
  return all.filter(([before, after]) => before !== after);
}

/** For each job, the jobs that have ended before it begins. */
function predecessors(compiled: Compiled, options: ScheduleOptions, jobs: readonly Job[]): Set<number>[] {
  const jobOf = new Map(jobs.map(({ vm }, job) => [vm, job]));
  const after = jobs.map(() => new Set<number>());
  for (const [first, second] of ordersOf(compiled, options, (vm) => jobOf.has(vm))) {
    const [earlier, later] = [jobOf.get(first), jobOf.get(second)];
    if (earlier !== undefined && later !== undefined) after[later]?.add(earlier);
  }
  return after;
}

/** When each VM's actions may be, for those of which something is said: its windows, cut off at its deadline. */
export function spansOf({ vms }: Compiled, { windows = [], deadlines = [] }: ScheduleOptions): Map<number, readonly Span[]> {
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
