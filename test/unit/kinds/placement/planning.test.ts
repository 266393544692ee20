import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterReading, DomainInventory } from "../../../../provider/inventory/cluster/index.js";
import { idOf } from "../../../../provider/kinds/placement/marks.js";
import { makePlan, type PlannedCluster } from "../../../../provider/kinds/placement/planning.js";
import { clusterOf } from "../../../../provider/kinds/placement/reading.js";
import type { Assignment, Member, PlacementInputs } from "../../../../provider/schema/index.js";
import { domain, host, reading, SHUT_OFF } from "../../inventory/cluster/readings.js";

const OWNER = "11111111-1111-4111-8111-111111111111";
const HOSTS = ["ash", "birch", "cedar"];

const at = (name: string): Assignment => ({ name, uri: host(name).address.uri, owner: "owner", vcpus: 2, memory: "2 GiB" });

/** A cluster of three hosts and one VM, web. */
function inputs(given: Partial<PlacementInputs> = {}): PlacementInputs {
  return {
    cluster: "prod", owner: OWNER, policy: "none", rebalance: false, cpuBaseline: "keep", onUnreachable: "plan-without",
    hosts: HOSTS.map((name) => ({ host: { name, uri: host(name).address.uri, owner: "owner" } })),
    vms: { web: { key: "drover:VirtualMachine::web", vcpus: 2, memory: "2 GiB", running: true } },
    ...given,
  };
}

/** @param before where the state has the VM */
async function planned(found: ClusterReading, before: string | undefined, given: Partial<PlacementInputs> = {}): Promise<PlannedCluster> {
  const news = inputs(given);
  const olds = before === undefined ? undefined : { ...news, assignments: { web: at(before) } };
  return await makePlan(clusterOf(news, olds, found));
}

const starts = ({ plan }: PlannedCluster): unknown => plan.starts;

describe("a VM that was placed before and is found nowhere", () => {
  it("is started where nobody is silent", async () => {
    assert.deepEqual(Object.keys((await planned(reading({ ash: [], birch: [], cedar: [] }), "ash")).plan.starts), ["web"]);
  });

  it("may run on a silent host, wherever the state has it, and is started nowhere", async () => {
    const shown = await planned(reading({ ash: [], cedar: [] }, ["birch"]), "ash");
    assert.deepEqual([starts(shown), shown.assignments["web"]], [{}, at("ash")]);
    assert.match(shown.text, /web was placed on ash and is not there: it may run on birch, which does not answer, and is started nowhere/);
    const there = await planned(reading({ ash: [], cedar: [] }, ["birch"]), "birch");
    assert.deepEqual([starts(there), there.assignments["web"]], [{}, at("birch")]);
  });

  it("may run elsewhere too where it left a definition by a migration", async () => {
    const left = (reason: string): ClusterReading => reading({ ash: [domain("web", { ...SHUT_OFF, reason })], cedar: [] }, ["birch"]);
    assert.deepEqual(starts(await planned(left("migrated"), "ash")), {});
    assert.deepEqual(starts(await planned(left("shutdown"), "ash")), { web: "ash" }, "it ended where it was placed");
  });

  it("is started elsewhere when the only silent host is dead", async () => {
    const { address } = host("birch");
    const note = { by: "alice@laptop", at: "2026-01-01T00:00:00Z", reason: "burnt" };
    const marks = [{ cluster: { id: idOf(inputs()), name: "prod" }, state: undefined, hosts: [{ name: "birch", uri: address.uri, confirmedDead: note }] }];
    const hosts = ["ash", "cedar"].map((name) => host(name, { marks }));
    assert.deepEqual(Object.keys((await planned({ ...reading({}, ["birch"]), hosts }, "birch")).plan.starts), ["web"]);
  });

  it("is a new one where the state does not know it, and is started", async () => {
    assert.deepEqual(Object.keys((await planned(reading({ ash: [], cedar: [] }, ["birch"]), undefined)).plan.starts), ["web"]);
  });
});

describe("a host that is to be empty", () => {
  it("tells of VMs that stay there, and of none that leaves the program, by their keys", async () => {
    const ours = (name: string): DomainInventory => domain(name, { ours: { owner: OWNER, urn: `drover:VirtualMachine::${name}`, version: 1 } });
    const found = reading({ ash: [ours("db"), ours("mydb"), ours("shop$web-1")], birch: [], cedar: [] });
    const member = (key: string): Member => ({ key, vcpus: 1, memory: "1 GiB", running: true });
    const news = inputs({ vms: {}, hosts: inputs().hosts.map((each) => (each.host.name === "ash" ? { ...each, maintenance: true } : each)) });
    const olds = { ...news, vms: { db: member("drover:VirtualMachine::db"), "shop/web-1": member("drover:VirtualMachine::shop$web-1") } };
    const { text } = await makePlan(clusterOf(news, olds, found));
    assert.match(text, /ash is not empty afterwards: mydb is not of this cluster, and stays/);
  });
});

describe("a guest with a disk on its host's own storage", () => {
  it("keeps its host from being emptied, which is said by its name and that of the pool", async () => {
    const own = { name: "local", uuid: "p", shared: false, hosts: [{ name: "ash", uri: host("ash").address.uri, owner: OWNER }] };
    const given = inputs({ vms: { web: { key: "drover:VirtualMachine::web", vcpus: 2, memory: "2 GiB", running: true, pools: [own] } }, hosts: inputs().hosts.map((each) => (each.host.name === "ash" ? { ...each, maintenance: true } : each)) });
    const web = domain("web", { ours: { owner: OWNER, urn: "drover:VirtualMachine::web", version: 1 } });
    await assert.rejects(makePlan(clusterOf(given, { ...given, assignments: { web: at("ash") } }, reading({ ash: [web], birch: [], cedar: [] }))), /web can not move: storage pool local is not shared/);
  });
});

describe("a VM that leaves the program", () => {
  it("has its room until Pulumi deletes it, which is said where that is missing", async () => {
    const old = domain("old", { ours: { owner: OWNER, urn: "drover:VirtualMachine::old", version: 1 }, memory: { currentMib: 12_288, totalMib: 12_288, maxMib: 12_288 } });
    const found = reading({ ash: [old], birch: [{ ...old, uuid: "b", name: "old-b", ours: undefined }], cedar: [{ ...old, uuid: "c", name: "old-c", ours: undefined }] });
    const news = inputs({ vms: { web: { key: "drover:VirtualMachine::web", vcpus: 1, memory: "8 GiB", running: true } } });
    const olds = { ...news, vms: { old: { key: "drover:VirtualMachine::old", vcpus: 1, memory: "12 GiB", running: true } } };
    await assert.rejects(makePlan(clusterOf(news, olds, found)), /web \(1 vcpus, 8192 memoryMib\)[^]*next: old leaves the program and counts until Pulumi has deleted it[^]*nothing was changed/);
  });
});
