import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { RESTART } from "../../../cli/restart-libvirt.js";
import { runProgram } from "../../../provider/base/program.js";

describe("the restart of a host's libvirt", () => {
  let folder: string;
  before(async () => { folder = await mkdtemp(join(tmpdir(), "drover-systemctl-")); });
  after(() => rm(folder, { recursive: true }));

  /** @param states units of a host, each with what it is: `active`, `failed`, `enabled` */
  async function restarted(states: Readonly<Record<string, string>>): Promise<string> {
    const cases = Object.entries(states).map(([unit, state]) => `  "is-${state} ${unit}") exit 0;;`).join("\n");
    await writeFile(join(folder, "systemctl"), `#!/bin/sh
if [ "$1" = restart ]; then echo "$2" >"${join(folder, "said")}"; exit 0; fi
case "$1 $3" in
${cases}
esac
exit 3
`);
    await chmod(join(folder, "systemctl"), 0o755);
    await writeFile(join(folder, "said"), "");
    const { code, stderr } = await runProgram("/bin/sh", ["-c", RESTART], { input: "", timeoutMs: 10_000, env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` } });
    return code === 0 ? (await readFile(join(folder, "said"), "utf8")).trim() : stderr.trim();
  }

  for (const [words, states, expected] of [
    ["takes QEMU's own daemon where that runs", { "virtqemud.service": "active" }, "virtqemud.service"],
    ["takes it where only its socket is there", { "virtqemud.socket": "active", "libvirtd.service": "enabled" }, "virtqemud.service"],
    ["starts no second daemon where the monolithic one runs and the other is installed too", { "virtqemud.socket": "enabled", "libvirtd.service": "active" }, "libvirtd.service"],
    ["takes one that has failed before one that is enabled", { "virtqemud.socket": "enabled", "libvirtd.service": "failed" }, "libvirtd.service"],
    ["takes the one that is enabled where none runs", { "libvirtd.socket": "enabled" }, "libvirtd.service"],
    ["starts none that nobody wants", {}, "neither virtqemud nor libvirtd is active, failed or enabled"],
  ] as const) it(words, async () => { assert.equal(await restarted(states), expected); });
});
