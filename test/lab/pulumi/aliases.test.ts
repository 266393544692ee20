import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
let project: PulumiProject;

before(async () => {
  await lab.start({});
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

const folder = (base: string): string => `/var/lib/libvirt/images/${lab.name(base)}`;
const vm = (): string => lab.name("web");

function program(body: string): string {
  return `import * as pulumi from "@pulumi/pulumi";
import { Disk, Host, Network, StoragePool, VirtualMachine } from "drover";
const host = new Host("cedar", { uri: "qemu+ssh://root@cedar/system" });
const hosts = [host];
const bridged = { hosts, forward: "bridge", bridge: "br0" };
const stopped = { host, memory: "64 MiB", running: false };
const raw = { size: "1 MiB", format: "raw" };
${body}
`;
}

const original = (): string => `
const pool = new StoragePool("${lab.name("disks")}", { hosts, path: "${folder("disks")}" });
const lan = new Network("${lab.name("lan")}", bridged);
new Disk("data", { pool, ...raw });
new VirtualMachine("${vm()}", { ...stopped, disks: { root: { pool, size: "4 MiB" } }, nics: { lan: { network: lan } } });`;

/** All of it under other names; `beside` stands before the disk. */
const renamed = (options: { readonly aliases: boolean; readonly beside?: string }): string => {
  const was = (name: string): string => (options.aliases ? `, { aliases: [{ name: "${name}" }] }` : "");
  return program(`
const pool = new StoragePool("${lab.name("data")}", { hosts, path: "${folder("disks")}" }${was(lab.name("disks"))});
const lan = new Network("${lab.name("net")}", bridged${was(lab.name("lan"))});
class Site extends pulumi.ComponentResource { constructor(type) {
  super("test:index:" + type, type, {});
  this.pool = new StoragePool("local", { hosts, name: "${lab.name("")}" + type, path: "${folder("")}" + type }, { parent: this });
} }
const [left, right] = [new Site("Left"), new Site("Right")];
new Disk("left", { pool: left.pool, name: "same", ...raw });
new Disk("right", { pool: right.pool, name: "same", ...raw });
${options.beside ?? ""}
new Disk("archive", { pool, ...raw }${was("data")});
new VirtualMachine("${lab.name("www")}", { ...stopped, disks: { root: { pool, size: "4 MiB" } }, nics: { lan: { network: lan } } }${was(vm())});
`);
};

const cedar = (command: string): Promise<string> => lab.host("cedar").check(["sh", "-c", command]);
const inode = (): Promise<string> => cedar(`cd ${folder("disks")} && stat -c '%n %i' data.raw ${vm()}-root.qcow2 && head -c 4 data.raw`);
const identities = (): Promise<string> => cedar(`virsh -q pool-uuid ${lab.name("disks")}; virsh -q net-uuid ${lab.name("lan")}; virsh -q domuuid ${vm()}`);

async function up(text: string, ...options: readonly string[]): Promise<Run> {
  await project.write(text);
  return await project.up(...options);
}

describe("resources that the program calls something else by an alias", () => {
  let files: string;
  let uuids: string;

  it("stay what they are: nothing is replaced, no volume moves, and two pools of one name have parents of two types", async () => {
    const made = await up(program(original()));
    assert.equal(made.code, 0, made.output);
    await cedar(`printf kept | dd of=${folder("disks")}/data.raw conv=notrunc status=none`);
    [files, uuids] = [await inode(), await identities()];
    assert.match(files, /kept$/);

    const run = await up(renamed({ aliases: true }));
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(told(run).filter((step) => !step.startsWith("create")), ["update Disk archive", `update VirtualMachine ${lab.name("www")}`]);
    assert.deepEqual(told(run).filter((step) => step.startsWith("create")), ["create Disk left", "create Disk right", "create HostStoragePool local-cedar", "create HostStoragePool local-cedar", "create Left Left", "create Right Right", "create StoragePool local", "create StoragePool local"]);
    assert.deepEqual([await inode(), await identities()], [files, uuids]);
    assert.equal((await cedar(`ls ${folder("")}Left/same.raw ${folder("")}Right/same.raw`)).trim().split("\n").length, 2);
    const quiet = await up(renamed({ aliases: false }));
    assert.deepEqual([quiet.code, told(quiet)], [0, []], quiet.output);
  });

  it("are not taken by new ones of their old names, which say so and touch nothing", async () => {
    const taken = await up(renamed({ aliases: false, beside: `
new Disk("data", { pool, ...raw });
new VirtualMachine("${vm()}", { ...stopped, name: "${lab.name("other")}" });
new StoragePool("${lab.name("disks")}", { hosts, name: "${lab.name("other")}", path: "${folder("other")}" });
new Network("${lab.name("lan")}", { ...bridged, name: "${lab.name("other")}" });` }), "--continue-on-error");
    assert.notEqual(taken.code, 0);
    assert.match(taken.output, /could not use volume data\.raw[^]*it belongs to another object of the same program[^]*another name/);
    assert.match(taken.output, new RegExp(`the program made ${vm()} under this name, and calls it \\S+::${lab.name("www")} today`));
    assert.match(taken.output, new RegExp(`the program made pool ${lab.name("disks")} \\(folder`));
    assert.match(taken.output, new RegExp(`the program made network ${lab.name("lan")} under this name`));
    assert.deepEqual([await inode(), await identities()], [files, uuids]);
  });

  it("have a disk of their own beside them under another file's name, whose end is not theirs", async () => {
    const beside = await up(renamed({ aliases: false, beside: `new Disk("data", { pool, name: "data-2", ...raw });` }));
    assert.deepEqual([beside.code, told(beside).filter((step) => step.includes("Disk"))], [0, ["create Disk data"]], beside.output);
    assert.equal(await inode(), files);
    const gone = await up(renamed({ aliases: false }));
    assert.deepEqual([gone.code, told(gone)], [0, ["delete Disk data"]], gone.output);
    assert.equal(await inode(), files);
    assert.ok(!(await cedar(`ls ${folder("disks")}`)).includes("data-2"));
  });

  it("do not swap names within one run: Pulumi refuses it", async () => {
    const swapped = await up(renamed({ aliases: false }).replace(`new Disk("archive", { pool, ...raw });`, `new Disk("again", { pool, ...raw }, { aliases: [{ name: "archive" }] });\nnew Disk("archive", { pool, ...raw });`));
    assert.notEqual(swapped.code, 0);
    assert.match(swapped.output, /Duplicate resource/i);
    assert.equal(await inode(), files);
  });
});
