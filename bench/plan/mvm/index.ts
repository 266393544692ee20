import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calibrate, meanError, verify, type Action, type PlanHost } from "../../../provider/plan/index.js";
import { compile } from "../../../provider/plan/compile.js";
import { linkOf } from "../../../provider/plan/schedule/duration.js";
import { schedule } from "../../../provider/plan/schedule/schedule.js";
import { report, summarize, type Bench } from "../../report.js";
import { isAskedFor, planBenchOptions } from "../options.js";
import { mvmMoveTime, readInstances, readRealMoves, type FileAction, type Instance, type RealMove } from "./instance.js";

const MOST_ABOVE_BOUND = 1.12;
const MOST_ERROR_PERCENT = 10;

/** Schedules of migrations against mVM's (V. Kherbache, BtrPlace), and predicted durations against real ones. */
export const mvm: Bench = {
  name: "mvm",
  summary: "makespans of migration schedules against mVM's and a bound by links, and predicted durations against real ones",
  async run(args) {
    const options = planBenchOptions(args, { data: "btrplace" });
    const instances = (await readInstances(options.dataDir)).filter(({ name }) => isAskedFor(options, name));
    if (options.outDir !== undefined) await mkdir(options.outDir, { recursive: true });
    const sums = { ours: 0, theirs: 0, bound: 0 };
    for (const instance of instances) {
      const start = performance.now();
      const actions = scheduleOf(instance);
      const computeMs = performance.now() - start;
      const ours = makespan(actions.map((action) => action.startSeconds + action.durationSeconds));
      const theirs = makespan(instance.content.actions.map(({ end }) => end));
      const bound = linkBound(instance);
      const details = { bound, toBound: Number((ours / bound).toFixed(3)), predictsOtherwise: instance.content.actions.filter((action) => !predictsAlike(instance, action)).length, computeMs: Math.round(computeMs) };
      report({ bench: "mvm", figure: `makespan of ${instance.name}`, unit: "s", ours, peer: theirs, peerName: "mVM", goal: { of: "ratio", relation: "≤", value: 1 }, details });
      sums.ours += ours / instances.length;
      sums.theirs += theirs / instances.length;
      sums.bound += bound / instances.length;
      if (options.outDir !== undefined) await writeFile(join(options.outDir, `${instance.name}.json`), JSON.stringify({ ...instance.content, actions: actions.map(fileActionOf) }));
    }
    report({ bench: "mvm", figure: "mean makespan", unit: "s", ours: sums.ours, peer: sums.theirs, peerName: "mVM", goal: { of: "ratio", relation: "≤", value: 1 } });
    report({ bench: "mvm", figure: "mean makespan to the links' bound", unit: "ratio", ours: sums.ours / sums.bound, peer: sums.theirs / sums.bound, peerName: "mVM", goal: { of: "ours", relation: "≤", value: MOST_ABOVE_BOUND } });
    const errors = await predict(options.dataDir, instances);
    summarize(`mvm: mean makespan ${sums.ours.toFixed(1)} s, mVM ${sums.theirs.toFixed(1)} s, bound ${sums.bound.toFixed(1)} s${errors}`);
  },
};

function scheduleOf({ name, inventory, targets }: Instance): readonly Action[] {
  const compiled = compile(inventory);
  const slotOf = new Map(compiled.hosts.map((host, slot) => [host.name, slot]));
  const slots = Int32Array.from(compiled.vms, (vm) => slotOf.get(targets.get(vm.name) ?? vm.host ?? "") ?? 0);
  // The outcome is given: no VM takes another target.
  const { actions, stuck } = schedule(compiled, slots, { options: inventory.schedule ?? {}, durations: mvmMoveTime, seed: 1, reasonOf: () => "", isSettled: () => false });
  const faults = verify(inventory, actions, Object.fromEntries(compiled.vms.map((vm) => [vm.name, { host: targets.get(vm.name) ?? vm.host ?? "" }])));
  if (stuck.length + faults.length > 0) throw new Error(`${name}: ${[...stuck, ...faults].join("; ")}`);
  return actions;
}

function makespan(ends: readonly number[]): number {
  return Math.max(0, ...ends);
}

/** The busiest link, all of whose moves follow each other without a gap, each with as much as its two links let it have. */
function linkBound({ inventory, targets }: Instance): number {
  const hosts = new Map(inventory.hosts.map((host) => [host.name, host]));
  const busySeconds = new Map<string, number>();
  const use = (link: string, host: PlanHost, mbps: number, seconds: number): void => {
    const { inMbps, outMbps } = linkOf(host);
    busySeconds.set(link, (busySeconds.get(link) ?? 0) + (seconds * mbps) / (link.startsWith("in") ? inMbps : outMbps));
  };
  for (const vm of inventory.vms) {
    const [from, to] = [hosts.get(vm.host ?? ""), hosts.get(targets.get(vm.name) ?? "")];
    if (from === undefined || to === undefined || from === to) continue;
    const mbps = Math.min(linkOf(from).outMbps, linkOf(to).inMbps);
    const { seconds } = mvmMoveTime(vm, mbps);
    use(`out of ${from.name}`, from, mbps, seconds);
    use(`in to ${to.name}`, to, mbps, seconds);
  }
  return Math.max(0, ...busySeconds.values());
}

/** Is a move as long in the file's own plan? Where not, makespans can not be compared. */
function predictsAlike({ vms }: Instance, { vm, bw, start, end }: FileAction): boolean {
  const subject = vms.get(`vm#${vm}`);
  return subject !== undefined && mvmMoveTime(subject, bw).seconds === end - start;
}

function fileActionOf({ subject, from, to, startSeconds, durationSeconds, mbps }: Action): Record<string, unknown> {
  const idOf = (name: string | undefined): number => Number((name ?? "").replace(/^.*#/, ""));
  return { bw: mbps, vm: idOf(subject), start: startSeconds, end: startSeconds + durationSeconds, from: idOf(from?.host), id: "migrateVM", to: idOf(to?.host), hooks: { pre: [], post: [] } };
}

/** Fits the duration model to the moves of every other instance and judges it by those of the rest, then the other way round. */
async function predict(dataDir: string, instances: readonly Instance[]): Promise<string> {
  const moves = await Promise.all(instances.map((instance) => readRealMoves(dataDir, instance)));
  const halves = [0, 1].map((rest) => moves.filter((_, index) => index % 2 === rest).flat());
  if (halves.some((half) => half.length === 0)) return "; nothing was really carried out of these";
  const texts = [[0, 1], [1, 0]].map(([fitted = 0, judged = 1]) => {
    const model = calibrate(halves[fitted] ?? []);
    const real = halves[judged] ?? [];
    const ours = meanError(real, model) * 100;
    const theirs = theirError(real) * 100;
    report({
      bench: "mvm", figure: `mean error of predicted durations, fitted on instances ${fitted === 0 ? "1, 3, …" : "2, 4, …"} and judged on the others`, unit: "%", ours, peer: theirs, peerName: "mVM",
      goal: { of: "ours", relation: "≤", value: MOST_ERROR_PERCENT },
      details: { moves: real.length, linkShare: Number(model.linkShare.toFixed(3)), fixedSeconds: Number(model.fixedSeconds.toFixed(3)), dirtyShare: Number(model.dirtyShare.toFixed(3)) },
    });
    return `${ours.toFixed(1)} %, mVM ${theirs.toFixed(1)} %`;
  });
  return `; durations are predicted with a mean error of ${texts.join(", and ")}`;
}

function theirError(moves: readonly RealMove[]): number {
  return moves.reduce((sum, { seconds, predictedSeconds }) => sum + Math.abs(predictedSeconds - seconds) / seconds, 0) / moves.length;
}
