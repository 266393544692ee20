import type { Place } from "./model.js";
import { isSelection, View, type NamedRule } from "./view.js";

/** What a rule finds. */
export interface Broken {
  /** Its place among the rules that are watched: what tells it from others, whatever they are called. */
  readonly key: number;
  readonly rule: string;
  readonly text: string;
}

/**
 * What continuous rules find, moment by moment. A VM under way counts on both sides: where it is, and where it will be. A rule
 * that looks at its own VMs alone is asked again when one of them has moved, any other at each moment.
 */
export class ContinuousWatch {
  readonly #now: View;
  readonly #next: View;
  readonly #rules: readonly NamedRule[];
  /** Rules that each VM can change, as indexes. */
  readonly #rulesOf = new Map<string, number[]>();
  readonly #always: readonly number[];
  readonly #broken = new Map<number, readonly Broken[]>();
  #due: Set<number>;

  /** @param scene where the VMs are to begin with */
  constructor(scene: View, rules: readonly NamedRule[]) {
    this.#rules = rules.filter(({ spec }) => spec.continuous === true && spec.hard !== false);
    const vms = this.#rules.length === 0 ? [] : scene.vms;
    const assignments = Object.fromEntries(vms.map(({ name }) => [name, scene.placeOf(name)]));
    this.#now = new View(scene, vms, assignments, rules);
    this.#next = new View(scene, vms, assignments, rules);
    this.#always = [...this.#rules.keys()].filter((rule) => this.#membersOf(rule) === undefined);
    for (const rule of this.#rules.keys()) {
      for (const vm of this.#membersOf(rule) ?? []) {
        const known = this.#rulesOf.get(vm);
        if (known === undefined) this.#rulesOf.set(vm, [rule]);
        else known.push(rule);
      }
    }
    this.#due = new Set(this.#rules.keys());
  }

  /** A VM is somewhere else, or begins to go there. */
  place(vm: string, now: Place | undefined, next: Place | undefined): void {
    if (this.#rules.length === 0) return;
    this.#now.place(vm, now);
    this.#next.place(vm, next);
    for (const rule of this.#rulesOf.get(vm) ?? []) this.#due.add(rule);
    for (const rule of this.#always) this.#due.add(rule);
  }

  /** What does not hold at this moment. */
  broken(): Broken[] {
    for (const rule of this.#due) {
      const found = this.#check(rule);
      if (found.length > 0) this.#broken.set(rule, found);
      else this.#broken.delete(rule);
    }
    this.#due = new Set();
    return [...this.#broken.values()].flat();
  }

  #check(rule: number): Broken[] {
    const it = this.#rules[rule];
    return it === undefined ? [] : [this.#now, this.#next].flatMap((view) => it.kind.check(it.spec, view).map(({ text }) => ({ key: rule, rule: it.name, text })));
  }

  /** VMs on whose places alone the rule depends; `undefined` where it may depend on any. */
  #membersOf(rule: number): readonly string[] | undefined {
    const it = this.#rules[rule];
    const vms = it?.spec["vms"];
    return (it?.kind.looksAt === "itself" || it?.kind.looksAt === "members") && isSelection(vms) ? this.#now.selectVms(vms) : undefined;
  }
}
