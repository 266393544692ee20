/** What several guards see of the same hosts, through a record that they share. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Condition } from "../../../provider/guard/detect.js";
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
    nowMs += 3 * POLL_SECONDS * 1000;
    await two.exchange(seen("alive"));
    await one.exchange(seen("lost"));
    nowMs += 3 * POLL_SECONDS * 1000;
    assert.deepEqual(one.whoHears("host-0"), ["two"]);
    nowMs += 3 * POLL_SECONDS * 1000;
    await one.exchange(seen("lost"));
    assert.deepEqual(one.whoHears("host-0"), []);
  });
});
