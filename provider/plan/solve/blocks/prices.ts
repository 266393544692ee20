import type { HostClass, Shape } from "./shape.js";

/** What a VM of each size is worth where it is taken away, and what a move costs, in blocks; and what follows from these prices. */
export interface Prices {
  readonly size: Float64Array;
  readonly move: number;
  /** No solution has more blocks than there are now and so many: not a whole number. */
  readonly bound: number;
}

/**
 * Prices by Lagrange's relaxation, with an upper bound on the blocks that can be gained.
 *
 * A solution takes VMs of certain sizes out of each host's cells and puts VMs of certain sizes in. Two things couple the hosts: as
 * many VMs of a size come in as go out, and the moves are limited. Both get prices (λ for a VM of a size, μ for a move); then
 * each host by itself chooses what is best for it, exactly, by dynamic programming over what its cells have free at the end. For
 * any prices the sum of the hosts' best, and μ times the limit, is at least what any solution reaches; a subgradient descent
 * finds prices for which it is not much more. Memory, the order of the moves and that a VM leaves its host are not asked for,
 * which makes the bound larger or leaves it.
 */
export function pricesOf(shape: Shape, iterations: number): Prices {
  return new Relaxation(shape).descend(iterations);
}

class Relaxation {
  readonly #shape: Shape;
  /** What VMs of one cell, on either cell, and VMs of both cells can do to the hosts of each class; classes with the same VMs share it. */
  readonly #waysOf: readonly (readonly [Ways, Ways, Ways])[];
  readonly #ways = new Map<string, Ways>();

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#waysOf = shape.classes.map(({ count }) => [this.#waysFor(count[0], false), this.#waysFor(count[1], false), this.#waysFor(count[0], true)]);
  }

  #waysFor(count: Int32Array, isDouble: boolean): Ways {
    const { sizes, span } = this.#shape;
    const own = [...sizes.keys()].filter((size) => sizes[size]?.isDouble === isDouble && sizes[size].units > 0)
      // More than fit into a cell never leave it.
      .map((size) => ({ size, units: sizes[size]?.units ?? 1, most: Math.min(count[size] ?? 0, Math.floor(span / (sizes[size]?.units ?? 1))) }));
    const key = `${String(isDouble)} ${own.map(({ most }) => most).join()}`;
    const ways = this.#ways.get(key) ?? new Ways(span, own);
    this.#ways.set(key, ways);
    return ways;
  }

  descend(iterations: number): Prices {
    const { sizes, classes, mostMoves, block } = this.#shape;
    // To begin with, about what it is worth to have the VM's cores free, less what is left over.
    const prices = Float64Array.from(sizes, ({ units, isDouble }) => Math.max(0, ((isDouble ? 2 : 1) * units) / block - 0.5));
    let movePrice = 0.5;
    let best: Prices = { size: Float64Array.from(prices), move: movePrice, bound: Infinity };
    let step = FIRST_STEP;
    let vain = 0;
    const slope = new Float64Array(sizes.length);
    for (let i = 0; i < iterations && step > LAST_STEP; i += 1) {
      slope.fill(0);
      let value = movePrice * mostMoves;
      let moves = 0;
      for (const ways of this.#ways.values()) ways.compute(prices, movePrice);
      for (const [index, host] of classes.entries()) {
        const ways = this.#waysOf[index];
        if (ways === undefined) continue;
        const choice = this.#best(host, ways, slope);
        value += host.hosts.length * choice.value;
        moves += host.hosts.length * choice.moves;
      }
      vain = value < best.bound - 1e-4 ? 0 : vain + 1;
      if (value < best.bound) best = { size: Float64Array.from(prices), move: movePrice, bound: value };
      if (vain > MOST_VAIN) [step, vain] = [step * 0.7, 0];
      // A size that goes out more often than it comes in becomes dearer; the step is along the slope, scaled to its length.
      const length = Math.sqrt(slope.reduce((sum, x) => sum + x * x, (moves - mostMoves) * (moves - mostMoves)));
      if (length === 0) break;
      for (let s = 0; s < prices.length; s += 1) prices[s] = (prices[s] ?? 0) + (step * (slope[s] ?? 0)) / length;
      movePrice = Math.max(0, movePrice + (step * (moves - mostMoves)) / length);
    }
    return best;
  }

  /** What a host gains most at these prices; what it gives and takes for that is added to the slope, for each host of the class. */
  #best(host: HostClass, [first, second, both]: readonly [Ways, Ways, Ways], slope: Float64Array): { readonly value: number; readonly moves: number } {
    const { span } = this.#shape;
    let value = -Infinity;
    let [shiftOfBest, changeOfFirst, changeOfSecond] = [0, 0, 0];
    for (let shift = -span; shift <= span; shift += 1) {
      const doubles = both.value[shift + span] ?? -Infinity;
      if (doubles === -Infinity) continue;
      const a = this.#bestEnd(host, 0, shift, first.value);
      const b = this.#bestEnd(host, 1, shift, second.value);
      const sum = doubles + this.#gain(host, 0, shift, first.value, a) + this.#gain(host, 1, shift, second.value, b);
      if (sum <= value) continue;
      value = sum;
      [shiftOfBest, changeOfFirst, changeOfSecond] = [shift, a - host.free[0] - shift, b - host.free[1] - shift];
    }
    const times = host.hosts.length;
    return { value, moves: first.trace(changeOfFirst, times, slope) + second.trace(changeOfSecond, times, slope) + both.trace(shiftOfBest, times, slope) };
  }

  /** What a cell has free at best, where VMs of both cells have shifted it. */
  #bestEnd(host: HostClass, cell: 0 | 1, shift: number, ways: Float64Array): number {
    let best = 0;
    let value = -Infinity;
    for (let end = 0; end <= host.units[cell]; end += 1) {
      const gain = this.#gain(host, cell, shift, ways, end);
      if (gain > value) [value, best] = [gain, end];
    }
    return best;
  }

  #gain(host: HostClass, cell: 0 | 1, shift: number, ways: Float64Array, end: number): number {
    const { block, span } = this.#shape;
    const free = host.free[cell];
    return (ways[end - free - shift + span] ?? -Infinity) + Math.floor(end / block) - Math.floor(free / block);
  }
}

const FIRST_STEP = 0.05;
const LAST_STEP = 1e-4;
const MOST_VAIN = 15;

/** For each change of free units the most that VMs of some sizes bring which make it, and how many of which size. */
class Ways {
  /** By change + span. */
  readonly value: Float64Array;
  readonly #span: number;
  readonly #sizes: readonly { readonly size: number; readonly units: number; readonly most: number }[];
  readonly #count: readonly Int8Array[];

  constructor(span: number, sizes: readonly { readonly size: number; readonly units: number; readonly most: number }[]) {
    this.#span = span;
    this.#sizes = sizes;
    this.value = new Float64Array(2 * span + 1);
    this.#count = sizes.map(() => new Int8Array(2 * span + 1));
  }

  compute(prices: Float64Array, movePrice: number): void {
    const span = this.#span;
    const { value } = this;
    value.fill(-Infinity);
    value[span] = 0;
    const last = new Float64Array(2 * span + 1);
    for (const [depth, { size, units, most }] of this.#sizes.entries()) {
      const count = this.#count[depth];
      if (count === undefined) continue;
      last.set(value);
      value.fill(-Infinity);
      const price = prices[size] ?? 0;
      for (let x = -Math.floor(span / units); x <= most; x += 1) {
        const gain = -price * x - (x > 0 ? movePrice * x : 0);
        const end = Math.min(2 * span, 2 * span + x * units);
        for (let to = Math.max(0, x * units); to <= end; to += 1) {
          const sum = (last[to - x * units] ?? 0) + gain;
          if (sum <= (value[to] ?? 0)) continue;
          value[to] = sum;
          count[to] = x;
        }
      }
    }
  }

  /** Adds what a change consists of, so many times; tells the moves of one. */
  trace(change: number, times: number, slope: Float64Array): number {
    let at = change + this.#span;
    let moves = 0;
    for (let depth = this.#sizes.length - 1; depth >= 0; depth -= 1) {
      const { size = 0, units = 0 } = this.#sizes[depth] ?? {};
      const x = this.#count[depth]?.[at] ?? 0;
      slope[size] = (slope[size] ?? 0) + times * x;
      moves += Math.max(0, x);
      at -= x * units;
    }
    return moves;
  }
}
