import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../provider/base/log.js";
import { withLock } from "../lock.js";
import { packageRoot } from "../place.js";
import { buildDebian } from "./debian.js";
import { buildTiny } from "./tiny.js";

export type ImageName = "tiny" | "debian";

/** Builds an image file in an empty working folder. */
type Build = (workFolder: string, target: string, log: Log) => Promise<void>;

const BUILDS: Readonly<Record<ImageName, Build>> = { tiny: buildTiny, debian: buildDebian };

/**
 * The path of a guest image, built when it is not in the cache: `~/.cache/drover/images`, or `images` below
 * `DROVER_CACHE`. Its name holds a digest of all that it is made by, so a changed recipe gives a new file; it is moved
 * to its place when it is complete.
 */
export async function ensureImage(name: ImageName, log: Log): Promise<string> {
  const folder = join(process.env.DROVER_CACHE ?? join(homedir(), ".cache", "drover"), "images");
  const path = join(folder, `${name}-${await recipeDigest(name)}.qcow2`);
  if (existsSync(path)) return path;
  return withLock(`image ${path}`, async () => {
    if (existsSync(path)) return path;
    await mkdir(folder, { recursive: true });
    const workFolder = await mkdtemp(join(folder, `building-${name}-`));
    const startMs = Date.now();
    log.info(`building the guest image ${name} …`);
    try {
      const unfinished = join(workFolder, "image.qcow2");
      await BUILDS[name](workFolder, unfinished, log);
      await rename(unfinished, path);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
    log.info(`built the guest image ${name} in ${((Date.now() - startMs) / 1000).toFixed(1)} s: ${path}`);
    return path;
  });
}

/** All that an image is made by: the code beside this file and, for tiny, the guest's scripts. */
async function recipeDigest(name: ImageName): Promise<string> {
  const guest = join(packageRoot(), "lab", "guest");
  const scripts = name === "tiny" ? (await readdir(guest)).sort().map((file) => join(guest, file)) : [];
  const code = ["disk", name].map((module) => join(import.meta.dirname, `${module}.js`));
  const hash = createHash("sha256");
  for (const file of [...code, ...scripts]) hash.update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
}
