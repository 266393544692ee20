import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostMark } from "../../../../provider/inventory/cluster/index.js";
import { isInMaintenance, usedMemoryMib } from "../../../../provider/kinds/placement/inventory.js";

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

describe("a host that an operator emptied by hand", () => {
  const host = (maintenance: boolean | undefined): { readonly maintenance?: boolean } => (maintenance === undefined ? {} : { maintenance });
  const note = { by: "alice@laptop", at: "2026-01-01T00:00:00Z", reason: "drover evacuate" };
  const read: { readonly marks: readonly HostMark[] } = { marks: [{ cluster: { id: "c", name: "prod" }, state: { kind: "evacuated", ...note }, hosts: [] }] };
  const open = { marks: [] };

  for (const [words, now, before, expected] of [
    ["a program that says nothing of it", undefined, undefined, true],
    ["a program that always says false", false, false, true],
    ["a program that says false now and said nothing before", false, undefined, true],
    ["one that says true", true, false, true],
    ["one that said true and says false", false, true, false],
    ["one that said true and says nothing any more", undefined, true, true],
  ] as const) it(`${expected ? "stays closed by" : "is taken back by"} ${words}`, () => { assert.equal(isInMaintenance(host(now), read, host(before)), expected); });

  it("and no other is closed by what the program said once", () => {
    assert.equal(isInMaintenance(host(false), open, host(true)), false);
    assert.equal(isInMaintenance(host(undefined), open, undefined), false);
  });
});
