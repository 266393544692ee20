import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BOOT_MS, TestVm } from "../support/guest.js";
import type { GuestFacts } from "../support/lab.js";
import { useSite } from "../support/site.js";

const site = useSite();

describe("changes that need a restart", () => {
  let vm: TestVm;
  let first: GuestFacts;
  const later = {
    machine: "pc-q35-7.1", cpu: "Nehalem", maxVcpus: 12, maxMemory: "5 GiB", serial: false, graphics: { listen: "127.0.0.1", password: "s3cret" },
    nics: { lan: { bridge: "br0", mtu: 1400 } },
  };

  before(async () => {
    vm = new TestVm(site, "pending", { nics: { lan: { bridge: "br0" } }, waitForIp: { timeoutSeconds: BOOT_MS / 1000 }, disks: { root: { image: site.image }, data: { pool: site.pool, size: "16 MiB" } } });
    await vm.create();
    first = await vm.facts();
  });
  after(() => vm.delete());

  it("are shown in preview as such", async () => {
    const { differs, changes } = await vm.preview(later);
    assert.equal(differs, true);
    assert.deepEqual(changes, ["machine", "cpu", "serial", "maxVcpus", "maxMemory", "graphics", "nics.lan.mtu"].map((property) => ({ property, when: "restart" })));
  });

  it("wait, known to the state, and are no difference afterwards", async () => {
    await vm.up({ ...later, disks: { root: { image: site.image, cache: "writethrough" }, data: { pool: site.pool, size: "16 MiB", bus: "scsi" } } });
    const expected = ["cpu", "disks.data", "disks.root", "graphics", "machine", "maxMemory", "maxVcpus", "nics.lan", "serial"];
    assert.deepEqual([...(vm.outputs["pending"] as string[])].sort(), expected);
    assert.equal((await vm.preview()).differs, false);
    const state = vm.resource;
    await vm.refresh();
    assert.deepEqual(vm.resource, state);
    assert.equal((await vm.facts()).bootId, first.bootId);
    assert.match(first.blockDevices.map(({ name }) => name).join(" "), /^vda vdb/);
  });

  it("are done by whoever restarts the guest", async () => {
    await vm.host.virsh(["destroy", vm.domain]);
    await vm.host.virsh(["start", vm.domain]);
    const facts = await vm.facts(BOOT_MS);
    assert.notEqual(facts.bootId, first.bootId);
    assert.match(facts.blockDevices.map(({ name }) => name).join(" "), /sda/);
    await vm.refresh();
    assert.deepEqual(vm.outputs["pending"], []);
    assert.equal(vm.outputs["machineType"], "pc-q35-7.1");
    assert.equal((await vm.preview()).differs, false);
    const live = await vm.dump("live");
    assert.match(live, /<model fallback='forbid'>Nehalem<\/model>/);
    assert.match(live, /<mtu size='1400'\/>/);
    assert.match(live, /<graphics type='vnc' port='59\d\d' autoport='yes' listen='127.0.0.1'>/);
    assert.doesNotMatch(live, /<serial/);
    assert.match(await vm.dump(), /passwd='s3cret'/);
    const { changes } = await vm.preview({ graphics: { listen: "127.0.0.1", password: "another" } });
    assert.deepEqual(changes, [{ property: "graphics.password", when: "live" }]);
    await vm.up({ graphics: { listen: "127.0.0.1", password: "another" } });
    assert.match(await vm.host.virsh(["dumpxml", "--security-info", vm.domain]), /passwd='another'/);
    assert.deepEqual(vm.outputs["pending"], []);
  });

  it("restart the guest when that is allowed, once", async () => {
    const boots = (await vm.facts()).boots;
    const name = vm.domain;
    await vm.up({ serial: true, name: `${name}-other`, waitForIp: undefined });
    assert.deepEqual(vm.outputs["pending"], ["serial", "name"]);
    await vm.refresh();
    assert.deepEqual(vm.outputs["pending"], ["serial", "name"]);
    assert.equal((await vm.preview()).differs, false);
    assert.equal((await vm.preview({ restart: "when-needed" })).differs, true);
    await vm.up({ restart: "when-needed", waitForIp: { timeoutSeconds: BOOT_MS / 1000 } });
    assert.match(await vm.host.virsh(["list", "--name"]), new RegExp(`^${name}-other$`, "m"));
    assert.deepEqual(vm.outputs["pending"], []);
    assert.equal((await vm.facts()).boots, boots + 1);
    await vm.up({ memory: "200 MiB" });
    assert.equal((await vm.facts()).boots, boots + 1, "what is done live needs no restart");
    assert.equal((await vm.preview()).differs, false);
  });
});
