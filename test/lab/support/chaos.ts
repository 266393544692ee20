import { join } from "node:path";
import { fenceDeviceOf } from "../../../lab/bmc.js";
import { breakHost, healHost } from "../../../lab/control.js";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import type { Fault as LabFault } from "../../../lab/faults.js";
import { findMachines, inside } from "../../../lab/machine.js";
import type { Lab } from "../../../lab/model.js";
import type { LabPlace } from "../../../lab/place.js";
import { runAny } from "../../../lab/run.js";
import { powerOff } from "../../../provider/apply/fence.js";
import { systemClock } from "../../../provider/base/clock.js";
import { retry } from "../../../provider/base/retry.js";
import { silentLog } from "../../../provider/base/log.js";
import { Random } from "../../../provider/plan/solve/random.js";
import { CopyChecker } from "./copies.js";
import { QUICK, RunningGuard } from "./guard.js";
import { guardedProgram } from "./guarded.js";
import { PulumiProject } from "./pulumi.js";

/** What a run of random faults came to. */
export interface ChaosOutcome {
  /** What was done, in its order. */
  readonly faults: readonly string[];
  /** Guests that ever had more than one running copy, and where. */
  readonly twice: readonly string[];
  /** Guests that do not run once at the end, all faults healed. */
  readonly missing: readonly string[];
  /** From the last heal until every guest ran. */
  readonly settleSeconds: number;
  /** What the guards told, for a run that went wrong. */
  readonly story: string;
}

/** One thing that goes wrong with something, and how it ends. */
interface Fault {
  readonly name: string;
  /** What it happens to: a host, the fence device of one, a guard, a member of etcd. */
  readonly on: "host" | "device" | "guard" | "etcd";
  begin(target: string): Promise<void>;
  end(target: string): Promise<void>;
}

interface Broken {
  readonly fault: Fault;
  readonly target: string;
  readonly untilMs: number;
}

const PREFIX = "chaos-";
const VMS = ["a", "b", "c", "d", "e", "f"];
const GUARDS = ["one", "two", "three"];
/** Faults at one time. */
const MOST_BROKEN = 3;
const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 12;
/** How long all guests have to run before that counts. */
const STEADY_SECONDS = 3;
const SETTLE_SECONDS = 120;

/**
 * Lets random faults happen to a guarded cluster of the lab's hosts, three guards and three etcds, and counts the running copies of
 * each guest from outside all the while. What is chosen depends on the seed alone; when it happens, on the machine too.
 *
 * One pair is left out: a fence device that lies about a host that is cut off and lives. Nobody can tell that from a dead host.
 */
export async function runChaos(lab: Lab, place: LabPlace, seconds: number, seed: number, tell: (text: string) => void): Promise<ChaosOutcome> {
  const project = await PulumiProject.create({ program: "", project: "chaos", environment: { ...lab.env } });
  const etcd = await startEtcd(join(project.folder, "etcd"), { members: 3 });
  const chaos = new Chaos(lab, place, project, etcd, seed, tell);
  try {
    await project.write(await guardedProgram(lab, { guard: { etcd: etcd.endpoints }, prefix: PREFIX, vms: VMS }));
    const made = await project.up();
    if (made.code !== 0) throw new Error(made.output);
    return await chaos.run(seconds);
  } finally {
    await chaos.end();
    await project.remove();
    await etcd.stop();
  }
}

class Chaos {
  readonly #lab: Lab;
  readonly #place: LabPlace;
  readonly #project: PulumiProject;
  readonly #etcd: LabEtcd;
  readonly #random: Random;
  readonly #tell: (text: string) => void;
  readonly #guards = new Map<string, RunningGuard>();
  readonly #stories: string[] = [];
  readonly #broken = new Map<string, Broken>();
  readonly #faults: string[] = [];
  #checker: CopyChecker | undefined;
  readonly #beganMs = systemClock.monotonicMs();

  constructor(lab: Lab, place: LabPlace, project: PulumiProject, etcd: LabEtcd, seed: number, tell: (text: string) => void) {
    this.#lab = lab;
    this.#place = place;
    this.#project = project;
    this.#etcd = etcd;
    this.#random = new Random(seed);
    this.#tell = tell;
  }

  async run(seconds: number): Promise<ChaosOutcome> {
    for (const id of GUARDS) this.#start(id);
    const checker = this.#checker = new CopyChecker(this.#lab, PREFIX);
    // They have to know the guests before anything happens to them.
    await systemClock.sleep(5_000);
    const endMs = systemClock.monotonicMs() + seconds * 1000;
    while (systemClock.monotonicMs() < endMs) {
      for (const [key, { untilMs }] of this.#broken) if (systemClock.monotonicMs() >= untilMs) await this.#heal(key);
      if (this.#broken.size < MOST_BROKEN) await this.#break();
      await systemClock.sleep(500 + this.#random.below(2_500));
    }
    for (const key of [...this.#broken.keys()]) await this.#heal(key);
    const healedMs = systemClock.monotonicMs();
    const missing = await this.#settled(checker);
    const settleSeconds = (systemClock.monotonicMs() - healedMs) / 1000;
    const twice = await checker.stop();
    return {
      faults: this.#faults, missing, settleSeconds, story: [...this.#stories, ...[...this.#guards].map(([id, guard]) => `== ${id}\n${guard.story()}`)].join("\n"),
      twice: [...twice].map(([name, where]) => `${name}: ${where}`),
    };
  }

  /** Leaves nothing broken and nothing running. */
  async end(): Promise<void> {
    for (const key of [...this.#broken.keys()]) await this.#heal(key);
    for (const guard of this.#guards.values()) await guard.stop("SIGKILL");
    await this.#checker?.stop();
    for (const { name } of this.#lab.hosts) await this.#heals(name);
  }

  /** Waits until each guest has run once for a while. @returns those that do not, when time is up */
  async #settled(checker: CopyChecker): Promise<string[]> {
    const endMs = systemClock.monotonicMs() + SETTLE_SECONDS * 1000;
    let sinceMs: number | undefined;
    for (;;) {
      const missing = VMS.filter((vm) => checker.now.get(vm) !== 1);
      const nowMs = systemClock.monotonicMs();
      sinceMs = missing.length > 0 ? undefined : sinceMs ?? nowMs;
      if (sinceMs !== undefined && nowMs - sinceMs >= STEADY_SECONDS * 1000) return [];
      if (nowMs > endMs) return missing;
      await systemClock.sleep(250);
    }
  }

  #start(id: string): void {
    const before = this.#guards.get(id);
    if (before !== undefined) this.#stories.push(`== ${id}, until it was killed\n${before.story()}`);
    this.#guards.set(id, new RunningGuard(this.#project.folder, this.#project.environment, ["--id", id, "--set", ...QUICK, "stormMinutes=0", "mostStarts=100"]));
  }

  async #break(): Promise<void> {
    const possible = this.#all.flatMap((fault) => this.#targets(fault.on).map((target) => ({ fault, target }))).filter(({ fault, target }) => this.#isPossible(fault, target));
    const chosen = possible[this.#random.below(possible.length)];
    if (chosen === undefined) return;
    const { fault, target } = chosen;
    const lasts = SHORTEST_SECONDS + this.#random.below(LONGEST_SECONDS - SHORTEST_SECONDS);
    this.#note(`${target}: ${fault.name}, for ${lasts} s`);
    this.#broken.set(keyOf(fault, target), { fault, target, untilMs: systemClock.monotonicMs() + lasts * 1000 });
    await fault.begin(target);
  }

  async #heal(key: string): Promise<void> {
    const broken = this.#broken.get(key);
    if (broken === undefined) return;
    this.#broken.delete(key);
    // The lab heals a host and its device together.
    if (broken.fault.on === "host") this.#broken.delete(`device ${broken.target}`);
    this.#note(`${broken.target}: end of ${broken.fault.name}`);
    await broken.fault.end(broken.target);
  }

  #isPossible(fault: Fault, target: string): boolean {
    if (this.#broken.has(keyOf(fault, target))) return false;
    const other = this.#broken.get(fault.on === "host" ? `device ${target}` : `host ${target}`)?.fault.name;
    const names = [fault.name, other];
    return !((names.includes(CUT_OFF) || names.includes(UNMANAGED)) && names.includes(LYING));
  }

  #targets(on: Fault["on"]): string[] {
    return on === "guard" ? GUARDS : on === "etcd" ? this.#etcd.members.map(({ name }) => name) : this.#lab.hosts.map(({ name }) => name);
  }

  #note(text: string): void {
    const line = `${((systemClock.monotonicMs() - this.#beganMs) / 1000).toFixed(1)} s ${text}`;
    this.#faults.push(line);
    this.#tell(line);
  }

  /** Again where it fails: what stood still a moment ago may not answer yet, and holds its place. */
  readonly #heals = (host: string): Promise<void> => retry(() => healHost(this.#place, host, silentLog), { when: () => true, retries: 5, firstDelayMs: 1_000 });

  /** A fault that the lab makes. */
  #ofLab(name: string, on: "host" | "device", fault: LabFault): Fault {
    return { name, on, end: this.#heals, begin: (host) => breakHost(this.#place, host, fault).catch(async (error: unknown) => {
      // A guard may have switched it off by now.
      if (on !== "host" || (await findMachines(this.#place)).has(host)) throw error;
    }) };
  }

  /** A signal to a host's libvirtd; a host that is dead has none. */
  async #toLibvirtd(host: string, signal: string): Promise<void> {
    const machine = (await findMachines(this.#place)).get(host);
    if (machine !== undefined) await runAny(inside(machine, ["pkill", `-${signal}`, "-x", "libvirtd"]));
  }

  readonly #all: readonly Fault[] = [
    this.#ofLab("dies", "host", "host"),
    this.#ofLab(CUT_OFF, "host", "network"),
    this.#ofLab(UNMANAGED, "host", "management"),
    this.#ofLab("its guests are cut off", "host", "guests"),
    this.#ofLab("loses its storage", "host", "storage"),
    { name: "is switched off", on: "host", begin: async (name) => {
      const host = this.#lab.hosts.find((each) => each.name === name);
      // A device that is broken switches nothing off.
      if (host !== undefined) await powerOff(name, [await fenceDeviceOf(host)], { retries: 0 }).catch(() => {});
    }, end: this.#heals },
    { name: "its libvirtd freezes", on: "host", begin: (host) => this.#toLibvirtd(host, "STOP"), end: async (host) => {
      await this.#toLibvirtd(host, "CONT");
      await this.#heals(host);
    } },
    { name: "its libvirtd is killed", on: "host", begin: (host) => this.#toLibvirtd(host, "KILL"), end: this.#heals },
    this.#ofLab("its fence device is down", "device", { bmc: "down" }),
    this.#ofLab("its fence device is deaf", "device", { bmc: "deaf" }),
    this.#ofLab(LYING, "device", { bmc: "lying" }),
    { name: "is killed", on: "guard", begin: async (id) => { await this.#guards.get(id)?.stop("SIGKILL"); }, end: (id) => {
      this.#start(id);
      return Promise.resolve();
    } },
    { name: "freezes", on: "guard", begin: (id) => this.#signal(id, "SIGSTOP"), end: (id) => this.#signal(id, "SIGCONT") },
    { name: "is killed", on: "etcd", begin: (name) => this.#member(name).kill(), end: (name) => this.#member(name).start() },
    { name: "freezes", on: "etcd", begin: (name) => {
      this.#member(name).freeze();
      return Promise.resolve();
    }, end: (name) => {
      this.#member(name).thaw();
      return Promise.resolve();
    } },
  ];

  #signal(id: string, signal: NodeJS.Signals): Promise<void> {
    this.#guards.get(id)?.signal(signal);
    return Promise.resolve();
  }

  #member(name: string): LabEtcd["members"][number] {
    const member = this.#etcd.members.find((each) => each.name === name);
    if (member === undefined) throw new Error(`there is no ${name}`);
    return member;
  }
}

const CUT_OFF = "is cut off";
const UNMANAGED = "loses its management network";
const LYING = "its fence device lies";

function keyOf({ on }: Fault, target: string): string {
  return `${on} ${target}`;
}
