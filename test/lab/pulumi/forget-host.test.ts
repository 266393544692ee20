import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { promisify } from "node:util";
import { packageRoot } from "../../../lab/place.js";
import { TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const run = promisify(execFile);
const lab = new TestLab();
before(() => lab.start({ own: true, hosts: 2 }));
after(() => lab.stop());

it("lets a host that is dead for good leave the state, so that destroy can end", async () => {
  const project = await PulumiProject.create({ environment: { ...lab.lab.env }, program: `import { Host, StoragePool, VirtualMachine } from "drover";
const hosts = ${JSON.stringify(lab.hosts.map(({ name, host }) => ({ name, uri: host.uri })))}.map(({ name, uri }) => new Host(name, { uri, connectTimeoutSeconds: 3 }));
const pool = new StoragePool("disks", { hosts, path: "/srv/disks", shared: true });
new VirtualMachine("vm-0", { host: hosts[0], memory: "64 MiB", running: false, disks: { root: { pool, size: "4 MiB" } } });
` });
  const [alive, dead] = lab.hosts;
  assert.ok(alive !== undefined && dead !== undefined);
  const made = await project.up();
  assert.equal(made.code, 0, made.output);

  await lab.break(dead.name);
  const stuck = await project.refresh();
  assert.notEqual(stuck.code, 0);
  assert.match(stuck.output, new RegExp(dead.name));
  assert.equal((await project.state()).filter(({ type }) => type.endsWith(":VirtualMachine")).length, 1, "an unreachable host never takes anything out of the state");
  assert.notEqual((await project.destroy()).code, 0);

  const environment = { ...process.env, ...lab.lab.env, PULUMI_BACKEND_URL: `file://${join(project.folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "test", PULUMI_STACK: project.stack };
  const { stdout } = await run(process.execPath, [join(packageRoot(), "dist", "cli", "main.js"), "forget-host", dead.name, "--yes"], { cwd: project.folder, env: environment });
  assert.match(stdout, /disks-birch/);
  const ended = await project.destroy();
  assert.equal(ended.code, 0, ended.output);
  assert.deepEqual((await alive.virsh(["list", "--all", "--name"])).trim(), "");
  await project.remove();
});
