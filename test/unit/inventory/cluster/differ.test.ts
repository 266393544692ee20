import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { digestOfInventory, whatDiffers, type ClusterReading, type DomainInventory, type HostInventory, type HostMark } from "../../../../provider/inventory/cluster/index.js";
import { domain, FOREIGN, host, reading, SHUT_OFF } from "./readings.js";

const mark = (state: HostMark["state"], dead = false): HostMark => ({
  cluster: { id: "c", name: "prod" }, state,
  hosts: [{ name: "cedar", uri: "qemu+ssh://root@cedar/system", ...(dead ? { confirmedDead: { by: "alice", at: "2026-01-01T00:00:00Z", reason: "burnt" } } : {}) }],
});
const maintenance = { kind: "maintenance", by: "alice", at: "2026-01-01T00:00:00Z", reason: "new memory" } as const;

/** One host, otherwise the same. */
function oneHost(given: Partial<HostInventory>): ClusterReading {
  return { hosts: [host("ash", given)], silent: [] };
}

function onAsh(given: Partial<DomainInventory>): ClusterReading {
  return reading({ ash: [domain("web-1", given)] });
}

const CASES: readonly (readonly [what: string, before: ClusterReading, after: ClusterReading, lines: readonly string[]])[] = [
  ["a guest that was moved by hand", reading({ ash: [domain("web-1")], birch: [] }), reading({ ash: [], birch: [domain("web-1")] }), ["web-1 runs on birch, not on ash any more"]],
  ["one whose definition stayed behind", reading({ ash: [domain("web-1")], birch: [] }), reading({ ash: [domain("web-1", SHUT_OFF)], birch: [domain("web-1")] }), ["web-1 runs on birch, not on ash any more"]],
  ["one that runs twice", reading({ ash: [domain("web-1")], birch: [] }), reading({ ash: [domain("web-1")], birch: [domain("web-1")] }), ["web-1 runs on ash and birch at once"]],
  ["one on its way", reading({ ash: [domain("web-1")], birch: [] }), reading({ ash: [domain("web-1")], birch: [domain("web-1", { state: "paused", reason: "migration" })] }), ["web-1 is on ash and birch at once: it is being migrated, or a migration of it was cut off"]],
  ["one that was stopped", onAsh({}), onAsh(SHUT_OFF), ["web-1 was stopped on ash"]],
  ["a transient one that ended", onAsh({}), reading({ ash: [] }), ["web-1 was stopped on ash and is not defined there any more"]],
  ["one that was started", onAsh(SHUT_OFF), onAsh({}), ["web-1 was started on ash"]],
  ["one that was paused", onAsh({}), onAsh({ state: "paused" }), ["web-1 is paused on ash, not running any more"]],
  ["somebody else's that was started", reading({ ash: [] }), reading({ ash: [domain("db-old", FOREIGN)] }), ["a domain that is not ours, db-old, was started on ash"]],
  ["a definition that was moved", reading({ ash: [domain("web-1", SHUT_OFF)], birch: [] }), reading({ ash: [], birch: [domain("web-1", SHUT_OFF)] }), ["web-1 is defined on birch, not on ash any more"]],
  ["a definition that is gone", onAsh(SHUT_OFF), reading({ ash: [] }), ["web-1 is not defined on ash any more"]],
  ["a VM that grew", onAsh({}), onAsh({ vcpus: 4 }), ["web-1 has 4 CPUs and 2048 MiB now, it had 2 CPUs and 2048 MiB"]],
  ["a journal of a move", onAsh({}), onAsh({ ours: { owner: "owner", urn: "drover:VirtualMachine::web-1", version: 1, facts: { move: { to: "birch" } } } }), ["web-1 has another mark: a run of Drover changed it, or began or ended a move of it"]],
  ["a mark that was taken away", onAsh({}), onAsh(FOREIGN), ["web-1 does not carry Drover's mark any more"]],
  ["a snapshot", onAsh({}), onAsh({ obstacles: ["has snapshots"] }), ["web-1 has snapshots"]],
  ["a disk", onAsh({}), onAsh({ disks: [{ target: "vdb", name: "data", device: "disk", path: "/srv/data", pool: undefined, sharedStorage: undefined, cache: undefined, readOnly: false }] }), ["web-1 has other disks, networks or another CPU"]],
  ["a name", onAsh({}), onAsh({ name: "www-1" }), ["www-1 was called web-1"]],
  ["a silent host, of whose guests nothing is said", reading({ ash: [], cedar: [domain("web-1")] }), reading({ ash: [] }, ["cedar"]), ["cedar does not answer"]],
  ["a host that is back", reading({ ash: [] }, ["cedar"]), reading({ ash: [], cedar: [] }), ["cedar answers again"]],
  ["a host that is new, and one that left", reading({ ash: [] }), reading({ birch: [] }), ["ash is no host of the cluster any more", "birch is a host of the cluster now"]],
  ["less memory", oneHost({}), oneHost({ memoryMib: 8192 }), ["ash has 8 CPUs and 8192 MiB now, it had 8 CPUs and 16384 MiB"]],
  ["maintenance", oneHost({}), oneHost({ marks: [mark(maintenance)] }), ["ash is in maintenance now"]],
  ["the end of it", oneHost({ marks: [mark({ ...maintenance, kind: "evacuated" })] }), oneHost({ marks: [mark(undefined)] }), ["ash is not evacuated any more"]],
  ["a word that a host is dead", oneHost({ marks: [mark(undefined)] }), oneHost({ marks: [mark(undefined, true)] }), ["cedar was declared dead, by what ash keeps"]],
  ["a mark that is garbage", oneHost({}), oneHost({ markError: new Error("garbage") }), ["Drover's note on ash cannot be read any more"]],
  ["another CPU", oneHost({}), oneHost({ cpu: { ...host("ash").cpu, features: ["aes"] } }), ["ash's CPU is another one to guests: without avx2"]],
  ["another machine", oneHost({}), oneHost({ hostUuid: "other" }), ["ash is another machine now (other, not uuid-of-ash)"]],
  ["another QEMU", oneHost({}), oneHost({ machineTypes: [] }), ["ash has another QEMU: it knows other machine types or accelerators"]],
];

describe("what differs between two readings", () => {
  for (const [what, before, after, lines] of CASES) {
    it(`tells of ${what}`, () => {
      assert.deepEqual(whatDiffers(before, after), lines);
      assert.notEqual(digestOfInventory(before), digestOfInventory(after));
    });
  }

  it("says nothing of what no plan rests on", () => {
    const before = reading({ ash: [domain("web-1")] });
    const after: ClusterReading = { silent: [], hosts: [host("ash", {
      domains: [
        domain("stopped", { ...FOREIGN, ...SHUT_OFF }),
        domain("web-1", { reason: "migrated", autostart: true, measured: { residentMib: 1 }, memory: { currentMib: 1024, totalMib: 2048, maxMib: 8192 } }),
      ],
      networks: [{ name: "made-by-this-up", uuid: "n", bridge: "virbr9", forward: "nat" }],
      marks: [mark(undefined)],
    })] };
    assert.deepEqual(whatDiffers(before, after), []);
    assert.equal(digestOfInventory(before), digestOfInventory(after));
  });

  it("takes domains of other owners for a load, whatever they do", () => {
    const others = { ours: { owner: "another stack", urn: "drover:VirtualMachine::web-1", version: 1 } } as const;
    const owners = new Set(["owner"]);
    const differ = (before: Partial<DomainInventory>, after: Partial<DomainInventory>): string[] => whatDiffers(onAsh({ ...others, ...before }), onAsh({ ...others, ...after }), { owners });
    assert.deepEqual(differ({ state: "paused" }, { machine: "pc", obstacles: ["has snapshots"] }), []);
    assert.deepEqual(differ(SHUT_OFF, { ...SHUT_OFF, vcpus: 4 }), []);
    assert.deepEqual(differ({}, { vcpus: 4 }), ["a domain that is not ours, web-1, has 4 CPUs and 2048 MiB now, it had 2 CPUs and 2048 MiB"]);
    assert.deepEqual(differ(SHUT_OFF, {}), ["a domain that is not ours, web-1, was started on ash"]);
  });

  it("does not mind in what order anything was read", () => {
    const one = reading({ ash: [domain("a"), domain("b")], birch: [domain("c")] });
    const other: ClusterReading = { silent: [], hosts: [...one.hosts].reverse().map((each) => ({ ...each, domains: each.domains.toReversed(), machineTypes: each.machineTypes.toReversed(), cpu: { ...each.cpu, features: each.cpu.features.toReversed() } })) };
    assert.equal(digestOfInventory(one), digestOfInventory(other));
    assert.deepEqual(whatDiffers(one, other), []);
  });

  it("has no line exactly where the digests are the same", () => {
    const anyDomain = fc.record({
      name: fc.constantFrom("a", "b"), vcpus: fc.constantFrom(1, 2), isOurs: fc.boolean(), state: fc.constantFrom("running" as const, "paused" as const, "shutoff" as const),
      obstacles: fc.constantFrom([], ["has snapshots"]), machine: fc.constantFrom("q35", "pc"), cells: fc.constantFrom(undefined, [0], [1]),
    }).map(({ isOurs, cells, ...given }) => domain(given.name, { ...given, isActive: given.state !== "shutoff", hostCells: cells, ...(isOurs ? {} : FOREIGN) }));
    const anyHost = (name: string): fc.Arbitrary<HostInventory | undefined> => fc.option(fc.record({
      domains: fc.uniqueArray(anyDomain, { maxLength: 2, selector: ({ uuid }) => uuid }), memoryMib: fc.constantFrom(1, 2), accelerators: fc.constantFrom(["kvm"], ["qemu"]),
    }).map((given) => host(name, given)), { nil: undefined });
    const anyReading = fc.tuple(anyHost("ash"), anyHost("birch")).map(([ash, birch]): ClusterReading => ({
      hosts: [ash, birch].filter((each) => each !== undefined),
      silent: [["ash", ash], ["birch", birch]].flatMap(([name, found]) => (found === undefined ? [{ address: host(name as string).address, error: new Error("silent") }] : [])),
    }));
    fc.assert(fc.property(anyReading, anyReading, (one, other) => {
      const lines = whatDiffers(one, other);
      assert.equal(lines.length === 0, digestOfInventory(one) === digestOfInventory(other), lines.join("\n"));
      assert.ok(!lines.some((line) => line.startsWith("what ")), `a line of its own is missing: ${lines.join("\n")}`);
    }), { numRuns: 2_000 });
  });
});
