import { messageOf } from "../base/error.js";
import type { Context } from "../engine/handler.js";
import { carryOutMoves, closeForEvacuation, makePlan, type ReadCluster } from "../kinds/placement/index.js";
import type { Hold } from "../record/store.js";
import type { PlacementInputs } from "../schema/index.js";
import type { Condition } from "./detect.js";
import type { Tell } from "./events.js";
import type { TroubledHost } from "./health/watch.js";

/** The cluster's inputs with a host that takes no guests. */
export function without(host: string): (inputs: PlacementInputs) => PlacementInputs {
  return (inputs) => ({ ...inputs, rebalance: false, hosts: inputs.hosts.map((each) => (each.host.name === host ? { ...each, maintenance: true } : each)) });
}

/**
 * Empties a host that is in trouble, live, by the plan that its maintenance would have; afterwards it is closed, as after `drover evacuate`.
 * Only where all other hosts are well and take guests: one host at a time.
 * @param ctx whose signal ends it where a lock may be lost
 * @param cluster as it was read just now under the lock, {@link without} the host
 * @param proceed throws where this guard leads no longer
 */
export async function emptyTroubled(ctx: Context, cluster: ReadCluster, { host, why, alike }: TroubledHost, conditions: ReadonlyMap<string, Condition>, tell: Tell, proceed: () => Hold): Promise<void> {
  const others = cluster.hosts.filter(({ declared, state }) => declared.host.name !== host && (state !== "up" || conditions.get(declared.host.name) !== "alive")).map(({ declared }) => declared.host.name);
  if (others.length > 0) {
    tell("evacuation-held-back", `${why}; it is not emptied while other hosts take no guests: ${others.join(", ")}`, { host });
    return;
  }
  if (alike.length > 0) {
    tell("evacuation-held-back", `${why}; it is not emptied while other hosts are in trouble themselves: ${alike.join(", ")}`, { host });
    return;
  }
  try {
    const { plan } = await makePlan(cluster);
    proceed();
    await closeForEvacuation(ctx, cluster, host, plan.moves);
    tell("evacuation-begun", `${why}: its guests move to other hosts (${plan.moves.length})`, { host });
    await carryOutMoves(ctx, { ...cluster.inputs, plan }, undefined);
    tell("host-emptied", `${why}: nothing of the cluster runs there any more; when it is mended, \`drover evacuate ${host} --undo\``, { host });
  } catch (error) {
    proceed();
    tell("evacuation-failed", messageOf(error), { host });
  }
}
