/**
 * Writes every generated file, or with `--check` fails when one is not what its source says.
 * A generator is a function from the repository's files to paths and contents.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { generateProtocol } from "./generate-protocol.js";
import { generateFromSchema } from "./generate-schema.js";

const generators: readonly (() => Promise<ReadonlyMap<string, string>>)[] = [generateProtocol, generateFromSchema];

const check = process.argv.includes("--check");
const stale: string[] = [];
for (const generate of generators) {
  for (const [path, content] of await generate()) {
    if (await readFile(path, "utf8").catch(absent) === content) continue;
    stale.push(path);
    if (check) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}
for (const path of stale) console.log(check ? `stale: ${path}` : `wrote ${path}`);
if (check && stale.length > 0) {
  console.error("generated files are stale: run `npm run generate` and commit them");
  process.exitCode = 1;
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
