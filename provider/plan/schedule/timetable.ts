import type { Setting } from "./setting.js";

/** When each job begins and ends, and with how much of the links; what does not begin has the start −1. */
export interface Timetable {
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** 0 for what is no move. */
  readonly mbps: Float64Array;
  /** Jobs in the order in which they begin. */
  readonly sequence: readonly number[];
  /** Jobs that found no moment. */
  readonly stuck: readonly number[];
  readonly makespanMs: number;
  /** Sum of the ends. */
  readonly endsMs: number;
}

/** Which of two is better: fewer without a moment, then what was asked for, then the other. Negative where `a` is. */
export function compareTimetables({ objective }: Pick<Setting, "objective">, a: Timetable, b: Timetable): number {
  const stuck = a.stuck.length - b.stuck.length;
  if (stuck !== 0) return stuck;
  const [span, ends] = [a.makespanMs - b.makespanMs, a.endsMs - b.endsMs];
  return objective === "makespan" ? span || ends : ends || span;
}
