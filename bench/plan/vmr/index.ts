import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freeBlocks, type Blocks } from "../../../provider/plan/solve/blocks/index.js";
import { report, summarize, type Bench } from "../../report.js";
import { isAskedFor, planBenchOptions } from "../options.js";
import { fragmentRate, readVmr, writeVmr, type VmrCluster } from "./format.js";
import { judge } from "./judge.js";

const BLOCK = 16;
const MOST_MOVES = 50;
/** Changes that are tried for each second of the limit, so that the same limit gives the same result on every machine. */
const TRIED_PER_SECOND = 1_200_000;
/** What is to be reached: a percentage point above the bound, in five seconds. */
const NEAR = 0.01;

export const vmr: Bench = {
  name: "vmr",
  summary: "FR16, the free cores beside blocks of 16 on a NUMA node, after 50 moves (--data --seconds --out --only)",
  run: async (args) => {
    const options = planBenchOptions(args, { data: "vmr", seconds: 5 });
    if (!existsSync(options.dataDir)) throw new Error(`there is no folder ${options.dataDir}`);
    const sum = { clusters: 0, near: 0 };
    for (const name of readdirSync(options.dataDir).filter((entry) => entry.endsWith(".json")).sort()) {
      const { file, clusters } = readVmr(readFileSync(join(options.dataDir, name), "utf8"));
      const outcomes = clusters.map((cluster) => (isAskedFor(options, `${name} ${cluster.name}`) ? solve(cluster, options.seconds) : undefined));
      for (const [index, outcome] of outcomes.entries()) {
        const cluster = clusters[index];
        if (outcome === undefined || cluster === undefined) continue;
        sum.clusters += 1;
        sum.near += outcome.after <= outcome.bound + NEAR ? 1 : 0;
        report({
          bench: "vmr", figure: `${name} ${cluster.name}`, unit: "FR16", ours: outcome.after, peer: outcome.bound, peerName: "lower bound", goal: { of: "ours", relation: "≤", value: outcome.bound + NEAR },
          details: {
            hosts: cluster.hosts.length, vms: cluster.vms.length, before: Number(outcome.before.toFixed(6)), after: Number(outcome.after.toFixed(6)), bound: Number(outcome.bound.toFixed(6)),
            moves: outcome.moves.length, seconds: Number(outcome.seconds.toFixed(2)),
          },
        });
      }
      if (options.outDir === undefined) continue;
      mkdirSync(options.outDir, { recursive: true });
      writeFileSync(join(options.outDir, name), writeVmr(file, clusters, clusters.map((cluster, index) => cellsAfter(cluster, outcomes[index]?.moves ?? []))));
      writeFileSync(join(options.outDir, name.replace(/\.json$/, ".moves.json")), `${JSON.stringify(clusters.map((cluster, index) => ({
        cluster_name: cluster.name,
        moves: (outcomes[index]?.moves ?? []).map(({ vm, cells }) => ({
          instance_id: cluster.vms[vm]?.name, from: cluster.hosts[cluster.cells[cluster.vms[vm]?.parts[0]?.cell ?? -1]?.host ?? -1],
          to: cluster.hosts[cluster.cells[cells[0] ?? -1]?.host ?? -1], numa: cells.map((cell) => cluster.cells[cell]?.node),
        })),
      })), null, 1)}\n`);
    }
    summarize(`vmr: ${sum.near} of ${sum.clusters} within a percentage point of the bound`);
    await Promise.resolve();
  },
};

interface Outcome {
  readonly before: number;
  readonly after: number;
  readonly bound: number;
  readonly moves: Blocks["moves"];
  readonly seconds: number;
}

/** Moves of a cluster, judged, and the rate that no moves could be below. */
export function solve(cluster: VmrCluster, seconds: number, mostMoves = MOST_MOVES): Outcome {
  const begin = performance.now();
  const { moves, blocks, bound } = freeBlocks({ ...cluster, block: BLOCK, mostMoves }, { tries: Math.round(seconds * TRIED_PER_SECOND), seed: 1 });
  const took = (performance.now() - begin) / 1000;
  const free = cluster.cells.reduce((sum, { freeCores }) => sum + freeCores, 0);
  const rate = (whole: number): number => (free === 0 ? 0 : (free - BLOCK * whole) / free);
  const judged = judge(cluster, moves, mostMoves, BLOCK);
  if (judged.faults.length > 0 || Math.abs(judged.fragmentRate - rate(blocks)) > 1e-9) throw new Error(`the judge does not agree: ${judged.faults.join("; ")}`);
  return { before: fragmentRate(cluster.cells.map(({ freeCores }) => freeCores), BLOCK), after: judged.fragmentRate, bound: rate(bound), moves, seconds: took };
}

/** Cells of each VM's parts after the moves. */
function cellsAfter({ vms }: VmrCluster, moves: Blocks["moves"]): number[][] {
  const cells = vms.map(({ parts }) => parts.map(({ cell }) => cell));
  for (const { vm, cells: to } of moves) cells[vm] = [...to];
  return cells;
}
