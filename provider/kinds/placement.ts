import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { UNKNOWN, type Context, type Handler } from "../engine/handler.js";
import { DroverResource } from "../engine/resource.js";
import type { Assignment, ClusterPlan, PlacementInputs, PlacementOutputs } from "../schema/index.js";
import { commonCpu } from "./placement/cpu.js";
import { refuseImpossibleDependencies, whoIsWaitedForInVain } from "./placement/dependencies.js";
import { whoIsUnfenced } from "./placement/fencing.js";
import { leaseWarnings } from "./placement/leases.js";
import { lockOut, publish, underLock, unpublish } from "./placement/guarded.js";
import { clearMarks, keepMarks, takeBackWords } from "./placement/marks.js";
import { settleCutOff } from "./placement/cut-off.js";
import { carryOutMoves, refuseMigrations } from "./placement/moves.js";
import { makePlan } from "./placement/planning.js";
import { handed, handOver } from "./placement/promise.js";
import { readCluster } from "./placement/reading.js";

/**
 * Where the VMs of a `Cluster` run. Its check reads all hosts and plans, so that preview shows where each VM goes and every live
 * migration; its update carries the migrations out. A cluster makes it.
 */
export class Placement extends DroverResource {
  /** Where each VM runs, by its name in the cluster. */
  declare readonly assignments: Output<Readonly<Record<string, Assignment>>>;
  /** Owner id of the cluster: that of its first host when it was made. */
  declare readonly owner: Output<string>;
  /** The CPU that guests have on all hosts, and that of VMs that name none; empty for none. */
  declare readonly cpu: Output<string>;
  declare readonly defaultCpu: Output<string>;
  /** URIs of hosts that an operator declared dead. */
  declare readonly dead: Output<readonly string[]>;
  /** What the last update moved. */
  declare readonly plan: Output<ClusterPlan>;

  /** @param args what `PlacementArgs` has, parts of it still under way */
  constructor(name: string, args: object, options?: CustomResourceOptions) {
    super("Placement", name, args, options);
  }
}

export const handler: Handler<PlacementInputs, PlacementOutputs> = {
  async check(ctx, { olds, news }) {
    // Whoever leaves it out gets a check that changes nothing.
    const { dryRun: isPreview = true, ...declared } = news;
    const owner = olds?.owner ?? declared.owner ?? UNKNOWN;
    const inputs: PlacementInputs = { ...declared, owner };
    if (!isOpen(inputs.hosts)) refuseMigrations(inputs);
    if (isOpen(inputs.vms) || isOpen(inputs.hosts)) {
      ctx.log.info(`${inputs.cluster}: its VMs or hosts are not known yet; they are placed in \`up\``);
      return { inputs: { ...inputs, assignments: UNKNOWN as never } };
    }
    refuseImpossibleDependencies(inputs);
    const shown = isPreview ? undefined : await handed(inputs);
    if (!isPreview) await lockOut(ctx, inputs, olds?.guard?.directory !== inputs.guard?.directory);
    let cluster = await readCluster(ctx, inputs, olds);
    let undecided: ReadonlyMap<string, string> = new Map();
    if (!isPreview && cluster.cutOff.some(({ isOpen }) => isOpen !== true)) {
      undecided = new Map([...await settleCutOff(await underLock(ctx, inputs), cluster)].map(([name, error]) => [name, error.message]));
      for (const [name, why] of undecided) ctx.log.warn(`${name} stays as it is, in the middle of a move: ${why}`);
      cluster = await readCluster(ctx, inputs, olds, { undecided });
    }
    const cpu = await commonCpu(cluster, olds);
    const planned = shown?.asShown(cluster) ?? (await makePlan(cluster, { fixed: without(shown?.places, undecided) }));
    shown?.refuseOthers(planned);
    if (isPreview || shown === undefined) ctx.log.info(planned.text);
    const warnings = isPreview ? [whoIsUnfenced(cluster.inputs), whoIsWaitedForInVain(inputs), ...await leaseWarnings(cluster)] : [];
    for (const warning of warnings) if (warning !== undefined) ctx.log.warn(warning);
    if (isPreview) await handOver(cluster, planned);
    return { inputs: { ...inputs, ...cpu, dead: cluster.inputs.dead ?? [], assignments: planned.assignments, plan: planned.plan } };
  },

  diff(_ctx, { news, standard }) {
    return { ...standard, changes: standard.changes || (news.plan?.moves.length ?? 0) > 0 || (news.plan?.returned ?? []).length > 0 };
  },

  async create(ctx, { inputs, key }) {
    return { id: key, outputs: await carriedOut(ctx, inputs, undefined) };
  },

  read: (_ctx, { id, olds }) => Promise.resolve({ id, ...olds }),

  async update(ctx, { olds, news }) {
    return await carriedOut(ctx, news, olds.inputs);
  },

  async delete(ctx, { olds }) {
    await unpublish(ctx, olds.inputs);
    await clearMarks(ctx, olds.inputs);
  },
};

/** Empties first, marks then. */
async function carriedOut(ctx: Context, inputs: PlacementInputs, olds: PlacementInputs | undefined): Promise<PlacementOutputs> {
  await publish(ctx, inputs);
  if ((inputs.plan?.returned ?? []).length > 0) await takeBackWords(ctx, inputs, olds);
  const count = await carryOutMoves(await underLock(ctx, inputs), inputs, olds);
  await keepMarks(ctx, inputs, olds);
  return { carriedOut: count };
}

/** What stays in the middle of a move is not held to a place that a preview showed. */
function without(places: Readonly<Record<string, string>> | undefined, undecided: ReadonlyMap<string, string>): Readonly<Record<string, string>> | undefined {
  return places === undefined ? undefined : Object.fromEntries(Object.entries(places).filter(([name]) => !undecided.has(name)));
}

/** Not known yet as a whole, in a preview. */
function isOpen(value: unknown): boolean {
  return value === UNKNOWN;
}
