/** When the list of a cluster's VMs is complete, and what is not known of them in a preview, through the real `pulumi`. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
let project: PulumiProject;

before(async () => {
  // A lab of its own: `up` stops, and rightly so, when what others run on the hosts changes between its preview and its update.
  await lab.start({ own: true, hosts: 2 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

/** VMs that do not run need no room, and are placed all the same. */
async function write(body: string, settings = ""): Promise<void> {
  await project.write(`import { setTimeout as pause } from "node:timers/promises";
import { Cluster, Disk, Host, StoragePool, VirtualMachine } from "drover";
const hosts = ["ash", "birch"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\` }));
const pool = new StoragePool("disks", { hosts: hosts.slice(0, 1), name: "${lab.name("disks")}", path: "/var/lib/libvirt/images/${lab.name("disks")}" });
const cluster = new Cluster("prod", { hosts, ${settings} });
const vm = (name, more = {}) => new VirtualMachine(name, { cluster, name: \`${lab.name("")}\${name}\`, memory: "64 MiB", running: false, ...more });
${body}
`);
}

const hostOf = ({ steps }: Run, name: string): unknown => (steps.find((step) => step.kind === "VirtualMachine" && step.name === name)?.inputs["host"] as { readonly name: unknown } | undefined)?.name;

const AWAITS = 'vm("one"); await pause(50); vm("two");';

describe("the roster of a cluster", () => {
  it("is closed by the program that awaits between its VMs", async () => {
    await write(`${AWAITS} await pause(50); cluster.close();`, 'roster: "manual"');
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.ok([hostOf(run, "one"), hostOf(run, "two")].every((host) => host === "ash" || host === "birch"), run.output);
  });

  it("names a VM that enlists late, and a roster that is never closed, and says what to do", async () => {
    // Long enough for a machine that is busy: a VM that comes before the list has closed is not late.
    await write(AWAITS.replace("50", "5000"));
    const late = await project.preview();
    assert.notEqual(late.code, 0, late.output);
    assert.match(late.output, /could not declare VM two in cluster prod: [^]*make the cluster with roster: "manual", and call cluster\.close\(\) after its last VM/);

    await write(AWAITS, 'roster: "manual"');
    const open = await project.preview();
    assert.notEqual(open.code, 0, open.output);
    assert.match(open.output, /cluster prod[^]*cluster\.close\(\)/);
  });
});

describe("a VM of a cluster whose memory is another resource's output", () => {
  const third = 'const disk = new Disk("data", { pool, size: "1 MiB", format: "raw" }); vm("one"); vm("two"); vm("three", { memory: disk.id.apply(() => "96 MiB") });';

  it("is placed in `up`, which preview says", async () => {
    await write(third);
    const shown = await project.preview();
    assert.equal(shown.code, 0, shown.output);
    assert.match(shown.output, /three is placed in `up`: something of it is not known yet/);
    const run = await project.run("up", ["--yes"]);
    assert.equal(run.code, 0, run.output);
    assert.match(await memoryOf("three"), /98304/);
    const quiet = await project.preview();
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("ends in an error that says so when it is an output of the cluster's own VMs", async () => {
    await write('const one = vm("one"); vm("two", { memory: one.runsOn.apply((host) => (host === "ash" ? "64 MiB" : "96 MiB")) });');
    const cyclic = await project.preview();
    assert.notEqual(cyclic.code, 0, cyclic.output);
    assert.match(cyclic.output, /cluster prod[^]*memory of VM two/);
  });
});

async function memoryOf(name: string): Promise<string> {
  const all = await Promise.all(["ash", "birch"].map((host) => lab.host(host).exec(["virsh", "--quiet", "dumpxml", lab.name(name)])));
  return all.map(({ stdout }) => /<memory unit='KiB'>\d+/.exec(stdout)?.[0] ?? "").join("");
}
