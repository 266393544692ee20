/** Hosts that die in the middle of a move, or come back in the middle of their recovery: each guest runs on, once. */
import assert from "node:assert/strict";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { hostDirectory } from "../../../lab/identity.js";
import { waitFor } from "../../../lab/wait.js";
import { qemuProcesses } from "../support/copies.js";
import { StruckCluster } from "../support/struck.js";

const cluster = new StruckCluster("returning-");

/** Stops a guest's QEMU once a move to another host has begun and is prepared there, so that the move lasts. @returns how it goes on */
async function stoppedMove(vm: string, source: string, target: string): Promise<() => void> {
  const running = (await qemuProcesses(cluster.lab.lab, cluster.prefix)).find(({ name, host }) => name === vm && host === source);
  assert.ok(running !== undefined, `${vm} runs on ${source}`);
  // What libvirt wrote last of it.
  const stateOn = (host: string): Promise<string> => readFile(join(cluster.lab.place.runDirectory, host, "libvirt", "qemu", `${cluster.prefix}${vm}.xml`), "utf8").catch(() => "");
  await waitFor(`a move of ${vm}`, source, async () => (
    /<domstatus state='paused' reason='migration'/.test(await stateOn(target)) && /async='migration out' phase='(?:begin3|perform3)'/.test(await stateOn(source))
  ), 180_000);
  process.kill(Number(running.pid), "SIGSTOP");
  return () => { process.kill(Number(running.pid), "SIGCONT"); };
}

describe("a host that dies in the middle of a move", () => {
  for (const role of ["source", "target"] as const) {
    it(`as its ${role}: the guest runs on at the other end, or again`, async () => {
      const source = await cluster.hostOf("a");
      const target = cluster.hosts.find((name) => name !== source) ?? "";
      await cluster.write({ a: target });
      const moving = cluster.project.up();
      const ended = moving.then(({ output }) => { throw new Error(`it ended before its move was seen:\n${output}`); });
      const goOn = await Promise.race([stoppedMove("a", source, target), ended]);
      await cluster.lab.break(role === "source" ? source : target);
      if (role === "target") goOn();
      const { code, output } = await moving;
      assert.notEqual(code, 0, output);
      await cluster.elsewhere(role === "source" ? source : target);
      await cluster.heal(...cluster.hosts);
      await cluster.write();
      const again = await cluster.project.up();
      assert.equal(again.code, 0, again.output);
    });
  }
});

describe("a host that comes back in the middle of its recovery", () => {
  it("while its power is cut", async () => {
    const host = await cluster.hostOf("a");
    const seen = cluster.guard.events.length;
    await cluster.lab.break(host, "network");
    await cluster.guard.tells("fence-begun", { host }, { from: seen });
    await cluster.heal(host);
  });

  it("between its fence and the start of its guests", async () => {
    const host = await cluster.hostOf("a");
    const seen = cluster.guard.events.length;
    await cluster.gate.deny(`${cluster.prefix}a`);
    await cluster.lab.break(host);
    await cluster.guard.tells("fence-confirmed", { host }, { from: seen });
    await cluster.guard.tells("guest-waits", { vm: "vm-a" }, { from: seen });
    await cluster.lab.heal(host);
    await cluster.guard.tells("host-alive", { host }, { from: seen });
    await cluster.gate.open(`${cluster.prefix}a`);
    await cluster.guard.tells("guest-restarted", { vm: "vm-a" }, { from: seen });
  });

  it("between the starts of its guests", async () => {
    const first = await cluster.hostOf("a");
    await cluster.lab.break(first);
    await cluster.elsewhere(first);
    // Four guests on three hosts.
    const now = await cluster.running();
    const host = Object.values(now).find((each, index, all) => all.indexOf(each) !== index) ?? "";
    const [held = "", other = ""] = cluster.vms.filter((vm) => now[vm] === host);
    const seen = cluster.guard.events.length;
    await cluster.gate.deny(cluster.prefix + held);
    await cluster.lab.break(host);
    await cluster.guard.tells("guest-restarted", { vm: `vm-${other}` }, { from: seen });
    await cluster.guard.tells("guest-waits", { vm: `vm-${held}` }, { from: seen });
    await cluster.lab.heal(host);
    await cluster.guard.tells("host-alive", { host }, { from: seen });
    await cluster.gate.open(cluster.prefix + held);
    await cluster.guard.tells("guest-restarted", { vm: `vm-${held}` }, { from: seen });
  });

  it("with a definition that its libvirt starts by itself: the disk's lock keeps it from that, and what is left goes", async () => {
    const host = await cluster.hostOf("a");
    const seen = cluster.guard.events.length;
    await cluster.lab.break(host);
    // Nobody who runs beside it could have taken that away.
    const autostart = join(hostDirectory(cluster.lab.lab, host), "etc-libvirt", "qemu", "autostart");
    await mkdir(autostart, { recursive: true });
    await symlink(`/etc/libvirt/qemu/${cluster.prefix}a.xml`, join(autostart, `${cluster.prefix}a.xml`));
    await cluster.elsewhere(host);
    await cluster.lab.heal(host);
    await cluster.guard.tells("host-back", { host }, { from: seen });
    await cluster.elsewhere(host);
    assert.doesNotMatch(await cluster.lab.host(host).virsh(["list", "--all", "--name"]), new RegExp(`${cluster.prefix}a`));
    const twice = await cluster.takeTwice();
    assert.deepEqual([...twice.keys()], ["a"]);
    assert.match(twice.get("a") ?? "", /which QEMU refused/);
  });
});
