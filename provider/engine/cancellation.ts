import process from "node:process";
import { onEngineCall } from "./engine-calls.js";
import { engine } from "./engine-client.js";
import { keepHeapSmall } from "./small-heap.js";

const controller = new AbortController();
let underWay = 0;
let isInterrupted = false;

/** Aborted when the operator cancels. */
export const cancelled: AbortSignal = controller.signal;

/**
 * Runs what the engine asked for; a process that was interrupted ends when the last of it is answered.
 *
 * The engine interrupts its provider processes at the end of every run, not only when the operator cancels, and waits up to
 * five seconds for them: a process that has nothing to do ends at once, or each run would take that much longer.
 */
export async function answering<T>(call: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await call();
  } finally {
    underWay -= 1;
    keepHeapSmall();
    endWhenIdle();
  }
}

function cancel(): void {
  controller.abort(new Error("cancelled by the operator"));
}

function interrupt(): void {
  isInterrupted = true;
  cancel();
  endWhenIdle();
}

process.once("SIGINT", interrupt);
// Somebody killed the CLI, which does not end its providers then: nobody hears of what goes on here, and the next run begins anew.
engine?.whenGone(interrupt);
// What is written for a CLI that is gone would fail, and the SDK would write that there too, without end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", interrupt);
// At Ctrl-C the engine makes this call, and interrupts the process only after all that is under way was answered: an upload or
// a wait would go on for as long as it takes.
onEngineCall("/pulumirpc.ResourceProvider/Cancel", cancel);

/** The last answer still has to leave the process. */
const FLUSH_MS = 100;

function endWhenIdle(): void {
  if (!isInterrupted || underWay > 0) return;
  setTimeout(() => { if (underWay === 0) process.exit(); }, FLUSH_MS);
}
