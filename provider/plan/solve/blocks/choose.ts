import type { Random } from "../random.js";
import type { Pattern } from "./patterns.js";
import type { Prices } from "./prices.js";
import type { Shape } from "./shape.js";
import { threshold } from "./threshold.js";

/** What it costs, in blocks, that one more VM of a size goes out than comes in, and that there is a move too many. */
const IMBALANCE = 0.1;
const BEYOND = 0.1;
const HOTTEST = 0.1;
const COLDEST = 0.01;
const TEMPERATURES = 256;

export interface Choice {
  /** Pattern of each host. */
  readonly patterns: readonly Pattern[];
  readonly gain: number;
}

/**
 * A pattern for each host, such that as many VMs of each size come in as go out and the moves are not too many, with the most
 * blocks that are found: by simulated annealing that exchanges one pattern at a time, from each host's best. A way that leads
 * over what is not balanced is short, for the prices are such that the best patterns nearly balance.
 * @param enough a gain that cannot be exceeded
 * @returns undefined where nothing balanced was found
 */
export function choosePatterns(shape: Shape, patternsOf: readonly (readonly Pattern[])[], prices: Prices, random: Random, tries: number, enough: number): Choice | undefined {
  const hosts = [...patternsOf.keys()].filter((host) => (patternsOf[host]?.length ?? 0) > 1);
  const now = patternsOf.flatMap(([first]) => (first === undefined ? [] : [first]));
  const { mostMoves } = shape;
  const balance = new Int32Array(shape.sizes.length);
  for (const { out } of now) for (let size = 0; size < balance.length; size += 1) balance[size] = (balance[size] ?? 0) + (out[size] ?? 0);
  let uneven = balance.reduce((sum, difference) => sum + Math.abs(difference), 0);
  let moves = now.reduce((sum, pattern) => sum + pattern.moves, 0);
  let gain = now.reduce((sum, pattern) => sum + pattern.gain, 0);
  let best: Choice | undefined;
  for (let step = 0; step < TEMPERATURES && hosts.length > 0; step += 1) {
    const temperature = HOTTEST + ((COLDEST - HOTTEST) * step) / (TEMPERATURES - 1);
    for (let count = tries / TEMPERATURES; count > 0; count -= 1) {
      const host = hosts[random.below(hosts.length)] ?? 0;
      const choices = patternsOf[host] ?? [];
      const [from, to] = [now[host], choices[random.below(choices.length)]];
      if (from === undefined || to === undefined || from === to) continue;
      const nextMoves = moves + to.moves - from.moves;
      let nextUneven = uneven;
      for (let size = 0; size < balance.length; size += 1) {
        const difference = (to.out[size] ?? 0) - (from.out[size] ?? 0);
        if (difference !== 0) nextUneven += Math.abs((balance[size] ?? 0) + difference) - Math.abs(balance[size] ?? 0);
      }
      const change = from.value - to.value + IMBALANCE * (nextUneven - uneven) + BEYOND * (Math.max(0, nextMoves - mostMoves) - Math.max(0, moves - mostMoves))
        + prices.move * (Math.max(0, mostMoves - nextMoves) - Math.max(0, mostMoves - moves));
      if (change > 0 && change > threshold(random, temperature)) continue;
      for (let size = 0; size < balance.length; size += 1) balance[size] = (balance[size] ?? 0) + (to.out[size] ?? 0) - (from.out[size] ?? 0);
      [now[host], moves, uneven, gain] = [to, nextMoves, nextUneven, gain + to.gain - from.gain];
      if (uneven > 0 || moves > mostMoves || gain <= (best?.gain ?? 0)) continue;
      best = { patterns: [...now], gain };
      if (gain >= enough) return best;
    }
  }
  return best;
}
