import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytes, formatBytes, parseBytes } from "../../../provider/base/bytes.js";

test("sizes are read as people write them", () => {
  assert.equal(parseBytes("4 GiB"), 4 * 1024 ** 3);
  assert.equal(parseBytes("20GB"), 20e9);
  assert.equal(parseBytes("1.5 GiB"), 1.5 * 1024 ** 3);
  assert.equal(parseBytes("512"), 512);
  assert.equal(parseBytes(4096), 4096);
});

test("what is no size is an error that says why", () => {
  assert.throws(() => parseBytes("4 gb"), /unknown unit "gb".*GB \(did you mean that\?\)/);
  assert.throws(() => parseBytes("-1 GiB"), /negative/);
  assert.throws(() => parseBytes("much"), /is not a size/);
  assert.throws(() => parseBytes("0.3 B"), /not a whole number/);
  assert.throws(() => parseBytes(-1), RangeError);
  assert.throws(() => parseBytes("9999999 PiB"), RangeError);
});

test("each size has one text, which is read back as the same size", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (count) => parseBytes(formatBytes(bytes(count))) === count));
  assert.equal(formatBytes(parseBytes("4096 MiB")), "4 GiB");
  assert.equal(formatBytes(bytes(0)), "0 B");
});
