import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silentLog } from "../../../../provider/base/log.js";
import { letGuardsIn, lockOut, noteGuard, publish, recordConfig, underLock, unknownTo, unpublish, WANTED_KEY, wantedOf, WORK_LOCK } from "../../../../provider/kinds/placement/guarded.js";
import { idOf } from "../../../../provider/kinds/placement/index.js";
import { openRecord } from "../../../../provider/record/config.js";
import type { RecordStore } from "../../../../provider/record/store.js";
import type { PlacementInputs } from "../../../../provider/schema/index.js";

const ctx = { log: silentLog, signal: new AbortController().signal };
let directory: string;
let record: RecordStore;
let inputs: PlacementInputs;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "drover-guarded-"));
  inputs = {
    cluster: "prod", owner: "5f0ff3cc-9d07-4b26-8a7c-9a0a4a0d3c51", guard: { directory: join(directory, "record") }, onUnreachable: "fail", policy: "none", rebalance: false, cpuBaseline: "keep",
    hosts: [{
      host: { name: "ash", uri: "qemu+ssh://root@ash/system", owner: "o", ssh: { privateKey: "key-of-ash" } },
      fence: [{ agent: "ipmilan", secrets: { password: "bmc-of-ash" }, timeoutSeconds: 60 }],
    }],
    vms: { web: { key: "web", vcpus: 1, memory: "1 GiB", running: true } },
  };
  record = await openRecord({ directory: join(directory, "record") }, idOf(inputs));
});
after(async () => {
  await record.close();
  await rm(directory, { recursive: true });
});

describe("an update of a guarded cluster", () => {
  it("keeps guards out, and tells them what is wanted, without a credential", async () => {
    await lockOut(ctx, inputs);
    const other = await record.acquire(WORK_LOCK, "drover guard one", { ttlSeconds: 5 });
    assert.ok("heldBy" in other);
    assert.match(other.heldBy, /^pulumi up of /);
    await publish(ctx, inputs);
    const { value = "" } = await record.get(WANTED_KEY) ?? {};
    assert.doesNotMatch(value, /key-of-ash|bmc-of-ash/);
    assert.equal((JSON.parse(value) as PlacementInputs).vms["web"]?.running, true);
  });

  it("is what a guard goes by, with the credentials that it has itself", async () => {
    await publish(ctx, { ...inputs, vms: { web: { key: "web", vcpus: 1, memory: "1 GiB", running: false } } });
    const wanted = wantedOf(inputs, (await record.get(WANTED_KEY))?.value);
    assert.equal(wanted.vms["web"]?.running, false);
    assert.deepEqual(wanted.hosts, inputs.hosts);
    assert.deepEqual(wantedOf(inputs, undefined), inputs);
  });

  it("is refused by a guard where it is no cluster, with what to do, and hosts that are new to the guard are known as such", () => {
    for (const text of ["", "{", "[]", "{}", JSON.stringify({ ...inputs, hosts: [{}] }), JSON.stringify({ ...inputs, vms: { web: {} } })]) {
      assert.throws(() => wantedOf(inputs, text), /could not read what is wanted of cluster prod: [^]*next: run `pulumi up`/, text);
    }
    const more = { ...inputs, hosts: [...inputs.hosts, { host: { name: "birch", uri: "qemu+ssh://root@birch/system", owner: "o" } }] };
    assert.deepEqual(unknownTo(inputs, wantedOf(inputs, JSON.stringify(more))), ["birch"]);
    assert.deepEqual(unknownTo(inputs, wantedOf(inputs, JSON.stringify(inputs))), []);
  });

  it("leaves guards nothing to do for a cluster that is no more, whatever they were started with", async () => {
    await unpublish(ctx, inputs);
    const wanted = wantedOf(inputs, (await record.get(WANTED_KEY))?.value);
    assert.deepEqual([wanted.vms, wanted.hosts], [{}, []]);
  });

  it("is nothing where the cluster has no guard", async () => {
    const { guard: _guard, ...unguarded } = inputs;
    const before = await record.list("");
    await publish(ctx, unguarded);
    assert.deepEqual(await record.list(""), before);
  });

  it("ends what it does under its lock as soon as that is lost", async () => {
    const working = await underLock(ctx, inputs);
    assert.equal(working.signal.aborted, false);
    await rm(join(directory, "record", idOf(inputs), "locks", `${WORK_LOCK}.lock`));
    await assert.rejects(publish(ctx, inputs), /somebody else works on the cluster/);
    assert.equal(working.signal.aborted, true);
    await assert.rejects(underLock(ctx, inputs), /a guard may be at work by now/);
  });
});

describe("an operator's command", () => {
  it("keeps guards out under its own name, and lets them in when it ends", async () => {
    const own = { ...inputs, cluster: "commanded" };
    const store = await openRecord({ directory: join(directory, "record") }, idOf(own));
    await lockOut(ctx, own, true, "drover evacuate ash");
    const other = await store.acquire(WORK_LOCK, "drover guard one", { ttlSeconds: 5 });
    assert.ok("heldBy" in other);
    assert.match(other.heldBy, /^drover evacuate ash of /);
    await letGuardsIn();
    assert.ok("release" in await store.acquire(WORK_LOCK, "drover guard one", { ttlSeconds: 5 }));
    await store.close();
  });
});

describe("a record in a directory", () => {
  const warnings: string[] = [];
  const heard = { ...ctx, log: { ...silentLog, warn: (text: string) => { warnings.push(text); } } };
  const at = (folder: string): PlacementInputs => ({ ...inputs, cluster: folder, guard: { directory: join(directory, folder) } });

  it("that no guard has used yet is a warning", async () => {
    await lockOut(heard, at("first"));
    assert.match(warnings.join(), /no guard has used .* on this machine yet/);
    const used = await openRecord({ directory: join(directory, "used") }, idOf(at("used")));
    await noteGuard(used, "guard-1");
    warnings.length = 0;
    await lockOut(heard, at("used"));
    assert.deepEqual(warnings, []);
    await used.close();
  });

  it("that is empty though the last update wrote into it is on another machine: nothing is done", async () => {
    await assert.rejects(lockOut(heard, at("elsewhere"), false), /could not work on cluster elsewhere: its last update told the guard[^]*run this on the guard's machine/);
  });
});

describe("where a record is", () => {
  it("is in etcd or in a directory, and not in both", async () => {
    await assert.rejects(recordConfig({}), /either `etcd` or `directory`/);
    await assert.rejects(recordConfig({ directory: "/a", etcd: ["http://b:2379"] }), /either `etcd` or `directory`/);
    assert.deepEqual(await recordConfig({ etcd: ["http://b:2379"], user: "u", password: "p" }), { etcd: { endpoints: ["http://b:2379"], user: "u", password: "p" } });
  });
});
