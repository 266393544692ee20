import assert from "node:assert/strict";
import { sep } from "node:path";
import { test } from "node:test";
import { isAskedFor, planBenchOptions } from "../../../bench/plan/options.js";

test("a bench's options: defaults, values, and mistakes that are named", () => {
  const byDefault = planBenchOptions([], { data: "roadef2012", seconds: 300, threads: 2 });
  assert.ok(byDefault.dataDir.endsWith(["shared", "data", "roadef2012"].join(sep)), byDefault.dataDir);
  assert.deepEqual([byDefault.seconds, byDefault.threads, byDefault.outDir], [300, 2, undefined]);

  const given = planBenchOptions(["--data", "/d", "--seconds", "0.5", "--threads", "4", "--out", "/o", "--only", "a1_1,a2"], { data: "x" });
  assert.deepEqual(given, { dataDir: "/d", seconds: 0.5, threads: 4, outDir: "/o", only: ["a1_1", "a2"] });
  assert.deepEqual(["a1_1", "a1_2", "a2_5"].filter((name) => isAskedFor(given, name)), ["a1_1", "a2_5"]);

  assert.throws(() => planBenchOptions(["--seconds", "soon"], { data: "x" }), /--seconds/);
  assert.throws(() => planBenchOptions(["--threads", "1.5"], { data: "x" }), /--threads/);
  assert.throws(() => planBenchOptions(["--thread", "1"], { data: "x" }), /--thread/);
});
