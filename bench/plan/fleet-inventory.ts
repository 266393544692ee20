import type { Inventory, PlanHost, PlanVm, RuleSpec } from "../../provider/plan/index.js";
import { Random } from "../../provider/plan/solve/random.js";

/** What befalls the fleet: a part of its hosts is lost, or a part of its VMs asks for more. */
export type Event = "nothing" | "hosts-lost" | "vms-grown";

const VMS_PER_APPLICATION = 10;
const HOSTS_PER_RACK = 20;
const HOST = { vcpus: 64, memoryMib: 256 * 1024 };
const SIZES = [{ vcpus: 1, memoryMib: 2048 }, { vcpus: 2, memoryMib: 4096 }, { vcpus: 4, memoryMib: 8192 }, { vcpus: 8, memoryMib: 32768 }];

/**
 * A fleet as BtrPlace's authors generate them: applications of ten VMs, each with rules (spread over hosts, some fenced to
 * part of the racks, some gathered in a rack), placed so that all rules hold; then something happens.
 */
export function fleet(hostCount: number, vmCount: number, event: Event, seed = 1): Inventory {
  const random = new Random(seed);
  const rackCount = Math.ceil(hostCount / HOSTS_PER_RACK);
  const hosts = Array.from({ length: hostCount }, (_, i): PlanHost => ({ name: `host-${i}`, capacity: HOST, overcommit: { vcpus: 2 }, labels: { rack: `rack-${Math.floor(i / HOSTS_PER_RACK)}` }, link: { inMbps: 10_000, outMbps: 10_000 } }));
  const free = hosts.map(() => ({ vcpus: HOST.vcpus * 2, memoryMib: HOST.memoryMib }));
  const vms: PlanVm[] = [];
  const rules: RuleSpec[] = [];
  for (let app = 0; vms.length < vmCount; app += 1) {
    const size = SIZES[random.below(SIZES.length)] ?? HOST;
    const members: string[] = [];
    const kind = app % 4;
    const rack = random.below(rackCount);
    const used = new Set<number>();
    for (let i = 0; i < VMS_PER_APPLICATION && vms.length < vmCount; i += 1) {
      const mayBe = (h: number): boolean => kind !== 3 || Math.floor(h / HOSTS_PER_RACK) === rack;
      let host = random.below(hostCount);
      let tries = 0;
      while ((used.has(host) || !mayBe(host) || (free[host]?.vcpus ?? 0) < size.vcpus || (free[host]?.memoryMib ?? 0) < size.memoryMib) && tries < hostCount) {
        host = (host + 1) % hostCount;
        tries += 1;
      }
      if (tries === hostCount) continue;
      used.add(host);
      const room = free[host];
      if (room !== undefined) free[host] = { vcpus: room.vcpus - size.vcpus, memoryMib: room.memoryMib - size.memoryMib };
      const name = `vm-${vms.length}`;
      members.push(name);
      vms.push({ name, demand: size, host: `host-${host}`, memoryUsedMib: Math.round(size.memoryMib * 0.7) });
    }
    if (members.length === 0) break;
    if (kind === 0 || kind === 3) rules.push({ kind: "separate", vms: members });
    if (kind === 1) rules.push({ kind: "spread", vms: members, across: "rack", minDomains: Math.min(3, rackCount, new Set(members.map((name) => rackOf(vms, hosts, name))).size) });
    if (kind === 2) rules.push({ kind: "fence", vms: members, hosts: fencedTo(hosts, vms, members) });
    if (kind === 3 && rackCount > 1) rules.push({ kind: "gather", vms: members, across: "rack" });
  }
  return happens({ hosts, vms, rules }, event, random);
}

function rackOf(vms: readonly PlanVm[], hosts: readonly PlanHost[], name: string): string {
  const host = vms.find((vm) => vm.name === name)?.host;
  return hosts.find((each) => each.name === host)?.labels?.["rack"] ?? "";
}

/** Half of the hosts, and those where the members are. */
function fencedTo(hosts: readonly PlanHost[], vms: readonly PlanVm[], members: readonly string[]): string[] {
  const where = new Set(vms.filter(({ name }) => members.includes(name)).map(({ host }) => host));
  return hosts.filter(({ name }, i) => i % 2 === 0 || where.has(name)).map(({ name }) => name);
}

function happens(inventory: Inventory, event: Event, random: Random): Inventory {
  switch (event) {
    case "nothing":
      return inventory;
    case "hosts-lost":
      return { ...inventory, hosts: inventory.hosts.map((host) => (random.below(100) < 5 ? { ...host, state: "lost" as const } : host)) };
    case "vms-grown":
      return { ...inventory, vms: inventory.vms.map((vm) => (random.below(100) < 10 ? { ...vm, demand: { vcpus: (vm.demand["vcpus"] ?? 1) * 2, memoryMib: (vm.demand["memoryMib"] ?? 1024) * 2 } } : vm)) };
  }
}
