import { EventEmitter } from "node:events";
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MovePhase } from "../../../provider/apply/migrate/index.js";
import { systemClock } from "../../../provider/base/clock.js";
import { silentLog } from "../../../provider/base/log.js";
import { closeHosts } from "../../../provider/inventory/hosts.js";
import { finishCutOff, markDead, readCluster, refuseLiving } from "../../../provider/kinds/placement/index.js";
import { eventually, useLab } from "../support/lab.js";
import { addressOf, clusterOf, CounterClient, inAnotherProcess, MovingGuest, type MoveResult, type MoveTask } from "../support/moving.js";

/** One guest through everything that can happen to a move: after each it lives on one host, in the same life, and nothing is left. */
describe("a move that is cut off", () => {
  const lab = useLab({ own: true, hosts: 2 });
  let guest: MovingGuest;
  let client: CounterClient;

  before(async () => {
    guest = new MovingGuest(lab, "guest");
    await guest.start("ash");
    client = await CounterClient.connect(guest);
  });

  after(async () => {
    client.close();
    await closeHosts();
  });

  /** In a process of its own, which knows nothing but the hosts' addresses. */
  function run(task: MoveTask["task"], from: string, to: string, more: Partial<MoveTask> = {}, signals?: Parameters<typeof inAnotherProcess>[1]): Promise<MoveResult> {
    return inAnotherProcess({ task, uuid: guest.uuid, name: guest.name, from: addressOf(lab, from), to: addressOf(lab, to), ...more }, signals);
  }

  /** The only host that has the guest, which runs there, as defined, without a journal. */
  async function where(): Promise<string> {
    const places = await guest.places();
    assert.equal(places.length, 1, places.join("; "));
    const [host = "", state] = (places[0] ?? "").split(": ");
    assert.equal(state, "running", places[0]);
    return host;
  }

  /** Moves it there undisturbed, if it is not there. */
  async function bring(to: string): Promise<void> {
    const from = await where();
    if (from === to) return;
    const result = await run("move", from, to);
    assert.ok("outcome" in result, JSON.stringify(result));
  }

  /** Waits until its memory flows. */
  async function isOnItsWay(from: string): Promise<void> {
    await eventually("a move under way", async () => ((await lab.host(from).exec(["virsh", "domjobinfo", guest.name])).stdout.match(/Data processed: +[1-9]/) === null ? undefined : true), 30_000);
  }

  const POINTS: readonly (readonly [MovePhase, number, RegExp])[] = [
    ["journal", 0, /^stayed|nothing to do$/], ["begin", 0, /^stayed$/], ["begin", 3, /^stayed$/], ["prepare", 0, /^stayed$/], ["prepare", 15, /^stayed$/], ["perform", 0, /^stayed$/],
    ["perform", 300, /^stayed|moved$/], ["finish", 0, /^stayed|moved$/], ["finish", 3, /^stayed|moved$/], ["confirm", 0, /^moved$/], ["confirm", 3, /^moved$/], ["clear", 0, /^moved$/],
  ];
  for (const [from, to] of [["ash", "birch"], ["birch", "ash"]] as const) {
    // On the way back only in the middle of each phase.
    for (const [phase, afterMs, outcome] of POINTS.filter(([, afterMs]) => from === "ash" || afterMs > 0)) {
      it(`by the end of its process ${afterMs === 0 ? "before" : `${afterMs} ms into`} ${phase}, from ${from} to ${to}, is ended by another one`, async () => {
        await bring(from);
        assert.deepEqual(await run("move", from, to, { killAt: { phase, afterMs } }), { killed: true });
        const result = await run("recover", from, to);
        assert.ok("outcome" in result, JSON.stringify(result));
        assert.match(String(result.outcome), outcome);
        assert.equal(await where(), result.outcome === "moved" ? to : from);
        await client.advances();
      });
    }
  }

  for (const tunnelled of [false, true]) {
    it(`by the end of the process that asked for it, where the daemons make it ${tunnelled ? "through a tunnel" : "by themselves"}, is ended by another one`, async () => {
      await bring("ash");
      assert.deepEqual(await run("move", "ash", "birch", { killAt: { phase: "perform", afterMs: 300 }, options: { peer: { uri: "qemu+tcp://birch/system", tunnelled } } }), { killed: true });
      const result = await run("recover", "ash", "birch");
      assert.ok("outcome" in result, JSON.stringify(result));
      assert.equal(await where(), result.outcome === "moved" ? "birch" : "ash");
      await client.advances();
    });
  }

  it("by a full disk at the target, leaves it where it is and says why", async () => {
    await bring("ash");
    const definitions = "/etc/libvirt/qemu";
    await lab.host("birch").check(["mkdir", "-p", definitions]);
    await lab.host("birch").check(["mount", "-t", "tmpfs", "-o", "size=4k", "full", definitions]);
    try {
      await lab.host("birch").exec(["sh", "-c", `cat /dev/zero > ${definitions}/filler`]);
      const result = await run("move", "ash", "birch");
      assert.ok("error" in result && /No space left on device[^]*the guest is on ash as before, and nothing is left on birch/.test(result.error), JSON.stringify(result));
    } finally {
      await lab.host("birch").check(["umount", definitions]);
    }
    assert.equal(await where(), "ash");
    await client.advances();
  });

  describe("while its memory flows", () => {
    before(async () => {
      await bring("ash");
      await lab.break("ash", { rate: "100mbit" });
      await guest.dirty(4);
    });

    after(async () => {
      await lab.heal("ash");
      await lab.heal("birch");
      await guest.dirty(0);
    });

    for (const [what, host] of [["target", "birch"], ["source", "ash"]] as const) {
      it(`by the end of the ${what}'s libvirtd, is ended once that is back`, async () => {
        const moving = run("move", "ash", "birch");
        await isOnItsWay("ash");
        const pid = (await lab.host(host).check(["pgrep", "-x", "libvirtd"])).trim();
        await lab.host(host).check(["kill", "-KILL", pid]);
        await systemClock.sleep(2_000);
        await lab.heal(host);
        await moving;
        const result = await run("recover", "ash", "birch");
        assert.ok("outcome" in result, JSON.stringify(result));
        await client.advances();
        await where();
        await lab.break("ash", { rate: "100mbit" });
        await bring("ash");
      });
    }

    it("by Ctrl-C, leaves it where it is", async () => {
      const signals: Parameters<typeof inAnotherProcess>[1] = new EventEmitter();
      const moving = run("move", "ash", "birch", {}, signals);
      await isOnItsWay("ash");
      signals.emit("signal", "SIGINT");
      const result = await moving;
      assert.ok("error" in result && /it was interrupted; the guest is on ash as before, and nothing is left on birch/.test(result.error), JSON.stringify(result));
      assert.equal(await where(), "ash");
      await client.advances();
    });

    it("by the network, leaves it where it is", async () => {
      const moving = run("move", "ash", "birch");
      await isOnItsWay("ash");
      await lab.break("birch", "network");
      await client.advances();
      const cut = await moving;
      assert.ok("error" in cut && /birch/.test(cut.error), JSON.stringify(cut));
      await client.advances();
      await lab.heal("birch");
      const result = await run("recover", "ash", "birch");
      assert.ok("outcome" in result, JSON.stringify(result));
      assert.equal(await where(), "ash");
      await client.advances();
    });
  });

  describe("by the death of a host that an operator confirms", () => {
    const ctx = { log: silentLog, signal: new AbortController().signal };

    /** What `drover confirm-dead` and the `up` after it do. */
    async function confirmDead(name: string, cluster: string): Promise<void> {
      const read = (): ReturnType<typeof readCluster> => readCluster(ctx, clusterOf(lab, guest, { cluster, onUnreachable: "plan-without" }), undefined, { connectTimeoutMs: 2_000 });
      const found = await read();
      // The network of a machine that died refuses connections for a moment longer.
      await eventually("silence", () => refuseLiving(found, name, 2_000).then(() => true, () => undefined), 60_000);
      await markDead(found, name, "drover confirm-dead");
      const told = await read();
      assert.equal(told.cutOff.length, 1, "its journal is there");
      await finishCutOff(ctx, told);
      assert.deepEqual((await read()).cutOff, []);
    }

    it("the source's once the target runs it, goes on at the target", async () => {
      await bring("ash");
      assert.deepEqual(await run("move", "ash", "birch", { killAt: { phase: "confirm", afterMs: 0 } }), { killed: true });
      await lab.break("ash");
      assert.deepEqual(await guest.places(), ["birch: running, journal"]);
      await confirmDead("ash", "one");
      assert.deepEqual(await guest.places(), ["birch: running"]);
      await client.advances();
      await lab.heal("ash");
      // As the VM's own update does.
      await lab.host("ash").virsh(["undefine", guest.name]);
    });

    it("the target's while memory flows to it, goes on at the source", async () => {
      await lab.break("birch", { rate: "100mbit" });
      await guest.dirty(4);
      const signals: Parameters<typeof inAnotherProcess>[1] = new EventEmitter();
      const moving = run("move", "birch", "ash", {}, signals);
      await isOnItsWay("birch");
      await lab.break("ash");
      signals.emit("signal", "SIGKILL");
      await moving;
      assert.deepEqual(await guest.places(), ["birch: running, journal"]);
      await confirmDead("ash", "other");
      assert.deepEqual(await guest.places(), ["birch: running"]);
      await client.advances();
      await lab.heal("birch");
      await lab.heal("ash");
    });
  });
});
