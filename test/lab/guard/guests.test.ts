/** What a guard does about guests' own troubles: an order of restarts, watchdogs, shutdowns, storage that is full. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { CopyChecker } from "../support/copies.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject, type Run } from "../support/pulumi.js";
import { Undo } from "../support/undo.js";

const lab = new TestLab();
const PREFIX = "ailing-";
const HOST = "ash";
/** A file system of the host that is soon full. */
const SMALL = "/run/small";
let project: PulumiProject;
let guard: RunningGuard;
const undo = new Undo();

/** What a test changes of the program. */
interface Edit {
  /** More of `ha` by VM. */
  readonly ha?: Readonly<Record<string, object>>;
  /** VMs on the file system that gets full run. */
  readonly thin?: boolean;
  /** Two VMs with so much memory each. */
  readonly largeMib?: number;
}

function program({ ha = {}, thin = false, largeMib = 0 }: Edit = {}): string {
  return `import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const more = ${JSON.stringify(ha)};
const hosts = ["ash", "birch"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, connectTimeoutSeconds: 3 }));
const pool = new StoragePool("disks", { hosts, path: "${lab.lab.sharedPath}", shared: true });
const small = new StoragePool("small", { hosts: hosts.slice(0, 1), path: "${SMALL}" });
const tiny = new Image("tiny", { pool: small, source: "${lab.lab.images.tiny}" });
const cluster = new Cluster("prod", { hosts, guard: { directory: "${project.folder}/record" } });
const vm = (name, ha, args = {}) => new VirtualMachine(name, {
  cluster, name: \`${PREFIX}\${name}\`, memory: "64 MiB", disks: { root: { pool, size: "8 MiB" } }, pin: "ash",
  shutdown: { timeoutSeconds: 1, onTimeout: "power-off" }, ...args, ha: { ...ha, ...more[name] },
});
const db = vm("db", { priority: 10 });
vm("web", { priority: 90, dependsOn: [db] });
vm("looked-at", {}, { watchdog: { model: "ib700", action: "pause" } });
vm("ended", {}, { watchdog: { model: "ib700", action: "poweroff" } });
vm("wish", {}, { watchdog: {} });
vm("always", { onShutdown: "restart" });
if (${largeMib} > 0) for (const priority of [10, 90]) vm(\`large-\${priority}\`, { priority }, { memory: "${largeMib} MiB" });
for (const [name, onStorageError] of [["goes-on", "resume"], ["anew", "kill"], ["left", "leave"]]) {
  vm(name, { onStorageError }, { memory: "128 MiB", disks: { root: { image: tiny } }, running: ${String(thin)} });
}
`;
}

async function well(run: Promise<Run>): Promise<Run> {
  const ended = await run;
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

async function up(edit: Edit = {}): Promise<Run> {
  await project.write(program(edit));
  return await well(project.up());
}

const host = (): ReturnType<TestLab["host"]> => lab.host(HOST);
const virsh = (...words: readonly string[]): Promise<string> => host().virsh(words);
const stateOf = async (vm: string): Promise<string> => (await virsh("domstate", "--reason", PREFIX + vm)).trim();
/** An access to the guest's hardware by the port that a driver in it would use. */
const port = (vm: string, width: "b" | "h", address: string, value: string): Promise<string> => virsh("qemu-monitor-command", PREFIX + vm, "--hmp", `o/${width} ${address} ${value}`);
/** A guest's own way to switch itself off: ACPI's sleep state S5. */
const powerOffInside = (vm: string): Promise<string> => port(vm, "h", "0x604", "0x2000");
/** The shortest time of the watchdog ib700, two seconds, and nobody feeds it. */
const startWatchdog = (vm: string): Promise<string> => port(vm, "b", "0x443", "0xe");

async function qemu(vm: string): Promise<string> {
  return (await host().check(["pgrep", "-f", `guest=${PREFIX}${vm},`])).trim();
}

async function isState(vm: string, pattern: RegExp): Promise<void> {
  let last = "";
  await eventually(`${vm} as ${String(pattern)}`, async () => {
    last = await stateOf(vm);
    return pattern.test(last) ? true : undefined;
  }).catch((error: unknown) => { throw new Error(`${vm} is ${last}\n${guard.story()}`, { cause: error }); });
}

before(async () => {
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 2 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  undo.later(() => project.remove());
  await host().check(["mkdir", "-p", SMALL]);
  await host().check(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", SMALL]);
  await up();
  const checker = new CopyChecker(lab.lab, PREFIX);
  guard = new RunningGuard(project.folder, project.environment, ["--set", ...QUICK]);
  undo.later(() => guard.stop());
  undo.later(() => checker.end(["db", "web", "looked-at", "ended", "goes-on", "anew"], guard.story()));
  await guard.tells("leader");
  await systemClock.sleep(1_000);
});
after(() => undo.all());

describe("guests that depend on others", () => {
  it("are refused in preview where the cluster has no such VM, or they wait for each other", async () => {
    await project.write(program({ ha: { wish: { dependsOn: ["nobody"] } } }));
    const unknown = await project.preview();
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.output, /restart VM wish of cluster prod after nobody/);
    await project.write(program({ ha: { db: { dependsOn: ["web"] } } }));
    const circle = await project.preview();
    assert.notEqual(circle.code, 0);
    assert.match(circle.output, /db → web → db|web → db → web/);
  });

  it("start after them, though they are more important", async () => {
    const seen = guard.events.length;
    await host().check(["kill", "-KILL", await qemu("web"), await qemu("db")]);
    await guard.tells("guest-restarted", { vm: "web" }, { from: seen });
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind === "guest-restarted").map(({ vm }) => vm), ["db", "web"], guard.story());
  });

  it("wait for one that does not start, say so, and wait no longer once it was given up", async () => {
    const seen = guard.events.length;
    const disk = (await virsh("domblklist", `${PREFIX}db`)).split(/\s+/).find((word) => word.startsWith("/")) ?? "";
    await host().check(["mv", disk, `${disk}.gone`]);
    try {
      await host().check(["kill", "-KILL", await qemu("web"), await qemu("db")]);
      assert.match((await guard.tells("guest-waits", { vm: "web" }, { from: seen })).text, /it waits for db/);
      await guard.tells("guest-restarted", { vm: "web" }, { from: seen });
      const told = guard.events.slice(seen).map(({ kind, vm }) => `${kind} ${vm ?? ""}`);
      assert.ok(told.indexOf("guest-given-up db") >= 0 && told.indexOf("guest-given-up db") < told.indexOf("guest-restarted web"), guard.story());
    } finally {
      await host().check(["mv", `${disk}.gone`, disk]);
    }
    await up();
  });
});

describe("two guests of which only one has a place by now", () => {
  it("are not both started: the more important one is, and the other once there is room", async () => {
    const [, totalKib = "0"] = /Memory size: +(\d+) KiB/.exec(await virsh("nodeinfo")) ?? [];
    // Memory that a guest without an operating system never touches.
    const largeMib = Math.floor((Number(totalKib) / 1024) * 0.4);
    await up({ largeMib });
    await systemClock.sleep(2_000);
    const load = `${PREFIX}load`;
    const definition = (await virsh("dumpxml", "--inactive", `${PREFIX}large-10`)).replace(/<uuid>[^<]*<\/uuid>/, "").replace(/<name>[^<]*<\/name>/, `<name>${load}</name>`).replace(/<metadata>[^]*<\/metadata>/, "").replace(/<devices>[^]*<\/devices>/, "<devices/>").replace(/<os[^]*<\/os>/, "<os><type>hvm</type></os>");
    const seen = guard.events.length;
    await host().virsh(["create", "/dev/stdin"], definition);
    await host().check(["kill", "-KILL", await qemu("large-10"), await qemu("large-90")]);
    await guard.tells("guest-restarted", { vm: "large-90" }, { from: seen });
    assert.match((await guard.tells("guest-waits", { vm: "large-10" }, { from: seen })).text, /no place for it now/);
    await systemClock.sleep(2_000);
    await isState("large-10", /shut off|crashed/);
    await virsh("destroy", load);
    await guard.tells("guest-restarted", { vm: "large-10" }, { from: seen });
    await up();
  });
});

describe("a guest whose watchdog fired", () => {
  it("is started anew where the watchdog paused it", async () => {
    const before = await qemu("looked-at");
    const seen = guard.events.length;
    await startWatchdog("looked-at");
    await guard.tells("guest-paused", { vm: "looked-at" }, { from: seen });
    await guard.tells("guest-killed", { vm: "looked-at" }, { from: seen });
    assert.equal((await guard.tells("guest-restarted", { vm: "looked-at" }, { from: seen })).host, HOST);
    assert.notEqual(await qemu("looked-at"), before);
  });

  it("is started anew where the watchdog ended it", async () => {
    const seen = guard.events.length;
    await startWatchdog("ended");
    assert.equal((await guard.tells("guest-restarted", { vm: "ended" }, { from: seen })).host, HOST);
  });
});

describe("a guest that was shut down", () => {
  it("from inside stays down, or is restarted where its program wants that", async () => {
    const seen = guard.events.length;
    await powerOffInside("wish");
    await powerOffInside("always");
    await guard.tells("guest-restarted", { vm: "always" }, { from: seen });
    await systemClock.sleep(1_500);
    assert.match(await stateOf("wish"), /shut off \(shutdown\)/);
    assert.deepEqual(guard.events.slice(seen).filter(({ vm }) => vm === "wish"), []);
  });

  it("stays down where a person cut its power", async () => {
    const seen = guard.events.length;
    await virsh("destroy", `${PREFIX}always`);
    await systemClock.sleep(2_000);
    assert.match(await stateOf("always"), /shut off \(destroyed\)/);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind.startsWith("guest")), [], guard.story());
  });

  it("is neither restarted nor replaced for another wish, which holds from then on", async () => {
    await up();
    const before = await Promise.all(["wish", "db", "web"].map(qemu));
    const ha = { wish: { onShutdown: "restart", onStorageError: "leave", priority: 20 }, web: { dependsOn: [] } };
    const run = await up({ ha });
    assert.doesNotMatch(run.output, /replace|delete/);
    assert.deepEqual(await Promise.all(["wish", "db", "web"].map(qemu)), before);
    await guard.tells("leader");
    await systemClock.sleep(1_500);
    const seen = guard.events.length;
    await powerOffInside("wish");
    await guard.tells("guest-restarted", { vm: "wish" }, { from: seen });
  });
});

describe("a guest that is paused", () => {
  it("by a person is left so", async () => {
    const seen = guard.events.length;
    await virsh("suspend", `${PREFIX}db`);
    await systemClock.sleep(2_000);
    assert.match(await stateOf("db"), /paused \(user\)/);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind.startsWith("guest")), [], guard.story());
    await virsh("resume", `${PREFIX}db`);
  });

  it("by storage that is full goes on, starts anew or is left, as its program says, once there is room", async () => {
    const seen = guard.events.length;
    await host().exec(["dd", "if=/dev/zero", `of=${SMALL}/filler`, "bs=64k"]);
    await up({ thin: true });
    for (const vm of ["goes-on", "anew", "left"]) await guard.tells("guest-paused", { vm }, { from: seen, seconds: 90 });
    assert.match((await guard.tells("guest-waits", { vm: "goes-on" }, { from: seen })).text, /its storage is not back/);
    await guard.tells("guest-killed", { vm: "anew" }, { from: seen });
    const running = await qemu("goes-on");
    await host().check(["rm", `${SMALL}/filler`]);
    await guard.tells("guest-resumed", { vm: "goes-on" }, { from: seen, seconds: 90 });
    assert.equal(await qemu("goes-on"), running);
    await guard.tells("guest-restarted", { vm: "anew" }, { from: seen });
    await systemClock.sleep(3_000);
    await isState("goes-on", /running/);
    await isState("anew", /running/);
    assert.match(await stateOf("left"), /paused \(I\/O error\)/);
  });
});
