import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { GuardEvent } from "../../../provider/guard/index.js";
import { systemClock } from "../../../provider/base/clock.js";
import { packageRoot } from "../../../lab/place.js";

/** Settings with which a test does not wait for long. */
export const QUICK = ["pollSeconds=0.5", "suspectSeconds=1.5", "lostSeconds=3", "graceSeconds=0", "leaseSeconds=3", "softFenceSeconds=5"];

/** A running `drover guard run`, and what it has told. */
export class RunningGuard {
  readonly events: GuardEvent[] = [];
  readonly #child: ChildProcess;
  #stderr = "";

  constructor(folder: string, environment: NodeJS.ProcessEnv, words: readonly string[]) {
    this.#child = spawn(process.execPath, [join(packageRoot(), "dist", "cli", "main.js"), "guard", "run", ...words], { cwd: folder, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error("it has no pipes");
    createInterface({ input: stdout }).on("line", (line) => { this.events.push(JSON.parse(line) as GuardEvent); });
    stderr.on("data", (chunk: Buffer) => { this.#stderr += chunk.toString(); });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits for an event. @param from index of the first that counts */
  async tells(kind: GuardEvent["kind"], about: Partial<GuardEvent> = {}, { from = 0, seconds = 60 } = {}): Promise<GuardEvent> {
    const endMs = systemClock.nowMs() + seconds * 1000;
    for (;;) {
      const found = this.events.slice(from).find((event) => event.kind === kind && Object.entries(about).every(([name, value]) => event[name as keyof GuardEvent] === value));
      if (found !== undefined) return found;
      if (systemClock.nowMs() > endMs || this.#child.exitCode !== null) throw new Error(`no ${kind} ${JSON.stringify(about)} within ${seconds} s, but:\n${this.story()}`);
      await systemClock.sleep(100);
    }
  }

  /** All that it told, for a failed test. */
  story(): string {
    return [...this.events.map(({ at, kind, host, vm, text }) => `${at} ${kind} ${host ?? ""} ${vm ?? ""}: ${text}`), this.#stderr].join("\n");
  }

  /** Ends it as an operator does, or without a word. */
  async stop(signal: "SIGTERM" | "SIGKILL" | "SIGCONT" = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/**
 * Counts the running copies of guests, from outside of the product: QEMU's processes on this machine by the guest's name, again and
 * again until it is stopped.
 */
export class CopyChecker {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #most = new Map<string, number>();
  #now = new Map<string, number>();

  constructor(prefix: string, everyMs = 100) {
    this.#done = (async () => {
      while (!this.#stop.signal.aborted) {
        this.#now = await copiesHere(prefix);
        for (const [name, count] of this.#now) this.#most.set(name, Math.max(count, this.#most.get(name) ?? 0));
        await systemClock.sleep(everyMs, this.#stop.signal).catch(() => {});
      }
    })();
  }

  /** The most copies that each guest ever had at one moment. A guest that moves has two processes, of which one runs. */
  async stop(): Promise<ReadonlyMap<string, number>> {
    this.#stop.abort();
    await this.#done;
    return this.#most;
  }

  get now(): ReadonlyMap<string, number> {
    return this.#now;
  }
}

async function copiesHere(prefix: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const id of (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
    const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    const name = /\0guest=([^,]+),/.exec(command)?.[1];
    if (name?.startsWith(prefix) === true && command.includes("qemu-system")) found.set(name.slice(prefix.length), (found.get(name.slice(prefix.length)) ?? 0) + 1);
  }
  return found;
}
