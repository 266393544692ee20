import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { usedMemoryMib } from "../../../../provider/kinds/placement/inventory.js";

describe("what a move is predicted to copy", () => {
  it("is what the guest has touched, in eighths of its memory, so that a plan stays the same while the guest lives on", () => {
    assert.equal(usedMemoryMib(4096, 1104), 1024);
    assert.equal(usedMemoryMib(4096, 1359), 1024);
    assert.equal(usedMemoryMib(4096, 1360), 1536);
    assert.equal(usedMemoryMib(4096, 30), 512, "something is always copied");
  });

  it("is never more than its memory, however much QEMU has for itself", () => {
    assert.equal(usedMemoryMib(128, 230), 128);
  });
});
