import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { GuardEvent } from "../../../provider/guard/index.js";
import { systemClock } from "../../../provider/base/clock.js";
import { LocalRecord } from "../../../provider/record/local.js";
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

  /** For a limit of fences that is to begin anew: as if no host had been fenced so far. The guard itself has read them when it began to lead. */
  async forgetFences(): Promise<void> {
    const { text } = await this.tells("leader");
    const folder = text.replace("it leads, by ", "");
    const record = await LocalRecord.open(dirname(folder), basename(folder));
    for (const { key } of await record.list("fenced/")) await record.delete(key);
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
