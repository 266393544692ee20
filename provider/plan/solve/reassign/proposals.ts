import type { Random } from "../random.js";
import type { Reassignment } from "./problem.js";

/** VMs are classed by their size, as many in each class. */
const CLASSES = 16;
/** Among so many slots the classes' shares are dealt out; a power of two. */
const SLOTS = 1024;
/** A class of which nothing is accepted is tried as often as if this part were. */
const LEAST_RATE = 0.003;
/** How much of a class's rate of acceptance is kept when it is counted again, and from how many tries on it is. */
const KEPT_RATE = 0.8;
const ENOUGH_TRIES = 50;
/** How far a partner of like size is from a VM in the order of sizes, at most. */
const REACH = 32;

/**
 * Which VMs are tried. Sizes differ by orders of magnitude: at a temperature where the large ones find their places the small
 * ones go anywhere, and where it matters where the small ones are the large ones are stuck. So a class of sizes is tried the
 * more often, the less often its moves are accepted: in proportion to rate to the power of −3/4.
 */
export class Proposals {
  /** VMs from the smallest to the largest. */
  readonly #order: Int32Array;
  /** Place of each VM in the order. */
  readonly #rank: Int32Array;
  /** Place in the order of each class's first VM; one more at the end. */
  readonly #first: Int32Array;
  readonly #slots: Uint8Array;
  readonly #rate: Float64Array;
  readonly #tried: Float64Array;
  readonly #taken: Float64Array;
  readonly #random: Random;
  /** Class of the VM that was chosen last. */
  #class = 0;

  constructor(problem: Reassignment, random: Random) {
    const { vmCount } = problem;
    const classes = Math.max(1, Math.min(CLASSES, vmCount));
    const size = sizes(problem);
    this.#order = Int32Array.from(size.keys()).sort((a, b) => (size[a] ?? 0) - (size[b] ?? 0) || a - b);
    this.#rank = new Int32Array(vmCount);
    for (const [place, vm] of this.#order.entries()) this.#rank[vm] = place;
    this.#first = Int32Array.from({ length: classes + 1 }, (_, c) => Math.floor(c * vmCount / classes));
    this.#slots = new Uint8Array(SLOTS);
    this.#rate = new Float64Array(classes).fill(1);
    this.#tried = new Float64Array(classes);
    this.#taken = new Float64Array(classes);
    this.#random = random;
    this.retune();
  }

  /** A VM to be moved. */
  vm(): number {
    const sizeClass = this.#slots[this.#random.below(SLOTS)] ?? 0;
    const first = this.#first[sizeClass] ?? 0;
    this.#class = sizeClass;
    this.#tried[sizeClass] = (this.#tried[sizeClass] ?? 0) + 1;
    return this.#order[first + this.#random.below((this.#first[sizeClass + 1] ?? 0) - first)] ?? 0;
  }

  /** A VM of about the same size: where hosts are full the large ones can but change places. */
  like(vm: number): number {
    const place = (this.#rank[vm] ?? 0) + this.#random.below(2 * REACH + 1) - REACH;
    return this.#order[Math.max(0, Math.min(this.#order.length - 1, place))] ?? 0;
  }

  /** The move of the VM that {@link vm} gave was accepted. */
  accepted(): void {
    this.#taken[this.#class] = (this.#taken[this.#class] ?? 0) + 1;
  }

  /** Deals the slots out anew, by what was accepted since. */
  retune(): void {
    const share = this.#rate.map((_, c) => rarity(this.#measure(c) + LEAST_RATE));
    const all = share.reduce((sum, one) => sum + one, 0);
    let sum = 0;
    let slot = 0;
    for (const [c, one] of share.entries()) {
      sum += one;
      for (const end = Math.round(SLOTS * sum / all); slot < end; slot += 1) this.#slots[slot] = c;
    }
  }

  #measure(c: number): number {
    const tried = this.#tried[c] ?? 0;
    const before = this.#rate[c] ?? 1;
    if (tried < ENOUGH_TRIES) return before;
    const rate = KEPT_RATE * before + (1 - KEPT_RATE) * (this.#taken[c] ?? 0) / tried;
    this.#rate[c] = rate;
    this.#tried[c] = 0;
    this.#taken[c] = 0;
    return rate;
  }
}

/** rate^(−3/4), by roots, which are the same to the last bit on every machine, as powers are not. */
function rarity(rate: number): number {
  const root = Math.sqrt(rate);
  return 1 / (root * Math.sqrt(root));
}

/** What each VM's demand costs where it is all above the safety capacity. */
function sizes({ vmCount, resourceCount, demand, loadWeight }: Reassignment): Float64Array {
  const size = new Float64Array(vmCount);
  for (const [i, amount] of demand.entries()) {
    const vm = Math.floor(i / resourceCount);
    size[vm] = (size[vm] ?? 0) + amount * (loadWeight[i % resourceCount] ?? 0);
  }
  return size;
}
