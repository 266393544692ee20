import { readdir, readFile } from "node:fs/promises";

/** What a process used until it was last looked at. */
export interface Usage {
  /** The most resident memory that it has had, in MB. */
  readonly peakMb: number;
  readonly cpuSeconds: number;
}

/** How often processes are looked at: looking takes time from what is measured. */
const SAMPLE_MS = 100;

/** Clock ticks a second in `/proc`, the same on all of Linux. */
const TICKS = 100;

/**
 * Looks at a process and at some of its descendants while it runs.
 * @param descendants what is in the command line of each that matters
 * @returns what ends the looking and says what each has used; those that were never seen are missing
 * @example const stop = watch(child.pid, { provider: "dynamic-provider/index.js" }); …; const { itself, provider } = stop();
 */
export function watch<Name extends string>(pid: number, descendants: Readonly<Record<Name, string>>): () => Partial<Record<Name | "itself", Usage>> {
  const found = new Map<string, number>([["itself", pid]]);
  const used = new Map<string, Usage>();
  const look = async (): Promise<void> => {
    const missing = Object.entries<string>(descendants).filter(([name]) => !found.has(name));
    if (missing.length > 0) await search(pid, (child, command) => { for (const [name, part] of missing) if (command.includes(part)) found.set(name, child); });
    for (const [name, each] of found) {
      const usage = await usageOf(each);
      if (usage !== undefined) used.set(name, usage);
    }
  };
  const sampling = setInterval(() => { void look(); }, SAMPLE_MS);
  return () => {
    clearInterval(sampling);
    return Object.fromEntries(used) as Partial<Record<Name | "itself", Usage>>;
  };
}

async function search(pid: number, visit: (pid: number, command: string) => void): Promise<void> {
  for (const child of await childrenOf(pid)) {
    visit(child, await textOf(`/proc/${child}/cmdline`));
    await search(child, visit);
  }
}

/** A child belongs to the thread that started it. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`)));
  return lists.flatMap((list) => list.split(" ")).filter((word) => word !== "").map(Number);
}

async function usageOf(pid: number): Promise<Usage | undefined> {
  const peak = /^VmHWM:\s+([0-9]+) kB/m.exec(await textOf(`/proc/${pid}/status`))?.[1];
  // The command's name stands before these, in brackets, and may be anything.
  const fields = (await textOf(`/proc/${pid}/stat`)).split(") ").at(-1)?.split(" ") ?? [];
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return peak === undefined || Number.isNaN(user + system) ? undefined : { peakMb: Number(peak) / 1024, cpuSeconds: (user + system) / TICKS };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // The process ended while it was looked at.
    return "";
  }
}
