import type { Amounts, Inventory, PlanHost, PlanVm, RuleSpec } from "../../../provider/plan/index.js";
import { Random } from "../../../provider/plan/solve/random.js";

/** A fleet to be generated. */
export interface FleetShape {
  readonly hosts: number;
  readonly vms: number;
  /** What has happened to it: `lost`: 5 % of the hosts are dead; `grown`: 10 % of the VMs demand half as much again. */
  readonly change: "nothing" | "lost" | "grown";
  readonly seed: number;
}

const HOSTS_PER_RACK = 20;
const RACKS_PER_ROOM = 5;
/** Part of all hosts together that is promised. */
const VCPUS_IN_USE = 0.7;
const MEMORY_IN_USE = 0.65;
const LOST_SHARE = 0.05;
const GROWN_SHARE = 0.1;
const GROWTH = 1.5;

/** Sizes of VMs, and how many of 20 have them. */
const SIZES: readonly { readonly count: number; readonly vcpus: number; readonly memoryMib: number }[] = [
  { count: 8, vcpus: 1, memoryMib: 2048 }, { count: 4, vcpus: 2, memoryMib: 4096 }, { count: 3, vcpus: 2, memoryMib: 8192 }, { count: 4, vcpus: 4, memoryMib: 8192 }, { count: 1, vcpus: 8, memoryMib: 16384 },
];

/** An application: which VMs it has, by tier. */
const TIERS = { front: 4, logic: 3, db: 2, cache: 1 } as const;
const VMS_PER_APPLICATION = 10;

/** Of how many applications one has its tier `logic` divided evenly over racks. */
const EVERY_SKEW = 4;

/**
 * A fleet where nothing is wrong, and then what has happened to it. Hosts are in racks of 20 and rooms of 5 racks, of two sizes.
 * Each application of 10 VMs is in one room: its front apart on hosts and over racks, its databases apart over racks at every
 * moment and kept in the room, a cache beside its database.
 */
export function fleetOf({ hosts: hostCount, vms: vmCount, change, seed }: FleetShape): Inventory {
  const random = new Random(seed);
  const hosts = hostsOf(hostCount, vmCount);
  const room = new Room(hosts);
  const vms: PlanVm[] = [];
  const rules: RuleSpec[] = [];
  for (let application = 0; vms.length < vmCount; application += 1) {
    const name = `app${String(application).padStart(5, "0")}`;
    const roomNumber = application % roomsOf(hostCount);
    const members = membersOf(name, random).slice(0, vmCount - vms.length);
    if (members.length === VMS_PER_APPLICATION) rules.push(...rulesOf(name, roomNumber, application));
    vms.push(...room.place(members, roomNumber, random));
  }
  if (change === "lost") for (const host of draw(hosts.length, LOST_SHARE, random)) hosts[host] = { ...at(hosts, host), state: "lost" };
  if (change === "grown") for (const index of draw(vms.length, GROWN_SHARE, random)) vms[index] = grown(at(vms, index));
  return { hosts, vms, rules };
}

function hostsOf(count: number, vmCount: number): PlanHost[] {
  const sum = SIZES.reduce((total, { count: times, vcpus, memoryMib }) => ({ vcpus: total.vcpus + times * vcpus, memoryMib: total.memoryMib + times * memoryMib }), { vcpus: 0, memoryMib: 0 });
  const sizes = SIZES.reduce((total, { count: times }) => total + times, 0);
  const perHost = vmCount / count / sizes;
  return Array.from({ length: count }, (_, h) => {
    const rack = Math.floor(h / HOSTS_PER_RACK);
    // Every other rack has machines of twice the size.
    const size = rack % 2 === 0 ? 2 / 3 : 4 / 3;
    return {
      name: `host${String(h).padStart(5, "0")}`, labels: { rack: `rack${String(rack).padStart(3, "0")}`, room: roomName(Math.min(Math.floor(rack / RACKS_PER_ROOM), roomsOf(count) - 1)) }, link: { inMbps: 10_000, outMbps: 10_000 },
      // Room for the largest VM, whatever the others need.
      capacity: { vcpus: Math.max(16, Math.ceil((sum.vcpus * perHost * size) / VCPUS_IN_USE)), memoryMib: Math.max(32_768, Math.ceil((sum.memoryMib * perHost * size) / MEMORY_IN_USE)) },
    };
  });
}

/** The last room has the racks that are left over. */
function roomsOf(hosts: number): number {
  return Math.max(1, Math.floor(hosts / (HOSTS_PER_RACK * RACKS_PER_ROOM)));
}

function roomName(room: number): string {
  return `room${String(room).padStart(2, "0")}`;
}

interface Member {
  readonly vm: PlanVm;
  readonly tier: keyof typeof TIERS;
}

function membersOf(app: string, random: Random): Member[] {
  return (["front", "logic", "db", "cache"] as const).flatMap((tier) => Array.from({ length: TIERS[tier] }, (_, i): Member => {
    let left = random.below(20);
    const { vcpus, memoryMib } = SIZES.find(({ count }) => (left -= count) < 0) ?? at(SIZES, 0);
    return { tier, vm: { name: `${app}-${tier}-${i}`, labels: { app, tier }, demand: { vcpus, memoryMib }, memoryUsedMib: Math.round(memoryMib / 2), dirtyRateMbps: 50 * random.below(4), ...(tier === "db" ? { priority: 10 } : {}) } };
  }));
}

function rulesOf(app: string, room: number, application: number): RuleSpec[] {
  const named = (tier: keyof typeof TIERS): string[] => Array.from({ length: TIERS[tier] }, (_, i) => `${app}-${tier}-${i}`);
  const front = { labels: { app, tier: "front" } };
  return [
    { kind: "separate", name: `${app}: front apart`, vms: front },
    { kind: "spread", name: `${app}: front in two racks`, vms: front, across: "rack", minDomains: 2 },
    application % EVERY_SKEW === 0 ? { kind: "spread", name: `${app}: logic over racks`, vms: named("logic"), across: "rack", maxSkew: 1 } : { kind: "separate", name: `${app}: logic apart`, vms: named("logic"), hard: false, priority: 1 + (application % 10) },
    { kind: "separate", name: `${app}: databases apart`, vms: named("db"), across: "rack", continuous: true },
    { kind: "fence", name: `${app}: databases in ${roomName(room)}`, vms: named("db"), hosts: { labels: { room: roomName(room) } } },
    { kind: "gather", name: `${app}: cache by the database`, vms: [`${app}-db-0`, `${app}-cache-0`], across: application % 2 === 0 ? "host" : "rack" },
  ];
}

/** Places VMs one after another, by the rules above, where there is room. */
class Room {
  readonly #hosts: readonly PlanHost[];
  readonly #free: Record<string, number>[];

  constructor(hosts: readonly PlanHost[]) {
    this.#hosts = hosts;
    this.#free = hosts.map(({ capacity }) => ({ ...capacity }));
  }

  place(members: readonly Member[], room: number, random: Random): PlanVm[] {
    const first = room * HOSTS_PER_RACK * RACKS_PER_ROOM;
    const isLast = room === roomsOf(this.#hosts.length) - 1;
    const size = isLast ? this.#hosts.length - first : HOSTS_PER_RACK * RACKS_PER_ROOM;
    const placed: { readonly tier: string; readonly host: number }[] = [];
    const cache = members.find(({ tier }) => tier === "cache")?.vm.demand ?? {};
    return members.map(({ vm, tier }) => {
      const isFirstDatabase = tier === "db" && placed.every((other) => other.tier !== "db");
      const host = tier === "cache" ? at(placed, TIERS.front + TIERS.logic).host : this.#choose(isFirstDatabase ? added(vm.demand, cache) : vm.demand, tier, placed, { first, size, random });
      placed.push({ tier, host });
      for (const [resource, amount] of Object.entries(vm.demand)) at(this.#free, host)[resource] = (at(this.#free, host)[resource] ?? 0) - amount;
      return { ...vm, host: at(this.#hosts, host).name };
    });
  }

  /** No two of a tier in one rack: stricter than any rule asks for, so that all of them hold. */
  #choose(demand: Amounts, tier: string, placed: readonly { tier: string; host: number }[], { first, size, random }: { first: number; size: number; random: Random }): number {
    const rackOf = (host: number): number => Math.floor(host / HOSTS_PER_RACK);
    const taken = new Set(placed.filter((other) => other.tier === tier).map(({ host }) => rackOf(host)));
    const start = random.below(size);
    for (let i = 0; i < size; i += 1) {
      const host = first + ((start + i * STRIDE) % size);
      if (this.#fits(demand, host) && !taken.has(rackOf(host))) return host;
    }
    throw new Error(`the generator found no host for a VM of tier ${tier}: its room is full`);
  }

  #fits(demand: Amounts, host: number): boolean {
    return Object.entries(demand).every(([resource, amount]) => amount <= (at(this.#free, host)[resource] ?? 0));
  }
}

function added(a: Amounts, b: Amounts): Amounts {
  return Object.fromEntries(Object.entries(a).map(([resource, amount]) => [resource, amount + (b[resource] ?? 0)]));
}

/** Coprime with the number of hosts of a room, so that each of them comes once. */
const STRIDE = 37;

function grown(vm: PlanVm): PlanVm {
  const { demand, memoryUsedMib = 0 } = vm;
  return { ...vm, demand: Object.fromEntries(Object.entries(demand).map(([resource, amount]) => [resource, Math.ceil(amount * GROWTH)])), memoryUsedMib: Math.round(memoryUsedMib * GROWTH) };
}

/** So great a part of the numbers below `count`, at random. */
function draw(count: number, share: number, random: Random): Set<number> {
  const drawn = new Set<number>();
  while (drawn.size < Math.round(count * share)) drawn.add(random.below(count));
  return drawn;
}

function at<T>(things: readonly T[], index: number): T {
  const thing = things[index];
  if (thing === undefined) throw new Error(`there is no number ${index}`);
  return thing;
}
