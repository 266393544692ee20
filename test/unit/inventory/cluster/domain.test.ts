import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DomainState } from "../../../../provider/libvirt/index.js";
import type { PoolInventory } from "../../../../provider/inventory/cluster/index.js";
import { describeDomain, type DomainReading } from "../../../../provider/inventory/cluster/domain.js";

const MARK = `<metadata><drover:vm xmlns:drover="urn:drover:1" owner="o" urn="drover:VirtualMachine::web" version="1"><drover:facts>{"move":{"to":"birch"}}</drover:facts></drover:vm></metadata>`;

/** A document such as libvirt gives of a running guest. */
function xml({ inside = "", devices = "", cpu = "", vcpus = "<vcpu current='2'>8</vcpu>" } = {}): string {
  return `<domain type='kvm' id='3'>
  <name>web</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
  <maxMemory slots='16' unit='KiB'>8388608</maxMemory><memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>1048576</currentMemory>
  ${vcpus}${inside}<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>${cpu}
  <devices>${devices}</devices>
</domain>`;
}

const POOLS: readonly PoolInventory[] = [
  { name: "srv", uuid: "1", type: "dir", path: "/srv", sharedStorage: undefined, markerUuid: undefined },
  { name: "disks", uuid: "2", type: "dir", path: "/srv/disks/", sharedStorage: "pool 2", markerUuid: "2" },
];

function reading(given: Partial<DomainReading> = {}): DomainReading {
  return {
    uuid: "c7a5fdbd-edaf-9455-926a-d65c16db1809", name: "web", stats: stats(DomainState.RUNNING, 1), xml: xml(), definedMark: undefined,
    isPersistent: true, autostart: false, hasManagedSave: false, hasSnapshots: false, hasCheckpoints: false, ...given,
  };
}

function stats(state: number, reason: number): DomainReading["stats"] {
  return { "state.state": state, "state.reason": reason };
}

describe("a domain of the inventory", () => {
  it("has the amounts of the running guest", () => {
    const found = describeDomain(reading(), POOLS);
    assert.deepEqual([found.vcpus, found.maxVcpus, found.memory], [2, 8, { currentMib: 1024, totalMib: 2048, maxMib: 8192 }]);
  });

  it("takes no less than it has: a part of a MiB counts as one", () => {
    assert.equal(describeDomain(reading({ xml: xml().replace(">2097152<", ">2097153<") }), POOLS).memory.totalMib, 2049);
  });

  it("is ours by the mark of its definition, else of the running guest, with the journal in it", () => {
    const mark = { owner: "o", urn: "drover:VirtualMachine::web", version: 1, facts: { move: { to: "birch" } } };
    assert.deepEqual(describeDomain(reading({ definedMark: mark }), POOLS).ours, mark, "a guest that was adopted while it ran");
    assert.deepEqual(describeDomain(reading({ xml: xml({ inside: MARK }), isPersistent: false }), POOLS).ours, mark);
    const older = xml({ inside: MARK.replace('"birch"', '"cedar"') });
    assert.deepEqual(describeDomain(reading({ xml: older, definedMark: mark }), POOLS).ours, mark, "a running guest keeps the mark that it was started with");
    assert.equal(describeDomain(reading(), POOLS).ours, undefined);
  });

  for (const [state, reason, name, word, isActive] of [
    [DomainState.RUNNING, 1, "running", "booted", true],
    [DomainState.PAUSED, 2, "paused", "migration", true],
    [DomainState.PAUSED, 5, "paused", "ioerror", true],
    [DomainState.SHUTOFF, 3, "shutoff", "crashed", false],
    [DomainState.CRASHED, 0, "crashed", "unknown", false],
    [DomainState.PMSUSPENDED, 0, "pmsuspended", "unknown", true],
    [DomainState.SHUTDOWN, 99, "shutdown", "unknown", true],
  ] as const) {
    it(`is ${name} by libvirt's ${state}, reason ${reason}`, () => {
      const found = describeDomain(reading({ stats: stats(state, reason) }), POOLS);
      assert.deepEqual([found.state, found.reason, found.isActive], [name, word, isActive]);
    });
  }

  it("has its disks with the innermost pool that they are in, and no empty drives", () => {
    const devices = `
      <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='/srv/disks/web.qcow2'/><target dev='vda' bus='virtio'/><alias name='ua-disk-root'/></disk>
      <disk type='file' device='cdrom'><source file='/srv/web.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
      <disk type='file' device='cdrom'><target dev='sdb' bus='sata'/><readonly/></disk>
      <disk type='block' device='disk'><source dev='/dev/vg/web'/><target dev='vdb' bus='virtio'/></disk>
      <disk type='volume' device='disk'><source pool='disks' volume='more'/><target dev='vdc' bus='virtio'/></disk>
      <disk type='network' device='disk'><source protocol='rbd' name='pool/web'/><target dev='vdd' bus='virtio'/></disk>`;
    const { disks } = describeDomain(reading({ xml: xml({ devices }) }), POOLS);
    assert.deepEqual(disks.map(({ target, path, pool, sharedStorage, cache, readOnly }) => [target, path, pool, sharedStorage, cache, readOnly]), [
      ["vda", "/srv/disks/web.qcow2", "disks", "pool 2", "none", false],
      ["sda", "/srv/web.iso", "srv", undefined, undefined, true],
      ["vdb", "/dev/vg/web", undefined, undefined, undefined, false],
      ["vdc", undefined, "disks", "pool 2", undefined, false],
      ["vdd", undefined, undefined, "network", undefined, false],
    ]);
  });

  it("has our seed's drive among its disks", () => {
    const devices = `<disk type='file' device='cdrom'><source file='/srv/disks/web.seed'/><target dev='sda' bus='scsi'/><readonly/><alias name='ua-seed'/></disk>`;
    assert.deepEqual(describeDomain(reading({ xml: xml({ devices }) }), POOLS).disks.map(({ path, pool }) => [path, pool]), [["/srv/disks/web.seed", "disks"]]);
  });

  it("has each network and bridge once, in order", () => {
    const nic = (source: string, type: string): string => `<interface type='${type}'><mac address='52:54:00:00:00:01'/><source ${source}/></interface>`;
    const devices = nic("network='lan'", "network") + nic("network='dmz'", "network") + nic("network='lan'", "network") + nic("bridge='br0'", "bridge");
    const found = describeDomain(reading({ xml: xml({ devices }) }), POOLS);
    assert.deepEqual([found.networks, found.bridges], [["dmz", "lan"], ["br0"]]);
  });

  it("has the CPU that host-model came to, with what it must find", () => {
    const cpu = "<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor><feature policy='require' name='vaes'/><feature policy='disable' name='sha-ni'/></cpu>";
    assert.deepEqual(describeDomain(reading({ xml: xml({ cpu }) }), POOLS).cpu, {
      mode: "custom", model: "EPYC", vendor: "AMD", features: [{ name: "vaes", policy: "require" }, { name: "sha-ni", policy: "disable" }], isMigratable: true,
    });
  });

  it("shares the description of a CPU with guests of the same, and takes no other's word for it", () => {
    const cpu = "\n  <cpu mode='custom' match='exact' check='full'>\n    <model fallback='forbid'>EPYC</model>\n    <feature policy='require' name='invtsc'/>\n  </cpu>\n";
    const one = describeDomain(reading({ xml: xml({ cpu }) }), POOLS);
    assert.deepEqual(one.cpu, { mode: "custom", model: "EPYC", vendor: undefined, features: [{ name: "invtsc", policy: "require" }], isMigratable: true });
    assert.deepEqual(one.obstacles, ["has a CPU with the feature invtsc, which does not migrate"]);
    const inside = `<metadata><other:x xmlns:other='urn:other'>${cpu.replace("EPYC", "pentium")}</other:x></metadata>`;
    assert.equal(describeDomain(reading({ xml: xml({ cpu, inside }) }), POOLS).cpu, one.cpu);
    assert.equal(describeDomain(reading({ xml: xml({ inside }) }), POOLS).cpu, undefined);
  });

  for (const [nodeset, mode, cells] of [["0-2,^1", "mode='strict'", [0, 2]], ["1", "", [1]], ["0", "mode='preferred'", undefined]] as const) {
    it(`is bound to the cells ${String(cells)} by ${nodeset} ${mode}`, () => {
      assert.deepEqual(describeDomain(reading({ xml: xml({ inside: `<numatune><memory ${mode} nodeset='${nodeset}'/></numatune>` }) }), POOLS).hostCells, cells);
    });
  }

  for (const [device, obstacle] of [
    ["<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source></hostdev>", "has its host's PCI device 0000:01:00.0"],
    ["<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>", "has a device of its host's (usb 0x1234)"],
    ["<interface type='hostdev'><mac address='52:54:00:00:00:01'/></interface>", "has a network card of its host's (52:54:00:00:00:01)"],
    ["<filesystem type='mount'><source dir='/export'/><target dir='data'/></filesystem>", "has a folder of its host's (/export)"],
    ["<shmem name='pipe'><model type='ivshmem-plain'/></shmem>", "shares memory on its host (shmem pipe)"],
    ["<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>", "uses its host's TPM"],
    ["<disk type='block' device='lun'><source dev='/dev/sda'/><target dev='sda' bus='scsi'/></disk>", "has a SCSI device of its host's (sda)"],
  ] as const) {
    it(`cannot migrate when it ${obstacle}`, () => {
      assert.deepEqual(describeDomain(reading({ xml: xml({ devices: device }) }), POOLS).obstacles, [obstacle]);
    });
  }

  it("cannot migrate while it sleeps, for it would wake up", () => {
    assert.deepEqual(describeDomain(reading({ stats: stats(DomainState.PMSUSPENDED, 0) }), POOLS).obstacles, ["sleeps, and QEMU would wake it up on its way"]);
  });

  it("cannot migrate with snapshots, checkpoints, encrypted memory or a CPU that says so", () => {
    const found = describeDomain(reading({
      hasSnapshots: true, hasCheckpoints: true,
      xml: xml({ inside: "<launchSecurity type='sev'/>", cpu: "<cpu mode='host-passthrough' migratable='off'><feature policy='require' name='invtsc'/></cpu>" }),
    }), POOLS);
    assert.equal(found.obstacles.length, 5);
  });

  it("cannot have its definition moved while it does not run, where something of it would stay behind", () => {
    const stopped = (given: Partial<DomainReading>): readonly string[] => describeDomain(reading({ stats: stats(DomainState.SHUTOFF, 0), ...given }), POOLS).obstacles;
    const efi = (path: string): string => xml().replace("</os>", `<nvram template='/usr/share/OVMF/OVMF_VARS.fd'>${path}</nvram></os>`);
    assert.deepEqual(stopped({}), []);
    assert.deepEqual(stopped({ hasManagedSave: true, hasSnapshots: true, hasCheckpoints: true }), [
      "has its memory in a managed save on its host", "has snapshots, which its host alone knows", "has checkpoints, which its host alone knows",
    ]);
    assert.deepEqual(stopped({ xml: efi("/var/lib/libvirt/qemu/nvram/web_VARS.fd") }), ["has its firmware's variables on its host alone (/var/lib/libvirt/qemu/nvram/web_VARS.fd)"]);
    assert.deepEqual(stopped({ xml: xml().replace("<os>", "<os firmware='efi'>") }), ["has its firmware's variables on its host alone (in libvirt's own folder)"], "libvirt's choice");
    assert.deepEqual(stopped({ xml: efi("/srv/disks/web_VARS.fd") }), [], "in a shared pool");
    assert.deepEqual(stopped({ xml: xml({ devices: "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>" }) }), ["has its TPM's state on its host alone"]);
    assert.deepEqual(describeDomain(reading({ xml: efi("/var/lib/libvirt/qemu/nvram/web_VARS.fd") }), POOLS).obstacles, [], "a running guest takes them along");
  });

  it("can migrate with the usual devices", () => {
    const devices = "<hub type='usb'/><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm><shmem name='p' role='master'/><rng model='virtio'/><memballoon model='virtio'/>";
    assert.deepEqual(describeDomain(reading({ xml: xml({ devices }) }), POOLS).obstacles, []);
  });

  it("says what it uses only while there is a guest", () => {
    const measured = (state: number): DomainReading => reading({ stats: { ...stats(state, 1), "balloon.rss": 524_288n } });
    assert.deepEqual(describeDomain(measured(DomainState.RUNNING), POOLS).measured, { residentMib: 512 });
    assert.equal(describeDomain(measured(DomainState.SHUTOFF), POOLS).measured, undefined);
    assert.equal(describeDomain(reading(), POOLS).measured, undefined, "it was not asked for");
  });
});
