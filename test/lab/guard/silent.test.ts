/** A guard whose settings against fence storms are the defaults: hosts that are silent for another reason keep no guest of a dead one down. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CopyChecker } from "../support/copies.js";
import { places } from "../support/guests.js";
import { QUICK, RunningGuard } from "../support/guard.js";
import { guardedProgram } from "../support/guarded.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";
import { Undo } from "../support/undo.js";

const lab = new TestLab();
const PREFIX = "silent-";
const VMS = ["a", "b", "c"];
let project: PulumiProject;
let guard: RunningGuard;
const undo = new Undo();

before(async () => {
  undo.later(() => lab.stop());
  await lab.start({ own: true, hosts: 3 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  undo.later(() => project.remove());
  undo.later(async () => { for (const { name } of lab.hosts) await lab.heal(name); });
  await project.write(await guardedProgram(lab.lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS }));
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
});
after(() => undo.all());

/** A host whose libvirtd is frozen is not asked: the checker counts its copies. */
async function allOn(...hosts: readonly string[]): Promise<void> {
  await eventually(`all guests on ${hosts.join(" and ")}`, async () => {
    const running = (await Promise.all(hosts.map((host) => lab.host(host).virsh(["list", "--name"])))).join("\n").split("\n");
    return VMS.every((vm) => running.includes(`${PREFIX}${vm}`)) ? true : undefined;
  }, 60_000).catch((error: unknown) => { throw new Error(guard.story(), { cause: error }); });
}

async function back(...hosts: readonly string[]): Promise<void> {
  const seen = guard.events.length;
  for (const host of hosts) await lab.heal(host);
  for (const host of hosts) await guard.tells("host-back", { host }, { from: seen });
}

describe("the guests of a host that dies run elsewhere", () => {
  it("while another host is off for its maintenance", async () => {
    const { code, output } = await project.drover("evacuate", "cedar", "--yes");
    assert.equal(code, 0, output);
    guard = new RunningGuard(project.folder, project.environment, ["--set", ...QUICK]);
    undo.later(() => guard.stop());
    const checker = new CopyChecker(lab.lab, PREFIX);
    undo.later(() => checker.end(VMS, guard.story()));
    await guard.tells("leader");
    await allOn("ash", "birch");
    const seen = guard.events.length;
    await lab.break("cedar");
    await guard.tells("host-lost", { host: "cedar" }, { from: seen });
    const [dead, left] = Object.values(await places(lab, PREFIX)).includes("ash") ? ["ash", "birch"] : ["birch", "ash"];
    await lab.break(dead);
    await allOn(left);
    assert.deepEqual(guard.events.slice(seen).filter(({ kind, host }) => kind.startsWith("fence") && host === "cedar" && kind !== "fence-held-back"), [], guard.story());
    await back(dead);
  });

  it("while another host's libvirtd is frozen", async () => {
    await lab.heal("cedar");
    const { code, output } = await project.drover("evacuate", "cedar", "--undo");
    assert.equal(code, 0, output);
    const dead = Object.values(await places(lab, PREFIX))[0] ?? "";
    const left = dead === "ash" ? "birch" : "ash";
    const seen = guard.events.length;
    const pid = (await lab.host("cedar").check(["pgrep", "-x", "libvirtd"])).trim();
    await lab.host("cedar").check(["kill", "-STOP", pid]);
    await guard.tells("host-ailing", { host: "cedar" }, { from: seen });
    await lab.break(dead);
    await allOn(left);
    await lab.host("cedar").check(["kill", "-CONT", pid]);
    await guard.tells("host-alive", { host: "cedar" }, { from: seen });
    await back(dead);
  });

  it("where two of three die at once, and their fence devices say that they are off", async () => {
    const seen = guard.events.length;
    await Promise.all([lab.break("ash"), lab.break("birch")]);
    await allOn("cedar");
    assert.deepEqual(guard.events.slice(seen).filter(({ kind }) => kind === "fence-begun"), [], guard.story());
  });
});
