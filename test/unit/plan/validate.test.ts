import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import fc from "fast-check";
import { policyKinds } from "../../../provider/plan/policies/index.js";
import { ruleKinds } from "../../../provider/plan/rules/index.js";
import { INVENTORY } from "../../../provider/plan/validate.js";
import { InventoryError, mistakesOf, plan, planNow, type Inventory } from "../../../provider/plan/index.js";

const hosts = [{ name: "ash", capacity: { vcpus: 4, memoryMib: 4096 } }];
const vm = { name: "web", demand: { vcpus: 1, memoryMib: 512 }, host: "ash" };

describe("a wrong inventory", () => {
  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ["no object", 5, /must be object/], ["nothing in it", {}, /required property 'hosts'/],
    ["two hosts of one name", { hosts: [...hosts, ...hosts], vms: [] }, /two hosts are named ash/], ["two VMs of one name", { hosts, vms: [vm, vm] }, /two VMs are named web/],
    ["NaN", { hosts, vms: [{ ...vm, demand: { vcpus: NaN } }] }, /vcpus/], ["a negative demand", { hosts, vms: [{ ...vm, demand: { vcpus: -1 } }] }, /must be >= 0/],
    ["a resource that no host has", { hosts, vms: [{ ...vm, demand: { gpus: 1 } }] }, /web demands gpus, which no host has/],
    ["a VM on a host that there is not", { hosts, vms: [{ ...vm, host: "oak" }] }, /web is on oak, which is not among the hosts/],
    ["a property that there is not", { hosts, vms: [{ ...vm, memory: 5 }] }, /vms\.0: must NOT have additional properties \("memory"\)/],
    ["a kind of rule that there is not", { hosts, vms: [vm], rules: [{ kind: "speard", vms: [] }] }, /rules\.0\.kind/],
    ["a rule about a VM that there is not", { hosts, vms: [vm], rules: [{ kind: "pin", vms: ["db"] }] }, /there is no VM db/],
    ["a rule about a host that there is not", { hosts, vms: [vm], rules: [{ kind: "ban", vms: ["web"], hosts: ["oak"] }] }, /there is no host oak/],
    ["labels that nothing has", { hosts, vms: [vm], rules: [{ kind: "pin", vms: { labels: { app: "x" } } }] }, /no VM has these labels/],
    ["a domain that no host is in", { hosts, vms: [vm], rules: [{ kind: "separate", vms: ["web"], across: "rack" }] }, /no host has a label rack/],
    ["Infinity", { hosts: [{ ...hosts[0], link: { inMbps: Infinity, outMbps: 1 } }], vms: [] }, /inMbps: must be number/], ["a negative overcommit", { hosts: [{ ...hosts[0], overcommit: { vcpus: -1 } }], vms: [] }, /must be >= 0/],
    ["a resource named as every object has one", { hosts: [{ name: "ash", capacity: { constructor: 5 } }], vms: [] }, /hosts\.0\.capacity/],
    ["a cell twice", { hosts: [{ ...hosts[0], numa: [{ capacity: {} }, { capacity: {} }] }], vms: [{ ...vm, numaCells: 2, cells: [1, 1] }] }, /cells: must NOT have duplicate items/],
    ["a cell that there is not", { hosts, vms: [{ ...vm, numaCells: 1, cells: [3] }] }, /web uses NUMA cell 3 of ash, which has 0/],
    ["a domain named as every object has one", { hosts, vms: [vm], rules: [{ kind: "separate", vms: ["web"], across: "constructor" }] }, /no host has a label constructor/],
    ["a reserve for no failure", { hosts, vms: [vm], rules: [{ kind: "survive", failures: 0 }] }, /failures: must be >= 1/],
    ["a reserve at every moment", { hosts, vms: [vm], rules: [{ kind: "survive", continuous: true }] }, /continuous/],
    ["a policy's parameter that it has not", { hosts, vms: [vm], policy: { name: "power_saving", parameters: { LowUtilisation: 5 } } }, /power_saving has no LowUtilisation; the nearest that it has is LowUtilization/],
    ["thresholds of a policy that cross", { hosts, vms: [vm], policy: { name: "power_saving", parameters: { LowUtilization: 85 } } }, /LowUtilization is 85, and HighUtilization only 80/],
    ["power that takes no time", { hosts: [{ ...hosts[0], power: { bootSeconds: 0 } }], vms: [] }, /bootSeconds: must be > 0/],
    ["rules of one name", { hosts, vms: [vm], rules: [{ kind: "pin", name: "x", vms: ["web"] }, { kind: "pin", vms: ["web"] }, { kind: "pin", name: "x", vms: ["web"] }] }, /^rules\.0 and rules\.2 are all named x; give each a name of its own/],
    ["a rule named as another is called", { hosts, vms: [vm], rules: [{ kind: "pin", name: "pin (rules.1)", vms: ["web"] }, { kind: "pin", vms: ["web"] }] }, /rules\.0 and rules\.1 are all named pin \(rules\.1\)/],
    ["rules named as plans call something of their own", { hosts, vms: [{ ...vm, linked: [{ name: "s", demand: {} }] }], rules: ["place", "capacity", "cluster_maintenance", "rules.7", "parts of web"].map((name) => ({ kind: "pin", name, vms: ["web"] })) }, /rules\.0: it is named place.*rules\.1: it is named capacity.*rules\.2: .*rules\.3: .*rules\.4: it is named parts of web/s],
    ["a VM of others that shall not run", { hosts, vms: [{ ...vm, managed: false, running: false }] }, /web is not managed and shall not run: a plan never stops it/],
    ["a link that carries nothing", { hosts: [{ ...hosts[0], link: { inMbps: 0.5, outMbps: 1e-300 } }], vms: [] }, /link\.inMbps: must be >= 1\n.*link\.outMbps: must be >= 1/],
    ["moves that have nothing of the links", { hosts, vms: [vm], schedule: { mbpsPerMove: 0.001 } }, /schedule\.mbpsPerMove: must be >= 1/],
    ["memory beyond all measure", { hosts, vms: [{ ...vm, memoryUsedMib: 1e308, linked: [{ name: "s", demand: {}, copyMib: 1e308 }] }] }, /memoryUsedMib: must be <= 1000000000\n.*copyMib: must be <= 1000000000/],
    ["a measured move that took for ever", { hosts, vms: [vm], schedule: { calibration: [{ vm: "web", mbps: 0.1, seconds: 1e300 }] } }, /mbps: must be >= 1\n.*seconds: must be <= 1000000000/],
    ["a name that a terminal obeys", { hosts: [{ ...hosts[0], name: "a\nb" }], vms: [{ ...vm, host: "a\nb", name: "x\u001b[31m" }] }, /hosts\.0\.name: must match pattern.*vms\.0\.name: must match pattern/s],
    ["a label, an amount and a rule of such names", { hosts: [{ ...hosts[0], labels: { rack: "\u0007" }, reserved: { "v\u009b": 1 } }], vms: [{ ...vm, labels: { "\t": "x" } }] }, /hosts\.0\.reserved: .*hosts\.0\.labels\.rack: must match.*vms\.0\.labels: /s],
    ["a rule about such a name", { hosts, vms: [vm], rules: [{ kind: "pin", name: "\r", vms: ["\u001b"] }] }, /^rules\.0 \(\\u000d\)\.name: must match pattern/],
    ["a rule without what it needs", { hosts, vms: [vm], rules: [{ kind: "quota", vms: ["web"], hosts: ["ash"] }] }, /required property 'most'/],
  ];
  for (const [what, inventory, words] of wrong) {
    it(`is told: ${what}`, () => {
      assert.match(mistakesOf(inventory).join("\n"), words);
      assert.throws(() => planNow(inventory as Inventory), InventoryError);
    });
  }

  it("is never anything but an InventoryError, whatever it is", async () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      try {
        planNow(value as unknown as Inventory);
      } catch (error) {
        assert.ok(error instanceof InventoryError);
      }
    }), { numRuns: 500 });
    await assert.rejects(plan({ hosts: [...hosts, ...hosts], vms: [] }), InventoryError);
  });
});

describe("an inventory that has no plan", () => {
  it("is a plan that says so: no hosts, a VM that no host can hold, a host that carries more than it has", () => {
    const none = planNow({ hosts: [], vms: [{ name: "web", demand: { vcpus: 1 } }] });
    assert.deepEqual([none.outcome, none.conflict], ["impossible", { texts: ["web (1 vcpus) needs a host"], isMinimal: true }]);
    const large = planNow({ hosts, vms: [{ name: "web", demand: { vcpus: 9 } }] });
    assert.deepEqual(large.conflict, { texts: ["web (9 vcpus) needs a host", "ash has 4 vcpus, 4096 memoryMib"], isMinimal: true });
    const full = planNow({ hosts, vms: ["a", "b"].map((name) => ({ name, demand: { memoryMib: 3000 }, host: "ash" })) });
    assert.deepEqual([full.outcome, full.violationsBefore.map(({ text }) => text)], ["impossible", ["ash has 4096 memoryMib and is promised for 6000"]]);
    assert.deepEqual(planNow({ hosts: [], vms: [] }).outcome, "nothing");
  });

  it("is a plan for rules about nobody, hosts that have nothing, and VMs that need nothing", () => {
    const nothing = planNow({ hosts: [{ name: "ash", capacity: {} }, { name: "birch", capacity: { vcpus: 4 }, reserved: { vcpus: 9 } }], vms: [{ name: "web", demand: {} }], rules: [{ kind: "separate", vms: [] }, { kind: "gather", vms: [] }, { kind: "spread", vms: [], across: "host" }, { kind: "survive" }] });
    assert.deepEqual([nothing.outcome, nothing.violationsAfter], ["changes", []]);
    const full = planNow({ hosts: [{ name: "birch", capacity: { vcpus: 4 }, reserved: { vcpus: 9 } }], vms: [{ name: "web", demand: { vcpus: 1 } }] });
    assert.deepEqual(full.conflict?.texts, ["web (1 vcpus) needs a host", "birch may be promised for 0 vcpus"]);
  });

  it("names a reserve that cannot be kept", () => {
    const { outcome, conflict } = planNow({ hosts: [...hosts, { name: "birch", capacity: { vcpus: 4, memoryMib: 256 } }], vms: [vm], rules: [{ kind: "survive", name: "reserve" }] });
    assert.deepEqual([outcome, conflict], ["impossible", { texts: ["web (1 vcpus, 512 memoryMib) needs a host", "reserve: survive", "birch has 4 vcpus, 256 memoryMib"], isMinimal: true }]);
  });

  it("names rules that contradict each other, and only those", () => {
    const { conflict } = planNow({
      hosts: ["ash", "birch"].map((name) => ({ name, capacity: { vcpus: 4 } })), vms: ["a", "b", "c"].map((name) => ({ name, demand: { vcpus: 1 }, host: "ash" })),
      rules: [{ kind: "gather", name: "together", vms: ["a", "b"] }, { kind: "separate", name: "apart", vms: ["a", "b"] }, { kind: "pin", vms: ["c"] }],
    });
    assert.deepEqual(conflict, { texts: ["a (1 vcpus) and b (1 vcpus) need a host", "together: gather vms a and b", "apart: separate vms a and b"], isMinimal: true });
  });
});

describe("what inventories are validated by", () => {
  const ajv = new Ajv({ strict: false });
  const schemas: readonly (readonly [string, object])[] = [
    ["an inventory", INVENTORY], ...ruleKinds.map(({ kind, properties }) => [kind, { properties }] as const),
    ...policyKinds.flatMap(({ name, parameters }) => Object.entries(parameters).map(([parameter, { schema }]) => [`${name}: ${parameter}`, schema] as const)),
  ];

  for (const [what, schema] of schemas) {
    it(`is a JSON Schema: ${what}`, () => {
      assert.equal(ajv.validateSchema(schema), true, JSON.stringify(ajv.errors));
    });
  }
});
