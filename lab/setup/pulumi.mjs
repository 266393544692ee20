// npm run preview | up | refresh | destroy: Pulumi on the example's own stack. More options go behind `--`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build } from "./build.mjs";
import { childEnvironment } from "./environment.mjs";
import { environmentFile, root, stackName } from "./place.mjs";
import { attach } from "./process.mjs";
import { runCommand, StepError } from "./step.mjs";

await runCommand(async () => {
  const [command = "preview", ...options] = process.argv.slice(2);
  if (!existsSync(environmentFile) || !existsSync(join(root, "node_modules"))) throw new StepError("nothing was set up here yet", "npm start");
  await build();
  // Nobody is there to be asked when the input is no terminal.
  const consent = process.stdin.isTTY || command === "preview" || options.some((option) => ["--yes", "-y", "--preview-only"].includes(option)) ? [] : ["--yes"];
  return attach(["pulumi", command, "--stack", stackName, ...consent, ...options], { env: await childEnvironment() });
});
