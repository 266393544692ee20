import { createHash } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./place.mjs";
import { capture } from "./process.mjs";
import { StepError } from "./step.mjs";

/** Installs the npm packages, when the lock file changed since that was last done. */
export async function installNpmPackages() {
  const folder = join(root, "node_modules");
  // Whoever links the folder looks after it: npm ci would empty what others use.
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink()) return "node_modules is a link, left alone";

  const wanted = createHash("sha256").update(await readFile(join(root, "package-lock.json"))).digest("hex");
  const marker = join(folder, ".drover-lock-digest");
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return "as package-lock.json has them";

  const done = await capture(["npm", "ci", "--no-audit", "--no-fund"]);
  if (done.code !== 0) {
    throw new StepError(`npm ci failed:\n${done.stderr}${done.stdout}`, "run `npm ci` in this folder and see to what it says");
  }
  await writeFile(marker, wanted);
  return "installed by npm ci";
}
