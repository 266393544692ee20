import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compile } from "../../../../provider/plan/compile.js";
import { planNow, verify, violationsOf, type Assignments, type Inventory } from "../../../../provider/plan/index.js";
import { NOWHERE } from "../../../../provider/plan/solve/problem.js";
import { Random } from "../../../../provider/plan/solve/random.js";
import { State } from "../../../../provider/plan/solve/state.js";
import { caseOf, detour, withRule } from "./cases.js";

/** Where an inventory has its VMs. */
export function placesOf({ vms }: Inventory, other: Readonly<Record<string, string>> = {}): Assignments {
  return Object.fromEntries(vms.map(({ name, host }) => {
    const on = other[name] ?? host;
    return [name, on === undefined ? undefined : { host: on }];
  }));
}

function movedTo(inventory: Inventory, places: Readonly<Record<string, string>>, movable: boolean): Inventory {
  return { ...inventory, vms: inventory.vms.map((vm) => ({ ...vm, host: places[vm.name] ?? vm.host ?? "", movable })) };
}

/** What is tested of every rule. */
export function describeRule(kind: string): void {
  const its = caseOf(kind);
  const { broken, words, rule, isMended = true } = its;
  const name = rule === undefined ? kind : "the rule";
  describe(`rule ${kind}`, () => {
    it("finds nothing where it holds", () => {
      assert.deepEqual(violationsOf(withRule(its), placesOf(its.inventory)), []);
      assert.equal(planNow(withRule(its)).outcome, "nothing");
    });

    it("says in an operator's words where it is broken", () => {
      assert.deepEqual(violationsOf(withRule(its), placesOf(its.inventory, broken)).map((each) => [each.rule, each.hard, each.text]), [[name, true, words]]);
    });

    if (isMended) {
      it("is mended by a plan, or named where nothing may move", () => {
        const mended = planNow(movedTo(withRule(its), broken, true));
        assert.deepEqual([mended.outcome, mended.violationsBefore.map(({ text }) => text), mended.violationsAfter], ["changes", [words], []]);
        const stuck = planNow(movedTo(withRule(its), broken, false));
        assert.deepEqual([stuck.outcome, stuck.violationsAfter.map(({ text }) => text)], ["impossible", [words]]);
      });
    }

    if (rule !== undefined) {
      it("is a wish where it is not hard: broken rather than nothing planned", () => {
        const soft = withRule(its, { hard: false });
        assert.deepEqual(violationsOf(soft, placesOf(its.inventory, broken)).map((each) => [each.hard, each.text]), [[false, words]]);
        if (!isMended) return;
        const stuck = planNow(movedTo(soft, broken, false));
        assert.deepEqual([stuck.outcome, stuck.violationsAfter.map(({ text }) => text)], ["nothing", [words]]);
        assert.deepEqual(planNow(movedTo(soft, broken, true)).violationsAfter, []);
      });
    }

    it(kind === "survive" ? "holds at the end only" : "holds at every moment, where that is asked for", () => {
      const end = placesOf(its.inventory);
      if (kind === "survive") {
        assert.throws(() => planNow(withRule(its, { continuous: true })), /continuous/);
        return;
      }
      assert.notDeepEqual(verify(withRule(its, { continuous: true }), detour(its), end), []);
      if (rule !== undefined) assert.deepEqual(verify(withRule(its), detour(its), end), []);
    });

    it("costs after each of many moves what counting anew says, hard and soft", () => {
      for (const hard of [true, false]) {
        const { problem } = compile(withRule(its, { hard }));
        const state = new State(problem);
        const random = new Random(7);
        for (let i = 0; i < 300; i += 1) {
          const vm = random.below(problem.vmCount);
          const to = random.below(problem.slotHost.length + 1) + NOWHERE;
          const expected = state.delta(vm, to).map((change, level) => change + (state.levels[level] ?? 0));
          state.move(vm, to);
          assert.deepEqual(state.levels, expected);
          assert.deepEqual(state.recount(), expected);
        }
      }
    });
  });
}
