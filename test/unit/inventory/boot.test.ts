import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseBoot } from "../../../provider/inventory/boot.js";

describe("which boot of a host this is", () => {
  it("is the kernel's id and the start of its first process", () => {
    assert.equal(parseBoot("5f3c0c1e-8c1a-4d56-9f0e-0a4c2f1d7b11\n12\n"), "5f3c0c1e-8c1a-4d56-9f0e-0a4c2f1d7b11.12");
  });

  for (const text of ["", "5f3c0c1e-8c1a-4d56-9f0e-0a4c2f1d7b11\n", "cat: /proc/sys/kernel/random/boot_id: No such file or directory\n", "Welcome\n5f3c0c1e-8c1a-4d56-9f0e-0a4c2f1d7b11\n12\n"]) {
    it(`is not known by ${JSON.stringify(text)}`, () => { assert.equal(parseBoot(text), undefined); });
  }
});
