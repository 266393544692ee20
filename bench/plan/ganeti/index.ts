import { mkdirSync, readdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { descend, searchSteps } from "../../../provider/plan/solve/walk.js";
import { report, summarize, type Bench } from "../../report.js";
import { isAskedFor, planBenchOptions } from "../options.js";
import { factsOf } from "./facts.js";
import { placesOf, readGaneti, writeGaneti, type GanetiCluster } from "./format.js";
import { judge, scoreOf } from "./judge.js";
import { GanetiWalk, type Move } from "./moves.js";

/** Moves that are looked at for each second of the limit, so that the same limit gives the same result on every machine. */
const TRIED_PER_SECOND = 150_000;
/** From here on hbal looks only for gains of at least this much. */
const LEAST_SCORE = 0.1;
const LEAST_GAIN = 0.01;
/** Scores this near are the same: the reference has eight digits. */
const TOLERANCE = 1e-8;

export const ganeti: Bench = {
  name: "ganeti",
  summary: "Ganeti's cluster score against hbal's, with at most its moves (--data --seconds --out --only)",
  run: async (args) => {
    const options = planBenchOptions(args, { data: "ganeti", seconds: 10 });
    if (!existsSync(options.dataDir)) throw new Error(`there is no folder ${options.dataDir}`);
    const known = referenceOf(join(options.dataDir, "hbal_reference.tsv"));
    const sum = { groups: 0, reached: 0, better: 0, ours: 0, hbal: 0, ourMoves: 0, hbalMoves: 0 };
    for (const file of readdirSync(options.dataDir).filter((name) => /\.(data|txt)$/.test(name)).sort()) {
      if (!isAskedFor(options, file)) continue;
      const cluster = readGaneti(readFileSync(join(options.dataDir, file), "utf8"));
      const used = new Set(cluster.instances.map(({ primary }) => cluster.nodes[primary]?.group ?? 0));
      for (const group of [...used].sort((a, b) => a - b)) {
        const name = used.size === 1 ? file : `${file}-${cluster.groups[group]?.name ?? group}`;
        const outcome = balance(cluster, group, used.size === 1 ? known.get(file) : undefined, options.seconds);
        print(name, outcome);
        if (options.outDir !== undefined) write(options.outDir, name, cluster, outcome);
        sum.groups += 1;
        sum.reached += outcome.score <= outcome.hbal.score + TOLERANCE && outcome.moves.length <= outcome.hbal.moves ? 1 : 0;
        sum.better += outcome.score < outcome.hbal.score - TOLERANCE || outcome.moves.length < outcome.hbal.moves ? 1 : 0;
        sum.ours += outcome.score;
        sum.hbal += outcome.hbal.score;
        sum.ourMoves += outcome.moves.length;
        sum.hbalMoves += outcome.hbal.moves;
      }
    }
    report({ bench: "ganeti", figure: "sum of scores", unit: "score", ours: sum.ours, peer: sum.hbal, peerName: "hbal", goal: { of: "ours", relation: "≤", value: sum.hbal + sum.groups * TOLERANCE }, details: { moves: sum.ourMoves, peerMoves: sum.hbalMoves } });
    summarize(`ganeti: ${sum.reached} of ${sum.groups} as good as hbal with at most its moves, ${sum.better} of them better; ${sum.ourMoves} moves instead of ${sum.hbalMoves}`);
    await Promise.resolve();
  },
};

interface Outcome {
  readonly initial: number;
  readonly score: number;
  readonly moves: readonly Move[];
  readonly hbal: { readonly name: string; readonly score: number; readonly moves: number };
  readonly seconds: number;
  readonly walk: GanetiWalk;
}

/** Balances a group with as many moves as hbal needs, and has the moves judged. */
export function balance(cluster: GanetiCluster, group: number, known: Reference | undefined, seconds: number): Outcome {
  const begin = performance.now();
  const walk = new GanetiWalk(cluster, factsOf(cluster), placesOf(cluster), group);
  const initial = walk.cost();
  if (known !== undefined && Math.abs(known.initial - initial) > 1e-6) throw new Error(`the first score is ${initial}, and hbal's is ${known.initial}`);
  const steepest = descend(walk, Infinity, (before, after) => before > LEAST_SCORE || before - after >= LEAST_GAIN);
  const hbal = known === undefined ? { name: "hbal's method", score: walk.cost(), moves: steepest.length } : { name: "hbal 3.0.2", score: known.final, moves: known.moves };
  for (let i = 0; i < steepest.length; i += 1) walk.back();
  const { steps: moves, cost: score } = searchSteps(walk, { mostSteps: hbal.moves, mostTried: Math.round(seconds * TRIED_PER_SECOND), seed: 1 }, steepest);
  for (const move of moves) walk.take(move);
  const judged = judge(cluster, moves, group);
  const written = readGaneti(writeGaneti(cluster, walk.places));
  const hasForthcoming = cluster.instances.some(({ isForthcoming }) => isForthcoming);
  const isRight = hasForthcoming || (Math.abs(judged.score - score) < 1e-6 && Math.abs(scoreOf(written, placesOf(written), group) - score) < 1e-6);
  if (judged.faults.length > 0 || !isRight || moves.length > hbal.moves) throw new Error(`the judge does not agree: ${judged.faults.join("; ")} score ${judged.score} instead of ${score}`);
  return { initial, score, moves, hbal, seconds: (performance.now() - begin) / 1000, walk };
}

function print(name: string, { initial, score, moves, hbal, seconds }: Outcome): void {
  report({
    bench: "ganeti", figure: name, unit: "score", ours: score, peer: hbal.score, peerName: hbal.name, goal: { of: "ours", relation: "≤", value: hbal.score + TOLERANCE },
    details: { score: Number(score.toFixed(8)), initialScore: Number(initial.toFixed(8)), peerScore: hbal.score, moves: moves.length, peerMoves: hbal.moves, seconds: Number(seconds.toFixed(2)) },
  });
}

/** The file as it is after the moves, and the moves in their order. */
function write(folder: string, name: string, cluster: GanetiCluster, { moves, walk }: Outcome): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), writeGaneti(cluster, walk.places));
  const lines = moves.map(({ instance, kind, node }) => ({ instance: cluster.instances[instance]?.name, move: kind, node: cluster.nodes[node]?.name ?? null }));
  writeFileSync(join(folder, `${name}.moves.json`), `${JSON.stringify(lines, null, 2)}\n`);
}

interface Reference {
  readonly initial: number;
  readonly final: number;
  readonly moves: number;
}

/** What hbal itself reached: one line a file, with `initial_score`, `final_score` (empty where it found nothing) and `moves`. */
function referenceOf(path: string): ReadonlyMap<string, Reference> {
  if (!existsSync(path)) return new Map();
  const [header = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const columns = header.split("\t");
  const field = (cells: readonly string[], column: string): string => cells[columns.indexOf(column)] ?? "";
  return new Map(lines.map((line) => {
    const cells = line.split("\t");
    const initial = Number(field(cells, "initial_score"));
    const final = field(cells, "final_score");
    return [field(cells, "file"), { initial, final: final === "" ? initial : Number(final), moves: Number(field(cells, "moves")) }];
  }));
}
