import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { whatIfLost, type Inventory } from "../../../provider/plan/index.js";

const inventory: Inventory = {
  hosts: [
    { name: "ash", capacity: { memoryMib: 8192 }, labels: { rack: "r1" } }, { name: "birch", capacity: { memoryMib: 4096 }, labels: { rack: "r1" } },
    { name: "cedar", capacity: { memoryMib: 4096 }, labels: { rack: "r2" } }, { name: "old", capacity: { memoryMib: 65536 }, labels: { rack: "r2" }, state: "off" },
  ],
  vms: [
    { name: "db", demand: { memoryMib: 3072 }, host: "ash", priority: 10 }, { name: "batch", demand: { memoryMib: 4096 }, host: "ash" }, { name: "web", demand: { memoryMib: 1024 }, host: "birch" },
    { name: "replica", demand: { memoryMib: 2048 }, host: "cedar" }, { name: "theirs", demand: { memoryMib: 512 }, host: "ash", managed: false }, { name: "stopped", demand: { memoryMib: 512 }, host: "ash", running: false },
  ],
  rules: [{ kind: "separate", name: "apart", vms: ["db", "replica"] }, { kind: "survive", name: "reserve" }],
};

describe("what if", () => {
  it("a host is lost: those with a higher priority have the places, and each that has none says why", () => {
    const { losses, possible, isComplete } = whatIfLost(inventory, { hosts: ["ash"] });
    assert.deepEqual([possible, isComplete, losses.length], [1, true, 1]);
    const [loss] = losses;
    assert.ok(loss !== undefined);
    assert.deepEqual(loss.restarted, [{ vm: "db", from: "ash", to: "birch" }]);
    assert.deepEqual(loss.left, [
      { vm: "batch", from: "ash", reason: "birch lacks 4096 memoryMib: it has 0 free, and batch needs 4096; cedar lacks 2048 memoryMib: it has 2048 free, and batch needs 4096", hosts: [
        { host: "birch", rule: "capacity", text: "birch lacks 4096 memoryMib: it has 0 free, and batch needs 4096" }, { host: "cedar", rule: "capacity", text: "cedar lacks 2048 memoryMib: it has 2048 free, and batch needs 4096" },
      ] },
      { vm: "theirs", from: "ash", reason: "it is not managed: nobody restarts it", hosts: [] },
    ]);
    assert.equal(loss.isProven, true);
    assert.deepEqual(JSON.parse(JSON.stringify(losses)), losses);
  });

  it("any host, a domain, or several at once are lost; one that is off is no loss", () => {
    assert.deepEqual(whatIfLost(inventory, { any: 1 }).losses.map(({ lost, left }) => [lost, left.map(({ vm }) => vm)]), [["ash", ["batch", "theirs"]], ["birch", []], ["cedar", []]]);
    assert.deepEqual(whatIfLost(inventory, { across: "rack", domain: "r1" }).losses.map(({ lost, hosts, restarted, left }) => [lost, hosts, restarted.map(({ vm }) => vm), left.map(({ vm, reason }) => [vm, reason])]),
      [["rack r1", ["ash", "birch"], ["web"], [["db", "apart: db and replica are together on cedar"], ["batch", "cedar lacks 3072 memoryMib: it has 1024 free, and batch needs 4096"], ["theirs", "it is not managed: nobody restarts it"]]]]);
    assert.deepEqual(whatIfLost(inventory, { any: 2 }).losses.map(({ lost }) => lost), ["ash and birch", "ash and cedar", "birch and cedar"]);
    assert.deepEqual(whatIfLost(inventory, { any: 1, across: "rack" }).losses.map(({ lost }) => lost), ["rack r1", "rack r2"]);
    assert.deepEqual(whatIfLost(inventory, { any: 9 }), { losses: [], possible: 0, isComplete: true });
  });

  it("says where there are more losses than it looks at", () => {
    const many: Inventory = { hosts: Array.from({ length: 40 }, (_, i) => ({ name: `h${i}`, capacity: { vcpus: 1 } })), vms: [] };
    const { losses, possible, isComplete } = whatIfLost(many, { any: 4 }, 100);
    assert.deepEqual([losses.length, possible, isComplete], [100, 91390, false]);
  });

  it("moves the small ones together where that makes room for a large one", () => {
    const tight: Inventory = {
      hosts: [{ name: "ash", capacity: { memoryMib: 8192 } }, { name: "birch", capacity: { memoryMib: 3072 } }, { name: "cedar", capacity: { memoryMib: 3072 } }],
      vms: ["a", "b", "c"].map((name, i) => ({ name, demand: { memoryMib: 1024 }, host: "ash", priority: 9 - i })).concat([{ name: "large", demand: { memoryMib: 3072 }, host: "ash", priority: 0 }]),
    };
    assert.deepEqual(whatIfLost(tight, { any: 1 }).losses[0]?.left, []);
  });

  it("is told of what there is not", () => {
    assert.throws(() => whatIfLost(inventory, { hosts: ["yew"] }), /there is no host yew/);
    assert.throws(() => whatIfLost(inventory, { across: "room", domain: "x" }), /no host has the label room=x/);
    assert.throws(() => whatIfLost(inventory, { any: 1, across: "room" }), /no host has a label room/);
    assert.throws(() => whatIfLost(inventory, { any: 0 }), /give a whole number from 1/);
  });
});
