import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RestartOrder, type OrderFacts } from "../../../provider/guard/restart-order.js";

type Vms = OrderFacts["vms"];

const guests = (vms: Vms): { readonly name: string }[] => Object.keys(vms).map((name) => ({ name }));

function ranks(vms: Vms): string[][] {
  return new RestartOrder({ vms, runs: () => false, isOwed: () => true }).ranks(guests(vms)).map((rank) => rank.map(({ name }) => name));
}

describe("the order of restarts", () => {
  it("is by priority, those of one priority side by side", () => {
    assert.deepEqual(ranks({ a: { ha: { priority: 10 } }, b: { ha: { priority: 90 } }, c: { ha: { priority: 90 } } }), [["b", "c"], ["a"]]);
  });

  it("has a dependency first, as urgent as what waits for it", () => {
    assert.deepEqual(ranks({ web: { ha: { priority: 90, dependsOn: ["app"] } }, app: { ha: { priority: 50, dependsOn: ["db"] } }, db: { ha: { priority: 10 } }, mid: { ha: { priority: 60 } } }), [["db"], ["app"], ["web"], ["mid"]]);
  });

  it("has every guest once and after all that it depends on, whatever depends on what", () => {
    const cluster = fc.array(fc.record({ priority: fc.nat({ max: 5 }), needs: fc.array(fc.nat({ max: 30 }), { maxLength: 4 }) }), { maxLength: 20 });
    fc.assert(fc.property(cluster, (list) => {
      // To those of smaller numbers alone: no circle comes about.
      const vms: Vms = Object.fromEntries(list.map(({ priority, needs }, index) => [`vm${index}`, { ha: { priority, dependsOn: needs.filter((each) => each < index).map((each) => `vm${each}`) } }]));
      const order = ranks(vms);
      assert.deepEqual(order.flat().sort(), Object.keys(vms).sort());
      const rankOf = new Map(order.flatMap((rank, index) => rank.map((name) => [name, index] as const)));
      for (const [name, { ha }] of Object.entries(vms)) for (const each of ha?.dependsOn ?? []) assert.ok((rankOf.get(each) ?? 0) < (rankOf.get(name) ?? 0), `${name} starts before ${each}: ${JSON.stringify(order)}`);
    }));
  });

  it("comes to an end where guests wait for each other", () => {
    assert.deepEqual(ranks({ a: { ha: { priority: 1, dependsOn: ["b"] } }, b: { ha: { priority: 1, dependsOn: ["a"] } } }).flat().sort(), ["a", "b"]);
  });
});

describe("a dependency", () => {
  const vms: Vms = { web: { ha: { priority: 1, dependsOn: ["db", "cache"] } }, db: { ha: { priority: 1 } }, cache: {}, page: { ha: { priority: 9, dependsOn: ["web"] } } };
  const order = (running: readonly string[], owed: readonly string[]): RestartOrder => new RestartOrder({ vms, runs: (name) => running.includes(name), isOwed: (name) => owed.includes(name) });

  it("holds a guest back while it is to be started and does not run, and no longer", () => {
    const down = order([], ["db"]);
    assert.deepEqual(down.holding("web"), ["db"]);
    down.started("db");
    assert.deepEqual(down.holding("web"), []);
    assert.deepEqual(order(["db"], ["db"]).holding("web"), []);
  });

  it("that no guard starts holds nobody back", () => {
    assert.deepEqual(order([], []).holding("web"), []);
  });

  it("that is not started now holds back what waits for it, and what waits for that", () => {
    const down = order([], ["db", "web"]);
    assert.deepEqual(down.heldFromOutside([{ name: "page" }, { name: "web" }]).map(({ name }) => name), ["page", "web"]);
    assert.deepEqual(down.heldFromOutside([{ name: "page" }, { name: "web" }, { name: "db" }]), []);
  });
});
