import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckFailed, kind, told } from "../support/kinds.js";
import { eventually, guestFacts } from "../support/lab.js";
import { useSite } from "../support/site.js";
import { forget } from "./storage.js";

const site = useSite({ on: ["ash", "birch"] });
const disks = kind("Disk");

async function info(volume: string): Promise<{ format: string; virtualSize: number; backing: string | undefined }> {
  const text = await site.lab.host("ash").check(["qemu-img", "info", "-U", "--output=json", `${site.pool.path}/${volume}`]);
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return { format: String(parsed["format"]), virtualSize: Number(parsed["virtual-size"]), backing: parsed["backing-filename"] as string | undefined };
}

async function files(prefix: string): Promise<string[]> {
  return (await site.lab.host("ash").check(["ls", "-A", site.pool.path])).split("\n").filter((name) => name.startsWith(prefix));
}

test("an empty disk of each format is made, grown offline, read again, and deleted", async () => {
  for (const format of ["qcow2", "raw"]) {
    const inputs = { pool: site.pool, format, size: "8 MiB" };
    let disk = await disks.create(`empty-${format}`, inputs);
    assert.deepEqual(await info(`empty-${format}.${format}`), { format, virtualSize: 8 * 1024 ** 2, backing: undefined });
    assert.equal((await disks.preview(disk, inputs)).changes, false);
    disk = await disks.up(disk, { ...inputs, size: "16 MiB" });
    assert.equal((await info(`empty-${format}.${format}`)).virtualSize, 16 * 1024 ** 2);
    await site.lab.host("ash").virsh(["vol-resize", `empty-${format}.${format}`, "32M", "--pool", site.pool.name]);
    const drifted = await disks.refresh(disk);
    assert.equal(drifted?.outputs["size"], "32 MiB");
    await assert.rejects(disks.preview(drifted, { ...inputs, size: "16 MiB" }), /size: can not shrink from 32 MiB/);
    disk = await disks.up(drifted, { ...inputs, size: "32 MiB" });
    assert.equal((await disks.preview(disk, { ...inputs, size: String(32 * 1024 ** 2) })).changes, false);
    await disks.delete(disk);
    assert.deepEqual(await files("empty-"), []);
    await disks.delete(disk);
  }
});

test("a disk on an image is a layer of its size, or of one that is given", async () => {
  const own = await disks.create("layer", { pool: site.pool, image: site.image });
  const facts = await info("layer.qcow2");
  assert.equal(facts.backing, `${site.pool.path}/${site.image.volume}`);
  assert.equal(own.outputs["size"], site.image.virtualSize);
  const grown = await disks.up(own, { pool: site.pool, image: site.image, size: "2 GiB" });
  assert.equal((await info("layer.qcow2")).virtualSize, 2 * 1024 ** 3);
  const smaller = { ...site.image, virtualSize: "1 MiB", volume: "other.img" };
  assert.equal((await disks.preview(grown, { pool: site.pool, image: smaller })).changes, false, "another image and no size of its own change nothing");
  await disks.delete(grown);
});

test("what can not be is refused in preview", async () => {
  const { pool, image } = site;
  const refused = async (inputs: object, reason: RegExp): Promise<void> => { await assert.rejects(disks.check("x", { pool, ...inputs }), reason); };
  await refused({}, /^CheckFailed: size: is missing: an empty disk needs a size$/);
  await refused({ size: "1000" }, /size: expected a multiple of 512 bytes/);
  await refused({ size: "1 MiB", image }, /size: expected .* or more, for so large is its image/);
  await refused({ format: "raw", image }, /format: expected qcow2 for a disk on an image/);
  const disk = await disks.create("shrink", { pool, size: "8 MiB" });
  await assert.rejects(disks.preview(disk, { pool, size: "4 MiB" }), new CheckFailed("size: can not shrink from 8 MiB to 4 MiB: disks only grow; make a new disk and copy the data"));
  await disks.delete(disk);
});

test("a disk that is gone is an error until recreate, also when its sidecar went with it", async () => {
  const ash = site.lab.host("ash");
  const inputs = { pool: site.pool, size: "8 MiB" };
  for (const lost of ["/gone.qcow2", "/gone.qcow2*"]) {
    const disk = await disks.create("gone", inputs);
    await ash.check(["sh", "-c", `rm ${site.pool.path}${lost}`]);
    await forget();
    let gone = disk;
    assert.match(await told(async () => { gone = (await disks.refresh(disk)) ?? disk; }), /error: gone: volume gone.qcow2 is gone from .* recreate: true/);
    assert.equal((await disks.preview(gone, inputs)).changes, true);
    await assert.rejects(disks.up(gone, inputs), /it has held data and is not there any more[\s\S]*recreate: true/);
    assert.deepEqual((await files("gone")).filter((name) => !name.endsWith(".drover")), []);
    const again = await disks.up(gone, { ...inputs, recreate: true });
    assert.equal((await info("gone.qcow2")).virtualSize, 8 * 1024 ** 2);
    await disks.delete(again);
  }
});

test("somebody's volume is not touched, but adopted and released when asked", async () => {
  const ash = site.lab.host("ash");
  const file = `${site.pool.path}/foreign.qcow2`;
  await ash.check(["qemu-img", "create", "-q", "-f", "qcow2", file, "4M"]);
  const inputs = { pool: site.pool, size: "8 MiB" };
  // libvirt has not listed the file yet in the first try, and has in the second.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await assert.rejects(disks.create("foreign", inputs), /there is a volume of that name that Drover did not make[\s\S]*adopt: true/);
    assert.equal((await info("foreign.qcow2")).virtualSize, 4 * 1024 ** 2);
    assert.deepEqual(await files("foreign"), ["foreign.qcow2"]);
  }
  const adopted = await disks.create("foreign", { ...inputs, adopt: true });
  assert.equal((await info("foreign.qcow2")).virtualSize, 8 * 1024 ** 2);
  await assert.rejects(disks.create("foreign", inputs, "another key"), /it belongs to another object of the same program/);
  await disks.delete(adopted);
  assert.deepEqual(await files("foreign"), ["foreign.qcow2"]);
  await ash.check(["rm", file]);
});

test("a disk that another host of the pool made is found, and not made anew", async () => {
  const disk = await disks.create("moved", { pool: site.pool, size: "8 MiB" });
  const ash = site.lab.host("ash");
  await ash.check(["qemu-io", "-f", "qcow2", "-c", "write -P 7 0 4k", `${site.pool.path}/moved.qcow2`]);
  const onBirch = { ...site.pool, hosts: [...site.pool.hosts].reverse() };
  const again = await disks.create("moved", { pool: onBirch, size: "8 MiB" });
  assert.equal(again.id, disk.id);
  await ash.check(["qemu-io", "-f", "qcow2", "-c", "read -P 7 0 4k", `${site.pool.path}/moved.qcow2`]);
  await disks.delete(again);
});

test("a disk of a running guest is grown live, and is not deleted while the guest uses it", async () => {
  const { pool } = site;
  let disk = await disks.create("data", { pool, size: "8 MiB" });
  const ref = { volume: "data.qcow2", format: "qcow2", pool };
  const vms = kind("VirtualMachine");
  const vm = await vms.create(site.lab.name("disk"), { host: site.host(), vcpus: 1, memory: "128 MiB", running: true,
    disks: { root: { image: site.image }, data: { disk: ref } }, nics: { lan: { bridge: site.lab.lab.guestNetwork.bridge } } });
  try {
    const mac = /<mac address='([^']+)'/.exec(await site.lab.host("ash").virsh(["dumpxml", site.lab.name("disk")]))?.[1] ?? "";
    const address = await eventually("the guest's address", () => site.lab.addressOf(mac));
    const sizes = async (): Promise<number[]> => (await guestFacts(address)).blockDevices.map((device) => device.bytes);
    assert.ok((await sizes()).includes(8 * 1024 ** 2));
    const boot = (await guestFacts(address)).bootId;
    disk = await disks.up(disk, { pool, size: "24 MiB" });
    await eventually("the new size in the guest", async () => ((await sizes()).includes(24 * 1024 ** 2) ? true : undefined));
    assert.equal((await guestFacts(address)).bootId, boot);
    await assert.rejects(disks.delete(disk), /could not delete disk data.qcow2 .*: domain .* uses it[\s\S]*next: detach it there first/);
    const onBirch = { ...disk, outputs: { ...disk.outputs, pool: { ...pool, hosts: [...pool.hosts].reverse() } } };
    await forget();
    await assert.rejects(disks.delete(onBirch), /domain .* uses it/, "also when another host of the pool is asked");
  } finally {
    await vms.delete(vm);
  }
  assert.equal((await info("data.qcow2")).virtualSize, 24 * 1024 ** 2, "the disk outlives the VM");
  await disks.delete(disk);
});

test("many disks are made and deleted side by side", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  const made = await Promise.all(names.map((name) => disks.create(name, { pool: site.pool, size: "1 MiB" })));
  assert.equal((await files("many-")).length, 24);
  await Promise.all(made.map((disk) => disks.delete(disk)));
  assert.deepEqual(await files("many-"), []);
});

test("a deletion that was cut short and is not wanted any more keeps the data", async () => {
  const ash = site.lab.host("ash");
  const inputs = { pool: site.pool, size: "1 MiB" };
  const disk = await disks.create("half", inputs);
  const sidecar = `${site.pool.path}/${(await files("half")).find((name) => name.endsWith(".drover")) ?? ""}`;
  const whole = await ash.check(["stat", "-c", "%s", sidecar]);
  await ash.check(["truncate", "-s", "1536", sidecar]);
  await forget();
  await ash.check(["qemu-io", "-f", "qcow2", "-c", "write -P 7 0 4k", `${site.pool.path}/half.qcow2`]);
  const grown = await disks.up(disk, { ...inputs, size: "2 MiB" });
  await ash.check(["qemu-io", "-f", "qcow2", "-c", "read -P 7 0 4k", `${site.pool.path}/half.qcow2`]);
  assert.equal(await ash.check(["stat", "-c", "%s", sidecar]), whole);
  await disks.delete(grown);
});
