import type { Inventory, Plan, PlanHost, PlanVm, RuleSpec, Violation } from "../model.js";
import { listed } from "../rules/rule.js";

/** Whether hard rules can be kept in an inventory, and whether that was proved. */
export interface Verdict {
  readonly isFeasible: boolean;
  readonly isProven: boolean;
}

/** Something that may be in the way, and the inventory without it. */
interface Element {
  readonly text: string;
  without(inventory: Inventory): Inventory;
}

/** Larger inventories are explained by what is broken in the best plan that was found. */
const MOST_ELEMENTS = 60;

/**
 * What stands in the way of any plan, in an operator's words: rules and facts of which none can be left out, found by leaving
 * out one after another for as long as it stays impossible (a deletion filter).
 *
 * @param violations what is broken in the best plan that was found
 * @param judge whether an inventory has a plan
 */
export function conflictOf(inventory: Inventory, violations: readonly Violation[], judge: (inventory: Inventory) => Verdict): NonNullable<Plan["conflict"]> {
  const broken = violations.filter(({ hard }) => hard).map(({ rule, text }) => (rule === "place" ? text : `${rule}: ${text}`));
  const vms = inventory.vms.filter((vm) => vm.managed !== false && vm.running !== false);
  const elements = elementsOf(inventory);
  if (elements.length + vms.length > MOST_ELEMENTS) return { texts: broken, isMinimal: false };
  let rest = inventory;
  let isMinimal = true;
  const tryWithout = (next: Inventory): boolean => {
    const { isFeasible, isProven } = judge(next);
    isMinimal &&= isFeasible || isProven;
    if (isFeasible) return false;
    rest = next;
    return true;
  };
  for (const { name } of vms) tryWithout(withoutVm(rest, name));
  const kept = elements.filter((element) => !tryWithout(element.without(rest)));
  const left = rest.vms.filter(({ managed, running }) => managed !== false && running !== false);
  const people = left.length === 0 ? [] : [`${listed(left.map(demandText))} ${left.length === 1 ? "needs" : "need"} a host`];
  return { texts: [...people, ...kept.map(({ text }) => text)], isMinimal };
}

function demandText({ name, demand }: PlanVm): string {
  return `${name} (${Object.entries(demand).map(([resource, amount]) => `${amount} ${resource}`).join(", ")})`;
}

function elementsOf(inventory: Inventory): Element[] {
  const { hosts, vms, rules = [] } = inventory;
  return [
    ...rules.flatMap((rule, index) => (rule.hard === false ? [] : [ruleElement(rule, index)])),
    ...hosts.filter(({ state = "up" }) => state !== "up").map((host): Element => ({
      text: `${host.name} is ${host.state === "maintenance" ? "in maintenance" : host.state === "unknown" ? "not known to be up" : host.state ?? ""}`,
      without: (from) => withHost(from, { ...host, state: "up" }),
    })),
    ...hosts.map((host): Element => ({
      text: `${host.name} has ${Object.entries(host.capacity).map(([resource, amount]) => `${amount} ${resource}`).join(", ")}`,
      without: (from) => withHost(from, { ...(from.hosts.find(({ name }) => name === host.name) ?? host), capacity: Object.fromEntries(Object.keys(host.capacity).map((resource) => [resource, 1e9])), overcommit: {}, reserved: {} }),
    })),
    ...vms.filter(({ movable = true, managed = true }) => !movable && managed).map((vm): Element => ({
      text: `${vm.name} must not be moved`,
      without: (from) => withVm(from, vm.name, (each) => ({ ...each, movable: true })),
    })),
    ...vms.filter(({ networks, pools, cpu }) => networks !== undefined || pools !== undefined || cpu !== undefined).map((vm): Element => ({
      text: `${vm.name} needs ${listed([...(vm.networks ?? []).map((name) => `network ${name}`), ...(vm.pools ?? []).map((name) => `storage pool ${name}`), ...(vm.cpu === undefined ? [] : ["its CPU"])])}`,
      without: (from) => withVm(from, vm.name, ({ networks: _networks, pools: _pools, cpu: _cpu, ...each }) => each),
    })),
  ];
}

function ruleElement(rule: RuleSpec, index: number): Element {
  const { kind, name, hard: _hard, priority: _priority, continuous: _continuous, ...properties } = rule;
  const words = Object.entries(properties).map(([property, value]) => `${property} ${wordsOf(value)}`).join(", ");
  // A rule is left out by being soft, so that others keep their places in the list.
  return { text: `${name ?? `rules.${index}`}: ${kind} ${words}`, without: (from) => ({ ...from, rules: (from.rules ?? []).map((each, i) => (i === index ? { ...each, hard: false } : each)) }) };
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return listed(value.map(String));
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value).map(([key, item]) => (typeof item === "object" && item !== null ? wordsOf(item) : `${key}=${String(item)}`)).join(" and ");
}

function withHost(inventory: Inventory, host: PlanHost): Inventory {
  return { ...inventory, hosts: inventory.hosts.map((each) => (each.name === host.name ? host : each)) };
}

function withVm(inventory: Inventory, name: string, change: (vm: PlanVm) => PlanVm): Inventory {
  return { ...inventory, vms: inventory.vms.map((vm) => (vm.name === name ? change(vm) : vm)) };
}

/** It is as if it did not run: rules that name it keep their names. */
function withoutVm(inventory: Inventory, name: string): Inventory {
  return withVm(inventory, name, ({ host: _host, cells: _cells, ...vm }) => ({ ...vm, running: false, movable: true }));
}
