import type { Inventory, PlanVm } from "../model.js";
import { DEFAULT_MODEL, moveTime, type DurationModel } from "./duration.js";

/** A move that was measured. */
export interface MeasuredMove {
  readonly vm: PlanVm;
  readonly mbps: number;
  readonly seconds: number;
}

/** Fewer moves say how fast the link is, and no more. */
const FEWEST_FOR_ALL = 6;
const STEPS = { linkShare: 0.08, fixedSeconds: 2, dirtyShare: 0.4 };
/** Models that are looked at first; from the best of them the search goes on. */
const GRID: readonly DurationModel[] = [0.5, 0.6, 0.7, 0.8, 0.9, 1].flatMap((linkShare) => [0, 2, 4, 8].flatMap((fixedSeconds) => [0, 0.5, 1, 1.5].map((dirtyShare) => ({ linkShare, fixedSeconds, dirtyShare }))));
const MOST_STARTS = 6;
/** Each time the steps are halved. */
const HALVINGS = 7;
/** Of one size of step. The pattern search ends by itself long before. */
const MOST_ROUNDS = 200;

/**
 * The model whose mean relative error over measured moves is least: `|predicted − measured| / measured`, which a move that went
 * wrong and took three times as long does not pull about as a square would. A pattern search from the default model and the best
 * of a grid, with steps that are halved.
 *
 * @returns the default model where nothing was measured
 * @example calibrate([{ vm, mbps: 1000, seconds: 41.2 }]).linkShare // 0.86
 */
export function calibrate(moves: readonly MeasuredMove[]): DurationModel {
  const usable = moves.filter(({ mbps, seconds }) => mbps > 0 && seconds > 0);
  if (usable.length === 0) return DEFAULT_MODEL;
  const byError = usable.length < FEWEST_FOR_ALL ? [] : GRID.map((model) => ({ model, error: meanError(usable, model) })).sort((x, y) => x.error - y.error);
  const starts = [DEFAULT_MODEL, ...byError.slice(0, MOST_STARTS).map(({ model }) => model)];
  let best = DEFAULT_MODEL;
  for (const start of starts) {
    const found = descend(start, usable);
    if (meanError(usable, found) < meanError(usable, best)) best = found;
  }
  return best;
}

/** The model for an inventory: fitted to its past moves, where it has any. */
export function durationModelOf({ vms, schedule }: Inventory): DurationModel {
  const byName = new Map(vms.map((vm) => [vm.name, vm]));
  return calibrate((schedule?.calibration ?? []).flatMap(({ vm: name, mbps, seconds }) => {
    const vm = byName.get(name);
    return vm === undefined ? [] : [{ vm, mbps, seconds }];
  }));
}

/** Mean of `|predicted − measured| / measured`. */
export function meanError(moves: readonly MeasuredMove[], model: DurationModel): number {
  let sum = 0;
  for (const { vm, mbps, seconds } of moves) sum += Math.abs(moveTime(vm, mbps, model).seconds - seconds) / seconds;
  return sum / moves.length;
}

function descend(start: DurationModel, moves: readonly MeasuredMove[]): DurationModel {
  const directions = moves.length < FEWEST_FOR_ALL ? LINK_ONLY : ALL;
  let model = start;
  let error = meanError(moves, model);
  for (let halving = 0, size = 1; halving <= HALVINGS; halving += 1, size /= 2) {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const before = error;
      for (const [link, fixed, dirty] of directions) {
        const next = {
          linkShare: within(model.linkShare + link * size * STEPS.linkShare, 0.05, 1),
          fixedSeconds: within(model.fixedSeconds + fixed * size * STEPS.fixedSeconds, 0, 60),
          dirtyShare: within(model.dirtyShare + dirty * size * STEPS.dirtyShare, 0, 4),
        };
        const its = meanError(moves, next);
        if (its >= error) continue;
        model = next;
        error = its;
      }
      if (error === before) break;
    }
  }
  return model;
}

const SIGNS = [-1, 0, 1];
const ALL = SIGNS.flatMap((link) => SIGNS.flatMap((fixed) => SIGNS.map((dirty) => [link, fixed, dirty] as const)));
const LINK_ONLY = SIGNS.map((link) => [link, 0, 0] as const);

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
