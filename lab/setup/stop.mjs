// npm run stop: the lab, its hosts with their VMs, and the example's stack. The packages stay.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { hasLab, labDown } from "./lab.mjs";
import { root } from "./place.mjs";
import { forgetStack } from "./stack.mjs";
import { runCommand, say, step } from "./step.mjs";

await runCommand(async () => {
  if (!existsSync(join(root, "node_modules")) && !hasLab()) {
    say("nothing was ever started here");
    return 0;
  }
  if (!existsSync(join(root, "dist", "cli", "main.js"))) await step("build", build);
  await step("lab", labDown);
  // Its VMs went with the lab's hosts: there is nothing to destroy. Stacks that you made yourself stay.
  await step("stack", forgetStack);
  return 0;
});
