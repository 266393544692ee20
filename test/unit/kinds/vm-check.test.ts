import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseBytes } from "../../../provider/base/bytes.js";
import { UNKNOWN } from "../../../provider/engine/handler.js";
import { checkVm } from "../../../provider/kinds/vm/check.js";
import { validateInputs, type Change, type HostRef, type ImageRef, type PoolRef, type VirtualMachineInputs } from "../../../provider/schema/index.js";

const host: HostRef = { name: "ash", uri: "qemu+ssh://root@ash/system", owner: "11111111-1111-4111-8111-111111111111" };
const pool: PoolRef = { name: "disks", uuid: "22222222-2222-4222-8222-222222222222", owner: host.owner, path: "/srv/disks", shared: true, hosts: [host] };
const image: ImageRef = { volume: "debian.img", format: "qcow2", virtualSize: "2 GiB", pool };

/** Inputs as a handler's check gets them: valid by the schema, with its defaults. */
function declared(more: Readonly<Record<string, unknown>> = {}): VirtualMachineInputs {
  const inputs: Record<string, unknown> = structuredClone({ host, disks: { root: { image } }, ...more });
  assert.deepEqual(validateInputs("VirtualMachine", inputs, UNKNOWN), []);
  return inputs as unknown as VirtualMachineInputs;
}

function checked(more?: Readonly<Record<string, unknown>>, olds?: VirtualMachineInputs): VirtualMachineInputs {
  const { inputs, failures } = checkVm(olds, declared(more), "web");
  assert.deepEqual(failures, []);
  return inputs;
}

/** What an edit of a VM changes, and when: `vcpus live`. */
function changes(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const found: readonly Change[] = checked(after, checked(before)).changes ?? [];
  return found.map(({ property, when }) => `${property} ${when}`);
}

function refusals(more: Readonly<Record<string, unknown>>, before?: Readonly<Record<string, unknown>>): string[] {
  const { failures } = checkVm(before === undefined ? undefined : checked(before), declared(more), "web");
  return (failures ?? []).map(({ property, reason }) => `${property}: ${reason}`);
}

describe("a VM of a cluster", () => {
  const cluster = { name: "prod", owner: host.owner };

  it("is started by no host by itself", () => {
    assert.deepEqual(refusals({ autostart: true }), []);
    assert.match(refusals({ autostart: true, cluster }).join("\n"), /^autostart: a VM of cluster prod is started by no host by itself/);
    assert.deepEqual(refusals({ autostart: false, cluster }), []);
  });

  it("needs the pools, networks and bridges that it was placed with, in any order", () => {
    const other = { ...pool, name: "fast" };
    const inputs = { cluster, disks: { root: { image }, data: { pool: other, size: "1 GiB" } }, nics: { lan: { bridge: "br0" }, dmz: { network: { name: "dmz" } } } };
    const was = (more: object): object => ({ ...inputs, planned: { vcpus: 1, memory: "1 GiB", running: true, pools: ["fast", "disks", "disks"], networks: ["dmz"], bridges: ["br0"], ...more } });
    const refused = (more: object): string => refusals(was(more) as Readonly<Record<string, unknown>>).join("\n");
    assert.equal(refused({}), "");
    assert.match(refused({ pools: ["disks"] }), /^disks: need storage pools disks, fast, but cluster prod placed the VM with disks: something changed them after the cluster had seen them \(a transform\?\)/);
    assert.match(refused({ networks: [] }), /^nics: need networks dmz, but cluster prod placed the VM with none/);
    assert.match(refused({ bridges: ["br1"] }), /^nics: need bridges br0, but cluster prod placed the VM with br1/);
    assert.equal(refused({ pools: [UNKNOWN] }), "", "what is not known yet");
    assert.equal(refused({ pools: undefined, networks: undefined, bridges: undefined }), "", "an older program");
  });
});

describe("what check fills in", () => {
  it("is a name, and headroom", () => {
    const inputs = checked();
    assert.deepEqual([inputs.name, inputs.maxVcpus, inputs.maxMemory], ["web", 8, "4 GiB"]);
    const large = checked({ vcpus: 6, memory: "8 GiB" });
    assert.deepEqual([large.maxVcpus, large.maxMemory], [12, "32 GiB"]);
    assert.equal(checked({ memory: "1 TiB" }).maxMemory, "1536 GiB");
  });

  it("stays when the VM grows, and grows when it must", () => {
    const olds = checked();
    const grown = checked({ vcpus: 4, memory: "2 GiB" }, olds);
    assert.deepEqual([grown.maxVcpus, grown.maxMemory], [8, "4 GiB"]);
    const beyond = checked({ vcpus: 10, memory: "6 GiB" }, olds);
    assert.deepEqual([beyond.maxVcpus, beyond.maxMemory], [10, "6 GiB"]);
  });

  it("is always enough", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 4_000_000 }), (vcpus, mib) => {
      const inputs = checked({ vcpus, memory: `${mib} MiB` });
      assert.ok((inputs.maxVcpus ?? 0) >= vcpus);
      assert.ok(parseBytes(inputs.maxMemory ?? "0 B") >= parseBytes(inputs.memory));
    }));
  });

  it("is the same the second time", () => {
    const once = checked({ nics: { lan: { bridge: "br0" } }, memory: "3 GiB" });
    assert.deepEqual(checked({ nics: { lan: { bridge: "br0" } }, memory: "3 GiB" }, once), once);
  });

  it("leaves a pool to the owner that the state knows", () => {
    const moved = { ...pool, owner: "33333333-3333-4333-8333-333333333333" };
    const inputs = checked({ disks: { root: { image: { ...image, pool: moved } }, data: { pool: moved, size: "1 GiB" } } }, checked({ disks: { root: { image }, data: { pool, size: "1 GiB" } } }));
    assert.deepEqual([inputs.disks?.["root"]?.image?.pool.owner, inputs.disks?.["data"]?.pool?.owner], [host.owner, host.owner]);
  });

  it("keeps of a pool that is not shared the VM's own host, so that a host more changes no VM", () => {
    const birch = { ...host, name: "birch", uri: "qemu+ssh://root@birch/system" };
    const local = { ...pool, shared: false, hosts: [birch, host] };
    const disks = { root: { image: { ...image, pool: local } }, data: { pool: local, size: "1 GiB" }, more: { disk: { volume: "more.qcow2", format: "qcow2", pool: local } } };
    const { root, data, more } = checked({ disks }).disks ?? {};
    assert.deepEqual([root?.image?.pool.hosts, data?.pool?.hosts, more?.disk?.pool.hosts], [[host], [host], [host]]);
    assert.deepEqual(checked({ disks: { data: { pool: { ...pool, hosts: [birch, host] }, size: "1 GiB" } } }).disks?.["data"]?.pool?.hosts, [birch, host]);
  });
});

describe("what a change does, and when", () => {
  it("is nothing for a VM that is new or the same", () => {
    assert.equal(checked().changes, undefined);
    assert.deepEqual(changes({}, {}), []);
  });

  it("is live where libvirt can", () => {
    assert.deepEqual(changes({}, { vcpus: 8, memory: "4 GiB", title: "new", running: false }), ["title live", "running live", "vcpus live", "memory live"]);
    const lan = { bridge: "br0" };
    assert.deepEqual(changes({ nics: { lan } }, { nics: { lan: { bridge: "br1", link: "down" }, more: lan } }), ["nics.lan.bridge live", "nics.lan.link live", "nics.more live"]);
    assert.deepEqual(changes({}, { disks: { root: { image, size: "3 GiB" }, data: { pool, size: "1 GiB" } } }), ["disks.root.size live", "disks.data live"]);
  });

  it("waits for a restart elsewhere", () => {
    assert.deepEqual(changes({}, { vcpus: 9 }), ["maxVcpus restart", "vcpus restart"]);
    assert.deepEqual(changes({}, { memory: "5 GiB" }), ["maxMemory restart", "memory restart"]);
    assert.deepEqual(changes({}, { machine: "pc", firmware: "efi", cpu: "maximum", serial: false, name: "other" }),
      ["machine restart", "firmware restart", "cpu restart", "serial restart", "name restart"]);
    assert.deepEqual(changes({}, { disks: { root: { image, bus: "scsi", cache: "unsafe" }, slow: { pool, size: "1 MiB", bus: "sata" } } }), ["disks.root.bus restart", "disks.root.cache restart", "disks.slow restart"]);
    assert.deepEqual(changes({ graphics: {} }, { graphics: { listen: "0.0.0.0", password: "word" } }), ["graphics.listen restart", "graphics.password live"]);
    assert.deepEqual(changes({ cloudInit: { userData: "a" } }, { cloudInit: { userData: "b" } }), ["cloudInit restart"]);
  });
});

describe("what check refuses", () => {
  it("is told all at once", () => {
    assert.deepEqual(refusals({ memory: "1000 KiB", nics: { lan: {}, both: { bridge: "br0", network: { name: "lan" } } }, disks: { "a b": { pool, size: "1 MiB" }, empty: {}, sizeless: { pool } } }), [
      "memory: expected a multiple of 1 MiB, got 1000 KiB",
      "disks.a b: a disk's name has letters, digits, - and _ only",
      "disks.empty: needs an image, a pool to be made in, or a disk to attach",
      "disks.empty.size: is missing: an empty disk needs a size",
      "disks.sizeless.size: is missing: an empty disk needs a size",
      "nics.lan: needs a network or a bridge, one of them",
      "nics.both: needs a network or a bridge, one of them",
    ]);
  });

  it("a disk that shrinks, or is smaller than its image", () => {
    assert.deepEqual(refusals({ disks: { root: { image, size: "3 GiB" } } }, { disks: { root: { image, size: "4 GiB" } } }),
      ["disks.root.size: can not shrink from 4 GiB to 3 GiB: disks only grow; make a new disk and copy the data"]);
    assert.deepEqual(refusals({ disks: { root: { image, size: "1 GiB" } } }), ["disks.root.size: is smaller than its image, which has 2 GiB"]);
  });

  it("a size that is no whole sector, and a raw layer on an image", () => {
    assert.deepEqual(refusals({ disks: { data: { pool, size: 1000 }, root: { image, format: "raw" } } }), [
      "disks.data.size: expected a multiple of 512 bytes, got 1000 B",
      "disks.root.format: expected qcow2 for a disk on an image, got raw: a layer on an image is qcow2",
    ]);
  });

  it("a pool that is not on the VM's host", () => {
    const elsewhere = { ...pool, shared: false, hosts: [{ ...host, name: "birch", uri: "qemu+ssh://root@birch/system" }] };
    assert.deepEqual(refusals({ disks: { data: { pool: elsewhere, size: "1 GiB" } } }), ["disks.data.pool: storage pool disks is not on ash, but on birch"]);
  });

  it("what belongs to an attached Disk", () => {
    const disk = { volume: "data.qcow2", format: "qcow2", pool };
    assert.deepEqual(refusals({ disks: { data: { disk, size: "1 GiB" } } }), ["disks.data.size: an attached Disk has its own: give it there"]);
    assert.deepEqual(refusals({ disks: { data: { disk } } }), []);
  });

  it("maxima that do not bound", () => {
    assert.deepEqual(refusals({ vcpus: 4, maxVcpus: 2, memory: "2 GiB", maxMemory: "1 GiB" }),
      ["maxVcpus: is smaller than vcpus, which is 4", "maxMemory: is smaller than memory, which is 2 GiB"]);
  });

  it("a password that VNC would cut off", () => {
    assert.deepEqual(refusals({ graphics: { password: "123456789" } }), ["graphics.password: has 9 characters: VNC takes at most 8"]);
    assert.deepEqual(refusals({ graphics: { password: "12345678" } }), []);
    assert.deepEqual(refusals({ graphics: { type: "spice", password: "123456789" } }), []);
  });
});

describe("what is not known yet in a preview", () => {
  it("is neither refused nor compared", () => {
    const unknown = { vcpus: UNKNOWN, memory: UNKNOWN, graphics: { password: UNKNOWN }, disks: { root: { image: UNKNOWN }, data: { pool: UNKNOWN, size: UNKNOWN } }, nics: { lan: { network: UNKNOWN } } };
    assert.deepEqual(refusals(unknown), []);
    assert.deepEqual(refusals(unknown, {}), []);
    const inputs = checked(unknown);
    assert.equal(inputs.maxVcpus, undefined);
  });

  it("does not become the headroom of the VM", () => {
    assert.equal(checked({ memory: UNKNOWN }).maxMemory, UNKNOWN);
    assert.deepEqual(refusals({ disks: UNKNOWN, nics: UNKNOWN }), []);
  });
});
