import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { packageRoot } from "../../../../lab/place.js";
import { ruleKinds } from "../../../../provider/plan/rules/index.js";
import { CASES } from "./cases.js";

it("every kind of rule has a case and a test", () => {
  const kinds = ruleKinds.map(({ kind }) => kind).sort();
  assert.deepEqual(Object.keys(CASES).sort(), kinds);
  const tests = readdirSync(join(packageRoot(), "test", "unit", "plan", "rules"));
  assert.deepEqual(kinds.filter((kind) => !tests.includes(`${kind}.test.ts`)), []);
});
