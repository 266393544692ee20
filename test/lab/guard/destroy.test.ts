/** What a guard has to be told before: where its record does not answer, no update stops, moves or deletes a guest, and no `destroy` does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import { CopyChecker } from "../support/copies.js";
import { places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";
import { Undo } from "../support/undo.js";

const lab = new TestLab();
const PREFIX = "leaving-";
const VMS = ["a", "b"];
let project: PulumiProject;
let etcd: LabEtcd;
const undo = new Undo();

before(async () => {
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 2 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  etcd = await startEtcd(join(project.folder, "etcd"));
  undo.later(() => etcd.stop());
  undo.later(() => project.remove());
  await write();
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  const checker = new CopyChecker(lab.lab, PREFIX);
  undo.later(() => checker.end([]));
});
after(() => undo.all());

async function write(change: { readonly vms?: readonly string[]; readonly stopped?: readonly string[]; readonly maintenance?: string } = {}): Promise<void> {
  await project.write(await guardedProgram(lab.lab, { guard: { etcd: etcd.endpoints }, prefix: PREFIX, vms: VMS, ...change }));
}

describe("up of a guarded cluster whose record does not answer", () => {
  before(async () => { await etcd.members[0]?.kill(); });
  after(async () => {
    await etcd.members[0]?.start();
    await write();
  });

  for (const [what, change] of [
    ["stops", () => ({ stopped: ["a"] })],
    ["deletes", () => ({ vms: ["b"] })],
    ["moves", (running: Readonly<Record<string, string>>) => ({ maintenance: running["a"] ?? "" })],
  ] as const) {
    it(`${what} no VM that has \`ha\``, async () => {
      const running = await places(lab, PREFIX);
      assert.equal(Object.keys(running).length, VMS.length);
      await write(change(running));
      const refused = await project.up();
      assert.notEqual(refused.code, 0, refused.output);
      assert.match(refused.output, /etcd/);
      assert.deepEqual(await places(lab, PREFIX), running, "both run on where they were");
    });
  }
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
