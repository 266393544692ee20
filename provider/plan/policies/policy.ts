import type { PlanHost, PolicyName } from "../model.js";
import type { HostTerm } from "../solve/problem.js";
import type { Tie } from "../solve/slots.js";
import type { Balancer } from "./balancer.js";

/** Values of a policy's parameters, defaults included; absent are those that have no default and were not given. */
export type PolicyValues = Readonly<Record<string, number | boolean | undefined>>;

/** A parameter, by oVirt's name. */
export interface Parameter {
  /** JSON Schema of its value. */
  readonly schema: object;
  /** Absent: what it is about is not looked at. */
  readonly default?: number | boolean;
}

/**
 * One policy: one file here and one line in `index.ts`. `vm-evenly-distributed.ts` is the smallest that balances.
 *
 * Costs are in millionths of a host, and so is the price of a move ({@link PRICE}): one that gains less than it costs is not
 * made.
 */
export interface PolicyKind<Values extends PolicyValues = PolicyValues> {
  readonly name: PolicyName;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** What of its values contradicts itself, in words. */
  mistake?(values: Values): string | undefined;
  /** Of places that are equally good for a VM, which it takes. */
  placement(values: Values): Tie;
  /** What a host costs: the formula that balancing minimises. None where it does not balance. */
  terms(values: Values, hosts: readonly PlanHost[]): readonly HostTerm[];
  /** Moves guests for as long as its thresholds say so and it is worth its price. */
  balance(balancer: Balancer, values: Values): void;
}

/** What a move costs: a thousandth of a host, and another for each GiB that is copied. */
export const PRICE = { move: 1000, gib: 1000 } as const;

/** Measures of a host, by their place in {@link BalanceSpec.measures}. */
export const CPU = 0;
export const MEMORY = 1;

/** Millionths of a host in a percent. */
export const PER_PERCENT = 10_000;
