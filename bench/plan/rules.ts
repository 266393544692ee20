import { performance } from "node:perf_hooks";
import { planNow, type Inventory, type PlanHost, type PlanVm, type PolicyName, type RuleSpec } from "../../provider/plan/index.js";
import { report, summarize, type Bench } from "../report.js";
import { isAskedFor, planBenchOptions, type PlanBenchOptions } from "./options.js";

const HOSTS = 300;
const VMS = 9000;
const RACKS = 15;
/** Rules of one kind at a time, and VMs of each. */
const RULES = 100;
const MEMBERS = 10;
/** Each inventory is planned so often; the shortest counts. */
const RUNS = 3;
/** What the whole plan may take. */
const GOAL_MS = 2000;

/**
 * What each rule and policy costs: the time of a plan for 300 hosts and 9,000 VMs of which six hosts are to be emptied, with 100
 * rules of one kind about ten VMs each (`survive`: one, about all), against the same without rules; and with a policy that balances 15 hosts that are used
 * too much, against the same without.
 */
export const rules: Bench = {
  name: "rules",
  summary: "what each rule and policy costs: time to a plan for 300 hosts and 9,000 VMs, with it and without",
  run(args) {
    const options = planBenchOptions(args, { data: "" });
    const rows = [...byRule(options), ...byPolicy(options)];
    summarize(rows.join("\n"));
    return Promise.resolve();
  },
};

function byRule(options: PlanBenchOptions): string[] {
  const base = inventoryOf();
  const without = best(base);
  return Object.entries(KINDS).filter(([name]) => isAskedFor(options, name)).map(([name, rulesOf]) => print(name, best({ ...base, rules: rulesOf(base) }), without));
}

function byPolicy(options: PlanBenchOptions): string[] {
  const names: readonly PolicyName[] = ["none", "evenly_distributed", "vm_evenly_distributed", "power_saving", "cluster_maintenance"];
  const base = inventoryOf();
  const used: Inventory = { ...base, hosts: base.hosts.map((host, h) => ({ ...host, cpuPercent: h % 20 === 1 ? 90 : h % 20 === 2 ? 10 : 50 })) };
  const without = best(used);
  return names.filter((name) => isAskedFor(options, name)).map((name) => print(name, best({ ...used, policy: { name }, rebalance: true }), without));
}

interface Time {
  readonly ms: number;
  readonly moves: number;
  readonly outcome: string;
}

function best(inventory: Inventory): Time {
  const times = Array.from({ length: RUNS }, (): Time => {
    const begin = performance.now();
    const { actions, outcome } = planNow(inventory);
    return { ms: performance.now() - begin, moves: actions.length, outcome };
  });
  return times.reduce((a, b) => (b.ms < a.ms ? b : a));
}

function print(name: string, time: Time, without: Time): string {
  report({
    bench: "rules", figure: name, unit: "ms", ours: time.ms, peer: without.ms, peerName: "without it", goal: { of: "ours", relation: "≤", value: GOAL_MS },
    details: { costMs: Math.round(time.ms - without.ms), moves: time.moves, outcome: time.outcome },
  });
  return `${name.padEnd(24)}${String(Math.round(time.ms)).padStart(6)} ms, ${Math.round(time.ms - without.ms)} of them for it; ${time.moves} actions (${time.outcome})`;
}

/** VM i is on host i modulo 300, and 15 hosts carry a third more. */
function inventoryOf(): Inventory {
  const hosts = Array.from({ length: HOSTS }, (_, h): PlanHost => ({
    name: `h${String(h).padStart(3, "0")}`, capacity: { vcpus: 64, memoryMib: 262_144 }, overcommit: { vcpus: 4 }, labels: { rack: `r${h % RACKS}` }, link: { inMbps: 10_000, outMbps: 10_000 },
    ...(h % 50 === 0 ? { state: "maintenance" as const } : {}),
  }));
  const vms = Array.from({ length: VMS }, (_, i): PlanVm => ({
    name: `v${String(i).padStart(4, "0")}`, demand: { vcpus: 1 + (i % 3), memoryMib: 1024 * (2 + 2 * (i % 4)) }, host: hosts[i < VMS - 150 ? i % HOSTS : (i % 15) * 20 + 1]?.name ?? "",
  }));
  return { hosts, vms };
}

/** Members of rule k: VMs on neighbouring hosts, so that most rules hold but for hosts that are emptied. */
function neighbours(k: number): string[] {
  return Array.from({ length: MEMBERS }, (_, i) => `v${String(k * 60 + i).padStart(4, "0")}`);
}

/** VMs on the same host. */
function together(k: number): string[] {
  return Array.from({ length: MEMBERS }, (_, i) => `v${String(i * HOSTS + k * 2 + 1).padStart(4, "0")}`);
}

function many(rule: (k: number) => RuleSpec): RuleSpec[] {
  return Array.from({ length: RULES }, (_, k) => rule(k));
}

const KINDS: Readonly<Record<string, (inventory: Inventory) => readonly RuleSpec[]>> = {
  pin: () => many((k) => ({ kind: "pin", vms: together(k) })),
  ban: ({ hosts }) => many((k) => ({ kind: "ban", vms: neighbours(k), hosts: [hosts[(k * 60 + 30) % HOSTS]?.name ?? ""] })),
  fence: ({ hosts }) => many((k) => ({ kind: "fence", vms: neighbours(k), hosts: hosts.filter((_, h) => h % 5 !== 0 || h === (k * 60) % HOSTS || h === (k * 60 + 5) % HOSTS).map(({ name }) => name) })),
  affinity: () => many((k) => ({ kind: "affinity", vms: neighbours(k), hostLabels: { rack: "r14" }, avoid: true })),
  gather: () => many((k) => ({ kind: "gather", vms: together(k) })),
  separate: () => many((k) => ({ kind: "separate", vms: neighbours(k) })),
  "separate by rack": () => many((k) => ({ kind: "separate", vms: neighbours(k), across: "rack" })),
  "spread (maxSkew)": () => many((k) => ({ kind: "spread", vms: neighbours(k), across: "rack", maxSkew: 1 })),
  "spread (minDomains)": () => many((k) => ({ kind: "spread", vms: neighbours(k), across: "rack", minDomains: 8 })),
  quota: ({ hosts }) => many((k) => ({ kind: "quota", vms: neighbours(k), hosts: hosts.slice((k * 3) % HOSTS, ((k * 3) % HOSTS) + 3).map(({ name }) => name), most: 3 })),
  "exclusive (soft)": () => many((k) => ({ kind: "exclusive", vms: together(k), hard: false })),
  "survive a host": () => [{ kind: "survive" }],
  "survive a rack": () => [{ kind: "survive", across: "rack" }],
  online: ({ hosts }) => many((k) => ({ kind: "online", hosts: hosts.slice(k, k + 200).map(({ name }) => name), most: 200 })),
};
