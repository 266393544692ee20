import { spawn } from "node:child_process";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Progress, RollingStack, StackHost, Step } from "./stack.ts";

export interface RoundOptions {
  /** For the shell. */
  readonly command: string;
  /** How long a host may take to answer again. */
  readonly patienceSeconds: number;
  /** How long it must go on answering. */
  readonly steadySeconds: number;
  /** Only these, in this order. Default: all. */
  readonly hosts?: readonly string[] | undefined;
}

const STEPS: readonly Step[] = ["empty", "command", "wait", "return"];
const POLL_MS = 2_000;

/** One round over the hosts. It goes on where the last one stopped, and stops at the first trouble. */
export class Round {
  readonly #stack: RollingStack;
  readonly #options: RoundOptions;

  constructor(stack: RollingStack, options: RoundOptions) {
    this.#stack = stack;
    this.#options = options;
  }

  async run(): Promise<void> {
    const progress = await this.#stack.progress();
    const hosts = await this.#wanted(progress);
    if (progress.host === undefined) await this.#refuseOtherChanges();
    for (const host of hosts) {
      const begun = host.name === progress.host ? progress.step ?? "empty" : "empty";
      if (begun !== "empty") say(`${host.name}: going on where the last run stopped (${begun})`);
      for (const step of STEPS.slice(STEPS.indexOf(begun))) {
        await this.#stack.begin(host.name, step);
        await this.#take(step, host);
      }
      await this.#stack.finish(host.name);
      say(`${host.name}: done`);
    }
    await this.#stack.forget();
    say("all hosts are done");
  }

  /** Hosts that are left to do, the one that was begun first. */
  async #wanted(progress: Progress): Promise<StackHost[]> {
    const all = await this.#stack.hosts();
    const names = this.#options.hosts ?? all.map(({ name }) => name);
    const unknown = names.find((name) => !all.some((host) => host.name === name));
    if (unknown !== undefined || all.length === 0) {
      throw trouble("find the hosts", unknown === undefined ? "the stack has none" : `the stack has no host ${unknown}`, `its hosts are ${all.map(({ name }) => name).join(", ") || "made by `pulumi up`"}`);
    }
    const maintained = await this.#stack.maintained();
    const order = [...new Set([...(progress.host === undefined ? [] : [progress.host]), ...names])].filter((name) => !progress.done.includes(name));
    return order.flatMap((name) => {
      const host = all.find((each) => each.name === name);
      if (host === undefined) throw trouble("go on", `the last run stopped at ${name}, which the stack has no more`, "pulumi config rm rollingMaintenance, and run again");
      // Whoever put it there has a reason, and takes it back.
      if (maintained.includes(name) && name !== progress.host) {
        say(`${name}: left out, it is in maintenance already`);
        return [];
      }
      return [host];
    });
  }

  /** A change that waits in the program would be carried out by the way, and nobody has looked at it. */
  async #refuseOtherChanges(): Promise<void> {
    const pending = await this.#stack.pending().catch((error: unknown) => { throw trouble("preview the stack as it is", text(error), "mend that first; nothing was changed"); });
    if (pending > 0) throw trouble("begin", `the stack differs from its program in ${pending} resources`, "run `pulumi up` first, and look at what it does; nothing was changed");
  }

  async #take(step: Step, host: StackHost): Promise<void> {
    const { name } = host;
    const again = "then run this again: it goes on from here";
    switch (step) {
      case "empty":
        say(`${name}: being emptied`);
        await this.#stack.up().catch((error: unknown) => {
          throw trouble(`empty ${name}`, text(error), `see above what is in the way, mend it, ${again}. To give up: pulumi config rm rollingMaintenance, take ${name} out of the config maintenance, pulumi up`);
        });
        return;
      case "command": {
        say(`${name}: empty; running ${this.#options.command}`);
        const ended = await runFor(host, this.#options.command);
        if (ended !== undefined) {
          throw trouble(`run the command for ${name}`, ended, `${name} is empty and stays so. Mend it, ${again}, with the command. If you have done by hand what is left of it: pulumi config set --path rollingMaintenance.step wait, ${again}`);
        }
        return;
      }
      case "wait":
        say(`${name}: waiting until it answers`);
        await this.#untilItAnswers(host, again);
        return;
      case "return":
        say(`${name}: given back`);
        await this.#stack.up().catch((error: unknown) => { throw trouble(`give ${name} back`, text(error), `see above what is in the way, mend it, ${again}`); });
    }
  }

  async #untilItAnswers(host: StackHost, again: string): Promise<void> {
    const { patienceSeconds, steadySeconds } = this.#options;
    const endMs = Date.now() + patienceSeconds * 1000;
    let steadyFromMs = Number.POSITIVE_INFINITY;
    for (;;) {
      const { error } = await this.#stack.answers(host);
      const nowMs = Date.now();
      steadyFromMs = error === undefined ? Math.min(steadyFromMs, nowMs) : Number.POSITIVE_INFINITY;
      if (nowMs - steadyFromMs >= steadySeconds * 1000) return;
      if (nowMs > endMs) {
        throw trouble(`wait for ${host.name}`, error ?? "it answers, but not for long enough yet", `${host.name} is empty and stays so: look at the machine, bring its libvirt back, ${again}`);
      }
      await delay(POLL_MS);
    }
  }
}

/** How it failed, if it did. */
function runFor({ name, uri }: StackHost, command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, DROVER_HOST: name, DROVER_HOST_URI: uri } });
    child.once("error", (error) => { resolve(error.message); });
    child.once("close", (code, signal) => { resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code ?? "none"}`}`); });
  });
}

function trouble(attempted: string, answer: string, next: string): Error {
  return new Error(`could not ${attempted}: ${answer}\n  next: ${next}`);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`\n== ${line}\n`);
}
