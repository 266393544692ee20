import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { differenceOf, differenceText } from "../../../cli/plan-if.js";
import { packageRoot } from "../../../lab/place.js";
import type { Difference, Inventory, Plan } from "../../../provider/plan/index.js";

function drover(...words: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(packageRoot(), "dist", "cli", "main.js"), ...words], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** Runs with a file of this inventory. */
async function withInventory(inventory: unknown, run: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "drover-plan-"));
  try {
    const file = join(folder, "inventory.json");
    await writeFile(file, JSON.stringify(inventory));
    await run(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("drover plan", () => {
  it("says by its exit code what there is to do, and shows it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "drover-plan-"));
    try {
      const documentation = await readFile(join(packageRoot(), "docs", "planner.md"), "utf8");
      const example = /```json\n(.*?)```/s.exec(documentation)?.[1] ?? "";
      const shown = /```\n(Not as it should be.*?)```/s.exec(documentation)?.[1] ?? "";
      const file = join(folder, "inventory.json");
      await writeFile(file, example);
      const changes = await drover("plan", file);
      assert.deepEqual([changes.code, changes.output], [2, shown]);
      const why = /```\n(web-1 goes from.*?)```/s.exec(documentation)?.[1] ?? "";
      assert.deepEqual(await drover("plan", file, "--why", "web-1"), { code: 2, output: why });
      const ghost = await drover("plan", file, "--why", "ghost");
      assert.deepEqual([ghost.code, /could not explain where ghost is: the inventory has no VM of this name/.test(ghost.output)], [1, true]);
      const lost = /```\n([^`]*leave VMs.*?)```/s.exec(documentation)?.[1] ?? "";
      assert.deepEqual(await drover("plan", file, "--lose", "2"), { code: 1, output: lost });
      const one = await drover("plan", file, "--lose", "host:cedar", "--json");
      assert.deepEqual([one.code, JSON.parse(one.output)], [0, { losses: [{ lost: "cedar", hosts: ["cedar"], restarted: [], left: [], isProven: true }], possible: 1, isComplete: true }]);
      const any = await drover("plan", file, "--lose", "any");
      assert.deepEqual([any.code, any.output.includes("All 3 losses are survived.")], [0, true]);
      for (const wrong of ["host:oak", "rack:r1", "any:rack", "0", "x", "9"]) {
        const answer = await drover("plan", file, "--lose", wrong);
        assert.deepEqual([answer.code, /could not look at the loss of .*next: give --lose/s.test(answer.output)], [1, true], wrong);
      }
      assert.match((await drover("plan", file, "--lose", "any", "--why", "db")).output, /cannot be used with/);
      for (const words of [["--lose", "9"], ["--why", "ghost"], ["--if", "host oak up"]]) {
        const answer = await drover("plan", file, "--json", ...words);
        assert.deepEqual([answer.code, Object.keys(JSON.parse(answer.output) as object)], [1, ["error"]], words.join(" "));
      }
      assert.deepEqual(await drover("plan", file, "--starts", "3", "--threads", "2"), changes);
      for (const [option, value, words] of [["--threads", "0", /no whole number from 1/], ["--starts", "65", /starts: must be <= 64/]] as const) {
        const answer = await drover("plan", file, option, value);
        assert.deepEqual([answer.code, words.test(answer.output)], [1, true], option);
      }
      const ifs = /```\n(If host ash up.*?)```/s.exec(documentation)?.[1] ?? "";
      assert.deepEqual(await drover("plan", file, "--if", "host ash up", "--if", "host birch maintenance"), { code: 2, output: ifs });
      const asData = await drover("plan", file, "--json");
      const { assignments } = JSON.parse(asData.output) as { assignments: Record<string, { host: string }> };
      const inventory = JSON.parse(example) as { hosts: unknown; vms: { name: string; host?: string }[] };
      await writeFile(file, JSON.stringify({ ...inventory, vms: inventory.vms.map((vm) => ({ ...vm, ...assignments[vm.name] })) }));
      assert.deepEqual(await drover("plan", file), { code: 0, output: "Nothing to do.\n" });
      await writeFile(file, JSON.stringify({ hosts: [], vms: [{ name: "web", demand: {} }] }));
      const impossible = await drover("plan", file);
      assert.deepEqual([impossible.code, /Impossible .*web/s.test(impossible.output)], [1, true]);
      await writeFile(file, JSON.stringify({ hosts: [], vms: [{ name: "web" }] }));
      const wrong = await drover("plan", "--json", file);
      assert.deepEqual([wrong.code, (JSON.parse(wrong.output) as { mistakes: unknown }).mistakes], [1, ["vms.0: must have required property 'demand'"]]);
      const missing = await drover("plan", join(folder, "none.json"));
      assert.deepEqual([missing.code, /could not read the inventory/.test(missing.output)], [1, true]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("drover plan --if", () => {
  const room = { vcpus: 4, memoryMib: 4096 };
  const inventory: Inventory = {
    hosts: [{ name: "ash", capacity: room }, { name: "birch", capacity: room }],
    vms: [{ name: "db", demand: { vcpus: 2, memoryMib: 1024 }, host: "ash" }, { name: "web", demand: { vcpus: 1, memoryMib: 512 }, host: "birch" }],
    rules: [{ kind: "separate", name: "never together", vms: ["db", "web"] }],
  };
  const cases: readonly (readonly [string, readonly string[], Plan["outcome"], RegExp])[] = [
    ["a host's state", ["host ash maintenance", "without never together"], "changes", /Done then:\n {2}migrate db from ash to birch/],
    ["a property within another, with what else is there", ["host ash capacity.vcpus=1"], "changes", /migrate web from birch to ash/],
    ["two changes of one thing", ["vm web demand.vcpus=3", "vm web demand.memoryMib=4096"], "nothing", /Nothing would be otherwise/],
    ["too much of it", ["vm web demand.vcpus=3 demand.memoryMib=5000"], "impossible", /Impossible.*\n {2}web \(3 vcpus, 5000 memoryMib\) needs a host/],
    ["a rule that comes", ['rule {"kind": "gather", "vms": ["db", "web"], "name": "near"}'], "impossible", /near: gather/],
    ["a VM that shall not run", ["vm web running=false"], "changes", /Done then:\n {2}stop web from birch/],
  ];
  for (const [what, ifs, outcome, words] of cases) {
    it(`takes ${what}`, () => {
      const difference = differenceOf(inventory, ifs);
      assert.match(differenceText(ifs, difference), words);
      assert.equal(difference.outcome.after, outcome);
    });
  }

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["hots ash up", /none of the forms/], ["host ash", /none of the forms/], ["host oak up", /there is no host oak/], ["vm ghost running=false", /there is no VM ghost/], ["without", /none of the forms/], ["without x", /there is no rule x/],
    ["host ash blue", /neither a state/], ["vm web up", /not PROPERTY=VALUE/], ["vm web .=1", /not PROPERTY=VALUE/], ["rule pin", /is no rule/], ["host ash state=blue", /state/], ["vm __proto__ running=false", /there is no VM __proto__/],
  ];
  for (const [text, words] of wrong) {
    it(`says what it does not understand: ${text}`, () => {
      assert.throws(() => differenceOf(inventory, [text]), words);
    });
  }

  it("gives the difference as data", async () => {
    await withInventory(inventory, async (file) => {
      const { code, output } = await drover("plan", file, "--json", "--if", "vm web running=false");
      const difference = JSON.parse(output) as Difference;
      assert.deepEqual([code, difference.outcome, difference.actions.added], [2, { before: "nothing", after: "changes" }, [{ kind: "stop", subject: "web", from: { host: "birch" } }]]);
    });
  });

  it("says what there is not, what goes not together, and what is wrong with the inventory itself", async () => {
    await withInventory(inventory, async (file) => {
      const { code, output } = await drover("plan", file, "--if", "host oak up");
      assert.deepEqual([code, /could not look at what would change if host oak up: there is no host oak\n {2}next: give --if one of/.test(output)], [1, true]);
      assert.match((await drover("plan", file, "--if", "host ash up", "--why", "db")).output, /cannot be used with/);
    });
    await withInventory({ hosts: 1 }, async (file) => {
      const { code, output } = await drover("plan", file, "--if", "host ash up");
      assert.deepEqual([code, /the inventory is wrong:\n/.test(output)], [1, true]);
    });
  });
});
