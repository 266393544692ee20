import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { packageRoot } from "../../../lab/place.js";

function drover(...words: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(packageRoot(), "dist", "cli", "main.js"), ...words], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
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
      for (const wrong of ["host:oak", "rack:r1", "any:rack", "0", "x"]) {
        const answer = await drover("plan", file, "--lose", wrong);
        assert.deepEqual([answer.code, /could not look at the loss of .*next: give --lose/s.test(answer.output)], [1, true], wrong);
      }
      const asData = await drover("plan", file, "--json");
      const { assignments } = JSON.parse(asData.output) as { assignments: Record<string, { host: string }> };
      const inventory = JSON.parse(example) as { hosts: unknown; vms: { name: string; host?: string }[] };
      await writeFile(file, JSON.stringify({ ...inventory, vms: inventory.vms.map((vm) => ({ ...vm, ...assignments[vm.name] })) }));
      assert.deepEqual(await drover("plan", file), { code: 0, output: "Nothing to do.\n" });
      await writeFile(file, JSON.stringify({ hosts: [], vms: [{ name: "web", demand: {} }] }));
      const impossible = await drover("plan", file);
      assert.deepEqual([impossible.code, /Impossible .*web/s.test(impossible.output)], [1, true]);
      const missing = await drover("plan", join(folder, "none.json"));
      assert.deepEqual([missing.code, /could not read the inventory/.test(missing.output)], [1, true]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
