import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planNow, verify, type Action, type Inventory, type ScheduleOptions } from "../../../provider/plan/index.js";
import { inventories } from "./inventories.js";

/** Random inventories with links of several speeds and things said of their schedule. */
const scheduled: fc.Arbitrary<Inventory> = inventories({ hosts: 5, vms: 14, rules: 3 }).chain((inventory) => {
  const names = inventory.vms.map(({ name }) => name);
  const some = fc.subarray(names);
  const options: fc.Arbitrary<ScheduleOptions> = fc.record({
    parallelPerHost: fc.integer({ min: 1, max: 3 }), objective: fc.constantFrom("makespan" as const, "ends" as const), seq: fc.array(some, { maxLength: 1 }),
    precedence: fc.array(fc.record({ before: some, after: some }), { maxLength: 1 }), windows: fc.array(fc.record({ vms: some, fromSeconds: fc.integer({ min: 0, max: 100 }) }), { maxLength: 1 }),
    deadlines: fc.array(fc.record({ vms: some, seconds: fc.integer({ min: 60, max: 2000 }) }), { maxLength: 1 }),
  }, { requiredKeys: [] });
  const speeds = fc.array(fc.tuple(fc.constantFrom(500, 1000, 2500), fc.constantFrom(500, 1000, 2500)), { minLength: inventory.hosts.length, maxLength: inventory.hosts.length });
  return fc.tuple(options, speeds).map(([schedule, links]) => ({
    ...inventory, schedule, hosts: inventory.hosts.map((host, i) => ({ ...host, link: { inMbps: links[i]?.[0] ?? 1000, outMbps: links[i]?.[1] ?? 1000 } })),
  }));
});

/** The actions as they are when some take longer than was predicted, and each begins when those that it comes after have ended. */
function stretched(actions: readonly Action[], factors: readonly number[]): Action[] {
  const out: Action[] = [];
  for (const [index, action] of actions.entries()) {
    const startSeconds = Math.max(0, ...action.after.map((earlier) => Math.round(((out[earlier]?.startSeconds ?? 0) + (out[earlier]?.durationSeconds ?? 0)) * 1000) / 1000));
    out.push({ ...action, startSeconds, durationSeconds: Math.round(action.durationSeconds * (factors[index % factors.length] ?? 1) * 1000) / 1000 });
  }
  return out;
}

describe("a random schedule", () => {
  it("keeps links, order and times, or has no plan", () => {
    let planned = 0;
    fc.assert(fc.property(scheduled, (inventory) => {
      const { outcome, actions, assignments, conflict } = planNow(inventory);
      if (outcome === "impossible") {
        assert.ok(conflict?.texts.every((text) => !text.startsWith("no safe order")), conflict?.texts.join("\n"));
        return;
      }
      planned += actions.length > 2 ? 1 : 0;
      assert.deepEqual(verify(inventory, actions, assignments), []);
      assert.deepEqual(planNow(inventory).actions, actions);
    }), { numRuns: 120 });
    assert.ok(planned > 5, `${planned} of 120 had something to order`);
  });

  it("stays safe though actions take longer than was predicted, as long as each waits for those that it comes after", () => {
    fc.assert(fc.property(scheduled, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 7 }), (random, factors) => {
      const { windows: _windows, deadlines: _deadlines, ...schedule } = random.schedule ?? {};
      const inventory = { ...random, schedule };
      const { outcome, actions, assignments } = planNow(inventory);
      if (outcome !== "changes") return;
      assert.deepEqual(verify(inventory, stretched(actions, factors), assignments), []);
    }), { numRuns: 120 });
  });
});
