/** Hosts without a fence device, whose guests hold leases by sanlock: a host is dead when its lease has expired, and not before. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { leaseDirectory, leaseHostId } from "../../../lab/sanlock.js";
import { CopyChecker } from "../support/copies.js";
import { places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";
import { Undo } from "../support/undo.js";

const IO_TIMEOUT_SECONDS = 2;
/** sanlock's law: 8 io_timeouts, and a minute for the watchdog. */
const DEAD_SECONDS = 8 * IO_TIMEOUT_SECONDS + 60;

const lab = new TestLab();
const PREFIX = "leased-";
const VMS = ["a", "b", "c"];
let project: PulumiProject;
let guard: RunningGuard;
const undo = new Undo();
let checker: CopyChecker;

before(async () => {
  // The lab is the file's own, and one of its hosts loses its storage for good: all goes with it.
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 3, storage: "gluster", sanlock: IO_TIMEOUT_SECONDS });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  undo.later(() => rm(project.folder, { recursive: true, force: true }));
  await lab.hosts[0]?.check(["mkdir", "-p", folder()]);
  await write();
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  assert.doesNotMatch(run.output, /leases|lockspace|fence device/, run.output);
  guard = new RunningGuard(project.folder, project.environment, ["--set", ...QUICK, "stormMinutes=0"]);
  undo.later(() => guard.stop());
  checker = new CopyChecker(lab.lab, PREFIX);
  undo.later(() => checker.end(VMS, guard.story()));
  await guard.tells("leader");
  await systemClock.sleep(2_000);
});
after(() => undo.all());

/** Leases are no volumes. */
function folder(): string {
  return `${lab.lab.sharedPath}/guests`;
}

async function write(change: object = {}): Promise<void> {
  const leases = Object.fromEntries(lab.lab.hosts.map(({ name }) => [name, { manager: "sanlock", directory: leaseDirectory(lab.lab), hostId: leaseHostId(lab.lab, name), ioTimeoutSeconds: IO_TIMEOUT_SECONDS, ...change }]));
  await project.write(await guardedProgram(lab.lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS, leases, folder: folder() }));
}

async function busiest(): Promise<string> {
  const hosts = Object.values(await places(lab, PREFIX));
  return hosts.sort((a, b) => hosts.filter((each) => each === b).length - hosts.filter((each) => each === a).length)[0] ?? "";
}

async function allRun(without: string, seconds: number): Promise<void> {
  await eventually("all guests on the other hosts", async () => {
    const now = await places(lab, PREFIX);
    return Object.keys(now).length === 3 && !Object.values(now).includes(without) ? true : undefined;
  }, seconds * 1000).catch((error: unknown) => { throw new Error(guard.story(), { cause: error }); });
}

async function back(host: string): Promise<void> {
  const seen = guard.events.length;
  await lab.heal(host);
  await guard.tells("host-back", { host }, { from: seen, seconds: 90 });
}

describe("a guard of hosts whose guests hold leases", () => {
  it("has a preview beside it that says where a host is not as declared", async () => {
    await write({ directory: "/srv/elsewhere" });
    const run = await project.preview();
    assert.match(run.output, /ash: its lockspace is \/srv\/disks\/leases\/__LIBVIRT__DISKS__, unlike its `leases` in the program/);
    await write();
  });

  it("starts nothing elsewhere while a host that is cut off renews its lease, and says so", async () => {
    const host = await busiest();
    const before = checker.now;
    const seen = guard.events.length;
    await lab.break(host, "management");
    const word = await project.drover("confirm-dead", host, "--yes");
    assert.notEqual(word.code, 0);
    assert.match(word.output, /its machine may live: its lease on shared storage was renewed \d+ s ago, as \S+ sees/);
    const { text } = await guard.tells("lease-held", { host }, { from: seen });
    assert.match(text, /it renews its lease on shared storage/);
    await systemClock.sleep((DEAD_SECONDS + 6) * 1000);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind === "lease-expired" || kind === "guest-restarted"), [], guard.story());
    assert.deepEqual(checker.now, before);
    await lab.heal(host);
    await guard.tells("host-alive", { host }, { from: seen });
  });

  it("has the guests of a host that died running elsewhere once its lease has expired, and not before", async () => {
    const host = await busiest();
    const seen = guard.events.length;
    const brokeMs = systemClock.monotonicMs();
    await lab.break(host);
    const { text } = await guard.tells("lease-expired", { host }, { from: seen, seconds: DEAD_SECONDS + 30 });
    assert.ok(systemClock.monotonicMs() - brokeMs > (DEAD_SECONDS - 2 * 2 * IO_TIMEOUT_SECONDS) * 1000, guard.story());
    assert.match(text, /its watchdog has reset it/);
    await allRun(host, 60);
    await back(host);
  });

  it("has the guests of a host whose sanlock died running elsewhere, once its watchdog has reset it", async () => {
    const host = await busiest();
    const seen = guard.events.length;
    await lab.host(host).check(["pkill", "-KILL", "-x", "sanlock"]);
    await allRun(host, 2 * DEAD_SECONDS);
    assert.equal(await lab.host(host).isRunning(), false);
    await guard.tells("lease-expired", { host }, { from: seen });
    await back(host);
  });

  it("has the guests of a host that lost its storage running elsewhere, once sanlock has ended them", async () => {
    const host = await busiest();
    const seen = guard.events.length;
    await lab.break(host, "storage");
    await allRun(host, 2 * DEAD_SECONDS);
    assert.match((await guard.tells("guest-crashed", { host }, { from: seen })).text, /sanlock ended it/);
  });
});
