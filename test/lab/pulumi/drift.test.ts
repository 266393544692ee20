import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
let project: PulumiProject;

before(async () => {
  await lab.start({});
  project = await PulumiProject.create({ program: program(), environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

const vm = (): string => lab.name("vm");
const folder = (): string => `/var/lib/libvirt/images/${lab.name("pool")}`;

/** A guest without an operating system: its firmware runs for ever, and deaf to ACPI. */
function program(recreate = ""): string {
  return `import { Disk, Host, StoragePool, VirtualMachine } from "drover";
const host = new Host("birch", { uri: "qemu+ssh://root@birch/system" });
const pool = new StoragePool("${lab.name("pool")}", { hosts: [host], path: "${folder()}" });
const data = new Disk("data", { pool, size: "1 MiB"${recreate} });
new VirtualMachine("${vm()}", { host, memory: "64 MiB", disks: { data: { disk: data }, own: { pool, size: "4 MiB"${recreate} } },
  nics: { lan: { bridge: "br0" }, more: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
`;
}

const virsh = (...words: readonly string[]): Promise<string> => lab.host("birch").virsh(words);

/** What Pulumi shows beside a resource in a run: the names of what differs. */
function shown({ output }: Run, name: string): string {
  return new RegExp(`${name} .*\\[diff: ([^\\]]*)\\]`).exec(output)?.[1] ?? "";
}

describe("what somebody changed by virsh", () => {
  it("is shown by preview --refresh and refresh with the properties' names, and put right by up", async () => {
    const made = await project.up();
    assert.equal(made.code, 0, made.output);
    const mac = /(52:\S+)/.exec(await virsh("domiflist", vm()))?.[1] ?? "";
    await virsh("destroy", vm());
    // More memory by an edited definition: libvirt refuses `setmaxmem` of a domain with NUMA cells.
    await lab.host("birch").virsh(["define", "/dev/stdin"], (await virsh("dumpxml", "--inactive", vm())).replaceAll("65536", "98304"));
    await virsh("detach-interface", vm(), "bridge", "--mac", mac, "--config");

    const preview = await project.preview("--refresh");
    assert.deepEqual(told(preview), [`update VirtualMachine ${vm()}: memory, nics, running`], preview.output);
    const refreshed = await project.refresh();
    assert.equal(refreshed.code, 0, refreshed.output);
    for (const property of ["memory", "nics", "running"]) assert.match(shown(refreshed, vm()), new RegExp(`\\b${property}\\b`), refreshed.output);

    const righted = await project.up();
    assert.deepEqual([righted.code, told(righted)], [0, told(preview)], righted.output);
    assert.match(await virsh("domstate", vm()), /running/);
    assert.match(await virsh("dumpxml", vm()), /<currentMemory unit='KiB'>65536</);
    assert.match(await virsh("domiflist", vm()), new RegExp(mac));
  });

  it("is an error when it is the end of a disk, until recreate: true", async () => {
    await virsh("destroy", vm());
    const lost = ["data.qcow2", `${vm()}-own.qcow2`];
    await lab.host("birch").check(["rm", ...lost.map((name) => `${folder()}/${name}`)]);
    const refused = await project.up("--refresh", "--continue-on-error");
    assert.notEqual(refused.code, 0);
    for (const name of lost) assert.match(refused.output, new RegExp(`volume ${name} .*is gone`));
    assert.match(refused.output, /disk data is gone[^\n]*recreate: true in its Disk/);
    assert.match(refused.output, /disk own is gone[^\n]*recreate: true in disks\.own/);
    assert.match(refused.output, /could not use volume data\.qcow2[^]*it has held data and is not there any more[^]*recreate: true/);
    assert.equal((await lab.host("birch").check(["ls", folder()])).split("\n").filter((name) => lost.includes(name)).length, 0);

    await project.write(program(", recreate: true"));
    const made = await project.up();
    assert.equal(made.code, 0, made.output);
    assert.equal((await lab.host("birch").check(["ls", folder()])).split("\n").filter((name) => lost.includes(name)).length, 2);
    assert.match(await virsh("domstate", vm()), /running/);
  });
});
