import type { Random } from "../random.js";

const LN_2 = 0.6931471805599453;

/**
 * How much worse a change may be that is accepted at a temperature: temperature times −ln(u) for a number u between 0 and 1, its
 * logarithm interpolated between powers of two, which is the same arithmetic on every machine.
 */
export function threshold(random: Random, temperature: number): number {
  const zeros = Math.clz32(random.below(0x8000_0000)) - 1;
  return temperature * LN_2 * (zeros + random.below(4096) / 4096);
}
