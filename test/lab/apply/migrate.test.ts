import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { moveDomain, recoverMove, type MoveOptions, type MoveOutcome, type MoveProgress } from "../../../provider/apply/migrate/index.js";
import { newRecord, writeJournal } from "../../../provider/apply/migrate/journal.js";
import { silentLog } from "../../../provider/base/log.js";
import { lookupDomain } from "../../../provider/inventory/domains.js";
import { closeHosts, hostAt, type ConnectedHost } from "../../../provider/inventory/hosts.js";
import { useLab } from "../support/lab.js";
import { addressOf, CounterClient, MovingGuest } from "../support/moving.js";

describe("live migration", () => {
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

  const host = (name: string): ConnectedHost => hostAt(addressOf(lab, name));

  async function move(from: string, to: string, more: Partial<MoveOptions> = {}): Promise<MoveOutcome> {
    return await moveDomain({ uuid: guest.uuid, name: guest.name, from: host(from), to: host(to) },
      { run: "test", policy: "minimal-downtime", unsafe: true, signal: new AbortController().signal, log: silentLog, ...more });
  }

  describe("a running guest that is moved", () => {
    it("keeps its life and its connections, and its definition goes along with what waits for its restart", async () => {
      await lab.host("ash").virsh(["desc", guest.name, "--config", "--title", "later"]);
      const phases: string[] = [];
      const progress: MoveProgress[] = [];
      const outcome = await move("ash", "birch", { onPhase: (phase) => phases.push(phase), onProgress: (seen) => progress.push(seen) });
      await client.advances();
      assert.deepEqual(phases, ["journal", "begin", "prepare", "perform", "finish", "confirm", "clear"]);
      assert.deepEqual(await guest.places(), ["birch: running"], "nothing is left at the source, and the journal is cleared");
      assert.match(await lab.host("birch").virsh(["dumpxml", "--inactive", guest.name]), /<title>later<\/title>/);
      assert.doesNotMatch(await lab.host("birch").virsh(["dumpxml", guest.name]), /<title>/);
      assert.match(await lab.host("birch").virsh(["dumpxml", guest.name]), /<drover:vm /);
      assert.ok(outcome.transferredMiB > 10 && outcome.seconds > 0 && (outcome.downtimeMs ?? 0) > 0, JSON.stringify(outcome));
      assert.ok(progress.length > 0 && progress.every(({ percent }) => percent >= 0 && percent <= 100));
    });

    it("goes by TLS, by several connections with compression, and to the address that is given", async () => {
      const { address } = lab.host("ash").host;
      await move("birch", "ash", { tls: true, address });
      await client.advances();
      await move("ash", "birch", { multifdConnections: 2, compression: "zstd", bandwidthMiBps: 1000 });
      await client.advances();
      await move("birch", "ash", { compression: "xbzrle" });
      await client.advances();
      assert.deepEqual(await guest.places(), ["ash: running"]);
    });

    it("goes from daemon to daemon where that is asked for, and through their tunnel", async () => {
      const peer = (name: string, tunnelled: boolean): Partial<MoveOptions> => ({ peer: { uri: `qemu+tcp://${name}/system`, tunnelled } });
      const phases: string[] = [];
      await move("ash", "birch", { ...peer("birch", false), onPhase: (phase) => phases.push(phase) });
      await client.advances();
      assert.deepEqual([phases, await guest.places()], [["journal", "perform", "clear"], ["birch: running"]]);
      await move("birch", "ash", peer("ash", true));
      await client.advances();
      assert.deepEqual(await guest.places(), ["ash: running"]);
      await assert.rejects(move("ash", "birch", peer("birk", false)), /move .* to birch[\s\S]*birk[\s\S]*the guest is on ash as before/);
      assert.deepEqual(await guest.places(), ["ash: running"]);
    });

    it("stands still afterwards where somebody had paused it", async () => {
      await lab.host("ash").virsh(["suspend", guest.name]);
      await move("ash", "birch");
      assert.deepEqual(await guest.places(), ["birch: paused (user)"]);
      await lab.host("birch").virsh(["resume", guest.name]);
      await client.advances();
      await move("birch", "ash");
    });

    it("is given up before anything is begun where another run has taken its journal away, or begun a move too", async () => {
      const domain = await lookupDomain(host("ash"), { uuid: guest.uuid });
      assert.ok(domain !== undefined);
      // The journal stands then, and libvirt does not hold the guest yet.
      await assert.rejects(move("ash", "birch", { refuseTarget: () => writeJournal(host("ash"), domain, undefined) }), /its journal is gone: another run works on it.*it is running on ash and not there on birch/s);
      assert.deepEqual(await guest.places(), ["ash: running"]);
      const other = await newRecord("other", host("ash"), host("birch"), Date.now(), false);
      await assert.rejects(move("ash", "birch", { refuseTarget: () => writeJournal(host("ash"), domain, other) }), /its journal is gone/);
      assert.deepEqual(await guest.places(), ["ash: running, journal"], "the other run's");
      assert.equal(await recoverMove(guest.uuid, guest.name, host("ash"), host("birch"), { log: silentLog, only: "another" }), "nothing to do");
      assert.equal(await recoverMove(guest.uuid, guest.name, host("ash"), host("birch"), { log: silentLog }), "stayed");
      await client.advances();
    });

    it("is refused before anything is begun where it could come to harm", async () => {
      await assert.rejects(move("birch", "ash"), /move .* on birch: it is not there/);
      await assert.rejects(move("ash", "birch", { multifdConnections: 2, compression: "xbzrle" }), /xbzrle does not go with multifd/);
      await assert.rejects(move("ash", "birch", { unsafe: false }), /Unsafe migration.*the guest is on ash as before, and nothing is left on birch/s);
      const cached = new MovingGuest(lab, "cached");
      await cached.start("ash", { cache: "writeback", boots: false });
      await assert.rejects(moveDomain({ uuid: cached.uuid, name: cached.name, from: host("ash"), to: host("birch") },
        { run: "test", policy: "minimal-downtime", unsafe: true, signal: new AbortController().signal, log: silentLog }), /disk vda has cache writeback.*set the disk's cache to "none"/s);
      assert.deepEqual(await cached.places(), ["ash: running"]);
      await cached.remove();
      assert.deepEqual(await guest.places(), ["ash: running"]);
    });
  });

  describe("a guest that writes its memory as fast as the link can send it", () => {
    before(async () => {
      await lab.break("ash", { rate: "200mbit" });
      await guest.dirty(20);
    });

    after(async () => {
      await guest.dirty(0);
      await lab.heal("ash");
    });

    it("stays where it is by minimal-downtime", async () => {
      await assert.rejects(move("ash", "birch"), /the guest writes its memory \(.* MiB\/s\) as fast as it can be sent.*the guest is on ash as before, and nothing is left on birch/s);
      assert.deepEqual(await guest.places(), ["ash: running"]);
      await client.advances();
    });

    it("moves by post-copy without a long standstill", async () => {
      const outcome = await move("ash", "birch", { policy: "post-copy", bandwidthMiBps: 100 });
      assert.ok((outcome.rounds ?? 0) > 3 && outcome.transferredMiB > 100, JSON.stringify(outcome));
      assert.deepEqual(await guest.places(), ["birch: running"]);
      await client.advances();
    });

    for (const [policy, from, to] of [["suspend-if-needed", "birch", "ash"], ["very-large", "ash", "birch"]] as const) {
      it(`moves by ${policy} with a standstill of less than 5 s`, async () => {
        const outcome = await move(from, to, { policy });
        assert.ok((outcome.downtimeMs ?? 0) > 500 && (outcome.downtimeMs ?? 0) < 5000, JSON.stringify(outcome));
        assert.deepEqual(await guest.places(), [`${to}: running`]);
        await client.advances();
      });
    }
  });
});
