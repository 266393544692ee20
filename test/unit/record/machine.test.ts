import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { claimForMachine } from "../../../provider/record/machine.js";

describe("a record in a directory", () => {
  let folder: string;
  before(async () => { folder = await mkdtemp(join(tmpdir(), "drover-machine-")); });
  after(() => rm(folder, { recursive: true }));

  async function claim(id: string, boot: string): Promise<void> {
    const files = { id: join(folder, "id"), boot: join(folder, "boot") };
    await writeFile(files.id, `${id}\n`);
    await writeFile(files.boot, `${boot}\n`);
    await claimForMachine(folder, files);
  }

  it("is the machine's that used it first, through all of its boots", async () => {
    await claim("m1", "b1");
    await claim("m1", "b1");
    await claim("m1", "b2");
  });

  it("is a container's too, of the same boot", async () => {
    await claim("container", "b2");
    await claim("", "b2");
    await claim("m1", "b3");
  });

  it("is no other machine's, and says what to do", async () => {
    await assert.rejects(claim("m2", "b9"), /it is that of another machine[^]*give the cluster's guard an etcd/);
    await assert.rejects(claim("", "b9"), /another machine/);
    await assert.rejects(claim("m2", ""), /another machine/);
    await claim("m1", "b4");
  });
});
