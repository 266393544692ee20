/** What runs in the thread that `plan` starts. */
import { parentPort } from "node:worker_threads";
import type { Inventory } from "./model.js";
import { planNow } from "./plan.js";
import { InventoryError } from "./validate.js";

/** What the thread answers with. */
export type Answer = { readonly plan: ReturnType<typeof planNow> } | { readonly mistakes: readonly string[] };

function answer(inventory: Inventory): Answer {
  try {
    return { plan: planNow(inventory) };
  } catch (error) {
    if (error instanceof InventoryError) return { mistakes: error.mistakes };
    throw error;
  }
}

parentPort?.once("message", (inventory: Inventory) => { parentPort?.postMessage(answer(inventory)); });
