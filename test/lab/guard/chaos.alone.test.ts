/** A minute of random faults against a guarded cluster; `npm run bench -- chaos` has the long run of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runChaos } from "../support/chaos.js";
import { useLab } from "../support/lab.js";

const SECONDS = 60;
const SEED = 20_261;

const lab = useLab({ own: true, hosts: 4 });

test("whatever happens to hosts, fence devices, guards and etcd, each guest runs once at the end, and none ever twice", { timeout: 480_000 }, async () => {
  const { faults, twice, missing, story } = await runChaos(lab.lab, lab.place, SECONDS, SEED, () => {});
  assert.ok(faults.length > 10, `too little happened:\n${faults.join("\n")}`);
  assert.deepEqual({ twice, missing }, { twice: [], missing: [] }, `seed ${SEED}\n${faults.join("\n")}\n${story}`);
});
