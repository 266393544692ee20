import { Worker } from "node:worker_threads";
import type { Inventory, Plan } from "./model.js";
import { InventoryError } from "./validate.js";
import type { Answer } from "./worker.js";

/**
 * {@link planNow} in a thread of its own, so that its caller's connections and timers live on while it computes.
 *
 * @throws InventoryError that lists every mistake of the inventory
 * @example const { outcome, actions } = await plan(inventory);
 */
export async function plan(inventory: Inventory): Promise<Plan> {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  const answer = await new Promise<Answer>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => { reject(new Error(`the planner's thread ended with ${code} and no plan`)); });
    // It loads its modules while the inventory is being copied.
    try {
      worker.postMessage(inventory);
    } catch (error) {
      // What can not be copied, such as a function. The thread would wait for ever.
      const reason = error instanceof Error ? error : new Error(String(error));
      worker.terminate().then(() => { reject(reason); }, reject);
    }
  });
  if ("mistakes" in answer) throw new InventoryError(answer.mistakes);
  return answer.plan;
}
