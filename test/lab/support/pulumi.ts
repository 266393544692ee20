import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import { DroverError } from "../../../provider/base/error.js";
import { packageRoot } from "../../../lab/place.js";
import { atTerminal, type Terminal } from "./terminal.js";
import type { StackState, StateResource } from "../../../cli/stack-state.js";

/** What Pulumi did or would do with one resource. */
export interface Step {
  /** `create`, `update`, `delete`, `same`, `refresh`, `create-replacement`, … */
  readonly op: string;
  readonly urn: string;
  /** The end of its type: `VirtualMachine`. */
  readonly kind: string;
  /** Its name in the program. */
  readonly name: string;
  /** Names of the inputs that differ, for updates. */
  readonly diffs: readonly string[];
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A run of the `pulumi` command that ended. */
export interface Run {
  readonly code: number;
  /** One for each resource that was looked at, in order, also those that stayed the same. */
  readonly steps: readonly Step[];
  /** The steps that change something. */
  readonly changes: readonly Step[];
  /** Messages that are no debug messages, without their prefix. */
  readonly messages: readonly { readonly severity: string; readonly urn: string; readonly text: string }[];
  /** Everything that it wrote on the terminal. */
  readonly output: string;
}

/** What a run changes, each as `op kind name: inputs`; what is computed of a change (`changes`) is said beside it and is none. */
export function told({ changes }: Run): string[] {
  return changes.map(({ op, kind, name, diffs }) => {
    const named = diffs.filter((input) => input !== "changes").join(", ");
    return `${op} ${kind} ${name}${named === "" ? "" : `: ${named}`}`;
  }).sort();
}

export interface ProjectOptions {
  /** The program: an ES module in TypeScript that Node runs by itself. */
  readonly program: string;
  /** Name of the project. Default: `test`. */
  readonly project?: string;
  /** Name of the stack. Default: `dev`. */
  readonly stack?: string;
  /** More settings for the environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A Pulumi project of a test in a folder of its own, with its own file backend: nothing of it outlives {@link remove}.
 *
 * @example
 * const project = await PulumiProject.create({ program: `import { Host } from "drover"; …` });
 * const { changes } = await project.up();
 * await project.destroy();
 * await project.remove();
 */
export class PulumiProject {
  readonly folder: string;
  readonly stack: string;
  readonly #environment: NodeJS.ProcessEnv;
  #runs = 0;

  private constructor(folder: string, options: ProjectOptions) {
    this.folder = folder;
    this.stack = options.stack ?? "dev";
    this.#environment = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The log of all of the engine's events is one of its debug commands.
      PULUMI_DEBUG_COMMANDS: "true",
      // Which stack is meant, with nothing selected in the user's home.
      PULUMI_STACK: this.stack,
      ...options.environment,
    };
  }

  /** For other programs that drive the stack. */
  get environment(): NodeJS.ProcessEnv {
    return this.#environment;
  }

  static async create(options: ProjectOptions): Promise<PulumiProject> {
    const folder = await mkdtemp(join(tmpdir(), "drover-project-"));
    const project = new PulumiProject(folder, options);
    await mkdir(join(folder, "state"), { recursive: true });
    await mkdir(join(folder, "node_modules"));
    await symlink(packageRoot(), join(folder, "node_modules", "drover"));
    await symlink(join(packageRoot(), "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
    await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    await writeFile(join(folder, "Pulumi.yaml"), `name: ${options.project ?? "test"}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n`);
    await project.write(options.program);
    await project.command(["stack", "init", project.stack, "--no-select"]);
    return project;
  }

  /** Changes the program. */
  async write(program: string): Promise<void> {
    await writeFile(join(this.folder, "index.ts"), program);
  }

  preview(...options: readonly string[]): Promise<Run> {
    return this.run("preview", options);
  }

  /** Without a preview before it. */
  up(...options: readonly string[]): Promise<Run> {
    return this.run("up", ["--yes", "--skip-preview", ...options]);
  }

  refresh(...options: readonly string[]): Promise<Run> {
    return this.run("refresh", ["--yes", "--skip-preview", ...options]);
  }

  destroy(...options: readonly string[]): Promise<Run> {
    return this.run("destroy", ["--yes", "--skip-preview", ...options]);
  }

  /** Runs an engine command to its end, however it ends. */
  async run(command: "preview" | "up" | "refresh" | "destroy", options: readonly string[] = []): Promise<Run> {
    return (await this.start(command, options)).ended;
  }

  /** Starts an engine command and returns while it runs: to interrupt or kill it. */
  async start(command: "preview" | "up" | "refresh" | "destroy", options: readonly string[] = []): Promise<StartedRun> {
    this.#runs += 1;
    const eventLog = join(this.folder, `events-${this.#runs}.json`);
    await rm(eventLog, { force: true });
    return new StartedRun(this.#spawn([command, "--event-log", eventLog, ...options]), eventLog);
  }

  /** An engine command at a terminal, where it asks before it goes on. */
  atTerminal(command: string): Terminal {
    return atTerminal(`pulumi ${command} --color never`, this.folder, this.#environment);
  }

  /** Values that the program exports. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.command(["stack", "output", "--json", "--show-secrets"])) as Record<string, unknown>;
  }

  /** Everything in the state, secrets as they are stored. */
  async state(): Promise<readonly StateResource[]> {
    const exported = JSON.parse(await this.command(["stack", "export"])) as StackState;
    return exported.deployment.resources ?? [];
  }

  setConfig(name: string, value: string, secret = false): Promise<string> {
    return this.command(["config", "set", secret ? "--secret" : "--plaintext", name, value]);
  }

  /** Runs any other command of pulumi. @throws DroverError with its words when it fails */
  async command(words: readonly string[]): Promise<string> {
    const { code, stdout, output } = await ended(this.#spawn(words));
    if (code !== 0) throw new DroverError({ attempted: `run pulumi ${words.join(" ")}`, answer: output });
    return stdout;
  }

  /** Runs the `drover` command to its end, however it ends. */
  drover(...words: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    return ended(spawn(process.execPath, [join(packageRoot(), "dist", "cli", "main.js"), ...words], { cwd: this.folder, env: this.#environment, stdio: ["ignore", "pipe", "pipe"] }));
  }

  /** Ids of the processes that run in its folder, each with its command line: programs, providers and Pulumi's own, also those that outlive their command. */
  async processes(): Promise<{ readonly pid: number; readonly command: string }[]> {
    const ids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
    const found = await Promise.all(ids.map(async (id) => {
      const folder = await readlink(`/proc/${id}/cwd`).catch(() => "");
      return folder === this.folder ? [{ pid: Number(id), command: (await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ") }] : [];
    }));
    return found.flat();
  }

  /** Destroys what is left and removes the folder. */
  async remove(): Promise<void> {
    try {
      if ((await this.state()).length > 0) {
        const { code, output } = await this.destroy();
        if (code !== 0) throw new DroverError({ attempted: `destroy the test project in ${this.folder}`, answer: output });
      }
    } finally {
      // Pulumi's language host outlives a CLI that is killed.
      for (const { pid } of await this.processes()) process.kill(pid);
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  #spawn(words: readonly string[]): ChildProcess {
    return spawn("pulumi", [...words, "--non-interactive", "--color", "never"], {
      // A process group of its own, so that a kill reaches the program too; providers have theirs.
      cwd: this.folder, env: this.#environment, stdio: ["ignore", "pipe", "pipe"], detached: true,
    });
  }
}

/** An engine command that runs. */
export class StartedRun {
  readonly ended: Promise<Run>;
  readonly #child: ChildProcess;
  #output = "";

  constructor(child: ChildProcess, eventLog: string) {
    this.#child = child;
    child.stdout?.on("data", (text: string) => { this.#output += text; });
    this.ended = ended(child).then(async ({ code, output }) => readRun(code, output, await readFile(eventLog, "utf8").catch(() => "")));
  }

  /** What it showed so far. */
  get output(): string {
    return this.#output;
  }

  /** What Ctrl-C does: the CLI alone is told, and tells its children. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Kills the CLI, its language host and the provider process at once. */
  kill(): void {
    if (this.#child.pid !== undefined && this.#child.exitCode === null) process.kill(-this.#child.pid, "SIGKILL");
  }
}

interface Metadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old?: { readonly inputs?: Record<string, unknown> } | null;
  readonly new?: { readonly inputs?: Record<string, unknown> } | null;
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: Metadata };
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
}

function readRun(code: number, output: string, eventLog: string): Run {
  const events = eventLog.split("\n").filter((line) => line.endsWith("}")).map((line) => JSON.parse(line) as EngineEvent);
  const steps = events.flatMap(({ resourcePreEvent }) => (resourcePreEvent === undefined ? [] : [stepOf(resourcePreEvent.metadata)]));
  return {
    code,
    output,
    steps,
    changes: steps.filter(({ op }) => !["same", "refresh", "read"].includes(op)),
    messages: events.flatMap(({ diagnosticEvent: event }) => (event === undefined || event.severity === "debug" ? [] : [{ severity: event.severity, urn: event.urn ?? "", text: event.message }])),
  };
}

function stepOf({ op, urn, type, old, new: wanted }: Metadata): Step {
  const inputs = wanted?.inputs ?? {};
  return { op, urn, kind: type.slice(type.lastIndexOf(":") + 1), name: urn.slice(urn.lastIndexOf("::") + 2), diffs: op === "update" ? differing(old?.inputs ?? {}, inputs) : [], inputs };
}

/** What Pulumi's own display shows: it compares the inputs itself, for a dynamic provider's diff has no names. */
function differing(olds: Readonly<Record<string, unknown>>, news: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((name) => !name.startsWith("__") && !isDeepStrictEqual(olds[name], news[name])).sort();
}

function ended(child: ChildProcess): Promise<{ code: number; stdout: string; output: string }> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => { stdout += text; output += text; });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => { output += text; });
    child.once("error", reject);
    child.once("close", (code) => { resolve({ code: code ?? 128, stdout, output }); });
  });
}
