import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forRoomAlone, planOf, standing } from "../../../provider/guard/restart-plan.js";
import { RestartOrder } from "../../../provider/guard/restart-order.js";
import type { KnownGuest } from "../../../provider/guard/guests.js";
import type { ReadCluster } from "../../../provider/kinds/placement/index.js";
import type { Member } from "../../../provider/schema/index.js";
import { domain, host, SHUT_OFF } from "../inventory/cluster/readings.js";
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

  describe("where not all fit", () => {
    const known = (name: string): KnownGuest => ({ ...web, uuid: name, name });

    /** birch has room for so many guests of 1 GiB; ash, where all of them ran, is dead. */
    async function fitting(room: number, members: Readonly<Record<string, Partial<Member>>>): Promise<{ readonly starts: readonly string[]; readonly waiting: Readonly<Record<string, string>> }> {
      const { name, uri, owner } = host("ash").address;
      const vms = Object.fromEntries(Object.entries(members).map(([vm, given]) => [vm, member(vm, { ha, ...given })]));
      const of = cluster({ hosts: [host("birch", { memoryMib: 512 + room * 1024 })], silent: silent.filter(({ address }) => address.name === "ash") }, vms,
        { hosts: { ash: { state: "lost" } }, assignments: Object.fromEntries(Object.keys(members).map((vm) => [vm, { name, uri, owner, vcpus: 1, memory: "1 GiB" }])) });
      const order = new RestartOrder({ vms: of.inputs.vms, runs: () => false, isOwed: () => true });
      const { planned, placed, waiting } = await planOf(of, Object.keys(members).map(known), {}, order, { refusedBy: () => new Set() });
      const starts = Object.keys(planned?.plan.starts ?? {}).sort();
      assert.deepEqual(starts, placed.map((guest) => guest.name).sort());
      return { starts, waiting: Object.fromEntries(await Promise.all([...waiting].map(async ([guest, why]) => [guest.name, await why()] as const))) };
    }

    it("starts the most important ones, and says of the others what is in the way", async () => {
      const { starts, waiting } = await fitting(2, { a: {}, b: { ha: { ...ha, priority: 90 } }, c: { ha: { ...ha, priority: 70 } } });
      assert.deepEqual([starts, Object.keys(waiting)], [["b", "c"], ["a"]]);
      assert.match(waiting["a"] ?? "", /^no place for it now: could not place the VMs[^]*a \(1 vcpus, 1024 memoryMib\)/);
    });

    it("finds out what is in the way of three, however many wait", async () => {
      const { starts, waiting } = await fitting(1, Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, {}])));
      assert.equal(starts.length, 1);
      assert.equal(Object.values(waiting).filter((why) => why.endsWith("those before it have what there was")).length, 1);
    });

    it("starts the most important of those that fell where their host goes on", async () => {
      const vms = { a: member("a", { ha, memory: "4 GiB" }), b: member("b", { ha: { ...ha, priority: 90 }, memory: "4 GiB" }) };
      const { name, uri, owner } = host("ash").address;
      const off = (vm: string): ReturnType<typeof domain> => domain(vm, { ...SHUT_OFF, memory: { currentMib: 4096, totalMib: 4096, maxMib: 4096 } });
      const of = cluster({ hosts: [host("ash", { memoryMib: 512 + 6 * 1024, domains: [off("a"), off("b")] })], silent: [] }, vms,
        { assignments: Object.fromEntries(["a", "b"].map((vm) => [vm, { name, uri, owner, vcpus: 1, memory: "4 GiB" }])) });
      const order = new RestartOrder({ vms: of.inputs.vms, runs: () => false, isOwed: () => true });
      const { planned, waiting } = await planOf(standing(of), ["a", "b"].map(known), {}, order, { refusedBy: () => new Set() });
      assert.deepEqual([planned?.plan.starts, [...waiting.keys()].map((guest) => guest.name)], [{ b: "ash" }, ["a"]]);
    });

    it("starts what others depend on before them, and gives the place of one that is held to others", async () => {
      const shop = { ha: { ...ha, priority: 90, dependsOn: ["db"] } };
      assert.deepEqual((await fitting(1, { shop, db: { ha: { ...ha, priority: 10 } }, other: {} })).starts, ["db"]);
      const { starts, waiting } = await fitting(1, { shop, db: { memory: "4 GiB" }, other: {} });
      assert.deepEqual([starts, Object.keys(waiting).sort()], [["other"], ["db", "shop"]]);
      assert.match(waiting["shop"] ?? "", /it waits for db/);
    });
  });

  it("moves what runs to make room, and for no wish", async () => {
    const lives = (name: string, memory: number): ReturnType<typeof domain> => domain(name, { memory: { currentMib: memory, totalMib: memory, maxMib: memory }, disks: [] });
    const read = (room: number): ReadCluster => cluster({ hosts: [host("birch", { memoryMib: 512 + room * 1024, domains: [lives("x", 1024), lives("y", 1024)] }), host("cedar", { memoryMib: 512 + 1024 })], silent: silent.filter(({ address }) => address.name === "ash") },
      { web: member("web", { ha, memory: "3 GiB" }), x: member("x"), y: member("y") },
      { hosts: { ash: { state: "lost" } }, rules: [{ kind: "separate", vms: ["x", "y"], hard: false }], tolerate: { hosts: 1 },
        assignments: { web: { name: "ash", uri: host("ash").address.uri, owner: "owner", vcpus: 1, memory: "3 GiB" } } });
    const order = (of: ReadCluster): RestartOrder => new RestartOrder({ vms: of.inputs.vms, runs: () => false, isOwed: () => true });
    const movesFor = async (of: ReadCluster): Promise<{ readonly placed: number; readonly moves: number }> => {
      const { planned, placed } = await planOf(forRoomAlone(of), [web], {}, order(of), { refusedBy: () => new Set() });
      return { placed: placed.length, moves: planned?.plan.moves.length ?? 0 };
    };
    assert.deepEqual(await movesFor(read(4)), { placed: 1, moves: 1 });
    assert.deepEqual(await movesFor(read(3)), { placed: 0, moves: 0 });
  });
});
