import assert from "node:assert/strict";
import { mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Handover } from "../../../../provider/kinds/placement/handover.js";

let folder: string;
const former = process.env["XDG_RUNTIME_DIR"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "drover-handover-"));
  process.env["XDG_RUNTIME_DIR"] = folder;
});
after(async () => {
  if (former === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = former;
  await rm(folder, { recursive: true });
});

const own = (): string => join(folder, `drover-${process.getuid?.() ?? 0}`);

describe("what a preview hands to its update", () => {
  it("is taken once, by the same resource of the same command alone", async () => {
    await (await Handover.of("stack one")).leave({ moves: 3 });
    assert.equal(await (await Handover.of("stack two")).take(), undefined);
    assert.deepEqual(await (await Handover.of("stack one")).take(), { moves: 3 });
    assert.equal(await (await Handover.of("stack one")).take(), undefined);
  });

  it("goes into no folder that another's link leads to", async () => {
    await rename(own(), `${own()}-elsewhere`);
    await symlink(`${own()}-elsewhere`, own());
    await assert.rejects(Handover.of("stack"), /keep the plan of a preview in .*: it is no folder, or another user's/);
    await rm(own());
    await rename(`${own()}-elsewhere`, own());
  });

  it("is private, and goes when its command is gone", async () => {
    await writeFile(join(own(), "4194305-0123456789abcdef.json"), "{}");
    await (await Handover.of("stack")).leave({});
    const [file = "", ...rest] = await readdir(own());
    assert.deepEqual(rest, []);
    assert.equal((await stat(join(own(), file))).mode & 0o777, 0o600);
    assert.equal((await stat(own())).mode & 0o777, 0o700);
  });
});
