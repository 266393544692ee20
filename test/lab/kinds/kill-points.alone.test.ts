/**
 * The provider process is killed in the middle of a create, an update and a delete of each kind of storage, at several points, and the next run is
 * to finish what the killed one began: no duplicate, no orphan.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { assertPaired, checked, inNewProcess, killedAt } from "../support/killing.js";
import { useSite } from "../support/site.js";

/** After so many milliseconds of a create or update: connected, and in the midst of its work. */
const POINTS_MS = [150, 350];

const site = useSite();

interface Subject {
  readonly kind: string;
  readonly name: string;
  /** Inputs of the program before and after the change. */
  readonly before: object;
  readonly after: object;
  /** Names in the pool's folder, besides the site's own, that a finished object has: patterns, one for each file. */
  readonly files: readonly RegExp[];
}

function subjects(): Subject[] {
  const { pool } = site;
  const name = site.lab.name("killed");
  const path = `/srv/${name}`;
  const host = site.host();
  return [
    { kind: "HostStoragePool", name, before: { host, owner: host.owner, pool: name, path }, after: { host, owner: host.owner, pool: name, path, autostart: false }, files: [] },
    { kind: "Image", name, before: { pool, source: site.lab.lab.images.tiny }, after: { pool, name: `${name}-2`, source: site.lab.lab.images.tiny }, files: [/^kill.*img$/, /^kill.*img\..*\.drover$/] },
    { kind: "Disk", name, before: { pool, size: "8 MiB" }, after: { pool, size: "16 MiB" }, files: [/\.qcow2$/, /\.qcow2\..*\.drover$/] },
  ];
}

/** What is in the world that was not there before the test. */
async function orphans(): Promise<{ files: string[]; domains: string[]; pools: string[] }> {
  const ash = site.lab.host("ash");
  const name = site.lab.name("killed");
  const list = async (words: readonly string[]): Promise<string[]> => (await ash.virsh([...words, "--all", "--name"])).split("\n").map((line) => line.trim()).filter((line) => line.startsWith(name));
  const files = (await ash.check(["ls", "-A", site.pool.path])).split("\n").filter((file) => file.startsWith(name));
  return { files, domains: await list(["list"]), pools: await list(["pool-list"]) };
}

for (const [index, kind] of ["HostStoragePool", "Image", "Disk"].entries()) {
  test(`${kind}: a create and an update that are killed are finished by the next run`, async () => {
    const subject = subjects()[index];
    assert.ok(subject !== undefined && subject.kind === kind);
    for (const ms of POINTS_MS) {
      await killedAt(() => delay(ms), (process) => checked(process, {}, subject, subject.before), (process, inputs) => process.create(inputs));
      const made = await inNewProcess(async (process) => {
        const inputs = await checked(process, {}, subject, subject.before);
        return { inputs, ...(await process.create(inputs)) };
      });
      const after = await orphans();
      assertPaired(after.files);
      assert.equal(after.files.length, subject.files.length, `killed at ${ms} ms of create: ${after.files.join(", ")}`);
      for (const file of subject.files) assert.ok(after.files.some((each) => file.test(each)), `${String(file)} in ${after.files.join(", ")}`);
      assert.deepEqual(after.domains, []);

      await killedAt(() => delay(ms), (process) => checked(process, made.inputs, subject, subject.after), (process, news) => process.update(made.id, made.properties, news));
      const last = await inNewProcess(async (process) => {
        const news = await checked(process, made.inputs, subject, subject.after);
        const properties = await process.update(made.id, made.properties, news);
        assert.equal((await process.diff(made.id, properties, news)).changes, false, `killed at ${ms} ms of update`);
        const seen = await process.read(made.id, properties);
        assert.equal(seen.id, made.id);
        assert.equal((await process.diff(made.id, seen.properties, await checked(process, seen.inputs ?? {}, subject, subject.after))).changes, false);
        return properties;
      });
      assertPaired((await orphans()).files);
      // A delete that is killed is finished too.
      await killedAt(() => delay(ms), (process) => checked(process, made.inputs, subject, subject.after), (process) => process.delete(made.id, last));
      await inNewProcess((process) => process.delete(made.id, last));
      const left = await orphans();
      assert.deepEqual(left.files, [], `killed at ${ms} ms of delete`);
      assert.deepEqual([left.domains, left.pools], [[], []]);
      await site.lab.host("ash").check(["sh", "-c", `rm -f ${site.pool.path}/${subject.name}*`]);
    }
  });
}
