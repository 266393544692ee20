import { messageOf } from "../base/error.js";

/** One step of a plan: begun when the steps that it comes after have ended well. */
export interface Step {
  /** Indexes of steps that come before. */
  readonly after: readonly number[];
}

/** What became of the steps, by their indexes. */
export interface Outcome {
  readonly done: readonly number[];
  readonly failed: readonly { readonly index: number; readonly error: Error }[];
  /** Not begun, for a step before it failed or the operator cancelled. */
  readonly skipped: readonly number[];
}

/**
 * Carries steps out in their order, as many at a time as their order allows. A step that fails stops those that come after it
 * and no others; once `signal` is aborted no further step begins.
 *
 * @example const { failed } = await carryOut(moves, (move) => moveDomain(move), ctx.signal);
 */
export async function carryOut<T extends Step>(steps: readonly T[], run: (step: T) => Promise<void>, signal: AbortSignal): Promise<Outcome> {
  const ends = new Map<number, Promise<boolean>>();
  const failed: { index: number; error: Error }[] = [];
  const skipped: number[] = [];
  const end = (index: number): Promise<boolean> => {
    const known = ends.get(index);
    if (known !== undefined) return known;
    const promise = carried(index);
    ends.set(index, promise);
    return promise;
  };
  const carried = async (index: number): Promise<boolean> => {
    const step = steps[index];
    if (step === undefined) return true;
    const before = await Promise.all(step.after.map(end));
    if (before.includes(false) || signal.aborted) {
      skipped.push(index);
      return false;
    }
    try {
      await run(step);
      return true;
    } catch (error) {
      failed.push({ index, error: error instanceof Error ? error : new Error(messageOf(error)) });
      return false;
    }
  };
  const ok = await Promise.all(steps.map((_, index) => end(index)));
  return { done: ok.flatMap((isDone, index) => (isDone ? [index] : [])), failed, skipped: skipped.sort((a, b) => a - b) };
}
