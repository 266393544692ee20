import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { openRecord } from "../../../provider/record/config.js";
import { held, heldBy, recordContract } from "../../support/record-contract.js";

const skip = process.platform === "linux" ? false : "a local record needs /proc";
const directory = await mkdtemp(join(tmpdir(), "drover-record-"));
after(() => rm(directory, { recursive: true, force: true }));

if (skip === false) {
  recordContract("a local record", () => openRecord({ directory: join(directory, "contract") }, "c1"), (lock) => rm(join(directory, "contract", "c1", "locks", `${lock}.lock`)));
}

/** Runs a piece of a program on the record, in a process of its own, until it has printed something. */
async function elsewhere(program: string): Promise<{ readonly child: ChildProcess; readonly said: () => string; readonly ended: Promise<unknown> }> {
  const text = `import { openRecord } from ${JSON.stringify(new URL("../../../provider/record/config.js", import.meta.url).href)};
    const record = await openRecord({ directory: ${JSON.stringify(join(directory, "processes"))} }, "c1");
    ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", text], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => { output += text; });
  const ended = once(child, "close");
  await Promise.race([once(child.stdout, "data"), ended]);
  return { child, said: () => output.trim(), ended };
}

describe("a local record, of several processes", { skip }, () => {
  const open = (): ReturnType<typeof openRecord> => openRecord({ directory: join(directory, "processes") }, "c1");
  let record: Awaited<ReturnType<typeof open>>;
  before(async () => { record = await open(); });

  test("a killed process's lock is taken over, by one of many", async () => {
    const { child, said, ended } = await elsewhere(`await record.acquire("dead", "the dead one", { ttlSeconds: 5 }); console.log("has it"); setInterval(() => {}, 1000);`);
    assert.equal(said(), "has it");
    assert.equal(heldBy(await record.acquire("dead", "we", { ttlSeconds: 5 })).heldBy, "the dead one");
    child.kill("SIGKILL");
    await ended;
    const heirs = await Promise.all(Array.from({ length: 4 }, () => elsewhere(`
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => record.acquire("dead", "an heir", { ttlSeconds: 5 })));
      console.log(outcomes.filter((outcome) => !("heldBy" in outcome)).length); setInterval(() => {}, 1000);`)));
    try {
      assert.deepEqual(heirs.map(({ said }) => said()).sort(), ["0", "0", "0", "1"]);
    } finally {
      for (const heir of heirs) heir.child.kill("SIGKILL");
      await Promise.all(heirs.map((heir) => heir.ended));
    }
    await held(await record.acquire("dead", "we", { ttlSeconds: 5 })).release();
    assert.deepEqual(await readdir(join(directory, "processes", "c1", "locks")), [], "nothing is left of all that");
  });

  test("a lock of a container that is gone is taken over on the machine itself, and not before", { skip: process.getuid?.() === 0 ? false : "it takes root to make a PID namespace" }, async (t) => {
    if (await readlink("/proc/self/ns/pid") !== "pid:[4026531836]") { t.skip("this is a container itself"); return; }
    const text = `import { openRecord } from ${JSON.stringify(new URL("../../../provider/record/config.js", import.meta.url).href)};
      const record = await openRecord({ directory: ${JSON.stringify(join(directory, "processes"))} }, "c1");
      await record.acquire("contained", "a guard in a container", { ttlSeconds: 5 }); console.log("has it"); setInterval(() => {}, 1000);`;
    const child = spawn("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", process.execPath, "--input-type=module", "--eval", text], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    assert.equal(heldBy(await record.acquire("contained", "we", { ttlSeconds: 5 })).heldBy, "a guard in a container");
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    await held(await record.acquire("contained", "we", { ttlSeconds: 5 })).release();
  });

  test("increments of processes that are killed at any moment are made whole, and hold nobody up", async () => {
    const increments = `for (let made = 0; ; ) {
      const entry = await record.get("count");
      const value = String(Number(entry?.value ?? 0) + 1);
      if (await record.put("count", value, { ifRevision: entry?.revision ?? 0 }) !== undefined) { made += 1; console.log(made); }
    }`;
    let confirmed = 0;
    for (let round = 0; round < 4; round += 1) {
      const workers = await Promise.all([elsewhere(increments), elsewhere(increments)]);
      await new Promise((resolve) => { setTimeout(resolve, 100 + round * 37); });
      for (const { child } of workers) child.kill("SIGKILL");
      await Promise.all(workers.map(({ ended }) => ended));
      confirmed += workers.reduce((sum, { said }) => sum + said().split("\n").length, 0);
    }
    const value = Number((await record.get("count"))?.value);
    // Each killed process may have made one that it did not tell of.
    assert.ok(value >= confirmed && value <= confirmed + 8, `${value} of ${confirmed}`);
    assert.ok(await record.put("count", "0") !== undefined);
  });

  test("a directory that others can read is refused", async () => {
    await (await openRecord({ directory: join(directory, "open") }, "c1")).close();
    await chmod(join(directory, "open"), 0o755);
    await assert.rejects(openRecord({ directory: join(directory, "open") }, "c1"), /others can read it/);
  });
});
