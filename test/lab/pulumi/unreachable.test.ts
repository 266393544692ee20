import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const lab = new TestLab();
before(() => lab.start({ own: true, hosts: 2 }));
after(() => lab.stop());

const program = (title: string): string => `import { Host, StoragePool, VirtualMachine } from "drover";
const hosts = ${JSON.stringify(lab.hosts.map(({ name, host }) => ({ name, uri: host.uri })))}.map(({ name, uri }) => new Host(name, { uri, connectTimeoutSeconds: 3 }));
const pool = new StoragePool("disks", { hosts, path: "/srv/disks", shared: true });
for (const host of hosts) new VirtualMachine("vm-" + host.logicalName, { host, title: "${title}", memory: "64 MiB", disks: { root: { pool, size: "4 MiB" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
`;

it("a host that is cut off is an error that names it, takes nothing out of the state and starts nothing elsewhere; healed, all is quiet", async () => {
  const [ash, birch] = lab.hosts;
  assert.ok(ash !== undefined && birch !== undefined);
  const project = await PulumiProject.create({ environment: { ...lab.lab.env }, program: program("one") });
  try {
    const made = await project.up();
    assert.equal(made.code, 0, made.output);
    const urns = async (): Promise<string[]> => (await project.state()).map(({ urn }) => urn).sort();
    const before = await urns();
    const guestsOf = async (): Promise<string[]> => await Promise.all([ash, birch].map(async (host) => (await host.virsh(["list", "--name"])).trim()));
    assert.deepEqual(await guestsOf(), ["vm-ash", "vm-birch"]);

    await lab.break("birch", "network");
    const refreshed = await project.refresh();
    assert.notEqual(refreshed.code, 0);
    assert.match(refreshed.output, /birch/);
    assert.match(refreshed.output, /next: /);
    assert.deepEqual(await urns(), before);

    await project.write(program("two"));
    const failed = await project.up();
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /could not [^\n]*birch[^]*next: /);
    assert.deepEqual(await urns(), before);
    assert.deepEqual(await guestsOf(), ["vm-ash", "vm-birch"]);

    await lab.heal("birch");
    const whole = await project.up();
    assert.equal(whole.code, 0, whole.output);
    assert.ok(whole.changes.every(({ op }) => op === "update"), JSON.stringify(whole.changes));
    for (const [host, vm] of [[ash, "vm-ash"], [birch, "vm-birch"]] as const) assert.match(await host.virsh(["dumpxml", vm]), /<title>two</);
    const quiet = await project.preview("--refresh");
    assert.deepEqual(quiet.changes, [], quiet.output);
    assert.deepEqual(await urns(), before);
  } finally {
    await lab.heal("birch");
    await project.remove();
  }
});
