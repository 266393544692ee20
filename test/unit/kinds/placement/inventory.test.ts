import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { usedMemoryMib } from "../../../../provider/kinds/placement/inventory.js";

describe("what a move is predicted to copy", () => {
  it("is what the guest has touched, in eighths of its memory, so that a plan stays the same while the guest lives on", () => {
    assert.equal(usedMemoryMib(4096, 1000), 1024);
    assert.equal(usedMemoryMib(4096, 1088), 1024);
    assert.equal(usedMemoryMib(4096, 1089), 1536);
    assert.equal(usedMemoryMib(4096, 30), 512);
  });

  it("is never more than its memory, however much QEMU has for itself", () => {
    assert.equal(usedMemoryMib(128, 230), 128);
  });
});
