import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { descend, searchSteps, type Walk } from "../../../provider/plan/solve/walk.js";

/** Coins on a row of places: a step takes a coin to the next place; some places are worth more than the way to them. */
class Row implements Walk<{ readonly coin: number; readonly by: number }> {
  readonly #at: number[];
  readonly #worth: readonly number[];
  readonly #taken: { readonly coin: number; readonly by: number }[] = [];

  constructor(worth: readonly number[], coins: number) {
    this.#worth = worth;
    this.#at = Array.from({ length: coins }, () => 0);
  }

  cost(): number {
    return -this.#at.reduce((sum, place) => sum + (this.#worth[place] ?? 0), 0);
  }

  forEachStep(visit: (step: { coin: number; by: number }, costAfter: number) => void): void {
    for (const coin of this.#at.keys()) {
      for (const by of [-1, 1]) {
        if (!this.take({ coin, by })) continue;
        const after = this.cost();
        this.back();
        visit({ coin, by }, after);
      }
    }
  }

  take(step: { readonly coin: number; readonly by: number }): boolean {
    const to = (this.#at[step.coin] ?? 0) + step.by;
    if (to < 0 || to >= this.#worth.length) return false;
    this.#at[step.coin] = to;
    this.#taken.push(step);
    return true;
  }

  back(): void {
    const step = this.#taken.pop();
    assert.ok(step !== undefined);
    this.#at[step.coin] = (this.#at[step.coin] ?? 0) - step.by;
  }

  fingerprint(): string {
    return this.#at.join();
  }
}

describe("searches over sequences of steps", () => {
  it("goes down while each step is better", () => {
    const row = new Row([0, 1, 3, 2], 1);
    assert.equal(descend(row, 10).length, 2);
    assert.equal(row.cost(), -3);
  });

  it("finds what lies behind a step that is worse", () => {
    const row = new Row([0, -1, 5], 2);
    const found = searchSteps(row, { mostSteps: 4, mostTried: 1_000, seed: 1 });
    assert.equal(found.cost, -10);
    assert.equal(found.steps.length, 4);
    assert.equal(row.fingerprint(), "0,0", "the walk is where it was");
  });

  it("takes no more steps than it may", () => {
    const row = new Row([0, -1, 5], 2);
    const found = searchSteps(row, { mostSteps: 3, mostTried: 1_000, seed: 1 });
    assert.equal(found.cost, -5);
    assert.ok(found.steps.length <= 3);
    assert.deepEqual(searchSteps(row, { mostSteps: 0, mostTried: 1_000, seed: 1 }), { steps: [], cost: row.cost() });
  });

  it("finds the same again with the same seed", () => {
    const find = (): unknown => searchSteps(new Row([0, 1, 0, 4, 3, 9], 3), { mostSteps: 7, mostTried: 400, seed: 5 });
    assert.deepEqual(find(), find());
  });
});
