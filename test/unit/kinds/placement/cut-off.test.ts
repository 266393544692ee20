import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { silentLog } from "../../../../provider/base/log.js";
import type { ClusterReading, DomainInventory } from "../../../../provider/inventory/cluster/index.js";
import { closeHosts } from "../../../../provider/inventory/hosts.js";
import { finishCutOff, settleCutOff } from "../../../../provider/kinds/placement/cut-off.js";
import { makePlan } from "../../../../provider/kinds/placement/planning.js";
import { clusterOf } from "../../../../provider/kinds/placement/reading.js";
import type { PlacementInputs } from "../../../../provider/schema/index.js";
import { domain, host, SHUT_OFF } from "../../inventory/cluster/readings.js";

after(closeHosts);

const ctx = { log: silentLog, signal: new AbortController().signal };
/** Nobody listens there. */
const address = (name: string): { name: string; uri: string; owner: string } => ({ name, uri: "qemu+tcp://127.0.0.1:1/system", owner: "owner" });
const at = (name: string): { name: string; uri: string; hostUuid: string } => ({ name, uri: address(name).uri, hostUuid: `uuid-of-${name}` });

/** A guest with the journal of a move that was not ended. */
function moving(name: string, from: string, to: string, given: Partial<DomainInventory> = {}): DomainInventory {
  const move = { id: "1", run: "r", begun: "2026-01-01T00:00:00Z", from: at(from), to: at(to) };
  return domain(name, { ours: { owner: "owner", urn: `drover:VirtualMachine::${name}`, version: 1, facts: { move } }, ...given });
}

function reading(hosts: Readonly<Record<string, readonly DomainInventory[]>>): ClusterReading {
  return { hosts: Object.entries(hosts).map(([name, domains]) => host(name, { domains, address: address(name) })), silent: [] };
}

function inputs(vms: readonly string[], onUnreachable: PlacementInputs["onUnreachable"] = "fail"): PlacementInputs {
  return {
    cluster: "prod", owner: "11111111-1111-4111-8111-111111111111", policy: "none", rebalance: false, cpuBaseline: "keep", onUnreachable,
    hosts: ["ash", "birch"].map((name) => ({ host: address(name) })),
    vms: Object.fromEntries(vms.map((name) => [name, { key: `drover:VirtualMachine::${name}`, vcpus: 2, memory: "2 GiB", running: true }])),
  };
}

describe("a move that was cut off", () => {
  it("is no end of the plan when the journal names a host that was forgotten: its VM stays, and that is said", async () => {
    const found = reading({ ash: [moving("web", "ash", "dogwood"), domain("db")], birch: [] });
    const cluster = clusterOf(inputs(["web", "db"]), undefined, found);
    const { text, assignments } = await makePlan(cluster);
    assert.match(text, /a move of web from ash to dogwood was cut off, and dogwood \(.*\) is no host of the cluster[^]*virsh metadata web urn:drover:1 --key drover --edit --config/);
    assert.deepEqual(Object.entries(assignments).map(([name, place]) => `${name} ${place.name}`), ["db ash", "web ash"]);
    assert.deepEqual(await settleCutOff(ctx, cluster), new Map(), "nothing is tried");
    await assert.rejects(finishCutOff(ctx, cluster), /some stay as they are:[^]*web, from ash to dogwood/);
  });

  it("starts no guest that may run at the end of which nothing is known", async () => {
    const { plan } = await makePlan(clusterOf(inputs(["web"]), undefined, reading({ ash: [moving("web", "ash", "dogwood", SHUT_OFF)], birch: [] })));
    assert.deepEqual(plan.starts, {});
  });

  it("that cannot be ended holds up no other one: each is told, and their VMs stay as they are", async () => {
    const found = reading({ ash: [moving("web", "ash", "birch"), moving("db", "ash", "birch")], birch: [] });
    const cluster = clusterOf(inputs(["web", "db"]), undefined, found);
    const left = await settleCutOff(ctx, cluster);
    assert.deepEqual([...left.keys()].sort(), ["db", "web"]);
    await assert.rejects(finishCutOff(ctx, cluster), /db: could not[^]*web: could not|web: could not[^]*db: could not/);

    const undecided = new Map([...left].map(([name, error]) => [name, error.message]));
    const again = clusterOf(inputs(["web", "db"]), undefined, found, { undecided });
    assert.ok(again.cutOff.every(({ isOpen }) => isOpen === true));
    assert.deepEqual((await makePlan(again)).plan.moves, []);
  });
});
