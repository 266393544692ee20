import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { containsUnknown, differenceOf } from "../../../provider/engine/difference.js";
import { UNKNOWN } from "../../../provider/engine/handler.js";

const ash = { name: "ash", uri: "qemu+ssh://root@ash/system", owner: "o-ash" };
const birch = { name: "birch", uri: "qemu+ssh://root@birch/system", owner: "o-birch" };
const pool = { name: "disks", uuid: "u-disks", owner: "o-ash", path: "/srv/disks", shared: true, hosts: [ash] };
const disk = { pool, name: "data", size: "4 GiB", format: "qcow2" };
const same = { changes: false, replaces: [], deleteBeforeReplace: false };

describe("the difference of two sets of inputs", () => {
  it("is none where they mean the same", () => {
    assert.deepEqual(differenceOf("Disk", disk, structuredClone(disk)), same);
    assert.deepEqual(differenceOf("Disk", disk, { ...disk, host: undefined }), same);
    assert.deepEqual(differenceOf("Disk", { ...disk, adopt: null }, disk), same);
    assert.deepEqual(differenceOf("Disk", disk, Object.fromEntries(Object.entries(disk).reverse())), same);
  });

  it("is none in what check computes, nor in hidden properties", () => {
    assert.equal(differenceOf("VirtualMachine", { host: ash, changes: [] }, { host: ash, changes: [{ property: "memory" }] }).changes, false);
    assert.equal(differenceOf("HostStoragePool", { host: ash, path: "/p" }, { host: ash, path: "/p", peers: [birch] }).changes, false);
    assert.equal(differenceOf("Disk", { ...disk, __droverName: "a" }, { ...disk, __droverName: "b" }).changes, false);
  });

  it("is a change in any other input, at any depth", () => {
    assert.deepEqual(differenceOf("Disk", disk, { ...disk, size: "8 GiB" }), { ...same, changes: true });
    assert.equal(differenceOf("VirtualMachine", { host: ash, disks: { root: { cache: "none" } } }, { host: ash, disks: { root: { cache: "writeback" } } }).changes, true);
  });

  it("replaces where the schema says so, and deletes before", () => {
    assert.deepEqual(differenceOf("Disk", disk, { ...disk, format: "raw", name: "more" }), { changes: true, replaces: ["name", "format"], deleteBeforeReplace: true });
  });

  it("never replaces a VM", () => {
    const vm = { host: ash, vcpus: 1, memory: "4 GiB", machine: "q35", name: "web" };
    for (const change of [{ memory: "8 GiB" }, { vcpus: 9 }, { machine: "pc" }, { host: birch }, { name: "other" }]) {
      assert.deepEqual(differenceOf("VirtualMachine", vm, { ...vm, ...change }), { ...same, changes: true }, JSON.stringify(change));
    }
  });

  it("never replaces for a reference that means the same object", () => {
    assert.deepEqual(differenceOf("Disk", disk, { ...disk, pool: { ...pool, hosts: [ash, birch] } }), { ...same, changes: true });
    assert.deepEqual(differenceOf("Disk", { ...disk, host: ash }, { ...disk, host: { ...ash, uri: "qemu+ssh://root@10.0.0.1/system" } }), { ...same, changes: true });
    assert.deepEqual(differenceOf("Disk", disk, { ...disk, pool: { ...pool, uuid: "u-other" } }).replaces, ["pool"]);
    assert.deepEqual(differenceOf("Disk", { ...disk, host: ash }, { ...disk, host: birch }).replaces, ["host"]);
  });

  it("is none where a shared pool got more hosts, at any depth; what left or is reached another way is one", () => {
    const [cedar, twins] = [{ name: "cedar", uri: "qemu+ssh://root@cedar/system", owner: "o-cedar" }, { ...pool, hosts: [ash, birch] }];
    const after = (hosts: readonly object[], before: object = twins): boolean => differenceOf("VirtualMachine", { host: ash, disks: { root: { image: { volume: "v", pool: before } } } }, { host: ash, disks: { root: { image: { volume: "v", pool: { ...before, hosts } } } } }).changes;
    assert.equal(after([ash, birch, cedar]), false);
    assert.equal(after([cedar, birch, ash]), false);
    assert.equal(after([ash, cedar]), true);
    assert.equal(after([ash, { ...birch, uri: "qemu+ssh://root@10.0.0.2/system" }, cedar]), true);
    assert.equal(after([ash, birch], pool), true, "one host alone may die with nobody to ask left");
    assert.equal(after([ash, birch, cedar], { ...twins, shared: false }), true);
    assert.equal(differenceOf("Disk", { ...disk, pool: twins }, { ...disk, pool: { ...twins, hosts: [ash, birch, cedar], path: "/other" } }).changes, true);
  });

  it("never replaces for what is not known yet", () => {
    for (const unknown of [UNKNOWN, { ...pool, uuid: UNKNOWN }, { ...pool, hosts: [{ ...ash, owner: UNKNOWN }] }]) {
      assert.deepEqual(differenceOf("Disk", disk, { ...disk, pool: unknown }), { ...same, changes: true });
    }
  });
});

describe("containsUnknown", () => {
  it("looks into lists and objects", () => {
    assert.equal(containsUnknown({ a: [{ b: UNKNOWN }] }), true);
    assert.equal(containsUnknown({ a: [{ b: null }], c: "x" }), false);
  });
});
