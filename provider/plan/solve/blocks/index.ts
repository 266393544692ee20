import { Random } from "../random.js";
import { annealBlocks } from "./anneal.js";
import { choosePatterns } from "./choose.js";
import { movesOf } from "./match.js";
import { patternsOf } from "./patterns.js";
import { pricesOf } from "./prices.js";
import type { BlockMove, BlockProblem } from "./problem.js";
import { shapeOf } from "./shape.js";

export type { BlockCell, BlockMove, BlockPart, BlockProblem, BlockVm } from "./problem.js";

export interface BlockOptions {
  /** Changes that are tried in all. */
  readonly tries: number;
  /** Rounds of the search for prices. Default 400. */
  readonly priceRounds?: number;
  readonly seed: number;
}

export interface Blocks {
  readonly moves: readonly BlockMove[];
  /** Whole blocks at the end. */
  readonly blocks: number;
  /** No assignment has more, with as many moves. */
  readonly bound: number;
}

/** By how much a host's pattern may be worse than its best, beyond what the bound leaves: little first, often enough to find what is rare, then more. */
const SLACKS = [0.02, 0.02, 0.02, 0.02, 0.1, 0.3, 1];

/**
 * Moves after which as many blocks are free as was found, and the most that are possible.
 *
 * What comes to a cell fits into what it had free before anything left: so each move can be made whatever the order of the moves,
 * and several side by side. A VM does not move within its host.
 */
export function freeBlocks(problem: BlockProblem, { tries, priceRounds = 400, seed }: BlockOptions): Blocks {
  const random = new Random(seed);
  const now = blocksAfter(problem, []);
  const most = Math.floor(problem.cells.reduce((sum, { freeCores }) => sum + freeCores, 0) / problem.block);
  const shape = shapeOf(problem);
  let best: Blocks = { moves: [], blocks: now, bound: most };
  if (shape !== undefined) {
    const prices = pricesOf(shape, priceRounds);
    const enough = Math.min(most - now, Math.floor(prices.bound + 1e-6));
    best = { ...best, bound: now + enough };
    for (const slack of SLACKS) {
      if (best.blocks >= best.bound) break;
      const patterns: ReturnType<typeof patternsOf>[] = [];
      for (const host of shape.classes) {
        const own = patternsOf(shape, host, prices, Math.max(0, prices.bound - enough) + slack);
        for (const h of host.hosts) patterns[h] = own;
      }
      const choice = choosePatterns(shape, patterns, prices, random, tries / (SLACKS.length + 1), enough);
      if (choice !== undefined) best = better(problem, best, movesOf(problem, shape, choice.patterns));
    }
  }
  return better(problem, best, annealBlocks(problem, random, tries / (SLACKS.length + 1)));
}

/** Whichever has more blocks; of as many, whichever needs fewer moves. */
function better(problem: BlockProblem, best: Blocks, found: readonly BlockMove[]): Blocks {
  const blocks = blocksAfter(problem, found);
  if (blocks < best.blocks) return best;
  // Each move can be left out, for none needs the room that another makes.
  let moves = found;
  for (const move of found) {
    const without = moves.filter((other) => other !== move);
    if (blocksAfter(problem, without) === blocks) moves = without;
  }
  return blocks > best.blocks || moves.length < best.moves.length ? { ...best, moves, blocks } : best;
}

function blocksAfter({ cells, vms, block }: BlockProblem, moves: readonly BlockMove[]): number {
  const free = cells.map(({ freeCores }) => freeCores);
  for (const { vm, cells: to } of moves) {
    for (const [p, { cell, cores }] of (vms[vm]?.parts ?? []).entries()) {
      const target = to[p] ?? cell;
      free[cell] = (free[cell] ?? 0) + cores;
      free[target] = (free[target] ?? 0) - cores;
    }
  }
  return free.reduce((sum, cores) => sum + Math.floor(cores / block), 0);
}
