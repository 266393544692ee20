import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runAny } from "../../lab/run.js";
import { labStatus } from "../../lab/status.js";
import { eventually, guestFacts, useLab } from "./support/lab.js";

const installed = (await runAny(["/bin/sh", "-c", "command -v glusterd"])).code === 0;

describe("a lab with a network file system", { skip: installed ? false : "glusterfs-server is not installed" }, () => {
  const lab = useLab({ own: true, hosts: 2, storage: "gluster" });

  test("a guest migrates without `unsafe`, and a cut takes the storage from one host only", async () => {
    const { domain, mac } = await lab.startTiny("ash", "guest");
    const address = await eventually("a lease", () => lab.addressOf(mac));
    const before = await guestFacts(address);
    await lab.host("ash").virsh(["migrate", "--live", domain, lab.host("birch").host.tcpUri]);
    assert.equal((await guestFacts(address)).bootId, before.bootId);

    await lab.break("ash", "storage");
    assert.equal((await labStatus(lab.place)).hosts[0]?.state, "no storage");
    // The client gives up only after its own time-out; nothing is seen of what others write meanwhile.
    await lab.host("birch").check(["touch", "/srv/disks/written"]);
    assert.notEqual((await lab.host("ash").exec(["ls", "/srv/disks/written"], { timeoutMs: 2_000 })).code, 0);
    assert.equal((await guestFacts(address)).bootId, before.bootId);
    await lab.heal("ash");
    await lab.host("ash").check(["ls", "/srv/disks/written"]);
  });
});
