/** A guard beside a cluster whose hosts and guests fail: each HA guest runs on, once, and nothing else is touched. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { CopyChecker } from "../support/copies.js";
import { definitions, movesOf, places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject, type Run } from "../support/pulumi.js";
import { Undo } from "../support/undo.js";

const lab = new TestLab();
const PREFIX = "guarded-";
const VMS = ["a", "b", "C"];
let project: PulumiProject;
let guard: RunningGuard;
const undo = new Undo();

before(async () => {
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 3 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  undo.later(() => project.remove());
  undo.later(async () => { for (const { name } of lab.hosts) await lab.heal(name); });
});
after(() => undo.all());

async function write(stopped: readonly string[] = [], cluster: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await project.write(await guardedProgram(lab.lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS, stopped, cluster }));
}

async function well(run: Promise<Run>): Promise<Run> {
  const ended = await run;
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

function start(...settings: readonly string[]): RunningGuard {
  return new RunningGuard(project.folder, project.environment, ["--http", "127.0.0.1:0", "--set", ...QUICK, ...settings]);
}

async function qemuOn(host: string, vm: string): Promise<string> {
  return (await lab.host(host).check(["pgrep", "-f", `guest=${PREFIX}${vm},`])).trim();
}

describe("a guarded cluster", () => {
  let placed: Record<string, string> = {};
  let dead = "";

  before(async () => {
    await write();
    await well(project.up());
    placed = await places(lab, PREFIX);
    // One of its guests is ended more often than a guard would start it within ten minutes.
    guard = start("stormMinutes=0", "mostStarts=6");
    undo.later(() => guard.stop());
    const checker = new CopyChecker(lab.lab, PREFIX);
    // What an update stopped and what no guard restarts are off at the end.
    undo.later(() => checker.end(["a"], guard.story()));
    await guard.tells("leader");
  });

  it("has a guest whose QEMU died running again where it was", async () => {
    const host = placed["a"] ?? "";
    // Of this the guard hears at its next survey; that a host starts no stale definition at its boot is seen below, where it comes back.
    await lab.host(host).virsh(["autostart", `${PREFIX}a`]);
    await lab.host(host).check(["kill", "-KILL", await qemuOn(host, "a")]);
    await guard.tells("guest-restarted", { vm: "vm-a" });
    assert.deepEqual(await places(lab, PREFIX), placed);
  });

  it("has one running again that its host ended by a signal, as when it shuts down in good order", async () => {
    const host = placed["a"] ?? "";
    const seen = guard.events.length;
    await lab.host(host).check(["kill", "-TERM", await qemuOn(host, "a")]);
    assert.match((await guard.tells("guest-crashed", { vm: "vm-a" }, { from: seen })).text, /its host ended it/);
    await guard.tells("guest-restarted", { vm: "vm-a" }, { from: seen });
    assert.deepEqual(await places(lab, PREFIX), placed);
  });

  it("leaves alone what a person stopped, and what is not highly available", async () => {
    const seen = guard.events.length;
    const host = placed["b"] ?? "";
    await lab.host(host).virsh(["destroy", `${PREFIX}b`]);
    await lab.host(placed["C"] ?? "").check(["kill", "-KILL", await qemuOn(placed["C"] ?? "", "C")]);
    await systemClock.sleep(3_000);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind.startsWith("guest")), [], guard.story());
    await well(project.up());
    await eventually("three guests", async () => (Object.keys(await places(lab, PREFIX)).length === 3 ? true : undefined));
    placed = await places(lab, PREFIX);
  });

  it("starts no guest elsewhere while its host's libvirtd is frozen and the guest goes on", async () => {
    const host = placed["a"] ?? "";
    const seen = guard.events.length;
    const pid = (await lab.host(host).check(["pgrep", "-x", "libvirtd"])).trim();
    await lab.host(host).check(["kill", "-STOP", pid]);
    await guard.tells("host-ailing", { host }, { from: seen });
    // systemctl is none of the lab's: what matters is that it is tried, and that nothing worse follows.
    await guard.tells("soft-fence", { host }, { from: seen });
    await systemClock.sleep(4_000);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind === "host-lost" || kind.startsWith("fence") || kind === "guest-restarted"), [], guard.story());
    await lab.host(host).check(["kill", "-CONT", pid]);
    await guard.tells("host-alive", { host }, { from: seen });
    assert.deepEqual(await places(lab, PREFIX), placed);
  });

  it("has the HA guests of a host that died running elsewhere within seconds, and only those", async () => {
    const host = placed["a"] ?? "";
    await guard.tells("autostart-cleared", { vm: "vm-a", host });
    dead = host;
    const seen = guard.events.length;
    await lab.break(host);
    const { text } = await guard.tells("guest-restarted", { vm: "vm-a" }, { from: seen });
    assert.match(text, new RegExp(`it ran on ${host}`));
    assert.match((await guard.tells("fence-confirmed", { host })).text, /its power is off, says fence_ipmilan/);
    const now = await places(lab, PREFIX);
    assert.notEqual(now["a"], host);
    for (const vm of ["b", "C"]) assert.equal(now[vm], placed[vm] === host && vm === "C" ? undefined : placed[vm] === host ? now[vm] : placed[vm]);
    placed = now;
  });

  it("is nothing that the next update moves, replaces or restarts", async () => {
    const run = await well(project.preview());
    assert.deepEqual(movesOf(run), [], run.output);
    assert.doesNotMatch(run.output, /replace|delete/);
    await well(project.up());
    const now = await places(lab, PREFIX);
    assert.equal(now["a"], placed["a"]);
    placed = now;
  });

  it("takes the host back once it has its pools and networks again, and removes what it has left", async () => {
    const seen = guard.events.length;
    await lab.heal(dead);
    await guard.tells("host-alive", { host: dead }, { from: seen });
    await eventually("the end of the leftovers", async () => ((await definitions(lab, dead, PREFIX)).includes("a") ? undefined : true), 30_000);
    assert.deepEqual(await places(lab, PREFIX), placed);
    // Its libvirt started anew with the definitions that it had, of which one had an autostart until the guard took it away.
    assert.equal((await lab.host(dead).virsh(["list", "--all", "--autostart", "--name"])).trim(), "");
    const ran = await lab.host(dead).check(["sh", "-c", `cat /var/log/libvirt/qemu/${PREFIX}a.log`]);
    assert.doesNotMatch(ran, /Failed to get/, "it did not try either");
  });

  it("balances now and then where the cluster says so, and the next update moves nothing", async () => {
    const evenly = { policy: "vm_evenly_distributed", policyParameters: { HighVmCount: 1, MigrationThreshold: 1 } };
    assert.ok(new Set(Object.values(placed)).size < 3, "the host that came back has none");
    const seen = guard.events.length;
    await write([], { ...evenly, balance: { every: "4 s", maxMoves: 1, dryRun: true } });
    await well(project.up());
    const { vm, host } = await guard.tells("balance-planned", {}, { from: seen });
    assert.deepEqual(await places(lab, PREFIX), placed, "a dry run moves nothing");
    await write([], { ...evenly, balance: { every: "4 s", maxMoves: 1 } });
    await well(project.up());
    await guard.tells("balanced", {}, { from: seen });
    const now = await places(lab, PREFIX);
    assert.deepEqual(now, { ...placed, [vm?.slice("vm-".length) ?? ""]: host });
    assert.equal(new Set(Object.values(now)).size, 3);
    const run = await well(project.preview());
    assert.deepEqual(movesOf(run), [], run.output);
    assert.doesNotMatch(run.output, /replace|delete/);
    placed = now;
  });

  it("empties a host whose mirror lost a disk, where the cluster says so, and keeps it closed", async () => {
    const host = placed["a"] ?? "";
    await write([], { evacuateOnTrouble: true });
    await well(project.up());
    const seen = guard.events.length;
    // Of the host's own view of the kernel's files.
    await lab.host(host).check(["sh", "-c", "mkdir -p /run/blocks/md0/md && echo 1 > /run/blocks/md0/md/degraded && mount --bind /run/blocks /sys/block"]);
    assert.match((await guard.tells("host-troubled", { host }, { from: seen })).text, /its mirrors lack disks: md0/);
    await guard.tells("host-emptied", { host }, { from: seen });
    const now = await places(lab, PREFIX);
    assert.equal(Object.keys(now).length, 3);
    assert.ok(!Object.values(now).includes(host));
    await lab.host(host).check(["umount", "/sys/block"]);
    const run = await well(project.preview());
    assert.deepEqual(movesOf(run), [], run.output);
    const { code, output } = await project.drover("evacuate", host, "--undo");
    assert.equal(code, 0, output);
    placed = now;
  });

  it("does not bring back what an update stopped", async () => {
    await write(["b"]);
    await well(project.up());
    assert.equal((await places(lab, PREFIX))["b"], undefined);
    const host = placed["b"] ?? "";
    const seen = guard.events.length;
    const others = Object.keys(placed).filter((vm) => vm !== "b" && placed[vm] === host);
    await lab.break(host);
    await guard.tells("fence-confirmed", { host }, { from: seen });
    for (const vm of others.filter((each) => each === "a")) await guard.tells("guest-restarted", { vm: `vm-${vm}` }, { from: seen });
    await systemClock.sleep(2_000);
    assert.equal((await places(lab, PREFIX))["b"], undefined);
  });
});
