/** A host of a cluster that goes silent, is declared dead, and comes back: no VM runs twice, and none is lost. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hostUuidOf, type MoveEnd, type MoveRecord } from "../../../provider/apply/migrate/index.js";
import { writeJournal } from "../../../provider/apply/migrate/journal.js";
import type { DeathNote } from "../../../provider/inventory/cluster/index.js";
import { parseHostMark } from "../../../provider/inventory/cluster/mark.js";
import { lookupDomain } from "../../../provider/inventory/domains.js";
import { closeHosts, hostAt, type ConnectedHost } from "../../../provider/inventory/hosts.js";
import { copies, definitions, movesOf, places } from "../support/guests.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const PREFIX = "lost-";
let project: PulumiProject;

before(async () => {
  await lab.start({ own: true, hosts: 3 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  for (const { name } of lab.hosts) await lab.heal(name);
  await project.remove();
  await lab.stop();
});

interface Edit {
  readonly maintenance?: readonly string[];
  readonly onUnreachable?: "plan-without";
}

/** Three guests without an operating system, one for each host. */
async function write({ maintenance = [], onUnreachable }: Edit): Promise<void> {
  await project.write(`import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const maintenance = ${JSON.stringify(maintenance)};
const hosts = ["ash", "birch", "cedar"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, connectTimeoutSeconds: 3, maintenance: maintenance.includes(name) }));
const pool = new StoragePool("disks", { hosts, path: "${lab.lab.sharedPath}", shared: true });
const prod = new Cluster("prod", { hosts${onUnreachable === undefined ? "" : `, onUnreachable: "${onUnreachable}"`} });
for (const name of ["a", "b", "c"]) new VirtualMachine(\`vm-\${name}\`, {
  cluster: prod, name: \`${PREFIX}\${name}\`, memory: "64 MiB", disks: { root: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
});
`);
}

async function well(run: Promise<Run>): Promise<Run> {
  const ended = await run;
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

/** What each host that is up keeps of birch's death. */
async function wordsOfBirch(): Promise<Record<string, DeathNote>> {
  const found: Record<string, DeathNote> = {};
  for (const host of lab.hosts) {
    if (!await host.isRunning()) continue;
    const [secret = ""] = (await host.virsh(["secret-list"])).trim().split(/\s/);
    const mark = parseHostMark(Buffer.from(await host.virsh(["secret-get-value", secret]), "base64").toString("utf8"));
    const word = mark.hosts.find(({ name }) => name === "birch")?.confirmedDead;
    if (word !== undefined) found[host.name] = word;
  }
  return found;
}

function startsOf(run: Run): Readonly<Record<string, string>> {
  return (run.changes.find(({ kind }) => kind === "Placement")?.inputs["plan"] as { readonly starts: Readonly<Record<string, string>> } | undefined)?.starts ?? {};
}

describe("a host that does not answer", () => {
  let placed: Record<string, string> = {};
  let lost = "";

  before(async () => {
    await write({});
    await well(project.up());
    placed = await places(lab, PREFIX);
    assert.deepEqual(Object.values(placed).sort(), ["ash", "birch", "cedar"]);
    lost = Object.keys(placed).find((name) => placed[name] === "birch") ?? "";
  });

  it("is an error in preview that says what to do", async () => {
    await lab.break("birch", "network");
    const refused = await project.preview();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /could not read the hosts of cluster prod on birch[^]*next: bring birch back; or say onUnreachable: "plan-without"[^]*drover confirm-dead[^]*Nothing was changed/);
  });

  it('is left out of the plan by onUnreachable: "plan-without", and its VMs stay where they were last seen', async () => {
    await write({ onUnreachable: "plan-without", maintenance: ["ash"] });
    const run = await well(project.up());
    assert.match(run.output, /birch does not answer: its VMs stay where they were last seen, and are started nowhere else/);
    assert.deepEqual(movesOf(run).map(({ from, to }) => `${from} ${to}`), ["ash cedar"], run.output);
    assert.deepEqual(startsOf(run), {});
    assert.deepEqual(run.changes.filter(({ kind, name }) => kind === "VirtualMachine" && name === `vm-${lost}`), [], "nothing is done about the VM that is not seen");
    const moved = Object.fromEntries(Object.entries(placed).map(([name, host]) => [name, host === "ash" ? "cedar" : host]));
    assert.deepEqual(await places(lab, PREFIX), moved);
    placed = moved;
  });

  it("is not taken for dead while anything of it answers", async () => {
    await lab.heal("birch");
    const lives = await project.drover("confirm-dead", "birch", "--yes");
    assert.notEqual(lives.code, 0);
    assert.match(lives.output, /could not take birch for dead: its libvirt answers/);
    const pid = (await lab.host("birch").check(["pgrep", "-x", "libvirtd"])).trim();
    await lab.host("birch").check(["kill", "-KILL", pid]);
    await eventually("the end of libvirtd", async () => ((await lab.host("birch").exec(["pgrep", "-x", "libvirtd"])).code === 0 ? undefined : true));
    const machine = await project.drover("confirm-dead", "birch", "--yes");
    assert.notEqual(machine.code, 0, machine.output);
    assert.match(machine.output, /could not take birch for dead: its machine may live[^]*cut its power first/);
    const guests = (await lab.host("birch").check(["pgrep", "-fc", `guest=${PREFIX}${lost}`])).trim();
    assert.equal(guests, "1", "the guest runs on without its daemon");
  });

  it("keeps its VMs while it is off and nobody has said that it is dead", async () => {
    await lab.break("birch");
    const run = await well(project.up());
    assert.deepEqual(told(run), [], "nothing to do");
    assert.equal((await copies(lab, PREFIX))[lost], undefined, "its guest runs nowhere");
    const status = await project.drover("status");
    assert.equal(status.code, 0, status.output);
    assert.match(status.output, /birch +│ does not answer/);
  });

  it("keeps no command going round for ever that finds a move to it which was cut off", async () => {
    const [vm = "", host = ""] = Object.entries(placed).find(([name]) => name !== lost) ?? [];
    Object.assign(process.env, lab.lab.env);
    const at = (name: string): ConnectedHost => hostAt({ name, uri: `qemu+ssh://root@${name}/system`, owner: "o" });
    const end = (name: string, hostUuid: string): MoveEnd => ({ name, uri: at(name).address.uri, hostUuid });
    const domain = await lookupDomain(at(host), { name: `${PREFIX}${vm}` });
    assert.ok(domain !== undefined);
    const journal: MoveRecord = { id: "m", run: "r", from: end(host, await hostUuidOf(at(host))), to: end("birch", "00000000-0000-0000-0000-000000000001"), begun: "2026-01-01T00:00:00Z" };
    await writeJournal(at(host), domain, journal);
    const balanced = await project.drover("balance", "--yes");
    assert.equal(balanced.code, 0, balanced.output);
    assert.match(balanced.output, new RegExp(`a move of vm-${vm} from ${host} to birch was cut off, and birch does not answer: vm-${vm} stays as it is`));
    await writeJournal(at(host), domain, undefined);
    await closeHosts();
  });

  it("gives its VMs to the others once it is declared dead", async () => {
    const confirmed = await project.drover("confirm-dead", "birch", "--yes");
    assert.equal(confirmed.code, 0, confirmed.output);
    assert.match(confirmed.output, /birch is taken for dead, which ash, cedar keep/);
    const spoken = await wordsOfBirch();
    assert.deepEqual(Object.keys(spoken), ["ash", "cedar"]);
    assert.deepEqual(spoken["ash"], spoken["cedar"], "one word, on every host");
    assert.match(spoken["ash"]?.boot ?? "", /^[0-9a-f-]{36}\.[0-9]+$/);
    assert.ok(spoken["ash"]?.until !== undefined, "nobody has acted by it yet");
    const run = await well(project.up());
    assert.match(run.output, /birch was declared dead: its VMs are started elsewhere/);
    const { until: _until, ...acted } = spoken["ash"];
    assert.deepEqual(await wordsOfBirch(), { ash: acted, cedar: acted }, "from now on it stands until birch answers");
    assert.deepEqual(startsOf(run), { [`vm-${lost}`]: "cedar" }, run.output);
    assert.deepEqual(movesOf(run), []);
    assert.deepEqual(await places(lab, PREFIX), { ...placed, [lost]: "cedar" });
    assert.match((await project.drover("status")).output, /birch +│ declared dead/);
  });

  it("comes back: no VM runs twice, what it had left of them goes, and it counts as alive", async () => {
    await lab.heal("birch");
    assert.deepEqual(await definitions(lab, "birch", PREFIX), [lost], "the machine still has the definition, which does not start by itself");
    assert.match((await project.drover("status")).output, /birch +│ quarantined/);
    const before = await places(lab, PREFIX);
    const run = await well(project.up());
    assert.match(run.output, /birch answers again, though it was declared dead/);
    assert.match(run.output, new RegExp(`vm-${lost} is defined on birch too, where it does not run`));
    assert.deepEqual(movesOf(run), []);
    assert.deepEqual(await places(lab, PREFIX), before);
    assert.deepEqual(await definitions(lab, "birch", PREFIX), []);
    const quiet = await well(project.preview());
    assert.deepEqual(told(quiet), [], quiet.output);
    assert.match(quiet.output, /prod: 3 VMs on 3 hosts, nothing to move/);
  });

  it("is not taken for dead on the old word when it is silent once more", async () => {
    await lab.break("birch");
    const shown = await well(project.preview());
    assert.match(shown.output, /birch does not answer/);
    assert.doesNotMatch(shown.output, /declared dead/);
  });

  it("is not dead by a word either while its machine answers, whatever its libvirt does", async () => {
    const confirmed = await project.drover("confirm-dead", "birch", "--yes");
    assert.equal(confirmed.code, 0, confirmed.output);
    assert.match((await project.drover("status")).output, /birch +│ declared dead/);
    await lab.heal("birch");
    const pid = (await lab.host("birch").check(["pgrep", "-x", "libvirtd"])).trim();
    await lab.host("birch").check(["kill", "-STOP", pid]);
    assert.match((await project.drover("status")).output, /birch +│ does not answer/);
    await lab.host("birch").check(["kill", "-CONT", pid]);
  });

  it("is not dead by a word that an operator's command found it alive after, though no update ran in between", async () => {
    const balanced = await project.drover("balance", "--yes");
    assert.equal(balanced.code, 0, balanced.output);
    for (const { answered } of Object.values(await wordsOfBirch())) assert.ok(answered !== undefined);
    await lab.break("birch");
    const shown = await well(project.preview());
    assert.match(shown.output, /birch does not answer/);
    assert.doesNotMatch(shown.output, /declared dead/);
  });

  it("holds no VM and no cluster in the state once it is declared dead, though no update came between", async () => {
    assert.equal((await project.drover("confirm-dead", "birch", "--yes")).code, 0);
    const run = await project.destroy();
    assert.notEqual(run.code, 0, "its part of the pool is on it still");
    assert.deepEqual((await project.state()).filter(({ type }) => /:(VirtualMachine|Placement)$/.test(type)), [], run.output);
    assert.deepEqual(await copies(lab, PREFIX), {});
  });
});
