import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytes, parseBytes } from "../../../provider/base/bytes.js";
import { aliasOf, nameOfAlias } from "../../../provider/xml/alias.js";
import { DomainDocument, formatMark, parseMark, pendingChanges, type DiskSpec, type DomainSpec, type NicSpec } from "../../../provider/xml/index.js";
import fc from "fast-check";

const root: DiskSpec = { path: "/srv/root.qcow2", format: "qcow2", bus: "virtio", cache: "none", discard: "unmap", readOnly: false, bootOrder: 1 };
const data: DiskSpec = { ...root, path: "/srv/data.raw", format: "raw", bootOrder: undefined };
const lan: NicSpec = { source: { network: "lan" }, mac: "52:54:00:00:00:01", model: "virtio", mtu: undefined, link: "up", vlan: undefined };
const spec: DomainSpec = {
  name: "web-0", uuid: "6f7c2b7e-1111-4222-8333-000000000001", title: "a & b", accelerator: "qemu", arch: "x86_64", machine: "q35",
  firmware: "bios", cpu: undefined, vcpus: 2, maxVcpus: 8, memory: parseBytes("1 GiB"), maxMemory: parseBytes("4 GiB"),
  disks: { root, data }, nics: { lan }, seed: "/srv/seed.iso", graphics: undefined, serial: true,
  mark: { owner: "o", urn: "urn:x", version: 1, facts: { disks: ["root", "<&>"] } },
};

describe("DomainDocument", () => {
  it("reads back what it was made from", () => {
    const domain = DomainDocument.parse(DomainDocument.create(spec).format());
    assert.equal(domain.title, "a & b");
    assert.deepEqual([domain.vcpus, domain.maxVcpus, domain.seed, domain.serial, domain.graphics], [2, 8, "/srv/seed.iso", true, undefined]);
    assert.deepEqual([domain.memory.current, domain.memory.max, domain.memory.slots], [spec.memory, spec.maxMemory, 16]);
    assert.deepEqual(domain.mark, spec.mark);
    assert.deepEqual(domain.disks.map(({ name, target }) => [name, target]), [["root", "vda"], ["data", "vdb"]]);
    assert.deepEqual(domain.nics.map(({ name, source, mac }) => [name, source, mac]), [["lan", lan.source, lan.mac]]);
  });

  it("stays as it is when what is wanted is there already", () => {
    const text = DomainDocument.create(spec).format();
    assert.equal(DomainDocument.parse(text).apply(spec).format(), text);
  });

  it("keeps a disk's target when its neighbours go and come", () => {
    const domain = DomainDocument.create(spec).apply({ disks: { data } }).apply({ disks: { data, root, more: { ...data, path: "/srv/more.raw" } } });
    assert.deepEqual(domain.disks.map(({ name, target }) => [name, target]), [["data", "vdb"], ["root", "vda"], ["more", "vdc"]]);
  });

  it("leaves the devices of others alone", () => {
    const domain = DomainDocument.parse("<domain><devices><disk><target dev='vda' bus='virtio'/></disk><interface type='user'/></devices></domain>");
    domain.apply({ disks: {}, nics: {} });
    assert.equal(domain.disks.length, 1);
    assert.equal(domain.nics.length, 1);
    assert.equal(domain.claimDisk("vda", "root").disks[0]?.name, "root");
  });

  it("has disks pause their guest at an error where that is wanted, and leaves what somebody else chose", () => {
    const domain = DomainDocument.create(spec).apply({ disks: { root: { ...root, pausesOnError: true }, data } });
    const drivers = (): (string | undefined)[][] => (domain.root.child("devices")?.children("disk") ?? []).slice(0, 2).map((disk) => ["error_policy", "rerror_policy"].map((name) => disk.child("driver")?.attr(name)));
    assert.deepEqual(drivers(), [["stop", "stop"], [undefined, undefined]]);
    domain.root.child("devices")?.children("disk")[1]?.child("driver")?.setAttr("error_policy", "report");
    domain.apply({ disks: { root, data: { ...data, pausesOnError: true } } });
    assert.deepEqual(drivers(), [["stop", "stop"], ["report", undefined]]);
    assert.deepEqual(pendingChanges(DomainDocument.create(spec), domain), []);
  });

  it("has a watchdog of ours come, change and go, and leaves libvirt's own", () => {
    const domain = DomainDocument.parse("<domain><devices><watchdog model='itco' action='reset'/></devices></domain>");
    assert.equal(domain.watchdog, undefined);
    const before = domain.clone();
    domain.apply({ watchdog: { model: "i6300esb", action: "pause" } });
    assert.deepEqual(domain.watchdog, { model: "i6300esb", action: "pause" });
    assert.deepEqual(pendingChanges(before, domain), ["watchdog"]);
    const text = domain.format();
    assert.equal(domain.apply({ watchdog: { model: "i6300esb", action: "pause" } }).format(), text);
    assert.deepEqual(domain.apply({ watchdog: { model: "itco", action: "poweroff" } }).watchdog, { model: "itco", action: "poweroff" });
    assert.equal(domain.root.child("devices")?.children("watchdog").length, 1);
    assert.equal(before.apply({ watchdog: undefined }).root.child("devices")?.children("watchdog").length, 1);
    assert.equal(domain.apply({ watchdog: undefined }).root.child("devices")?.children("watchdog").length, 0);
  });

  it("shares memory out over the NUMA cells, and takes plugged modules of ours in", () => {
    const domain = DomainDocument.parse(`<domain><memory>4194304</memory><currentMemory>4194304</currentMemory>
      <cpu><numa><cell id='0' cpus='0' memory='1' unit='GiB'/><cell id='1' cpus='1' memory='3145728'/></numa></cpu></domain>`);
    domain.setMemory(parseBytes("8 GiB"));
    assert.deepEqual(domain.root.find("cpu", "numa")?.children("cell").map((cell) => cell.attr("memory")), ["2097152", "6291456"]);
    assert.equal(domain.memory.current, parseBytes("8 GiB"));
  });

  it("gives a guest that had no headroom none when it shrinks", () => {
    const domain = DomainDocument.parse("<domain><memory unit='GiB'>4</memory></domain>").setMemory(parseBytes("2 GiB"));
    assert.equal(domain.root.child("maxMemory"), undefined);
  });

  it("says what waits for a restart", () => {
    const live = DomainDocument.create(spec);
    assert.deepEqual(pendingChanges(live, live.clone()), []);
    const defined = live.clone().apply({ maxVcpus: 16, firmware: "efi", disks: { root }, nics: { lan: { ...lan, link: "down" } }, memory: bytes(2 * 1024 ** 3) });
    assert.deepEqual(pendingChanges(live, defined), ["maxVcpus", "memory", "firmware", "disks.data", "nics.lan"]);
  });
});

describe("a device's alias", () => {
  it("holds any name, in libvirt's characters", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), (name) => {
      const alias = aliasOf("disk", name);
      assert.match(alias, /^ua-disk-[A-Za-z0-9_-]+$/);
      assert.equal(nameOfAlias("disk", alias), name);
    }));
    assert.equal(nameOfAlias("disk", "virtio-disk0"), undefined);
    assert.equal(nameOfAlias("disk", "ua-disk-_zz"), undefined);
  });
});

describe("the mark", () => {
  it("comes back, alone and among the metadata of others", () => {
    const mark = { owner: "o'", urn: "urn:<x>", version: 1 };
    assert.deepEqual(parseMark(formatMark(mark)), mark);
    const domain = DomainDocument.parse("<domain><metadata><a:b xmlns:a='urn:a'> x </a:b></metadata></domain>").apply({ mark });
    assert.deepEqual(domain.mark, mark);
    assert.equal(domain.apply({ mark: undefined }).format(), "<domain>\n  <metadata>\n    <a:b xmlns:a='urn:a'> x </a:b>\n  </metadata>\n</domain>");
  });

  it("is known by its namespace, whatever its prefix", () => {
    assert.equal(DomainDocument.parse("<domain xmlns:q='urn:drover:1'><metadata><q:vm owner='o' urn='u' version='1'/></metadata></domain>").mark?.owner, "o");
    assert.equal(DomainDocument.parse("<domain><metadata><drover:vm xmlns:drover='urn:other' owner='o' urn='u' version='1'/></metadata></domain>").mark, undefined);
  });
});
