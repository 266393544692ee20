import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** What a planner's bench is told on the command line: `npm run bench -- roadef --data DIR --seconds S --threads T --out DIR`. */
export interface PlanBenchOptions {
  /** Folder with the instances; the bench's own below `../shared/data` when it is not given. */
  readonly dataDir: string;
  /** Wall-clock limit of one instance. */
  readonly seconds: number;
  /** Worker threads that compute. */
  readonly threads: number;
  /** Folder for what was computed, in the data set's own format; nothing is written when it is not given. */
  readonly outDir: string | undefined;
  /** Only instances whose name contains one of these, separated by commas; all of them when it is not given. */
  readonly only: readonly string[];
}

export interface PlanBenchDefaults {
  /** Folder below `../shared/data` of the repository, for instance "roadef2012". */
  readonly data: string;
  readonly seconds?: number;
  readonly threads?: number;
}

/**
 * Reads a bench's options.
 * @throws Error for an option that is not known, or a number that is none
 * @example const { dataDir, seconds } = planBenchOptions(args, { data: "roadef2012", seconds: 60, threads: 2 });
 */
export function planBenchOptions(args: readonly string[], defaults: PlanBenchDefaults): PlanBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: "string" }, seconds: { type: "string" }, threads: { type: "string" }, out: { type: "string" }, only: { type: "string" } },
  });
  return {
    dataDir: values.data === undefined ? resolve(import.meta.dirname, "../../../../shared/data", defaults.data) : resolve(values.data),
    seconds: positive("--seconds", values.seconds, defaults.seconds ?? 60),
    threads: whole("--threads", positive("--threads", values.threads, defaults.threads ?? 1)),
    outDir: values.out === undefined ? undefined : resolve(values.out),
    only: values.only?.split(",") ?? [],
  };
}

/** Is the instance one of those asked for? */
export function isAskedFor({ only }: PlanBenchOptions, name: string): boolean {
  return only.length === 0 || only.some((part) => name.includes(part));
}

function positive(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`${option} wants a number above 0, not "${text}"`);
  return value;
}

function whole(option: string, value: number): number {
  if (!Number.isInteger(value)) throw new Error(`${option} wants a whole number, not ${value}`);
  return value;
}
