/** VMs of a cluster that somebody moved, stopped, undefined or paused by hand: what preview says, and what `up` does. */
import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { definitions, migrateByHand, movesOf, places } from "../support/guests.js";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const HOSTS = ["ash", "birch", "cedar"];
const prefix = (): string => `${lab.name("vm")}-`;
let project: PulumiProject;

before(async () => {
  await lab.start({});
  const { inHosts } = await lab.sharedFolder();
  project = await PulumiProject.create({ environment: { ...lab.lab.env }, program: `import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const hosts = ${JSON.stringify(HOSTS)}.map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\` }));
const pool = new StoragePool("disks", { hosts, name: "${lab.name("disks")}", path: "${inHosts}", shared: true });
const prod = new Cluster("prod", { hosts });
for (const name of ["moved", "halfway", "stopped", "undefined", "transient", "paused"]) new VirtualMachine(name, {
  cluster: prod, name: "${prefix()}" + name, memory: "64 MiB", disks: { root: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
});
` });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

async function well(run: Promise<Run>): Promise<Run> {
  const ended = await run;
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

/** What tells each volume from one that was made anew in its place. */
async function volumes(): Promise<Record<string, number>> {
  const { here } = await lab.sharedFolder();
  const names = (await readdir(here)).filter((name) => name.startsWith(prefix()) && name.includes("-root."));
  return Object.fromEntries(await Promise.all(names.sort().map(async (name): Promise<[string, number]> => [name, (await stat(join(here, name))).ino])));
}

/** Where the guest is, and another host. */
function fromTo(before: Record<string, string>, name: string): { readonly from: string; readonly to: string } {
  const from = before[name] ?? "";
  return { from, to: HOSTS.find((host) => host !== from) ?? "" };
}

const virsh = (host: string, words: readonly string[]): Promise<string> => lab.host(host).virsh(words);

describe("what was done behind our back", () => {
  let before: Record<string, string> = {};
  let data: Record<string, number> = {};
  let expected: Record<string, string> = {};

  it("is done", async () => {
    await well(project.up());
    before = await places(lab, prefix());
    data = await volumes();
    assert.equal(Object.keys(before).length, 6);
    const at = (name: string): { readonly from: string; readonly to: string } => fromTo(before, name);
    await migrateByHand(lab, `${prefix()}moved`, at("moved").from, at("moved").to);
    // Without its definition: that stays behind, and the guest would be gone at its next stop.
    await migrateByHand(lab, `${prefix()}halfway`, at("halfway").from, at("halfway").to, []);
    await virsh(at("stopped").from, ["destroy", `${prefix()}stopped`]);
    await virsh(at("undefined").from, ["destroy", `${prefix()}undefined`]);
    await virsh(at("undefined").from, ["undefine", `${prefix()}undefined`]);
    await virsh(at("transient").from, ["undefine", `${prefix()}transient`]);
    await virsh(at("paused").from, ["suspend", `${prefix()}paused`]);
    expected = { ...before, moved: at("moved").to, halfway: at("halfway").to };
  });

  it("is what preview goes on from: it moves nothing, and says what it starts and what stands still", async () => {
    const shown = await well(project.preview());
    assert.deepEqual(movesOf(shown), [], shown.output);
    assert.match(shown.output, new RegExp(`start stopped on ${before["stopped"] ?? ""}`));
    assert.match(shown.output, /start undefined on (ash|birch|cedar)/);
    assert.match(shown.output, new RegExp(`paused is paused on ${before["paused"] ?? ""}`));
    for (const name of ["moved", "halfway", "stopped", "undefined"]) assert.ok(told(shown).some((line) => line.startsWith(`update VirtualMachine ${name}`)), `${name}: ${told(shown).join("; ")}`);
    assert.ok(told(shown).every((line) => !line.includes("VirtualMachine paused")), shown.output);
  });

  it("stays where it is or is started again by `up`, with its data", async () => {
    await well(project.up());
    const now = await places(lab, prefix());
    expected = { ...expected, undefined: now["undefined"] ?? "nowhere" };
    assert.deepEqual(now, expected);
    assert.deepEqual(await volumes(), data, "no disk was made anew");
    for (const host of HOSTS) assert.deepEqual(await definitions(lab, host, prefix()), Object.keys(now).filter((name) => now[name] === host).sort(), `definitions on ${host}`);
    assert.equal((await virsh(now["paused"] ?? "", ["domstate", `${prefix()}paused`])).trim(), "paused");
    assert.match(await virsh(now["halfway"] ?? "", ["dominfo", `${prefix()}halfway`]), /Persistent: +yes/);
    const quiet = await well(project.preview());
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("is repaired with --refresh too, and nothing is left to say then", async () => {
    await virsh(expected["paused"] ?? "", ["resume", `${prefix()}paused`]);
    await virsh(expected["stopped"] ?? "", ["destroy", `${prefix()}stopped`]);
    await virsh(expected["undefined"] ?? "", ["destroy", `${prefix()}undefined`]);
    await virsh(expected["undefined"] ?? "", ["undefine", `${prefix()}undefined`]);
    await well(project.up("--refresh"));
    assert.deepEqual(Object.keys(await places(lab, prefix())), Object.keys(expected).sort());
    assert.deepEqual(await volumes(), data);
    for (const [name, host] of Object.entries(await places(lab, prefix()))) assert.match(await virsh(host, ["dominfo", `${prefix()}${name}`]), /Persistent: +yes/, name);
    const quiet = await well(project.preview("--refresh"));
    assert.deepEqual(told(quiet), [], quiet.output);
    assert.match(quiet.output, /prod: 6 VMs on 3 hosts, nothing to move/);
  });
});
