import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../../lab/place.js";

/** Puts a package `drover` into a folder's `node_modules` whose kinds are all toys (`toy-kind.ts`). */
export async function writeToyPackage(folder: string): Promise<void> {
  const place = join(folder, "node_modules", "drover");
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const compiled = join(packageRoot(), "dist");
  await writeFile(join(place, "package.json"), JSON.stringify({ name: "drover", type: "module", exports: { ".": "./index.js", "./provider": "./provider.js" } }));
  await writeFile(join(place, "index.js"), `export * from ${JSON.stringify(join(compiled, "provider", "index.js"))};\n`);
  await writeFile(join(place, "provider.js"), `export * from ${JSON.stringify(join(compiled, "test", "contract", "support", "toy-kind.js"))};\n`);
}
