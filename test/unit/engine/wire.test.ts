import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { toProps } from "../../../provider/engine/wire.js";

describe("what crosses Pulumi's wire", () => {
  it("leaves out undefined, at any depth", () => {
    assert.deepEqual(toProps({ a: undefined, b: { c: undefined, d: 1 } }), { b: { d: 1 } });
    assert.equal("a" in toProps({ a: undefined }), false);
  });

  it("keeps the places of a list that are undefined, as null", () => {
    assert.deepEqual(toProps({ list: [1, undefined, 3] }), { list: [1, null, 3] });
  });

  it("has a date as text, a map as an object, an exact bigint as a number", () => {
    assert.deepEqual(toProps({ at: new Date(0), map: new Map([["a", new Map([["b", 1n]])]]) }), { at: "1970-01-01T00:00:00.000Z", map: { a: { b: 1 } } });
  });

  for (const [name, value, words] of [
    ["NaN", { cpu: { load: Number.NaN } }, /cpu\.load is NaN/],
    ["infinity", { n: -Infinity }, /n is -Infinity/],
    ["a bigint that is not exact", { n: 2n ** 60n }, /n is 1152921504606846976, which Pulumi's state cannot hold exactly/],
    ["a function", { list: [{ run: () => 1 }] }, /list\[0\]\.run is a function/],
    ["a symbol", { s: Symbol("s") }, /s is a symbol/],
    ["a buffer", { b: Buffer.from("x") }, /b is binary data/],
  ] as const) {
    it(`refuses ${name} by its path`, () => { assert.throws(() => toProps(value), words); });
  }

  it("refuses what contains itself, and not what is there twice", () => {
    const twice = { x: 1 };
    assert.deepEqual(toProps({ a: twice, b: twice }), { a: { x: 1 }, b: { x: 1 } });
    const loop: Record<string, unknown> = {};
    loop["self"] = { loop };
    assert.throws(() => toProps(loop), /self\.loop contains itself/);
  });

  it("is unchanged where it is plain already", () => {
    fc.assert(fc.property(fc.dictionary(fc.string().filter((key) => key !== "__proto__"), fc.jsonValue()), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      assert.deepEqual(toProps(plain), plain);
    }));
  });
});
