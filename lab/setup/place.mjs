import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** The repository's own folder. */
export const root = join(import.meta.dirname, "..", "..");

/** Everything that set-up, the lab and the example's own stack leave in the repository, and nothing else does. */
export const droverFolder = join(root, ".drover");

/** Programs that are installed for this repository alone; not in node_modules, which `npm ci` empties. */
export const toolsFolder = join(droverFolder, "tools");

/** The settings for a bare `pulumi`, to be sourced by a shell. */
export const environmentFile = join(droverFolder, "env");

/** The Pulumi CLI that is installed when the machine has none that is recent enough; the oldest that is used, too. */
export const pulumiVersion = "3.259.0";

/** Where Pulumi itself keeps several versions of its CLI side by side (its npm package and automation API do). */
export const pulumiVersionFolder = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "versions", pulumiVersion);

/** The first Node whose own type stripping runs the example as it is written. */
export const oldestNode = "22.18.0";

/** Major version of the npm package `node` that is installed when the machine's is older. */
export const nodeRelease = "24";

/** The example's stack: it belongs to `npm start` and `npm run stop`. */
export const stackName = "lab";
