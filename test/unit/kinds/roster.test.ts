import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Roster } from "../../../provider/kinds/cluster/roster.js";
import type { RegisteredMember } from "../../../provider/kinds/cluster/member.js";

const member = { key: "k" } as RegisteredMember;

describe("a cluster's roster", () => {
  it("closes by itself when the program has run to its end, and names a VM that comes later", async () => {
    const roster = new Roster("prod", "auto");
    roster.enlist("web", member);
    await Promise.resolve();
    roster.enlist("db", member);
    assert.deepEqual(Object.keys(await roster.members), ["web", "db"]);
    assert.throws(() => { roster.enlist("late", member); }, /VM late in cluster prod.*\n.*roster: "manual".*close\(\)/s);
    assert.throws(() => { roster.refuseWhenClosed("declare rule apart"); }, /declare rule apart of cluster prod/);
  });

  it("waits for close() where the program says so", async () => {
    const roster = new Roster("prod", "manual");
    for (let turns = 0; turns < 5; turns += 1) await turn();
    roster.enlist("web", member);
    roster.close();
    assert.deepEqual(Object.keys(await roster.members), ["web"]);
  });

  it("refuses a second VM of a name", () => {
    const roster = new Roster("prod", "manual");
    roster.enlist("web", member);
    assert.throws(() => { roster.enlist("web", member); }, /has a VM of this name/);
  });
});
