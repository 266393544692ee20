import { groupBy } from "../base/group-by.js";
import { TOLERANCE } from "./amounts.js";
import { unlinked } from "./linked.js";
import type { Action, Assignments, Inventory, Place, PlanHost, PlanVm, Violation } from "./model.js";
import { ruleKinds } from "./rules/index.js";
import { Facts } from "./verify-facts.js";
import { linkedFaults } from "./verify-linked.js";
import { endOf, momentsOf } from "./verify-moments.js";
import { isOfPower, PowerWatch } from "./verify-power.js";
import { Room } from "./verify-room.js";
import { ContinuousWatch } from "./verify-rules.js";
import { durationFaults, timingFaults } from "./verify-timing.js";
import { byName, ruleNameOf, select, shallRun, View, type NamedRule } from "./view.js";

const DEFAULT_PARALLEL = 2;
/** Of a host whose links are not declared. */
const DEFAULT_LINK_MBPS = 1000;

/** An inventory as it is before the plan: its hosts, VMs and rules are looked up once for all assignments that are judged. */
export function sceneOf(inventory: Inventory, before = placesBefore(inventory)): View {
  return new View(inventory.hosts, inventory.vms, before, rulesOf(inventory));
}

/**
 * Every rule, declared or always kept, that an assignment breaks.
 * @param scene of this inventory, where several assignments of it are judged
 */
export function violationsOf(inventory: Inventory, assignments: Assignments, scene = sceneOf(unlinked(inventory))): Violation[] {
  return brokenIn(inventory, assignments, scene).map(({ violation }) => violation);
}

/** What is broken, and by which of the scene's rules it is: two may be called the same where nobody has validated the inventory. */
interface BrokenRule {
  /** Its place among the scene's rules, or the name of a fact that is none of them. */
  readonly key: number | string;
  readonly violation: Violation;
}

function brokenIn(inventory: Inventory, assignments: Assignments, scene: View): BrokenRule[] {
  const { rules } = scene;
  const view = scene.isOf(assignments) ? scene : new View(scene, scene.vms, assignments, rules);
  const runs = shallRun(inventory);
  const missing = scene.vms.filter((vm) => runs(vm) && view.hostOf(vm.name) === undefined).map((vm): Violation => (
    inventory.startWhatFits === true && runsNowhere(vm, scene) ? { rule: "place", hard: false, text: `${vm.name} waits for a place`, vms: [vm.name], hosts: [] }
      : { rule: "place", hard: true, text: `${vm.name} has no host`, vms: [vm.name], hosts: [] }));
  const waiting = scene.vms.filter((vm) => vm.managed !== false && vm.running !== false && !runs(vm)).map(({ name }): Violation => (
    { rule: "cluster_maintenance", hard: false, text: `${name} is not started: the cluster is in maintenance, and only VMs with a priority are`, vms: [name], hosts: [] }));
  return [
    ...[...missing, ...waiting].map((violation) => ({ key: violation.rule, violation })),
    ...rules.flatMap(({ kind, spec, name }, key) => kind.check(spec, view).map((finding) => ({ key, violation: { rule: name, hard: spec.hard ?? true, ...finding } }))),
  ];
}

function runsNowhere({ host }: PlanVm, scene: View): boolean {
  return host === undefined || scene.host(host)?.state === "lost";
}

/** Every rule of an inventory, those that are always kept first. */
export function rulesOf({ rules = [] }: Inventory): NamedRule[] {
  const kinds = new Map(ruleKinds.map((kind) => [kind.kind, kind]));
  const declared: NamedRule[] = [];
  for (const [index, spec] of rules.entries()) {
    const kind = kinds.get(spec.kind);
    if (kind !== undefined) declared.push({ kind, spec, name: ruleNameOf(spec, index) });
  }
  return [...ruleKinds.filter(({ always }) => always === true).map((kind) => ({ kind, spec: { kind: kind.kind }, name: kind.kind })), ...declared];
}

/** Where VMs are before the plan, in the order of their names; one on a lost host runs nowhere. */
export function placesBefore({ hosts, vms }: Inventory): Assignments {
  const lost = new Set(hosts.filter(({ state }) => state === "lost").map(({ name }) => name));
  return Object.fromEntries(byName(vms).map((vm) => [vm.name, vm.host === undefined || lost.has(vm.host) ? undefined : placeOn(vm.host, vm)]));
}

function placeOn(host: string, { cells, numaCells }: PlanVm): Place {
  return cells === undefined || numaCells === undefined ? { host } : { host, cells: [...cells].sort((a, b) => a - b) };
}

/** What a replay comes to. */
export interface Replayed {
  /** What is wrong with the plan, in words; nothing when it is safe. */
  readonly faults: readonly string[];
  /** Rules, soft ones too, that are broken at its end. */
  readonly violations: readonly Violation[];
}

/**
 * Replays a plan, moment by moment, and judges it by the model alone: it knows nothing of what made the plan (`docs/planner.md` names what both read the model by).
 * @param expected where the plan says that the VMs are at its end
 * @returns what is wrong with it, in words; nothing when it is safe
 */
export function verify(inventory: Inventory, actions: readonly Action[], expected: Assignments): string[] {
  return [...new Set([...replay(unlinked(inventory), actions, expected).faults, ...linkedFaults(inventory, actions, expected)])];
}

/**
 * The same, with what is broken at the end.
 * @param scene of this inventory, where several assignments of it are judged
 */
export function replay(inventory: Inventory, actions: readonly Action[], expected: Assignments, scene = sceneOf(inventory)): Replayed {
  const power = new PowerWatch(inventory, actions);
  const awake = power.awake(inventory);
  return new Replay(awake, actions, awake === inventory ? scene : sceneOf(awake), power).run(expected);
}

class Replay {
  readonly #inventory: Inventory;
  readonly #scene: View;
  readonly #actions: readonly Action[];
  readonly #shallRun: (vm: PlanVm) => boolean;
  readonly #places = new Map<string, Place>();
  /** Where a VM arrives: it is held there too. */
  readonly #arriving = new Map<string, Place>();
  readonly #faults: string[] = [];
  /** Moves under way, by the side and the name of the host. */
  readonly #moving = new Map<string, Set<Action>>();
  readonly #room: Room;
  readonly #watch: ContinuousWatch;
  readonly #power: PowerWatch;

  /** @param inventory with all hosts up that the plan switches on */
  constructor(inventory: Inventory, actions: readonly Action[], scene: View, power: PowerWatch) {
    this.#inventory = inventory;
    this.#power = power;
    this.#scene = scene;
    this.#actions = actions;
    for (const { name } of scene.vms) {
      const place = scene.placeOf(name);
      if (place !== undefined) this.#places.set(name, place);
    }
    this.#shallRun = shallRun(inventory);
    // Where nothing is done nothing is held, and nothing watched.
    this.#room = new Room(actions.length === 0 ? { hosts: [] } : inventory);
    this.#watch = new ContinuousWatch(scene, actions.length === 0 ? [] : scene.rules);
  }

  run(expected: Assignments): Replayed {
    if (this.#actions.length > 0) this.#replay();
    this.#checkBudget();
    const violations = this.#checkEnd(expected);
    return { faults: [...new Set(this.#faults)], violations };
  }

  #replay(): void {
    for (const vm of this.#scene.vms) this.#room.change(vm, this.#heldBy(vm.name), 1);
    const overBefore = new Map(this.#room.over().map(({ key, excess }) => [key, excess]));
    // A rule that is broken to begin with may stay so until it is kept, and from then on it must hold.
    const tolerated = new Set(this.#watch.broken().map(({ key }) => key));
    this.#checkOrder();
    const ofVms = this.#actions.filter((action) => !isOfPower(action));
    this.#faults.push(...timingFaults(this.#inventory, ofVms), ...durationFaults(this.#inventory, ofVms));
    for (const { seconds, ending, starting } of momentsOf(this.#actions)) {
      for (const action of ending) this.#endOf(action, seconds);
      for (const action of starting) this.#beginningOf(action, seconds);
      this.#checkParallel(ending, starting, seconds);
      for (const { key, excess } of this.#room.over()) {
        if (excess > (overBefore.get(key) ?? 0) + TOLERANCE) this.#faults.push(`at ${seconds} s ${key} is promised for ${Math.round(excess * 1000) / 1000} too much`);
      }
      const broken = this.#watch.broken();
      for (const { key, rule, text } of broken) if (!tolerated.has(key)) this.#faults.push(`at ${seconds} s ${rule}: ${text}`);
      const stillBroken = new Set(broken.map(({ key }) => key));
      for (const key of tolerated) if (!stillBroken.has(key)) tolerated.delete(key);
    }
  }

  #endOf(action: Action, seconds: number): void {
    if (isOfPower(action)) this.#power.end(action);
    else this.#step(action, () => { this.#end(action, seconds); });
  }

  #beginningOf(action: Action, seconds: number): void {
    if (!isOfPower(action)) {
      this.#step(action, () => { this.#start(action, seconds); });
      return;
    }
    const isEmpty = ![...this.#places.values(), ...this.#arriving.values()].some(({ host }) => host === action.subject);
    for (const text of this.#power.begin(action, isEmpty)) this.#faults.push(`at ${seconds} s ${text}`);
  }

  /** Carries out what an action changes, and keeps account of what its VM holds. */
  #step({ subject }: Action, change: () => void): void {
    const vm = this.#scene.vm(subject);
    if (vm !== undefined) this.#room.change(vm, this.#heldBy(subject), -1);
    change();
    if (vm === undefined) return;
    this.#room.change(vm, this.#heldBy(subject), 1);
    this.#watch.place(subject, this.#places.get(subject), this.#arriving.get(subject) ?? this.#places.get(subject));
  }

  /** Where a VM is, and where it arrives. */
  #heldBy(vm: string): Place[] {
    return [this.#places.get(vm), this.#arriving.get(vm)].filter((place) => place !== undefined);
  }

  #checkOrder(): void {
    for (const [index, { after, startSeconds, durationSeconds, subject }] of this.#actions.entries()) {
      if (!(startSeconds >= 0) || !(durationSeconds > 0)) this.#faults.push(`action ${index} (${subject}) has no time`);
      for (const earlier of after) {
        const action = this.#actions[earlier];
        if (action === undefined) this.#faults.push(`action ${index} (${subject}) comes after action ${earlier}, which there is not`);
        else if (endOf(action) > startSeconds) this.#faults.push(`action ${index} (${subject}) begins before action ${earlier} (${action.subject}) has ended`);
      }
    }
  }

  #start(action: Action, seconds: number): void {
    const { kind, subject, from, to } = action;
    const vm = this.#scene.vm(subject);
    const fault = (text: string): void => { this.#faults.push(`at ${seconds} s ${text}`); };
    if (vm === undefined) {
      fault(`${subject} is no VM of the inventory`);
      return;
    }
    const here = this.#places.get(subject);
    if (this.#arriving.has(subject)) fault(`${subject} is already under way`);
    if (kind !== "start" && !isSame(here, from)) fault(`${subject} is said to be on ${from?.host ?? "no host"}, and is on ${here?.host ?? "none"}`);
    if (kind === "start" && here !== undefined) fault(`${subject} is started on ${to?.host ?? "no host"} and runs on ${here.host}`);
    if (kind === "migrate" && !((action.mbps ?? 0) > 0)) fault(`${subject} moves without a part of the links`);
    if (kind === "migrate" && (action.mbps ?? 0) > (this.#inventory.schedule?.mbpsPerMove ?? Infinity) + TOLERANCE) fault(`${subject} takes ${action.mbps ?? 0} Mb/s, which is more than a move may`);
    if (kind === "start" && !this.#shallRun(vm)) fault(`${subject} is started, and shall not run`);
    if (kind === "migrate" && to?.host === from?.host) fault(`${subject} migrates from ${from?.host ?? "no host"} to itself`);
    if (kind === "repin" && (to?.host !== from?.host || vm.numaCells === undefined)) fault(`${subject} goes to other cells, and not of its own host`);
    if ((kind === "migrate" || kind === "repin") && (vm.movable === false || vm.managed === false)) fault(`${subject} moves, and may not`);
    if (kind === "stop" && (vm.running !== false || vm.managed === false)) fault(`${subject} is stopped, and shall run`);
    const source = this.#scene.host(vm.host ?? "");
    if (source?.state === "unknown") fault(`${subject} ${kind === "stop" ? "is stopped on" : "leaves"} ${source.name}, of which nothing is known: it may run there`);
    if (to === undefined) return;
    const host = this.#scene.host(to.host);
    if (host === undefined || (host.state ?? "up") !== "up") fault(`${subject} goes to ${to.host}, which is ${host?.state ?? "not among the hosts"}`);
    if (this.#power.isOff(to.host)) fault(`${subject} goes to ${to.host}, which is off`);
    for (const { text } of host === undefined ? [] : this.#needsOf(vm, to, host)) fault(text);
    this.#arriving.set(subject, to);
  }

  /** What the VM needs to run at all, and has not on a host: it may not even pass by there. */
  #needsOf(vm: PlanVm, to: Place, host: PlanHost): readonly { readonly text: string }[] {
    const view = new View([host], [vm], { [vm.name]: to });
    return ruleKinds.filter(({ always, kind }) => always === true && kind !== "capacity" && kind !== "state").flatMap((kind) => kind.check({ kind: kind.kind }, view));
  }

  #end({ kind, subject, to }: Action, seconds: number): void {
    if (kind === "stop") {
      this.#places.delete(subject);
      return;
    }
    const arrived = this.#arriving.get(subject);
    if (arrived === undefined || !isSame(arrived, to)) this.#faults.push(`at ${seconds} s ${subject} arrives where it was not going`);
    this.#arriving.delete(subject);
    if (to !== undefined) this.#places.set(subject, to);
  }

  /** Hands and links of the hosts between which something begins. */
  #checkParallel(ending: readonly Action[], starting: readonly Action[], seconds: number): void {
    const most = this.#inventory.schedule?.parallelPerHost ?? DEFAULT_PARALLEL;
    for (const side of ["from", "to"] as const) {
      const keyOf = (action: Action): string => `${side} ${action[side]?.host ?? ""}`;
      for (const action of ending) this.#moving.get(keyOf(action))?.delete(action);
      for (const [key, moves] of groupBy(starting.filter(({ kind }) => kind === "migrate"), keyOf)) {
        const under = this.#moving.get(key) ?? new Set();
        this.#moving.set(key, under);
        for (const action of moves) under.add(action);
        const host = moves[0]?.[side]?.host ?? "";
        if (under.size > most) this.#faults.push(`at ${seconds} s ${under.size} moves go ${side} ${host} at once, and ${most} may`);
        const link = this.#scene.host(host)?.link;
        const speed = (side === "from" ? link?.outMbps : link?.inMbps) ?? DEFAULT_LINK_MBPS;
        const used = [...under].reduce((sum, { mbps = 0 }) => sum + mbps, 0);
        if (used > speed + TOLERANCE) this.#faults.push(`at ${seconds} s moves ${side} ${host} have ${used} Mb/s, and its link has ${speed}`);
      }
    }
  }

  #checkBudget(): void {
    const { budget, vms } = this.#inventory;
    if (budget === undefined) return;
    const moves = this.#actions.filter(({ kind }) => kind === "migrate" || kind === "repin");
    const mib = moves.reduce((sum, { subject }) => sum + Math.round(this.#scene.vm(subject)?.memoryUsedMib ?? this.#scene.vm(subject)?.demand["memoryMib"] ?? 0), 0);
    const movable = new Set(budget.vms === undefined ? vms.map(({ name }) => name) : select(vms, budget.vms));
    if (moves.length > (budget.moves ?? Infinity)) this.#faults.push(`${moves.length} moves are made, and the budget allows ${budget.moves ?? 0}`);
    if (mib > (budget.mib ?? Infinity)) this.#faults.push(`${mib} MiB are copied, and the budget allows ${budget.mib ?? 0}`);
    for (const { subject } of moves) if (!movable.has(subject)) this.#faults.push(`${subject} moves, and the budget does not let it`);
  }

  /** @returns what is broken at the end */
  #checkEnd(expected: Assignments): Violation[] {
    for (const { name } of this.#inventory.vms) {
      const place = this.#places.get(name);
      const wanted = expected[name];
      if (!isSame(place, wanted)) this.#faults.push(`at the end ${name} is on ${place?.host ?? "no host"}, and the plan says ${wanted?.host ?? "none"}`);
    }
    // With a budget, not all need be repaired: then no rule may be broken more often than it was. What nobody can repair stays.
    const before = this.#inventory.budget === undefined ? new Map<BrokenRule["key"], BrokenRule[]>() : groupBy(hardOnes(brokenIn(this.#inventory, placesBefore(this.#inventory), this.#scene)), ({ key }) => key);
    const facts = new Facts(this.#scene);
    const last = this.#power.after(this.#inventory);
    const after = last === this.#inventory ? brokenIn(last, expected, this.#scene) : brokenIn(last, expected, sceneOf(last));
    const beyond = new Set(facts.beyond(after.map(({ violation }) => violation)));
    for (const [key, broken] of groupBy(after.filter(({ violation }) => beyond.has(violation)), (each) => each.key)) {
      if (broken.length > (before.get(key)?.length ?? 0)) for (const { violation: { rule, text } } of broken) this.#faults.push(`at the end ${rule} is broken: ${text}`);
    }
    return after.map(({ violation }) => violation);
  }
}

function hardOnes(broken: readonly BrokenRule[]): BrokenRule[] {
  return broken.filter(({ violation }) => violation.hard);
}

function isSame(a: Place | undefined, b: Place | undefined): boolean {
  return a?.host === b?.host && (a?.cells === b?.cells || JSON.stringify(a?.cells ?? []) === JSON.stringify(b?.cells ?? []));
}
