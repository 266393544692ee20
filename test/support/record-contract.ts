import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { HeldBy, Hold, RecordStore } from "../../provider/record/store.js";

/** Fails where the lock is another's. */
export function held(outcome: Hold | HeldBy): Hold {
  assert.ok(!("heldBy" in outcome), `it is held by ${"heldBy" in outcome ? outcome.heldBy : ""}`);
  return outcome;
}

/** Fails where the lock is ours. */
export function heldBy(outcome: Hold | HeldBy): HeldBy {
  assert.ok("heldBy" in outcome, "it is ours");
  return outcome;
}

/** Resolves once a hold is lost. */
export function loss(hold: Hold): Promise<void> {
  return new Promise((resolve) => {
    if (hold.lost.aborted) resolve();
    else hold.lost.addEventListener("abort", () => { resolve(); }, { once: true });
  });
}

/**
 * What every record promises, whatever keeps it.
 * @param open another object on the same, at first empty record
 * @param steal takes a lock away from behind its holder's back, as an operator could
 */
export function recordContract(name: string, open: () => Promise<RecordStore>, steal: (lock: string) => Promise<void>): void {
  describe(`${name} keeps the record's contract`, () => {
    let one: RecordStore;
    let two: RecordStore;
    before(async () => { [one, two] = [await open(), await open()]; });
    after(async () => { await Promise.all([one.close(), two.close()]); });

    test("an entry is written, read by others, and removed", async () => {
      assert.equal(await one.get("simple"), undefined);
      const revision = await one.put("simple", "1");
      assert.ok(revision !== undefined && revision > 0);
      assert.deepEqual(await two.get("simple"), { key: "simple", value: "1", revision });
      assert.equal(await two.delete("simple"), true);
      assert.equal(await one.delete("simple"), false);
      assert.equal(await one.get("simple"), undefined);
    });

    test("a conditional write is made at its revision and at no other", async () => {
      const first = await one.put("cas", "a", { ifRevision: 0 });
      assert.ok(first !== undefined);
      assert.equal(await two.put("cas", "b", { ifRevision: 0 }), undefined);
      const second = await two.put("cas", "b", { ifRevision: first });
      assert.ok(second !== undefined && second > first);
      assert.equal(await one.put("cas", "c", { ifRevision: first }), undefined);
      assert.equal(await one.delete("cas", { ifRevision: first }), false);
      assert.equal((await one.get("cas"))?.value, "b");
      assert.equal(await one.delete("cas", { ifRevision: second }), true);
      const third = await one.put("cas", "again", { ifRevision: 0 });
      assert.ok(third !== undefined && third > second, "an entry that comes back has a revision that it never had");
    });

    test("any text survives, as key and as value", async () => {
      for (const text of ["", "ä€😀", "a\0b\r\n\t\"\\", "\uD800 alone", "x".repeat(100_000)]) {
        await one.put("text", text);
        assert.equal((await two.get("text"))?.value, text);
      }
      for (const key of ["..", "a/b", "a%2Fb", "ü 😀", "A", "a", "long/".repeat(80)]) {
        await one.put(`keys/${key}`, key);
        assert.equal((await two.get(`keys/${key}`))?.value, key);
      }
      assert.equal((await two.list("keys/")).length, 7);
      for (const key of ["", "\uD800", "x".repeat(501)]) await assert.rejects(one.put(key, "1"), TypeError);
    });

    test("a list has what begins with its prefix, in order", async () => {
      for (const key of ["list/b", "list/a", "list/ä", "list0", "list"]) await one.put(key, key);
      assert.deepEqual((await two.list("list/")).map(({ key, value }) => [key, value]), [["list/a", "list/a"], ["list/b", "list/b"], ["list/ä", "list/ä"]]);
      assert.deepEqual(await two.list("list/c"), []);
      assert.ok((await two.list("")).length >= 5);
    });

    test("of many increments side by side none is lost", async () => {
      const increment = async (record: RecordStore): Promise<void> => {
        for (;;) {
          const entry = await record.get("count");
          if (await record.put("count", String(Number(entry?.value ?? 0) + 1), { ifRevision: entry?.revision ?? 0 }) !== undefined) return;
        }
      };
      await Promise.all(Array.from({ length: 30 }, (_, index) => increment(index % 2 === 0 ? one : two)));
      assert.equal((await one.get("count"))?.value, "30");
    });

    test("of many who want a lock one gets it, and the others learn who", async () => {
      const outcomes = await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : two).acquire("many", `number ${index}`, { ttlSeconds: 5 })));
      const winners = outcomes.filter((outcome) => !("heldBy" in outcome));
      assert.equal(winners.length, 1);
      const winner = `number ${outcomes.findIndex((outcome) => !("heldBy" in outcome))}`;
      const { heldBy: holder, since } = heldBy(await two.acquire("many", "late", { ttlSeconds: 5 }));
      assert.equal(holder, winner);
      assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000);
      for (const hold of outcomes) if (!("heldBy" in hold)) await hold.release();
    });

    test("a lock that was released is the next one's", async () => {
      const hold = held(await one.acquire("released", "one", { ttlSeconds: 5 }));
      assert.equal(hold.lost.aborted, false);
      await hold.release();
      assert.equal(hold.lost.aborted, true);
      await hold.release();
      const next = held(await two.acquire("released", "two", { ttlSeconds: 5 }));
      await hold.release();
      assert.equal(heldBy(await one.acquire("released", "one", { ttlSeconds: 5 })).heldBy, "two");
      await next.release();
    });

    test("what is written under a lock is written only while it is ours", async () => {
      const hold = held(await one.acquire("guarded", "one", { ttlSeconds: 5 }));
      const revision = await one.put("under", "1", { hold });
      assert.ok(revision !== undefined);
      assert.equal(await one.put("under", "2", { hold, ifRevision: 0 }), undefined);
      assert.equal(hold.lost.aborted, false, "it is the entry that was another's, not the lock");
      await steal("guarded");
      const other = held(await two.acquire("guarded", "two", { ttlSeconds: 5 }));
      assert.equal(await one.put("under", "3", { hold }), undefined);
      assert.equal(await one.delete("under", { hold, ifRevision: revision }), false);
      assert.equal(hold.lost.aborted, true);
      await hold.release();
      assert.ok(await two.put("under", "4", { hold: other }) !== undefined, "a release after the loss takes nothing from the next holder");
      assert.equal((await one.get("under"))?.value, "4");
      await other.release();
      assert.equal(await two.put("under", "5", { hold: other }), undefined);
    });

    test("who closes a record gives its locks back", async () => {
      const third = await open();
      const hold = held(await third.acquire("closed", "three", { ttlSeconds: 5 }));
      await third.close();
      assert.equal(hold.lost.aborted, true);
      await held(await one.acquire("closed", "one", { ttlSeconds: 5 })).release();
    });
  });
}
