import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import { powerOff } from "../provider/apply/fence.js";
import { systemClock } from "../provider/base/clock.js";
import { DroverError } from "../provider/base/error.js";
import { DEFAULT_SETTINGS, EVENT_KINDS, Guard, GuardHttp, Hooks, mistakesIn, type EventKind, type Fence, type GuardEvent, type GuardSettings } from "../provider/guard/index.js";
import { closeHosts } from "../provider/inventory/hosts.js";
import { idOf, noteGuard, parseKeptInputs } from "../provider/kinds/placement/index.js";
import { openRecord } from "../provider/record/config.js";
import type { ClusterHost, PlacementInputs } from "../provider/schema/index.js";
import { clustersOf, type StackOptions } from "./cluster.js";
import { guardRecord } from "./guard-record.js";
import { restartLibvirt } from "./restart-libvirt.js";

interface RunOptions extends StackOptions {
  readonly file?: string;
  readonly id: string;
  readonly etcd?: readonly string[];
  readonly record?: string;
  readonly http?: string;
  readonly hook?: string;
  readonly hookUrl?: string;
  readonly hookOn?: readonly EventKind[];
  readonly settings: Partial<GuardSettings>;
}

/** `drover guard`: the daemon that keeps guests running when hosts die. */
export function guardCommand(): Command {
  return new Command("guard").description("watch a cluster's hosts: fence one that died, and start its HA guests elsewhere, never twice")
    .addCommand(new Command("run").description("watch until it is stopped; events go to standard output, one JSON object a line")
      .option("--stack <name>", "read the cluster from this stack (default: the selected one)")
      .option("--cluster <name>", "the cluster, where there is more than one")
      .option("--file <path>", "read the cluster from a file of `drover guard export`, without Pulumi")
      .option("--id <name>", "name of this guard among those of the cluster", hostname())
      .option("--etcd <url...>", "endpoints of etcd, which several guards share (default: the cluster's `guard`)")
      .option("--record <directory>", "a local record, for a single guard: it does not outlive this machine")
      .option("--http <address:port>", "serve /metrics, /health and /ready there: 127.0.0.1:9177")
      .option("--hook <command>", "run this by the shell for each event that a person must know, with the event as JSON on its standard input")
      .addOption(new Option("--hook-url <url>", "POST each such event there as JSON; better in the environment, for a command line is everybody's to read").env("DROVER_HOOK_URL").argParser(httpUrl))
      .addOption(new Option("--hook-on <kind...>", "events for the hooks (default: those of which a person should hear at once)").choices(Object.keys(EVENT_KINDS)))
      .option("--set <name=value...>", `a setting; all are in docs/high-availability.md (${Object.keys(DEFAULT_SETTINGS).join(", ")})`, collectSetting, {})
      .action((options: Omit<RunOptions, "settings"> & { set: Partial<GuardSettings> }) => run({ ...options, settings: options.set })))
    .addCommand(new Command("export").description("write what a guard needs of a cluster into a file that only its owner can read: credentials are in it")
      .argument("<path>", "the file")
      .option("--stack <name>", "the stack (default: the selected one)")
      .option("--cluster <name>", "the cluster, where there is more than one")
      .action(async (path: string, options: StackOptions) => {
        const inputs = await chosen(options);
        await mkdir(dirname(path), { recursive: true });
        // A file that is there may be open to others.
        const fresh = `${path}.new`;
        await rm(fresh, { force: true });
        await writeFile(fresh, JSON.stringify(inputs), { mode: 0o600, flag: "wx" });
        await rename(fresh, path);
        console.log(`cluster ${inputs.cluster} is in ${path}; after each change of the program, write it again`);
      }));
}

function collectSetting(text: string, before: Partial<GuardSettings>): Partial<GuardSettings> {
  const [name = "", value = ""] = text.split("=");
  if (!(name in DEFAULT_SETTINGS) || value === "" || Number.isNaN(Number(value))) throw new InvalidArgumentError(`say NAME=NUMBER, where NAME is one of ${Object.keys(DEFAULT_SETTINGS).join(", ")}`);
  return { ...before, [name]: Number(value) };
}

function httpUrl(text: string): string {
  // What was given is not repeated: it may hold a secret.
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new InvalidArgumentError("an http or https URL is expected.");
  return text;
}

async function run(options: RunOptions): Promise<void> {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const mistakes = mistakesIn(settings);
  if (mistakes.length > 0) throw new DroverError({ attempted: "start a guard", answer: mistakes.join("; "), next: "correct --set" });
  const inputs = options.file === undefined ? await chosen(options) : parseKeptInputs(await readFile(options.file, "utf8"), `read the cluster from ${options.file}`, "write it by `drover guard export`");
  const store = await openRecord(await guardRecord(options, inputs.guard), idOf(inputs));
  await noteGuard(store, options.id);
  if (!store.isShared) console.error(`warning: ${store.label} is this machine's own: when it is lost, no other guard knows what this one knew`);
  const without = inputs.hosts.filter(({ fence = [], leases }) => fence.length === 0 && leases?.manager !== "sanlock").map(({ host }) => host.name);
  if (without.length > 0) console.error(`warning: ${without.join(", ")} ${without.length === 1 ? "has" : "have"} no fence device, and no leases by sanlock: when it is lost, its guests start elsewhere only after \`drover confirm-dead\``);
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => { controller.abort(new Error("stopped by the operator")); });
  const hooks = new Hooks({ command: options.hook, url: options.hookUrl, kinds: options.hookOn === undefined ? undefined : new Set(options.hookOn) }, (text) => {
    tell({ at: new Date(systemClock.nowMs()).toISOString(), guard: options.id, kind: "hook-failed", text });
  });
  const tell = (event: GuardEvent): void => {
    console.log(JSON.stringify(event));
    http.count(event);
    // What a hook could not be told, it is not told by itself.
    if (event.kind !== "hook-failed") hooks.tell(event);
  };
  const guard = new Guard({
    id: options.id, inputs, store, settings,
    fence: (host, signal) => cutPower(host, signal),
    softFence: (host, signal) => restartLibvirt(host, signal),
    onEvent: tell,
    clock: systemClock,
  });
  const http = new GuardHttp(() => guard.observe(), STALE_POLLS * settings.pollSeconds);
  const served = await serve(http, options.http);
  try {
    await guard.run(controller.signal);
  } finally {
    await served?.close();
    await hooks.close();
    await store.close();
    await closeHosts();
  }
}

/** A guard that has not looked at all hosts for so many polls hangs. */
const STALE_POLLS = 10;

function serve(http: GuardHttp, where: string | undefined): ReturnType<GuardHttp["listen"]> | undefined {
  if (where === undefined) return undefined;
  const [, address, port] = /^(.*):([0-9]+)$/.exec(where) ?? [];
  if (address === undefined || port === undefined) throw new DroverError({ attempted: "start a guard", answer: `--http ${where} is no ADDRESS:PORT`, next: "say --http 127.0.0.1:9177" });
  return http.listen(address.replaceAll(/^\[|\]$/g, ""), Number(port));
}

async function cutPower({ host, fence = [] }: ClusterHost, signal: AbortSignal): ReturnType<Fence> {
  return fence.length === 0 ? undefined : await powerOff(host.name, fence, { signal });
}

async function chosen(options: StackOptions): Promise<PlacementInputs> {
  const [inputs, ...others] = await clustersOf(options);
  if (inputs !== undefined && others.length === 0) return inputs;
  throw new DroverError({ attempted: "find the cluster to guard", answer: `the stack has ${[inputs, ...others].map((each) => each?.cluster).join(" and ")}`, next: "give --cluster" });
}
