import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { signsOf, Watched, type Condition, type Signs } from "../../../provider/guard/detect.js";
import { DEFAULT_SETTINGS } from "../../../provider/guard/settings.js";

const ANSWERS: Signs = { libvirt: true, machine: undefined };
const MACHINE: Signs = { libvirt: false, machine: "it takes connections" };
const NOTHING: Signs = { libvirt: false, machine: undefined };

/** What a host is after being seen so, second by second, after the grace. */
function after(...periods: readonly (readonly [seconds: number, signs: Signs])[]): Condition[] {
  const watched = new Watched({ ...DEFAULT_SETTINGS, graceSeconds: 0 }, 0);
  const found: Condition[] = [];
  let nowMs = 0;
  for (const [seconds, signs] of periods) {
    for (let second = 0; second < seconds; second += 1) {
      nowMs += 1000;
      const condition = watched.observe(signs, nowMs);
      if (found.at(-1) !== condition) found.push(condition);
    }
  }
  return found;
}

describe("what a guard makes of a host", () => {
  it("is ailing from the moment at which its machine answered and its libvirt did not", () => {
    const watched = new Watched({ ...DEFAULT_SETTINGS, graceSeconds: 0 }, 0);
    watched.observe(NOTHING, 90_000);
    assert.equal(watched.observe(MACHINE, 100_000), "ailing");
    assert.equal(watched.ailingSeconds(103_000), 3);
    watched.observe(ANSWERS, 104_000);
    assert.equal(watched.ailingSeconds(105_000), 0);
  });

  it("is lost only after nothing of it has answered for a minute", () => {
    assert.deepEqual(after([10, ANSWERS], [59, NOTHING]), ["alive", "suspect"]);
    assert.deepEqual(after([10, ANSWERS], [61, NOTHING]), ["alive", "suspect", "lost"]);
  });

  it("rides out a switch that is gone for 30 s", () => {
    assert.deepEqual(after([10, ANSWERS], [30, NOTHING], [60, ANSWERS]), ["alive", "suspect", "alive"]);
  });

  it("is never lost while its machine answers, however long libvirt is silent", () => {
    assert.deepEqual(after([10, ANSWERS], [100_000, MACHINE]), ["alive", "ailing"]);
  });

  it("counts from the machine's last sign, not from libvirt's", () => {
    assert.deepEqual(after([10, ANSWERS], [100, MACHINE], [59, NOTHING]), ["alive", "ailing", "suspect"]);
  });

  it("is not lost where nobody could be asked, but for one that was known and whose name has no address any more", () => {
    const unresolved = signsOf({ is: "unresolved", text: "its name has no address" });
    const unknown = signsOf({ is: "unknown", text: "a certificate is missing" });
    assert.deepEqual(after([200, unresolved]), ["suspect"]);
    assert.deepEqual(after([10, ANSWERS], [59, unresolved]), ["alive", "suspect"]);
    assert.deepEqual(after([10, ANSWERS], [61, unresolved]), ["alive", "suspect", "lost"]);
    assert.deepEqual(after([10, ANSWERS], [200, unknown]), ["alive", "suspect"]);
    assert.deepEqual(after([10, ANSWERS], [100, unknown], [59, NOTHING]), ["alive", "suspect"]);
    assert.deepEqual(after([10, ANSWERS], [100, unknown], [61, NOTHING]), ["alive", "suspect", "lost"]);
  });

  it("is lost after the grace, and not within it, where it never answered", () => {
    const watched = new Watched(DEFAULT_SETTINGS, 0);
    assert.equal(watched.observe(NOTHING, 119_000), "unseen");
    assert.equal(watched.observe(NOTHING, 121_000), "lost");
  });

  it("is lost by what was observed alone: what nobody saw, or saw of all hosts at once, is no silence", () => {
    const watched = new Watched({ ...DEFAULT_SETTINGS, graceSeconds: 0 }, 0);
    watched.observe(ANSWERS, 1000);
    assert.equal(watched.observe(NOTHING, 100_000), "lost");
    watched.restartSilence(100_000);
    assert.equal(watched.observe(NOTHING, 159_000), "suspect");
    assert.equal(watched.observe(NOTHING, 161_000), "lost");
  });

  it("has its grace once: silence that begins anew is over after a minute, by the defaults too", () => {
    const watched = new Watched(DEFAULT_SETTINGS, 0);
    watched.observe(ANSWERS, 1000);
    assert.equal(watched.observe(NOTHING, 200_000), "lost");
    watched.restartSilence(200_000);
    assert.equal(watched.observe(NOTHING, 259_000), "suspect");
    assert.equal(watched.observe(NOTHING, 261_000), "lost");
  });

  it("is not lost within the grace, though it answered once and died then", () => {
    const watched = new Watched(DEFAULT_SETTINGS, 0);
    assert.equal(watched.observe(ANSWERS, 1000), "alive");
    assert.equal(watched.observe(NOTHING, 100_000), "suspect");
  });
});
