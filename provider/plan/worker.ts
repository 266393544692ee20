/** What runs in the thread that `plan` starts. */
import { parentPort } from "node:worker_threads";
import type { Inventory } from "./model.js";
import { planNow } from "./plan.js";
import { crewOf, type Helper } from "./solve/threads.js";
import { InventoryError } from "./validate.js";

/** What the thread is asked. */
export interface Question {
  /** An `Inventory`, as JSON. */
  readonly inventory: string;
  /** Other threads, to share starts with. */
  readonly helpers: readonly Helper[];
}

/** What it answers with, as JSON. */
export type Answer = { readonly plan: ReturnType<typeof planNow> } | { readonly mistakes: readonly string[] };

function answer({ inventory, helpers }: Question): Answer {
  try {
    return { plan: planNow(JSON.parse(inventory) as Inventory, helpers.length === 0 ? undefined : crewOf(helpers)) };
  } catch (error) {
    if (error instanceof InventoryError) return { mistakes: error.mistakes };
    throw error;
  }
}

// It lives on until it is ended, and with it the ports to its helpers: else they might end before its answer is heard.
parentPort?.on("message", (question: Question) => { parentPort?.postMessage(JSON.stringify(answer(question))); });
