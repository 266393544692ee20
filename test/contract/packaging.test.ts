/** The files by which a guard is installed (`examples/guard`), against the command that they start. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { packageRoot } from "../../lab/place.js";

const run = promisify(execFile);
const SYSTEMD_ANALYZE = "/usr/bin/systemd-analyze";
const file = (name: string): Promise<string> => readFile(join(packageRoot(), "examples", "guard", name), "utf8");

async function help(...words: readonly string[]): Promise<string> {
  return (await run(process.execPath, [join(packageRoot(), "dist", "cli", "main.js"), ...words, "--help"])).stdout;
}

/** The options in a command line are options of the command. */
async function refuseUnknownOptions(line: string, ...command: readonly string[]): Promise<void> {
  const known = await help(...command);
  const options = line.match(/--[a-z][a-z-]*/g) ?? [];
  for (const option of options) assert.match(known, new RegExp(`${option} `), `${option} of: ${line}`);
  for (const word of command) assert.ok(line.includes(word), line);
}

describe("what a guard is installed by", () => {
  it("is a unit that systemd takes, with options that the command has", { skip: !existsSync(SYSTEMD_ANALYZE) }, async () => {
    const unit = await file("drover-guard.service");
    const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";
    await refuseUnknownOptions(command, "guard", "run");
    const folder = await mkdtemp(join(tmpdir(), "drover-unit-"));
    try {
      const path = join(folder, "drover-guard.service");
      // Here drover is installed nowhere.
      await writeFile(path, unit.replace("/usr/local/bin/drover", process.execPath));
      const { stderr } = await run(SYSTEMD_ANALYZE, ["verify", path]);
      assert.doesNotMatch(stderr, /drover-guard/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is a container's file with options that the command has", async () => {
    const words = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(await file("Containerfile"))?.[1] ?? "[]") as readonly string[];
    assert.equal(words[0], "drover");
    await refuseUnknownOptions(words.join(" "), "guard", "run");
  });

  it("is a description whose commands are there", async () => {
    const readme = await file("README.md");
    for (const command of [["guard", "export"], ["fence"]]) {
      const line = readme.split("\n").find((each) => each.startsWith(`drover ${command.join(" ")}`));
      assert.ok(line !== undefined, command.join(" "));
      await refuseUnknownOptions(line.split("#")[0] ?? "", ...command);
    }
    for (const [, linked = ""] of readme.matchAll(/\]\((?!http)([^)]+)\)/g)) await access(join(packageRoot(), "examples", "guard", linked));
  });
});
