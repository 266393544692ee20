import { available, availableOfCell, TOLERANCE } from "./amounts.js";
import type { Amounts, Inventory, Place, PlanVm } from "./model.js";

/** A resource of a host or a cell, and by how much more is promised than there is. */
export interface Excess {
  readonly key: string;
  readonly excess: number;
}

/** What VMs hold of each host and cell, change by change. */
export class Room {
  /** What each host and cell has; a cell need not name all resources, and of one that it does not name it is no limit. */
  readonly #has = new Map<string, { readonly amounts: Amounts; readonly otherwise: number }>();
  readonly #held = new Map<string, Map<string, number>>();
  readonly #touched = new Set<string>();

  constructor({ hosts }: Pick<Inventory, "hosts">) {
    for (const host of hosts) {
      this.#has.set(host.name, { amounts: available(host), otherwise: 0 });
      for (const [index, cell] of (host.numa ?? []).entries()) this.#has.set(cellKey(host.name, index), { amounts: availableOfCell(host, cell), otherwise: Infinity });
    }
  }

  /** A VM holds these places from now on, or (−1) no more. Of a host it holds its demand once, however many of the places are there. */
  change(vm: PlanVm, places: readonly Place[], sign: 1 | -1): void {
    for (const host of new Set(places.map((place) => place.host))) this.#add(host, vm.demand, sign);
    if (vm.numaCells === undefined) return;
    for (const place of places) for (const cell of place.cells ?? []) this.#add(cellKey(place.host, cell), vm.demand, sign / vm.numaCells);
  }

  /** What is promised too often of what was changed since the last call. */
  over(): Excess[] {
    const found = [...this.#touched].flatMap((key) => [...(this.#held.get(key) ?? [])].flatMap(([resource, amount]) => {
      const has = this.#has.get(key);
      const most = has?.amounts[resource] ?? has?.otherwise ?? 0;
      return amount > most + TOLERANCE ? [{ key: `${resource} of ${key}`, excess: amount - most }] : [];
    }));
    this.#touched.clear();
    return found;
  }

  #add(key: string, demand: Amounts, times: number): void {
    const amounts = this.#held.get(key) ?? new Map<string, number>();
    this.#held.set(key, amounts);
    this.#touched.add(key);
    for (const [resource, amount] of Object.entries(demand)) amounts.set(resource, (amounts.get(resource) ?? 0) + amount * times);
  }
}

function cellKey(host: string, cell: number): string {
  return `${host} cell ${cell}`;
}
