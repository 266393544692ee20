import { MessageChannel, Worker } from "node:worker_threads";
import type { Inventory, Plan } from "./model.js";
import type { Helper } from "./solve/threads.js";
import { InventoryError } from "./validate.js";
import type { Answer, Question } from "./worker.js";

export interface PlanOptions {
  /** Threads that carry the inventory's `starts` out, 1 by default. They change how long it takes, and nothing else. */
  readonly threads?: number;
}

/** What runs in the helping threads. */
const HELPER = new URL("./solve/start-worker.js", import.meta.url);

/**
 * {@link planNow} in a thread of its own, so that its caller's connections and timers live on while it computes.
 *
 * @throws InventoryError that lists every mistake of the inventory
 * @throws RangeError where `threads` is no whole number from 1
 * @example const { outcome, actions } = await plan(inventory);
 * @example const { actions } = await plan({ ...inventory, starts: 4 }, { threads: 2 });
 */
export async function plan(inventory: Inventory, options: PlanOptions = {}): Promise<Plan> {
  return planWith(HELPER, inventory, options);
}

/** @param helper what runs in the helping threads, for a test of what becomes of one that fails */
export async function planWith(helper: URL, inventory: Inventory, { threads = 1 }: PlanOptions = {}): Promise<Plan> {
  if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads is ${threads}, and must be a whole number from 1`);
  const planner = new Worker(new URL("./worker.js", import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  const others = Array.from({ length: helperCount(inventory, threads) }, () => new Worker(helper));
  try {
    const answer = await answerOf(planner, others, inventory);
    if ("mistakes" in answer) throw new InventoryError(answer.mistakes);
    return answer.plan;
  } finally {
    // Helpers wait for more, and a planner whose helper has failed sleeps for ever.
    await Promise.all([planner, ...others].map((worker) => worker.terminate()));
  }
}

async function answerOf(planner: Worker, others: readonly Worker[], inventory: Inventory): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    planner.once("message", (answer: string) => { resolve(JSON.parse(answer) as Answer); });
    for (const worker of [planner, ...others]) {
      worker.once("error", reject);
      worker.once("exit", (code) => { reject(new Error(`${worker === planner ? "the planner's thread" : "a thread that helps the planner"} ended with ${code} and no plan`)); });
    }
    // They load their modules while the inventory is being copied.
    const helpers = others.map((worker): Helper => {
      const { port1, port2 } = new MessageChannel();
      const answered = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
      worker.postMessage({ port: port2, answered } satisfies Helper, [port2]);
      return { port: port1, answered };
    });
    // As text: for tens of thousands of small objects that takes half as long as a copy of the objects.
    planner.postMessage({ inventory: JSON.stringify(inventory), helpers } satisfies Question, helpers.map(({ port }) => port));
  });
}

/** No more than there is work for. What is wrong with the inventory, its `starts` included, is told with all its mistakes. */
function helperCount(inventory: unknown, threads: number): number {
  const starts = typeof inventory === "object" && inventory !== null && "starts" in inventory ? inventory.starts : 1;
  return typeof starts === "number" && starts >= 1 ? Math.floor(Math.min(threads, starts, MOST_THREADS)) - 1 : 0;
}

/** Room for what a large inventory is made of, or its objects are moved about while they are read: a tenth of the time. */
const YOUNG_MB = 192;
/** As many as there can be starts. */
const MOST_THREADS = 64;
