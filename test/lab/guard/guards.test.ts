/** `examples/guard`: three guards that share an etcd of three members. Whichever dies, freezes or is cut off, each guest runs once. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { fenceDeviceOf } from "../../../lab/bmc.js";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import { packageRoot } from "../../../lab/place.js";
import { CopyChecker } from "../support/copies.js";
import { places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";
import { Undo } from "../support/undo.js";

const lab = new TestLab();
const PREFIX = "shop-";
let project: PulumiProject;
let etcd: LabEtcd;
const undo = new Undo();
const guards = new Map<string, RunningGuard>();

before(async () => {
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 3 });
  project = await PulumiProject.create({ program: await program(), environment: { ...lab.lab.env } });
  etcd = await startEtcd(join(project.folder, "etcd"), { members: 3 });
  undo.later(() => etcd.stop());
  undo.later(() => project.remove());
  undo.later(async () => {
    for (const guard of guards.values()) await guard.stop("SIGKILL");
    for (const { name } of lab.hosts) await lab.heal(name);
    await Promise.all(etcd.members.filter(({ pid }) => pid === undefined).map((member) => member.start()));
  });
  const devices = await Promise.all(lab.lab.hosts.map(async (host) => [host.name, await fenceDeviceOf(host)] as const));
  await project.setConfig("fence", JSON.stringify(Object.fromEntries(devices.map(([name, { agent, parameters }]) => [name, { agent, parameters }]))));
  await project.setConfig("fencePassword", devices[0]?.[1].secrets?.["password"] ?? "", true);
  await project.setConfig("etcd", JSON.stringify(etcd.endpoints));
  await project.setConfig("sharedFolder", lab.lab.sharedPath);
  await project.setConfig("image", lab.lab.images.tiny);
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  const checker = new CopyChecker(lab.lab, PREFIX);
  undo.later(() => checker.end(["a", "b", "c"], stories()));
});
after(() => undo.all());

/** The example with guests that have no operating system: what they are for is the same, and they start at once. */
async function program(): Promise<string> {
  const example = await readFile(join(packageRoot(), "examples/guard/index.ts"), "utf8");
  const program = example.replace("image: system }", 'pool: disks, size: "8 MiB" }').replace('"256 MiB"', '"64 MiB"');
  assert.ok(program.includes('size: "8 MiB"') && program.includes('"64 MiB"'), "the example is as this test knows it");
  return program;
}

function start(id: string): RunningGuard {
  const guard = new RunningGuard(project.folder, project.environment, ["--id", id, "--set", ...QUICK, "stormMinutes=0"]);
  guards.set(id, guard);
  return guard;
}

/** The guard that leads, once one does and has seen all hosts. */
async function leader(): Promise<RunningGuard> {
  return await eventually("a leader", () => {
    const found = [...guards.values()].find(({ events }) => events.filter(({ kind }) => kind === "leader" || kind === "not-leader").at(-1)?.kind === "leader");
    return Promise.resolve(found);
  });
}

function stories(): string {
  return [...guards].map(([id, guard]) => `== ${id}\n${guard.story()}`).join("\n");
}

/** A host that dies, and every guest runs again, on the others. */
async function restored(host: string, act: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await lab.break(host);
  await act();
  await eventually("all guests on the other hosts", async () => {
    const now = await places(lab, PREFIX);
    return Object.keys(now).length === 3 && !Object.values(now).includes(host) ? true : undefined;
  }, 60_000).catch((error: unknown) => { throw new Error(stories(), { cause: error }); });
}

async function back(host: string): Promise<void> {
  const guard = await leader();
  const seen = guard.events.length;
  await lab.heal(host);
  await guard.tells("host-back", { host }, { from: seen });
}

async function busiest(): Promise<string> {
  const count = new Map<string, number>();
  for (const host of Object.values(await places(lab, PREFIX))) count.set(host, (count.get(host) ?? 0) + 1);
  return [...count].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "";
}

describe("a guard to which one host alone is silent", () => {
  it("does nothing to it while another guard hears it: its fence device would lie", async () => {
    const [host] = lab.lab.hosts;
    assert.ok(host !== undefined);
    await lab.break(host.name, { bmc: "lying" });
    const config = join(project.folder, "deaf-ssh-config");
    // An address of the lab's network that nobody has.
    const nobody = host.address.replace(/[0-9]+$/, "249");
    await writeFile(config, (await readFile(lab.lab.ssh.config, "utf8")).replace(host.address, nobody));
    const before = await places(lab, PREFIX);
    const deaf = new RunningGuard(project.folder, { ...project.environment, DROVER_SSH_CONFIG: config }, ["--id", "deaf", "--set", ...QUICK, "lostSeconds=12"]);
    guards.set("deaf", deaf);
    await deaf.tells("leader");
    start("hearing");
    const { text } = await deaf.tells("fence-held-back", { host: host.name });
    assert.match(text, /silent to this guard alone: hearing hears it/);
    await systemClock.sleep(3_000);
    assert.deepEqual(deaf.events.filter(({ kind }) => kind === "fence-begun"), [], deaf.story());
    assert.deepEqual(await places(lab, PREFIX), before);
    for (const guard of guards.values()) await guard.stop();
    guards.clear();
    await lab.heal(host.name);
  });
});

describe("three guards", () => {
  before(async () => {
    for (const id of ["one", "two", "three"]) start(id);
    await leader();
    await systemClock.sleep(1_500);
  });

  it("have one leader, which restarts what a host took with it", async () => {
    const host = await busiest();
    await restored(host);
    // A guest runs before its guard has told that.
    const told = await eventually("who restarted them", () => {
      const ids = [...guards].filter(([, { events }]) => events.some(({ kind }) => kind === "guest-restarted")).map(([id]) => id);
      return Promise.resolve(ids.length === 0 ? undefined : ids);
    });
    assert.equal(told.length, 1, stories());
    await back(host);
  });

  it("go on where the leader was killed when it had begun to fence", async () => {
    const first = await leader();
    const host = await busiest();
    await restored(host, async () => {
      await first.tells("fence-begun", { host });
      await first.stop("SIGKILL");
    });
    for (const [id, guard] of guards) if (guard === first) start(id);
    await back(host);
  });

  it("go on where the leader froze after the fence, and it does nothing when it wakes", async () => {
    const first = await leader();
    const host = await busiest();
    const seen = first.events.length;
    await restored(host, async () => {
      await first.tells("fence-confirmed", { host }, { from: seen });
      first.signal("SIGSTOP");
    });
    const now = await places(lab, PREFIX);
    first.signal("SIGCONT");
    await first.tells("not-leader", {}, { from: seen });
    await systemClock.sleep(3_000);
    assert.deepEqual(await places(lab, PREFIX), now, stories());
    await back(host);
  });

  it("do nothing while etcd has lost its majority, and restart everything when it is back", async () => {
    const [, second, third] = etcd.members;
    assert.ok(second !== undefined && third !== undefined);
    await second.kill();
    await third.kill();
    await Promise.all([...guards.values()].map((guard) => guard.tells("record-lost")));
    const host = await busiest();
    const before = await places(lab, PREFIX);
    await lab.break(host);
    await systemClock.sleep(8_000);
    const expected = Object.fromEntries(Object.entries(before).filter(([, each]) => each !== host));
    assert.deepEqual(await places(lab, PREFIX), expected, stories());
    await second.start();
    await restored(host);
  });
});
