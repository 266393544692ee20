/** When a guard balances. That it moves guests is seen in the lab (`test/lab/guard/balance.test.ts`). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDuration } from "../../../provider/base/duration.js";
import { BalanceTimer } from "../../../provider/guard/balance.js";
import type { PlacementInputs } from "../../../provider/schema/index.js";

const every = (text: string): PlacementInputs => ({ balance: { every: text, maxMoves: 2, dryRun: false } }) as unknown as PlacementInputs;

describe("the timer of balancing", () => {
  it("is due each time that the time has passed, and not when the guard begins", () => {
    const timer = new BalanceTimer();
    const due = [0, 59_000, 60_000, 61_000, 119_000, 120_000, 300_000, 301_000].map((nowMs) => timer.isDue(every("1 min"), nowMs));
    assert.deepEqual(due, [false, false, true, false, false, true, true, false]);
  });

  it("begins anew when balancing is declared again", () => {
    const timer = new BalanceTimer();
    timer.isDue(every("10 s"), 0);
    assert.equal(timer.isDue({ ...every("10 s"), balance: undefined } as unknown as PlacementInputs, 20_000), false);
    assert.deepEqual([timer.isDue(every("10 s"), 30_000), timer.isDue(every("10 s"), 40_000)], [false, true]);
  });

  it("reads times as they are written, and refuses all others", () => {
    assert.deepEqual(["30 s", "10 min", "10min", "2 h"].map(parseDuration), [30, 600, 600, 7200]);
    for (const text of ["0 s", "10", "min", "1.5 h", "-1 s", "10 m"]) assert.throws(() => parseDuration(text), /is no time/);
  });
});
