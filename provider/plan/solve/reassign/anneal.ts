import { Random } from "../random.js";
import { OverPrice } from "./over-price.js";
import type { Reassignment } from "./problem.js";
import { Proposals } from "./proposals.js";
import { ReassignmentState } from "./state.js";
import { geometric, THRESHOLD, THRESHOLDS } from "./thresholds.js";

/** Steps of the temperature, from the first to the last. */
export const STEPS = 1024;

/** Steps at the end in which it gets cold: what is left of overfull hosts and of small costs is cleared up. */
const LAST_STEPS = 64;

/** First temperature, and the one before the last steps, in what an average VM's demand in one resource costs. */
const HOTTEST = 8;
const COLDEST = 0.04;

/** It gets no colder than in this step where a host has been overfull for so many steps: others could not make room any more. */
const TIGHT_STEP = 750;
const STUCK_STEPS = 24;
/** So many steps warmer again each time that the highest price was in vain. */
const WARMER_STEPS = 96;
/**
 * Where a host is still overfull at this step, and what was found that fits costs so many times as much, it goes on from that,
 * warm again, and lets no host be overfull any more.
 */
const STRICT_STEP = 880;
const STRICT_WARMTH = 600;
const MUCH_DEARER = 1.05;

const STRICT_PENALTY = 1e12;

/** Of 16 moves, 8 are shifts, one of them home; of the swaps so many are with a VM of like size, and the others with any. */
const KINDS = 16;
const LIKE_SWAPS = 4;

/**
 * One stream of the search: simulated annealing with shifts and swaps. Its seed decides all that it does.
 *
 * A host may be overfull on the way, at a price (`over-price.ts`) that leaves none in the end: where resources are held on both sides of a move,
 * most good assignments can not be reached one permitted move after another. All other hard rules hold at all times.
 */
export class Annealing {
  readonly state: ReassignmentState;
  bestCost: number;
  readonly best: Int32Array;
  /** Moves that were looked at. */
  evaluated = 0;
  readonly #random: Random;
  readonly #temperatures: Float64Array;
  readonly #price: OverPrice;
  readonly #proposals: Proposals;
  #isStrict = false;
  /** Is the present assignment the best, and not yet written down? */
  #isUnsaved = false;

  constructor(problem: Reassignment, seed: number) {
    const scale = Math.max(1, averageCost(problem));
    const unit = Math.max(1, ...problem.loadWeight);
    this.#price = new OverPrice(unit);
    this.state = new ReassignmentState(problem, problem.origin, this.#price.value);
    this.best = Int32Array.from(problem.origin);
    this.bestCost = this.state.over === 0 ? this.state.cost : Infinity;
    this.#random = new Random(seed);
    this.#proposals = new Proposals(problem, this.#random);
    this.#temperatures = new Float64Array(STEPS);
    this.#temperatures.set(geometric(HOTTEST * scale, COLDEST * scale, STEPS).subarray(0, STEPS));
    const cold = this.#temperatures[STEPS - LAST_STEPS] ?? 1;
    this.#temperatures.set(geometric(cold, Math.min(1, cold), LAST_STEPS).subarray(1), STEPS - LAST_STEPS);
  }

  /** What the present assignment costs with what hosts have too much. */
  get score(): number {
    return this.state.cost + this.state.penalty * this.state.over;
  }

  /** Looks at so many moves, the temperature going from one step to before another. */
  run(moves: number, firstStep: number, endStep: number): void {
    const steps = Math.max(1, endStep - firstStep);
    for (let step = firstStep; step < firstStep + steps; step += 1) {
      if (step >= STRICT_STEP && !this.#isStrict && this.#isLost()) this.#beginStrictly();
      const temperature = this.#temperatures[this.#warmth(step)] ?? 0;
      this.#proposals.retune();
      this.#search(Math.ceil(moves / steps), temperature);
      if (endStep === firstStep || this.#isStrict) continue;
      this.#price.steer(this.state.over, temperature, step / STEPS);
      this.state.penalty = this.#price.value;
    }
  }

  /** The step whose temperature it has. */
  #warmth(step: number): number {
    const last = Math.min(step, STEPS - 1);
    if (this.#isStrict) return Math.min(STEPS - 1, Math.round(STRICT_WARMTH + (step - STRICT_STEP) * (STEPS - STRICT_WARMTH) / (STEPS - STRICT_STEP)));
    return this.#price.tooMuch > STUCK_STEPS ? Math.max(0, Math.min(last, TIGHT_STEP - WARMER_STEPS * this.#price.vain)) : last;
  }

  #isLost(): boolean {
    return this.state.over > 0 && this.bestCost > this.state.cost * MUCH_DEARER;
  }

  #beginStrictly(): void {
    this.#isStrict = true;
    this.state.moveTo(this.best);
    // More than anything can save, and yet a number: what is overfull at the origin may become less.
    this.state.penalty = STRICT_PENALTY;
  }

  /** Goes on from another stream's assignment. */
  adopt(hosts: Int32Array, penalty: number): void {
    this.#save();
    this.state.moveTo(hosts);
    this.#price.value = penalty;
    this.state.penalty = penalty;
    this.#note();
  }

  #search(moves: number, temperature: number): void {
    const { state } = this;
    const { vmCount, hostCount, origin } = state.problem;
    if (vmCount === 0) return;
    const random = this.#random;
    const proposals = this.#proposals;
    const { hostOf } = state;
    for (let i = 0; i < moves; i += 1) {
      const limit = temperature * (THRESHOLD[random.below(THRESHOLDS)] ?? 0);
      const vm = proposals.vm();
      const kind = i % KINDS;
      if ((kind & 1) === 0) {
        // Whoever is elsewhere than he was is often tried at home, where he takes nothing that is not held for him.
        const to = kind === 0 ? (origin[vm] ?? 0) : random.below(hostCount);
        if (to === hostOf[vm]) continue;
        this.evaluated += 1;
        const delta = state.shiftDelta(vm, to, limit);
        if (delta > limit) continue;
        this.#save();
        state.shift(vm, to);
      } else {
        const other = kind < 2 * LIKE_SWAPS ? proposals.like(vm) : random.below(vmCount);
        if (hostOf[other] === hostOf[vm]) continue;
        this.evaluated += 1;
        const delta = state.swapDelta(vm, other, limit);
        if (delta > limit) continue;
        this.#save();
        state.swap(vm, other);
      }
      proposals.accepted();
      this.#note();
    }
    this.#save();
  }

  #note(): void {
    if (this.state.over !== 0 || this.state.cost >= this.bestCost) return;
    this.bestCost = this.state.cost;
    this.#isUnsaved = true;
  }

  /** The best is written down only when it is left. */
  #save(): void {
    if (!this.#isUnsaved) return;
    this.best.set(this.state.hostOf);
    this.#isUnsaved = false;
  }
}

/** What a VM's demand in one resource costs on average where it is all above the safety capacity. */
function averageCost({ demand, loadWeight, resourceCount }: Reassignment): number {
  let sum = 0;
  for (const [i, amount] of demand.entries()) sum += amount * (loadWeight[i % resourceCount] ?? 0);
  return sum / Math.max(1, demand.length);
}
