/** What the benches `fleet` and `noop` run in a process of its own, so that its memory is that of one instance. */
import { readFileSync, writeFileSync } from "node:fs";
import { plan, verify, type Plan } from "../../../provider/plan/index.js";
import { fleetOf, type FleetShape } from "./generate.js";

/** An instance, and where to write it; `threads` as the planner takes it. */
export interface Request {
  readonly shape: FleetShape;
  /** Paths without `.inventory.json` and `.plan.json`. */
  readonly out?: string;
}

/** What was measured. */
export interface Measured {
  readonly outcome: Plan["outcome"];
  readonly rules: number;
  readonly actions: number;
  readonly conflict: string;
  readonly softBroken: number;
  /** Of `plan()`: from the call to the verified plan, the worker's start and both copies included. */
  readonly seconds: number;
  /** Most memory that the process had, beyond what it had before the inventory was made. */
  readonly memoryMib: number;
  /** The same, with all that an empty process has. */
  readonly wholeMib: number;
  /** What a replay after the measuring says. */
  readonly faults: readonly string[];
}

export async function measure({ shape, out }: Request): Promise<Measured> {
  const emptyMib = process.resourceUsage().maxRSS / 1024;
  const inventory = fleetOf(shape);
  const start = performance.now();
  const found = await plan(inventory);
  const seconds = (performance.now() - start) / 1000;
  const wholeMib = process.resourceUsage().maxRSS / 1024;
  if (out !== undefined) {
    writeFileSync(`${out}.inventory.json`, JSON.stringify(inventory));
    writeFileSync(`${out}.plan.json`, JSON.stringify(found));
  }
  const faults = found.outcome === "impossible" ? [] : verify(inventory, found.actions, found.assignments);
  return {
    outcome: found.outcome, rules: inventory.rules?.length ?? 0, actions: found.actions.length, conflict: found.conflict?.texts.slice(0, 3).join("; ") ?? "", softBroken: found.violationsAfter.length,
    seconds, memoryMib: wholeMib - emptyMib, wholeMib, faults: faults.slice(0, 5),
  };
}

if (import.meta.filename === process.argv[1]) process.stdout.write(JSON.stringify(await measure(JSON.parse(readFileSync(0, "utf8")) as Request)));
