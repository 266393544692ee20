import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { retry } from "../../../provider/base/retry.js";
import type { GuardEvent } from "../../../provider/guard/index.js";
import { CopyChecker } from "./copies.js";
import { places } from "./guests.js";
import { QUICK, RunningGuard } from "./guard.js";
import { guardedProgram } from "./guarded.js";
import { eventually, TestLab } from "./lab.js";
import { PulumiProject } from "./pulumi.js";
import { StartGate } from "./start-gate.js";
import { Undo } from "./undo.js";

/** At which the few megabytes of a guest without an operating system take some seconds. */
const SLOW_MBPS = 9;
/** Without the agent's patience with a device that does nothing, of 20 s each time. */
const IMPATIENT = { power_timeout: 2, login_timeout: 2, shell_timeout: 2 };

/**
 * A guarded cluster of four lab hosts to which a file's tests do what happens to hosts. After each of them all hosts are healed, and then
 * each guest has to run once, and never to have run twice.
 */
export class StruckCluster {
  readonly lab = new TestLab();
  /** As many as hosts: where one of these is lost, another carries two of them. */
  readonly vms = ["a", "b", "c", "d"] as const;
  readonly #undo = new Undo();
  #parts: { readonly project: PulumiProject; readonly gate: StartGate } | undefined;
  #guard: RunningGuard | undefined;
  #checker: CopyChecker | undefined;

  /** @param prefix of the guests' names */
  constructor(readonly prefix: string) {
    before(() => this.#make());
    after(() => this.#undo.all());
    afterEach(() => this.#settle());
  }

  get project(): PulumiProject {
    return this.#made().project;
  }

  /** Holds starts of guests. */
  get gate(): StartGate {
    return this.#made().gate;
  }

  get guard(): RunningGuard {
    if (this.#guard === undefined) throw new Error("no guard was started");
    return this.#guard;
  }

  /** Starts a guard, with settings with which a test does not wait for long. */
  async start(options: readonly string[] = [], settings: readonly string[] = ["stormMinutes=0", "mostStarts=1000"]): Promise<void> {
    this.#guard = new RunningGuard(this.project.folder, this.project.environment, [...options, "--set", ...QUICK, ...settings]);
    await this.guard.tells("leader");
    // It has to know the guests before anything happens to them.
    await systemClock.sleep(1_500);
  }

  /** Writes the program. @param pins hosts on which VMs have to be */
  async write(pins: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.project.write(await guardedProgram(this.lab.lab, { guard: { directory: `${this.project.folder}/record` }, prefix: this.prefix, vms: this.vms, spread: true, fence: IMPATIENT, pins, cluster: { migration: { mbps: SLOW_MBPS } } }));
  }

  get hosts(): string[] {
    return this.lab.hosts.map(({ name }) => name);
  }

  /** Again where it fails: a host that is being healed may be switched off by a guard. */
  async heal(...hosts: readonly string[]): Promise<void> {
    await Promise.all(hosts.map((host) => retry(() => this.lab.heal(host), { when: () => true, retries: 5, firstDelayMs: 500 })));
  }

  running(): Promise<Record<string, string>> {
    return places(this.lab, this.prefix);
  }

  async hostOf(vm: string): Promise<string> {
    const host = (await this.running())[vm];
    assert.ok(host !== undefined, `${vm} runs`);
    return host;
  }

  /** Waits until all guests run, and none on these hosts. */
  async elsewhere(...hosts: readonly string[]): Promise<void> {
    await this.#eventually(`all guests, none on ${hosts.join(" or ")}`, async () => {
      const now = await this.running();
      return Object.keys(now).length === this.vms.length && !Object.values(now).some((host) => hosts.includes(host));
    });
  }

  /** What the guard told since then of these kinds: `host-lost ash`. */
  since(seen: number, ...kinds: readonly GuardEvent["kind"][]): string[] {
    return this.guard.events.slice(seen).filter(({ kind }) => kinds.includes(kind)).map(({ kind, host = "" }) => `${kind} ${host}`);
  }

  /** Guests with two copies so far, for a test that expects some: nobody else asks for them. */
  async takeTwice(): Promise<ReadonlyMap<string, string>> {
    const twice = await this.#checker?.stop() ?? new Map<string, string>();
    this.#checker = new CopyChecker(this.lab.lab, this.prefix);
    return twice;
  }

  #made(): { readonly project: PulumiProject; readonly gate: StartGate } {
    if (this.#parts === undefined) throw new Error("the cluster is there only inside of tests");
    return this.#parts;
  }

  async #make(): Promise<void> {
    this.#undo.later(() => this.lab.stop());
    await this.lab.start({ own: true, hosts: this.vms.length });
    const gate = await StartGate.make(this.lab);
    const project = await PulumiProject.create({ program: "", environment: { ...this.lab.lab.env } });
    this.#undo.later(() => project.remove());
    this.#parts = { project, gate };
    await this.write();
    const made = await project.up();
    assert.equal(made.code, 0, made.output);
    this.#checker = new CopyChecker(this.lab.lab, this.prefix);
    this.#undo.later(async () => { await this.#checker?.stop(); });
    await this.start();
    this.#undo.later(() => this.guard.stop());
  }

  async #settle(): Promise<void> {
    for (const vm of this.vms) await this.gate.open(this.prefix + vm);
    await this.heal(...this.hosts);
    await this.#eventually("hosts that are well", async () => {
      // One that comes back among many that are silent may be fenced once more while it boots.
      const off = await Promise.all(this.hosts.map(async (name) => ((await this.lab.host(name).isRunning()) ? [] : [name])));
      await this.heal(...off.flat());
      return this.hosts.every((name) => this.#isWell(name));
    });
    await this.#eventually("each guest once", async () => Object.keys(await this.running()).length === this.vms.length);
    await this.#checker?.end(this.vms, this.guard.story());
    this.#checker = new CopyChecker(this.lab.lab, this.prefix);
  }

  /** As the guard has it: the host answers, and was taken back where it was declared dead. */
  #isWell(host: string): boolean {
    const last = (...kinds: readonly GuardEvent["kind"][]): number => this.guard.events.findLastIndex((event) => event.host === host && kinds.includes(event.kind));
    return last("host-alive", "host-back") >= last("host-suspect", "host-lost", "host-ailing") && last("host-back") >= last("fence-confirmed");
  }

  async #eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
    await eventually(what, async () => (await isSo() ? true : undefined), 90_000).catch((error: unknown) => { throw new Error(this.guard.story(), { cause: error }); });
  }
}
