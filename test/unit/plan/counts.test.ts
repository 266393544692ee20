import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Selections } from "../../../provider/plan/selections.js";
import { Counts } from "../../../provider/plan/solve/kernels/counts.js";
import { select } from "../../../provider/plan/view.js";

describe("counts by key", () => {
  it("are those of a map, whatever comes and goes", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 40 }), fc.boolean()), { maxLength: 200, size: "max" }), (changes) => {
      const most = 8;
      const counts = new Counts([most, most]);
      const expected = [new Map<number, number>(), new Map<number, number>()];
      for (const [table, key, isMore] of changes) {
        const map = expected[table] ?? new Map<number, number>();
        const before = map.get(key) ?? 0;
        // As members of a group: never less than none, and never in more domains than there are members.
        if (isMore ? before === 0 && map.size >= most : before === 0) continue;
        const after = before + (isMore ? 1 : -1);
        assert.equal(counts.add(table, key, isMore ? 1 : -1), after);
        if (after === 0) map.delete(key);
        else map.set(key, after);
        for (let each = 0; each <= 40; each += 1) for (const t of [0, 1]) assert.equal(counts.get(t, each), expected[t]?.get(each) ?? 0);
      }
    }), { numRuns: 200 });
  });
});

describe("selections", () => {
  it("are what looking at each thing finds", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const labels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("x", "y"), { noNullPrototype: true });
    const things = fc.uniqueArray(fc.record({ name, labels }), { selector: (thing) => thing.name });
    const selection = fc.oneof(fc.array(name), fc.record({ labels }));
    fc.assert(fc.property(things, fc.array(selection), (list, asked) => {
      const selections = new Selections(list);
      for (const each of asked) assert.deepEqual(selections.namesOf(each), select(list, each));
    }), { numRuns: 300 });
  });
});
