import type { Assignments, HostState, Inventory, Labels, Place, PlanHost, PlanVm, RuleSpec, Selection } from "./model.js";
import type { RuleKind } from "./rules/rule.js";
import { Selections } from "./selections.js";

/** A rule of an inventory, declared or always kept, and what messages call it. */
export interface NamedRule {
  readonly kind: RuleKind;
  readonly spec: RuleSpec;
  readonly name: string;
}

/**
 * An assignment as rules check it: by names, from the model alone. Checks know nothing of the solver's numbers, so that a
 * mistake in the one is found by the other.
 */
export class View {
  readonly hosts: readonly PlanHost[];
  readonly vms: readonly PlanVm[];
  /** All rules of the inventory, for a rule about what would become of the others. */
  readonly rules: readonly NamedRule[];
  readonly #hosts: ReadonlyMap<string, PlanHost>;
  /** What was given, as long as it is what the view shows. */
  #assignments: Assignments | undefined;
  readonly #places: Map<string, Place>;
  readonly #on: Map<string, PlanVm[]>;
  /** The view that has the same hosts, and the one that has the same VMs: what is known of them is known once. */
  readonly #base: View | undefined;
  readonly #vmBase: View | undefined;
  readonly #selected = new Map<Selection, readonly string[]>();
  #vmSelections: Selections | undefined;
  #hostSelections: Selections | undefined;
  readonly #hostSets = new Map<string, ReadonlySet<string>>();
  readonly #domains = new Map<(host: PlanHost) => boolean, Map<string, readonly string[]>>();

  /** @param hosts a view, to have the same hosts; with that view's own `vms`, the same VMs too */
  constructor(hosts: readonly PlanHost[] | View, vms: readonly PlanVm[], assignments: Assignments, rules: readonly NamedRule[] = []) {
    // In the order of their names, so that what is said does not depend on how they were given.
    this.hosts = hosts instanceof View ? hosts.hosts : byName(hosts);
    this.#base = hosts instanceof View ? hosts : undefined;
    this.#vmBase = this.#base?.vms === vms ? this.#base : undefined;
    this.vms = this.#vmBase?.vms ?? byName(vms);
    this.rules = rules;
    this.#hosts = hosts instanceof View ? hosts.#hosts : new Map(hosts.map((host) => [host.name, host]));
    this.#assignments = assignments;
    this.#places = new Map();
    const on = new Map<string, PlanVm[]>();
    for (const vm of this.vms) {
      const place = Object.hasOwn(assignments, vm.name) ? assignments[vm.name] : undefined;
      if (place === undefined) continue;
      const { host } = place;
      this.#places.set(vm.name, place);
      const there = on.get(host);
      if (there === undefined) on.set(host, [vm]);
      else there.push(vm);
    }
    this.#on = on;
  }

  host(name: string): PlanHost | undefined {
    return this.#hosts.get(name);
  }

  vm(name: string): PlanVm | undefined {
    const index = this.#vmsSelected().indexOf(name);
    return index === undefined ? undefined : this.vms[index];
  }

  placeOf(vm: string): Place | undefined {
    return this.#places.get(vm);
  }

  /** Name of the VM's host. */
  hostOf(vm: string): string | undefined {
    return this.#places.get(vm)?.host;
  }

  /** VMs on a host. */
  on(host: string): readonly PlanVm[] {
    return this.#on.get(host) ?? [];
  }

  /** Is this very object what the view was made of, and is it as it was? Then nobody needs another view of it. */
  isOf(assignments: Assignments): boolean {
    return this.#assignments === assignments;
  }

  /** Puts a VM elsewhere, or nowhere: for a replay, which goes on from moment to moment. */
  place(name: string, place: Place | undefined): void {
    const vm = this.vm(name);
    if (vm === undefined) return;
    this.#assignments = undefined;
    const before = this.#on.get(this.#places.get(name)?.host ?? "");
    if (before?.includes(vm) === true) before.splice(before.indexOf(vm), 1);
    if (place === undefined) {
      this.#places.delete(name);
      return;
    }
    this.#places.set(name, place);
    this.#on.set(place.host, byName([...(this.#on.get(place.host) ?? []), vm]));
  }

  /** Names of the VMs that a rule is about. */
  selectVms(selection: Selection): readonly string[] {
    if (this.#vmBase !== undefined) return this.#vmBase.selectVms(selection);
    const names = this.#selected.get(selection) ?? this.#vmsSelected().namesOf(selection);
    this.#selected.set(selection, names);
    return names;
  }

  #vmsSelected(): Selections {
    if (this.#vmBase !== undefined) return this.#vmBase.#vmsSelected();
    return (this.#vmSelections ??= new Selections(this.vms));
  }

  /** Names of the hosts that a rule is about. */
  selectHosts(selection: Selection): string[] {
    if (this.#base !== undefined) return this.#base.selectHosts(selection);
    this.#hostSelections ??= new Selections(this.hosts);
    return this.#hostSelections.namesOf(selection);
  }

  /** The same as a set, for rules that ask whether a host is one of them. */
  hostSet(selection: Selection): ReadonlySet<string> {
    if (this.#base !== undefined) return this.#base.hostSet(selection);
    // Thousands of rules name a few sets of hosts, by their labels.
    if (!("labels" in selection)) return new Set(this.selectHosts(selection));
    const key = JSON.stringify(selection.labels);
    const set = this.#hostSets.get(key) ?? new Set(this.selectHosts(selection));
    this.#hostSets.set(key, set);
    return set;
  }

  /** Names of the domains that there are: those of the hosts for which `isCounted` says so. It is called once for each host, not for each rule. */
  domains(across: string, isCounted: (host: PlanHost) => boolean): readonly string[] {
    if (this.#base !== undefined) return this.#base.domains(across, isCounted);
    const known = this.#domains.get(isCounted) ?? new Map<string, readonly string[]>();
    this.#domains.set(isCounted, known);
    const found = known.get(across) ?? [...new Set(this.hosts.flatMap((host) => (isCounted(host) ? domainOf(host, across) : [])))];
    known.set(across, found);
    return found;
  }
}

/**
 * Which VMs have a place at the end: those that are to run, without those that the policy does not start. `cluster_maintenance`
 * starts none but the highly available ones (`priority` above 0); what runs goes on. What others made is where it is, and is
 * started nowhere. Where nothing is known of a VM's host nobody can stop it: it keeps its place, whether or not it is to run.
 */
export function shallRun({ hosts, policy }: Pick<Inventory, "hosts" | "policy">): (vm: PlanVm) => boolean {
  const inState = (wanted: HostState): ReadonlySet<string> => new Set(hosts.filter(({ state }) => state === wanted).map(({ name }) => name));
  const [lost, unknown] = [inState("lost"), inState("unknown")];
  const isThere = ({ host }: PlanVm): boolean => host !== undefined && !lost.has(host);
  const isOutOfReach = ({ host }: PlanVm): boolean => host !== undefined && unknown.has(host);
  const isMaintained = policy?.name === "cluster_maintenance";
  return (vm) => (vm.managed === false ? isThere(vm) : isOutOfReach(vm) || ((vm.running ?? true) && (!isMaintained || (vm.priority ?? 0) > 0 || isThere(vm))));
}

/** Whether a VM stays where it is whatever anybody plans: what others made, and what is on a host of which nothing is known. */
export function isBeyondUs({ managed }: PlanVm, state: HostState | undefined): boolean {
  return managed === false || state === "unknown";
}

/** In the order of code points, the same on every machine. */
export function byName<T extends { readonly name: string }>(things: readonly T[]): T[] {
  // Mostly they are given so.
  if (things.every(({ name }, i) => i === 0 || (things[i - 1]?.name ?? "") <= name)) return [...things];
  return [...things].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Names of those that are selected, in the order of the inventory; names that nothing has are left out. */
export function select(things: readonly { readonly name: string; readonly labels?: Labels }[], selection: Selection): string[] {
  if (!("labels" in selection)) {
    const names = new Set(selection);
    return things.filter(({ name }) => names.has(name)).map(({ name }) => name);
  }
  const wanted = Object.entries(selection.labels);
  return things.filter(({ labels }) => wanted.every(([key, value]) => labels?.[key] === value)).map(({ name }) => name);
}

/** The domain that a host is in: itself for `host`, else what its label says. One that has no such label is a domain of its own. */
export function domainOf(host: PlanHost, across: string): string {
  return across === "host" ? host.name : (host.domains?.[across] ?? host.labels?.[across] ?? `${host.name} (no ${across})`);
}

/** What messages call a declared rule. No two of an inventory are called the same (`validate.ts`). */
export function ruleNameOf({ name, kind }: RuleSpec, index: number): string {
  return name ?? `${kind} (rules.${index})`;
}

/** Whether a property of a rule is a selection, by names or labels. */
export function isSelection(value: unknown): value is Selection {
  return Array.isArray(value) ? value.every((name) => typeof name === "string") : typeof value === "object" && value !== null && "labels" in value;
}
