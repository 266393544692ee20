import process from "node:process";
import Table from "cli-table3";
import { Command } from "commander";
import { DroverError, messageOf } from "../provider/base/error.js";
import type { Log } from "../provider/base/log.js";
import { carryOutMoves, closeForEvacuation, finishCutOff, letGuardsIn, lockOut, makePlan, markDead, markEvacuated, noteClosed, readCluster, refuseLivingAnywhere, SPOKEN_SECONDS, underLock, voidWords, type KnownHost, type ReadCluster } from "../provider/kinds/placement/index.js";
import { closeHosts } from "../provider/inventory/hosts.js";
import type { RuleSpec } from "../provider/plan/index.js";
import type { PlacementInputs, PlannedMove } from "../provider/schema/index.js";
import { confirmed } from "./pulumi.js";
import { clustersOfStack } from "./stack-clusters.js";

/** Which clusters are meant. */
export interface StackOptions {
  readonly stack?: string;
  readonly cluster?: string;
}

interface Options extends StackOptions {
  readonly yes?: true;
  readonly json?: true;
  readonly undo?: true;
}

/** What happens on the terminal and not under a resource. */
export const log: Log = { debug: () => {}, info: (text) => { console.log(text); }, warn: (text) => { console.error(`warning: ${text}`); }, error: (text) => { console.error(`warning: ${text}`); } };

/** `drover status`: the clusters of a stack as they are now. */
export function statusCommand(): Command {
  return ofStack(new Command("status").description("show the hosts and VMs of the stack's clusters as they are now, what is not as it should be, and what the loss of a host would do"))
    .option("--json", "as JSON")
    .action((options: Options) => withClusters(options, async (cluster) => {
      const found = await makePlan(cluster, { outlook: "always" }).then(({ plan, headroom, text }) => ({ plan, headroom, text }), (error: unknown) => ({ text: messageOf(error), impossible: true }));
      if ("impossible" in found) process.exitCode = 1;
      const hosts = cluster.hosts.map((host) => ({ name: host.declared.host.name, state: stateOf(host, cluster), ...host.read, address: undefined }));
      console.log(options.json === true ? JSON.stringify({ cluster: cluster.inputs.cluster, hosts, rules: cluster.inputs.rules ?? [], ..."plan" in found ? { plan: found.plan, headroom: found.headroom } : { impossible: found.text } }, undefined, 2) : statusText(cluster, found.text));
    }));
}

/** `drover evacuate`: empties a host now. */
export function evacuateCommand(): Command {
  return ofStack(new Command("evacuate").description("empty a host live, and keep VMs off it until `drover evacuate HOST --undo`; a program that says `maintenance: true` and then `false` takes it back too"))
    .argument("<host>", "its name in the program")
    .option("--yes", "carry it out; without it, only show what would be moved")
    .option("--undo", "let VMs come to the host again; moves none")
    .action((host: string, options: Options) => withClusters(options, async (cluster, signal) => {
      const known = cluster.hosts.find(({ declared }) => declared.host.name === host);
      if (known === undefined) return;
      if (options.undo === true) {
        await lockOut({ log, signal }, cluster.inputs, false, `drover evacuate ${host} --undo`);
        await markEvacuated(cluster, host, false);
        await noteClosed({ log, signal }, cluster.inputs, host, false);
        console.log(`${host} takes VMs again`);
        return;
      }
      const inputs = { ...cluster.inputs, hosts: cluster.inputs.hosts.map((each) => (each.host.name === host ? { ...each, maintenance: true } : each)) };
      await carriedOut(inputs, `drover evacuate ${host}`, options, signal, {
        before: async (planned, moves) => {
          await closeForEvacuation({ log, signal }, planned, host, moves);
          await noteClosed({ log, signal }, planned.inputs, host, true);
          console.log(`${host} takes no VMs from now on; \`drover evacuate ${host} --undo\` ends that`);
        },
        // Once more: another one who emptied it and gave up may have opened it again.
        after: (moved) => markEvacuated(moved, host, true),
      });
    }, host));
}

/** `drover balance`: what the cluster's policy would move, and on demand moves. */
export function balanceCommand(): Command {
  return ofStack(new Command("balance").description("show what the clusters' policies would move, and with --yes move it"))
    .option("--yes", "carry it out; without it, only show what would be moved")
    .action((options: Options) => withClusters(options, async (cluster, signal) => {
      await carriedOut({ ...cluster.inputs, rebalance: true }, "drover balance", options, signal);
    }));
}

/** `drover confirm-dead`: an operator's word that a host is dead, so that its VMs may start elsewhere. */
export function confirmDeadCommand(): Command {
  return ofStack(new Command("confirm-dead").description("say that a host is dead for certain (its power is cut), so that the next `pulumi up` starts its VMs elsewhere; refused while anything of the host answers, anybody else of the cluster hears it, or a fence device says that it has power"))
    .argument("<host>", "its name in the program")
    .option("--yes", "do not ask")
    .action((host: string, options: Options) => withClusters(options, async (cluster) => {
      if (cluster.hosts.every(({ declared }) => declared.host.name !== host)) return;
      await refuseLivingAnywhere(cluster, host, (text) => { log.warn(text); });
      if (options.yes !== true && !(await confirmed(`Nothing of ${host} answers. If it lives all the same, its guests will run twice and destroy their disks. Is its power off?`))) {
        console.log("nothing was changed");
        return;
      }
      const told = await markDead(cluster, host, "drover confirm-dead", SPOKEN_SECONDS);
      console.log(`${host} is taken for dead, which ${told.join(", ")} ${told.length === 1 ? "keeps" : "keep"}, until anything of it answers; where nobody acts by it within an hour, say it again\nnext: \`pulumi preview\` shows where its VMs start`);
    }, host));
}

export function ofStack(command: Command): Command {
  return command.option("--stack <name>", "the stack (default: the selected one)").option("--cluster <name>", "the cluster (default: all of the stack)");
}

/** What else belongs to moves, straight before and after them. */
interface Around {
  readonly before: (cluster: ReadCluster, moves: readonly PlannedMove[]) => Promise<void>;
  readonly after: (cluster: ReadCluster) => Promise<void>;
}

/** How often a plan is made anew, because it is another one under the lock or moves of others had to be ended, before an operator is asked to look. */
const MOST_ROUNDS = 4;

/** Shows the plan of these inputs, and carries it out where the operator says so, with no guard and no update at work beside it. */
async function carriedOut(inputs: PlacementInputs, who: string, options: Options, signal: AbortSignal, around?: Around): Promise<void> {
  const ctx = { log, signal };
  let agreed: string | undefined;
  if (options.yes === true) await lockOut(ctx, inputs, false, who);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const cluster = await readCluster(ctx, inputs, undefined);
    const { plan, text } = await makePlan(cluster);
    if (text !== agreed) {
      console.log(text);
      if (options.yes !== true) {
        if (!(process.stdin.isTTY && (await confirmed("Carry it out?")))) {
          console.log("nothing was changed; --yes carries it out");
          return;
        }
        // Whoever thinks about it holds up nobody; it may be another plan by now.
        agreed = text;
        await lockOut(ctx, inputs, false, who);
        continue;
      }
    }
    // One of which an end gives no answer stays as it is: the plan leaves that guest where it is.
    if (!cluster.cutOff.some(({ isOpen }) => isOpen !== true)) {
      // Nothing goes to a host that would pass for dead at once when it is lost again.
      if (cluster.returned.length > 0) await voidWords(cluster);
      await around?.before(cluster, plan.moves);
      await carryOutMoves(await underLock(ctx, inputs, false, who), { ...inputs, plan }, undefined);
      await around?.after(cluster);
      return;
    }
    // Another run's, which may go on at this moment: it is waited for, or ended, and what is left to do is another plan then. One that cannot be ended ends this.
    await finishCutOff(await underLock(ctx, inputs, false, who), { ...cluster, cutOff: cluster.cutOff.filter(({ isOpen }) => isOpen !== true) });
  }
  throw new DroverError({ attempted: `carry out the moves of cluster ${inputs.cluster}`, answer: `it has changed under each of ${MOST_ROUNDS} plans, or moves that were cut off are still there: somebody else moves its guests at this moment`, next: "nothing of this plan was begun: run it again when that is done" });
}

/** Reads each cluster of the stack's state, as far as it is asked for. @throws DroverError when there is none */
async function withClusters(options: Options, run: (cluster: ReadCluster, signal: AbortSignal) => Promise<void>, host?: string): Promise<void> {
  const chosen = await clustersOf(options, host);
  await connected(async (signal) => {
    for (const inputs of chosen) await run(await readNow(inputs, signal), signal);
  });
}

/** The clusters of the stack's state, as far as they are asked for, secrets shown. @throws DroverError when there is none */
export async function clustersOf(options: StackOptions, host?: string): Promise<readonly PlacementInputs[]> {
  const all = await clustersOfStack(options.stack);
  const chosen = all.filter((inputs) => (options.cluster === undefined || inputs.cluster === options.cluster) && (host === undefined || inputs.hosts.some((each) => each.host.name === host)));
  if (chosen.length > 0) return chosen;
  throw new DroverError({ attempted: `find ${host === undefined ? "a cluster" : `a cluster with host ${host}`} in the stack's state`, answer: all.length === 0 ? "it has no cluster" : `its clusters are ${all.map(({ cluster }) => cluster).join(", ")}`,
    next: "give --stack or --cluster, or run `pulumi up` first" });
}

/** Reads a cluster, hosts that do not answer left out. */
export function readNow(inputs: PlacementInputs, signal: AbortSignal): Promise<ReadCluster> {
  return readCluster({ log, signal }, { ...inputs, onUnreachable: "plan-without" }, inputs);
}

/** Runs with connections to hosts, which are closed at the end; Ctrl-C aborts the signal. */
export async function connected(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  process.once("SIGINT", () => { controller.abort(new Error("cancelled by the operator")); });
  try {
    await run(controller.signal);
  } finally {
    await letGuardsIn();
    await closeHosts();
  }
}

/** One that was declared dead and answers again gets nothing before it was looked at, by a guard or by the next `up`. */
function stateOf({ declared, state }: KnownHost, { returned }: ReadCluster): string {
  return state === "up" && returned.includes(declared.host.name) ? "quarantined" : state;
}

function statusText(cluster: ReadCluster, text: string): string {
  const { inputs, hosts, sorted } = cluster;
  const plain = { style: { head: [], border: [] } };
  const hostTable = new Table({ head: ["host", "state", "guests", "vCPUs", "memory used", "of"], ...plain });
  for (const host of hosts) {
    const { declared, read, state } = host;
    if (read === undefined) {
      hostTable.push([declared.host.name, state === "lost" ? "declared dead" : "does not answer", "", "", "", ""]);
      continue;
    }
    const active = read.domains.filter((domain) => domain.isActive);
    const used = active.reduce((sum, domain) => sum + domain.memory.totalMib, 0);
    hostTable.push([declared.host.name, stateOf(host, cluster), active.length, active.reduce((sum, domain) => sum + domain.vcpus, 0), `${used} MiB`, `${read.memoryMib} MiB`]);
  }
  const vmTable = new Table({ head: ["VM", "host", "state", "vCPUs", "memory"], ...plain });
  for (const { name, member, seen } of sorted.members) vmTable.push([name, seen?.host.address.name ?? "-", seen === undefined ? "not there" : seen.domain.state, seen?.domain.vcpus ?? member.vcpus, seen === undefined ? member.memory : `${seen.domain.memory.totalMib} MiB`]);
  const rules = (inputs.rules ?? []) as readonly RuleSpec[];
  const ruleTable = new Table({ head: ["rule", "kind", ""], ...plain });
  // What breaks one is in the plan's text.
  for (const { name, kind, hard } of rules) ruleTable.push([name ?? "", kind, hard === false ? "a wish" : "hard"]);
  return [`cluster ${inputs.cluster}`, hostTable.toString(), vmTable.toString(), ...(rules.length === 0 ? [] : [ruleTable.toString()]), text].join("\n");
}
