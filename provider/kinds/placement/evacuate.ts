import { DroverError } from "../../base/error.js";
import type { Context } from "../../engine/handler.js";
import { closedBy } from "../../inventory/cluster/index.js";
import type { PlannedMove } from "../../schema/index.js";
import { markEvacuated } from "./marks.js";
import { makePlan } from "./planning.js";
import { readCluster, type ReadCluster } from "./reading.js";

/**
 * Closes a host before it is emptied by hand: from then on nobody else's plan sends guests there, and this one holds only if it is
 * the same now that everybody's marks can be seen. Of two who empty each other's target at the same moment, one goes back at least.
 * @param cluster as the moves were planned, the host in maintenance
 * @throws DroverError when something changed since they were planned; the host is open again then, and nothing was moved
 */
export async function closeForEvacuation(ctx: Context, cluster: ReadCluster, name: string, moves: readonly PlannedMove[]): Promise<void> {
  const read = cluster.hosts.find(({ declared }) => declared.host.name === name)?.read;
  const wasClosed = closedBy(read?.marks ?? []) !== undefined;
  await markEvacuated(cluster, name, true);
  try {
    await refuseOthers(ctx, cluster, name, moves);
  } catch (error) {
    if (!wasClosed) await markEvacuated(cluster, name, false);
    throw error;
  }
}

/** Whoever moves a guest writes its journal and looks at the marks then: a move that is not in a journal by now will not come here any more. */
async function refuseOthers(ctx: Context, { inputs }: ReadCluster, name: string, moves: readonly PlannedMove[]): Promise<void> {
  const attempted = `carry out the moves that empty ${name}`;
  const now = await readCluster(ctx, inputs, undefined);
  const coming = now.cutOff.filter(({ to }) => to.name === name);
  if (coming.length > 0) {
    throw new DroverError({ attempted, answer: coming.map((move) => `a move of ${move.name} from ${move.from.name} to ${name} was begun and is not ended`).join("; "), next: "nothing was moved: let that end, then run it again" });
  }
  if (textOf((await makePlan(now)).plan.moves) === textOf(moves)) return;
  throw new DroverError({ attempted, answer: "the plan is another one now: hosts or guests of the cluster have changed since it was made, or somebody empties another host at this moment", next: "nothing was moved: run it again" });
}

function textOf(moves: readonly PlannedMove[]): string {
  return JSON.stringify(moves.map(({ vm, from, to }) => [vm, from, to]));
}
