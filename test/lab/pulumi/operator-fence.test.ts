/** `drover fence`: a host's power by its fence device, and what the cluster makes of it. The devices' password is nowhere to be read. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { places } from "../support/guests.js";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const PREFIX = "fenced-";
let project: PulumiProject;
let password: string;
const outputs: string[] = [];

before(async () => {
  await lab.start({ own: true, hosts: 3 });
  password = (await readFile(lab.host("ash").host.bmc.passwordFile, "utf8")).trim();
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  for (const { name } of lab.hosts) await lab.heal(name);
  await project.remove();
  await lab.stop();
});

/** Ash and birch have a fence device, cedar has none; three guests without an operating system. */
async function write(timeoutSeconds = 20): Promise<void> {
  const bmcs = Object.fromEntries(lab.hosts.map(({ name, host }) => [name, host.bmc]));
  await project.write(`import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const bmcs = ${JSON.stringify(bmcs)};
const fenceOf = ({ address, port }) => [{ agent: "ipmilan", timeoutSeconds: ${timeoutSeconds}, parameters: { ip: address, ipport: port, username: "admin", lanplus: true, cipher: "3", power_wait: 0 }, secrets: { password: "${password}" } }];
const hosts = ["ash", "birch", "cedar"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, connectTimeoutSeconds: 3, fence: name === "cedar" ? undefined : fenceOf(bmcs[name]) }));
const pool = new StoragePool("disks", { hosts, path: "${lab.lab.sharedPath}", shared: true });
const prod = new Cluster("prod", { hosts, onUnreachable: "plan-without" });
for (const name of ["a", "b", "c"]) new VirtualMachine(\`vm-\${name}\`, {
  cluster: prod, name: \`${PREFIX}\${name}\`, memory: "64 MiB", disks: { root: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
});
`);
}

async function well(run: Promise<Run>): Promise<Run> {
  const ended = await run;
  outputs.push(ended.output);
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

async function drover(...words: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const ended = await project.drover(...words);
  outputs.push(ended.output);
  return ended;
}

describe("drover fence", () => {
  let placed: Record<string, string> = {};
  let lost = "";

  before(async () => {
    await write();
    const shown = await well(project.preview("--diff"));
    assert.doesNotMatch(shown.output, /has no fence device[^]*has no fence device/);
    await well(project.up("--diff"));
    placed = await places(lab, PREFIX);
    lost = Object.keys(placed).find((name) => placed[name] === "birch") ?? "";
    assert.notEqual(lost, "");
  });

  it("is missed in preview for the host that has no device", async () => {
    const shown = await well(project.preview());
    assert.match(shown.output, /warning: [^\n]*prod: cedar has no fence device \(Host\.fence\); should it fall silent/);
    assert.deepEqual(told(shown), []);
    const none = await drover("fence", "cedar");
    assert.notEqual(none.code, 0);
    assert.match(none.output, /could not fence cedar: it has no fence device/);
  });

  it("says whether a host has power, by its device as the state has it", async () => {
    const asked = await drover("fence", "birch");
    assert.equal(asked.output, "birch: fence_ipmilan says on\n");
    assert.equal(asked.code, 0);
    const second = await drover("fence", "birch", "--device", "2");
    assert.match(second.output, /it has 1 fence device, and no number 2/);
    const unsure = await drover("fence", "birch", "--action", "off");
    assert.match(unsure.output, new RegExp(`birch answers, and runs ${PREFIX}${lost}[^]*there is no terminal[^]*--yes`));
    assert.deepEqual(await places(lab, PREFIX), placed, "nothing happens without a yes");
  });

  it("changes a device without touching anything else", async () => {
    await write(30);
    const run = await well(project.up("--diff"));
    assert.deepEqual(told(run).map((line) => line.replace(/:.*/, "")), ["update Host ash", "update Host birch", "update Placement prod"]);
    assert.deepEqual(await places(lab, PREFIX), placed);
  });

  it("takes no operator's word for a host that the others reach, or whose device says that it has power", async () => {
    await lab.host("cedar").check(["nft", `table ip word_cut { chain in { type filter hook input priority 0; ip saddr ${lab.lab.network.client} drop; }; }`]);
    const reached = await drover("confirm-dead", "cedar", "--yes");
    assert.notEqual(reached.code, 0);
    assert.match(reached.output, /could not take cedar for dead: its machine may live: ash reaches it: \S+ takes connections[^]*cut its power first/);
    await lab.host("cedar").check(["nft", "delete", "table", "ip", "word_cut"]);
    await lab.break("birch", "network");
    const powered = await drover("confirm-dead", "birch", "--yes");
    assert.notEqual(powered.code, 0);
    assert.match(powered.output, /could not take birch for dead: its machine may live: fence_ipmilan says that its power is on/);
    await lab.heal("birch");
    assert.deepEqual(await places(lab, PREFIX), placed);
  });

  it("does not take a host for dead whose device lies", async () => {
    await lab.break("birch", { bmc: "lying" });
    const lied = await drover("fence", "birch", "--action", "off", "--yes");
    assert.notEqual(lied.code, 0);
    assert.match(lied.output, /birch is off, says fence_ipmilan[^]*could not take birch for dead: its libvirt answers/);
    await lab.heal("birch");
  });

  it("cuts a host's power, and the next update starts its VMs elsewhere", async () => {
    const cut = await drover("fence", "birch", "--action", "off", "--yes");
    assert.equal(cut.code, 0, cut.output);
    assert.match(cut.output, /birch: fence_ipmilan: off, and its status says off\nbirch is off, says fence_ipmilan at \S+\nbirch is taken for dead, which ash, cedar keep/);
    assert.equal(await lab.host("birch").isRunning(), false);
    assert.equal((await drover("fence", "birch")).output, "birch: fence_ipmilan says off\n");
    await well(project.up());
    const now = await places(lab, PREFIX);
    assert.ok(["ash", "cedar"].includes(now[lost] ?? ""), JSON.stringify(now));
    assert.deepEqual({ ...now, [lost]: "birch" }, placed);
    const mark = await lab.host("ash").check(["sh", "-c", "for s in $(virsh -q secret-list | awk '{print $1}'); do virsh secret-get-value $s | base64 -d; done"]);
    assert.match(mark, /fence_ipmilan says that its power is off/);
  });

  it("gives it back, and the host counts as alive", async () => {
    const given = await drover("fence", "birch", "--action", "on");
    assert.equal(given.code, 0, given.output);
    assert.match(given.output, /birch has power, says fence_ipmilan/);
    const run = await well(project.up());
    assert.match(run.output, /birch answers again, though it was declared dead/);
  });

  it("has shown the password to nobody", async () => {
    const files = await readdir(join(project.folder, "state"), { recursive: true, withFileTypes: true });
    const kept = await Promise.all(files.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")));
    for (const text of [...outputs, JSON.stringify(await project.state()), ...kept]) assert.ok(!text.includes(password), text.slice(0, 2000));
    const shown = await project.command(["stack", "export", "--show-secrets"]);
    assert.ok(shown.includes(password), "the state has it, encrypted");
  });
});
