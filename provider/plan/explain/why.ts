import { available } from "../amounts.js";
import { compile, type Compiled } from "../compile.js";
import { Judge } from "../judge.js";
import { unlinked } from "../linked.js";
import type { Inventory, Place, Plan, PlanHost, PlanVm } from "../model.js";
import { sortedByWeight } from "../restart.js";
import { NOWHERE } from "../solve/problem.js";
import { State } from "../solve/state.js";
import { byName, select, View } from "../view.js";
import { rulesOf } from "../verify.js";

/**
 * What a host is to a VM, the others being where the plan has them: `here`; `forbidden` by a hard rule or a fact; without
 * `room`; `worse` by a wish or by what is copied; `equal`; `better`, which a search that is not exact may miss.
 */
export type Verdict = "here" | "forbidden" | "room" | "worse" | "equal" | "better";

export interface HostReason {
  readonly host: string;
  readonly verdict: Verdict;
  /** Name of the rule that says so, where one does. */
  readonly rule?: string;
  /** In an operator's words. */
  readonly text: string;
}

/** Why a VM is where the plan has it. JSON-serializable. */
export interface Why {
  readonly vm: string;
  /** Its host before; absent: it ran nowhere. */
  readonly from?: string;
  /** Its host by the plan; absent: it has none. */
  readonly to?: string;
  /** Why it goes there or stays, in one sentence. */
  readonly reason: string;
  /** Every host, by name, with one reason: the first of those that stand in the way. */
  readonly hosts: readonly HostReason[];
}

/**
 * Why a VM is on its host and not on another, by the model and by what each place would cost.
 *
 * @param name of the VM, or of a linked part of one (`db/secondary`)
 * @param made the plan of this inventory
 * @throws RangeError where the inventory has no such VM
 * @example why(inventory, "db", planNow(inventory)).hosts // [{ host: "ash", verdict: "forbidden", rule: "state", text: "db is on ash, which is in maintenance" }, …]
 */
export function why(declared: Inventory, name: string, made: Plan): Why {
  const inventory = unlinked(declared);
  const vm = inventory.vms.find((each) => each.name === name);
  if (vm === undefined) throw new RangeError(`there is no VM ${name}`);
  const compiled = compile(inventory);
  const place = made.assignments[name];
  return {
    vm: name, ...(vm.host === undefined ? {} : { from: vm.host }), ...(place === undefined ? {} : { to: place.host }),
    reason: reasonOf(vm, place, made), hosts: byName(inventory.hosts).map(new Comparison(inventory, vm, made, compiled).reasonFor),
  };
}

function reasonOf(vm: PlanVm, place: Place | undefined, { outcome, actions, violationsAfter, conflict }: Plan): string {
  const action = actions.find(({ subject }) => subject === vm.name);
  if (action !== undefined) return action.reason;
  if (vm.running === false) return "it shall not run";
  const broken = violationsAfter.find(({ hard, vms }) => hard && vms.includes(vm.name));
  if (outcome === "impossible") return `no plan is possible${broken !== undefined ? `: ${broken.text}` : conflict === undefined ? "" : `: ${conflict.texts[0] ?? ""}`}`;
  return place === undefined ? "it has no host" : "nothing asks for a move: it stays";
}

/** The places of one VM beside each other. */
class Comparison {
  readonly #inventory: Inventory;
  readonly #vm: PlanVm;
  readonly #made: Plan;
  readonly #here: Place | undefined;
  readonly #judge: Judge;
  readonly #compiled: Compiled;
  readonly #state: State;
  readonly #index: number;
  /** Rules that the VM breaks where it is. */
  readonly #brokenHere: ReadonlySet<string>;

  constructor(inventory: Inventory, vm: PlanVm, made: Plan, compiled: Compiled) {
    const { assignments } = made;
    this.#inventory = inventory;
    this.#vm = vm;
    this.#made = made;
    this.#here = assignments[vm.name];
    this.#compiled = compiled;
    this.#index = compiled.vms.findIndex(({ name }) => name === vm.name);
    this.#state = new State(compiled.problem, Int32Array.from(compiled.vms, ({ name }) => this.#slotOf(assignments[name])));
    this.#judge = new Judge(new View(inventory.hosts, inventory.vms, assignments, rulesOf(inventory)));
    this.#judge.remove(vm);
    this.#brokenHere = new Set(this.#here === undefined ? [] : [...this.#judge.obstacles(vm, this.#here)].map(({ rule }) => rule));
  }

  readonly reasonFor = (host: PlanHost): HostReason => {
    if (host.name === this.#here?.host) return { host: host.name, verdict: "here", text: "it is here" };
    const obstacles = this.#judge.obstaclesOn(this.#vm, host);
    const hard = sortedByWeight(obstacles.filter((obstacle) => obstacle.hard))[0];
    if (hard !== undefined) return { host: host.name, verdict: hard.rule === "capacity" ? "room" : "forbidden", rule: hard.rule, text: hard.text };
    const held = this.#held();
    if (held !== undefined) return { host: host.name, verdict: "forbidden", text: held };
    const place = this.#judge.placesOn(this.#vm, host)[0];
    const delta = this.#state.delta(this.#index, this.#slotOf(place));
    const level = delta.findIndex((change) => change !== 0);
    if (level === -1) return this.#equal(host);
    if ((delta[level] ?? 0) < 0) {
      // Moved for more than its own sake: a policy's, or to let others move.
      if (level === delta.length - 1) return { host: host.name, verdict: "worse", text: this.#made.actions.find(({ subject }) => subject === this.#vm.name)?.reason ?? "it makes room for others" };
      return { host: host.name, verdict: "better", text: this.#made.isPartial ? "it would be better, and the budget does not suffice" : "it would be better, and the search did not find it" };
    }
    if (level === delta.length - 1) return { host: host.name, verdict: "worse", text: `it would be moved for nothing: ${(delta[level] ?? 0) - 1} MiB would be copied` };
    const wish = obstacles.filter(({ rule }) => !this.#brokenHere.has(rule))[0] ?? obstacles[0];
    return { host: host.name, verdict: "worse", ...(wish === undefined ? {} : { rule: wish.rule }), text: wish === undefined ? "a rule about several VMs would be kept less" : `${wish.text}, which is not wished` };
  };

  /** Why it may not be elsewhere, whatever the host. */
  #held(): string | undefined {
    const { movable, placed } = this.#compiled.problem;
    if (placed[this.#index] === 0) return `${this.#vm.name} shall not run`;
    const { budget, hosts, vms } = this.#inventory;
    const isHeldBack = this.#vm.host !== undefined && budget?.vms !== undefined && !select(vms, budget.vms).includes(this.#vm.name);
    if (movable[this.#index] === 1) return isHeldBack ? `${this.#vm.name} is not among those that the budget lets move` : undefined;
    if (this.#vm.managed === false) return `${this.#vm.name} is not managed, and is never moved`;
    const { host } = this.#vm;
    if (hosts.some(({ name, state }) => name === host && state === "unknown")) return `nothing is known of ${host ?? ""}, where it may run: it stays there`;
    return `${this.#vm.name} must not be moved`;
  }

  #equal(host: PlanHost): HostReason {
    const [there, here] = [this.#fill(host), this.#fill(this.#inventory.hosts.find(({ name }) => name === this.#here?.host))];
    const text = there === here ? "equally good, and as full" : `equally good, and ${there > here ? "fuller" : "emptier"}: ${there} % of its scarcest resource, with ${this.#vm.name}`;
    return { host: host.name, verdict: "equal", text };
  }

  /** How much of a host's scarcest resource would be promised with the VM, in percent. */
  #fill(host: PlanHost | undefined): number {
    if (host === undefined) return 0;
    return Math.max(0, ...Object.entries(available(host)).map(([resource, has]) => (has === 0 ? 0 : Math.round((1 - (this.#judge.free(host.name, resource) - (this.#vm.demand[resource] ?? 0)) / has) * 100))));
  }

  #slotOf(place: Place | undefined): number {
    if (place === undefined) return NOWHERE;
    const { problem, hosts, slotCells } = this.#compiled;
    const cells = JSON.stringify(place.cells ?? []);
    return problem.slotHost.findIndex((host, slot) => hosts[host]?.name === place.host && JSON.stringify(slotCells[slot] ?? []) === cells);
  }
}
