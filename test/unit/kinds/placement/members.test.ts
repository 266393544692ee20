import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterReading, DomainInventory, HostInventory } from "../../../../provider/inventory/cluster/index.js";
import { sortDomains, type Sorted } from "../../../../provider/kinds/placement/members.js";
import type { PlacementInputs } from "../../../../provider/schema/index.js";

/** What is sorted by, of a domain. */
type Copy = Pick<DomainInventory, "state" | "reason">;

const RUNS: Copy = { state: "running", reason: "migrated" };
const WAITS: Copy = { state: "paused", reason: "migration" };
const OFF: Copy = { state: "shutoff", reason: "destroyed" };

/** The VM "shop", as it is on each host. @param last where it was placed */
function sorted(copies: Readonly<Record<string, Copy>>, last: string): Sorted {
  const domain = (copy: Copy): DomainInventory => ({ ...copy, uuid: "u", name: "shop", isActive: copy.state !== "shutoff", ours: { owner: "o", urn: "key", version: 1 } }) as unknown as DomainInventory;
  const hosts = Object.entries(copies).map(([name, copy]) => ({ address: { name }, domains: [domain(copy)] }) as unknown as HostInventory);
  const inputs = { vms: { shop: { key: "key" } }, assignments: { shop: { name: last } } } as unknown as PlacementInputs;
  return sortDomains(inputs, new Set(["o"]), { hosts, silent: [] } satisfies ClusterReading, new Set());
}

const seenAt = ({ members }: Sorted): string | undefined => members[0]?.seen?.host.address.name;
const loads = ({ others }: Sorted): string[] => others.map(({ host }) => host.address.name);

describe("a member's domains", () => {
  it("are one guest in a move where one of them waits for the other's memory, which is a load", () => {
    for (const last of ["ash", "birch"]) {
      const found = sorted({ ash: WAITS, birch: RUNS }, last);
      assert.deepEqual([seenAt(found), loads(found), found.twice], ["birch", ["ash"], []]);
    }
    const sent = sorted({ ash: { state: "paused", reason: "postcopy" }, birch: { state: "running", reason: "postcopy" } }, "ash");
    assert.deepEqual([seenAt(sent), loads(sent), sent.twice], ["birch", ["ash"], []]);
  });

  it("are one guest where both stand still at the end of a move", () => {
    const found = sorted({ ash: WAITS, birch: WAITS }, "birch");
    assert.deepEqual([seenAt(found), loads(found), found.twice], ["birch", ["ash"], []]);
  });

  it("are a guest that runs twice where both have its memory, and the second is a load", () => {
    const found = sorted({ ash: RUNS, birch: { state: "paused", reason: "user" } }, "birch");
    assert.deepEqual([seenAt(found), loads(found), found.twice], ["birch", ["ash"], [{ name: "shop", hosts: ["ash", "birch"] }]]);
  });

  it("are a guest and what it left behind where one is off", () => {
    const found = sorted({ ash: OFF, birch: RUNS }, "ash");
    assert.deepEqual([seenAt(found), loads(found), found.members[0]?.leftovers], ["birch", [], ["ash"]]);
  });
});
