import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planOf, standing } from "../../../provider/guard/restart-plan.js";
import { RestartOrder } from "../../../provider/guard/restart-order.js";
import type { KnownGuest } from "../../../provider/guard/guests.js";
import type { ReadCluster } from "../../../provider/kinds/placement/index.js";
import { domain, host } from "../inventory/cluster/readings.js";
import { cluster, member } from "../kinds/placement/clusters.js";

const ha = { priority: 50, onStorageError: "resume", onShutdown: "leave" } as const;
const web: KnownGuest = { uuid: "web", name: "web", host: "ash", seenMs: 0, running: true, definition: "<domain/>", isWhole: true };
const silent = ["ash", "birch", "cedar"].map((name) => ({ address: host(name).address, error: new Error("silent") }));

/** birch answers; web ran on ash, and is found nowhere. */
function read(ash: "lost" | "unknown"): ReadCluster {
  const { name, uri, owner } = host("ash").address;
  return cluster({ hosts: [host("birch")], silent: silent.filter(({ address }) => address.name !== "birch") }, { web: member("web", { ha }) }, { hosts: { ash: { state: ash } }, assignments: { web: { name, uri, owner, vcpus: 1, memory: "1 GiB" } } });
}

async function startsOf(of: ReadCluster): Promise<Readonly<Record<string, string>> | undefined> {
  const order = new RestartOrder({ vms: of.inputs.vms, runs: () => false, isOwed: () => true });
  return (await planOf(of, [web], {}, order, { refusedBy: () => new Set() })).planned?.plan.starts;
}

describe("a plan of restarts", () => {
  it("starts the guest of a host that is dead though another host is silent: whether it may be there is asked at the start", async () => {
    assert.deepEqual(await startsOf(read("lost")), { web: "birch" });
  });

  it("is not in the way of a guest where another one runs that has its place on the dead host alone", async () => {
    const { name, uri, owner } = host("birch").address;
    const of = cluster({ hosts: [host("ash", { domains: [domain("pinned")] })], silent: silent.filter(({ address }) => address.name === "birch") },
      { web: member("web", { ha }), pinned: member("pinned", { ha, pin: "birch" }) }, { hosts: { birch: { state: "lost" } }, assignments: { web: { name, uri, owner, vcpus: 1, memory: "1 GiB" } } });
    assert.deepEqual(await startsOf(standing(of)), { web: "ash" });
  });

  it("starts no guest whose own host is silent and not known to be dead", async () => {
    assert.deepEqual(await startsOf(read("unknown")), {});
  });
});
