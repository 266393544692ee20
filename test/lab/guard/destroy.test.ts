/** `destroy` deletes VMs before their cluster: guards are kept from them all the same, and where nobody can tell them, nothing is deleted. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import { places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const lab = new TestLab();
const PREFIX = "leaving-";
let project: PulumiProject;
let etcd: LabEtcd;

before(async () => {
  await lab.start({ own: true, hosts: 2 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  etcd = await startEtcd(join(project.folder, "etcd"));
  await project.write(await guardedProgram(lab.lab, { guard: { etcd: etcd.endpoints }, prefix: PREFIX, vms: ["a", "b"] }));
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
});
after(async () => {
  await project.remove();
  await etcd.stop();
  await lab.stop();
});

describe("destroy of a guarded cluster", () => {
  it("deletes no VM that has `ha` while the record does not answer", async () => {
    const [member] = etcd.members;
    assert.ok(member !== undefined);
    const running = await places(lab, PREFIX);
    assert.equal(Object.keys(running).length, 2);
    await member.kill();
    const refused = await project.run("destroy", ["--yes", "--skip-preview"]);
    assert.notEqual(refused.code, 0, refused.output);
    assert.match(refused.output, /etcd/);
    assert.deepEqual(await places(lab, PREFIX), running, "both run on");
    await member.start();
  });

  it("is not undone by a guard, which starts nothing of what it deletes", async () => {
    const guard = new RunningGuard(project.folder, project.environment, ["--set", ...QUICK]);
    try {
      await guard.tells("leader");
      const gone = await project.run("destroy", ["--yes", "--skip-preview"]);
      assert.equal(gone.code, 0, gone.output);
      assert.deepEqual(guard.events.filter(({ kind }) => kind === "guest-restarted"), [], guard.story());
      assert.deepEqual(await places(lab, PREFIX), {});
    } finally {
      await guard.stop();
    }
  });
});
