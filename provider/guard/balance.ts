import { parseDuration } from "../base/duration.js";
import { messageOf } from "../base/error.js";
import type { Context } from "../engine/handler.js";
import { carryOutMoves, makePlan, type ReadCluster } from "../kinds/placement/index.js";
import type { PlacementInputs } from "../schema/index.js";
import type { Condition } from "./detect.js";
import type { Tell } from "./events.js";

const DEFAULT_MAX_MOVES = 2;
/** Between two looks at the hosts' conditions while guests move. */
const LOOK_MS = 500;

/**
 * When the policy is to be carried out again. It counts from when this guard began to lead: a new leader waits as long as any other
 * that has just balanced.
 */
export class BalanceTimer {
  #lastMs: number | undefined;

  /** @param nowMs of a clock that never jumps */
  isDue({ balance }: PlacementInputs, nowMs: number): boolean {
    if (balance === undefined) {
      this.#lastMs = undefined;
      return false;
    }
    this.#lastMs ??= nowMs;
    if (nowMs - this.#lastMs < parseDuration(balance.every) * 1000) return false;
    this.#lastMs = nowMs;
    return true;
  }
}

/** Why guests are left where they are, in an operator's words: whoever repairs comes first, and what is not seen is not counted on. */
export function whyNotBalance({ hosts, sorted, cutOff }: ReadCluster, conditions: ReadonlyMap<string, Condition>): string | undefined {
  const strange = strangeOf(conditions);
  if (strange.length > 0) return `not all hosts are well: ${strange.join(", ")}`;
  const closed = hosts.filter(({ state }) => state !== "up").map(({ declared }) => declared.host.name);
  if (closed.length > 0) return `not all hosts take guests: ${closed.join(", ")}`;
  if (cutOff.length > 0) return `moves that were cut off wait for their end: ${cutOff.map(({ name }) => name).join(", ")}`;
  if (sorted.twice.length > 0) return `guests run twice: ${sorted.twice.map(({ name }) => name).join(", ")}`;
  const down = sorted.members.filter(({ member, seen }) => member.running && seen?.domain.isActive !== true).map(({ name }) => name);
  return down.length > 0 ? `not all guests run: ${down.join(", ")}` : undefined;
}

/**
 * Carries the cluster's policy out, as `drover balance` does, with a budget of its own.
 * @param ctx whose signal ends it where a lock may be lost
 * @param cluster as it was read just now, under the lock
 */
export async function balance(ctx: Context, cluster: ReadCluster, conditions: ReadonlyMap<string, Condition>, tell: Tell): Promise<void> {
  const { inputs } = cluster;
  const { maxMoves = DEFAULT_MAX_MOVES, dryRun = false } = inputs.balance ?? {};
  const why = whyNotBalance(cluster, conditions);
  if (why !== undefined) {
    tell("balance-held-back", why);
    return;
  }
  const moves = Math.min(maxMoves, inputs.budget?.moves ?? maxMoves);
  const wanted: PlacementInputs = { ...inputs, rebalance: true, budget: { ...inputs.budget, moves } };
  const { plan } = await makePlan({ ...cluster, inputs: wanted });
  for (const { vm, from, to, reason } of plan.moves) tell(dryRun ? "balance-planned" : "balance-begun", `from ${from} to ${to}: ${reason}`, { vm, host: to });
  if (dryRun || plan.moves.length === 0) return;
  // Guests of a host that dies meanwhile do not wait for the end of moves that can wait themselves.
  const disturbance = new AbortController();
  const watching = setInterval(() => { if (strangeOf(conditions).length > 0) disturbance.abort(new Error("not all hosts are well any more")); }, LOOK_MS);
  try {
    await carryOutMoves({ ...ctx, signal: AbortSignal.any([ctx.signal, disturbance.signal]) }, { ...wanted, plan }, undefined);
    tell("balanced", `${plan.moves.length} ${plan.moves.length === 1 ? "guest" : "guests"} moved`);
  } catch (error) {
    tell("trouble", messageOf(error));
  } finally {
    clearInterval(watching);
  }
}

function strangeOf(conditions: ReadonlyMap<string, Condition>): string[] {
  return [...conditions].filter(([, condition]) => condition !== "alive").map(([name]) => name);
}
