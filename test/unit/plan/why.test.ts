import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planNow, violationsOf, whatChanges, why, type Inventory } from "../../../provider/plan/index.js";
import { inventories } from "./inventories.js";

const inventory: Inventory = {
  hosts: [
    { name: "ash", capacity: { vcpus: 8, memoryMib: 8192 }, state: "maintenance" }, { name: "birch", capacity: { vcpus: 8, memoryMib: 8192 }, labels: { disk: "slow" } },
    { name: "cedar", capacity: { vcpus: 8, memoryMib: 8192 } }, { name: "elm", capacity: { vcpus: 8, memoryMib: 3072 } }, { name: "fir", capacity: { vcpus: 8, memoryMib: 8192 }, pools: [] },
    { name: "hazel", capacity: { vcpus: 8, memoryMib: 8192 } }, { name: "oak", capacity: { vcpus: 16, memoryMib: 8192 } },
  ],
  vms: [
    { name: "db", demand: { vcpus: 4, memoryMib: 4096 }, host: "ash", pools: ["ssd"] }, { name: "replica", demand: { vcpus: 1, memoryMib: 1024 }, host: "hazel" },
    { name: "web", demand: { vcpus: 1, memoryMib: 1024 }, host: "cedar" }, { name: "job", demand: { vcpus: 8, memoryMib: 2048 }, host: "oak" },
  ],
  rules: [{ kind: "separate", name: "apart", vms: ["db", "replica"] }, { kind: "affinity", name: "fast", vms: ["db"], hostLabels: { disk: "slow" }, avoid: true, hard: false }],
};

describe("why a VM is where it is", () => {
  const found = why(inventory, "db", planNow(inventory));
  const of = (name: string): unknown => {
    const { verdict, rule, text } = found.hosts.find(({ host }) => host === name) ?? { verdict: undefined, rule: undefined, text: "" };
    return [verdict, rule, text];
  };

  it("is said for each host: state, room, reach, rules, wishes, and what is as good", () => {
    assert.deepEqual([found.from, found.to, found.reason], ["ash", "cedar", "db is on ash, which is in maintenance"]);
    assert.deepEqual(of("ash"), ["forbidden", "state", "db is on ash, which is in maintenance"]);
    assert.deepEqual(of("birch"), ["worse", "fast", "db is on birch, which has disk=slow, which is not wished"]);
    assert.deepEqual(of("cedar"), ["here", undefined, "it is here"]);
    assert.deepEqual(of("elm"), ["room", "capacity", "elm lacks 1024 memoryMib: it has 3072 free, and db needs 4096"]);
    assert.deepEqual(of("fir"), ["forbidden", "reach", "db needs storage pool ssd, which fir does not reach"]);
    assert.deepEqual(of("hazel"), ["forbidden", "apart", "db and replica are together on hazel"]);
    assert.deepEqual(of("oak"), ["equal", undefined, "equally good, and fuller: 75 % of its scarcest resource, with db"]);
  });

  it("is said for one that stays, that must not move, and that has no host", () => {
    const stays = why(inventory, "web", planNow(inventory));
    assert.equal(stays.reason, "nothing asks for a move: it stays");
    assert.deepEqual(stays.hosts.find(({ host }) => host === "birch"), { host: "birch", verdict: "worse", text: "it would be moved for nothing: 1024 MiB would be copied" });
    const held = { ...inventory, vms: inventory.vms.map((vm) => (vm.name === "web" ? { ...vm, movable: false } : vm)) };
    assert.deepEqual(why(held, "web", planNow(held)).hosts.find(({ host }) => host === "birch"), { host: "birch", verdict: "forbidden", text: "web must not be moved" });
    const large: Inventory = { hosts: [{ name: "ash", capacity: { vcpus: 1 } }], vms: [{ name: "db", demand: { vcpus: 2 } }] };
    const none = why(large, "db", planNow(large));
    assert.deepEqual([none.reason, none.hosts], ["no plan is possible: db has no host", [{ host: "ash", verdict: "room", rule: "capacity", text: "ash lacks 1 vcpus: it has 1 free, and db needs 2" }]]);
    assert.throws(() => why(inventory, "ghost", planNow(inventory)), RangeError);
  });

  it("names cells where a VM spans them", () => {
    const cell = { capacity: { vcpus: 4 } };
    const cells: Inventory = {
      hosts: [{ name: "ash", capacity: { vcpus: 8 }, numa: [cell, cell] }, { name: "birch", capacity: { vcpus: 8 }, numa: [cell, cell] }],
      vms: [{ name: "db", demand: { vcpus: 4 }, numaCells: 2, host: "ash", cells: [0, 1] }, { name: "a", demand: { vcpus: 3 }, numaCells: 1, host: "birch", cells: [0] }],
    };
    assert.deepEqual(why(cells, "db", planNow(cells)).hosts[1], { host: "birch", verdict: "room", rule: "capacity", text: "birch has not 2 NUMA cells with room for db" });
  });

  it("forbids exactly the hosts where the model finds a hard rule broken", () => {
    fc.assert(fc.property(inventories({ hosts: 5, vms: 10, rules: 4 }), (random) => {
      const plan = planNow(random);
      if (plan.outcome === "impossible") return;
      for (const vm of random.vms) {
        for (const { host, verdict } of why(random, vm.name, plan).hosts) {
          const isBroken = violationsOf(random, { ...plan.assignments, [vm.name]: { host } }).some(({ hard }) => hard);
          if (vm.running !== false && isBroken) assert.ok(verdict === "forbidden" || verdict === "room", `${vm.name} on ${host}: ${verdict}`);
          if (!isBroken && verdict === "room") assert.fail(`${vm.name} has room on ${host}`);
        }
      }
    }), { numRuns: 40 });
  });
});

describe("what would change", () => {
  it("is the difference of two plans", () => {
    const up = whatChanges(inventory, { hosts: { ash: { state: "up" } } });
    assert.deepEqual(up.outcome, { before: "changes", after: "nothing" });
    assert.deepEqual(up.actions, { added: [], gone: [{ kind: "migrate", subject: "db", from: { host: "ash" }, to: { host: "cedar" } }] });
    assert.deepEqual(up.assignments, [{ vm: "db", before: { host: "cedar" }, after: { host: "ash" } }]);
    const large = whatChanges(inventory, { vms: { db: { demand: { vcpus: 99 } } } });
    assert.deepEqual([large.outcome.after, large.conflict?.isMinimal, large.violations.added.map(({ rule }) => rule)], ["impossible", true, ["capacity"]]);
    assert.deepEqual(whatChanges(inventory, { withoutRules: ["apart"] }).outcome, { before: "changes", after: "changes" });
    assert.deepEqual(whatChanges(inventory, { rules: [{ kind: "fence", vms: ["db"], hosts: ["oak"] }] }).assignments, [{ vm: "db", before: { host: "cedar" }, after: { host: "oak" } }]);
    assert.deepEqual(JSON.parse(JSON.stringify(up)), up);
  });

  it("is told of what there is not", () => {
    assert.throws(() => whatChanges(inventory, { hosts: { yew: {} }, vms: { ghost: {} }, withoutRules: ["none"] }), /there is no host yew\n.*there is no VM ghost\n.*there is no rule none/s);
  });
});
