import { Judge, type Obstacle } from "./judge.js";
import type { Place, PlanHost, PlanVm } from "./model.js";
import { byName, isSelection, type NamedRule, type View } from "./view.js";

/** A host where a VM cannot be restarted, and the first reason. */
export interface Refusal {
  readonly host: string;
  /** Name of the rule, or `capacity`. */
  readonly rule: string;
  readonly text: string;
}

/** What high availability makes of a loss. */
export interface Restarts {
  readonly restarted: readonly { readonly vm: string; readonly to: Place }[];
  /** VMs for which there is no place, and why not on each host that is left. */
  readonly left: readonly { readonly vm: string; readonly hosts: readonly Refusal[] }[];
  /** Where VMs are left: every way was looked at or ruled out. */
  readonly isProven: boolean;
}

/** How many places are tried for the VMs of one loss, beyond a first pass: what bounds the time, the same on every machine. */
const MOST_TRIED = 5_000;

/**
 * Where VMs of lost hosts can be restarted, all others staying where they are: by the model alone, with all hard rules but
 * those about losses. Those with a higher priority come first, then the larger ones.
 *
 * First each takes the next host with room, the emptiest first. Where that leaves somebody out, all ways to place them are
 * searched, up to a limit.
 */
export class Restarter {
  readonly #view: View;
  readonly #judge: Judge;
  readonly #order: readonly PlanHost[];
  readonly #mending: readonly NamedRule[];
  /** VMs that had no host and were started where they are pinned from then on, by name, with the rule that says so. */
  readonly #stays: ReadonlyMap<string, string>;
  #tried = 0;

  constructor(view: View) {
    this.#view = view;
    const rules = view.rules.filter(({ kind, spec }) => spec.hard !== false && kind.kind !== "survive");
    this.#mending = rules.filter(({ kind }) => kind.isMendedByMore === true);
    this.#judge = new Judge(view, rules);
    const pins = rules.flatMap(({ kind, spec: { vms }, name }) => (kind.kind === "pin" && isSelection(vms) ? view.selectVms(vms).map((vm) => [vm, name] as const) : []));
    this.#stays = new Map(pins.filter(([vm]) => view.vm(vm)?.host === undefined));
    const roomOf = new Map(view.hosts.map((host) => [host, this.#roomOf(host)]));
    this.#order = view.hosts.filter(({ state = "up" }) => state === "up").sort((a, b) => (roomOf.get(b) ?? 0) - (roomOf.get(a) ?? 0));
  }

  /** @param wanted the VMs that are to be restarted */
  after(lost: ReadonlySet<string>, wanted: readonly PlanVm[]): Restarts {
    const restore = this.#judge.lose(lost);
    const order = this.#order.filter(({ name }) => !lost.has(name));
    const vms = [...wanted].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || this.#sizeOf(b) - this.#sizeOf(a) || (a.name < b.name ? -1 : 1));
    const stuck = vms.filter(({ name }) => this.#stays.has(name));
    const free = stuck.length === 0 ? vms : vms.filter((vm) => !stuck.includes(vm));
    this.#tried = 0;
    let placed = this.#nextFit(free, order);
    if (placed.length < free.length) {
      this.#remove(placed);
      placed = this.#search(free, order) ? free : this.#oneByOne(free, order);
    }
    const restarted = placed.flatMap(({ name }) => {
      const to = this.#judge.placeOf(name);
      return to === undefined ? [] : [{ vm: name, to }];
    });
    const left = vms.filter((vm) => !placed.includes(vm)).map((vm) => ({ vm: vm.name, hosts: byName(order).flatMap((host) => (stuck.includes(vm) ? [{ host: host.name, rule: this.#stays.get(vm.name) ?? "", text: `${vm.name} is pinned to where it starts` }] : this.#refusal(vm, host))) }));
    this.#remove(placed);
    restore();
    return { restarted, left, isProven: this.#tried <= MOST_TRIED };
  }

  /** Each takes the next host that has room for it; tells those that have a place now. */
  #nextFit(vms: readonly PlanVm[], order: readonly PlanHost[]): PlanVm[] {
    let next = 0;
    return vms.filter((vm) => {
      for (let i = 0; i < order.length; i += 1) {
        const at = (next + i) % order.length;
        const host = order[at];
        const place = host === undefined ? undefined : this.#judge.placesOn(vm, host).find((each) => this.#isFree(vm, each, true));
        if (place === undefined) continue;
        this.#judge.place(vm, place);
        next = at + 1;
        return true;
      }
      return false;
    });
  }

  /** With as many as possible of those that come first: whoever has no place is left out, and the next one tried. */
  #oneByOne(vms: readonly PlanVm[], order: readonly PlanHost[]): PlanVm[] {
    let placed: PlanVm[] = [];
    for (const vm of vms) {
      const places = placed.map((each) => [each, this.#judge.placeOf(each.name)] as const);
      if (this.#nextFit([vm], order).length === 1) {
        placed = [...placed, vm];
        continue;
      }
      this.#remove(placed);
      if (this.#search([...placed, vm], order)) placed = [...placed, vm];
      else for (const [each, place] of places) if (place !== undefined) this.#judge.place(each, place);
    }
    return placed;
  }

  /** Places all, or none: every way is tried, alike VMs in one order only. */
  #search(vms: readonly PlanVm[], order: readonly PlanHost[], depth = 0, first = 0): boolean {
    const vm = vms[depth];
    if (vm === undefined) return this.#mending.every((rule) => this.#judge.isKept(rule, vms));
    const next = vms[depth + 1];
    const isTwin = next !== undefined && this.#judge.areAlike(vm, next);
    for (let at = first; at < order.length; at += 1) {
      const host = order[at];
      for (const place of host === undefined ? [] : this.#judge.placesOn(vm, host)) {
        this.#tried += 1;
        if (this.#tried > MOST_TRIED) return false;
        if (!this.#isFree(vm, place, false)) continue;
        this.#judge.place(vm, place);
        if (this.#search(vms, order, depth + 1, isTwin ? at : 0)) return true;
        this.#judge.remove(vm);
      }
    }
    return false;
  }

  #isFree(vm: PlanVm, place: Place, isStrict: boolean): boolean {
    for (const { mayPass } of this.#judge.obstacles(vm, place)) if (isStrict || !mayPass) return false;
    return true;
  }

  #remove(vms: readonly PlanVm[]): void {
    for (const vm of vms) this.#judge.remove(vm);
  }

  #refusal(vm: PlanVm, host: PlanHost): Refusal[] {
    const [first] = sortedByWeight(this.#judge.obstaclesOn(vm, host));
    return [first === undefined ? { host: host.name, rule: "capacity", text: `${host.name} has room, but not together with those that come first` } : { host: host.name, rule: first.rule, text: first.text }];
  }

  /** How much of the host's scarcest resource is free, 0 to 1. */
  #roomOf({ name, capacity }: PlanHost): number {
    return Math.min(1, ...Object.entries(capacity).filter(([, amount]) => amount > 0).map(([resource, amount]) => this.#judge.free(name, resource) / amount));
  }

  /** By its largest part of all that hosts have. */
  #sizeOf({ demand }: PlanVm): number {
    return Math.max(0, ...Object.entries(demand).map(([resource, amount]) => amount / this.#total(resource)));
  }

  readonly #totals = new Map<string, number>();

  #total(resource: string): number {
    const known = this.#totals.get(resource);
    if (known !== undefined) return known;
    const total = this.#view.hosts.reduce((sum, { capacity }) => sum + (capacity[resource] ?? 0), 1);
    this.#totals.set(resource, total);
    return total;
  }
}

/** Rules before room: an operator asks first whether a VM may be there at all. */
export function sortedByWeight(obstacles: readonly Obstacle[]): Obstacle[] {
  const rank = ({ rule }: Obstacle): number => (rule === "state" ? 0 : rule === "capacity" ? 2 : 1);
  return [...obstacles].sort((a, b) => rank(a) - rank(b));
}
