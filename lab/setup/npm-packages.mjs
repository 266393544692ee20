import { createHash } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { nodeHeaders, nodeProgram } from "./node-runtime.mjs";
import { root } from "./place.mjs";
import { capture } from "./process.mjs";
import { StepError } from "./step.mjs";

/**
 * Installs the npm packages, when the lock file or the Node that runs them changed since that was last done.
 *
 * ssh2 compiles its ciphers where there is a compiler (and does without where there is none): for the Node that will load
 * them, which need not be the one that npm runs on.
 */
export async function installNpmPackages() {
  const folder = join(root, "node_modules");
  // Whoever links the folder looks after it: npm ci would empty what others use.
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink()) return "node_modules is a link, left alone";

  const wanted = createHash("sha256").update(await readFile(join(root, "package-lock.json"))).update(nodeProgram()).digest("hex");
  const marker = join(folder, ".drover-lock-digest");
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return "as package-lock.json has them";

  const headers = nodeHeaders();
  const env = headers === undefined ? process.env : { ...process.env, npm_config_nodedir: headers };
  const done = await capture(["npm", "ci", "--no-audit", "--no-fund"], { env });
  if (done.code !== 0) {
    throw new StepError(`npm ci failed:\n${done.stderr}${done.stdout}`, "run `npm ci` in this folder and see to what it says");
  }
  await writeFile(marker, wanted);
  return "installed by npm ci";
}
