import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BOOT_MS, TestVm } from "../support/guest.js";
import { told } from "../support/kinds.js";
import type { GuestFacts } from "../support/lab.js";
import { useSite } from "../support/site.js";

const MIB = 1024 ** 2;
const site = useSite();

describe("a running guest", () => {
  let vm: TestVm;
  let first: GuestFacts;
  const isolated = (): string => site.lab.name("isolated");
  const bridge = "br-live";

  before(async () => {
    const ash = site.lab.host("ash");
    await ash.check(["ip", "link", "add", bridge, "up", "type", "bridge"]);
    await ash.virsh(["net-create", "/dev/stdin"], `<network><name>${isolated()}</name><bridge name="br-isolated"/></network>`);
    vm = new TestVm(site, "live", { nics: { lan: { bridge: "br0" } }, waitForIp: { timeoutSeconds: BOOT_MS / 1000 } });
    await vm.create();
    first = await vm.facts();
  });

  after(async () => {
    await vm.delete();
    await site.lab.host("ash").virsh(["net-destroy", isolated()]);
    await site.lab.host("ash").check(["ip", "link", "del", bridge]);
  });

  /** Each change ends here: it was made in the same life of the guest, nothing waits, and the next preview is quiet. */
  async function isDone(facts?: GuestFacts): Promise<void> {
    assert.equal((facts ?? (await vm.facts())).bootId, first.bootId);
    assert.deepEqual(vm.outputs["pending"], []);
    assert.equal((await vm.preview()).differs, false);
    const before = vm.resource;
    await vm.refresh();
    assert.deepEqual(vm.resource, before);
  }

  it("is as it was declared", async () => {
    assert.equal(first.cpus, 1);
    assert.ok(first.memoryKiB < 192 * 1024 && first.memoryKiB > 128 * 1024, String(first.memoryKiB));
    assert.deepEqual(first.nics.map(({ mac }) => mac), Object.values(vm.outputs["macs"] as object));
    await isDone(first);
  });

  it("gets more virtual CPUs; emulated, it gives them back at its restart", async () => {
    await vm.up({ vcpus: 3 });
    await isDone(await vm.sees("three CPUs", ({ cpus }) => cpus === 3));
    assert.match(await told(() => vm.up({ vcpus: 2 })), /warning: .*is emulated and gives back 1 virtual CPUs at its restart/);
    assert.deepEqual(vm.outputs["pending"], ["vcpus"]);
    assert.equal((await vm.preview()).differs, false);
    await vm.up({ vcpus: 4 });
    await isDone(await vm.sees("four CPUs", ({ cpus }) => cpus === 4));
  });

  it("gets more memory by modules, gives some back by its balloon, and gets it again", async () => {
    await vm.up({ memory: "500 MiB" });
    await isDone(await vm.sees("308 MiB more", ({ memoryKiB }) => memoryKiB - first.memoryKiB > 290 * 1024));
    await vm.up({ memory: "256 MiB" });
    await isDone(await vm.sees("less", ({ memoryKiB }) => memoryKiB - first.memoryKiB < 80 * 1024));
    await vm.up({ memory: "448 MiB" });
    await isDone(await vm.sees("more again", ({ memoryKiB }) => memoryKiB - first.memoryKiB > 240 * 1024));
  });

  it("gets a disk, sees it grow, loses it with its data kept, and finds the data again", async () => {
    const root = { image: site.image };
    const data = { pool: site.pool, size: "64 MiB" };
    const sizes = ({ blockDevices }: GuestFacts): number[] => blockDevices.map(({ bytes }) => bytes).slice(1);
    await vm.up({ disks: { root, data } });
    await isDone(await vm.sees("the disk", (facts) => sizes(facts)[0] === 64 * MIB));
    await vm.up({ disks: { root, data: { ...data, size: "96 MiB" } } });
    await isDone(await vm.sees("a larger disk", (facts) => sizes(facts)[0] === 96 * MIB));
    const volume = `${site.pool.path}/${vm.domain}-data.qcow2`;
    await vm.up({ disks: { root } });
    await isDone(await vm.sees("no disk", (facts) => sizes(facts).length === 0));
    assert.equal((await vm.host.exec(["test", "-e", volume])).code, 0, "the data is kept");
    await vm.up({ disks: { root, data: { ...data, size: "96 MiB", onRemove: "delete" } } });
    await isDone(await vm.sees("the disk", (facts) => sizes(facts)[0] === 96 * MIB));
    await vm.up({ disks: { root } });
    await isDone(await vm.sees("no disk", (facts) => sizes(facts).length === 0));
    assert.notEqual((await vm.host.exec(["test", "-e", volume])).code, 0, "the data is deleted");
  });

  it("has its cable pulled, and plugged in elsewhere", async () => {
    const isSilent = async (): Promise<void> => {
      await assert.rejects(fetch(`http://${ipAddress}/`, { signal: AbortSignal.timeout(700) }), { name: "TimeoutError" });
    };
    const ipAddress = String(vm.outputs["ipAddress"]);
    await vm.up({ nics: { lan: { bridge: "br0", link: "down" } }, waitForIp: undefined });
    await isSilent();
    await vm.up({ nics: { lan: { bridge: "br0" } } });
    await isDone();
    await vm.up({ nics: { lan: { bridge } } });
    await isSilent();
    await vm.up({ nics: { lan: { network: { name: isolated() } } } });
    assert.match(await vm.host.virsh(["domiflist", vm.domain]), new RegExp(`network\\s+${isolated()}`));
    await isSilent();
    await vm.up({ nics: { lan: { bridge: "br0" } } });
    await isDone();
    assert.equal(vm.outputs["ipAddress"], ipAddress);
  });

  it("gets a NIC and loses it", async () => {
    const lan = { bridge: "br0" };
    await vm.up({ nics: { lan, extra: { bridge: "br0" } } });
    const extra = (vm.outputs["macs"] as Record<string, string>)["extra"];
    await isDone(await vm.sees("its address", ({ nics }) => nics.some(({ mac, address }) => mac === extra && address !== "")));
    await vm.up({ nics: { lan, extra: { bridge: "br0", mac: "52:54:00:12:34:56" } } });
    await isDone(await vm.sees("another MAC", ({ nics }) => nics.length === 2 && nics.some(({ mac }) => mac === "52:54:00:12:34:56")));
    await vm.up({ nics: { lan } });
    await isDone(await vm.sees("one NIC", ({ nics }) => nics.length === 1));
  });

  it("is left as it is when nothing changed", async () => {
    const before = [await vm.dump(), await vm.dump("live")];
    // A change of what libvirt does not know: an update that has nothing to do.
    await vm.up({ shutdown: { timeoutSeconds: 21 } });
    assert.deepEqual([await vm.dump(), await vm.dump("live")], before);
    await isDone();
  });
});
