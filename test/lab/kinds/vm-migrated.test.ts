import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clearHostMark, writeHostMark } from "../../../provider/inventory/cluster/index.js";
import { hostAt } from "../../../provider/inventory/hosts.js";
import { idOf } from "../../../provider/kinds/placement/index.js";
import { BOOT_MS, TestVm } from "../support/guest.js";
import { kind, told } from "../support/kinds.js";
import { addressOf, inAnotherProcess } from "../support/moving.js";
import { useSite } from "../support/site.js";
import { forget } from "./storage.js";

const site = useSite({ on: ["ash", "birch"] });

describe("a running VM that somebody migrated with `virsh migrate --live`", () => {
  it("is found where it runs, is not started or made again, is changed there, and is destroyed there", async () => {
    const vm = new TestVm(site, "migrated", { nics: { lan: { bridge: "br0" } }, waitForIp: { timeoutSeconds: BOOT_MS / 1000 }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
    await vm.create();
    const { bootId } = await vm.facts();
    const { id } = vm.resource;
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    const places = async (): Promise<string[]> => await Promise.all([ash, birch].map(async (host) => {
      const line = (await host.virsh(["list", "--all"])).split("\n").find((each) => each.includes(` ${vm.domain} `));
      return line === undefined ? "-" : line.includes("running") ? "running" : "defined";
    }));
    // As people do it, the definition follows and the old one stays; the lab's shared folder is one that libvirt calls unsafe.
    await ash.virsh(["migrate", "--live", "--persistent", "--unsafe", vm.domain, site.lab.host("birch").host.tcpUri]);
    assert.deepEqual(await places(), ["defined", "running"]);
    await forget();

    await vm.refresh();
    assert.equal(vm.resource.id, id);
    assert.equal(vm.outputs["runsOn"], "birch");
    assert.deepEqual(await vm.preview(), { differs: false, changes: undefined }, "it is where `host` does not say, and that is no change");
    await vm.up({});
    assert.deepEqual(await places(), ["defined", "running"]);

    await vm.up({ memory: "320 MiB" });
    assert.equal(vm.resource.id, id);
    assert.equal(vm.outputs["runsOn"], "birch");
    assert.deepEqual(vm.outputs["pending"], []);
    assert.deepEqual(await places(), ["-", "running"], "what the old place still knew is gone");
    const facts = await vm.sees("the added memory", ({ memoryKiB }) => memoryKiB > 256 * 1024);
    assert.equal(facts.bootId, bootId, "it is the same life of the guest");
    await vm.refresh();
    assert.equal((await vm.preview()).differs, false);

    // Back by hand, and without a definition: then the guest runs where none is defined.
    await birch.virsh(["migrate", "--live", "--unsafe", "--undefinesource", vm.domain, site.lab.host("ash").host.tcpUri]);
    await forget();
    await vm.refresh();
    assert.equal(vm.outputs["runsOn"], "ash");
    await vm.up({ title: "moved back" });
    assert.deepEqual(await places(), ["running", "-"]);
    assert.equal((await vm.facts()).bootId, bootId);

    const { ipAddress } = vm.outputs;
    await ash.virsh(["suspend", vm.domain]);
    await vm.up({ title: "asleep" });
    assert.ok(typeof ipAddress === "string" && ipAddress !== "");
    assert.equal(vm.outputs["ipAddress"], ipAddress, "its address is known, and nobody waits for a guest that does not answer");
    await ash.virsh(["resume", vm.domain]);

    await vm.delete();
    assert.deepEqual(await places(), ["-", "-"]);
    assert.deepEqual((await ash.check(["ls", site.pool.path])).split("\n").filter((file) => file.startsWith(vm.domain)), []);
  });
});

describe("a VM in the middle of a move whose process was killed", () => {
  it("is seen where it is, goes on there with the next change, and is destroyed", async () => {
    const vm = new TestVm(site, "halfway", { memory: "128 MiB", disks: { data: { pool: site.pool, size: "1 MiB" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    const states = async (): Promise<string[]> => await Promise.all([ash, birch].map(async (host) => (await host.exec(["virsh", "domstate", vm.domain])).stdout.trim()));
    const cutOff = async (from: string, to: string): Promise<void> => {
      const ends = { from: addressOf(site.lab, from), to: addressOf(site.lab, to) };
      assert.deepEqual(await inAnotherProcess({ task: "move", uuid: vm.resource.id, name: vm.domain, ...ends, killAt: { phase: "confirm", afterMs: 0 } }), { killed: true });
      await forget();
    };
    await vm.create();

    await cutOff("ash", "birch");
    assert.deepEqual(await states(), ["paused", "running"]);
    assert.match(await told(() => vm.refresh()), /halfway is in an unfinished move \(a move from ash to birch .*and is on birch as it stands/);
    assert.deepEqual([vm.outputs["runsOn"], vm.outputs["state"]], ["birch", "running"]);
    assert.deepEqual(await states(), ["paused", "running"], "a refresh changes nothing");
    await vm.up({ title: "went on" });
    assert.deepEqual(await states(), ["", "running"]);

    await cutOff("birch", "ash");
    assert.deepEqual(await states(), ["running", "paused"]);
    await vm.delete();
    assert.deepEqual(await states(), ["", ""]);
  });
});

describe("a VM of a cluster that has no disk", () => {
  it("is looked for on all hosts that the cluster's directory names, and is not gone while nobody knows them", async () => {
    const cluster = { name: site.lab.name("prod"), owner: site.host().owner };
    const id = idOf({ cluster: cluster.name, owner: cluster.owner });
    const vm = new TestVm(site, "diskless", { memory: "64 MiB", disks: {}, cluster, planned: { vcpus: 1, memory: "64 MiB", running: true }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    await assert.rejects(vm.create(), /find all hosts on which the VM may be[^]*which hosts cluster .*prod has: ash does not keep it/, "it may run on one of them");

    const hosts = ["ash", "birch"].map((name) => ({ name, uri: site.host(name).uri }));
    for (const name of ["ash", "birch"]) await writeHostMark(hostAt(site.host(name)), { cluster: { id, name: cluster.name }, state: undefined, hosts });
    await vm.create();
    await ash.virsh(["migrate", "--live", "--persistent", "--undefinesource", "--unsafe", vm.domain, site.lab.host("birch").host.tcpUri]);
    await forget();
    await vm.refresh();
    assert.equal(vm.outputs["runsOn"], "birch");
    await vm.delete();
    for (const host of [ash, birch]) assert.doesNotMatch(await host.virsh(["list", "--all", "--name"]), new RegExp(vm.domain));
    for (const name of ["ash", "birch"]) await clearHostMark(hostAt(site.host(name)), id);
  });
});

describe("a stopped VM whose `host` is changed", () => {
  it("leaves with its definition, and only when nothing of it would stay behind", async () => {
    const vm = new TestVm(site, "bound", { memory: "128 MiB", disks: {}, firmware: "efi", shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    const definedOn = async (): Promise<string[]> => (await Promise.all([ash, birch].map(async (host) => ((await host.virsh(["list", "--all", "--name"])).split("\n").includes(vm.domain) ? [host.name] : [])))).flat();
    await vm.create();
    await ash.virsh(["managedsave", vm.domain]);
    await vm.refresh();
    const there = { host: site.host("birch"), running: false };
    await assert.rejects(vm.up(there), /move VM .*bound from ash to birch on ash: it does not run, and has its memory in a managed save[\s\S]*virsh managedsave-remove/);
    assert.deepEqual(await definedOn(), ["ash"]);
    assert.match(await ash.virsh(["dominfo", vm.domain]), /Managed save: +yes/);
    await ash.virsh(["managedsave-remove", vm.domain]);

    await assert.rejects(vm.up(there), /its firmware's variables on its host alone \(in libvirt's own folder\)/);
    assert.deepEqual(await definedOn(), ["ash"]);

    const xml = await ash.virsh(["dumpxml", "--inactive", vm.domain]);
    const shared = `${site.pool.path}/${vm.domain}_VARS.fd`;
    await ash.check(["mv", `/var/lib/libvirt/qemu/nvram/${vm.domain}_VARS.fd`, shared]);
    await ash.virsh(["define", "/dev/stdin"], xml.replace("</os>", `<nvram>${shared}</nvram></os>`));
    await vm.up(there);
    assert.deepEqual(await definedOn(), ["birch"]);
    await birch.check(["test", "-s", shared]);
    await vm.delete();
  });
});

describe("a disk in a shared pool", () => {
  it("is not attached while a domain on another host of the pool uses it", async () => {
    const disks = kind("Disk");
    const made = await disks.create("data", { pool: site.pool, name: site.lab.name("data"), size: "1 MiB" });
    const disk = { volume: made.outputs["volume"], format: made.outputs["format"], pool: site.pool };
    const bare = { memory: "64 MiB", running: false };
    const owner = new TestVm(site, "owner", { ...bare, disks: { data: { disk } } });
    const thief = new TestVm(site, "thief", { ...bare, host: site.host("birch"), disks: { data: { disk } } });
    await owner.create();
    await assert.rejects(thief.create(), /attach .*data\.qcow2 on birch: domain .*owner on ash uses it/);
    assert.doesNotMatch(await site.lab.host("birch").virsh(["list", "--all", "--name"]), new RegExp(thief.domain));

    await owner.delete();
    await thief.create();
    await thief.delete();
    await disks.delete(made);
  });
});
