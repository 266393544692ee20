import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { describe, test } from "node:test";
import { silentLog } from "../../provider/base/log.js";
import { labDown } from "../../lab/down.js";
import { silentDaemons } from "../../lab/host.js";
import { findMachines, killAllMachines } from "../../lab/machine.js";
import { labFile } from "../../lab/model.js";
import { unlinkClient } from "../../lab/network.js";
import { labPlace } from "../../lab/place.js";
import { runAny } from "../../lab/run.js";
import { labStatus } from "../../lab/status.js";
import { labUp } from "../../lab/up.js";
import { eventually, guestFacts, httpGet, useLab } from "./support/lab.js";

describe("a lab", () => {
  const lab = useLab({ own: true, hosts: 2 });

  test("a second up changes nothing", async () => {
    const before = await findMachines(lab.place);
    const written = (await stat(labFile(lab.place))).mtimeMs;
    const libvirtd = await lab.host("ash").exec(["pgrep", "-x", "libvirtd"]);
    const startMs = Date.now();
    await labUp(lab.place, {}, silentLog);
    assert.ok(Date.now() - startMs < 3_000, "a second up is quick");
    assert.deepEqual(await findMachines(lab.place), before);
    assert.equal((await stat(labFile(lab.place))).mtimeMs, written);
    assert.equal((await lab.host("ash").exec(["pgrep", "-x", "libvirtd"])).stdout, libvirtd.stdout);
    assert.equal((await labStatus(lab.place)).state, "up");
  });

  test("up brings back a daemon that died", async () => {
    const ash = lab.host("ash");
    await ash.exec(["pkill", "-KILL", "-x", "libvirtd"]);
    await eventually("libvirtd's end", async () => (await silentDaemons(lab.place, lab.lab, ash.host)).includes("libvirtd") ? true : undefined);
    assert.equal((await labStatus(lab.place)).state, "partly up");
    await labUp(lab.place, {}, silentLog);
    assert.deepEqual(await silentDaemons(lab.place, lab.lab, ash.host), []);
    assert.equal((await labStatus(lab.place)).state, "up");
  });

  test("a change that would lose hosts is refused", async () => {
    await assert.rejects(labUp(lab.place, { hosts: 1 }, silentLog), /only hosts can be added/);
  });

  test("ssh reaches a host by its name, with its key checked", async () => {
    const { stdout } = await runAny(["ssh", "-F", lab.lab.ssh.config, "birch", "hostname; test -e /dev/kvm || echo no kvm"]);
    assert.equal(stdout, "birch\nno kvm\n");
  });

  test("libvirt answers by TCP and by TLS with the host's UUID", async () => {
    for (const host of lab.hosts) {
      for (const uri of [host.host.tcpUri, host.host.tlsUri, host.host.unixUri]) {
        const { stdout } = await runAny(["virsh", "-c", uri, "capabilities"]);
        assert.match(stdout, new RegExp(`<uuid>${host.host.uuid}</uuid>`), uri);
      }
    }
  });

  test("a guest answers by its name, and keeps address and memory when it migrates", async () => {
    const { domain, mac } = await lab.startTiny("ash", "guest");
    const address = await eventually("a lease", () => lab.addressOf(mac));
    assert.equal(await httpGet(address), `${domain}\n`);
    assert.equal(await lab.resolve(domain), address);
    const before = await guestFacts(address);

    await lab.host("ash").virsh(["migrate", "--live", "--unsafe", domain, lab.host("birch").host.tcpUri]);
    assert.equal((await lab.host("ash").virsh(["list", "--name"])).trim(), "");
    assert.equal((await lab.host("birch").virsh(["list", "--name"])).trim(), domain);
    const after = await guestFacts(address);
    assert.equal(after.bootId, before.bootId);
    assert.ok(after.uptimeSeconds > before.uptimeSeconds);
    assert.equal(await lab.addressOf(mac), address);
    assert.equal(after.boots, 1);
    await lab.host("birch").virsh(["shutdown", "--mode", "acpi", domain]);
    await eventually("the guest's end", async () => (await lab.host("birch").virsh(["list", "--name"])).trim() === "" ? true : undefined, 15_000);
  });

  test("a host stopped dead comes back as itself, with its definitions", async () => {
    const birch = lab.host("birch");
    const network = "<network><name>kept</name><bridge name='kept0'/></network>";
    await birch.virsh(["net-define", "/dev/stdin"], network);
    await lab.break("birch");
    assert.equal(await birch.isRunning(), false);
    assert.equal((await labStatus(lab.place)).hosts.find(({ name }) => name === "birch")?.state, "down");
    assert.equal((await labStatus(lab.place)).hosts.find(({ name }) => name === "ash")?.state, "up");
    await lab.heal("birch");
    assert.equal((await labStatus(lab.place)).state, "up");
    assert.match(await birch.virsh(["net-list", "--all", "--name"]), /kept/);
    assert.match(await birch.virsh(["capabilities"]), new RegExp(birch.host.uuid));
  });

  test("a cut network and a cut storage are healed", async () => {
    const ash = lab.host("ash");
    await lab.break("ash", "network");
    assert.notEqual((await runAny(["ssh", "-F", lab.lab.ssh.config, "-o", "ConnectTimeout=1", "ash", "true"])).code, 0);
    await lab.break("ash", "storage");
    assert.equal((await labStatus(lab.place)).hosts[0]?.state, "no network, no storage");
    await lab.host("birch").exec(["touch", `${lab.lab.sharedPath}/from-birch`]);
    assert.notEqual((await ash.exec(["test", "-e", `${lab.lab.sharedPath}/from-birch`])).code, 0);
    await lab.heal("ash");
    assert.equal((await runAny(["ssh", "-F", lab.lab.ssh.config, "ash", "true"])).code, 0);
    assert.equal((await ash.exec(["test", "-e", `${lab.lab.sharedPath}/from-birch`])).code, 0);
    assert.equal((await labStatus(lab.place)).state, "up");
  });

  test("a host's management network and its guests' are cut apart, and healed", async () => {
    const { domain, mac } = await lab.startTiny("ash", "cut");
    const address = await eventually("a lease", () => lab.addressOf(mac));
    assert.equal(await httpGet(address), `${domain}\n`);
    const reached = async (): Promise<{ host: boolean; guest: boolean }> => ({
      host: (await runAny(["ssh", "-F", lab.lab.ssh.config, "-o", "ConnectTimeout=1", "ash", "true"])).code === 0,
      guest: await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2_000) }).then(({ ok }) => ok, () => false),
    });
    for (const [kind, state, seen] of [["management", "no management network", { host: false, guest: true }], ["guests", "no guests' network", { host: true, guest: false }]] as const) {
      await lab.break("ash", kind);
      await lab.break("ash", kind);
      assert.deepEqual(await reached(), seen);
      assert.equal((await labStatus(lab.place)).hosts[0]?.state, state);
      await lab.heal("ash");
      assert.deepEqual(await reached(), { host: true, guest: true });
    }
    assert.equal((await labStatus(lab.place)).state, "up");
  });
});

test("up after a restart of the machine brings the same lab back", async () => {
  const place = labPlace("test-restart");
  try {
    const before = await labUp(place, { hosts: 1 }, silentLog);
    // What a restart does: no process, no interface and nothing in /run is left.
    await killAllMachines(place);
    await unlinkClient(place);
    await rm(place.runDirectory, { recursive: true });
    assert.equal((await labStatus(place)).state, "down");
    assert.deepEqual(await labUp(place, {}, silentLog), before);
    assert.equal((await labStatus(place)).state, "up");
  } finally {
    await labDown(place);
  }
});

test("down leaves nothing, after an up, after half an up, and twice", async () => {
  const place = labPlace("test-down");
  await labUp(place, { hosts: 1 }, silentLog);
  const namespaces = await namespacesOf([...(await findMachines(place)).values()].map(({ pid }) => pid));
  assert.ok(namespaces.size >= 6, "a host and the switch have namespaces of their own");
  assert.ok(await labDown(place) >= 2);
  await assertNothingIsLeft(namespaces);

  await labUp(place, { hosts: 1 }, silentLog);
  const again = await namespacesOf([...(await findMachines(place)).values()].map(({ pid }) => pid));
  // As after an up that was killed before it had written anything. Its daemons still write there.
  await rm(place.directory, { recursive: true, maxRetries: 10 });
  await labDown(place);
  await assertNothingIsLeft(again);
  assert.equal(await labDown(place), 0);

  async function assertNothingIsLeft(gone: ReadonlySet<string>): Promise<void> {
    const processes = (await readdir("/proc")).filter((entry) => /^[0-9]+$/.test(entry)).map(Number);
    const left = await namespacesOf(processes);
    assert.deepEqual([...gone].filter((namespace) => left.has(namespace)), []);
    const { stdout } = await runAny(["ip", "-o", "link"]);
    assert.ok(!stdout.includes(place.clientInterface));
    const mounts = await readFile("/proc/self/mountinfo", "utf8");
    assert.ok(!mounts.includes(place.key));
    assert.ok(!mounts.includes(place.directory));
    assert.ok(!existsSync(place.directory));
    assert.ok(!existsSync(place.runDirectory));
  }
});

async function namespacesOf(pids: readonly number[]): Promise<Set<string>> {
  const links = pids.flatMap((pid) => ["net", "mnt", "pid"].map((kind) => readlink(`/proc/${String(pid)}/ns/${kind}`).catch(() => "")));
  return new Set((await Promise.all(links)).filter((link) => link !== ""));
}
