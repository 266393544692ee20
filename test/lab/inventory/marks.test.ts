import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { clearHostMark, markUuid, readHostMark, readHostMarks, readHosts, whatDiffers, writeHostMark, type HostMark } from "../../../provider/inventory/cluster/index.js";
import { closeHosts, hostAt, type ConnectedHost, type HostAddress } from "../../../provider/inventory/hosts.js";
import { silentLog } from "../../../provider/base/log.js";
import { clearMarks, idOf, keepMarks } from "../../../provider/kinds/placement/marks.js";
import type { PlacementInputs } from "../../../provider/schema/index.js";
import { useLab } from "../support/lab.js";

const OWNER = "11111111-1111-4111-8111-111111111111";

// Of its own: a host is stopped dead.
const lab = useLab({ own: true, hosts: 2 });
after(closeHosts);

function address(name: string): HostAddress {
  Object.assign(process.env, lab.lab.env);
  return { name, uri: lab.host(name).host.uri, owner: "o" };
}

const ash = (): ConnectedHost => hostAt(address("ash"));

const note = { by: "alice@laptop", at: "2026-01-01T00:00:00Z", reason: "new memory" };
const mark = (id: string, state?: HostMark["state"]): HostMark => ({
  cluster: { id, name: `cluster ${id}` }, state,
  hosts: ["ash", "birch"].map((name) => ({ name, uri: lab.host(name).host.uri })),
});

describe("what a cluster keeps on a host", () => {
  it("is written, read by whoever asks, changed and taken away", async () => {
    assert.deepEqual(await readHostMarks(ash()), []);
    assert.equal(await readHostMark(ash(), "one"), undefined);
    await writeHostMark(ash(), mark("one"));
    await writeHostMark(ash(), mark("two", { kind: "evacuated", ...note }));
    await writeHostMark(ash(), mark("one", { kind: "maintenance", ...note }));
    assert.deepEqual(await readHostMark(ash(), "one"), mark("one", { kind: "maintenance", ...note }));
    assert.deepEqual(await readHostMarks(ash()), [mark("one", { kind: "maintenance", ...note }), mark("two", { kind: "evacuated", ...note })]);
    assert.match(await lab.host("ash").virsh(["secret-list"]), /drover-cluster:one/);
    await clearHostMark(ash(), "one");
    await clearHostMark(ash(), "one");
    assert.deepEqual((await readHostMarks(ash())).map(({ cluster }) => cluster.id), ["two"]);
    await clearHostMark(ash(), "two");
  });

  it("takes a directory of 300 hosts, and says so when there are too many", async () => {
    const many = (count: number): HostMark => ({ ...mark("many"), hosts: Array.from({ length: count }, (_, index) => ({ name: `host-${index}`, uri: `qemu+ssh://root@host-${index}.example.org/system`, hostUuid: markUuid(String(index)) })) });
    await writeHostMark(ash(), many(300));
    assert.equal((await readHostMark(ash(), "many"))?.hosts.length, 300);
    await assert.rejects(writeHostMark(ash(), many(1000)), /could not keep the directory of cluster cluster many on ash: it has \d+ bytes, and libvirt keeps 65536/);
    assert.equal((await readHostMark(ash(), "many"))?.hosts.length, 300, "the old one is there still");
    await clearHostMark(ash(), "many");
  });

  it("stays when a host's URI is edited: it is the same machine", async () => {
    const inputs = (uri: string): PlacementInputs => ({ cluster: "edited", owner: OWNER, onUnreachable: "fail", hosts: [{ host: { ...address("ash"), uri } }, { host: address("birch") }] }) as unknown as PlacementInputs;
    const [before, after] = [inputs(address("ash").uri), inputs(lab.host("ash").host.tcpUri)];
    const ctx = { log: silentLog, signal: new AbortController().signal };
    const id = idOf(before);
    await keepMarks(ctx, before, undefined);
    await writeHostMark(ash(), { cluster: { id, name: "edited" }, state: { kind: "evacuated", ...note }, hosts: (await readHostMark(ash(), id))?.hosts ?? [] });
    await keepMarks(ctx, after, before);
    assert.deepEqual((await readHostMark(ash(), id))?.state, { kind: "evacuated", ...note });
    await keepMarks(ctx, { ...after, hosts: after.hosts.slice(1) }, after);
    assert.equal(await readHostMark(ash(), id), undefined, "one that left forgets it");
    await clearMarks(ctx, { ...after, hosts: after.hosts.slice(1) });
    assert.equal(await readHostMark(hostAt(address("birch")), id), undefined);
  });

  it("is nothing while it was only half written", async () => {
    await writeHostMark(ash(), mark("half"));
    const xml = await lab.host("ash").virsh(["secret-dumpxml", markUuid("half")]);
    await clearHostMark(ash(), "half");
    await lab.host("ash").virsh(["secret-define", "/dev/stdin"], xml);
    assert.equal(await readHostMark(ash(), "half"), undefined);
    assert.deepEqual(await readHostMarks(ash()), []);
    await writeHostMark(ash(), mark("half"));
    assert.deepEqual(await readHostMark(ash(), "half"), mark("half"));
    await clearHostMark(ash(), "half");
  });

  it("is an error that says what to do when it is garbage, and no end of the reading", async () => {
    await writeHostMark(ash(), mark("spoilt", { kind: "maintenance", ...note }));
    const before = await readHosts([address("ash")]);
    for (const garbage of [Buffer.from("garbage"), Buffer.from([0xff, 0xfe, 0]), Buffer.from("{}")]) {
      await lab.host("ash").virsh(["secret-set-value", markUuid("spoilt"), garbage.toString("base64")]);
      const expected = new RegExp(`could not read Drover's note drover-cluster:spoilt on ash: .*\n  next: look at it on the host: .virsh secret-get-value ${markUuid("spoilt")} --plain`);
      await assert.rejects(readHostMark(ash(), "spoilt"), expected);
      const reading = await readHosts([address("ash")]);
      assert.match(reading.hosts[0]?.markError?.message ?? "", expected);
      assert.deepEqual(whatDiffers(before, reading), ["ash is not in maintenance any more", "Drover's note on ash cannot be read any more"]);
    }
    await clearHostMark(ash(), "spoilt");
    assert.equal((await readHosts([address("ash")])).hosts[0]?.markError, undefined);
  });

  it("is there after the host died and came back, and a dead host is a silent one", { timeout: 180_000 }, async () => {
    const kept = mark("kept", { kind: "evacuated", ...note });
    await writeHostMark(ash(), kept);
    const both = [address("ash"), address("birch")];
    const before = await readHosts(both);
    await lab.break("ash");
    const without = await readHosts(both, { connectTimeoutMs: 3_000 });
    assert.deepEqual([without.hosts.map((host) => host.address.name), without.silent.map((host) => host.address.name)], [["birch"], ["ash"]]);
    assert.deepEqual(whatDiffers(before, without), ["ash does not answer"]);
    await lab.heal("ash");
    const again = await readHosts(both);
    assert.deepEqual(again.silent, []);
    assert.deepEqual(again.hosts[0]?.marks, [kept]);
    assert.deepEqual(whatDiffers(before, again), []);
  });

  it("a host whose cable is pulled is silent within its time, though a connection to it is open", { timeout: 180_000 }, async () => {
    const both = [address("ash"), address("birch")];
    await readHosts(both);
    await lab.break("birch", "network");
    const start = performance.now();
    const reading = await readHosts(both, { connectTimeoutMs: 2_000 });
    assert.ok(performance.now() - start < 15_000, "it was not waited for keepalive");
    assert.deepEqual(reading.silent.map((host) => host.address.name), ["birch"]);
    await lab.heal("birch");
  });
});
