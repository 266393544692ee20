import type { Prices } from "./prices.js";
import type { HostClass, Shape } from "./shape.js";

/** What a host may give and take: VMs of each size, out (above 0) or in (below 0). */
export interface Pattern {
  /** On each of its cells; VMs of both cells are in the first. */
  readonly cells: readonly [Int8Array, Int8Array];
  /** Sum over the cells. */
  readonly out: Int8Array;
  readonly moves: number;
  /** Blocks that there are more at the end. */
  readonly gain: number;
  /** The gain at the prices, without those of the moves and VMs. */
  readonly value: number;
}

/** The most VMs that leave a cell, and that are of both cells and leave a host or come to it. */
const MOST_OUT = 6;
const MOST_DOUBLES = 2;

interface CellPattern {
  readonly x: Int8Array;
  readonly moves: number;
  readonly gain: number;
  readonly value: number;
}

/**
 * Patterns of a class that are at these prices no more than `slack` worse than its best, the best first; to do nothing is always
 * one of them. What comes to a cell fits into what it has free before anything leaves.
 */
export function patternsOf(shape: Shape, host: HostClass, prices: Prices, slack: number): Pattern[] {
  const none = new Int8Array(shape.sizes.length);
  const parts = doublesOf(shape, host, prices).map((double) => ({ double, first: cellPatterns(shape, host, 0, double, prices), second: cellPatterns(shape, host, 1, double, prices) }));
  const best = parts.reduce((most, { double, first, second }) => Math.max(most, double.value + (first[0]?.value ?? -Infinity) + (second[0]?.value ?? -Infinity)), 0);
  // Of patterns that give and take the same with as many moves only the best is needed.
  const found = new Map<string, Pattern>([[`${none.join()} 0`, { cells: [none, none], out: none, moves: 0, gain: 0, value: 0 }]]);
  for (const { double, first, second } of parts) {
    for (const a of first) {
      if (double.value + a.value + (second[0]?.value ?? -Infinity) < best - slack) break;
      for (const b of second) {
        const value = double.value + a.value + b.value;
        if (value < best - slack) break;
        const cells = [a.x.map((x, size) => x + (double.x[size] ?? 0)), b.x] as const;
        const out = cells[0].map((x, size) => x + (b.x[size] ?? 0));
        const moves = double.moves + a.moves + b.moves;
        const key = `${out.join()} ${moves}`;
        if ((found.get(key)?.value ?? -Infinity) < value) found.set(key, { cells, out, moves, gain: a.gain + b.gain, value });
      }
    }
  }
  return [...found.values()].sort((a, b) => b.value - a.value);
}

interface DoublePattern {
  readonly x: Int8Array;
  readonly moves: number;
  readonly value: number;
  /** Units that come to each cell, and by how much its free ones change. */
  readonly taken: number;
  readonly shift: number;
}

function doublesOf(shape: Shape, host: HostClass, prices: Prices): DoublePattern[] {
  let all: DoublePattern[] = [{ x: new Int8Array(shape.sizes.length), moves: 0, value: 0, taken: 0, shift: 0 }];
  for (const [size, { units, isDouble }] of shape.sizes.entries()) {
    if (!isDouble || units === 0) continue;
    all = all.flatMap((sofar) => {
      const used = sofar.x.reduce((sum, x) => sum + Math.abs(x), 0);
      const next: DoublePattern[] = [];
      for (let x = host.takes ? used - MOST_DOUBLES : 0; x <= Math.min(MOST_DOUBLES - used, host.count[0][size] ?? 0); x += 1) {
        const taken = sofar.taken + Math.max(0, -x) * units;
        if (taken > host.free[0] || taken > host.free[1]) continue;
        const moves = Math.max(0, x);
        const counts = Int8Array.from(sofar.x);
        counts[size] = x;
        next.push({ x: counts, moves: sofar.moves + moves, value: sofar.value - (prices.size[size] ?? 0) * x - prices.move * moves, taken, shift: sofar.shift + x * units });
      }
      return next;
    });
  }
  return all;
}

/** What VMs of one cell may do to a cell, the best first. */
function cellPatterns({ block, sizes }: Shape, host: HostClass, cell: 0 | 1, { taken, shift }: DoublePattern, prices: Prices): CellPattern[] {
  const free = host.free[cell];
  const blocks = Math.floor(free / block);
  const found: CellPattern[] = [];
  const x = new Int8Array(sizes.length);
  const singles = [...sizes.keys()].filter((size) => sizes[size]?.isDouble === false && sizes[size].units > 0);
  const extend = (index: number, end: number, room: number, moves: number, value: number): void => {
    const size = singles[index];
    if (size === undefined) {
      if (end < 0 || end > host.units[cell]) return;
      const gain = Math.floor(end / block) - blocks;
      found.push({ x: Int8Array.from(x), moves, gain, value: value + gain });
      return;
    }
    const units = sizes[size]?.units ?? 1;
    const most = Math.min(host.count[cell][size] ?? 0, MOST_OUT - moves);
    for (let count = host.takes ? -Math.floor(room / units) : 0; count <= most; count += 1) {
      x[size] = count;
      const out = Math.max(0, count);
      extend(index + 1, end + count * units, room - Math.max(0, -count) * units, moves + out, value - (prices.size[size] ?? 0) * count - prices.move * out);
    }
    x[size] = 0;
  };
  extend(0, free + shift, free - taken, 0, 0);
  return found.sort((a, b) => b.value - a.value);
}
