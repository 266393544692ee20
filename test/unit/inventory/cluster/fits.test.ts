import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  baselineText, cpuNeeds, cpuOffers, lackingFor, whyNotOn, type CpuBaseline, type DomainDisk, type DomainInventory, type HostInventory, type PoolInventory,
} from "../../../../provider/inventory/cluster/index.js";
import type { CpuDescription } from "../../../../provider/xml/index.js";
import { domain, host, SHUT_OFF } from "./readings.js";

const pool: PoolInventory = { name: "disks", uuid: "p", type: "dir", path: "/srv/disks", sharedStorage: "pool p", markerUuid: "p" };
const disk: DomainDisk = { target: "vda", name: "root", device: "disk", path: "/srv/disks/web.qcow2", pool: "disks", sharedStorage: "pool p", cache: "none", readOnly: false };
const epyc: CpuDescription = { mode: "custom", model: "EPYC", vendor: "AMD", isMigratable: true, features: [{ name: "avx2", policy: "require" }, { name: "sha-ni", policy: "disable" }] };

const CASES: readonly (readonly [what: string, vm: Partial<DomainInventory>, target: Partial<HostInventory>, texts: readonly string[]])[] = [
  ["nothing", { disks: [disk], cpu: epyc }, { pools: [pool] }, []],
  ["a disk on its host alone", { disks: [{ ...disk, sharedStorage: undefined }] }, { pools: [pool] }, ["has its disk root at /srv/disks/web.qcow2, in no storage pool that is known to be shared"]],
  ["a pool that is not there", { disks: [disk] }, { pools: [{ ...pool, sharedStorage: "pool q" }] }, ["has its disk root in the pool disks, which birch does not reach"]],
  ["a pool at another path", { disks: [disk] }, { pools: [{ ...pool, path: "/mnt/disks" }] }, ["has its disk root at /srv/disks/web.qcow2, and birch has that pool at /mnt/disks"]],
  ["a cache that loses writes", { disks: [{ ...disk, cache: undefined, name: undefined }] }, { pools: [pool] }, ["has its disk vda with the cache mode writeback (the default), with which it must not migrate: none or directsync"]],
  ["no cache of what is only read", { disks: [{ ...disk, cache: undefined, device: "cdrom", readOnly: true }] }, { pools: [pool] }, []],
  ["no disk by the network", { disks: [{ ...disk, path: undefined, sharedStorage: "network", cache: undefined }] }, {}, []],
  ["no cache of a stopped one", { ...SHUT_OFF, disks: [{ ...disk, cache: undefined }] }, { pools: [pool] }, []],
  ["what binds a stopped one", { ...SHUT_OFF, obstacles: ["has snapshots"] }, {}, ["has snapshots"]],
  ["its own obstacles", { obstacles: ["has its host's PCI device 0000:01:00.0"] }, {}, ["has its host's PCI device 0000:01:00.0"]],
  ["a network", { networks: ["lan"] }, { networks: [] }, ["is plugged into the network lan, which is not active on birch"]],
  ["a bridge", { bridges: ["br7"] }, {}, ["is plugged into the bridge br7, which birch does not have"]],
  ["no bridge of a host that cannot tell", { bridges: ["br7"] }, { bridges: undefined }, []],
  ["an accelerator", {}, { accelerators: ["qemu"] }, ["runs by kvm, which birch does not have"]],
  ["a machine type", { machine: "pc-q35-9.9" }, {}, ["is a machine of the type pc-q35-9.9, which birch's QEMU does not know"]],
  ["an architecture", { arch: "aarch64" }, {}, ["is a guest of aarch64, and birch is x86_64"]],
  ["a CPU", { cpu: { ...epyc, model: "Icelake-Server", features: [{ name: "vaes", policy: "force" }] } }, {}, ["needs a CPU with model Icelake-Server, vaes, which birch does not have"]],
  ["a host that cannot migrate", {}, { migrationTransports: [] }, ["cannot migrate to birch, whose libvirt takes no migration by TCP"]],
];

describe("why a domain cannot be on a host", () => {
  for (const [what, vm, target, texts] of CASES) {
    it(`is ${what}`, () => {
      assert.deepEqual(whyNotOn(domain("web", vm), host("birch", target)), texts);
    });
  }
});

describe("a guest's CPU", () => {
  it("needs its model, and what it must have beside it", () => {
    assert.deepEqual(cpuNeeds({ cpu: epyc }), ["model EPYC", "avx2"]);
    assert.deepEqual(cpuNeeds({ cpu: { ...epyc, mode: "host-passthrough", model: undefined } }), ["host-passthrough"]);
    for (const cpu of [undefined, { ...epyc, mode: "host-model" }, { ...epyc, mode: "maximum" }]) assert.deepEqual(cpuNeeds({ cpu }), []);
  });

  it("finds it in what the host offers", () => {
    assert.deepEqual(cpuOffers(host("ash")), ["aes", "avx2", "model EPYC", "model qemu64", "host-passthrough"]);
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
