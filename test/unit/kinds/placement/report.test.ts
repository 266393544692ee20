import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makePlan } from "../../../../provider/kinds/placement/planning.js";
import type { ReadCluster } from "../../../../provider/kinds/placement/reading.js";
import { domain, host } from "../../inventory/cluster/readings.js";
import { cluster, member } from "./clusters.js";

const OVERCOMMIT = { vcpus: 1, memory: 1 };

/** web runs on ash, and load that is nobody's on birch. */
function two(ash: "up" | "maintenance", measured = 1024): ReadCluster {
  const guest = domain("web", { measured: { residentMib: measured } });
  const hosts = [host("ash", { domains: [guest] }), host("birch", { domains: [domain("load", { ours: undefined, memory: { currentMib: 4096, totalMib: 4096, maxMib: 4096 } })] })];
  return cluster({ hosts, silent: [] }, { web: member("web") }, { overcommit: OVERCOMMIT, hosts: { ash: { state: ash } } });
}

describe("the plan as data", () => {
  it("has what the terminal tells: what is spare afterwards, what a loss would do, and notes", async () => {
    const { plan, text } = await makePlan({ ...two("maintenance"), open: ["late"], returned: ["birch"] });
    assert.deepEqual(plan.spare, [{ host: "birch", memoryMib: 16_384 - 512 - 4096 - 2048, vcpus: 8 - 2 - 2 }]);
    assert.deepEqual(plan.losses, ["loss of birch: no place for web, load (on birch, not of this cluster)"]);
    assert.deepEqual(plan.unplaced, ["late"]);
    assert.deepEqual(plan.notes, ["birch answers again, though it was declared dead: from this update on it counts as alive"]);
    assert.match(text, /spare afterwards: birch 9\.5 GiB and 4 vCPUs\nheadroom: of 2 hosts the loss of 1 leaves every VM a place\nloss of birch: no place for web, load /);
    assert.match(text, /late is placed in `up`: something of it is not known yet/);
  });

  it("says nothing of it where nothing happens, unless that is asked for", async () => {
    const quiet = await makePlan(two("up"));
    assert.deepEqual(quiet.plan, { moves: [], starts: {}, seconds: 0, violations: [], violationsAfter: [] });
    assert.equal(quiet.text, "prod: 1 VM on 2 hosts, nothing to move");
    const { plan, text } = await makePlan(two("up"), { outlook: "always" });
    assert.deepEqual([plan.spare?.map((each) => each.host), plan.losses], [["ash", "birch"], ["loss of birch: no place for load (on birch, not of this cluster)"]]);
    assert.match(text, /spare afterwards: ash .*\nheadroom: of 2 hosts the loss of 1 leaves every VM a place\nloss of birch: no place for load/);
  });

  it("is the same while guests live on", async () => {
    assert.deepEqual((await makePlan(two("maintenance", 1000))).plan, (await makePlan(two("maintenance", 1020))).plan);
  });

  it("tells of many hosts the first in the terminal, and how many more there are", async () => {
    const hosts = Array.from({ length: 43 }, (_, index) => host(`host-${String(index).padStart(2, "0")}`));
    const { plan, text } = await makePlan(cluster({ hosts, silent: [] }, { web: member("web") }));
    assert.equal(plan.spare?.length, 43);
    assert.match(text, /host-39 [^,]*, and 3 hosts more: all are in the property plan/);
  });
});
