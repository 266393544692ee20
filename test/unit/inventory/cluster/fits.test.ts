import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  baselineText, cpuNeeds, cpuOffers, cpusOn, hasStorage, lackingFor, reasonsToStay, storageNeeds, type CpuBaseline, type DomainDisk, type DomainInventory, type PoolInventory,
} from "../../../../provider/inventory/cluster/index.js";
import type { CpuDescription } from "../../../../provider/xml/index.js";
import { domain, host } from "./readings.js";

const pool: PoolInventory = { name: "disks", uuid: "p", type: "dir", path: "/srv/disks", sharedStorage: "pool p", markerUuid: "p" };
const disk: DomainDisk = { target: "vda", name: "root", device: "disk", path: "/srv/disks/web.qcow2", pool: "disks", sharedStorage: "pool p", cache: "none", readOnly: false };
const epyc: CpuDescription = { mode: "custom", model: "EPYC", vendor: "AMD", isMigratable: true, features: [{ name: "avx2", policy: "require" }, { name: "sha-ni", policy: "disable" }] };

const STAYS: readonly (readonly [what: string, vm: Partial<DomainInventory>, texts: readonly string[]])[] = [
  ["nothing", { disks: [disk], cpu: epyc }, []],
  ["a disk on its host alone", { disks: [{ ...disk, sharedStorage: undefined }] }, ["its disk root is on storage of its host alone (/srv/disks/web.qcow2)"]],
  ["a cache that loses writes", { disks: [{ ...disk, cache: undefined, name: undefined }] }, ["its disk vda has the cache mode writeback, with which it would lose data: none or directsync"]],
  ["no cache of what is only read", { disks: [{ ...disk, cache: undefined, device: "cdrom", readOnly: true }] }, []],
  ["no disk by the network", { disks: [{ ...disk, path: undefined, sharedStorage: "network", cache: undefined }] }, []],
  ["its own obstacles", { obstacles: ["has its host's PCI device 0000:01:00.0"] }, ["it has its host's PCI device 0000:01:00.0"]],
];

describe("why a guest can not be moved", () => {
  for (const [what, vm, texts] of STAYS) {
    it(`is ${what}`, () => {
      assert.deepEqual(reasonsToStay(domain("web", vm)), texts);
    });
  }
});

describe("the storage of a guest's disks", () => {
  const local = { ...pool, name: "local", uuid: "l", path: "/srv/local", sharedStorage: undefined };
  const nas = { ...pool, name: "iso", uuid: "i", type: "netfs", path: "/srv/iso", sharedStorage: "netfs nas /iso", markerUuid: undefined };
  const ash = host("ash", { pools: [pool, local, nas] });

  it("is that of each pool that other hosts may have, once", () => {
    const disks = [disk, { ...disk, target: "vdb" }, { ...disk, target: "vdc", pool: "local", sharedStorage: undefined }, { ...disk, target: "sda", device: "cdrom", pool: "iso", sharedStorage: "netfs nas /iso", path: "/srv/iso/debian.iso" }];
    assert.deepEqual(storageNeeds(domain("web", { disks }), ash), [{ pool: "disks", sharedStorage: "pool p", path: "/srv/disks" }, { pool: "iso", sharedStorage: "netfs nas /iso", path: "/srv/iso" }]);
  });

  it("is on another host where the same storage is in the same folder, whatever its pool is called there", () => {
    const need = { pool: "disks", sharedStorage: "pool p", path: "/srv/disks" };
    assert.equal(hasStorage(host("birch", { pools: [{ ...pool, name: "other", path: "/srv/disks/" }] }), need), true);
    assert.equal(hasStorage(host("birch", { pools: [{ ...pool, sharedStorage: "pool q" }] }), need), false);
    assert.equal(hasStorage(host("birch", { pools: [{ ...pool, path: "/mnt/disks" }] }), need), false);
  });
});

describe("a CPU that a VM names", () => {
  it("is there by what was read of a host, without asking", async () => {
    assert.deepEqual([...await cpusOn(host("ash"), ["host-model", "maximum", "host-passthrough", "EPYC", "EPYC,+aes,-sha-ni"])], ["host-model", "maximum", "host-passthrough", "EPYC", "EPYC,+aes,-sha-ni"]);
    const emulated = host("ash");
    assert.deepEqual([...await cpusOn({ ...emulated, cpu: { ...emulated.cpu, hasPassthrough: false } }, ["host-passthrough"])], []);
  });
});

describe("a guest's CPU", () => {
  it("needs its model, and what it must have beside it", () => {
    assert.deepEqual(cpuNeeds({ cpu: epyc }), ["the CPU model EPYC", "avx2"]);
    assert.deepEqual(cpuNeeds({ cpu: { ...epyc, mode: "host-passthrough", model: undefined } }), ["host-passthrough"]);
    for (const cpu of [undefined, { ...epyc, mode: "host-model" }, { ...epyc, mode: "maximum" }]) assert.deepEqual(cpuNeeds({ cpu }), []);
  });

  it("finds it in what the host offers", () => {
    assert.deepEqual(cpuOffers(host("ash")), ["aes", "avx2", "the CPU model EPYC", "the CPU model qemu64", "host-passthrough"]);
  });
});

describe("a cluster's CPU", () => {
  const baseline: CpuBaseline = { arch: "x86_64", model: "EPYC", features: [{ name: "avx2", policy: "require" }, { name: "sha-ni", policy: "disable" }], expanded: ["aes", "avx2"] };

  it("is had where all of its features are", () => {
    assert.deepEqual(lackingFor(baseline, host("ash")), []);
    assert.deepEqual(lackingFor({ ...baseline, expanded: ["aes", "avx2", "vaes", "pku"] }, host("ash")), ["vaes", "pku"]);
    assert.deepEqual(lackingFor({ ...baseline, arch: "aarch64" }, host("ash")), ["the architecture aarch64"]);
  });

  it("is a line of text", () => {
    assert.equal(baselineText(baseline), "EPYC,+avx2,-sha-ni");
  });
});
