const LN_2 = 0.6931471805599453;

/** How many thresholds the table has; a power of two. */
export const THRESHOLDS = 4096;

/**
 * Thresholds that accept as the Metropolis rule does: a change for the worse is accepted where it is at most the temperature
 * times −ln(u), for u spread evenly over (0, 1). Summed up by a series of our own, for a logarithm may differ in its last bit
 * from one machine to another, and then so would the plan.
 */
export const THRESHOLD = Float64Array.from({ length: THRESHOLDS }, (_, i) => negativeLogarithm((i + 0.5) / THRESHOLDS));

/** −ln(x) for x in (0, 1]: halves are taken out, and for the rest ln((1 + z) / (1 − z)) = 2 (z + z³/3 + z⁵/5 + …). */
function negativeLogarithm(x: number): number {
  let halvings = 0;
  let rest = x;
  for (; rest < 0.5; halvings += 1) rest *= 2;
  const z = (1 - rest) / (1 + rest);
  let term = z;
  let sum = 0;
  for (let n = 1; n < 60; n += 2) {
    sum += term / n;
    term *= z * z;
  }
  return 2 * sum + halvings * LN_2;
}

/** `from`, and then each time the same part of the one before, down to `to` in `steps` steps (a power of two: the root is drawn by square roots). */
export function geometric(from: number, to: number, steps: number): Float64Array {
  let ratio = to / from;
  for (let n = 1; n < steps; n *= 2) ratio = Math.sqrt(ratio);
  const out = new Float64Array(steps + 1);
  let value = from;
  for (let i = 0; i <= steps; i += 1, value *= ratio) out[i] = value;
  return out;
}
