import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mistakesOf, planNow, verify, why, type Inventory, type PlanHost, type PlanVm } from "../../../provider/plan/index.js";

describe("what a host may be promised for", () => {
  it("its NUMA cells may be promised for as many times over", () => {
    const cell = { capacity: { vcpus: 4, memoryMib: 4096 } };
    const inventory: Inventory = {
      hosts: [{ name: "ash", capacity: { vcpus: 8, memoryMib: 8192 }, overcommit: { vcpus: 4 }, numa: [cell, cell] }],
      vms: [["a", 2, 2048], ["b", 2, 2048], ["c", 4, 100], ["d", 4, 100]].map(([name, vcpus, memoryMib]): PlanVm => ({ name: `${name ?? ""}`, demand: { vcpus: Number(vcpus), memoryMib: Number(memoryMib) }, numaCells: 1 })),
    };
    const { outcome, actions, assignments, violationsAfter } = planNow(inventory);
    assert.deepEqual([outcome, actions.length, violationsAfter, verify(inventory, actions, assignments)], ["changes", 4, [], []]);
    // Memory is promised once.
    assert.equal(planNow({ ...inventory, vms: inventory.vms.map((vm) => ({ ...vm, demand: { vcpus: 1, memoryMib: 2100 } })) }).outcome, "impossible");
    assert.equal(planNow({ ...inventory, vms: inventory.vms.map((vm) => ({ ...vm, demand: { vcpus: 9, memoryMib: 1 } })) }).outcome, "impossible");
  });
});

describe("a reservation", () => {
  const host = (name: string): PlanHost => ({ name, capacity: { vcpus: 8 }, overcommit: { vcpus: 4 }, reserved: { vcpus: 2 } });
  const vm = (name: string, reserved: number): PlanVm => ({ name, demand: { vcpus: 6 }, reservation: { vcpus: reserved }, host: "ash" });

  it("is there though more is promised by overcommit", () => {
    const crowded: Inventory = { hosts: [host("ash"), host("birch")], vms: [vm("a", 4), vm("b", 2), vm("c", 1)] };
    const plan = planNow(crowded);
    assert.deepEqual([plan.outcome, plan.violationsBefore.map(({ text }) => text), plan.violationsAfter], ["changes", ["ash has 6 reserved vcpus and is promised for 7"], []]);
    assert.deepEqual(verify(crowded, plan.actions, plan.assignments), []);
    assert.ok(verify(crowded, [], { a: { host: "ash" }, b: { host: "ash" }, c: { host: "ash" } }).some((text) => text.includes("6 reserved vcpus")));
    assert.equal(planNow({ ...crowded, vms: [vm("a", 4), vm("b", 2), { ...vm("c", 0), reservation: {} }] }).outcome, "nothing");
    assert.equal(planNow({ ...crowded, hosts: [host("ash")] }).outcome, "impossible");
    assert.match(JSON.stringify(why({ ...crowded, vms: [vm("a", 4), vm("b", 2), { ...vm("c", 5), host: "birch" }] }, "c", planNow({ ...crowded, vms: [vm("a", 4), vm("b", 2), { ...vm("c", 5), host: "birch" }] }))), /ash lacks 5 reserved vcpus/);
  });

  it("is a part of the demand", () => {
    assert.deepEqual(mistakesOf({ hosts: [host("ash")], vms: [vm("a", 7), { ...vm("b", 1), reservation: { gpus: 1 } }] }), ["a reserves 7 vcpus and demands 6", "b reserves 1 gpus and demands 0", "b demands reserved gpus, which no host has"]);
  });
});
