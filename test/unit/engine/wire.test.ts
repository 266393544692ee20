import assert from "node:assert/strict";
import { test } from "node:test";
import { toProps } from "../../../provider/engine/wire.js";

test("values cross the wire unharmed, or not at all", () => {
  assert.deepEqual(toProps({ a: undefined, b: new Date(0), c: new Map([["k", 1n]]), d: [undefined, { e: null }] }),
    { b: "1970-01-01T00:00:00.000Z", c: { k: 1 }, d: [null, { e: null }] });
});

test("what has no wire form is refused with its path", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  assert.throws(() => toProps({ disks: { root: { size: NaN } } }), /disks\.root\.size is NaN/);
  assert.throws(() => toProps({ f: () => 1 }), /f is a function/);
  assert.throws(() => toProps({ big: 2n ** 60n }), /big is 1152921504606846976/);
  assert.throws(() => toProps({ raw: Buffer.from("x") }), /raw is binary data/);
  assert.throws(() => toProps(cycle), /self contains itself/);
});
