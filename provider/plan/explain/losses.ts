import { countOfSets, domainsOf, setsOf, together, type Loss } from "../losses.js";
import { unlinked } from "../linked.js";
import type { HostState, Inventory, PlanVm } from "../model.js";
import { Restarter, type Refusal } from "../restart.js";
import { InventoryError, mistakesOf } from "../validate.js";
import { placesBefore, rulesOf } from "../verify.js";
import { shallRun, View } from "../view.js";

/** What is lost: these hosts together; a domain; or, one after another, each set of `any` hosts or domains (`across`). */
export type LossQuestion =
  | { readonly hosts: readonly string[] }
  | { readonly across: string; readonly domain: string }
  | { readonly any: number; readonly across?: string };

/** A VM of a lost host that has no place elsewhere. */
export interface LeftVm {
  readonly vm: string;
  readonly from: string;
  readonly reason: string;
  /** Why not, on each host that is left. */
  readonly hosts: readonly Refusal[];
}

/** What becomes of one loss. VMs on other hosts stay where they are. */
export interface LossOutcome {
  /** `ash`, `rack r1`, `ash and birch` */
  readonly lost: string;
  readonly hosts: readonly string[];
  /** Where each VM is restarted, those with the highest priority first. */
  readonly restarted: readonly { readonly vm: string; readonly from: string; readonly to: string; readonly cells?: readonly number[] }[];
  readonly left: readonly LeftVm[];
  /** Where VMs are left: that no way restarts more of those that come first was proved. */
  readonly isProven: boolean;
}

/** JSON-serializable. */
export interface WhatIf {
  readonly losses: readonly LossOutcome[];
  /** How many losses there are to look at, of which `losses` are the first. */
  readonly possible: number;
  readonly isComplete: boolean;
}

/** More losses than this are not looked at, unless it is asked for. */
const DEFAULT_MOST = 2_000;

/**
 * What would become of the loss of hosts, as things are: which VMs high availability restarts, and where; which it cannot, and
 * why. All hard rules are kept, but those about losses (`survive`); VMs that are not lost do not move.
 *
 * @param most losses that are looked at
 * @throws InventoryError where the inventory is wrong, or has no such host or domain
 * @example whatIfLost(inventory, { any: 1 }).losses.filter(({ left }) => left.length > 0)
 */
export function whatIfLost(declared: Inventory, question: LossQuestion, most = DEFAULT_MOST): WhatIf {
  const mistakes = mistakesOf(declared);
  if (mistakes.length > 0) throw new InventoryError(mistakes);
  const inventory = unlinked(declared);
  const { possible, losses } = lossesOf(inventory, question);
  const view = new View(inventory.hosts, inventory.vms, placesBefore(inventory), rulesOf(inventory));
  const restarter = new Restarter(view);
  const runs = shallRun(inventory);
  const found: LossOutcome[] = [];
  for (const loss of losses) {
    if (found.length >= most) break;
    found.push(outcomeOf(loss, view, restarter, runs));
  }
  return { losses: found, possible, isComplete: found.length === possible };
}

function outcomeOf({ what, hosts }: Loss, view: View, restarter: Restarter, runs: (vm: PlanVm) => boolean): LossOutcome {
  const there = hosts.flatMap((host) => view.on(host)).filter((vm) => vm.running !== false && runs(vm));
  const { restarted, left, isProven } = restarter.after(new Set(hosts), there.filter(({ managed }) => managed !== false));
  return {
    lost: what, hosts,
    restarted: restarted.map(({ vm, to }) => ({ vm, from: view.hostOf(vm) ?? "", to: to.host, ...(to.cells === undefined ? {} : { cells: to.cells }) })),
    left: [
      ...left.map(({ vm, hosts: refusals }) => ({ vm, from: view.hostOf(vm) ?? "", reason: refusals.length === 0 ? "no host that is up is left" : refusals.map(({ rule, text }) => (rule === "capacity" ? text : `${rule}: ${text}`)).slice(0, 3).join("; ") + (refusals.length > 3 ? "; …" : ""), hosts: refusals })),
      ...there.filter(({ managed }) => managed === false).map(({ name }) => ({ vm: name, from: view.hostOf(name) ?? "", reason: "it is not managed: nobody restarts it", hosts: [] })),
    ],
    isProven,
  };
}

function lossesOf({ hosts }: Inventory, question: LossQuestion): { possible: number; losses: Iterable<Loss> } {
  if ("hosts" in question) {
    const missing = question.hosts.filter((name) => !hosts.some((host) => host.name === name));
    if (missing.length > 0) throw new InventoryError(missing.map((name) => `there is no host ${name}`));
    return { possible: 1, losses: [together(question.hosts.map((name) => ({ what: name, hosts: [name], isOne: true })))] };
  }
  const { across = "host" } = question;
  const domains = domainsOf(hosts, across, ({ state }) => canBeLost(state));
  if ("domain" in question) {
    const loss = domains.find(({ what }) => what === (across === "host" ? question.domain : `${across} ${question.domain}`));
    if (loss === undefined) throw new InventoryError([`no host has the label ${across}=${question.domain}`]);
    return { possible: 1, losses: [loss] };
  }
  if (across !== "host" && !hosts.some(({ labels }) => labels?.[across] !== undefined)) throw new InventoryError([`no host has a label ${across}`]);
  const size = question.any;
  if (!Number.isInteger(size) || size < 1) throw new InventoryError([`${size} hosts cannot be lost: give a whole number from 1`]);
  return { possible: size > domains.length ? 0 : countOfSets(domains.length, size, true), losses: sets(domains, size) };
}

function* sets(domains: readonly Loss[], size: number): Generator<Loss> {
  for (const set of setsOf(domains.length, size, size)) yield together(set.flatMap((index) => domains[index] ?? []));
}

/** A host that carries nothing, or is lost already, is no loss. */
function canBeLost(state: HostState = "up"): boolean {
  return state !== "off" && state !== "lost";
}
