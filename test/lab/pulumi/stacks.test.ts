import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TEST_FILE, TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const lab = new TestLab();
const projects: PulumiProject[] = [];
before(() => lab.start({}));
after(async () => {
  for (const project of projects) {
    await project.destroy();
    await project.remove();
  }
  await lab.stop();
});

/** A program with one stopped VM of a name, in a pool of its own; `body` may make more of `host` and `pool`. */
function program(vm: string, options: { readonly pool: string; readonly body?: string }): string {
  return `import * as pulumi from "@pulumi/pulumi";
import { Host, StoragePool, VirtualMachine } from "drover";
const host = new Host("cedar", { uri: ${JSON.stringify(lab.host("cedar").host.uri)} });
const pool = new StoragePool("${options.pool}", { hosts: [host], path: "/var/lib/libvirt/images/${options.pool}" });
const small = { host, memory: "64 MiB", running: false, disks: { root: { pool, size: "4 MiB" } } };
${options.body ?? `new VirtualMachine("${vm}", { ...small, graphics: { password: "s3cret42" } });`}
`;
}

async function project(text: string, stack = "dev"): Promise<PulumiProject> {
  const made = await PulumiProject.create({ program: text, stack, environment: { ...lab.lab.env } });
  projects.push(made);
  return made;
}

async function domains(): Promise<string[]> {
  return (await lab.host("cedar").virsh(["list", "--all", "--name"])).split("\n").filter((name) => name.startsWith(TEST_FILE)).sort();
}

describe("stacks on the same host", () => {
  it("of one name in two backends do not take or lose each other's VMs, and a taken name is a clear error", async () => {
    const [one, two, mine] = [lab.name("one"), lab.name("two"), lab.name("mine")];
    const first = await project(program(mine, { pool: one }));
    const second = await project(program(mine, { pool: two }));
    const made = await first.up();
    assert.equal(made.code, 0, made.output);
    const quiet = await first.preview();
    assert.deepEqual(quiet.changes, [], quiet.output);
    assert.ok(!JSON.stringify(await first.state()).includes("s3cret42"));

    const refused = await second.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /there is a domain of that name of another stack/);
    assert.deepEqual(await domains(), [mine]);

    await second.write(program(`${mine}-too`, { pool: two }));
    const beside = await second.up();
    assert.equal(beside.code, 0, beside.output);
    assert.deepEqual(await domains(), [mine, `${mine}-too`]);
    const gone = await second.destroy();
    assert.equal(gone.code, 0, gone.output);
    assert.deepEqual(await domains(), [mine]);
  });

  it("keeps its VMs under another stack's name, an alias, and in components whose children have one name", async () => {
    const [pool, old, fresh] = [lab.name("pool"), lab.name("old"), lab.name("new")];
    const stack = await project(program("", { pool, body: `new VirtualMachine("${old}", small);` }));
    assert.equal((await stack.up()).code, 0);
    const uuid = await lab.host("cedar").virsh(["domuuid", old]);

    const components = `class Site extends pulumi.ComponentResource { constructor(name, prefix) {
  super("test:index:" + prefix, name, {});
  new VirtualMachine("web", { ...small, name: "${fresh}-" + prefix }, { parent: this });
} }
new Site("a", "Left"); new Site("b", "Right");
new VirtualMachine("${fresh}", { ...small, name: "${old}" }, { aliases: [{ name: "${old}" }] });`;
    await stack.write(program("", { pool, body: components }));
    const renamed = await stack.up();
    assert.equal(renamed.code, 0, renamed.output);
    assert.ok(renamed.changes.every(({ op }) => op === "create" || op === "update"), JSON.stringify(renamed.changes));
    assert.equal(await lab.host("cedar").virsh(["domuuid", old]), uuid);
    const names = (await domains()).filter((name) => name.startsWith(fresh));
    assert.deepEqual(names, [`${fresh}-Left`, `${fresh}-Right`]);
    const uuids = new Set(await Promise.all(names.map((name) => lab.host("cedar").virsh(["domuuid", name]))));
    assert.equal(uuids.size, 2);

    await stack.command(["stack", "rename", "later"]);
    const later = await stack.run("preview", ["--stack", "later"]);
    assert.deepEqual(later.changes, [], later.output);
    await stack.command(["stack", "rename", "dev", "--stack", "later"]);
  });
});
