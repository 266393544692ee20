import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Intents } from "../../../provider/guard/intents.js";
import { openRecord } from "../../../provider/record/config.js";
import type { Hold, RecordStore } from "../../../provider/record/store.js";

let folder: string;
let store: RecordStore;
let hold: Hold;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "drover-intents-"));
  store = await openRecord({ directory: folder }, "cluster");
  const got = await store.acquire("leader", "one", { ttlSeconds: 60 });
  assert.ok("release" in got);
  hold = got;
});
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe("a start that was begun", () => {
  it("may come late where another leader began it, until it is known that it cannot", async () => {
    const first = new Intents(store);
    await first.begin("guest", "ash", hold);
    assert.equal(first.isOpen("guest"), false, "what came of its own it knows");
    const next = new Intents(store);
    await next.load();
    assert.deepEqual([next.of("guest"), next.isOpen("guest")], ["ash", true]);
    await next.begin("guest", "ash", hold);
    assert.equal(next.isOpen("guest"), true, "a try of its own says nothing of the other's");
    await next.end("guest", hold);
    assert.deepEqual([next.of("guest"), next.isOpen("guest")], [undefined, false]);
  });

  it("may come late where nobody knows what became of it, though the next try was refused", async () => {
    const intents = new Intents(store);
    await intents.begin("guest", "ash", hold);
    intents.keepOpen("guest");
    await intents.begin("guest", "ash", hold);
    assert.equal(intents.isOpen("guest"), true);
  });
});
