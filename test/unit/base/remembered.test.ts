import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { remembered } from "../../../provider/base/remembered.js";

describe("a function that remembers what it made of a text", () => {
  it("makes it once, and again where it has heard too many others since", () => {
    const made: string[] = [];
    const parsed = remembered((text) => { made.push(text); return { text }; }, 2);
    const one = parsed("one");
    assert.equal(parsed("one"), one, "the very same");
    parsed("two");
    assert.deepEqual(made, ["one", "two"]);
    parsed("three");
    assert.deepEqual(parsed("one"), { text: "one" });
    assert.deepEqual(made, ["one", "two", "three", "one"]);
  });

  it("remembers no failure", () => {
    let tries = 0;
    const failing = remembered((text) => { tries += 1; throw new TypeError(text); });
    assert.throws(() => failing("a"), /a/);
    assert.throws(() => failing("a"), /a/);
    assert.equal(tries, 2);
  });
});
