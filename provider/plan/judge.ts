import { available, availableOfCell, TOLERANCE } from "./amounts.js";
import { setsOf } from "./losses.js";
import type { Amounts, Assignments, Place, PlanHost, PlanVm } from "./model.js";
import type { Finding } from "./rules/rule.js";
import { isSelection, View, type NamedRule } from "./view.js";

/** What stands in the way of a VM on a host. */
export interface Obstacle {
  /** Name of the rule; `capacity` where there is too little room. */
  readonly rule: string;
  readonly hard: boolean;
  /** In an operator's words. */
  readonly text: string;
  /** It may vanish when more VMs are placed. */
  readonly mayPass: boolean;
}

/**
 * What stands in the way of one VM on one host while the others are where they are, by the model alone: places can be
 * changed one by one, and only what such a change touches is looked at again.
 */
export class Judge {
  readonly #view: View;
  readonly #rules: readonly NamedRule[];
  #hosts: View;
  readonly #places = new Map<string, Place>();
  readonly #on = new Map<string, Set<string>>();
  /** What is left of each host, and of each of its cells, by resource. */
  readonly #free = new Map<string, { readonly whole: Map<string, number>; readonly cells: readonly Map<string, number>[] }>();
  readonly #membersOf = new Map<NamedRule, ReadonlySet<string>>();

  /** @param rules those that are asked; by default all of the view */
  constructor(view: View, rules: readonly NamedRule[] = view.rules) {
    this.#view = view;
    this.#rules = rules.filter(({ kind }) => kind.kind !== "capacity");
    this.#hosts = view;
    for (const vm of view.vms) {
      const place = view.placeOf(vm.name);
      if (place !== undefined) this.place(vm, place);
    }
  }

  /** Hosts are lost, with all that is there. What it returns brings them back. */
  lose(lost: ReadonlySet<string>): () => void {
    const hosts = this.#hosts;
    this.#hosts = new View(hosts.hosts.map((host): PlanHost => (lost.has(host.name) ? { ...host, state: "lost" } : host)), [], {});
    const gone = [...lost].flatMap((host) => [...(this.#on.get(host) ?? [])]).flatMap((name) => {
      const [vm, place] = [this.#view.vm(name), this.#places.get(name)];
      return vm === undefined || place === undefined ? [] : [{ vm, place }];
    });
    for (const { vm } of gone) this.remove(vm);
    return () => {
      this.#hosts = hosts;
      for (const { vm, place } of gone) this.place(vm, place);
    };
  }

  placeOf(vm: string): Place | undefined {
    return this.#places.get(vm);
  }

  place(vm: PlanVm, place: Place): void {
    this.#places.set(vm.name, place);
    const on = this.#on.get(place.host) ?? new Set();
    this.#on.set(place.host, on.add(vm.name));
    this.#take(vm, place, 1);
  }

  remove(vm: PlanVm): void {
    const place = this.#places.get(vm.name);
    if (place === undefined) return;
    this.#places.delete(vm.name);
    this.#on.get(place.host)?.delete(vm.name);
    this.#take(vm, place, -1);
  }

  /** What a host has left of a resource; negative where it carries too much. */
  free(host: string, resource: string): number {
    return this.#freeOf(host).whole.get(resource) ?? 0;
  }

  /** Where on a host a VM may be: for one that spans NUMA cells, each set of cells that have room. */
  placesOn(vm: PlanVm, { name: host, numa = [] }: PlanHost): Place[] {
    const { numaCells } = vm;
    if (numaCells === undefined) return [{ host }];
    const roomy = [...numa.keys()].filter((cell) => lacksOf(vm.demand, 1 / numaCells, this.#freeOf(host).cells[cell], Infinity).length === 0);
    return [...setsOf(roomy.length, numaCells, numaCells)].map((set) => ({ host, cells: set.flatMap((index) => roomy[index] ?? []) }));
  }

  /** What stands in the way of a VM that has no place now, on any of a host's places. */
  obstaclesOn(vm: PlanVm, host: PlanHost): Obstacle[] {
    const [place] = this.placesOn(vm, host);
    if (place !== undefined) return [...this.obstacles(vm, place)];
    const cells: Obstacle = { rule: "capacity", hard: true, mayPass: false, text: `${host.name} has not ${vm.numaCells ?? 1} NUMA cells with room for ${vm.name}` };
    return [...this.obstacles(vm, { host: host.name }), cells];
  }

  /** What stands in the way of a VM that has no place now. What is asked soonest comes first: the room, then the rules. */
  *obstacles(vm: PlanVm, place: Place): Generator<Obstacle> {
    for (const { resource, has, needs } of lacksOf(vm.demand, 1, this.#freeOf(place.host).whole, 0)) {
      const free = Math.max(0, has);
      yield { rule: "capacity", hard: true, mayPass: false, text: `${place.host} lacks ${rounded(needs - free)} ${resource}: it has ${rounded(free)} free, and ${vm.name} needs ${rounded(needs)}` };
    }
    for (const rule of this.#rules) {
      for (const { text } of this.#findings(rule, vm, place)) yield { rule: rule.name, hard: rule.spec.hard ?? true, text, mayPass: rule.kind.isMendedByMore === true };
    }
  }

  /** What a rule finds with the VM there, and not without it. */
  #findings(rule: NamedRule, vm: PlanVm, place: Place): Finding[] {
    const { kind, spec } = rule;
    if (kind.looksAt === "itself") {
      const host = this.#hosts.host(place.host);
      const isFound = kind.check(spec, new View(host === undefined ? [] : [host], [vm], { [vm.name]: place })).length > 0;
      // Once more among all hosts, which may be in its words.
      return isFound ? kind.check(spec, new View(this.#hosts, [vm], { [vm.name]: place })) : [];
    }
    const others = this.#others(rule, vm, place.host);
    const places: Assignments = Object.fromEntries(others.map(({ name }) => [name, this.#places.get(name)]));
    const found = kind.check(spec, new View(this.#hosts, [...others, vm], { ...places, [vm.name]: place }, this.#view.rules));
    const isItsOwn = ({ vms }: Finding): boolean => vms.includes(vm.name);
    if (kind.looksAt === "group" || found.every(isItsOwn)) return found.filter(isItsOwn);
    const keyOf = ({ vms, hosts }: Finding): string => JSON.stringify([vms, hosts]);
    const before = new Set(kind.check(spec, new View(this.#hosts, [...others, vm], places, this.#view.rules)).map(keyOf));
    return found.filter((finding) => isItsOwn(finding) || !before.has(keyOf(finding)));
  }

  /** Does a rule find nothing that is about any of these VMs, as they are placed? */
  isKept(rule: NamedRule, vms: readonly PlanVm[]): boolean {
    const names = new Set(vms.map(({ name }) => name));
    const members = this.membersOf(rule);
    if (![...members].some((name) => names.has(name))) return true;
    const others = [...members].flatMap((name) => this.#view.vm(name) ?? []);
    const found = rule.kind.check(rule.spec, new View(this.#hosts, others, Object.fromEntries(others.map(({ name }) => [name, this.#places.get(name)])), this.#view.rules));
    return found.every((finding) => !finding.vms.some((name) => names.has(name)));
  }

  /** Are two VMs the same to every rule, so that one may stand for the other? */
  areAlike(a: PlanVm, b: PlanVm): boolean {
    const features = ({ name: _name, cells: _cells, ...vm }: PlanVm): string => JSON.stringify(vm);
    return features(a) === features(b) && this.#rules.every((rule) => this.membersOf(rule).has(a.name) === this.membersOf(rule).has(b.name));
  }

  /** The other VMs that a rule looks at to judge this one. */
  #others(rule: NamedRule, vm: PlanVm, host: string): PlanVm[] {
    if (rule.kind.looksAt === undefined) return this.#view.vms.filter(({ name }) => name !== vm.name);
    const members = this.membersOf(rule);
    const names = new Set([...(members.has(vm.name) ? members : []), ...(this.#on.get(host) ?? [])]);
    names.delete(vm.name);
    return [...names].flatMap((name) => this.#view.vm(name) ?? []);
  }

  /** Names of the VMs that a rule is about. */
  membersOf(rule: NamedRule): ReadonlySet<string> {
    const known = this.#membersOf.get(rule);
    if (known !== undefined) return known;
    const selection = rule.spec["vms"];
    const members = new Set(isSelection(selection) ? this.#view.selectVms(selection) : this.#view.vms.map(({ name }) => name));
    this.#membersOf.set(rule, members);
    return members;
  }

  #take(vm: PlanVm, { host, cells = [] }: Place, sign: 1 | -1): void {
    const free = this.#freeOf(host);
    for (const [resource, amount] of Object.entries(vm.demand)) {
      free.whole.set(resource, (free.whole.get(resource) ?? 0) - sign * amount);
      if (vm.numaCells === undefined) continue;
      // A cell is no limit for what it does not name.
      for (const cell of cells) if (free.cells[cell]?.has(resource) === true) free.cells[cell].set(resource, (free.cells[cell].get(resource) ?? 0) - (sign * amount) / vm.numaCells);
    }
  }

  #freeOf(name: string): { readonly whole: Map<string, number>; readonly cells: readonly Map<string, number>[] } {
    const known = this.#free.get(name);
    if (known !== undefined) return known;
    const host = this.#view.host(name);
    const free = { whole: new Map(host === undefined ? [] : Object.entries(available(host))), cells: (host?.numa ?? []).map((cell) => new Map(Object.entries(availableOfCell(host ?? {}, cell)))) };
    this.#free.set(name, free);
    return free;
  }
}

/** Resources of which a demand, or a part of it, is more than is free. */
function lacksOf(demand: Amounts, share: number, free: ReadonlyMap<string, number> | undefined, unnamed: number): { resource: string; has: number; needs: number }[] {
  return Object.entries(demand).map(([resource, amount]) => ({ resource, has: free?.get(resource) ?? unnamed, needs: amount * share })).filter(({ has, needs }) => needs > 0 && needs > has + TOLERANCE);
}

function rounded(amount: number): number {
  return Math.round(amount * 1000) / 1000;
}
