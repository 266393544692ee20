/** A leader that dies at any step of a recovery, or is cut off from the record: the next one goes on, and each guest runs once. And `pulumi up` beside it. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import { systemClock } from "../../../provider/base/clock.js";
import type { EventKind } from "../../../provider/guard/index.js";
import { CopyChecker } from "../support/copies.js";
import { places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";
import { RecordGate } from "../support/record-gate.js";
import { StartGate } from "../support/start-gate.js";
import { Undo } from "../support/undo.js";

const lab = new TestLab();
const PREFIX = "led-";
const VMS = ["a", "b"];
let project: PulumiProject;
let etcd: LabEtcd;
let starts: StartGate;
let checker: CopyChecker;
const undo = new Undo();

/** A guard that reaches its record by a gate of its own. */
interface Gated {
  readonly id: string;
  readonly guard: RunningGuard;
  readonly gate: RecordGate;
}

/** Those that live. */
const guards: Gated[] = [];
const stories: string[] = [];
let count = 0;

before(async () => {
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 3 });
  starts = await StartGate.make(lab);
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  etcd = await startEtcd(join(project.folder, "etcd"));
  undo.later(() => etcd.stop());
  undo.later(() => project.remove());
  undo.later(async () => { for (const { name } of lab.hosts) await lab.heal(name); });
  await write(VMS);
  const made = await project.up();
  assert.equal(made.code, 0, made.output);
  checker = new CopyChecker(lab.lab, PREFIX);
  undo.later(async () => { for (const each of [...guards]) await end(each); });
  undo.later(() => checker.end(VMS, story()));
  await start();
  await start();
  await leader();
  await systemClock.sleep(1_500);
});
after(() => undo.all());

async function write(vms: readonly string[]): Promise<void> {
  await project.write(await guardedProgram(lab.lab, { guard: { etcd: etcd.endpoints }, prefix: PREFIX, vms }));
}

async function start(): Promise<void> {
  const gate = await RecordGate.open(etcd.endpoints[0] ?? "");
  count += 1;
  const id = `guard-${count}`;
  // On the command line it would be another record than the cluster's.
  const file = join(project.folder, `${id}.json`);
  const { code, output } = await project.drover("guard", "export", file);
  assert.equal(code, 0, output);
  const exported = JSON.parse(await readFile(file, "utf8")) as { readonly guard: object };
  await writeFile(file, JSON.stringify({ ...exported, guard: { ...exported.guard, etcd: [gate.endpoint] } }));
  guards.push({ id, gate, guard: new RunningGuard(project.folder, project.environment, ["--id", id, "--file", file, "--set", ...QUICK, "stormMinutes=0", "mostStarts=50"]) });
}

async function end(each: Gated): Promise<void> {
  guards.splice(guards.indexOf(each), 1);
  await each.guard.stop("SIGKILL");
  await each.gate.close();
  stories.push(`== ${each.id}, until it was killed\n${each.guard.story()}`);
}

function story(): string {
  return [...stories, ...guards.map(({ id, guard }) => `== ${id}\n${guard.story()}`)].join("\n");
}

function told(error: unknown): never {
  throw new Error(story(), { cause: error });
}

function leads({ guard }: Gated): boolean {
  return guard.events.findLast(({ kind }) => kind === "leader" || kind === "not-leader")?.kind === "leader";
}

async function leader(): Promise<Gated> {
  return await eventually("a leader", () => Promise.resolve(guards.find(leads)), 60_000).catch(told);
}

/** What comes next, whoever of them leads. */
async function next<T>(what: string, ofOne: (each: Gated) => Promise<T>): Promise<{ readonly who: Gated; readonly found: T }> {
  const patience = new Promise<never>((_, reject) => { setTimeout(() => { reject(new Error(`${what} did not come`)); }, 60_000).unref(); });
  return await Promise.race([...guards.map(async (who) => ({ who, found: await ofOne(who) })), patience]).catch(told);
}

/** Another one takes the place of the one that has died. */
async function replace(dead: Gated): Promise<void> {
  await end(dead);
  await start();
}

/** Kills the leader where it writes an entry, and returns the entry's key. */
async function killAtWrite(key: RegExp, when: "before" | "after"): Promise<string> {
  const { who, found } = await next(`a write of ${key.source}`, ({ gate }) => gate.caught(key, when));
  for (const { gate } of guards) gate.disarm();
  await replace(who);
  return found;
}

async function killAtEvent(kind: EventKind, host: string): Promise<void> {
  const from = new Map(guards.map(({ id, guard }) => [id, guard.events.length]));
  const first = await leader();
  await first.guard.tells(kind, { host }, { from: from.get(first.id) ?? 0 });
  await replace(first);
}

async function hostOf(vm: string): Promise<string> {
  const host = (await places(lab, PREFIX))[vm];
  assert.ok(host !== undefined, `${vm} runs\n${story()}`);
  return host;
}

async function all(vms: readonly string[], without: string): Promise<void> {
  await eventually(`all guests, none on ${without}`, async () => {
    const now = await places(lab, PREFIX);
    return vms.every((vm) => now[vm] !== undefined && now[vm] !== without) ? true : undefined;
  }, 60_000).catch(told);
}

async function back(host: string): Promise<void> {
  const from = new Map(guards.map(({ id, guard }) => [id, guard.events.length]));
  await lab.heal(host);
  await next(`the return of ${host}`, ({ id, guard }) => guard.tells("host-back", { host }, { from: from.get(id) ?? 0 }));
}

function restarts(): string[] {
  return [story()].flatMap((text) => text.split("\n")).filter((line) => line.includes(" guest-restarted "));
}

describe("one recovery, in which each leader dies at the next step", () => {
  let host = "";
  let uuid = "";

  it("when it has told that the host is lost", async () => {
    host = await hostOf("a");
    uuid = (await lab.host(host).virsh(["domuuid", `${PREFIX}a`])).trim();
    await lab.break(host);
    await killAtEvent("host-lost", host);
  });

  it("when it cuts the power", () => killAtEvent("fence-begun", host));

  it("when the other hosts keep that it is dead, before any start is meant", async () => {
    await killAtWrite(new RegExp(`/starts/${uuid}`), "before");
  });

  it("when a start is meant, and nothing was done for it", async () => {
    await killAtWrite(new RegExp(`/starts/${uuid}`), "after");
    assert.equal((await places(lab, PREFIX))["a"], undefined);
  });

  it("when the guest is defined, and its start failed", async () => {
    await starts.hold(`${PREFIX}a`);
    const target = await starts.reached(`${PREFIX}a`).catch(told);
    await replace(await leader());
    await starts.refuse(`${PREFIX}a`);
    assert.match(await lab.host(target).virsh(["list", "--all", "--name"]), new RegExp(`${PREFIX}a`));
  });

  it("when its start goes on, which the next one does not see", async () => {
    await starts.hold(`${PREFIX}a`);
    await starts.reached(`${PREFIX}a`).catch(told);
    await replace(await leader());
    const { guard } = await leader();
    await systemClock.sleep(2_000);
    assert.deepEqual(guard.events.filter(({ kind }) => kind === "guest-restarted"), []);
    await starts.refuse(`${PREFIX}a`);
  });

  it("when the guest runs, and that is not written down; and the last of them ends it", async () => {
    await killAtWrite(new RegExp(`/guests/${uuid}`), "before");
    await all(VMS, host);
    await leader();
    await systemClock.sleep(2_000);
    await all(VMS, host);
    await back(host);
  });
});

describe("two guards that are cut off from each other, and both reach all hosts", () => {
  it("have one leader, which alone acts when a host dies", async () => {
    const host = await hostOf("a");
    const first = await leader();
    const second = guards.find((each) => each !== first);
    assert.ok(second !== undefined);
    first.gate.cut();
    await eventually("that the second one leads, and alone", () => Promise.resolve(leads(second) && !leads(first) ? true : undefined), 60_000).catch(told);
    const [seen, seenBySecond] = [first.guard.events.length, second.guard.events.length];
    await lab.break(host);
    await first.guard.tells("host-lost", { host }, { from: seen });
    await second.guard.tells("guest-restarted", { vm: "vm-a" }, { from: seenBySecond });
    await all(VMS, host);
    first.gate.mend();
    await systemClock.sleep(2_000);
    assert.deepEqual(first.guard.events.slice(seen).filter(({ kind }) => kind.startsWith("fence") || kind.startsWith("guest")), [], story());
    await back(host);
  });
});

describe("an update and a guard", () => {
  it("wait for each other: an update for a guard that is at work, and says for whom", async () => {
    const host = await hostOf("a");
    const before = restarts().length;
    await starts.hold(`${PREFIX}a`);
    await lab.break(host);
    await starts.reached(`${PREFIX}a`).catch(told);
    const run = await project.start("up", ["--yes", "--skip-preview"]);
    const words = await eventually("its wait", () => Promise.resolve(/waiting for drover guard guard-[0-9]+, who works on it/.exec(run.output)?.[0]), 30_000).catch((error: unknown) => { throw new Error(`${run.output}\n${story()}`, { cause: error }); });
    const worker = await leader();
    assert.match(words, new RegExp(`${worker.id},`));
    await starts.open(`${PREFIX}a`);
    const { code, output } = await run.ended;
    assert.equal(code, 0, output);
    await all(VMS, host);
    assert.ok(restarts().length > before, story());
    await back(host);
  });

  it("wait for each other: a guard for an update that is at work, and says for whom", async () => {
    const from = new Map(guards.map(({ id, guard }) => [id, guard.events.length]));
    await write([...VMS, "c"]);
    await starts.hold(`${PREFIX}c`);
    const run = await project.start("up", ["--yes", "--skip-preview"]);
    const target = await starts.reached(`${PREFIX}c`);
    // One that the update needs no more. While a start is held, its host's libvirtd does not tell who runs there.
    const now = checker.places;
    const vm = VMS.find((each) => now.get(each) !== target);
    assert.ok(vm !== undefined, `the guests run on ${JSON.stringify([...now])}, and c comes to ${target}`);
    const host = now.get(vm) ?? "";
    await lab.break(host);
    const { found } = await next("its wait", ({ id, guard }) => guard.tells("work-waits", {}, { from: from.get(id) ?? 0 }));
    assert.match(found.text, /pulumi up of .*, process [0-9]+ has been at work on the cluster since/);
    assert.equal(checker.now.get(vm), undefined);
    await starts.open(`${PREFIX}c`);
    const { code, output } = await run.ended;
    assert.equal(code, 0, output);
    await all([...VMS, "c"], host);
    await back(host);
  });
});
