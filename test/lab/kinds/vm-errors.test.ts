import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TestVm } from "../support/guest.js";
import { CheckFailed, HalfDone, kind } from "../support/kinds.js";
import { useSite } from "../support/site.js";

const site = useSite();
const vms = kind("VirtualMachine");

/** A VM that needs no image: 64 MiB of memory and an empty disk. */
function bare(name: string, more: Readonly<Record<string, unknown>> = {}): TestVm {
  return new TestVm(site, name, { memory: "64 MiB", running: false, shutdown: { timeoutSeconds: 1 }, disks: { root: { pool: site.pool, size: "1 MiB" } }, ...more });
}

async function traces(name: string): Promise<string> {
  const ash = site.lab.host("ash");
  const lines = [await ash.virsh(["list", "--all", "--name"]), await ash.check(["ls", site.pool.path])].join("\n").split("\n");
  return lines.filter((line) => line.startsWith(site.lab.name(name))).join(" ");
}

/** The error, its resource left half-done, of a create that libvirt refuses; it is destroyed without a trace. */
async function refused(name: string, more: Readonly<Record<string, unknown>>, expected: RegExp): Promise<void> {
  const half = await bare(name, more).create().then(() => undefined, (error: unknown) => error);
  assert.ok(half instanceof HalfDone, String(half));
  assert.match(half.message, expected);
  await vms.delete(half.resource);
  assert.equal(await traces(name), "");
}

describe("what a host refuses is told with the property's name", () => {
  it("an unknown machine type", () => refused("machine", { machine: "pc-q35-99.9" }, /\(property machine\).* on ash: .*machine type 'pc-q35-99.9'/));
  it("an unknown CPU", () => refused("cpu", { running: true, cpu: "NoSuchCpu" }, /\(property cpu\).* on ash: .*NoSuchCpu/));
  it("an unknown network", () => refused("network", { running: true, nics: { lan: { network: { name: "nonet" } } } }, /start VM .*\(property nics\.lan\.network\).* on ash: .*'nonet'/));

  it("an unknown bridge; the next run, with a known one, finishes the VM", async () => {
    const vm = bare("bridge", { running: true, nics: { lan: { bridge: "br-nowhere" } } });
    const half = await vm.create().then(() => undefined, (error: unknown) => error);
    assert.ok(half instanceof HalfDone);
    assert.match(half.message, /start VM .*\(property nics\.lan\.bridge\).* on ash: .*'br-nowhere'/);
    const finished = await vms.up(half.resource, { ...vm.inputs, nics: { lan: { bridge: "br0" } } });
    assert.equal(finished.outputs["state"], "running");
    await vms.delete(finished);
    assert.equal(await traces("bridge"), "");
  });
});

describe("what is refused before anything is made", () => {
  let first: TestVm;
  const disks = kind("Disk");
  before(async () => {
    first = bare("first", { nics: { lan: { bridge: "br0", mac: "52:54:00:AA:BB:CC" } } });
    await first.create();
  });
  after(() => first.delete());

  it("more memory than the host has", async () => {
    await assert.rejects(bare("memory", { memory: "64 TiB" }).create(), /64 TiB of memory \(property memory\) on ash: the host has \d+ MiB/);
    assert.equal(await traces("memory"), "");
  });

  it("a name that is taken, by a domain that is not ours or by another VM of ours", async () => {
    await assert.rejects(vms.create("second", first.inputs), /make VM .*first on ash: there is a domain of that name of another stack/);
    const name = site.lab.name("foreign");
    await first.host.virsh(["define", "/dev/stdin"], `<domain type="qemu"><name>${name}</name><memory unit="MiB">32</memory><os><type>hvm</type></os></domain>`);
    await assert.rejects(bare("foreign").create(), /there is a domain of that name that Drover did not make .*adopt: true/s);
    await assert.rejects(first.up({ name }), /there is a domain of that name that Drover did not make/);
    await first.up({ name: site.lab.name("first") });
    await first.host.virsh(["undefine", name]);
  });

  it("a MAC address that is taken", async () => {
    await assert.rejects(bare("mac", { nics: { lan: { bridge: "br0", mac: "52:54:00:aa:bb:cc" } } }).create(), /use MAC address 52:54:00:aa:bb:cc on ash: domain .*first has it/);
    assert.equal(await traces("mac"), "");
  });

  it("a disk that another guest uses", async () => {
    const made = await disks.create("data", { pool: site.pool, name: site.lab.name("data"), size: "1 MiB" });
    const disk = { volume: made.outputs["volume"], format: made.outputs["format"], pool: site.pool };
    await first.up({ disks: { root: { pool: site.pool, size: "1 MiB" }, data: { disk } } });
    await assert.rejects(bare("thief", { disks: { data: { disk } } }).create(), /attach .*data\.qcow2 on ash: domain .*first uses it/);
    assert.equal(await traces("thief"), "");
    await assert.rejects(disks.delete(made), /domain .*first uses it/);
    await first.up({ disks: { root: { pool: site.pool, size: "1 MiB" } } });
    await disks.delete(made);
  });

  it("what check can tell", async () => {
    await assert.rejects(first.preview({ disks: { root: { pool: site.pool, size: "512 KiB" } } }), CheckFailed);
  });
});

describe("a change that is refused", () => {
  let vm: TestVm;
  before(async () => {
    vm = bare("change", { nics: { lan: { bridge: "br0" } } });
    await vm.create();
  });
  after(() => vm.delete());

  it("is taken back, of a guest that runs", async () => {
    await vm.up({ running: true });
    const dump = await vm.dump();
    const nics = { lan: { bridge: "br0" }, extra: { bridge: "br-nowhere" } };
    const disks = { root: { pool: site.pool, size: "1 MiB" }, more: { pool: site.pool, size: "1 MiB", bus: "scsi" } };
    await assert.rejects(vms.up(vm.resource, { ...vm.inputs, vcpus: 2, nics }), /change VM .*\(property nics\.extra\.bridge\).* on ash: .*'br-nowhere'/);
    assert.equal(await vm.dump(), dump);
    await assert.rejects(vms.up(vm.resource, { ...vm.inputs, disks, firmware: "efi", machine: "pc-q35-99.9" }), /define VM .*\(property machine\)/);
    assert.equal(await vm.dump(), dump);
    assert.doesNotMatch(await traces("change"), /change-more/);
    await vm.up({});
    await vm.refresh();
    assert.equal((await vm.preview()).differs, false);
  });

  it("waits for the restart where it is only the running guest that cannot take it", async () => {
    const disks = { root: { pool: site.pool, size: "1 MiB" }, sata: { pool: site.pool, size: "1 MiB", bus: "sata" } };
    assert.deepEqual((await vm.preview({ disks })).changes, [{ property: "disks.sata", when: "restart" }]);
    await vm.up({ disks });
    assert.deepEqual(vm.outputs["pending"], ["disks.sata"]);
    const nics = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`nic${index}`, { bridge: "br0" }]));
    await vm.up({ nics: { lan: { bridge: "br0" }, ...nics } });
    assert.match(String(vm.outputs["pending"]), /nics\.nic/);
    const state = vm.resource;
    await vm.refresh();
    assert.deepEqual(vm.resource, state);
    assert.equal((await vm.preview()).differs, false);
    await vm.up({ restart: "when-needed", shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
    assert.deepEqual(vm.outputs["pending"], []);
  });
});

describe("other forms of a VM", () => {
  for (const [name, more] of Object.entries({ efi: { firmware: "efi" }, i440fx: { machine: "pc", cloudInit: { userData: "#cloud-config\n" } } })) {
    it(`${name} is defined, starts, is quiet and leaves no trace`, async () => {
      const vm = bare(name, { ...more, running: true, nics: { lan: { bridge: "br0" } } });
      await vm.create();
      assert.equal(vm.outputs["state"], "running");
      const state = vm.resource;
      await vm.refresh();
      assert.deepEqual(vm.resource, state);
      const dump = await vm.dump();
      await vm.up({ shutdown: { timeoutSeconds: 2 } });
      assert.equal(await vm.dump(), dump);
      await vm.delete();
      assert.equal(await traces(name), "");
    });
  }
});
