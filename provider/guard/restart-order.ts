import { dependenciesOf, type ReadCluster } from "../kinds/placement/index.js";
import type { Member } from "../schema/index.js";

/** What an order of restarts goes by. */
export interface OrderFacts {
  readonly vms: Readonly<Record<string, Pick<Member, "ha">>>;
  /** Whether a VM runs, as far as anybody knows. */
  readonly runs: (name: string) => boolean;
  /** Whether a VM that does not run is to be started by this guard, and was not given up. */
  readonly isOwed: (name: string) => boolean;
}

/**
 * In which order guests are restarted: by priority, and none before those that it depends on. A dependency is as urgent as what
 * waits for it. One that no guard starts (it has no `ha`, is off by somebody's wish, or was given up) holds nobody back.
 */
export class RestartOrder {
  readonly #facts: OrderFacts;
  readonly #started = new Set<string>();

  constructor(facts: OrderFacts) {
    this.#facts = facts;
  }

  /** Guests that may start side by side, those of the first rank first. */
  ranks<T extends { readonly name: string }>(guests: readonly T[]): T[][] {
    const { vms } = this.#facts;
    const names = new Set(guests.map(({ name }) => name));
    const needs = (name: string): string[] => dependenciesOf(vms[name]).filter((each) => names.has(each));
    const depths = new Map<string, number>();
    const depthOf = (name: string): number => {
      const known = depths.get(name);
      if (known !== undefined) return known;
      // A circle is refused in preview; one that is there all the same ends here.
      depths.set(name, 0);
      const depth = Math.max(0, ...needs(name).map((each) => depthOf(each) + 1));
      depths.set(name, depth);
      return depth;
    };
    const deepestFirst = [...names].sort((a, b) => depthOf(b) - depthOf(a));
    const urgency = new Map(deepestFirst.map((name) => [name, vms[name]?.ha?.priority ?? 0]));
    for (const name of deepestFirst) for (const each of needs(name)) urgency.set(each, Math.max(urgency.get(each) ?? 0, urgency.get(name) ?? 0));
    const ranks = new Map<string, T[]>();
    const keyOf = ({ name }: T): [number, number] => [urgency.get(name) ?? 0, depthOf(name)];
    const sorted = [...guests].sort((a, b) => keyOf(b)[0] - keyOf(a)[0] || keyOf(a)[1] - keyOf(b)[1] || (a.name < b.name ? -1 : 1));
    for (const guest of sorted) {
      const key = keyOf(guest).join();
      ranks.set(key, [...(ranks.get(key) ?? []), guest]);
    }
    return [...ranks.values()];
  }

  /** Names of those that a guest waits for now. */
  holding(name: string): string[] {
    const { vms, runs, isOwed } = this.#facts;
    return dependenciesOf(vms[name]).filter((each) => !this.#started.has(each) && !runs(each) && isOwed(each));
  }

  /** Guests that wait for one that is not among them, or for one that does: nothing that is done now helps them. */
  heldFromOutside<T extends { readonly name: string }>(guests: readonly T[]): T[] {
    const held = new Set<string>();
    const names = new Set(guests.map(({ name }) => name));
    for (const { name } of this.ranks(guests).flat()) if (this.holding(name).some((each) => held.has(each) || !names.has(each))) held.add(name);
    return guests.filter(({ name }) => held.has(name));
  }

  /** A guest was started just now. */
  started(name: string): void {
    this.#started.add(name);
  }
}

/** Why one does not start yet, in an operator's words. */
export function waitsFor(names: readonly string[]): string {
  return `it waits for ${names.join(", ")}, which ${names.length === 1 ? "has" : "have"} to run before it (ha.dependsOn)`;
}

/** Names of VMs that were seen to run. */
export function runningIn({ sorted }: ReadCluster): ReadonlySet<string> {
  return new Set(sorted.members.flatMap(({ name, seen }) => (seen?.domain.isActive === true ? [name] : [])));
}
