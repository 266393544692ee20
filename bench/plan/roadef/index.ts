import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { reassign, type Reassigned } from "../../../provider/plan/solve/reassign/streams.js";
import { report, summarize, type Bench } from "../../report.js";
import { isAskedFor, planBenchOptions, type PlanBenchOptions } from "../options.js";
import { evaluate } from "./evaluate.js";
import { parseInstance, toReassignment } from "./instance.js";

const SEED = 1;
/** The instance on which the speed is measured: many resources, and tight. */
const SPEED_INSTANCE = "a2_2";
const SPEED_GOAL = 3_000_000;
/** Sum of the gaps, in percent of the initial costs: with a minute an instance, and with five. */
const MINUTE_GOAL = 12;
const FIVE_MINUTES_GOAL = 7;
const FIVE_MINUTES = 300;
const PEER = "best known";

/** The machine reassignment of the ROADEF/EURO challenge 2012, set A: how near to the best known costs. */
export const roadef: Bench = {
  name: "roadef",
  summary: "costs of the ROADEF/EURO challenge 2012's instances against the best known; --data DIR --seconds S --threads T --out DIR --only a2_2",
  run: async (args) => {
    const options = planBenchOptions(args, { data: "roadef2012", seconds: 60, threads: 2 });
    const names = instancesIn(options);
    const known = bestKnown(options.dataDir);
    if (options.outDir !== undefined) await mkdir(options.outDir, { recursive: true });
    let sum = 0;
    let judged = 0;
    for (const name of names) {
      const best = known.get(name) ?? null;
      const { cost, initial, outcome } = await solve(options, name);
      report({ bench: "roadef", figure: `${name}, ${options.seconds} s`, unit: "cost", ours: cost, peer: best, peerName: best === null ? null : PEER, goal: { of: "ours", relation: "≤", value: initial } });
      const speed = outcome.evaluated / outcome.busySeconds;
      if (name === SPEED_INSTANCE) {
        report({ bench: "roadef", figure: `${name}, moves evaluated by a thread`, unit: "moves/s", ours: speed, peer: null, peerName: null, goal: { of: "ours", relation: "≥", value: SPEED_GOAL } });
      }
      const gap = best === null ? null : 100 * (cost - best) / initial;
      console.error(`${name.padEnd(10)} ${cost} from ${initial}${gap === null ? "" : `, ${gap.toFixed(3)} % above ${best}`}; ${(speed / 1e6).toFixed(2)} million moves/s and thread`);
      if (gap === null) continue;
      sum += gap;
      judged += 1;
    }
    if (judged === 0) {
      summarize(`roadef: ${names.length} instances, none of them with a best known cost`);
      return;
    }
    report({
      bench: "roadef", figure: `sum over ${judged} instances of (cost - best known) / initial cost, ${options.seconds} s each`, unit: "%", ours: sum, peer: null, peerName: null,
      goal: { of: "ours", relation: "≤", value: options.seconds >= FIVE_MINUTES ? FIVE_MINUTES_GOAL : MINUTE_GOAL },
    });
    summarize(`roadef: ${judged} instances, ${options.seconds} s and ${options.threads} threads each: ${sum.toFixed(2)} % above the best known costs, all together`);
  },
};

/** Solves an instance and judges the outcome by the challenge's definition. */
async function solve({ dataDir, outDir, seconds, threads }: PlanBenchOptions, name: string): Promise<{ cost: number; initial: number; outcome: Reassigned }> {
  const instance = parseInstance(readFileSync(join(dataDir, `model_${name}.txt`), "utf8"), readFileSync(join(dataDir, `assignment_${name}.txt`), "utf8"));
  const outcome = await reassign(toReassignment(instance), { seed: SEED, threads, limit: { seconds } });
  const machines = [...outcome.hosts];
  if (outDir !== undefined) await writeFile(join(outDir, `assignment_${name}.txt`), `${machines.join(" ")}\n`);
  const { cost, broken } = evaluate(instance, machines);
  if (broken.length > 0) throw new Error(`${name}: the outcome breaks the rules: ${broken.slice(0, 3).join("; ")}`);
  if (cost !== outcome.cost) throw new Error(`${name}: the outcome costs ${cost}, and not ${outcome.cost} as the solver says`);
  return { cost, initial: evaluate(instance, instance.original).cost, outcome };
}

function instancesIn(options: PlanBenchOptions): string[] {
  const { dataDir } = options;
  if (!existsSync(dataDir)) throw new Error(`there is no folder ${dataDir}: say where the instances are by --data`);
  const names = readdirSync(dataDir).flatMap((file) => /^model_(.+)\.txt$/.exec(basename(file))?.[1] ?? []).sort();
  const asked = names.filter((name) => isAskedFor(options, name) && existsSync(join(dataDir, `assignment_${name}.txt`)));
  if (asked.length === 0) throw new Error(`no model_NAME.txt with its assignment_NAME.txt in ${dataDir} is asked for`);
  return asked;
}

/** The column `best_credible` of the data set's table; nothing where there is no table. */
function bestKnown(dataDir: string): ReadonlyMap<string, number> {
  const path = join(dataDir, "best_known.csv");
  if (!existsSync(path)) return new Map();
  const [head = "", ...rows] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  const columns = head.split(",");
  const [name, best] = [columns.indexOf("instance"), columns.indexOf("best_credible")];
  return new Map(rows.map((row) => row.split(",")).flatMap((cells) => {
    const cost = Number(cells[best]);
    return cells[name] === undefined || !(cost > 0) ? [] : [[cells[name], cost] as const];
  }));
}
