import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Attempts } from "../../../provider/guard/attempts.js";

const GUEST = "guest";

describe("the starts of a guest", () => {
  it("have pauses that grow after a refusal, so that storage which fails over for 40 s is ridden out", () => {
    const attempts = new Attempts(20_000);
    const begunMs: number[] = [];
    let nowMs = 0;
    while (!attempts.isSpent(GUEST, 3, nowMs)) {
      begunMs.push(nowMs);
      nowMs += attempts.refused(GUEST, "ash", nowMs).pauseMs;
    }
    assert.deepEqual(begunMs, [0, 20_000, 80_000]);
    assert.deepEqual([attempts.isPausing(GUEST, 80_001), attempts.isPausing("other", 0)], [true, false]);
  });

  it("count for ten minutes each", () => {
    const attempts = new Attempts(20_000);
    attempts.add(GUEST, 0);
    attempts.add(GUEST, 599_000);
    assert.equal(attempts.add(GUEST, 601_000), 2);
    assert.equal(attempts.isSpent(GUEST, 3, 601_000), false);
    assert.equal(attempts.add(GUEST, 602_000), 3);
    assert.equal(attempts.isSpent(GUEST, 3, 602_000), true);
    assert.equal(attempts.isSpent(GUEST, 3, 9_000_000), true, "it is left to a person, and not taken up again by itself");
  });

  it("begin afresh once it has run for ten minutes, and its hosts as soon as it runs", () => {
    const attempts = new Attempts(20_000);
    for (let count = 0; count < 3; count += 1) attempts.refused(GUEST, "ash", count);
    assert.equal(attempts.isSpent(GUEST, 3, 3), true);
    assert.deepEqual([...attempts.refusedBy(GUEST)], ["ash"]);
    attempts.runs(GUEST, 1_000);
    assert.deepEqual([...attempts.refusedBy(GUEST)], []);
    attempts.runs(GUEST, 602_000);
    assert.equal(attempts.isSpent(GUEST, 3, 602_000), false);
  });
});
