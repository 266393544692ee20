import { existsSync } from "node:fs";
import { readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeProgram } from "./node-runtime.mjs";
import { root } from "./place.mjs";
import { capture } from "./process.mjs";
import { StepError } from "./step.mjs";

const sources = ["provider", "cli", "lab", "test", "bench", "scripts", "package.json", "package-lock.json", "tsconfig.json", "schema.json"];

/** Compiles the TypeScript into `dist/`, when a source is newer than the last build. */
export async function build() {
  // Not the compiler's own file: that is written where types alone are checked, too.
  const stamp = join(root, "dist", "built");
  const built = existsSync(stamp) ? (await stat(stamp)).mtimeMs : 0;
  const newest = Math.max(...(await Promise.all(sources.map((source) => newestMs(join(root, source))))));
  if (built >= newest) return "dist/ is newer than every source";

  const begun = new Date();
  const done = await capture([nodeProgram(), join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.json"]);
  if (done.code !== 0) throw new StepError(`tsc found errors:\n${done.stdout}${done.stderr}`, "see to them, then run this again; `npm run build` builds alone");
  await writeFile(stamp, "");
  await utimes(stamp, begun, begun);
  return "compiled into dist/";
}

/**
 * When the newest file under a path was changed, in milliseconds since the epoch; 0 when there is none.
 * @param {string} path
 * @returns {Promise<number>}
 */
async function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stats = await stat(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = await readdir(path);
  return Math.max(stats.mtimeMs, ...(await Promise.all(names.map((name) => newestMs(join(path, name))))));
}
