import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it, mock } from "node:test";
import { baselineOf, cpuRunsOn, cpusOn, digestOfInventory, hasStorage, lackingFor, readHosts, reasonsToStay, sharesDisks, storageNeeds, whatDiffers, type ClusterReading, type DomainInventory, type HostInventory } from "../../../provider/inventory/cluster/index.js";
import { hostAt } from "../../../provider/inventory/hosts.js";
import { Connection } from "../../../provider/libvirt/index.js";
import type { Procedure } from "../../../provider/libvirt/procedure.js";
import { TestVm } from "../support/guest.js";
import { forget } from "../kinds/storage.js";
import { useSite } from "../support/site.js";

const site = useSite({ on: ["ash", "birch"] });

const hosts = (): HostInventory["address"][] => [site.host("ash"), site.host("birch")];

/** The host of a reading, and a domain on it; other test files have theirs there too. */
function hostIn(reading: ClusterReading, name: string): HostInventory {
  const found = reading.hosts.find(({ address }) => address.name === name);
  assert.ok(found, `${name} answers`);
  return found;
}

function domainIn(reading: ClusterReading, host: string, name: string): DomainInventory {
  const found = hostIn(reading, host).domains.find((domain) => domain.name === name);
  assert.ok(found, `${name} is on ${host}`);
  return found;
}

/** What is ours of a reading: other test files change theirs meanwhile. */
function only(reading: ClusterReading, ...names: readonly string[]): ClusterReading {
  return { ...reading, hosts: reading.hosts.map((host) => ({ ...host, marks: [], domains: host.domains.filter(({ name }) => names.includes(name)) })) };
}

describe("the inventory of two real hosts", () => {
  it("has what they are and carry, and nothing is changed by reading it", async () => {
    const vm = new TestVm(site, "ours", { nics: { lan: { bridge: "br0" } }, maxVcpus: 4, vcpus: 2 });
    const stopped = new TestVm(site, "stopped", { running: false });
    await Promise.all([vm.create(), stopped.create()]);
    const foreign = await site.lab.startTiny("birch", "foreign");
    const defined = site.lab.name("defined");
    await site.lab.host("birch").virsh(["define", "/dev/stdin"], `<domain type="qemu"><name>${defined}</name><memory unit="MiB">64</memory><os><type arch="x86_64">hvm</type></os>
      <devices><filesystem type="mount"><source dir="/srv"/><target dir="srv"/></filesystem></devices></domain>`);
    await site.lab.host("birch").virsh(["autostart", defined]);
    try {
      await forget();
      const calls = mock.method(Connection.prototype, "call");
      const streams = mock.method(Connection.prototype, "openStream");
      const reading = await readHosts(hosts(), { measure: true });
      const made = [...calls.mock.calls, ...streams.mock.calls].map((call): Pick<Procedure<never, never>, "name" | "repeatable"> => call.arguments[0]);
      mock.restoreAll();

      assert.ok(made.length > 20, "calls were recorded");
      // A connection is opened, and volumes are read: all else is of those that only read, which the client sends twice without a thought.
      const others = made.filter(({ repeatable }) => !repeatable).map(({ name }) => name);
      assert.deepEqual([...new Set(others)].sort(), ["connectOpen", "storageVolDownload"]);

      assert.deepEqual(reading.silent, []);
      const ash = hostIn(reading, "ash");
      const facts = site.lab.lab.hosts.find(({ name }) => name === "ash");
      assert.ok(facts);
      assert.equal(ash.address.uri, facts.uri);
      assert.match(ash.hostUuid, /^[0-9a-f-]{36}$/);
      assert.notEqual(ash.hostUuid, hostIn(reading, "birch").hostUuid);
      assert.ok(ash.cpu.count > 0 && ash.memoryMib > 1000 && ash.numaCells.length > 0);
      assert.ok(ash.cpu.model !== undefined && ash.cpu.features.includes("sse2") && ash.cpu.usableModels.includes("qemu64"), "the model's own features are among them");
      assert.ok(ash.machineTypes.includes("q35") && ash.accelerators.includes("qemu") && ash.migrationTransports.includes("tcp"));
      assert.deepEqual(ash.bridges, ["br0"]);
      const pool = ash.pools.find(({ name }) => name === site.pool.name);
      assert.deepEqual(pool, { name: site.pool.name, uuid: site.pool.uuid, type: "dir", path: site.pool.path, sharedStorage: `pool ${site.pool.uuid}`, markerUuid: site.pool.uuid });

      const ours = domainIn(reading, "ash", vm.domain);
      assert.deepEqual([ours.state, ours.reason, ours.isActive, ours.isPersistent, ours.autostart], ["running", "booted", true, true, false]);
      assert.equal(ours.ours?.owner, site.host("ash").owner);
      assert.equal(ours.uuid, vm.outputs["uuid"] ?? vm.resource.id);
      assert.deepEqual([ours.vcpus, ours.maxVcpus, ours.memory.currentMib, ours.memory.totalMib], [2, 4, 192, 192]);
      assert.deepEqual([ours.bridges, ours.networks, ours.obstacles], [["br0"], [], []]);
      assert.ok(ours.disks.length > 0 && ours.disks.every((disk) => disk.pool === site.pool.name && disk.sharedStorage === `pool ${site.pool.uuid}`), JSON.stringify(ours.disks));
      assert.ok((ours.measured?.residentMib ?? 0) > 10);
      assert.deepEqual(reasonsToStay(ours), []);
      assert.ok(storageNeeds(ours, ash).length > 0 && storageNeeds(ours, ash).every((need) => hasStorage(hostIn(reading, "birch"), need)));
      const [here, there] = [hostAt(site.host("ash")), hostAt(site.host("birch"))];
      assert.equal(await sharesDisks(ours.uuid, here, there), true);
      // As somebody does who is in a hurry.
      const own = site.lab.name("own.raw");
      await site.lab.host("ash").check(["sh", "-c", `mkdir -p /srv/own && truncate -s 1M /srv/own/${own}`]);
      await site.lab.host("ash").virsh(["attach-disk", vm.domain, `/srv/own/${own}`, "vdz", "--live", "--subdriver", "raw", "--cache", "none"]);
      assert.equal(await sharesDisks(ours.uuid, here, there), false, "a disk of its host alone, attached by hand");
      await site.lab.host("ash").virsh(["detach-disk", vm.domain, "vdz", "--live"]);
      assert.equal(await sharesDisks("00000000-0000-4000-8000-000000000000", here, there), false);

      assert.deepEqual([domainIn(reading, "ash", stopped.domain).state, domainIn(reading, "ash", stopped.domain).measured], ["shutoff", undefined]);
      const other = domainIn(reading, "birch", foreign.domain);
      assert.deepEqual([other.ours, other.isPersistent, other.memory.totalMib], [undefined, false, 128]);
      assert.deepEqual(reasonsToStay(other).map((text) => text.replace(/ \(.*/, "")), ["vda", "vdb"].map((target) => `its disk ${target} is on storage of its host alone`));
      const known = domainIn(reading, "birch", defined);
      assert.deepEqual([known.state, known.autostart, known.obstacles], ["shutoff", true, []], "its definition can go elsewhere");
    } finally {
      mock.restoreAll();
      await site.lab.host("birch").exec(["virsh", "undefine", defined]);
      await Promise.all([vm.delete(), stopped.delete()]);
    }
  });

  it("tells what somebody did by hand between two readings", async () => {
    const vm = new TestVm(site, "moved", { nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
    await vm.create();
    try {
      const read = async (): Promise<ClusterReading> => only(await readHosts(hosts()), vm.domain, site.lab.name("late"));
      const before = await read();
      assert.deepEqual(whatDiffers(before, await read()), [], "nothing happened");
      await site.lab.host("ash").virsh(["migrate", "--live", "--persistent", "--unsafe", "--undefinesource", vm.domain, site.lab.host("birch").host.tcpUri]);
      await site.lab.startTiny("ash", "late");
      const after = await read();
      assert.deepEqual(whatDiffers(before, after), [`a domain that is not ours, ${site.lab.name("late")}, was started on ash`, `${vm.domain} runs on birch, not on ash any more`]);
      assert.notEqual(digestOfInventory(before), digestOfInventory(after));
      await site.lab.host("birch").virsh(["suspend", vm.domain]);
      assert.deepEqual(whatDiffers(after, await read()), [`${vm.domain} is paused on birch, not running any more`]);
      await site.lab.host("birch").virsh(["resume", vm.domain]);
    } finally {
      await forget();
      await vm.refresh();
      await vm.delete();
    }
  });

  it("has a CPU that guests can have on both", async () => {
    const reading = await readHosts(hosts());
    const baseline = await baselineOf(reading.hosts);
    assert.ok(baseline.expanded.length > 20 && baseline.expanded.includes("sse2"));
    for (const host of reading.hosts) {
      assert.deepEqual(lackingFor(baseline, host), [], host.address.name);
      assert.equal(await cpuRunsOn(host, baseline), true);
    }
    const lesser = hostIn(reading, "birch");
    const without = { ...lesser, cpu: { ...lesser.cpu, features: lesser.cpu.features.filter((feature) => feature !== "sse2") } };
    assert.deepEqual(lackingFor(baseline, without), ["sse2"]);
    assert.equal(await cpuRunsOn(lesser, { model: "Icelake-Server", features: [] }), false, "emulation has not all of it");
    assert.deepEqual([...await cpusOn(lesser, ["qemu64", "qemu64,-sse2", "Icelake-Server", "no-such-model", "qemu64,+no-such-feature", "host-passthrough"])], ["qemu64", "qemu64,-sse2"]);
    // libvirt makes one of two that differ: what only one has is left out.
    const [ash] = reading.hosts;
    assert.ok(ash?.cpu.hostModel);
    const plain = { ...ash, cpu: { ...ash.cpu, hostModel: { ...ash.cpu.hostModel, model: "qemu64", features: [] } } };
    const common = await baselineOf([ash, plain]);
    assert.ok(common.expanded.length < baseline.expanded.length && common.expanded.every((feature) => baseline.expanded.includes(feature)), JSON.stringify(common));
  });
});

describe("a host that is silent", () => {
  it("is a part of the result, within the time that it was given", async () => {
    // Accepts and says nothing, as a machine does whose libvirtd hangs.
    const mute = createServer(() => {}).listen(0);
    await new Promise((listening) => mute.once("listening", listening));
    const place = mute.address();
    assert.ok(typeof place === "object" && place !== null);
    const silent = [
      { name: "mute", uri: `qemu+tcp://127.0.0.1:${place.port}/system`, owner: "o" },
      { name: "refusing", uri: "qemu+tcp://127.0.0.1:1/system", owner: "o" },
    ];
    try {
      const start = performance.now();
      const reading = await readHosts([...silent, site.host("ash")], { connectTimeoutMs: 3_000 });
      assert.ok(performance.now() - start < 9_000, "it was not waited for longer");
      assert.deepEqual(reading.hosts.map(({ address }) => address.name), ["ash"]);
      assert.deepEqual(reading.silent.map(({ address }) => address.name), ["mute", "refusing"]);
      assert.match(reading.silent[0]?.error.message ?? "", /mute/);
      assert.match(reading.silent[1]?.error.message ?? "", /on refusing: .*ECONNREFUSED/);
      const other = { name: "other", uri: `qemu+tcp://localhost:${place.port}/system`, owner: "o" };
      await assert.rejects(readHosts([other], { signal: AbortSignal.timeout(200), connectTimeoutMs: 3_000 }), { name: "TimeoutError" });
    } finally {
      const start = performance.now();
      await forget();
      assert.ok(performance.now() - start < 9_000, "the mute host's handshake does not hold up the end");
      mute.close();
    }
  });
});
