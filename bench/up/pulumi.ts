import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Lab } from "../../lab/model.js";
import { packageRoot } from "../../lab/place.js";
import { DroverError } from "../../provider/base/error.js";
import { watch } from "../processes.js";
import type { Step } from "./index.js";

const runFile = promisify(execFile);

/** What one life of a program took. */
export interface PulumiRun {
  readonly seconds: Readonly<Record<Step, number>>;
  /** Largest resident memory of the provider process, in MB. */
  readonly providerMb: number;
}

/** One whole life of a program with `count` resources, in a project and a backend of its own. */
export async function measurePulumi(lab: Lab, program: "drover" | "trivial", count: number): Promise<PulumiRun> {
  const folder = await mkdtemp(join(tmpdir(), "drover-bench-up-"));
  try {
    await writeProject(folder, program);
    const environment = {
      ...process.env, ...lab.env, PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_CONFIG_PASSPHRASE: "bench", PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: "bench", BENCH_COUNT: String(count), BENCH_URI: lab.hosts[0]?.uri ?? "", BENCH_MEMORY: "64 MiB",
    };
    await runFile("pulumi", ["stack", "init", "bench"], { cwd: folder, env: environment });
    let providerMb = 0;
    const step = async (words: readonly string[], more: Record<string, string> = {}): Promise<number> => {
      const { seconds, mb } = await timed(folder, words, { ...environment, ...more });
      providerMb = Math.max(providerMb, mb);
      return seconds;
    };
    const flags = ["--non-interactive", "--suppress-outputs"];
    const seconds: Record<Step, number> = {
      "create": await step(["up", "--yes", "--skip-preview", ...flags]),
      "no-op preview": await step(["preview", ...flags]),
      "refresh": await step(["refresh", "--yes", "--skip-preview", ...flags]),
      "change": await step(["up", "--yes", "--skip-preview", ...flags], { BENCH_MEMORY: "96 MiB" }),
      "destroy": await step(["destroy", "--yes", "--skip-preview", ...flags]),
    };
    return { seconds, providerMb };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PROGRAMS = {
  drover: `const { Host, StoragePool, VirtualMachine } = require("drover");
const host = new Host("bench", { uri: process.env.BENCH_URI });
const pool = new StoragePool("bench-up", { hosts: [host], path: "/var/lib/libvirt/images/bench-up" });
for (let i = 0; i < Number(process.env.BENCH_COUNT); i++) {
  new VirtualMachine("bench-up-" + i, { host, memory: process.env.BENCH_MEMORY, running: false, disks: { root: { pool, size: "1 GiB" } }, nics: { lan: { bridge: "br0" } } });
}
`,
  trivial: `const pulumi = require("@pulumi/pulumi");
const provider = "exports.handler = () => ({ check: async (olds, news) => ({ inputs: news }), diff: async (id, olds, news) => ({ changes: olds.memory !== news.memory }), create: async (inputs) => ({ id: 'x', outs: inputs }), update: async (id, olds, news) => ({ outs: news }), read: async (id, props) => ({ id, props }), delete: async () => {} })";
class Trivial extends pulumi.CustomResource {
  constructor(name) { super("pulumi-nodejs:dynamic/trivial:Trivial", name, { memory: process.env.BENCH_MEMORY, __provider: provider }); }
}
for (let i = 0; i < Number(process.env.BENCH_COUNT); i++) new Trivial("trivial-" + i);
`,
} as const;

async function writeProject(folder: string, program: keyof typeof PROGRAMS): Promise<void> {
  const root = packageRoot();
  await writeFile(join(folder, "Pulumi.yaml"), "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "bench", main: "index.js", dependencies: { "@pulumi/pulumi": "*" } }));
  await writeFile(join(folder, "index.js"), PROGRAMS[program]);
  await mkdir(join(folder, "node_modules", "@pulumi"), { recursive: true });
  await mkdir(join(folder, "state"));
  await symlink(root, join(folder, "node_modules", "drover"));
  await symlink(join(root, "node_modules", "@pulumi", "pulumi"), join(folder, "node_modules", "@pulumi", "pulumi"));
}

/** Runs pulumi, and looks how large its provider process is. */
async function timed(cwd: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<{ seconds: number; mb: number }> {
  const startMs = performance.now();
  const child = spawn("pulumi", words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { output += text; });
  const stop = child.pid === undefined ? undefined : watch(child.pid, { provider: "dynamic-provider/index.js" });
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const mb = stop?.().provider?.peakMb ?? 0;
  if (code !== 0) throw new DroverError({ attempted: `run pulumi ${words.join(" ")}`, answer: output.slice(-2000), next: "run it by hand in a project of yours" });
  return { seconds: (performance.now() - startMs) / 1000, mb };
}
