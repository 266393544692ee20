const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/**
 * Reads how long something is, as people write it: `"10 min"`, `"30 s"`, `"2 h"`.
 * @returns seconds
 * @throws RangeError that says how to write it
 * @example parseDuration("10 min") === 600
 */
export function parseDuration(text: string): number {
  const [, count, unit = ""] = /^([1-9][0-9]*) ?(s|min|h)$/.exec(text) ?? [];
  const seconds = SECONDS_OF[unit];
  if (count === undefined || seconds === undefined) throw new RangeError(`"${text}" is no time: write a whole number and s, min or h, such as "10 min"`);
  return Number(count) * seconds;
}
