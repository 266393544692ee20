import { groupBy } from "../base/group-by.js";
import type { Action } from "./model.js";

/** A time at which something of a plan ends or begins. What ends comes first. */
export interface Moment {
  readonly seconds: number;
  readonly ending: readonly Action[];
  readonly starting: readonly Action[];
}

/** In the order of time. */
export function momentsOf(actions: readonly Action[]): Moment[] {
  const ending = groupBy(actions, endOf);
  const starting = groupBy(actions, ({ startSeconds }) => startSeconds);
  const all = [...new Set([...ending.keys(), ...starting.keys()])].sort((a, b) => a - b);
  return all.map((seconds) => ({ seconds, ending: ending.get(seconds) ?? [], starting: starting.get(seconds) ?? [] }));
}

/** In seconds, to a thousandth, as the starts of actions are. */
export function endOf({ startSeconds, durationSeconds }: Action): number {
  return Math.round((startSeconds + durationSeconds) * 1000) / 1000;
}
