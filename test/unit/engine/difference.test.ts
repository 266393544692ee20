import assert from "node:assert/strict";
import { test } from "node:test";
import { differenceOf } from "../../../provider/engine/difference.js";
import { UNKNOWN } from "../../../provider/engine/handler.js";

const host = { name: "ash", uri: "qemu+ssh://root@ash/system", owner: "o" };
const pool = { host, owner: "o", pool: "disks", name: "disks", path: "/srv/disks", shared: true, type: "dir", autostart: true, adopt: false };

test("equal inputs are no difference, whatever their order, and neither is what check computes", () => {
  assert.equal(differenceOf("HostStoragePool", pool, { ...pool, peers: [host] }).changes, false);
  assert.equal(differenceOf("VirtualMachine", { host, vcpus: 1 }, { vcpus: 1, host, changes: [{ property: "vcpus", when: "live" }] }).changes, false);
});

test("only what the schema says replaces, and a host that is reached another way is no other host", () => {
  assert.deepEqual(differenceOf("HostStoragePool", pool, { ...pool, path: "/other" }).replaces, ["path"]);
  assert.deepEqual(differenceOf("HostStoragePool", pool, { ...pool, host: { ...host, uri: "qemu+tls://ash/system" } }), { changes: true, replaces: [], deleteBeforeReplace: false });
  assert.deepEqual(differenceOf("HostStoragePool", pool, { ...pool, host: { name: "elm", uri: "qemu+ssh://elm/system", owner: "p" } }).replaces, ["host"]);
  for (const change of [{ memory: "8 GiB" }, { vcpus: 9 }, { machine: "pc" }, { host: { ...host, name: "elm", uri: "x", owner: "y" } }, { name: "other" }]) {
    assert.deepEqual(differenceOf("VirtualMachine", { host, vcpus: 1, memory: "4 GiB", machine: "q35" }, { host, vcpus: 1, memory: "4 GiB", machine: "q35", ...change }).replaces, [], JSON.stringify(change));
  }
});

test("an unknown is a change and never a replacement", () => {
  assert.deepEqual(differenceOf("HostStoragePool", pool, { ...pool, host: { ...host, owner: UNKNOWN, uri: "y" } }).replaces, []);
  assert.equal(differenceOf("HostStoragePool", pool, { ...pool, path: UNKNOWN }).changes, true);
  assert.deepEqual(differenceOf("HostStoragePool", pool, { ...pool, path: UNKNOWN }).replaces, []);
});
