// npm run setup [-- gluster] [-- debian]: set-up alone, with the packages for more storage or more guest images.
import process from "node:process";
import { setUp } from "./set-up.mjs";
import { runCommand, say } from "./step.mjs";
import { whyNoLab } from "./system-packages.mjs";

await runCommand(async () => {
  const obstacle = whyNoLab();
  if (obstacle !== undefined) say(`Without the embedded lab, for ${obstacle}.`);
  await setUp({ lab: obstacle === undefined, purposes: process.argv.slice(2) });
  return 0;
});
