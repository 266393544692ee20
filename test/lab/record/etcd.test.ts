import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import { runAny } from "../../../lab/run.js";
import { Views } from "../../../provider/guard/views.js";
import { openRecord } from "../../../provider/record/config.js";
import { OutcomeUnknown, type RecordStore } from "../../../provider/record/store.js";
import { held, heldBy, loss, recordContract } from "../../support/record-contract.js";

const installed = (await runAny(["/bin/sh", "-c", "command -v etcd"])).code === 0;
const skip = installed ? false : "etcd-server is not installed";
const directory = (): Promise<string> => mkdtemp(join(tmpdir(), "drover-etcd-"));

/** A call of etcd's gateway, past the record. */
async function ask(endpoint: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${endpoint}${path}`, { method: "POST", body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${String(response.status)}`);
  return response.json();
}

const encoded = (text: string): string => Buffer.from(text).toString("base64");

describe("a record in one etcd", { skip }, () => {
  let etcd: LabEtcd;
  let endpoint: string;
  before(async () => {
    etcd = await startEtcd(await directory());
    endpoint = etcd.endpoints[0] ?? "";
  });
  after(() => etcd.stop());

  recordContract("etcd", () => openRecord({ etcd: { endpoints: [endpoint] } }, "contract"), async (lock) => {
    await ask(endpoint, "/v3/kv/deleterange", { key: encoded(`/drover/contract/locks/${lock}`) });
  });

  test("clusters do not meet", async () => {
    const [a, b] = await Promise.all(["a", "b"].map((cluster) => openRecord({ etcd: { endpoints: [endpoint], prefix: "/own/" } }, cluster)));
    assert.ok(a !== undefined && b !== undefined);
    await a.put("x", "1");
    assert.deepEqual(await b.list(""), []);
    assert.match(a.label, /^etcd 127\.0\.0\.1:\d+ \(\/own\/a\/\)$/);
    await Promise.all([a.close(), b.close()]);
  });

  test("a record needs no value that was there before: etcd may compact all of them while locks are held", async () => {
    const store = await openRecord({ etcd: { endpoints: [endpoint] } }, "compacted");
    try {
      const hold = held(await store.acquire("leader", "one", { ttlSeconds: 5 }));
      let revision = 0;
      for (let value = 0; value < 20; value += 1) revision = await store.put("x", String(value), { hold, ifRevision: revision }) ?? 0;
      await ask(endpoint, "/v3/kv/compaction", { revision: String(revision), physical: true });
      assert.deepEqual((await store.list("")).map(({ key, value }) => [key, value]), [["x", "19"]]);
      assert.ok(await store.put("x", "20", { hold, ifRevision: revision }) !== undefined);
      heldBy(await store.acquire("leader", "two", { ttlSeconds: 5 }));
      await hold.release();
    } finally {
      await store.close();
    }
  });

  test("guards that see the same for an hour leave one revision in four polls each", async () => {
    const store = await openRecord({ etcd: { endpoints: [endpoint] } }, "views");
    try {
      let nowMs = 0;
      const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() };
      const guards = ["one", "two", "three"].map((name) => new Views(store, name, clock, 5));
      for (const guard of guards) await guard.exchange(new Map([["ash", "alive"]]));
      const first = (await store.get("views/three"))?.revision ?? 0;
      for (let poll = 0; poll < 40; poll += 1) {
        nowMs += 5_000;
        for (const guard of guards) await guard.exchange(new Map([["ash", "alive"]]));
      }
      assert.equal(((await store.get("views/three"))?.revision ?? 0) - first, 30, "etcd counts revisions of all keys");
    } finally {
      await store.close();
    }
  });

  test("a lock that is kept alive outlives its TTL; one whose holder is cut off is lost to it before another gets it", async () => {
    // The way to etcd that can be cut.
    let isCut = false;
    const proxy = createServer((incoming, outgoing) => {
      if (isCut) return;
      incoming.pipe(request(endpoint + (incoming.url ?? ""), { method: "POST" }, (answer) => { answer.pipe(outgoing); }));
    });
    await new Promise<void>((resolve) => { proxy.listen(0, "127.0.0.1", resolve); });
    const near = await openRecord({ etcd: { endpoints: [`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`] } }, "ttl");
    const far = await openRecord({ etcd: { endpoints: [endpoint] } }, "ttl");
    try {
      const hold = held(await near.acquire("leader", "near", { ttlSeconds: 2 }));
      await new Promise((resolve) => { setTimeout(resolve, 4_500); });
      assert.equal(hold.lost.aborted, false);
      assert.equal(heldBy(await far.acquire("leader", "far", { ttlSeconds: 2 })).heldBy, "near");

      isCut = true;
      let lostMs = 0;
      void loss(hold).then(() => { lostMs = performance.now(); });
      for (;;) {
        const outcome = await far.acquire("leader", "far", { ttlSeconds: 2 });
        const wonMs = performance.now();
        if ("heldBy" in outcome) continue;
        assert.ok(lostMs > 0 && lostMs < wonMs, "lost before it was taken");
        assert.equal(await near.put("x", "late", { hold }), undefined);
        break;
      }
      isCut = false;
    } finally {
      proxy.closeAllConnections();
      await Promise.all([near.close(), far.close()]);
      proxy.close();
    }
  });

  test("where an answer is lost, what is there tells whether the write was made, and none is made twice", async () => {
    let lose: "before" | "after" | undefined;
    let writes = 0;
    const proxy = createServer((incoming, outgoing) => {
      const isWrite = incoming.url === "/v3/kv/txn";
      if (isWrite) writes += 1;
      const loss = isWrite ? lose : undefined;
      if (loss !== undefined) lose = undefined;
      if (loss === "before") {
        incoming.socket.destroy();
        return;
      }
      incoming.pipe(request(endpoint + (incoming.url ?? ""), { method: "POST" }, (answer) => {
        if (loss === undefined) answer.pipe(outgoing);
        else answer.resume().once("end", () => { incoming.socket.destroy(); });
      }));
    });
    await new Promise<void>((resolve) => { proxy.listen(0, "127.0.0.1", resolve); });
    const record = await openRecord({ etcd: { endpoints: [`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`] } }, "lost");
    try {
      lose = "after";
      const first = await record.put("x", "1", { ifRevision: 0 });
      assert.deepEqual([(await record.get("x"))?.revision, writes], [first, 1], "it was made");
      lose = "before";
      const second = await record.put("x", "2", { ifRevision: first ?? 0 });
      assert.deepEqual([(await record.get("x"))?.revision, writes], [second, 3], "it was not, and is now");
      lose = "after";
      assert.equal(await record.put("x", "2", { ifRevision: first ?? 0 }), undefined, "another's write is not taken for ours, though it left the same value");
      lose = "before";
      await assert.rejects(record.put("y", "1"), OutcomeUnknown);
      lose = "after";
      await assert.rejects(record.delete("x", { ifRevision: second ?? 0 }), OutcomeUnknown);
      lose = "after";
      const hold = held(await record.acquire("lock", "we", { ttlSeconds: 5 }));
      assert.ok(await record.put("x", "3", { hold }) !== undefined);
    } finally {
      await record.close();
      proxy.close();
    }
  });

  test("a user logs in, and again where the token is no longer good; no password is in an error", async () => {
    const own = await startEtcd(await directory());
    const [url = ""] = own.endpoints;
    try {
      await ask(url, "/v3/auth/user/add", { name: "root", password: "hush-hush" });
      await ask(url, "/v3/auth/user/grant", { user: "root", role: "root" }).catch(async () => {
        await ask(url, "/v3/auth/role/add", { name: "root" });
        await ask(url, "/v3/auth/user/grant", { user: "root", role: "root" });
      });
      await ask(url, "/v3/auth/enable", {});
      const record = await openRecord({ etcd: { endpoints: [url], user: "root", password: "hush-hush" } }, "c1");
      assert.ok(await record.put("x", "1", { ifRevision: 0 }) !== undefined);
      // Tokens live in a member's memory.
      await own.members[0]?.kill();
      await own.members[0]?.start();
      assert.equal((await record.get("x"))?.value, "1");
      await record.close();
      const wrong = await openRecord({ etcd: { endpoints: [url], user: "root", password: "open-secret" } }, "c1");
      await assert.rejects(wrong.get("x"), (error: Error) => /log in as root/.test(error.message) && !error.message.includes("open-secret"));
      const nobody = await openRecord({ etcd: { endpoints: [url] } }, "c1");
      await assert.rejects(nobody.get("x"), /user name is empty/);
    } finally {
      await own.stop();
    }
  });
});

describe("a record in three etcds", { skip }, () => {
  let etcd: LabEtcd;
  let record: RecordStore;
  before(async () => {
    etcd = await startEtcd(await directory(), { members: 3 });
    record = await openRecord({ etcd: { endpoints: etcd.endpoints } }, "c1");
  });
  after(async () => {
    // Without a majority there is nobody to give locks back to.
    await record.close().catch(() => {});
    await etcd.stop();
  });

  test("any one member may be gone, or deaf", async () => {
    let revision = await record.put("x", "0", { ifRevision: 0 });
    const hold = held(await record.acquire("kept", "we", { ttlSeconds: 8 }));
    for (const [index, member] of etcd.members.entries()) {
      if (index === 1) member.freeze();
      else await member.kill();
      assert.ok(revision !== undefined);
      revision = await record.put("x", String(index), { ifRevision: revision });
      assert.ok(revision !== undefined, `without ${member.name}`);
      assert.equal((await record.get("x"))?.value, String(index));
      member.thaw();
      await member.start();
    }
    assert.equal(hold.lost.aborted, false, "the lock was kept all the while");
    await hold.release();
  });

  test("without a majority every call is an error in time, and a lock is lost", async () => {
    const revision = await record.put("majority", "old");
    const hold = held(await record.acquire("leader", "we", { ttlSeconds: 3 }));
    await Promise.all(etcd.members.slice(0, 2).map((member) => member.kill()));
    const startMs = performance.now();
    const calls = [
      record.get("majority"), record.list(""), record.put("majority", "new"), record.put("majority", "new", { ifRevision: revision ?? 0 }),
      record.delete("majority"), record.acquire("other", "we", { ttlSeconds: 3 }),
    ];
    const lost = loss(hold).then(() => performance.now() - startMs);
    for (const call of await Promise.allSettled(calls)) assert.equal(call.status, "rejected");
    // Six seconds each; a taken lock is given back first, which takes as long again.
    assert.ok(performance.now() - startMs < 15_000);
    assert.ok(await lost < 3_000, "before another can have it");
    assert.equal(await record.put("x", "late", { hold }), undefined);
    await Promise.all(etcd.members.map((member) => member.start()));
    assert.ok(["old", "new", undefined].includes((await record.get("majority"))?.value));
  });
});
