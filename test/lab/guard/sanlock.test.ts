/** Hosts without a fence device, whose guests hold leases by sanlock: a host is dead when its lease has expired, and not before. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { leaseDirectory, leaseHostId } from "../../../lab/sanlock.js";
import { places } from "../support/guests.js";
import { CopyChecker, QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const IO_TIMEOUT_SECONDS = 2;
/** sanlock's law: 8 io_timeouts, and a minute for the watchdog. */
const DEAD_SECONDS = 8 * IO_TIMEOUT_SECONDS + 60;

const CUT = "test_cut";

const lab = new TestLab();
const PREFIX = "leased-";
let project: PulumiProject;
let guard: RunningGuard;
let checker: CopyChecker;
let isUp = false;

before(async () => {
  await lab.start({ own: true, hosts: 3, storage: "gluster", sanlock: IO_TIMEOUT_SECONDS });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  await lab.hosts[0]?.check(["mkdir", "-p", folder()]);
  await write();
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  assert.doesNotMatch(run.output, /leases|lockspace|fence device/, run.output);
  guard = new RunningGuard(project.folder, project.environment, ["--set", ...QUICK, "stormMinutes=0"]);
  checker = new CopyChecker(PREFIX);
  await guard.tells("leader");
  await systemClock.sleep(2_000);
  isUp = true;
});
after(async () => {
  const most = isUp ? await guard.stop().then(() => checker.stop()) : new Map<string, number>();
  // The lab is the file's own, and one of its hosts has lost its storage for good: all goes with it.
  await lab.stop();
  await rm(project.folder, { recursive: true, force: true });
  for (const [name, count] of most) assert.equal(count, 1, `${name} had ${count} running copies at a time`);
});

/** Leases are no volumes. */
function folder(): string {
  return `${lab.lab.sharedPath}/guests`;
}

async function write(change: object = {}): Promise<void> {
  const leases = Object.fromEntries(lab.lab.hosts.map(({ name }) => [name, { manager: "sanlock", directory: leaseDirectory(lab.lab), hostId: leaseHostId(lab.lab, name), ioTimeoutSeconds: IO_TIMEOUT_SECONDS, ...change }]));
  await project.write(await guardedProgram(lab.lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: ["a", "b", "c"], leases, folder: folder() }));
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

/** The lab's storage is on the same wire: all but that is cut. */
async function cutOff(host: string): Promise<void> {
  const { gluster } = lab.lab.network;
  await lab.host(host).check(["nft", `table ip ${CUT} { chain out { type filter hook output priority 0; ip daddr != { ${gluster}, 127.0.0.1 } drop; }; chain in { type filter hook input priority 0; ip saddr != { ${gluster}, 127.0.0.1 } drop; }; }`]);
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
    await cutOff(host);
    const word = await project.drover("confirm-dead", host, "--yes");
    assert.notEqual(word.code, 0);
    assert.match(word.output, /its machine may live: its lease on shared storage was renewed \d+ s ago, as \S+ sees/);
    const { text } = await guard.tells("lease-held", { host }, { from: seen });
    assert.match(text, /it renews its lease on shared storage/);
    await systemClock.sleep((DEAD_SECONDS + 6) * 1000);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind === "lease-expired" || kind === "guest-restarted"), [], guard.story());
    assert.deepEqual(checker.now, before);
    await lab.host(host).check(["nft", "delete", "table", "ip", CUT]);
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
