/**
 * The provider process is killed in the middle of a create, an update and a delete of a VM, and of a create and an update of a Host: after some time,
 * and at moments of the world. The next run finishes it: the same id, one domain, one guest, its volumes with their sidecars, and no orphan.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { assertPaired, checked, inNewProcess, killedAt, type Subject } from "../support/killing.js";
import { eventually, type TestHost } from "../support/lab.js";
import { useSite } from "../support/site.js";

const site = useSite({ on: ["ash", "birch"] });

type Moments = Readonly<Record<string, () => Promise<unknown>>>;

const after = (ms: number) => (): Promise<unknown> => delay(ms);
const TIMES: Moments = { "150 ms": after(150), "350 ms": after(350), "700 ms": after(700) };

/** A moment that comes when the world is so, or not at all, where the work is done sooner than it is seen. */
const once = (probe: () => Promise<boolean>) => async (): Promise<unknown> => await eventually("the moment", async () => ((await probe()) ? true : undefined), 10_000);

const name = (): string => site.lab.name("killed");
const ash = (): TestHost => site.lab.host("ash");
const files = async (): Promise<string[]> => (await ash().check(["ls", "-A", site.pool.path])).split("\n").filter((file) => file.startsWith(name()));
const isDefined = async (): Promise<boolean> => (await ash().exec(["test", "-e", `/etc/libvirt/qemu/${name()}.xml`])).code === 0;

/** Hosts on which a domain of our name is, once for each; with `--state-running` those that run. */
async function placesOf(...options: readonly string[]): Promise<string[]> {
  const found = await Promise.all(["ash", "birch"].map(async (host) => {
    const names = (await site.lab.host(host).virsh(["list", "--name", ...options])).split("\n");
    return names.filter((each) => each.trim().startsWith(name())).map(() => host);
  }));
  return found.flat();
}

/** QEMU processes of our name on both hosts: libvirt's own list is not all that could run. */
async function guests(): Promise<number> {
  const found = await Promise.all(["ash", "birch"].map(async (host) => (await site.lab.host(host).exec(["pgrep", "-c", "-f", `guest=${name()}`])).stdout.trim()));
  return found.reduce((sum, count) => sum + Number(count), 0);
}

/** One domain that runs, and a volume and its sidecar for each of its disks and for its seed. */
async function assertWhole(volumes: number, when: string): Promise<void> {
  assert.deepEqual(await placesOf("--all"), ["ash"], when);
  assert.deepEqual(await placesOf("--state-running"), ["ash"], when);
  assert.equal(await guests(), 1, when);
  const there = await files();
  assertPaired(there);
  assert.equal(there.length, 2 * volumes, `${when}: ${there.join(", ")}`);
}

async function assertNothingLeft(when: string): Promise<void> {
  assert.deepEqual(await placesOf("--all"), [], when);
  assert.equal(await guests(), 0, when);
  assert.deepEqual(await files(), [], when);
}

const vm = (): Subject => ({ kind: "VirtualMachine", name: name() });
const before = () => ({
  host: site.host(), memory: "192 MiB", nics: { lan: { bridge: "br0" } }, running: true, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
  disks: { root: { image: site.image }, data: { pool: site.pool, size: "8 MiB" } },
  cloudInit: { userData: { write_files: [{ path: "/www/mark", content: "seeded" }] } },
});
/** More memory, and as many disks more. */
const changed = (count: number) => {
  const more = Array.from({ length: count }, (_, index): [string, object] => [`more${index + 1}`, { pool: site.pool, size: "8 MiB" }]);
  return { ...before(), memory: `${192 + 128 * count} MiB`, disks: { ...before().disks, ...Object.fromEntries(more) } };
};

const inCreate: Moments = {
  ...TIMES,
  "the first sidecar": once(async () => (await files()).length > 0),
  "the definition": once(isDefined),
  "the guest's start": once(async () => (await guests()) > 0),
};
/** Each belongs to the create of the same place in {@link inCreate}. */
const inDelete: readonly (() => Promise<unknown>)[] = [
  after(150), after(350), after(700),
  once(async () => (await guests()) === 0),
  once(async () => !(await isDefined())),
  once(async () => (await files()).length < 6),
];
const inUpdate: Moments = { ...TIMES, "the new disk's volume": once(async () => (await files()).some((file) => file.includes("-more4"))) };

for (const [index, [point, moment]] of Object.entries(inCreate).entries()) {
  test(`VirtualMachine: a create that is killed at ${point} is finished by the next run`, async () => {
    await killedAt(moment, (process) => checked(process, {}, vm(), before()), (process, inputs) => process.create(inputs));
    assert.ok((await guests()) <= 1);
    const made = await inNewProcess(async (process) => {
      const inputs = await checked(process, {}, vm(), before());
      const created = await process.create(inputs);
      assert.equal((await process.diff(created.id, created.properties, inputs)).changes, false);
      const seen = await process.read(created.id, created.properties);
      assert.equal(seen.id, created.id);
      assert.equal((await process.diff(created.id, seen.properties, await checked(process, seen.inputs ?? {}, vm(), before()))).changes, false);
      return created;
    });
    assert.equal(made.properties["state"], "running");
    assert.equal((await ash().virsh(["domuuid", name()])).trim(), made.id);
    await assertWhole(3, point);
    // A delete that is killed is finished too, by a run that knows no more than the killed one did.
    await killedAt(inDelete[index] ?? after(0), (process) => checked(process, {}, vm(), before()), (process) => process.delete(made.id, made.properties));
    await inNewProcess((process) => process.delete(made.id, made.properties));
    await assertNothingLeft(point);
  });
}

test("VirtualMachine: updates that are killed are finished by the next run, in the same guest", async () => {
  let { inputs, made } = await inNewProcess(async (process) => {
    const filled = await checked(process, {}, vm(), before());
    return { inputs: filled, made: await process.create(filled) };
  });
  const pid = (await ash().check(["pgrep", "-f", `guest=${name()}`])).trim();
  for (const [index, [point, moment]] of Object.entries(inUpdate).entries()) {
    const goal = changed(index + 1);
    await killedAt(moment, (process) => checked(process, inputs, vm(), goal), (process, news) => process.update(made.id, made.properties, news));
    await inNewProcess(async (process) => {
      const news = await checked(process, inputs, vm(), goal);
      const properties = await process.update(made.id, made.properties, news);
      assert.equal((await process.diff(made.id, properties, news)).changes, false, point);
      const seen = await process.read(made.id, properties);
      assert.equal((await process.diff(made.id, seen.properties, await checked(process, seen.inputs ?? {}, vm(), goal))).changes, false, point);
      made = { id: made.id, properties };
      inputs = news;
    });
    assert.deepEqual(made.properties["pending"], [], point);
    assert.equal((await ash().check(["pgrep", "-f", `guest=${name()}`])).trim(), pid, `${point}: the guest was not restarted`);
    const live = await ash().virsh(["dumpxml", name()]);
    assert.match(live, new RegExp(`${name()}-more${index + 1}\\.`), point);
    assert.equal(live.match(/<memory model='(dimm|virtio-mem)'/g)?.length, index + 1, `${point}: one memory module for each update\n${live}`);
    await assertWhole(4 + index, point);
  }
  await inNewProcess((process) => process.delete(made.id, made.properties));
  await assertNothingLeft("the end");
});

test("Host: a create and an update that are killed leave nothing on it, and the next run has the same id", async () => {
  const subject: Subject = { kind: "Host", name: "ash" };
  const { uri } = site.host();
  for (const [point, moment] of Object.entries(TIMES)) {
    await killedAt(moment, (process) => checked(process, {}, subject, { uri }), (process, inputs) => process.create(inputs));
    await inNewProcess(async (process) => {
      const inputs = await checked(process, {}, subject, { uri });
      const made = await process.create(inputs);
      const news = await checked(process, inputs, subject, { uri: ash().host.tcpUri });
      await killedAt(moment, (other) => checked(other, inputs, subject, { uri: ash().host.tcpUri }), (other, same) => other.update(made.id, made.properties, same));
      const properties = await process.update(made.id, made.properties, news);
      assert.equal(properties["owner"], made.id, point);
      assert.equal((await process.diff(made.id, properties, news)).changes, false, point);
      assert.equal((await process.read(made.id, properties)).id, made.id);
    });
  }
  // A process that died holds no session: sshd ended them with its connections.
  await eventually("the end of the killed processes' sessions", async () => ((await ash().exec(["pgrep", "-f", "virt-ssh-helper|nc -U"])).stdout.trim() === "" ? true : undefined));
});
