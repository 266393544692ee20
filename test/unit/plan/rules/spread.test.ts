import assert from "node:assert/strict";
import { it } from "node:test";
import { planNow, violationsOf } from "../../../../provider/plan/index.js";
import { caseOf, withRule } from "./cases.js";
import { describeRule, placesOf } from "./support.js";

describeRule("spread");

it("rule spread asks for at least so many domains", () => {
  const racks = { ...caseOf("spread").inventory, rules: [{ kind: "spread", vms: ["a", "b"], across: "rack", minDomains: 2 }] };
  assert.deepEqual(violationsOf(racks, placesOf(racks)).map(({ text }) => text), ["a and b are in 1 racks, and should be in 2"]);
  assert.equal(planNow(racks).actions.length, 1);
});

it("rule spread does not count a domain whose hosts are all gone", () => {
  const spread = withRule(caseOf("spread"), { vms: ["a", "b", "c"], across: "rack", maxSkew: 2 });
  assert.equal(violationsOf(spread, placesOf(spread)).length, 1);
  const gone = { ...spread, hosts: spread.hosts.map((host) => (host.name === "cedar" ? { ...host, state: "off" as const } : host)) };
  assert.deepEqual(violationsOf(gone, placesOf(gone)), []);
});
