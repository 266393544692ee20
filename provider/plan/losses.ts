import type { PlanHost } from "./model.js";
import { byName, domainOf } from "./view.js";

/** More ways to lose hosts or domains than this are not looked at, neither by the solver nor by checks. */
export const MOST_LOSSES = 20_000;

/** Hosts that are lost together, and what they are called: `ash`, or `rack r1 and rack r2`. */
export interface Loss {
  readonly what: string;
  readonly hosts: readonly string[];
  /** One host or domain, not several. */
  readonly isOne: boolean;
}

/** How many sets of at least one and at most `size` of `count` things there are; `exactly`: of `size` alone. */
export function countOfSets(count: number, size: number, exactly = false): number {
  let sets = 1;
  let sum = 0;
  for (let k = 1; k <= Math.min(size, count); k += 1) {
    sets = Math.round((sets * (count - k + 1)) / k);
    sum = exactly ? sets : sum + sets;
  }
  return sum;
}

/** Sets of at least `from` and at most `size` of `count` numbers, the small ones first. */
export function* setsOf(count: number, size: number, from = 1): Generator<readonly number[]> {
  for (let k = Math.max(1, from); k <= Math.min(size, count); k += 1) yield* ofSize(count, k, 0);
}

function* ofSize(count: number, size: number, first: number): Generator<readonly number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let each = first; each <= count - size; each += 1) for (const rest of ofSize(count, size - 1, each + 1)) yield [each, ...rest];
}

/** The hosts of each domain, by name. `isCounted`: those that can be lost. */
export function domainsOf(hosts: readonly PlanHost[], across: string, isCounted: (host: PlanHost) => boolean): Loss[] {
  const domains = new Map<string, string[]>();
  for (const host of byName(hosts)) {
    const domain = isCounted(host) ? domainOf(host, across) : undefined;
    if (domain === undefined) continue;
    const known = domains.get(domain);
    if (known === undefined) domains.set(domain, [host.name]);
    else known.push(host.name);
  }
  return [...domains].map(([domain, names]) => ({ what: across === "host" ? domain : `${across} ${domain}`, hosts: names, isOne: true })).sort((a, b) => (a.what < b.what ? -1 : 1));
}

/** Losses of which all happen at once. */
export function together(losses: readonly Loss[]): Loss {
  return { what: losses.map(({ what }) => what).join(" and "), hosts: losses.flatMap(({ hosts }) => hosts), isOne: losses.length === 1 };
}
