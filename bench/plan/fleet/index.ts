import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { report, summarize, type Bench, type Goal } from "../../report.js";
import { isAskedFor, planBenchOptions } from "../options.js";
import type { FleetShape } from "./generate.js";
import type { Measured, Request } from "./instance.js";

const SEED = 1;
const MOST_MIB = 1024;
/** An instance that takes longer is ended, and not measured. */
const TIMEOUT_MS = 600_000;

interface Instance {
  readonly shape: FleetShape;
  readonly mostSeconds: number;
}

/** Sizes of the table of growth: 6 VMs a host. */
const GROWTH = [100, 250, 500, 1000, 2500, 5000];

const fleets: readonly Instance[] = [
  ...GROWTH.flatMap((hosts) => (["lost", "grown"] as const).map((change) => ({ shape: { hosts, vms: 6 * hosts, change, seed: SEED }, mostSeconds: 30 }))),
  ...(["lost", "grown"] as const).map((change) => ({ shape: { hosts: 300, vms: 10_000, change, seed: SEED }, mostSeconds: 2 })),
];

/** Plans for generated fleets of up to 5,000 hosts and 30,000 VMs with 18,000 rules. */
export const fleet: Bench = {
  name: "fleet",
  summary: "time to a verified plan, and memory, for generated fleets of 100 to 5,000 hosts that lost hosts or whose VMs grew",
  run: (args) => measureAll("fleet", fleets, args),
};

/** The largest fleet where nothing is wrong. */
export const noop: Bench = {
  name: "noop",
  summary: "time to an empty plan for 5,000 hosts and 30,000 VMs where nothing is to do",
  run: (args) => measureAll("noop", [{ shape: { hosts: 5000, vms: 30_000, change: "nothing", seed: SEED }, mostSeconds: 1 }, { shape: { hosts: 300, vms: 10_000, change: "nothing", seed: SEED }, mostSeconds: 1 }], args),
};

async function measureAll(bench: string, instances: readonly Instance[], args: readonly string[]): Promise<void> {
  const options = planBenchOptions(args, { data: "fleet" });
  if (options.outDir !== undefined) await mkdir(options.outDir, { recursive: true });
  const rows: string[] = [];
  for (const { shape, mostSeconds } of instances) {
    const name = `${shape.hosts}-${shape.vms}-${shape.change}`;
    if (!isAskedFor(options, name)) continue;
    const measured = await inProcess({ shape, ...(options.outDir === undefined ? {} : { out: join(options.outDir, name) }) });
    const { seconds, memoryMib, wholeMib, ...rest } = measured;
    const details = { outcome: rest.outcome, rules: rest.rules, actions: rest.actions, softBroken: rest.softBroken, faults: rest.faults.length, ...(rest.conflict === "" ? {} : { conflict: rest.conflict }) };
    const isGood = rest.faults.length === 0 && rest.outcome === (shape.change === "nothing" ? "nothing" : "changes");
    const goal = (value: number): Goal => ({ of: "ours", relation: "≤", value });
    // A plan that is none, or that a second replay refuses, took for ever.
    report({ bench, figure: `time to a verified plan of ${name}`, unit: "s", ours: isGood ? seconds : Infinity, peer: null, peerName: null, goal: goal(mostSeconds), details });
    report({ bench, figure: `memory for ${name}`, unit: "MiB", ours: memoryMib, peer: null, peerName: null, goal: goal(MOST_MIB), details: { wholeMib: Math.round(wholeMib) } });
    rows.push(`${name.padEnd(20)} ${seconds.toFixed(2).padStart(7)} s ${memoryMib.toFixed(0).padStart(6)} MiB ${String(rest.rules).padStart(6)} rules ${String(rest.actions).padStart(6)} actions  ${isGood ? rest.outcome : `NOT GOOD: ${rest.outcome} ${rest.conflict} ${rest.faults.join("; ")}`}`);
  }
  summarize(`${bench}: hosts-VMs-change, plan() from the call to the verified plan, memory of the process beyond an empty one\n${rows.join("\n")}`);
}

/** In a process of its own, whose peak of memory is that of this instance alone. */
async function inProcess(request: Request): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [join(import.meta.dirname, "instance.js")], { timeout: TIMEOUT_MS, maxBuffer: 2 ** 24 }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as Measured);
      else reject(new Error(`the process that measures ${JSON.stringify(request.shape)} failed: ${error.message}`));
    });
    child.stdin?.end(JSON.stringify(request));
  });
}
