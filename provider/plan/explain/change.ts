import type { Action, Inventory, Place, Plan, PlanHost, PlanVm, RuleSpec, Violation } from "../model.js";
import { planNow } from "../plan.js";
import { InventoryError } from "../validate.js";

/** What is to be otherwise in an inventory: properties of hosts and VMs by their names, and rules. */
export interface Change {
  /** `{ ash: { state: "up" } }` */
  readonly hosts?: Readonly<Record<string, Partial<Omit<PlanHost, "name">>>>;
  /** `{ db: { demand: { vcpus: 4, memoryMib: 8192 } } }` */
  readonly vms?: Readonly<Record<string, Partial<Omit<PlanVm, "name">>>>;
  /** Names of rules that are taken away; `rules.3` is the fourth, for one without a name. */
  readonly withoutRules?: readonly string[];
  /** Rules that come to the others. */
  readonly rules?: readonly RuleSpec[];
}

/** What came, and what went. */
export interface Changed<T> {
  readonly added: readonly T[];
  readonly gone: readonly T[];
}

/** What an action does, without when. */
export type Deed = Pick<Action, "kind" | "subject" | "from" | "to">;

/** How the plan of the changed inventory differs from that of the inventory as it is. JSON-serializable. */
export interface Difference {
  readonly outcome: { readonly before: Plan["outcome"]; readonly after: Plan["outcome"] };
  readonly makespanSeconds: { readonly before: number; readonly after: number };
  /** VMs that one plan has elsewhere than the other. */
  readonly assignments: readonly { readonly vm: string; readonly before?: Place; readonly after?: Place }[];
  readonly actions: Changed<Deed>;
  /** Of what stays wrong at the end of the plan. */
  readonly violations: Changed<Violation>;
  /** What stands in the way of the changed inventory. */
  readonly conflict?: Plan["conflict"];
}

/**
 * What would be otherwise if: plans the inventory as it is and with a change, and compares.
 *
 * @throws InventoryError where the change is about what there is not, or makes the inventory wrong
 * @example whatChanges(inventory, { hosts: { ash: { state: "up" } } }).outcome // { before: "changes", after: "nothing" }
 */
export function whatChanges(inventory: Inventory, change: Change): Difference {
  const before = planNow(inventory);
  const after = planNow(changed(inventory, change));
  const names = [...new Set([...Object.keys(before.assignments), ...Object.keys(after.assignments)])].sort();
  return {
    outcome: { before: before.outcome, after: after.outcome },
    makespanSeconds: { before: before.makespanSeconds, after: after.makespanSeconds },
    assignments: names.flatMap((vm) => {
      const [was, is] = [before.assignments[vm], after.assignments[vm]];
      return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ vm, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
    }),
    actions: compared(before.actions.map(deedOf), after.actions.map(deedOf)),
    violations: compared(before.violationsAfter, after.violationsAfter),
    ...(after.conflict === undefined ? {} : { conflict: after.conflict }),
  };
}

/** The inventory with a change. */
export function changed(inventory: Inventory, { hosts = {}, vms = {}, withoutRules = [], rules = [] }: Change): Inventory {
  const known = inventory.rules ?? [];
  const isNamed = (rule: RuleSpec, index: number, name: string): boolean => (rule.name ?? `rules.${index}`) === name;
  const mistakes = [
    ...unknown("host", Object.keys(hosts), inventory.hosts), ...unknown("VM", Object.keys(vms), inventory.vms),
    ...withoutRules.filter((name) => !known.some((rule, index) => isNamed(rule, index, name))).map((name) => `there is no rule ${name}`),
  ];
  if (mistakes.length > 0) throw new InventoryError(mistakes);
  return {
    ...inventory,
    hosts: inventory.hosts.map((host) => ({ ...host, ...(Object.hasOwn(hosts, host.name) ? hosts[host.name] : {}) })),
    vms: inventory.vms.map((vm) => ({ ...vm, ...(Object.hasOwn(vms, vm.name) ? vms[vm.name] : {}) })),
    rules: [...known.filter((rule, index) => !withoutRules.some((name) => isNamed(rule, index, name))), ...rules],
  };
}

function unknown(what: string, names: readonly string[], among: readonly { readonly name: string }[]): string[] {
  return names.filter((name) => !among.some((each) => each.name === name)).map((name) => `there is no ${what} ${name}`);
}

function deedOf({ kind, subject, from, to }: Action): Deed {
  return { kind, subject, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function compared<T>(before: readonly T[], after: readonly T[]): Changed<T> {
  const [was, is] = [before, after].map((things) => new Set(things.map((thing) => JSON.stringify(thing))));
  return { added: after.filter((thing) => was?.has(JSON.stringify(thing)) !== true), gone: before.filter((thing) => is?.has(JSON.stringify(thing)) !== true) };
}
