import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ClosedHosts } from "../../../provider/guard/closed.js";
import { openRecord } from "../../../provider/record/config.js";
import type { Hold, RecordStore } from "../../../provider/record/store.js";

describe("hosts in maintenance", () => {
  let folder: string;
  let store: RecordStore;
  let hold: Hold | undefined;
  const guard = (): ClosedHosts => new ClosedHosts(store, () => hold);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "drover-closed-"));
    store = await openRecord({ directory: join(folder, "record") }, "cluster");
    const got = await store.acquire("leader", "one", { ttlSeconds: 5 });
    assert.ok("release" in got);
    hold = got;
  });
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it("are known to a guard that starts while they are off", async () => {
    const before = guard();
    before.sees("ash", true);
    before.sees("birch", false);
    await before.write();
    const next = guard();
    assert.equal(next.has("ash"), false);
    await next.load();
    assert.deepEqual([next.has("ash"), next.has("birch")], [true, false]);
  });

  it("are no longer once they were read and say so, for those who come after too", async () => {
    const now = guard();
    await now.load();
    now.sees("ash", false);
    await now.write();
    const next = guard();
    await next.load();
    assert.equal(next.has("ash"), false);
  });

  it("are written by the leader alone", async () => {
    const watching = new ClosedHosts(store, () => undefined);
    watching.sees("cedar", true);
    await watching.write();
    const next = guard();
    await next.load();
    assert.equal(next.has("cedar"), false);
  });
});
