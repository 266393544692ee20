/** A cluster through the real `pulumi`: VMs are placed in preview, stay where they are, and are moved live when a host is to be empty. */
import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { definitions, isOnItsWay, migrateByHand } from "../support/guests.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run, type StartedRun } from "../support/pulumi.js";

const HOSTS = ["ash", "birch", "cedar"];

const lab = new TestLab();
let project: PulumiProject;

before(async () => {
  // Guests of others that come and go would change what a plan that was saved rests on.
  await lab.start({ own: true, hosts: 3 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

/** Guests without an operating system: where they run is what is looked at. */
interface Edit {
  /** Hosts in maintenance. */
  readonly maintenance?: readonly string[];
  readonly label?: string;
  readonly rule?: string;
  /** So that a move takes some seconds. */
  readonly slow?: boolean;
}

async function write({ maintenance = [], label = "web", slow = false, rule = '{ kind: "separate", vms: web, hard: false }' }: Edit): Promise<void> {
  const { inHosts } = await lab.sharedFolder();
  await project.write(`import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const hosts = ["ash", "birch", "cedar"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, maintenance: ${JSON.stringify(maintenance)}.includes(name) }));
const pool = new StoragePool("disks", { hosts, name: "${lab.name("disks")}", path: "${inHosts}", shared: true });
const prod = new Cluster("prod", { hosts${slow ? ", migration: { mbps: 9 }" : ""} });
const web = Array.from({ length: 3 }, (_, i) => new VirtualMachine(\`web-\${i}\`, {
  cluster: prod, name: \`${lab.name("web")}-\${i}\`, memory: "64 MiB", labels: { app: "${label}" }, disks: { root: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } },
  shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
}));
prod.rule("apart", ${rule});
`);
}

async function preview(edit: Edit): Promise<Run> {
  await write(edit);
  const run = await project.preview();
  assert.equal(run.code, 0, run.output);
  return run;
}

/** Host of each running VM of the test. */
async function places(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const host of ["ash", "birch", "cedar"]) {
    for (const line of (await lab.host(host).virsh(["list", "--name"])).split("\n")) {
      if (!line.startsWith(lab.name("web"))) continue;
      assert.equal(found[line], undefined, `${line} runs on ${String(found[line])} and ${host}`);
      found[line] = host;
    }
  }
  return found;
}

describe("a cluster", () => {
  let before: Record<string, string> = {};

  it("shows in the first preview where each VM goes, and `up` puts it there", async () => {
    const first = await preview({});
    const shown: Record<string, string> = Object.fromEntries(first.steps.filter(({ kind }) => kind === "VirtualMachine").map(({ inputs }) => [String(inputs["name"]), (inputs["host"] as { readonly name: string }).name]));
    assert.deepEqual(Object.values(shown).sort(), ["ash", "birch", "cedar"], first.output);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    before = await places();
    assert.deepEqual(before, shown);
  });

  it("is quiet when nothing changed, and an edit of a label moves nothing", async () => {
    const quiet = await preview({});
    assert.deepEqual(told(quiet), [], quiet.output);
    assert.match(quiet.output, /prod: 3 VMs on 3 hosts, nothing to move/);
    const labelled = await preview({ label: "shop" });
    assert.deepEqual((labelled.changes.find(({ kind }) => kind === "Placement")?.inputs["plan"] as { readonly moves: unknown[] }).moves, []);
    assert.equal((await project.up()).code, 0);
    assert.deepEqual(await places(), before);
  });

  it("empties a host in maintenance by the moves that preview showed", async () => {
    const shown = await preview({ label: "shop", maintenance: ["ash"] });
    const name = Object.keys(before).find((each) => before[each] === "ash") ?? "";
    assert.match(shown.output, new RegExp(`move web-\\d +ash +→ (birch|cedar)`), name);
    const { moves } = shown.changes.find(({ kind }) => kind === "Placement")?.inputs["plan"] as { readonly moves: readonly unknown[] };
    assert.equal(moves.length, 1);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const now = await places();
    const [, to] = new RegExp(`move ${name.slice("cluster-".length)} +ash +→ (birch|cedar)`).exec(run.output) ?? [];
    assert.deepEqual(now, { ...before, [name]: to }, run.output);
    const quiet = await project.preview();
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("stops before its first move when a guest was moved by hand while it asked, and converges then", async () => {
    await write({ label: "shop" });
    const [moving, ...others] = await byHost();
    const terminal = project.atTerminal("up");
    await terminal.shows("Do you want to perform");
    const other = others.find(([, host]) => host === "cedar") ?? others[0];
    assert.ok(moving !== undefined && other !== undefined);
    await migrateByHand(lab, other[0], other[1], "ash");
    const now = await places();
    terminal.type("yes\r");
    const output = await terminal.ended;
    assert.match(output, /what it rests on has changed/);
    assert.match(output, new RegExp(`${other[0]} runs on ash, not on ${other[1]} any more`));
    assert.deepEqual(await places(), now);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual((await byHost()).map(([, host]) => host), ["ash", "birch", "cedar"]);
    assert.deepEqual(told(await project.preview("--refresh")), []);
  });

  it("keeps a plan that was saved, and refuses it when something has changed", async () => {
    const plan = join(project.folder, "plan.json");
    await write({ label: "shop", maintenance: ["birch"] });
    assert.equal((await project.preview("--save-plan", plan)).code, 0);
    const run = await project.up("--plan", plan);
    assert.equal(run.code, 0, run.output);
    assert.deepEqual((await byHost()).map(([, host]) => host).includes("birch"), false);
    await write({ label: "shop" });
    assert.equal((await project.preview("--save-plan", plan)).code, 0);
    const [some] = await byHost();
    assert.ok(some !== undefined);
    await migrateByHand(lab, some[0], some[1], "birch");
    const now = await places();
    const refused = await project.up("--plan", plan);
    assert.notEqual(refused.code, 0, refused.output);
    assert.match(refused.output, /violates plan/);
    assert.deepEqual(await places(), now);
    assert.equal((await project.up()).code, 0);
  });

  it("says in preview what does not go together, and touches nothing", async () => {
    const now = await places();
    await write({ label: "shop", maintenance: ["ash"], rule: '{ kind: "fence", vms: web, hosts: ["ash"] }' });
    const run = await project.preview();
    assert.notEqual(run.code, 0);
    assert.match(run.output, /could not place the VMs of cluster prod: these do not go together:[^]*ash/);
    assert.deepEqual(await places(), now);
  });

  it("goes on where a run was killed in the middle of a move", async () => {
    const now = await byHost();
    const [leaving] = now;
    assert.ok(leaving !== undefined);
    await write({ label: "shop", maintenance: [leaving[1]] });
    const killed = await project.start("up", ["--yes", "--skip-preview"]);
    await eventually("a move that has begun", () => Promise.resolve(killed.output.includes(`moving web-`) ? true : undefined), 60_000);
    killed.kill();
    await killed.ended;
    await eventually("the provider's end", async () => ((await project.processes()).some(({ command }) => command.includes("dynamic-provider")) ? undefined : true), 60_000);
    await project.command(["cancel", "--yes"]);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.equal(Object.keys(await places()).length, 3);
    assert.ok(Object.values(await places()).every((host) => host !== leaving[1]));
    await eachDefinedOnce();
    assert.deepEqual(told(await project.preview("--refresh")), []);
  });

  it("leaves a guest where it is by Ctrl-C in the middle of its move, and moves it by the next run", async () => {
    const now = await places();
    const [name, host] = await oneThatMoves();
    const run = await project.start("up", ["--yes", "--skip-preview"]);
    await moves(run, name, host);
    run.interrupt();
    const { code, output } = await run.ended;
    assert.notEqual(code, 0, output);
    assert.deepEqual(await places(), now, output);
    await eachDefinedOnce();
    assert.match(await lab.host(host).virsh(["domstate", name]), /running/);
    await write({ label: "shop", maintenance: [host] });
    const next = await project.up();
    assert.equal(next.code, 0, next.output);
    assert.ok(!Object.values(await places()).includes(host), next.output);
    assert.equal(Object.keys(await places()).length, 3);
  });

  it("is destroyed by the run after one that was killed, with all of its processes, in the middle of a move", async () => {
    await write({ label: "shop" });
    const back = await project.up();
    assert.equal(back.code, 0, back.output);
    const [name, host] = await oneThatMoves();
    const killed = await project.start("up", ["--yes", "--skip-preview"]);
    await moves(killed, name, host);
    for (const { pid } of await project.processes()) process.kill(pid, "SIGKILL");
    await killed.ended;
    await project.command(["cancel", "--yes"]);
    const gone = await project.destroy();
    assert.equal(gone.code, 0, gone.output);
    for (const host of HOSTS) assert.deepEqual(await definitions(lab, host, lab.name("web")), [], `definitions on ${host}`);
    const { inHosts } = await lab.sharedFolder();
    assert.equal((await lab.host("ash").check(["ls", inHosts])).trim(), "", "its disks are gone too");
  });
});

/** Edits the program so that a host is to be emptied slowly. @returns a guest of it, and the host */
async function oneThatMoves(): Promise<[string, string]> {
  const [leaving] = await byHost();
  assert.ok(leaving !== undefined);
  await write({ label: "shop", maintenance: [leaving[1]], slow: true });
  return leaving;
}

/** Waits until libvirt copies a guest's memory. */
async function moves(run: StartedRun, name: string, from: string): Promise<void> {
  await Promise.race([
    eventually(`a move of ${name}`, () => isOnItsWay(lab, from, name), 60_000),
    run.ended.then(({ output }) => { throw new Error(`it ended before: ${output}`); }),
  ]);
}

async function eachDefinedOnce(): Promise<void> {
  const now = await places();
  const prefix = lab.name("web");
  for (const host of HOSTS) assert.deepEqual(await definitions(lab, host, prefix), Object.keys(now).filter((name) => now[name] === host).map((name) => name.slice(prefix.length)).sort(), `definitions on ${host}`);
}

/** Guests and their hosts, in the order of the hosts' names. */
async function byHost(): Promise<[string, string][]> {
  return Object.entries(await places()).sort(([, a], [, b]) => (a < b ? -1 : 1));
}
