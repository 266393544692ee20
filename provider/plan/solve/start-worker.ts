/** What runs in each helper of `threads.ts`: starts of a search, task by task. */
import { parentPort } from "node:worker_threads";
import { finishes } from "./search.js";
import type { Helper, HelperAnswer, HelperTask } from "./threads.js";
import { TimeLimit } from "./time-limit.js";

// It lives on when the port is closed: that the planner has failed is for the planner to say.
parentPort?.on("message", ({ port, answered }: Helper) => {
  const count = new Int32Array(answered);
  port.on("message", ({ seconds, ...task }: HelperTask) => {
    const limit = new TimeLimit(seconds);
    const answer: HelperAnswer = { finishes: finishes({ ...task, limit }), wasUp: limit.wasUp };
    port.postMessage(answer);
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  });
});
