import assert from "node:assert/strict";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mvmMoveTime, readInstances, readRealMoves } from "../../../bench/plan/mvm/instance.js";
import { mvm } from "../../../bench/plan/mvm/index.js";

const guest = (memUsed: number): object => ({ maxDirtySize: 96, maxDirtyDuration: 2, memUsed, dirtyRate: 2 });

/** Two guests change hosts; the first host's link is half as fast. */
const content = {
  origin: {
    mapping: { onlineNodes: { 0: { runningVMs: [0] }, 1: { runningVMs: [1] } } },
    attributes: { vms: { 0: guest(2000), 1: guest(3000) } },
    views: [{ id: "shareableResource", rcId: "mem", nodes: { 0: 5, 1: 5 }, vms: { 0: 2, 1: 3 } }],
  },
  actions: [{ id: "migrateVM", vm: 0, from: 0, to: 1, bw: 500, start: 0, end: 51 }, { id: "migrateVM", vm: 1, from: 1, to: 0, bw: 500, start: 51, end: 121 }],
};

test("mVM's durations, instances and executions are read as they were written, and a schedule is written in the same form", async () => {
  const vm = { name: "v", demand: {}, memoryUsedMib: 2000 / 1.048576, dirtyRateMbps: 16, hotMib: 96 / 1.048576, hotSeconds: 2 };
  const large = { ...vm, memoryUsedMib: 3000 / 1.048576 };
  assert.deepEqual([mvmMoveTime(vm, 500), mvmMoveTime(vm, 1000), mvmMoveTime(large, 500), mvmMoveTime(large, 1000)].map(({ seconds }) => seconds), [51, 20, 70, 29]);
  assert.equal(mvmMoveTime(vm, 250).converges, false);
  const folder = await mkdtemp(join(tmpdir(), "drover-mvm-"));
  try {
    await mkdir(join(folder, "real", "1"), { recursive: true });
    await writeFile(join(folder, "random.7.json"), JSON.stringify(content));
    await writeFile(join(folder, "real", "1", "micro_random.7.csv"), "ACTION;START;END;RUN\n{action=migrate(vm=vm#0, from=node#0, to=node#1, bw=500)};100;138;1\n");
    const [instance] = await readInstances(folder);
    assert.ok(instance !== undefined);
    assert.deepEqual(instance.inventory.hosts.map(({ link }) => link?.inMbps), [500, 500]);
    assert.deepEqual((await readRealMoves(folder, instance)).map(({ seconds, predictedSeconds, mbps }) => [seconds, predictedSeconds, mbps]), [[38, 51, 500]]);
    await mvm.run(["--data", folder, "--out", join(folder, "out")]);
    const written = JSON.parse(await readFile(join(folder, "out", "random.7.json"), "utf8")) as typeof content;
    assert.deepEqual(written.actions.map(({ vm: id, start, end, bw }) => [id, start, end, bw]).sort(), [[0, 0, 51, 500], [1, 0, 70, 500]]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
