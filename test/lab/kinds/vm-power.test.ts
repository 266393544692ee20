import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BOOT_MS, TestVm } from "../support/guest.js";
import { told } from "../support/kinds.js";
import { eventually, guestFacts, httpGet } from "../support/lab.js";
import { useSite } from "../support/site.js";

const site = useSite();

describe("a VM that is stopped and started", () => {
  let vm: TestVm;
  const seed = (text: string): object => ({ userData: { hostname: "seeded", write_files: [{ path: "/www/word", content: text }] } });

  before(() => {
    vm = new TestVm(site, "power", { running: false, nics: { lan: { bridge: "br0" } }, cloudInit: seed("first") });
  });
  after(() => vm.delete());

  const files = async (): Promise<string[]> => (await vm.host.check(["ls", site.pool.path])).split("\n").filter((file) => file.startsWith(`${vm.domain}-`) && !file.endsWith(".drover"));

  it("is made without being started", async () => {
    await vm.create();
    assert.equal(vm.outputs["state"], "shutoff");
    assert.equal(vm.outputs["ipAddress"], "");
    assert.equal(vm.outputs["machineType"], "pc-q35-7.2");
    assert.equal((await vm.preview()).differs, false);
    const state = vm.resource;
    await vm.refresh();
    assert.deepEqual(vm.resource, state);
  });

  it("is changed while it is stopped, with nothing left to wait", async () => {
    await vm.up({ title: "a word & more", autostart: true, vcpus: 2, memory: "224 MiB", maxMemory: "6 GiB", disks: { root: { image: site.image, size: "80 MiB" } } });
    assert.deepEqual(vm.outputs["pending"], []);
    assert.match(await vm.dump(), /<title>a word &amp; more<\/title>/);
    assert.match(await vm.host.virsh(["dominfo", vm.domain]), /Autostart:\s+enable/);
    assert.match(await vm.host.check(["qemu-img", "info", "-U", `${site.pool.path}/${vm.domain}-root.qcow2`]), /virtual size: 80 MiB/);
    const before = await vm.dump();
    await vm.up({ shutdown: { timeoutSeconds: 21 }, autostart: false });
    assert.equal(await vm.dump(), before);
    assert.match(await vm.host.virsh(["dominfo", vm.domain]), /Autostart:\s+disable/);
  });

  it("is renamed while it is stopped, and keeps its disks", async () => {
    const name = vm.domain;
    const volumes = vm.outputs["volumes"];
    await vm.up({ name: `${name}-other` });
    assert.match(await vm.host.virsh(["list", "--all", "--name"]), new RegExp(`^${name}-other$`, "m"));
    assert.deepEqual(vm.outputs["volumes"], volumes);
    await vm.up({ name });
    assert.match(await vm.host.virsh(["list", "--all", "--name"]), new RegExp(`^${name}$`, "m"));
    assert.equal((await files()).length, 2, "its disk and one seed");
  });

  it("tells that no address is known, as a warning", async () => {
    const xml = await vm.dump();
    await vm.host.virsh(["define", "/dev/stdin"], xml.replace(/<channel[\s\S]*?<\/channel>/, ""));
    assert.match(await told(() => vm.up({ running: true, waitForIp: { timeoutSeconds: 1 } })), /warning: power: .* has no address .* after 1 s/);
    assert.equal(vm.outputs["state"], "running");
    assert.equal(vm.outputs["ipAddress"], "");
  });

  it("boots with its seed; a new seed waits in its drive for the next boot", async () => {
    const mac = (vm.outputs["macs"] as Record<string, string>)["lan"] ?? "";
    const address = await eventually("an address", () => site.lab.addressOf(mac), BOOT_MS);
    const { hostname, bootId, cpus } = await guestFacts(address, BOOT_MS);
    assert.deepEqual([hostname, cpus], ["seeded", 2]);
    assert.equal(await httpGet(address, "/word"), "first\n");
    const [, old] = await files();
    const { changes } = await vm.preview({ cloudInit: seed("second") });
    assert.deepEqual(changes, [{ property: "cloudInit", when: "restart" }]);
    await vm.up({ cloudInit: seed("second"), waitForIp: undefined });
    assert.equal((await guestFacts(address)).bootId, bootId);
    const now = await files();
    assert.equal(now.length, 2, "its disk and one seed");
    assert.notEqual(now[1], old);
    assert.match(await vm.dump("live"), new RegExp(String(now[1])));
    assert.equal((await vm.preview()).differs, false);
  });

  it("is stopped by its power button, having no agent", async () => {
    const start = Date.now();
    await vm.up({ running: false });
    assert.equal(vm.outputs["state"], "shutoff");
    assert.ok(Date.now() - start < 15_000);
    assert.deepEqual([vm.outputs["ipAddress"], vm.outputs["pending"]], ["", []]);
  });

  it("is destroyed with its disks and its seed", async () => {
    await vm.delete();
    assert.deepEqual(await files(), []);
    assert.doesNotMatch(await vm.host.virsh(["list", "--all", "--name"]), new RegExp(vm.domain));
    assert.doesNotMatch(await vm.host.check(["ls", site.pool.path]), new RegExp(vm.domain));
  });
});

describe("a guest that does not listen", () => {
  let vm: TestVm;
  before(async () => {
    vm = new TestVm(site, "deaf", { memory: "64 MiB", shutdown: { timeoutSeconds: 1 }, disks: { root: { pool: site.pool, size: "1 MiB" }, kept: { pool: site.pool, size: "1 MiB", format: "raw", onDestroy: "keep" } } });
    await vm.create();
  });
  after(async () => {
    await vm.delete();
    await vm.host.check(["sh", "-c", `rm -f ${site.pool.path}/${vm.domain}-kept.raw*`]);
  });

  it("goes on running when it does not stop in time, and that is an error", async () => {
    await assert.rejects(vm.up({ running: false }), /shut down .*deaf on ash: the guest did not stop within 1 s; it goes on running.*shutdown\.timeoutSeconds.*power-off/s);
    assert.match(await vm.host.virsh(["domstate", vm.domain]), /running/);
  });

  it("has its power cut where that is allowed", async () => {
    assert.match(await told(() => vm.up({ shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } })), /warning: deaf: .* did not stop within 1 s: its power is cut/);
    assert.equal(vm.outputs["state"], "shutoff");
  });

  it("is destroyed while it runs, but for the disk that is to be kept", async () => {
    await vm.up({ running: true, shutdown: { timeoutSeconds: 1 } });
    assert.equal(vm.outputs["state"], "running");
    await vm.delete();
    assert.equal((await vm.host.check(["ls", site.pool.path])).split("\n").filter((file) => file.startsWith(vm.domain) && !file.endsWith(".drover")).join(" "), `${vm.domain}-kept.raw`);
  });
});
