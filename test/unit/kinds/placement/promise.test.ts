import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import type { ClusterReading } from "../../../../provider/inventory/cluster/index.js";
import type { PlannedCluster } from "../../../../provider/kinds/placement/planning.js";
import type { ReadCluster } from "../../../../provider/kinds/placement/reading.js";
import { handed, handOver } from "../../../../provider/kinds/placement/promise.js";
import { domain, host, reading } from "../../inventory/cluster/readings.js";
import { cluster, member } from "./clusters.js";

let folder: string;
const former = process.env["XDG_RUNTIME_DIR"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "drover-promise-"));
  process.env["XDG_RUNTIME_DIR"] = folder;
});
after(async () => {
  if (former === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = former;
  await rm(folder, { recursive: true });
});

const planned: PlannedCluster = { assignments: {}, waiting: [], plan: { moves: [], starts: {}, seconds: 0, violations: [], violationsAfter: [] }, text: "" };

/** What an update's check makes of a plan that was shown for one reading, and finds another. */
async function asShown(shown: ReadCluster, found: ReadCluster, plan = planned): Promise<PlannedCluster | undefined> {
  await handOver(shown, plan);
  const promise = await handed(found.inputs);
  assert.ok(promise);
  return promise.asShown(found);
}

describe("the plan that a preview showed", () => {
  const both = (now: ClusterReading): ReadCluster => cluster(now, { web: member("web") });
  const before = reading({ ash: [domain("web", { cpu: { mode: "custom", model: "EPYC", vendor: undefined, features: [{ name: "aes", policy: "require" }], isMigratable: true } })], birch: [domain("other", { ours: undefined })] }, ["cedar"]);

  it("holds while what it rests on is the same, in whatever order it was read and whatever was measured", async () => {
    const again: ClusterReading = { silent: before.silent, hosts: before.hosts.toReversed().map((each) => ({ ...each, domains: each.domains.map((one) => ({ ...one, measured: { residentMib: 7 } })) })) };
    assert.deepEqual(await asShown(both(before), both(again)), planned);
  });

  it("does not when anything of it has changed, and says what", async () => {
    const moved = reading({ ash: [], birch: [...before.hosts[1]?.domains ?? [], ...before.hosts[0]?.domains ?? []] }, ["cedar"]);
    await assert.rejects(asShown(both(before), both(moved)), /what it rests on has changed:\n {2}- web runs on birch, not on ash any more\n/);
    const answering: ClusterReading = { hosts: [...before.hosts, host("cedar")], silent: [] };
    await assert.rejects(asShown(both(before), both(answering)), /changed:\n {2}- cedar answers again\n/);
    const mute: ClusterReading = { hosts: before.hosts.slice(0, 1), silent: [...reading({}, ["birch"]).silent, ...before.silent] };
    await assert.rejects(asShown(both(before), both(mute)), /changed:\n {2}- birch does not answer\n/);
    const lesser = reading({ ash: [domain("web", { disks: [{ target: "vdb", name: undefined, device: "disk", path: "/srv/x", pool: undefined, sharedStorage: undefined, cache: "none", readOnly: false }] })], birch: before.hosts[1]?.domains ?? [] }, ["cedar"]);
    await assert.rejects(asShown(both(before), both(lesser)), /web has other disks, networks or another CPU/);
  });

  it("does not when the host that a guest goes to has lost what that needs, and does when it got more", async () => {
    const guest = domain("web", { bridges: ["br0"] });
    const now = (bridges: string[] | undefined): ReadCluster => cluster({ hosts: [host("ash", { domains: [guest] }), host("birch", { bridges })], silent: [] }, { web: member("web", { bridges: ["br0"] }), late: member("late", { bridges: ["br0"] }) }, { hosts: { ash: { state: "maintenance" } } });
    const move = { vm: "web", uuid: guest.uuid, from: "ash", to: "birch", group: 1, startSeconds: 0, seconds: 1, megabytes: 1, reason: "", after: [] };
    const moving: PlannedCluster = { ...planned, plan: { ...planned.plan, moves: [move], starts: { late: "birch" } } };
    assert.deepEqual(await asShown(now(["br0"]), now(["br0", "br1"]), moving), moving);
    assert.deepEqual(await asShown(now(["br0"]), now(undefined), moving), moving, "a host that cannot tell its bridges is taken to have them");
    await assert.rejects(asShown(now(["br0"]), now([]), moving), /changed:\n {2}- birch does not have bridge br0 any more, which web needs there\n {2}- birch does not have bridge br0 any more, which late needs there\n/);
    assert.deepEqual(await asShown(now(["br0"]), now([])), planned, "nobody goes there");
  });

  it("is made anew where something became known since", async () => {
    const known = cluster(before, { web: member("web"), late: member("late") });
    assert.equal(await asShown(both(before), known), undefined);
  });
});
