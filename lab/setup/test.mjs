// npm test [-- PATTERN…]: set-up, then every test, or those whose file's path contains a PATTERN.
import { join } from "node:path";
import process from "node:process";
import { childEnvironment } from "./environment.mjs";
import { nodeProgram } from "./node-runtime.mjs";
import { root } from "./place.mjs";
import { attach } from "./process.mjs";
import { setUp } from "./set-up.mjs";
import { runCommand, say, StepError } from "./step.mjs";
import { whyNoLab } from "./system-packages.mjs";

await runCommand(async () => {
  const obstacle = whyNoLab() ?? (process.getuid?.() === 0 ? undefined : "you are not root");
  try {
    await setUp({ lab: obstacle === undefined, purposes: obstacle === undefined ? ["gluster", "tests"] : [] });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    say(`\n${error.message}\n\n0 passed, 1 failed, 0 skipped`);
    return 1;
  }
  const environment = { ...(await childEnvironment()), ...(obstacle === undefined ? {} : { DROVER_NO_LAB: obstacle }) };
  return attach([nodeProgram(), join(root, "dist", "test", "run.js"), ...process.argv.slice(2)], { env: environment });
});
