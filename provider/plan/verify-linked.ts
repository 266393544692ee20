import { TOLERANCE } from "./amounts.js";
import type { Action, Assignments, Inventory, PlanVm } from "./model.js";
import { momentsOf } from "./verify-moments.js";
import { Room } from "./verify-room.js";

/** A VM or a part of one, as it was declared. */
interface Unit {
  readonly name: string;
  /** What it holds of a host. */
  readonly held: PlanVm;
  /** Hosts where it is, and where it will be; the same for one that is not under way. */
  now: string | undefined;
  next: string | undefined;
}

/** A VM and its parts. */
interface Family {
  readonly units: readonly Unit[];
  /** How many of them are too many on their hosts: none, from when there were none first. */
  excess: number;
}

/**
 * What a plan does wrong to linked parts: by the declared inventory alone, and by nothing that made VMs of them for the solver.
 * At no moment two units of a VM are on one host, where one that is under way is on both; and hosts hold what parts demand.
 *
 * Those that are together to begin with may be so until they part, and meanwhile no more of them come together; at the end,
 * only where a budget may leave it so.
 * @param inventory as it was declared
 */
export function linkedFaults(inventory: Inventory, actions: readonly Action[], expected: Assignments): string[] {
  return inventory.vms.some(({ linked = [] }) => linked.length > 0) ? new LinkedReplay(inventory).run(actions, expected) : [];
}

class LinkedReplay {
  readonly #inventory: Inventory;
  readonly #units = new Map<string, Unit>();
  readonly #families: readonly Family[];
  readonly #familyOf = new Map<string, Family>();
  readonly #room: Room;
  readonly #faults = new Set<string>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
    this.#room = new Room(inventory);
    const lost = new Set(inventory.hosts.filter(({ state }) => state === "lost").map(({ name }) => name));
    const unit = (held: PlanVm, host: string | undefined): Unit => {
      const place = host === undefined || lost.has(host) ? undefined : host;
      const made = { name: held.name, held, now: place, next: place };
      this.#units.set(made.name, made);
      this.#hold(made, 1);
      return made;
    };
    this.#families = inventory.vms.map((vm) => {
      const units = [unit(vm, vm.host), ...(vm.linked ?? []).map((part) => unit({ name: `${vm.name}/${part.name}`, demand: part.demand }, part.host))];
      return { units, excess: excessOf(units.map(({ now }) => now)) };
    }).filter(({ units }) => units.length > 1);
    for (const family of this.#families) for (const { name } of family.units) this.#familyOf.set(name, family);
  }

  run(actions: readonly Action[], expected: Assignments): string[] {
    const before = new Map(this.#room.over().map(({ key, excess }) => [key, excess]));
    for (const { seconds, ending, starting } of momentsOf(actions)) {
      for (const { subject, to } of ending) this.#put(subject, to?.host, to?.host);
      for (const { subject, from, to } of starting) this.#put(subject, from?.host, to?.host ?? from?.host);
      for (const { key, excess } of this.#room.over()) if (excess > (before.get(key) ?? 0) + TOLERANCE) this.#faults.add(`at ${seconds} s ${key} is promised to VMs and parts for ${Math.round(excess * 1000) / 1000} too much`);
      for (const family of new Set([...ending, ...starting].map(({ subject }) => this.#familyOf.get(subject)))) if (family !== undefined) this.#look(family, `at ${seconds} s`);
    }
    this.#atTheEnd(expected);
    return [...this.#faults];
  }

  #put(name: string, now: string | undefined, next: string | undefined): void {
    const unit = this.#units.get(name);
    if (unit === undefined) return;
    this.#hold(unit, -1);
    Object.assign(unit, { now, next });
    this.#hold(unit, 1);
  }

  #hold({ held, now, next }: Unit, sign: 1 | -1): void {
    // Cells are the VMs' own, which the replay of all VMs looks at.
    const { numaCells: _numaCells, ...whole } = held;
    this.#room.change(whole, [now, next].flatMap((host) => (host === undefined ? [] : [{ host }])), sign);
  }

  /** Are more units of a VM together than just before, now that one has moved? */
  #look(family: Family, when: string): void {
    const { units, excess } = family;
    const [now, next] = [excessOf(units.map((unit) => unit.now)), excessOf(units.map((unit) => unit.next))];
    const isWorse = excess === 0 ? pairsOn(units).length > 0 : now > excess || next > excess;
    if (isWorse) for (const text of pairsOn(units)) this.#faults.add(`${when} ${text}`);
    family.excess = Math.min(excess, now);
  }

  #atTheEnd(expected: Assignments): void {
    // What a budget, or a cluster in maintenance, leaves for later is told as a violation.
    const { budget, policy } = this.#inventory;
    for (const { units, excess } of this.#families) {
      const there = units.map((unit): Unit => ({ ...unit, now: expected[unit.name]?.host, next: expected[unit.name]?.host }));
      if (budget === undefined && policy?.name !== "cluster_maintenance") for (const { name, now } of there.slice(1)) if (now === undefined) this.#faults.add(`at the end ${name} is on no host`);
      if (excessOf(there.map(({ now }) => now)) > (budget === undefined ? 0 : excess)) for (const text of pairsOn(there)) this.#faults.add(`at the end ${text}`);
    }
  }
}

/** By how many more units hosts have than one each. */
function excessOf(hosts: readonly (string | undefined)[]): number {
  const known = hosts.filter((host) => host !== undefined);
  return known.length - new Set(known).size;
}

/** Each two units that share a host, in words. */
function pairsOn(units: readonly Unit[]): string[] {
  return units.flatMap((a, i) => units.slice(i + 1).flatMap((b) => {
    const host = [a.now, a.next].find((each) => each !== undefined && (each === b.now || each === b.next));
    return host === undefined ? [] : [`${a.name} and ${b.name} are both on ${host}, and are linked parts that must not be`];
  }));
}
