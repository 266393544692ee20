/** What rules ask of each host, asked once for all rules that ask the same: rules are thousands, and hosts are too. */
import type { PlanHost, Selection } from "./model.js";
import type { DomainOf } from "./rules/rule.js";
import type { Selections } from "./selections.js";
import type { GroupSpec } from "./solve/problem.js";
import { domainOf } from "./view.js";

/** Domains of hosts as numbers. Rules that divide by the same domains share them. */
export class DomainTable {
  readonly #hosts: readonly PlanHost[];
  readonly #functions = new Map<((host: PlanHost) => boolean) | undefined, Map<string, DomainOf>>();
  readonly #numbers = new WeakMap<DomainOf, Pick<GroupSpec, "domainOf" | "domainCount">>();

  constructor(hosts: readonly PlanHost[]) {
    this.#hosts = hosts;
  }

  /** The same function for the same question. */
  by(across: string, isCounted?: (host: PlanHost) => boolean): DomainOf {
    const known = this.#functions.get(isCounted) ?? new Map<string, DomainOf>();
    this.#functions.set(isCounted, known);
    const domain = known.get(across) ?? ((host: PlanHost) => (isCounted === undefined || isCounted(host) ? domainOf(host, across) : undefined));
    known.set(across, domain);
    return domain;
  }

  numbered(domainOfHost: DomainOf): Pick<GroupSpec, "domainOf" | "domainCount"> {
    const known = this.#numbers.get(domainOfHost);
    if (known !== undefined) return known;
    const names = new Map<string, number>();
    const domains = Int32Array.from(this.#hosts, (host) => {
      const domain = domainOfHost(host);
      if (domain === undefined) return -1;
      const number = names.get(domain) ?? names.size;
      names.set(domain, number);
      return number;
    });
    const numbers = { domainOf: domains, domainCount: names.size };
    this.#numbers.set(domainOfHost, numbers);
    return numbers;
  }
}

type HostTest = (host: PlanHost) => boolean;

/** For which hosts something is true, a byte for each host. */
export class HostTests {
  readonly #hosts: readonly PlanHost[];
  readonly #selections: Selections;
  readonly #tests = new Map<string, HostTest>();
  readonly #flags = new WeakMap<HostTest, Uint8Array>();

  constructor(hosts: readonly PlanHost[], selections: Selections) {
    this.#hosts = hosts;
    this.#selections = selections;
  }

  /** Whether a host is one of those that are selected, or (`isInside` false) none of them: the same function for the same question. */
  test(selection: Selection, isInside: boolean): HostTest {
    const key = JSON.stringify([isInside, selection]);
    const known = this.#tests.get(key);
    if (known !== undefined) return known;
    const names = new Set(this.#selections.namesOf(selection));
    const test = ({ name }: PlanHost): boolean => names.has(name) === isInside;
    this.#tests.set(key, test);
    return test;
  }

  flagsOf(test: HostTest): Uint8Array {
    const flags = this.#flags.get(test) ?? Uint8Array.from(this.#hosts, (host) => (test(host) ? 1 : 0));
    this.#flags.set(test, flags);
    return flags;
  }
}
