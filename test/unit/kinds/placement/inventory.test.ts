import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostMark } from "../../../../provider/inventory/cluster/index.js";
import { isInMaintenance, lackingAt, usedMemoryMib } from "../../../../provider/kinds/placement/inventory.js";
import { makePlan } from "../../../../provider/kinds/placement/planning.js";
import type { ReadCluster } from "../../../../provider/kinds/placement/reading.js";
import { domain, host } from "../../inventory/cluster/readings.js";
import { cluster, member } from "./clusters.js";

describe("what a move is predicted to copy", () => {
  it("is what the guest has touched, in eighths of its memory, so that a plan stays the same while the guest lives on", () => {
    assert.equal(usedMemoryMib(4096, 1072, "kvm"), 1024);
    assert.equal(usedMemoryMib(4096, 1327, "kvm"), 1024);
    assert.equal(usedMemoryMib(4096, 1328, "kvm"), 1536);
    assert.equal(usedMemoryMib(4096, 1328, "qemu"), 1024, "an emulator has more for itself");
    assert.equal(usedMemoryMib(4096, 30, "kvm"), 512, "something is always copied");
  });

  it("is never more than its memory, however much QEMU has for itself", () => {
    assert.equal(usedMemoryMib(128, 230, "qemu"), 128);
  });
});

/** Two hosts of which birch has more of everything that is asked for here. */
const read = (ash: Parameters<typeof host>[1] = {}, birch: Parameters<typeof host>[1] = {}): { hosts: ReturnType<typeof host>[]; silent: [] } => ({ hosts: [host("ash", ash), host("birch", birch)], silent: [] });
const placeOf = async (of: ReadCluster): Promise<string | undefined> => (await makePlan(of)).assignments["web"]?.name;

describe("a VM that is to start", () => {
  it("goes where the CPU that it names can be had, and is refused by its name where none has it", async () => {
    const on = (cpus: Readonly<Record<string, readonly string[]>>): ReadCluster => cluster(read(), { web: member("web", { cpu: "EPYC-Milan" }) }, { hosts: { ash: { cpus: new Set(cpus["ash"]) }, birch: { cpus: new Set(cpus["birch"]) } } });
    assert.equal(await placeOf(on({ birch: ["EPYC-Milan"] })), "birch");
    assert.equal(await placeOf(on({ ash: ["EPYC-Milan"] })), "ash");
    await assert.rejects(makePlan(on({})), /web.*the CPU EPYC-Milan/);
  });

  it("goes where its machine type is", async () => {
    const newer = { machineTypes: ["pc-q35-7.2", "pc-q35-9.0", "q35"] };
    const machine = (type: string, ash: Parameters<typeof host>[1], birch: Parameters<typeof host>[1]): ReadCluster => cluster(read(ash, birch), { web: member("web", { machine: type }) });
    assert.equal(await placeOf(machine("pc-q35-9.0", {}, newer)), "birch");
    assert.equal(await placeOf(machine("pc-q35-9.0", newer, {})), "ash");
    await assert.rejects(makePlan(machine("pc-q35-10.0", newer, newer)), /web.*machine type pc-q35-10\.0/);
  });

  it("keeps its CPU while it runs, whatever it names by now", async () => {
    const running = { hosts: [host("ash", { domains: [domain("web")] }), host("birch")], silent: [] };
    assert.equal(await placeOf(cluster(running, { web: member("web", { cpu: "EPYC-Milan" }) })), "ash");
  });

  it("may wait on a host that does not answer, of which nothing is known", async () => {
    const silent = { hosts: [host("ash", { machineTypes: ["q35"] })], silent: [{ address: host("birch").address, error: new Error("silent") }] };
    const of = cluster(silent, { web: member("web", { cpu: "EPYC-Milan" }) }, { assignments: { web: { name: "birch", uri: "qemu+ssh://root@birch/system", owner: "owner", vcpus: 1, memory: "1 GiB" } } });
    assert.equal(of.sorted.members[0]?.maybeOn, "birch");
    assert.equal(await placeOf(of), "birch");
  });
});

describe("a guest that is to move", () => {
  const disks = { name: "disks", uuid: "p", type: "dir", path: "/srv/disks", sharedStorage: "pool p", markerUuid: "p" };
  const byHand = { target: "vdb", name: undefined, device: "disk", path: "/srv/disks/more.qcow2", pool: "disks", sharedStorage: "pool p", cache: "none", readOnly: false };
  const lan = { name: "lan", uuid: "n", bridge: "virbr9", forward: "nat" };
  /** ash is to be empty. */
  const from = (ash: Parameters<typeof host>[1], birch: Parameters<typeof host>[1]): ReadCluster => cluster(read(ash, birch), { web: member("web") }, { hosts: { ash: { maintenance: true, state: "maintenance" } } });

  it("goes nowhere where a disk that somebody attached by hand is not, or is in another folder", async () => {
    const ash = { domains: [domain("web", { disks: [byHand] })], pools: [disks] };
    assert.equal(await placeOf(from(ash, { pools: [disks] })), "birch");
    await assert.rejects(makePlan(from(ash, {})), /web needs storage pool disks at \/srv\/disks \(pool p\)/);
    await assert.rejects(makePlan(from(ash, { pools: [{ ...disks, path: "/mnt" }] })), /storage pool disks at/);
  });

  it("goes nowhere where a NIC that somebody attached by hand has no network or bridge", async () => {
    const ash = { domains: [domain("web", { networks: ["lan"], bridges: ["br0", "br7"] })], networks: [lan], bridges: ["br0", "br7"] };
    assert.equal(await placeOf(from(ash, { networks: [lan], bridges: ["br0", "br7"] })), "birch");
    await assert.rejects(makePlan(from(ash, { bridges: ["br0", "br7"] })), /network lan/);
    await assert.rejects(makePlan(from(ash, { networks: [lan] })), /bridge br7/);
  });

  it("stays where its own host has not what it is plugged into", async () => {
    await assert.rejects(makePlan(from({ domains: [domain("web", { networks: ["lan"] })] }, {})), /it is plugged into the network lan, which is not active even on its own host/);
    const quiet = cluster(read({ domains: [domain("web", { networks: ["lan"] })] }), { web: member("web") });
    assert.equal((await makePlan(quiet)).plan.violations.length, 0, "and where it need not move, nothing is said");
  });

  it("is missed by what its host has lost since it was planned", () => {
    const ash = { domains: [domain("web", { bridges: ["br0"] })] };
    const of = (birch: Parameters<typeof host>[1]): string[] => {
      const now = from(ash, birch);
      const [found] = now.sorted.members;
      return found === undefined ? ["not found"] : lackingAt(now, found, "birch");
    };
    assert.deepEqual(of({}), []);
    assert.deepEqual(of({ bridges: [] }), ["bridge br0"]);
  });
});

describe("a host that an operator emptied by hand", () => {
  const saying = (maintenance: boolean | undefined): { readonly maintenance?: boolean } => (maintenance === undefined ? {} : { maintenance });
  const note = { by: "alice@laptop", at: "2026-01-01T00:00:00Z", reason: "drover evacuate" };
  const read: { readonly marks: readonly HostMark[] } = { marks: [{ cluster: { id: "c", name: "prod" }, state: { kind: "evacuated", ...note }, hosts: [] }] };
  const open = { marks: [] };

  for (const [words, now, before, expected] of [
    ["a program that says nothing of it", undefined, undefined, true],
    ["a program that always says false", false, false, true],
    ["a program that says false now and said nothing before", false, undefined, true],
    ["one that says true", true, false, true],
    ["one that said true and says false", false, true, false],
    ["one that said true and says nothing any more", undefined, true, true],
  ] as const) it(`${expected ? "stays closed by" : "is taken back by"} ${words}`, () => { assert.equal(isInMaintenance(saying(now), read, saying(before)), expected); });

  it("and no other is closed by what the program said once", () => {
    assert.equal(isInMaintenance(saying(false), open, saying(true)), false);
    assert.equal(isInMaintenance(saying(undefined), open, undefined), false);
  });
});
