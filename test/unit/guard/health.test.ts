/** What a host says of its own troubles: words as kernels write them, and garbage. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { signs } from "../../../provider/guard/health/index.js";
import { parseProbe } from "../../../provider/guard/health/probe.js";
import { DroverError } from "../../../provider/base/error.js";
import { HealthWatch } from "../../../provider/guard/health/watch.js";
import type { ReadCluster } from "../../../provider/kinds/placement/index.js";
import type { Look } from "../../../provider/guard/health/sign.js";

const host = { declared: { pools: ["disks"] }, state: "up", read: { pools: [{ name: "disks" }] } } as unknown as Look["host"];

/** Troubles found where a host said one thing first, another then, and now a third. */
function found(now: string, before = now, first = before, on: Look["host"] = host): string[] {
  return signs.flatMap((sign) => sign({ host: on, now: parseProbe(now), before: parseProbe(before), first: parseProbe(first) }) ?? []);
}

const WELL = `/sys/devices/system/edac/mc/mc0/ue_count 0
/sys/devices/system/edac/mc/mc0/ce_count 12
/sys/class/hwmon/hwmon3/temp1_input 48000
/sys/class/hwmon/hwmon3/temp1_crit 95000
/sys/class/hwmon/hwmon3/temp2_input 60000
/sys/class/hwmon/hwmon3/temp2_crit 0
/sys/block/sda/device/ioerr_cnt 0x3
/sys/block/sda/removable 0
/sys/block/sr0/device/ioerr_cnt 0x7
/sys/block/sr0/removable 1
/sys/block/md0/md/degraded 0
/sys/class/fc_host/host3/port_state Online
/sys/class/fc_host/host4/port_state Linkdown
/sys/class/iscsi_session/session1/state LOGGED_IN
/sys/block/sda/device/state running
/sys/class/nvme/nvme0/state live
/ rw,relatime,errors=remount-ro
`;

describe("signs of a host's trouble", () => {
  it("are none on a host that is well, nor on one that says nothing", () => {
    assert.deepEqual(found(WELL), []);
    assert.deepEqual(found(""), []);
    assert.deepEqual(found(WELL, "", ""), []);
  });

  for (const [what, now, text] of [
    ["memory errors that were not corrected", WELL.replace("ue_count 0", "ue_count 1"), "its memory has errors that were not corrected"],
    ["ever more corrected ones", WELL.replace("ce_count 12", "ce_count 113"), "its memory has ever more errors, corrected so far"],
    ["heat", WELL.replace("temp1_input 48000", "temp1_input 95000"), "it is too hot"],
    ["a disk's errors", WELL.replace("0x3", "0x1f"), "its disks fail: sda"],
    ["a mirror that lost a disk", WELL.replace("degraded 0", "degraded 1"), "its mirrors lack disks: md0"],
    ["paths to storage that fail", WELL.replace("Online", "Linkdown").replace("LOGGED_IN", "FAILED").replace("running", "transport-offline").replace("live", "connecting"), "its paths to storage fail: host3, session1, sda, nvme0"],
    ["a root file system that is read-only by now", WELL.replace("/ rw", "/ ro"), "its root file system can be read only by now"],
  ] as const) {
    it(`are ${what}`, () => { assert.deepEqual(found(now, WELL), [text]); });
  }

  it("are no errors of a drive that has its disks changed, or of a BMC's virtual one", () => {
    assert.deepEqual(found(WELL.replace("ioerr_cnt 0x7", "ioerr_cnt 0xff"), WELL), []);
  });

  it("are looked for again on a host that gave no shell, after some looks, and that is told once", async () => {
    let asked = 0;
    const told: string[] = [];
    const watch = new HealthWatch(() => { asked += 1; return asked === 1 ? Promise.reject(new DroverError({ attempted: "log in", answer: "a hiccup" })) : Promise.resolve(parseProbe(WELL)); });
    const ash = { declared: { host: { name: "ash" }, pools: [] }, state: "up", read: { pools: [] } } as unknown as Look["host"];
    for (let looks = 0; looks < 20; looks += 1) await watch.look({ hosts: [ash] } as unknown as ReadCluster, new Map([["ash", "alive"]]), (kind) => { told.push(kind); });
    assert.equal(asked, 10);
    assert.deepEqual(told, ["host-unprobed"]);
  });

  it("name other hosts that are in trouble too", async () => {
    const hosts = ["ash", "birch", "cedar"].map((name) => ({ declared: { host: { name }, pools: [] }, state: "up", read: { pools: [] } }) as unknown as Look["host"]);
    const hot = WELL.replace("temp1_input 48000", "temp1_input 95000");
    const watch = new HealthWatch(({ name }) => Promise.resolve(parseProbe(name === "birch" ? WELL : hot)));
    for (let looks = 0; looks < 2; looks += 1) await watch.look({ hosts } as unknown as ReadCluster, new Map(hosts.map(({ declared }) => [declared.host.name, "alive"])), () => {});
    assert.deepEqual(watch.take(), { host: "ash", why: "it is too hot", alike: ["cedar"] });
  });

  it("are a pool that is gone", () => {
    assert.deepEqual(found(WELL, WELL, WELL, { ...host, read: { pools: [] } } as unknown as Look["host"]), ["its storage is not there: disks"]);
  });

  it("are no path that never worked, nor one that was taken out", () => {
    assert.deepEqual(found(WELL.replace("running", "offline")), []);
    assert.deepEqual(found(WELL.replace(/^.*(sda|host3|session1)\/.*state.*\n/gm, ""), WELL), []);
  });

  it("are not corrected errors that were there before, nor a system that was always read-only", () => {
    assert.deepEqual(found(WELL.replace("ce_count 12", "ce_count 99999")), []);
    assert.deepEqual(found(WELL.replace("/ rw", "/ ro")), []);
  });

  it("are none in garbage", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (now, before) => { assert.deepEqual(found(now, before), []); }));
    assert.deepEqual(found(WELL.replaceAll(/ [0-9x]+$/gm, " what")), []);
  });
});
