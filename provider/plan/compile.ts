import { available, availableOfCell } from "./amounts.js";
import { setsOf } from "./losses.js";
import type { Amounts, Inventory, PlanHost, PlanVm, RuleBase, Selection } from "./model.js";
import { ruleKinds } from "./rules/index.js";
import { DomainTable, HostTests } from "./compile-hosts.js";
import type { RuleCompiler } from "./rules/rule.js";
import { NOWHERE, type ExclusiveSpec, type GroupSpec, type OnlineSpec, type Problem, type SurviveSpec, type WishSpec } from "./solve/problem.js";
import { Selections } from "./selections.js";
import { unplacedCosts } from "./priorities.js";
import { unavoidableCost } from "./solve/unavoidable.js";
import { byName, isBeyondUs, shallRun } from "./view.js";

/** Amounts become whole thousandths, so that sums are exact whatever their order. */
const SCALE = 1000;

/** An inventory in numbers, and what its slots are called. Hosts and VMs are in the order of their names. */
export interface Compiled {
  readonly problem: Problem;
  readonly hosts: readonly PlanHost[];
  readonly vms: readonly PlanVm[];
  /** Cells of each slot; empty for a whole host. */
  readonly slotCells: readonly (readonly number[])[];
}

/** @param inventory without mistakes (`validate.ts`) */
export function compile(inventory: Inventory): Compiled {
  const hosts = byName(inventory.hosts);
  const vms = byName(inventory.vms);
  const resources = [...new Set(hosts.flatMap(({ capacity }) => Object.keys(capacity)))].sort();
  const slots = slotsOf(hosts, vms);
  const { masks, maskOf, passing, groups, wishes, exclusives, onlines, survives, levelCount } = compileRules(inventory, hosts, vms, slots);
  const slotAt = new Map(slots.map((slot, index) => [keyOf(hosts[slot.host]?.name ?? "", slot.cells), index]));
  const origin = Int32Array.from(vms, (vm) => (vm.host === undefined ? NOWHERE : (slotAt.get(keyOf(vm.host, vm.numaCells === undefined ? [] : [...(vm.cells ?? [])].sort((a, b) => a - b))) ?? NOWHERE)));
  const hostState = new Map(hosts.map(({ name, state }) => [name, state ?? "up"]));
  // What ran on a lost host runs no more: it is started where it will be, and that is no move.
  for (const [v, vm] of vms.entries()) if (hostState.get(vm.host ?? "") === "lost") origin[v] = NOWHERE;
  const runs = shallRun(inventory);
  const isFixed = Uint8Array.from(vms, (vm, v) => (runs(vm) && origin[v] !== NOWHERE && isBeyondUs(vm, hostState.get(vm.host ?? "")) ? 1 : 0));
  const problem: Problem = {
    hostCount: hosts.length, vmCount: vms.length, resourceCount: resources.length,
    slotHost: Int32Array.from(slots, ({ host }) => host),
    ...binsOf(hosts, slots, resources),
    demand: amountsOf(vms.map(({ demand }) => demand), resources, 1),
    cellDemand: amountsOf(vms.map(({ demand, numaCells = 1 }) => (numaCells === 1 ? demand : Object.fromEntries(Object.entries(demand).map(([resource, amount]) => [resource, amount / numaCells])))), resources, 1),
    origin, maskOf, masks, passing, groups, wishes, exclusives, onlines, survives, levelCount,
    placed: Uint8Array.from(vms, (vm) => (runs(vm) ? 1 : 0)),
    movable: Uint8Array.from(vms, (vm, v) => (isFixed[v] === 0 && (isMovable(vm) || (origin[v] === NOWHERE && vm.managed !== false)) ? 1 : 0)),
    unplacedCost: unplacedCosts(vms.map(({ priority = 0 }) => priority), (v) => origin[v] === NOWHERE),
    mayWait: inventory.startWhatFits === true,
    moveCost: Float64Array.from(vms, (vm) => 1 + Math.round(vm.memoryUsedMib ?? vm.demand["memoryMib"] ?? 0)),
    unavoidable: 0,
  };
  return { problem: { ...problem, unavoidable: unavoidableCost(problem, isFixed) }, hosts, vms, slotCells: slots.map(({ cells }) => cells) };
}

function isMovable({ movable = true, managed = true }: PlanVm): boolean {
  return movable && managed;
}

interface Slot {
  readonly host: number;
  readonly cells: readonly number[];
}

/** Each host as a whole, and where VMs ask for cells, each combination of as many cells. */
function slotsOf(hosts: readonly PlanHost[], vms: readonly PlanVm[]): Slot[] {
  const spans = [...new Set(vms.flatMap(({ numaCells }) => numaCells ?? []))].sort((a, b) => a - b);
  return hosts.flatMap(({ numa = [] }, host) => [{ host, cells: [] }, ...spans.flatMap((span) => [...setsOf(numa.length, span, span)]).map((cells) => ({ host, cells }))]);
}

function keyOf(host: string, cells: readonly number[]): string {
  return cells.length === 0 ? `whole ${host}` : `cells ${JSON.stringify([host, ...cells])}`;
}

function binsOf(hosts: readonly PlanHost[], slots: readonly Slot[], resources: readonly string[]): Pick<Problem, "slotBinStart" | "slotBin" | "capacity"> {
  const firstCell: number[] = [];
  const capacities: Amounts[] = hosts.map(available);
  for (const host of hosts) {
    firstCell.push(capacities.length);
    capacities.push(...(host.numa ?? []).map((cell) => availableOfCell(host, cell)));
  }
  const bins = slots.map(({ host, cells }) => [host, ...cells.map((cell) => (firstCell[host] ?? 0) + cell)]);
  const slotBinStart = new Int32Array(slots.length + 1);
  for (const [s, list] of bins.entries()) slotBinStart[s + 1] = (slotBinStart[s] ?? 0) + list.length;
  // A cell need not name all resources: of one that it does not name it is no limit.
  const capacity = amountsOf(capacities.map((amounts, bin) => (bin < hosts.length ? amounts : { ...Object.fromEntries(resources.map((resource) => [resource, 1e12])), ...amounts })), resources, -1);
  return { slotBinStart, slotBin: Int32Array.from(bins.flat()), capacity };
}

/** Amounts as whole thousandths, rounded up (1) or down (−1). */
function amountsOf(list: readonly Amounts[], resources: readonly string[], rounding: 1 | -1): Float64Array {
  const out = new Float64Array(list.length * resources.length);
  for (const [i, amounts] of list.entries()) {
    for (const [r, resource] of resources.entries()) {
      const scaled = (amounts[resource] ?? 0) * SCALE;
      // 0.1 + 0.2 and its like are off by less than this, and mean the whole number beside them.
      const whole = Math.round(scaled);
      out[i * resources.length + r] = Math.abs(scaled - whole) < 1e-6 ? whole : rounding === 1 ? Math.ceil(scaled) : Math.floor(scaled);
    }
  }
  return out;
}

function compileRules(inventory: Inventory, hosts: readonly PlanHost[], vms: readonly PlanVm[], slots: readonly Slot[]): Pick<Problem, "masks" | "maskOf" | "passing" | "groups" | "wishes" | "exclusives" | "onlines" | "levelCount"> & Required<Pick<Problem, "survives">> {
  const selections = { hosts: new Selections(hosts), vms: new Selections(vms) };
  const domains = new DomainTable(hosts);
  const tests = new HostTests(hosts, selections.hosts);
  const specs: RuleBase[] = [...ruleKinds.filter(({ always }) => always === true).map(({ kind }) => ({ kind })), ...(inventory.rules ?? [])];
  const priorities = [...new Set(specs.filter(({ hard = true }) => !hard).map(({ priority = 5 }) => priority))].sort((a, b) => b - a);
  const levelCount = 3 + priorities.length;
  const allowed = new MaskTable(hosts, slots, vms);
  // What a VM needs to run at all, and what holds at every moment, holds on the way too.
  const passing = new MaskTable(hosts, slots, vms);
  const always = new Set(ruleKinds.filter((each) => each.always === true).map(({ kind }) => kind));
  const groups: GroupSpec[] = [];
  const wishes: WishSpec[] = [];
  const exclusives: ExclusiveSpec[] = [];
  const onlines: OnlineSpec[] = [];
  const survives: SurviveSpec[] = [];
  const stays = new Uint8Array(vms.length);
  const runs = shallRun(inventory);
  const membersOf = (selection: Selection): Int32Array => Int32Array.from(selections.vms.indexesOf(selection));
  for (const spec of specs) {
    const hard = spec.hard ?? true;
    const level = hard ? 0 : 2 + priorities.indexOf(spec.priority ?? 5);
    const common = { level, weight: hard ? HARD_WEIGHT : 1, isContinuous: hard && spec.continuous === true };
    const restrict = (members: Iterable<number>, hostsAllowed: Uint8Array): void => {
      if (hard) {
        for (const v of members) {
          allowed.restrict(v, hostsAllowed);
          if (always.has(spec.kind) || spec.continuous === true) passing.restrict(v, hostsAllowed);
        }
        return;
      }
      const mask = Uint8Array.from(slots, ({ host }) => hostsAllowed[host] ?? 0);
      for (const v of members) wishes.push({ vm: v, mask, level, weight: common.weight });
    };
    const to: RuleCompiler = {
      hosts, vms,
      allow(selection, isAllowed) {
        restrict(membersOf(selection), tests.flagsOf(isAllowed));
      },
      allowEach(selection, isAllowed, kindOf) {
        const byKind = new Map<string, { vm: PlanVm; members: number[] }>();
        for (const v of membersOf(selection)) {
          const vm = vms[v];
          if (vm === undefined) continue;
          const alike = byKind.get(kindOf(vm));
          if (alike === undefined) byKind.set(kindOf(vm), { vm, members: [v] });
          else alike.members.push(v);
        }
        for (const { vm, members } of byKind.values()) restrict(members, Uint8Array.from(hosts, (host) => (isAllowed(host, vm) ? 1 : 0)));
      },
      domains: (across, isCounted) => domains.by(across, isCounted),
      among: (selection) => tests.test(selection, true),
      outside: (selection) => tests.test(selection, false),
      stay(selection) {
        if (hard) for (const v of membersOf(selection)) if (vms[v]?.host === undefined) stays[v] = 1;
      },
      group(selection, domainOf, cost) {
        const members = membersOf(selection);
        const bounded = cost.kind === "least" ? { ...cost, least: Math.min(cost.least, members.filter((v) => { const vm = vms[v]; return vm !== undefined && vm.running !== false && runs(vm); }).length) } : cost;
        groups.push({ members, ...domains.numbered(domainOf), cost: bounded, ...common });
      },
      exclusive(selection) {
        exclusives.push({ members: membersOf(selection), ...common });
      },
      online(selection, most) {
        const counted = new Set(selections.hosts.namesOf(selection));
        onlines.push({ isCounted: Uint8Array.from(hosts, ({ name }) => (counted.has(name) ? 1 : 0)), most, ...common });
      },
      survive(selection, domainOf, failures) {
        const isMember = new Uint8Array(vms.length);
        for (const v of membersOf(selection)) if (vms[v]?.managed !== false) isMember[v] = 1;
        survives.push({ isMember, stays, ...domains.numbered(domainOf), failures, ...common });
      },
    };
    ruleKinds.find(({ kind }) => kind === spec.kind)?.compile(spec, to);
  }
  return { ...allowed.tables(), passing: passing.tables(), groups, wishes, exclusives, onlines, survives, levelCount };
}

/** A broken hard rule is worse than a unit too much of a resource. */
const HARD_WEIGHT = 1_000_000;

/** More sets of hosts than can be kept in memory. */
const MOST_SETS = 2 ** 26;

/** Slots where each VM may be; VMs with the same slots share one mask. */
class MaskTable {
  readonly #slots: readonly Slot[];
  /** Number of each VM's set of hosts in `#sets`; 0 is all hosts. */
  readonly #setOf: Int32Array;
  readonly #sets: Uint8Array[];
  readonly #numbers = new Map<string, number>();
  /** What two sets have in common, by their numbers. */
  readonly #common = new Map<number, number>();
  readonly #vms: readonly PlanVm[];

  constructor(hosts: readonly PlanHost[], slots: readonly Slot[], vms: readonly PlanVm[]) {
    this.#slots = slots;
    this.#vms = vms;
    this.#setOf = new Int32Array(vms.length);
    this.#sets = [new Uint8Array(hosts.length).fill(1)];
  }

  restrict(v: number, hosts: Uint8Array): void {
    const before = this.#setOf[v] ?? 0;
    const key = before * MOST_SETS + this.#numberOf(hosts);
    const known = this.#common.get(key);
    if (known !== undefined) {
      this.#setOf[v] = known;
      return;
    }
    const set = this.#sets[before];
    const common = this.#numberOf(hosts.map((isAllowed, h) => isAllowed & (set?.[h] ?? 0)));
    this.#common.set(key, common);
    this.#setOf[v] = common;
  }

  /** Equal sets have one number. An array that was seen before is known without being read. */
  #numberOf(hosts: Uint8Array): number {
    const seen = this.#seen.get(hosts);
    if (seen !== undefined) return seen;
    const text = Buffer.from(hosts).toString("latin1");
    const number = this.#numbers.get(text) ?? this.#sets.push(hosts) - 1;
    this.#numbers.set(text, number);
    this.#seen.set(hosts, number);
    return number;
  }

  readonly #seen = new WeakMap<Uint8Array, number>();

  tables(): Pick<Problem, "masks" | "maskOf"> {
    const masks: Uint8Array[] = [];
    const known = new Map<string, number>();
    const maskOf = Int32Array.from(this.#vms, (vm, v) => {
      const set = this.#setOf[v] ?? 0;
      const key = `${vm.numaCells ?? 0} ${set}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      known.set(key, masks.length);
      const hosts = this.#sets[set];
      masks.push(Uint8Array.from(this.#slots, ({ host, cells }) => (hosts?.[host] === 1 && cells.length === (vm.numaCells ?? 0) ? 1 : 0)));
      return masks.length - 1;
    });
    return { masks, maskOf };
  }
}
