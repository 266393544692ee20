import { spawn } from "node:child_process";
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { DroverError } from "../provider/base/error.js";
import { systemClock } from "../provider/base/clock.js";
import { packageRoot, type LabPlace } from "./place.js";
import { LAB_ENVIRONMENT } from "./run.js";

/**
 * A machine of the lab: network, mount, UTS, IPC and process namespaces of its own. It lives as long as its first
 * process; with it go all its processes, its mounts and its end of the network.
 */
export interface Machine {
  readonly name: string;
  /** The process id of its first process, as seen from outside. */
  readonly pid: number;
}

export interface MachineOptions {
  readonly name: string;
  readonly kvm: boolean;
  /** What is bind-mounted: absolute source on the machine underneath → absolute target in the machine. */
  readonly binds: Iterable<readonly [source: string, target: string]>;
  readonly logFile: string;
}

/** Carried by every process that the lab starts: how `down` knows the lab's processes, whatever became of its files. */
const MARK = "DROVER_LAB_MACHINE";

/** Starts a machine and returns when its mounts are made. */
export async function startMachine(place: LabPlace, options: MachineOptions): Promise<Machine> {
  const runDirectory = join(place.runDirectory, options.name);
  const stage = join(runDirectory, "stage");
  await mkdir(stage, { recursive: true });
  const log = await open(options.logFile, "a");
  try {
    const child = spawn("unshare", [
      "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
      "/bin/bash", join(packageRoot(), "lab", "machine.sh"), options.name, stage, options.kvm ? "1" : "0",
      ...[...options.binds].flat(),
    ], {
      cwd: "/",
      detached: true,
      stdio: ["ignore", "pipe", log.fd],
      env: { ...LAB_ENVIRONMENT, [MARK]: `${place.key}/${options.name}` },
    });
    const { stdout } = child;
    if (stdout === null) throw new Error("a piped output is there");
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", () => {
        reject(new DroverError({ attempted: `start the lab machine ${options.name}`, answer: "its first process ended", next: `read ${options.logFile}` }));
      });
      const lines = createInterface({ input: stdout });
      lines.on("line", (line) => {
        const match = /^ready ([0-9]+)$/.exec(line);
        if (match !== null) resolve(Number(match[1]));
      });
    });
    child.removeAllListeners();
    stdout.destroy();
    child.unref();
    return { name: options.name, pid };
  } finally {
    await log.close();
  }
}

/** The lab's machines that are alive now, by name. */
export async function findMachines(place: LabPlace): Promise<Map<string, Machine>> {
  const machines = new Map<string, Machine>();
  for (const { pid, machine, isFirst } of await labProcesses(place)) {
    if (isFirst) machines.set(machine, { name: machine, pid });
  }
  return machines;
}

/** Kills every process of a machine and returns when they are gone. */
export async function killMachine(place: LabPlace, machine: Machine): Promise<void> {
  kill(machine.pid);
  await waitUntilGone(place, (process) => process.machine === machine.name, `stop the lab machine ${machine.name}`);
}

/** Kills every process of the lab, also of a lab whose files are gone, and returns when they are gone. */
export async function killAllMachines(place: LabPlace): Promise<number> {
  const processes = await labProcesses(place);
  // The first process of a process namespace takes all others with it; a BMC and a watchdog have none.
  for (const { pid } of processes.filter(({ machine, isFirst }) => isFirst || isBeside(machine))) kill(pid);
  await waitUntilGone(place, () => true, "stop the lab's processes");
  return processes.filter(({ isFirst }) => isFirst).length;
}

/** Kills the BMC of a host and returns when it is gone. */
export async function killBmc(place: LabPlace, host: string): Promise<void> {
  const isIt = ({ machine }: LabProcess): boolean => machine === bmcName(host);
  for (const { pid } of (await labProcesses(place)).filter(isIt)) kill(pid);
  await waitUntilGone(place, isIt, `stop the BMC of ${host}`);
}

/** What a host's BMC is called among the lab's processes: it is no machine, and outlives that of its host. */
export function bmcName(host: string): string {
  return `${host}.bmc`;
}

/** What a host's watchdog is called among the lab's processes. It ends with its host. */
export function watchdogName(host: string): string {
  return `${host}.watchdog`;
}

function isBeside(name: string): boolean {
  return name.endsWith(bmcName("")) || name.endsWith(watchdogName(""));
}

/** The command that runs another command inside of a machine. */
export function inside(machine: Machine, command: readonly string[]): string[] {
  return ["nsenter", "--target", String(machine.pid), "--net", "--mount", "--uts", "--ipc", "--pid", "--wd=/", "--", ...command];
}

/** Is something mounted there inside of a machine? Also when it does not answer. */
export async function isMounted(machine: Machine, path: string): Promise<boolean> {
  const mounts = await readFile(`/proc/${machine.pid}/mounts`, "utf8");
  return mounts.split("\n").some((line) => line.split(" ")[1] === path);
}

/** What a daemon inside of a machine gets as environment besides the usual, so that it is known as the lab's. */
export function markOf(place: LabPlace, machine: Pick<Machine, "name">): Record<string, string> {
  return { [MARK]: `${place.key}/${machine.name}` };
}

interface LabProcess {
  readonly pid: number;
  readonly machine: string;
  /** It is number 1 in a process namespace of its own. */
  readonly isFirst: boolean;
}

async function labProcesses(place: LabPlace): Promise<LabProcess[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^[0-9]+$/.test(entry));
  const found = await Promise.all(pids.map((pid) => labProcess(place, pid)));
  return found.filter((process) => process !== undefined);
}

async function labProcess(place: LabPlace, pid: string): Promise<LabProcess | undefined> {
  const prefix = `${MARK}=${place.key}/`;
  let environment: string;
  let status: string;
  try {
    environment = await readFile(`/proc/${pid}/environ`, "utf8");
    if (!environment.includes(prefix)) return undefined;
    status = await readFile(`/proc/${pid}/status`, "utf8");
  } catch {
    // It ended while we looked, or is a kernel thread.
    return undefined;
  }
  const entry = environment.split("\0").find((variable) => variable.startsWith(prefix));
  if (entry === undefined) return undefined;
  const isFirst = /^NSpid:\t[0-9]+(\t[0-9]+)*\t1$/m.test(status);
  return { pid: Number(pid), machine: entry.slice(prefix.length), isFirst };
}

async function waitUntilGone(place: LabPlace, which: (process: LabProcess) => boolean, attempted: string): Promise<void> {
  const startMs = systemClock.nowMs();
  for (;;) {
    const left = (await labProcesses(place)).filter(which);
    if (left.length === 0) return;
    const waitedMs = systemClock.nowMs() - startMs;
    if (waitedMs > 15_000) {
      throw new DroverError({ attempted, answer: `processes ${left.map(({ pid }) => String(pid)).join(", ")} do not end`, next: "look at what they wait for in /proc/PID/stack" });
    }
    // Without their first process they end by themselves; what did not even get one (an `up` that was killed) is ended here.
    if (waitedMs > 1_000) left.forEach(({ pid }) => { kill(pid); });
    await systemClock.sleep(10);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Empties what a machine left in its run directory, as a restart would. */
export async function clearRunDirectory(place: LabPlace, name: string): Promise<void> {
  await rm(join(place.runDirectory, name), { recursive: true, force: true });
}

/** @throws DroverError where the lab cannot be, or not be seen: whoever is not root sees no process of its hosts, and would call them down */
export function requireRoot(attempted: string): void {
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new DroverError({ attempted, answer: "the lab needs root on Linux: it makes network and mount namespaces",
    next: "run it as root (`sudo env \"PATH=$PATH\" npx drover lab …`), or point the program at hosts of your own (README, \"Your own hosts\")" });
}
