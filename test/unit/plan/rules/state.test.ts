import assert from "node:assert/strict";
import { it } from "node:test";
import { violationsOf, type HostState } from "../../../../provider/plan/index.js";
import { caseOf } from "./cases.js";
import { describeRule, placesOf } from "./support.js";

describeRule("state");

it("rule state has words for each state", () => {
  const { inventory } = caseOf("state");
  const said = (state: HostState): string[] => {
    const changed = { ...inventory, hosts: inventory.hosts.map((host) => (host.name === "cedar" ? { ...host, state } : host)) };
    return violationsOf(changed, placesOf(changed, { a: "cedar" })).map(({ text }) => text);
  };
  assert.deepEqual([said("up"), said("leaving"), said("off"), said("lost"), said("unknown")], [
    [], ["a is on cedar, which leaves the cluster"], ["a is on cedar, which is switched off"], ["a is on cedar, which is lost"], ["a is on cedar, of which nothing is known"],
  ]);
});
