import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sharedStorage } from "../../../../provider/inventory/cluster/pools.js";
import { scanXml } from "../../../../provider/xml/index.js";

const pool = (type: string, source = ""): string => `<pool type='${type}'><name>disks</name><source>${source}</source><target><path>/srv/disks</path></target></pool>`;
const hosts = { ash: "qemu+ssh://ash/system", birch: "qemu+ssh://birch/system" };

describe("the storage of a pool", () => {
  for (const [what, xml, marker, expected] of [
    ["a folder whose marker names two hosts", pool("dir"), { uuid: "u", hosts }, "pool u"],
    ["a folder whose marker names its host alone", pool("dir"), { uuid: "u", hosts: { ash: hosts.ash } }, undefined],
    ["a folder that is not ours", pool("dir"), undefined, undefined],
    ["NFS that is not ours", pool("netfs", "<host name='nas'/><dir path='/export'/><format type='nfs'/>"), undefined, "netfs nas /export"],
    ["NFS that is ours, by its marker", pool("netfs", "<host name='nas'/><dir path='/export'/>"), { uuid: "u", hosts }, "pool u"],
    ["Ceph with its monitors in any order", pool("rbd", "<host name='b' port='6789'/><host name='a'/><name>vms</name>"), undefined, "rbd a,b:6789 vms"],
    ["a volume group", pool("logical", "<device path='/dev/sda'/><name>vg</name>"), undefined, undefined],
  ] as const) {
    it(`is ${expected ?? "its host's alone, as far as is known"}: ${what}`, () => {
      assert.equal(sharedStorage(scanXml(xml), marker), expected);
    });
  }
});
