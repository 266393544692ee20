import assert from "node:assert/strict";
import { it } from "node:test";
import { violationsOf } from "../../../../provider/plan/index.js";
import { caseOf, withRule } from "./cases.js";
import { describeRule, placesOf } from "./support.js";

describeRule("affinity");

it("rule affinity keeps VMs off hosts with the labels where it is to avoid them", () => {
  const avoiding = withRule(caseOf("affinity"), { avoid: true });
  assert.deepEqual(violationsOf(avoiding, placesOf(avoiding)).map(({ text }) => text), ["a is on ash, which has rack=a"]);
  assert.deepEqual(violationsOf(avoiding, placesOf(avoiding, { a: "cedar" })), []);
});
