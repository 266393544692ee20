import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { DroverError, messageOf } from "../../base/error.js";

/**
 * What a preview hands to the update that follows it in the same run of the Pulumi command. The two are different processes,
 * and the engine passes nothing from the one to the other; but both are grandchildren of the same CLI. So it lies in a private
 * file that is named after that process and the resource.
 */
export class Handover {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @param key what tells the resource from all others, the stack included */
  static async of(key: string): Promise<Handover> {
    const cli = await grandparent();
    const name = createHash("sha256").update(`${cli.started} ${key}`).digest("hex").slice(0, 16);
    return new Handover(join(await privateFolder(), `${cli.pid}-${name}.json`));
  }

  async leave(content: unknown): Promise<void> {
    await removeStale();
    // Whole or not at all.
    await writeFile(`${this.#file}.new`, JSON.stringify(content), { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }

  /** What the preview left, once; `undefined` where there was no preview. */
  async take(): Promise<unknown> {
    let text: string;
    try {
      text = await readFile(this.#file, "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    await rm(this.#file, { force: true });
    return JSON.parse(text) as unknown;
  }
}

const folder = (): string => join(process.env["XDG_RUNTIME_DIR"] ?? tmpdir(), `drover-${process.getuid?.() ?? 0}`);

async function privateFolder(): Promise<string> {
  const path = folder();
  await mkdir(path, { recursive: true, mode: 0o700 });
  // Of a symlink that somebody else made, what it points to says nothing.
  const found = await lstat(path);
  const { uid, mode } = found;
  if (!found.isDirectory() || uid !== (process.getuid?.() ?? uid) || (mode & 0o077) !== 0) {
    throw new DroverError({ attempted: `keep the plan of a preview in ${path}`, answer: "it is no folder, or another user's, or others can read it", next: `look at it and remove it: rm -r ${path}` });
  }
  return path;
}

/** Files of commands that are no more. */
async function removeStale(): Promise<void> {
  for (const file of await readdir(folder())) {
    const pid = Number(/^(\d+)-/.exec(file)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isAlive(pid)) await rm(join(folder(), file), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The CLI: the parent of what started this process. Its start tells it from another that has the number later. */
async function grandparent(): Promise<{ readonly pid: number; readonly started: string }> {
  const { parent } = await processOf(process.ppid);
  const { started } = await processOf(parent);
  return { pid: parent, started };
}

async function processOf(pid: number): Promise<{ readonly parent: number; readonly started: string }> {
  try {
    // `ps` is on every system, and says the same on all.
    const { stdout } = await promisify(execFile)("ps", ["-o", "ppid=,lstart=", "-p", String(pid)], { env: { ...process.env, LC_ALL: "C" } });
    const [parent = "", ...started] = stdout.trim().split(/\s+/);
    return { parent: Number(parent), started: started.join(" ") };
  } catch (error) {
    throw new DroverError({ attempted: "find the Pulumi command that this belongs to", answer: messageOf(error), next: "install `ps` (package procps)", cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
