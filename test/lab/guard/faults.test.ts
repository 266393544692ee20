/** A guarded cluster to which happens what happens to hosts: each guest runs again, once, and only where it is known that it can not run twice. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { ensureBmc } from "../../../lab/bmc.js";
import { run } from "../../../lab/run.js";
import { systemClock } from "../../../provider/base/clock.js";
import { silentLog } from "../../../provider/base/log.js";
import { isOnItsWay } from "../support/guests.js";
import { eventually } from "../support/lab.js";
import { StruckCluster } from "../support/struck.js";

const cluster = new StruckCluster("struck-");

/** Cuts a host's power by its BMC, as a person does. */
async function switchOff(host: string): Promise<void> {
  const { address, port, username, passwordFile } = cluster.lab.host(host).host.bmc;
  const password = (await readFile(passwordFile, "utf8")).trim();
  await run(["ipmitool", "-I", "lanplus", "-C", "3", "-H", address, "-p", String(port), "-U", username, "-E", "chassis", "power", "off"], { env: { IPMI_PASSWORD: password } });
}

describe("what a guard does when", () => {
  it("somebody switches a host off by IPMI", async () => {
    const host = await cluster.hostOf("a");
    const seen = cluster.guard.events.length;
    await switchOff(host);
    assert.equal(await cluster.lab.host(host).isRunning(), false);
    await cluster.guard.tells("fence-confirmed", { host }, { from: seen });
    await cluster.elsewhere(host);
  });

  for (const [what, cut] of [["the network", "network"], ["its management network alone, while its guests go on", "management"]] as const) {
    it(`a host is cut off from ${what}: it is fenced first`, async () => {
      const host = await cluster.hostOf("a");
      const seen = cluster.guard.events.length;
      await cluster.lab.break(host, cut);
      await cluster.guard.tells("fence-confirmed", { host }, { from: seen });
      await cluster.elsewhere(host);
      assert.ok(cluster.since(seen, "fence-confirmed", "guest-restarted")[0]?.startsWith("fence-confirmed"), cluster.guard.story());
    });
  }

  it("a host's guests are cut off from their network: nothing", async () => {
    const [before, seen] = [await cluster.running(), cluster.guard.events.length];
    await cluster.lab.break(await cluster.hostOf("a"), "guests");
    await systemClock.sleep(5_000);
    assert.deepEqual(cluster.guard.events.slice(seen), [], cluster.guard.story());
    assert.deepEqual(await cluster.running(), before);
  });

  it("a host's libvirtd is killed, and its guests go on: nothing but to try to restart libvirtd", async () => {
    const host = await cluster.hostOf("a");
    const [before, seen] = [await cluster.running(), cluster.guard.events.length];
    const qemu = (): Promise<string> => cluster.lab.host(host).check(["pgrep", "-f", `guest=${cluster.prefix}a,`]);
    const process = await qemu();
    await cluster.lab.host(host).check(["pkill", "-KILL", "-x", "libvirtd"]);
    await cluster.guard.tells("host-ailing", { host }, { from: seen });
    await cluster.guard.tells("soft-fence", { host }, { from: seen });
    await systemClock.sleep(2_000);
    await cluster.lab.heal(host);
    await cluster.guard.tells("host-alive", { host }, { from: seen });
    assert.deepEqual(cluster.since(seen, "host-lost", "fence-begun", "guest-restarted", "guest-crashed"), [], cluster.guard.story());
    assert.equal(await qemu(), process);
    assert.deepEqual(await cluster.running(), before);
  });

  it("a host is dead and its fence device is down: nothing is started, which is said, until the device answers", async () => {
    const host = await cluster.hostOf("a");
    const seen = cluster.guard.events.length;
    await cluster.lab.break(host, { bmc: "down" });
    await cluster.lab.break(host);
    await cluster.guard.tells("fence-failed", { host }, { from: seen, seconds: 90 });
    assert.deepEqual(cluster.since(seen, "guest-restarted"), []);
    await ensureBmc(cluster.lab.place, cluster.lab.lab, cluster.lab.host(host).host, silentLog);
    await cluster.elsewhere(host);
  });

  it("the fence device of a lost host acknowledges and does nothing: nothing is started, which is said, until the device works", async () => {
    const host = await cluster.hostOf("a");
    const [before, seen] = [await cluster.running(), cluster.guard.events.length];
    await cluster.lab.break(host, { bmc: "deaf" });
    await cluster.lab.break(host, "network");
    await cluster.guard.tells("fence-failed", { host }, { from: seen, seconds: 90 });
    assert.deepEqual(await cluster.running(), before);
    await ensureBmc(cluster.lab.place, cluster.lab.lab, cluster.lab.host(host).host, silentLog);
    await cluster.elsewhere(host);
  });

  it("a host dies while it is being emptied: it is fenced as any other, though it is closed", async () => {
    const host = await cluster.hostOf("a");
    const emptying = cluster.project.drover("evacuate", host, "--yes");
    await eventually("a move from it", () => isOnItsWay(cluster.lab, host, `${cluster.prefix}a`), 60_000);
    await cluster.lab.break(host);
    const { code, output } = await emptying;
    assert.notEqual(code, 0, output);
    await cluster.elsewhere(host);
    await cluster.lab.heal(host);
    const open = await cluster.project.drover("evacuate", host, "--undo");
    assert.equal(open.code, 0, open.output);
  });

  it("two hosts of four die at once", async () => {
    const [first, second] = [await cluster.hostOf("a"), await cluster.hostOf("b")];
    await Promise.all([cluster.lab.break(first), cluster.lab.break(second)]);
    await cluster.elsewhere(first, second);
  });

  it("all hosts vanish at once: none is fenced, and each guest is started when they are back", async () => {
    const seen = cluster.guard.events.length;
    await Promise.all(cluster.lab.hosts.map(({ name }) => cluster.lab.break(name)));
    await Promise.all(cluster.lab.hosts.map(({ name }) => cluster.guard.tells("host-lost", { host: name }, { from: seen })));
    await systemClock.sleep(3_000);
    assert.deepEqual(cluster.since(seen, "fence-begun"), [], cluster.guard.story());
  });

  it("a host died while no guard ran", async () => {
    const host = await cluster.hostOf("a");
    await cluster.guard.stop("SIGKILL");
    await cluster.lab.break(host);
    await cluster.start();
    await cluster.elsewhere(host);
  });
});

describe("two hosts that are cut off at once, by the default limit of fences", () => {
  it("are not both fenced: the guests of the second wait, which is said", async () => {
    await cluster.guard.stop();
    await cluster.guard.forgetFences();
    await cluster.start([], []);
    const before = await cluster.running();
    // Tests before this one may have left two guests on one host.
    const [one = "", other = ""] = new Set(Object.values(before));
    // Of one without power its device would say so, which is a proof and no fence.
    await Promise.all([cluster.lab.break(one, "network"), cluster.lab.break(other, "network")]);
    const { host: fenced = "" } = await cluster.guard.tells("fence-confirmed");
    // Whether the guests of the first have a place is for their rule to say: the second host counts for that.
    const left = fenced === one ? other : one;
    // On a slow machine other words may come before these: that more hosts are late than those two.
    await eventually("the limit, said", () => Promise.resolve(cluster.guard.events.some(({ kind, host, text }) => kind === "fence-held-back" && host === left && text.includes("1 host was fenced within the last 10 min")) ? true : undefined), 60_000)
      .catch((error: unknown) => { throw new Error(cluster.guard.story(), { cause: error }); });
    const kept = (now: Readonly<Record<string, string>>): string[] => cluster.vms.filter((vm) => now[vm] === left);
    assert.deepEqual(kept(await cluster.running()), kept(before));
    assert.deepEqual(cluster.since(0, "fence-confirmed"), [`fence-confirmed ${fenced}`], cluster.guard.story());
  });
});
