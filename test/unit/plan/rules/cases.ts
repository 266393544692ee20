import type { Action, Inventory, PlanVm, RuleSpec } from "../../../../provider/plan/index.js";

/** A rule with a cluster where it holds, and a way to break it: what the tests of every rule are made from. */
export interface RuleCase {
  /** Hosts, and VMs where the rule holds. */
  readonly inventory: Inventory;
  /** Absent for a kind that is always kept. */
  readonly rule?: RuleSpec;
  /** Hosts of those VMs that are elsewhere when it is broken. */
  readonly broken: Readonly<Record<string, string>>;
  readonly words: string;
  /** Whether the planner mends it; a pinned VM is where it is. Default true. */
  readonly isMended?: boolean;
}

function host(name: string, more: Partial<Inventory["hosts"][number]> = {}): Inventory["hosts"][number] {
  return { name, capacity: { vcpus: 8, memoryMib: 8192 }, labels: { rack: name === "cedar" ? "b" : "a" }, ...more };
}

function vm(name: string, on: string, more: Partial<PlanVm> = {}): PlanVm {
  return { name, demand: { vcpus: 1, memoryMib: 1024 }, host: on, ...more };
}

const hosts = [host("ash"), host("birch"), host("cedar")];
const vms = [vm("a", "ash"), vm("b", "birch"), vm("c", "birch")];
const inventory: Inventory = { hosts, vms };

/** By kind. */
export const CASES: Readonly<Record<string, RuleCase>> = {
  affinity: { inventory, rule: { kind: "affinity", vms: ["a"], hostLabels: { rack: "a" } }, broken: { a: "cedar" }, words: "a is on cedar, which has not rack=a" },
  ban: { inventory, rule: { kind: "ban", vms: ["a"], hosts: ["cedar"] }, broken: { a: "cedar" }, words: "a is on cedar, where it must not be" },
  capacity: {
    inventory: { hosts, vms: [vm("a", "ash", { demand: { vcpus: 6 } }), vm("b", "birch", { demand: { vcpus: 6 } })] }, broken: { b: "ash" },
    words: "ash has 8 vcpus and is promised for 12",
  },
  cpu: {
    inventory: { hosts: hosts.map((each) => ({ ...each, cpu: { model: "Skylake", features: each.name === "cedar" ? [] : ["avx2"] } })), vms: [vm("a", "ash", { cpu: { features: ["avx2"] } })] },
    broken: { a: "cedar" }, words: "a needs the CPU feature avx2, which cedar does not have",
  },
  exclusive: { inventory, rule: { kind: "exclusive", vms: ["a"] }, broken: { b: "ash" }, words: "a shall have ash for themselves, and share it with b" },
  fence: { inventory, rule: { kind: "fence", vms: ["a"], hosts: ["ash", "birch"] }, broken: { a: "cedar" }, words: "a is on cedar, and may only be on ash and birch" },
  gather: { inventory, rule: { kind: "gather", vms: ["a", "b"], across: "rack" }, broken: { b: "cedar" }, words: "a and b are not together, but in rack a and b" },
  online: { inventory, rule: { kind: "online", hosts: ["ash", "birch", "cedar"], most: 2 }, broken: { c: "cedar" }, words: "3 hosts carry VMs where at most 2 may" },
  pin: { inventory, rule: { kind: "pin", vms: ["a"] }, broken: { a: "cedar" }, words: "a leaves ash, to which it is pinned, for cedar", isMended: false },
  quota: { inventory, rule: { kind: "quota", vms: ["a", "b"], hosts: ["ash"], most: 1 }, broken: { b: "ash" }, words: "2 VMs are where at most 1 may be" },
  reach: {
    inventory: { hosts: hosts.map((each) => (each.name === "cedar" ? { ...each, networks: ["storage"] } : each)), vms: [vm("a", "ash", { networks: ["lan"] })] },
    broken: { a: "cedar" }, words: "a needs network lan, which cedar does not reach",
  },
  separate: { inventory, rule: { kind: "separate", vms: ["a", "b"] }, broken: { a: "birch" }, words: "a and b are together on birch" },
  spread: {
    inventory, rule: { kind: "spread", vms: ["a", "b"], across: "host", maxSkew: 1 }, broken: { a: "birch" },
    words: "a and b are unevenly divided over hosts: ash has 0, birch has 2, cedar has 0, and the difference may be 1",
  },
  state: { inventory: { hosts: [host("ash"), host("birch"), host("cedar", { state: "maintenance" })], vms }, broken: { a: "cedar" }, words: "a is on cedar, which is in maintenance" },
  survive: {
    inventory: { hosts: hosts.map((each) => ({ ...each, capacity: { memoryMib: 4096 } })), vms: [vm("a", "ash", { demand: { memoryMib: 3072 } }), ...["b", "c"].map((name) => vm(name, "birch", { demand: { memoryMib: 2048 } }))] },
    rule: { kind: "survive" }, broken: { c: "cedar" },
    words: "if ash is lost, a has no place to restart: birch lacks 1024 memoryMib: it has 2048 free, and a needs 3072; cedar lacks 1024 memoryMib: it has 2048 free, and a needs 3072",
  },
};

export function caseOf(kind: string): RuleCase {
  const found = CASES[kind];
  if (found === undefined) throw new Error(`there is no case of ${kind}`);
  return found;
}

/** The case's inventory with its rule, changed in this or that. */
export function withRule({ inventory: bare, rule }: RuleCase, more: Partial<RuleSpec> = {}): Inventory {
  return rule === undefined ? bare : { ...bare, rules: [{ ...rule, name: "the rule", ...more }] };
}

/** Moves from place to place, one after another. */
export function moves(steps: readonly (readonly [string, string, string])[]): Action[] {
  return steps.map(([subject, from, to], i) => ({ kind: "migrate", subject, from: { host: from }, to: { host: to }, startSeconds: i * 10, durationSeconds: 10, mbps: 1000, after: [], reason: "" }));
}

/** To where the rule is broken, and back. */
export function detour({ inventory: { vms: all }, broken }: RuleCase): Action[] {
  const ways = Object.entries(broken).map(([name, to]) => [name, all.find((each) => each.name === name)?.host ?? "", to] as const);
  return moves([...ways, ...ways.map(([name, from, to]) => [name, to, from] as const).reverse()]);
}
