import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Condition } from "../../../provider/guard/detect.js";
import { DEFAULT_SETTINGS, mistakesIn } from "../../../provider/guard/settings.js";
import { silence, whyNotFence } from "../../../provider/guard/storm.js";

const ALL = (): boolean => true;
const hosts = (...conditions: Condition[]): Map<string, Condition> => new Map(conditions.map((condition, index) => [`h${index}`, condition]));

describe("what holds a fence back", () => {
  it("is nothing for one host of three", () => {
    assert.equal(whyNotFence("h0", hosts("lost", "alive", "alive"), ALL, [], DEFAULT_SETTINGS, 0), undefined);
  });

  it("is that most hosts are silent at once, suspects among them", () => {
    assert.match(whyNotFence("h0", hosts("lost", "suspect", "alive"), ALL, [], DEFAULT_SETTINGS, 0) ?? "", /2 of 3 hosts are silent/);
    assert.equal(whyNotFence("h0", hosts("lost", "ailing", "alive"), ALL, [], DEFAULT_SETTINGS, 0), undefined);
    assert.equal(whyNotFence("h0", hosts("lost", "alive"), ALL, [], DEFAULT_SETTINGS, 0), undefined);
  });

  it("is no silence of hosts in maintenance, or of those that are proved to be dead", () => {
    const isExpected = (host: string): boolean => host !== "h1";
    assert.equal(whyNotFence("h0", hosts("lost", "lost", "alive"), isExpected, [], DEFAULT_SETTINGS, 0), undefined);
    assert.match(whyNotFence("h0", hosts("lost", "lost", "suspect", "alive"), isExpected, [], DEFAULT_SETTINGS, 0) ?? "", /2 of 3 hosts are silent at once \(h0, h2\)/);
    assert.deepEqual(silence(hosts("lost", "alive"), isExpected), { silent: ["h0"], of: 2, isMost: false }, "one in maintenance that answers shows that the way is well");
  });

  it("is that as many were fenced lately as the settings allow", () => {
    assert.match(whyNotFence("h0", hosts("lost", "alive", "alive"), ALL, [1000], DEFAULT_SETTINGS, 2000) ?? "", /1 host was fenced within the last 10 min/);
    assert.equal(whyNotFence("h0", hosts("lost", "alive", "alive"), ALL, [1000], DEFAULT_SETTINGS, 700_000), undefined);
    assert.equal(whyNotFence("h0", hosts("lost", "alive", "alive"), ALL, [9_000_000], DEFAULT_SETTINGS, 700_000), undefined, "a stamp of the future is none");
  });
});

describe("a guard's settings", () => {
  it("are refused where they do not go together", () => {
    assert.deepEqual(mistakesIn(DEFAULT_SETTINGS), []);
    assert.deepEqual(mistakesIn({ ...DEFAULT_SETTINGS, suspectSeconds: 5 }), ["suspectSeconds has to be two polls at least: one that is lost says nothing"]);
    assert.deepEqual(mistakesIn({ ...DEFAULT_SETTINGS, lostSeconds: Number.NaN }), ["lostSeconds is no number of 0 or more", "lostSeconds has to be more than suspectSeconds"]);
  });
});
