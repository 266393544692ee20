import { available } from "../amounts.js";
import type { HostState, Inventory, Plan, PlanHost, PlanVm, RuleSpec, Violation } from "../model.js";
import { lacks } from "../rules/cpu.js";
import { missing } from "../rules/reach.js";
import { listed } from "../rules/rule.js";

/** Whether an inventory has a plan, and whether that was proved. */
export interface Feasibility {
  readonly isFeasible: boolean;
  readonly isProven: boolean;
}

/** Tells whether an inventory has a plan. With `isProof`, more time is given to prove that it has none. */
export type Judgement = (inventory: Inventory, isProof: boolean) => Feasibility;

/** Something that may be in the way, and the inventory without it. */
export interface Element {
  readonly text: string;
  without(inventory: Inventory): Inventory;
}

/** An inventory that has no plan, stripped of all that does not matter for that. */
export interface Core {
  readonly rest: Inventory;
  /** VMs that need a host. */
  readonly vms: readonly Element[];
  readonly elements: readonly Element[];
  /** That it has no plan was proved, and without any one of these it has. */
  readonly isMinimal: boolean;
}

/** Larger inventories are explained by what is broken in the best plan that was found. */
const MOST_ELEMENTS = 60;

/**
 * What stands in the way of any plan, in an operator's words.
 *
 * @param violations hard rules that are broken in the best plan that was found
 */
export function conflictOf(inventory: Inventory, violations: readonly Violation[], judge: Judgement, isUp = (): boolean => false): NonNullable<Plan["conflict"]> {
  const broken = violations.map(({ rule, text }) => (rule === "place" ? text : `${rule}: ${text}`));
  const core = coreOf(inventory, judge, isUp);
  return core === undefined ? { texts: broken, isMinimal: false } : wordsOfCore(core);
}

/** A core in an operator's words. */
export function wordsOfCore({ vms, elements, isMinimal }: Core): NonNullable<Plan["conflict"]> {
  const people = vms.length === 0 ? [] : [`${listed(vms.map(({ text }) => text))} ${vms.length === 1 ? "needs" : "need"} a host`];
  return { texts: [...people, ...elements.map(({ text }) => text)], isMinimal };
}

/**
 * Rules and facts of which none can be left out, found by leaving out one after another for as long as it stays impossible (a
 * deletion filter). As a rule that is left out may let another be left out (rules about even division do), that is repeated
 * until all that is kept was seen to matter.
 *
 * @param isUp whether the time to search is over
 * @param more what else may be in the way than hosts, VMs and rules
 * @returns `undefined` for an inventory that is too large, or of which the search cannot tell that it has no plan, or not in time
 */
export function coreOf(inventory: Inventory, judge: Judgement, isUp = (): boolean => false, more: readonly Element[] = []): Core | undefined {
  let vms = inventory.vms.filter((vm) => vm.managed !== false && vm.running !== false).map(vmElement);
  let elements = [...elementsOf(inventory), ...more];
  if (elements.length + vms.length > MOST_ELEMENTS || judge(inventory, false).isFeasible) return undefined;
  let rest = inventory;
  const isNeeded = (element: Element): boolean => {
    if (isUp()) return true;
    const next = element.without(rest);
    if (judge(next, false).isFeasible) return true;
    rest = next;
    return false;
  };
  for (let before = Infinity; vms.length + elements.length < before;) {
    before = vms.length + elements.length;
    vms = vms.filter(isNeeded);
    elements = elements.filter(isNeeded);
  }
  const { isFeasible, isProven } = isUp() ? { isFeasible: true, isProven: false } : judge(rest, true);
  return isFeasible || isUp() ? undefined : { rest, vms, elements, isMinimal: isProven };
}

/** It is as if it did not run: rules that name it keep their names. */
function vmElement({ name, demand }: PlanVm): Element {
  const amounts = amountsText(demand);
  return {
    text: amounts === "" ? name : `${name} (${amounts})`,
    without: (from) => withVm(from, name, ({ host: _host, cells: _cells, ...vm }) => ({ ...vm, running: false, movable: true })),
  };
}

function amountsText(amounts: Readonly<Record<string, number>>): string {
  return Object.entries(amounts).map(([resource, amount]) => `${Math.round(amount * 1000) / 1000} ${resource}`).join(", ");
}

/** What it may be promised for is not what it has, where some is kept or promised several times. */
function roomText(host: PlanHost): string {
  const cells = (host.numa ?? []).length === 0 ? "" : ` in ${host.numa?.length ?? 0} NUMA cells`;
  return host.reserved === undefined && host.overcommit === undefined ? `${host.name} has ${amountsText(host.capacity)}${cells}` : `${host.name} may be promised for ${amountsText(available(host))}${cells}`;
}

const STATE_WORDS: Readonly<Record<HostState, string>> = {
  up: "is up", maintenance: "is in maintenance", leaving: "leaves the cluster", off: "is switched off", lost: "is lost", unknown: "is not known to be up",
};

function elementsOf(inventory: Inventory): Element[] {
  const { hosts, vms, rules = [] } = inventory;
  const resources = [...new Set([...hosts.flatMap(({ capacity }) => Object.keys(capacity)), ...vms.flatMap(({ demand }) => Object.keys(demand))])];
  return [
    ...rules.flatMap((rule, index) => (rule.hard === false ? [] : [ruleElement(rule, index)])),
    ...hosts.filter(({ state = "up" }) => state !== "up").map((host): Element => ({
      text: `${host.name} ${STATE_WORDS[host.state ?? "up"]}`,
      without: (from) => withHost(from, host.name, (each) => ({ ...each, state: "up" })),
    })),
    ...hosts.map((host): Element => ({
      text: roomText(host),
      without: (from) => withHost(from, host.name, ({ overcommit: _overcommit, reserved: _reserved, ...each }) => ({
        ...each, capacity: Object.fromEntries(resources.map((resource) => [resource, 1e9])), ...(each.numa === undefined ? {} : { numa: each.numa.map(() => ({ capacity: {} })) }),
      })),
    })),
    ...vms.filter(({ movable = true, managed = true }) => !movable && managed).map((vm): Element => ({
      text: `${vm.name} must not be moved`,
      without: (from) => withVm(from, vm.name, (each) => ({ ...each, movable: true })),
    })),
    ...vms.filter(({ numaCells, managed = true }) => numaCells !== undefined && managed).map((vm): Element => ({
      text: `${vm.name} spans ${vm.numaCells ?? 1} NUMA ${vm.numaCells === 1 ? "cell" : "cells"}`,
      without: (from) => withVm(from, vm.name, ({ numaCells: _numaCells, cells: _cells, ...each }) => each),
    })),
    ...vms.filter(({ networks, pools, cpu }) => networks !== undefined || pools !== undefined || cpu !== undefined).map((vm): Element => ({
      // Of thousands of VMs few are spoken of.
      get text() { return needsText(vm, hosts); },
      without: (from) => withVm(from, vm.name, ({ networks: _networks, pools: _pools, cpu: _cpu, ...each }) => each),
    })),
  ];
}

/** What every host has is in nobody's way. */
function needsText(vm: PlanVm, hosts: readonly PlanHost[]): string {
  const lacking = [...new Set(hosts.flatMap((host) => [...missing(host, vm), ...lacks(host, vm)]))];
  return `${vm.name} needs ${lacking.length === 0 ? "its networks, storage pools and CPU" : listed(lacking)}`;
}

function ruleElement(rule: RuleSpec, index: number): Element {
  const { kind, name, hard: _hard, priority: _priority, continuous: _continuous, ...properties } = rule;
  const words = Object.entries(properties).map(([property, value]) => `${property} ${wordsOf(value)}`).join(", ");
  // A rule is left out by being soft, so that others keep their places in the list.
  return { text: `${name ?? `rules.${index}`}: ${words === "" ? kind : `${kind} ${words}`}`, without: (from) => ({ ...from, rules: (from.rules ?? []).map((each, i) => (i === index ? { ...each, hard: false } : each)) }) };
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return listed(value.map(String));
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value).map(([key, item]) => (typeof item === "object" && item !== null ? wordsOf(item) : `${key}=${String(item)}`)).join(" and ");
}

function withHost(inventory: Inventory, name: string, change: (host: PlanHost) => PlanHost): Inventory {
  return { ...inventory, hosts: inventory.hosts.map((host) => (host.name === name ? change(host) : host)) };
}

function withVm(inventory: Inventory, name: string, change: (vm: PlanVm) => PlanVm): Inventory {
  return { ...inventory, vms: inventory.vms.map((vm) => (vm.name === name ? change(vm) : vm)) };
}
