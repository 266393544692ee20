import assert from "node:assert/strict";
import { test } from "node:test";
import { kind, told, HalfDone } from "../support/kinds.js";
import { deleteAll, forget, useStorage } from "./storage.js";

const site = useStorage();
const pools = kind("HostStoragePool");

/** A folder of the host alone, and its removal. */
async function localFolder(host: string, base: string): Promise<string> {
  const path = `/srv/${site.lab.name(base)}`;
  await site.lab.host(host).check(["rm", "-rf", path]);
  return path;
}

test("a pool is built, started, marked, seen again, and leaves its folder empty", async () => {
  const ash = site.lab.host("ash");
  const path = await localFolder("ash", "life");
  const name = site.lab.name("life");
  const [inputs = {}] = site.parts(name, [await site.host("ash")], { path });
  const pool = await pools.create("life-ash", inputs);
  assert.equal(pool.outputs["active"], true);
  assert.match(await ash.virsh(["pool-info", name]), /Autostart:\s+yes/);
  assert.equal((await pools.preview(pool, inputs)).changes, false);
  const again = await pools.create("life-ash", inputs);
  assert.equal(again.id, pool.id);
  const changed = await pools.up(pool, { ...inputs, autostart: false });
  assert.match(await ash.virsh(["pool-info", name]), /Autostart:\s+no/);
  assert.deepEqual((await pools.refresh(changed))?.inputs["autostart"], false);
  assert.deepEqual((await pools.preview(changed, { ...inputs, path: "/srv/other" })).replaces, ["path"]);
  await pools.delete(changed);
  assert.doesNotMatch(await ash.virsh(["pool-list", "--all"]), new RegExp(name));
  assert.equal(await ash.check(["ls", "-A", path]), "");
  assert.equal(await pools.refresh(changed), undefined);
  await pools.delete(changed);
});

test("a pool that virsh stopped is started again, one that it undefined is made again", async () => {
  const ash = site.lab.host("ash");
  const path = await localFolder("ash", "stopped");
  const name = site.lab.name("stopped");
  const [inputs = {}] = site.parts(name, [await site.host("ash")], { path });
  let pool = await pools.create("stopped-ash", inputs);
  await ash.virsh(["pool-destroy", name]);
  const stopped = await pools.refresh(pool);
  assert.equal(stopped?.outputs["active"], false);
  assert.equal((await pools.preview(stopped, inputs)).changes, true);
  pool = await pools.up(stopped, inputs);
  assert.match(await ash.virsh(["pool-info", name]), /State:\s+running/);
  await ash.virsh(["pool-destroy", name]);
  await ash.virsh(["pool-undefine", name]);
  assert.equal(await pools.refresh(pool), undefined);
  const again = await pools.create("stopped-ash", inputs);
  assert.equal(again.id, pool.id);
  await pools.delete(again);
});

test("a pool that holds volumes is not deleted", async () => {
  const ash = site.lab.host("ash");
  const path = await localFolder("ash", "full");
  const name = site.lab.name("held");
  const [inputs = {}] = site.parts(name, [await site.host("ash")], { path });
  const pool = await pools.create("held-ash", inputs);
  await ash.check(["touch", `${path}/somebodys.img`]);
  await assert.rejects(pools.delete(pool), /still holds 1 volumes: somebodys\.img[\s\S]*next:/);
  assert.match(await ash.virsh(["pool-info", name]), /State:\s+running/);
  await ash.check(["rm", `${path}/somebodys.img`]);
  await pools.delete(pool);
});

test("a folder that is missing is an error without build, which can be built or deleted then", async () => {
  const path = await localFolder("ash", "missing");
  const [inputs = {}] = site.parts(site.lab.name("missing"), [await site.host("ash")], { path, build: false });
  const failed = await pools.create("missing-ash", inputs).then(() => undefined, (error: unknown) => error);
  assert.ok(failed instanceof HalfDone, String(failed));
  assert.match(failed.message, /could not start storage pool .* on ash: .*No such file or directory[\s\S]*next: make the folder .* build: true/);
  const built = await pools.up(failed.resource, { ...inputs, build: true });
  assert.equal(built.outputs["active"], true);
  await pools.delete(built);
  await site.lab.host("ash").check(["rm", "-rf", path]);
  const again = await pools.create("missing-ash", inputs).then(() => undefined, (error: unknown) => error);
  assert.ok(again instanceof HalfDone, String(again));
  await pools.delete(again.resource);
  assert.doesNotMatch(await site.lab.host("ash").virsh(["pool-list", "--all"]), new RegExp(site.lab.name("missing")));
});

test("a pool of the same name that somebody made is not touched, but adopted and released when asked", async () => {
  const ash = site.lab.host("ash");
  const path = await localFolder("ash", "foreign");
  const name = site.lab.name("foreign");
  await ash.check(["mkdir", "-p", path]);
  await ash.check(["truncate", "-s", "1M", `${path}/data.img`]);
  await ash.virsh(["pool-define-as", name, "dir", "--target", path]);
  await ash.virsh(["pool-start", name]);
  const uuid = (await ash.virsh(["pool-uuid", name])).trim();
  const host = await site.host("ash");
  const [inputs = {}] = site.parts(name, [host], { path });
  await assert.rejects(pools.create("foreign-ash", inputs), new RegExp(`that this resource did not make \\(UUID ${uuid}\\)[\\s\\S]*adopt: true`));
  await assert.rejects(pools.create("foreign-ash", { ...inputs, adopt: true, path: "/srv/elsewhere" }), /it is a dir pool at .*not a dir pool at \/srv\/elsewhere/);
  const adopted = await pools.create("foreign-ash", { ...inputs, adopt: true });
  assert.equal(adopted.id, uuid);
  await pools.delete(adopted);
  assert.match(await ash.virsh(["pool-info", name]), /State:\s+running/);
  assert.equal(await ash.check(["ls", "-A", path]), "data.img\n");
  await ash.virsh(["pool-destroy", name]);
  await ash.virsh(["pool-undefine", name]);
});

test("pools of one name that somebody made on each host are adopted as one shared pool", async () => {
  const { inHosts } = await site.lab.sharedFolder();
  const path = `${inHosts}/adopted`;
  const name = site.lab.name("adopted");
  await site.lab.host("ash").check(["mkdir", "-p", path]);
  for (const host of ["ash", "birch"]) {
    await site.lab.host(host).virsh(["pool-define-as", name, "dir", "--target", path]);
    await site.lab.host(host).virsh(["pool-start", name]);
  }
  const hosts = await site.hosts("ash", "birch");
  const parts = [];
  for (const [index, inputs] of site.parts(name, hosts, { path, shared: true, adopt: true }).entries()) parts.push(await pools.create(`adopted-${index}`, inputs));
  const pool = { name, uuid: String(parts[0]?.outputs["uuid"]), owner: hosts[0]?.owner ?? "", path, shared: true, hosts: [...hosts].reverse() };
  const disk = await kind("Disk").create("on-birch", { pool, size: "1 MiB" });
  assert.match(await site.lab.host("birch").virsh(["vol-info", "on-birch.qcow2", "--pool", name]), /Capacity:\s+1\.00 MiB/);
  await kind("Disk").delete(disk);
  await deleteAll("HostStoragePool", parts);
  assert.equal(await site.lab.host("ash").check(["ls", "-A", path]), "");
  for (const host of ["ash", "birch"]) {
    await site.lab.host(host).virsh(["pool-destroy", name]);
    await site.lab.host(host).virsh(["pool-undefine", name]);
  }
});

test("hosts that share a folder are verified; one is taken out, another added, the rest stays one pool", async () => {
  const { inHosts } = await site.lab.sharedFolder();
  const path = `${inHosts}/shared`;
  const name = site.lab.name("shared");
  await site.lab.host("ash").check(["mkdir", "-p", path]);
  const hosts = await site.hosts("ash", "birch", "cedar");
  const { parts: [onAsh, onBirch] } = await site.pool(name, hosts.slice(0, 2), { path, shared: true });
  const marker = async (): Promise<{ hosts: object }> => JSON.parse(await site.lab.host("birch").check(["cat", `${path}/drover-pool.json`])) as { hosts: object };
  assert.deepEqual(Object.keys((await marker()).hosts), ["ash", "birch"]);
  assert.equal(onAsh?.id, onBirch?.id);
  await site.lab.host("ash").check(["touch", `${path}/data.img`]);
  await forget();
  await deleteAll("HostStoragePool", [onAsh]);
  assert.deepEqual(Object.keys((await marker()).hosts), ["birch"]);
  const [, withCedar = {}] = site.parts(name, hosts.slice(1), { path, shared: true });
  const onCedar = await pools.create(`${name}-cedar`, withCedar);
  assert.equal(onCedar.id, onBirch?.id, "the pool keeps its UUID when another host is first");
  await deleteAll("HostStoragePool", [onBirch]);
  await assert.rejects(pools.delete(onCedar), /still holds 1 volumes/);
  await site.lab.host("ash").check(["rm", `${path}/data.img`]);
  await pools.delete(onCedar);
  assert.equal(await site.lab.host("ash").check(["ls", "-A", path]), "");
});

test("two folders that are declared shared are found out", async () => {
  const path = await localFolder("ash", "two");
  const name = site.lab.name("two");
  for (const host of ["ash", "birch"]) await site.lab.host(host).check(["mkdir", "-p", path]);
  const [onAsh = {}, onBirch = {}] = site.parts(name, await site.hosts("ash", "birch"), { path, shared: true });
  const first = await pools.create("two-ash", onAsh);
  const failed = await pools.create("two-birch", onBirch).then(() => undefined, (error: unknown) => error);
  assert.ok(failed instanceof HalfDone, String(failed));
  assert.match(failed.message, /could not share storage pool .* on birch: what birch writes there is not seen on ash: they are two folders[\s\S]*shared: false/);
  await pools.delete(failed.resource);
  assert.equal(await site.lab.host("birch").check(["ls", "-A", path]), "");
  assert.doesNotMatch(await site.lab.host("birch").virsh(["pool-list", "--all"]), new RegExp(name));
  await pools.delete(first);
});

test("a file system that is not mounted is an error, never an empty pool", async () => {
  const ash = site.lab.host("ash");
  const path = await localFolder("ash", "mounted");
  const name = site.lab.name("mounted");
  await ash.check(["mkdir", "-p", path]);
  await ash.check(["mount", "-t", "tmpfs", "-o", "size=16M", "none", path]);
  const host = await site.host("ash");
  const { ref, parts: [pool] } = await site.pool(name, [host], { path, shared: false });
  assert.ok(pool !== undefined);
  const disk = await kind("Disk").create("data", { pool: ref, size: "1 MiB" });
  await ash.check(["mount", "--move", path, "/mnt"]);
  try {
    await forget();
    await assert.rejects(pools.refresh(pool), /marker drover-pool\.json is not in .*probably not mounted[\s\S]*next: mount it on ash/);
    await assert.rejects(kind("Disk").refresh(disk), /probably not mounted/);
    await assert.rejects(kind("Disk").create("other", { pool: ref, size: "1 MiB" }), /probably not mounted/);
    await assert.rejects(pools.delete(pool), /probably not mounted/);
    await ash.virsh(["pool-destroy", name]);
    const stopped = await pools.refresh(pool);
    assert.ok(stopped !== undefined);
    await assert.rejects(pools.up(stopped, stopped.inputs), /probably not mounted/);
    assert.equal(await ash.check(["ls", "-A", path]), "");
  } finally {
    await ash.check(["mount", "--move", "/mnt", path]);
  }
  await forget();
  assert.equal((await kind("Disk").refresh(disk))?.inputs["size"], "1 MiB");
  await kind("Disk").delete(disk);
  await pools.delete(pool);
  await ash.check(["umount", path]);
});

test("another stack's pool in the same folder is refused", async () => {
  const path = await localFolder("ash", "taken");
  const host = await site.host("ash");
  const { parts } = await site.pool(site.lab.name("taken"), [host], { path, shared: false });
  const [inputs = {}] = site.parts(site.lab.name("taker"), [await site.host("ash")], { path });
  const failed = await pools.create("taker-ash", inputs).then(() => undefined, (error: unknown) => error);
  assert.match(String(failed), /belongs to another pool|already in use|operation failed/i);
  if (failed instanceof HalfDone) await pools.delete(failed.resource);
  await deleteAll("HostStoragePool", parts);
});

test("a peer that does not answer is told of, and is no obstacle", async () => {
  const { inHosts } = await site.lab.sharedFolder();
  const path = `${inHosts}/silent`;
  await site.lab.host("ash").check(["mkdir", "-p", path]);
  const host = await site.host("ash");
  const dead = { name: "dogwood", uri: "qemu+tcp://127.0.0.1:9/system", owner: host.owner };
  const [inputs = {}] = site.parts(site.lab.name("silent"), [host, dead], { path, shared: true });
  let pool;
  const words = await told(async () => { pool = await pools.create("silent-ash", inputs); });
  assert.match(words, /warning: silent-ash: dogwood was not asked for its part of the pool: .*ECONNREFUSED/);
  await deleteAll("HostStoragePool", [pool]);
});
