/** What several guards see of the same hosts, through a record that they share. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { SteadyClock } from "../../../provider/base/clock.js";
import type { Condition } from "../../../provider/guard/detect.js";
import { guardThatHears } from "../../../provider/kinds/placement/views.js";
import { Views } from "../../../provider/guard/views.js";
import { openRecord } from "../../../provider/record/config.js";
import type { RecordStore } from "../../../provider/record/store.js";

const POLL_SECONDS = 5;

describe("what several guards see", () => {
  let folder: string;
  let store: RecordStore;
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() };
  const seen = (...conditions: Condition[]): Map<string, Condition> => new Map(conditions.map((condition, index) => [`host-${index}`, condition]));
  let one: Views;
  let two: Views;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "drover-views-"));
    store = await openRecord({ directory: join(folder, "record") }, "cluster");
    one = new Views(store, "one", clock, POLL_SECONDS);
    two = new Views(store, "two", clock, POLL_SECONDS);
  });
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it("counts no view of which nobody knows how old it is", async () => {
    await two.exchange(seen("alive", "alive"));
    await one.exchange(seen("lost", "alive"));
    assert.deepEqual(one.whoHears("host-0"), []);
  });

  it("tells who hears a host that is silent to this guard", async () => {
    nowMs += 4 * POLL_SECONDS * 1000;
    await two.exchange(seen("alive", "ailing", "suspect"));
    await one.exchange(seen("lost", "lost", "lost"));
    assert.deepEqual([one.whoHears("host-0"), one.whoHears("host-1"), one.whoHears("host-2")], [["two"], ["two"], []]);
    assert.equal(one.whoSeesMore(seen("lost", "lost", "lost")), "two");
    assert.equal(one.whoSeesMore(seen("lost", "alive", "alive")), undefined);
    assert.deepEqual(two.whoHears("host-0"), []);
  });

  it("goes by no guard that has said nothing for a while, and by one that goes on saying the same", async () => {
    await two.exchange(seen("alive"));
    await one.exchange(seen("lost"));
    for (let polls = 0; polls < 30; polls += 1) {
      nowMs += POLL_SECONDS * 1000;
      await two.exchange(seen("alive"));
      await one.exchange(seen("lost"));
      assert.deepEqual(one.whoHears("host-0"), ["two"], `after ${polls} polls`);
    }
    nowMs += 7 * POLL_SECONDS * 1000;
    await one.exchange(seen("lost"));
    assert.deepEqual(one.whoHears("host-0"), ["two"], "one that says nothing new for two heartbeats may still be there");
    nowMs += 4 * POLL_SECONDS * 1000;
    await one.exchange(seen("lost"));
    assert.deepEqual(one.whoHears("host-0"), []);
  });

  it("writes what has changed at once, and what has not every fourth poll", async () => {
    const written = async (): Promise<number | undefined> => (await store.get("views/two"))?.revision;
    await two.exchange(seen("alive", "alive"));
    const first = await written();
    for (let polls = 0; polls < 3; polls += 1) {
      nowMs += POLL_SECONDS * 1000;
      await two.exchange(seen("alive", "alive"));
    }
    assert.equal(await written(), first);
    await two.exchange(seen("alive", "lost"));
    const second = await written();
    assert.notEqual(second, first);
    nowMs += 4 * POLL_SECONDS * 1000;
    await two.exchange(seen("alive", "lost"));
    assert.notEqual(await written(), second);
  });

  it("hears nothing from an entry that no guard wrote, and goes on", async () => {
    await store.put("views/garbage", "{");
    await one.exchange(seen("lost"));
    await store.put("views/garbage", JSON.stringify({ answering: "host-9" }));
    await one.exchange(seen("lost"));
    assert.deepEqual(one.whoHears("host-9"), []);
    await store.delete("views/garbage");
  });

  it("tells an operator of a guard that works and hears a host, and not of one that is gone", async () => {
    await two.exchange(seen("alive"));
    const waiting = (during: () => Promise<void>): SteadyClock => ({ ...clock, sleep: async () => { nowMs += 10_000; await during(); } });
    assert.equal(await guardThatHears(store, "host-0", waiting(() => Promise.resolve())), undefined);
    assert.equal(await guardThatHears(store, "host-0", waiting(() => two.exchange(seen("alive")))), "two");
    assert.equal(await guardThatHears(store, "host-7", waiting(() => two.exchange(seen("alive")))), undefined);
  });
});
