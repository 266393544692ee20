// npm run bench [-- NAME]: set-up and a lab of its own, then one bench; without a name it lists them.
import { join } from "node:path";
import process from "node:process";
import { childEnvironment } from "./environment.mjs";
import { nodeProgram } from "./node-runtime.mjs";
import { root } from "./place.mjs";
import { attach } from "./process.mjs";
import { setUp } from "./set-up.mjs";
import { runCommand } from "./step.mjs";

await runCommand(async () => {
  await setUp({ lab: true, purposes: [] });
  return attach([nodeProgram(), join(root, "dist", "bench", "main.js"), ...process.argv.slice(2)], { env: await childEnvironment() });
});
