import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DroverError } from "../../provider/base/error.js";
import type { PulumiProject } from "../../test/lab/support/pulumi.js";
import { watch, type Usage } from "../processes.js";
import { CHECKS_FILE, type ObservedCheck } from "./observed.js";

/** What a preview took. */
export interface Preview {
  readonly seconds: number;
  /** It was ended at the limit: what is known of it is what had come by then. */
  readonly wasCut: boolean;
  /** From its start until the cluster's plan stood in the terminal; `undefined` where there is none. */
  readonly planSeconds: number | undefined;
  /** Placement's check alone; `undefined` where there is none. */
  readonly checkSeconds: number | undefined;
  /** From its start until Placement's check was called: the program had registered all VMs by then. */
  readonly beforeCheckSeconds: number | undefined;
  /** Of the program, the provider process and Pulumi itself. */
  readonly usage: Partial<Record<"program" | "provider" | "itself", Usage>>;
  /** All that it wrote. */
  readonly output: string;
}

/** How a line of a cluster's plan begins. */
const PLAN = /: [0-9]+ VMs? on [0-9]+ hosts?,/;

/** The program's memory: ten thousand VMs are more than Node gives by itself. */
const HEAP_MB = 12_000;

/** @param limitMs after which it is ended @throws DroverError when it fails by itself */
export async function preview(project: PulumiProject, limitMs: number, environment: Readonly<Record<string, string>> = {}): Promise<Preview> {
  const checks = join(project.folder, "checks.jsonl");
  await rm(checks, { force: true });
  const options = [`--max-old-space-size=${HEAP_MB}`, `--import=${new URL("./observer.js", import.meta.url).href}`, process.env["BENCH_NODE_OPTIONS"] ?? ""].join(" ").trim();
  const startMs = Date.now();
  const child = spawn("pulumi", ["preview", "--non-interactive", "--color", "never"], {
    cwd: project.folder, env: { ...project.environment, NODE_OPTIONS: options, [CHECKS_FILE]: checks, ...environment }, stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = child.pid === undefined ? undefined : watch(child.pid, { program: "cmd/run/index.js", provider: "dynamic-provider/index.js" });
  const limit = new AbortController();
  limit.signal.addEventListener("abort", () => { child.kill("SIGINT"); });
  const ending = setTimeout(() => { limit.abort(); }, limitMs);
  let output = "";
  let planMs: number | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (planMs === undefined && PLAN.test(output)) planMs = Date.now();
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const endMs = Date.now();
  clearTimeout(ending);
  const usage = stop?.() ?? {};
  const wasCut = limit.signal.aborted;
  if (code !== 0 && !wasCut) throw new DroverError({ attempted: "run pulumi preview", answer: `${output.slice(-2000)}\n(after ${since(startMs, endMs).toFixed(0)} s; ${JSON.stringify(usage)})`, next: "run it by hand in a project of yours" });
  const observed = (await readFile(checks, "utf8").catch(() => "")).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as ObservedCheck);
  const [check] = observed;
  return {
    seconds: since(startMs, endMs), wasCut, planSeconds: planMs === undefined ? undefined : since(startMs, planMs), usage, output,
    checkSeconds: check === undefined ? undefined : since(check.startMs, check.endMs), beforeCheckSeconds: check === undefined ? undefined : since(startMs, check.startMs),
  };
}

function since(startMs: number, endMs: number): number {
  return (endMs - startMs) / 1000;
}
