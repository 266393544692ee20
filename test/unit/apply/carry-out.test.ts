import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { carryOut } from "../../../provider/apply/carry-out.js";

interface Move {
  readonly name: string;
  readonly after: readonly number[];
  readonly ms?: number;
}

/** Runs moves and tells what began and ended, in order. */
async function run(moves: readonly Move[], failing: readonly string[] = [], signal = new AbortController().signal, onBegin: (name: string) => void = () => {}): Promise<{ log: string[]; outcome: Awaited<ReturnType<typeof carryOut>> }> {
  const log: string[] = [];
  const outcome = await carryOut(moves, async ({ name, ms = 5 }) => {
    log.push(`+${name}`);
    onBegin(name);
    await delay(ms);
    if (failing.includes(name)) throw new Error(`${name} failed`);
    log.push(`-${name}`);
  }, signal);
  return { log, outcome };
}

describe("carrying steps out", () => {
  it("begins a step when those that it comes after have ended, and others beside it", async () => {
    const { log, outcome } = await run([{ name: "a", after: [], ms: 20 }, { name: "b", after: [], ms: 5 }, { name: "c", after: [0] }, { name: "d", after: [1], ms: 40 }]);
    assert.deepEqual(log, ["+a", "+b", "-b", "+d", "-a", "+c", "-c", "-d"]);
    assert.deepEqual(outcome, { done: [0, 1, 2, 3], failed: [], skipped: [] });
  });

  it("leaves out what comes after a failure, however far, and nothing else", async () => {
    const { log, outcome } = await run([{ name: "a", after: [] }, { name: "b", after: [0] }, { name: "c", after: [1] }, { name: "d", after: [] }, { name: "e", after: [3] }], ["a"]);
    assert.ok(!log.includes("+b") && !log.includes("+c"));
    assert.deepEqual(outcome.done, [3, 4]);
    assert.deepEqual(outcome.skipped, [1, 2]);
    assert.deepEqual(outcome.failed.map(({ index, error }) => [index, error.message]), [[0, "a failed"]]);
  });

  it("begins nothing more once the operator cancelled", async () => {
    const controller = new AbortController();
    const { log, outcome } = await run([{ name: "a", after: [] }, { name: "b", after: [0] }], [], controller.signal, () => { controller.abort(); });
    assert.deepEqual(log, ["+a", "-a"]);
    assert.deepEqual(outcome, { done: [0], failed: [], skipped: [1] });
  });
});
