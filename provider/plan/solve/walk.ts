/**
 * Searches over sequences of single steps, for a goal that is one number: the least cost with at most so many steps.
 *
 * Every step of a sequence can be carried out when it is its turn, because it is offered by the world as it is then: there is
 * no order to be found afterwards.
 */
import { Random } from "./random.js";

/** A world that single steps change. The same steps from the same start lead to the same world. */
export interface Walk<Step> {
  /** What is to be small, as things are. */
  cost(): number;
  /**
   * Tells each step that can be carried out as things are, with what the cost would be after it.
   * @param every only those of every so many of the things that are moved (default: of all), from the one with this number on
   */
  forEachStep(visit: (step: Step, costAfter: number) => void, every?: number, first?: number): void;
  /** Carries a step out; false, and nothing changed, where that is not possible as things are. */
  take(step: Step): boolean;
  /** Undoes the last step. */
  back(): void;
  /** The same text for worlds that are the same. */
  fingerprint(): string;
}

/** Steps in their order, and the cost after the last of them. */
export interface Sequence<Step> {
  readonly steps: readonly Step[];
  readonly cost: number;
}

export interface WalkOptions {
  /** The most steps of a sequence. */
  readonly mostSteps: number;
  /** How many steps may be looked at in all: what bounds the time, by a count that is the same on every machine. */
  readonly mostTried: number;
  readonly seed: number;
}

/** Costs nearer than this are the same: they are sums of fractions, which depend on their order in the last digits. */
const EPSILON = 1e-10;

/** The steepest way down: always the step after which the cost is least, for as long as `isWorth` says so. The walk stays at its end. */
export function descend<Step>(walk: Walk<Step>, mostSteps: number, isWorth: (before: number, after: number) => boolean = improves): Step[] {
  const steps: Step[] = [];
  while (steps.length < mostSteps) {
    const before = walk.cost();
    let best: Step | undefined;
    let least = before;
    walk.forEachStep((step, after) => {
      if (after < least) [best, least] = [step, after];
    });
    if (best === undefined || !isWorth(before, least) || !walk.take(best)) break;
    steps.push(best);
  }
  return steps;
}

function improves(before: number, after: number): boolean {
  return after < before - EPSILON;
}

/**
 * The best sequence of at most so many steps that is found: the steepest way down; then a beam, which follows many ways side
 * by side; then parts of the best are left out and found anew.
 * @param start a way that is known, instead of the steepest
 */
export function searchSteps<Step>(walk: Walk<Step>, options: WalkOptions, start?: readonly Step[]): Sequence<Step> {
  const counted = new Counted(walk);
  const taken = start === undefined ? descend(counted, options.mostSteps) : replay(walk, start.slice(0, options.mostSteps));
  let best: Sequence<Step> = { steps: taken, cost: walk.cost() };
  rewind(walk, taken.length);
  const before = counted.tried;
  walk.forEachStep(() => {
    counted.tried += 1;
  });
  const perStep = Math.max(1, counted.tried - before);
  const width = Math.min(MOST_WIDE, Math.floor(options.mostTried / 2 / perStep / Math.max(1, options.mostSteps)));
  if (width > 1) {
    const found = beam(counted, options.mostSteps, width);
    if (found.cost < best.cost - EPSILON) best = found;
  }
  return rebuild(counted, best, options, Math.max(1, Math.floor(perStep / PER_STEP)));
}

/** Where there are more steps than these to choose from, parts are rebuilt from a share of them, another one each time. */
const PER_STEP = 1000;

const MOST_WIDE = 400;
/** Of worlds that cost the same, which are mostly each other's mirror images, so many are followed. */
const MOST_ALIKE = 6;

interface Candidate<Step> {
  readonly parent: readonly Step[];
  readonly step: Step;
  readonly cost: number;
}

/** After each number of steps the best so many worlds are kept. Afterwards the walk is where it was. */
function beam<Step>(walk: Walk<Step>, mostSteps: number, width: number): Sequence<Step> {
  let best: Sequence<Step> = { steps: [], cost: walk.cost() };
  let front: readonly (readonly Step[])[] = [[]];
  const seen = new Set([walk.fingerprint()]);
  for (let depth = 1; depth <= mostSteps && front.length > 0; depth += 1) {
    const candidates: Candidate<Step>[] = [];
    for (const parent of front) {
      for (const step of parent) walk.take(step);
      const own: Candidate<Step>[] = [];
      walk.forEachStep((step, cost) => own.push({ parent, step, cost }));
      own.sort((a, b) => a.cost - b.cost);
      for (const candidate of own.slice(0, width)) candidates.push(candidate);
      rewind(walk, parent.length);
    }
    candidates.sort((a, b) => a.cost - b.cost);
    front = kept(walk, candidates, width, seen);
    const first = candidates[0];
    if (first !== undefined && first.cost < best.cost - EPSILON) best = { steps: [...first.parent, first.step], cost: first.cost };
  }
  return best;
}

/** The best candidates that lead to worlds that were not seen yet. */
function kept<Step>(walk: Walk<Step>, candidates: readonly Candidate<Step>[], width: number, seen: Set<string>): Step[][] {
  const front: Step[][] = [];
  let alike = 0;
  let last = NaN;
  for (const { parent, step, cost } of candidates) {
    if (front.length >= width) break;
    if (Math.abs(cost - last) > EPSILON) [alike, last] = [0, cost];
    if (alike >= MOST_ALIKE) continue;
    for (const taken of parent) walk.take(taken);
    walk.take(step);
    const print = walk.fingerprint();
    rewind(walk, parent.length + 1);
    if (seen.has(print)) continue;
    seen.add(print);
    front.push([...parent, step]);
    alike += 1;
  }
  return front;
}

/** Some steps of the best sequence are left out, those that then cannot be carried out too, and the way down is found anew from there. */
function rebuild<Step>(walk: Counted<Step>, start: Sequence<Step>, { mostSteps, mostTried, seed }: WalkOptions, every: number): Sequence<Step> {
  const random = new Random(seed);
  let best = start;
  for (let vain = 0; vain < MOST_VAIN * every && walk.tried < mostTried && best.steps.length > 0; vain += 1) {
    const without = new Set<number>();
    const most = Math.max(2, Math.min(every > 1 ? 2 : MOST_LEFT_OUT, best.steps.length));
    for (let count = 1 + random.below(most); count > 0; count -= 1) without.add(random.below(best.steps.length));
    const taken = replay(walk, best.steps.filter((_, index) => !without.has(index)));
    while (taken.length < mostSteps) {
      const step = randomStep(walk, random, every);
      if (step === undefined || !walk.take(step)) break;
      taken.push(step);
    }
    const cost = walk.cost();
    rewind(walk, taken.length);
    // Another way to the same cost is taken too: from there others may be found.
    if (cost > best.cost + EPSILON) continue;
    const isBetter = cost < best.cost - EPSILON || taken.length < best.steps.length;
    if (isBetter) vain = 0;
    if (isBetter || taken.length === best.steps.length) best = { steps: taken, cost };
  }
  return best;
}

/** Rounds without anything better after which no more are tried. */
const MOST_VAIN = 400;

const MOST_LEFT_OUT = 8;

/** Mostly the best step, sometimes one of those next to it; undefined where none makes the cost less. */
function randomStep<Step>(walk: Walk<Step>, random: Random, every: number): Step | undefined {
  const now = walk.cost();
  const best: { step: Step; cost: number }[] = [];
  walk.forEachStep((step, cost) => {
    const last = best[NEXT_BEST - 1];
    if (cost >= now - EPSILON || (last !== undefined && cost >= last.cost)) return;
    const at = best.findIndex((other) => cost < other.cost);
    best.splice(at < 0 ? best.length : at, 0, { step, cost });
    if (best.length > NEXT_BEST) best.pop();
  }, every, random.below(every));
  return best[random.below(2) === 0 ? 0 : random.below(best.length || 1)]?.step;
}

const NEXT_BEST = 6;

/** Takes those of the steps that can be taken; tells which. */
function replay<Step>(walk: Walk<Step>, steps: readonly Step[]): Step[] {
  return steps.filter((step) => walk.take(step));
}

function rewind<Step>(walk: Walk<Step>, count: number): void {
  for (let i = 0; i < count; i += 1) walk.back();
}

/** Counts the steps that are looked at. */
class Counted<Step> implements Walk<Step> {
  tried = 0;
  readonly #walk: Walk<Step>;

  constructor(walk: Walk<Step>) {
    this.#walk = walk;
  }

  cost(): number {
    return this.#walk.cost();
  }

  forEachStep(visit: (step: Step, costAfter: number) => void, every?: number, first?: number): void {
    this.#walk.forEachStep((step, costAfter) => {
      this.tried += 1;
      visit(step, costAfter);
    }, every, first);
  }

  take(step: Step): boolean {
    return this.#walk.take(step);
  }

  back(): void {
    this.#walk.back();
  }

  fingerprint(): string {
    return this.#walk.fingerprint();
  }
}
