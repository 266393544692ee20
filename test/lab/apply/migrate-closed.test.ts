/** A host that is closed while guests are on their way to it: whoever is late sees the other, and goes back. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { newRecord, writeJournal } from "../../../provider/apply/migrate/journal.js";
import { silentLog } from "../../../provider/base/log.js";
import { readHostMark } from "../../../provider/inventory/cluster/index.js";
import { lookupDomain } from "../../../provider/inventory/domains.js";
import { closeHosts, hostAt, type ConnectedHost } from "../../../provider/inventory/hosts.js";
import { carryOutMoves, closeForEvacuation, finishCutOff, idOf, markEvacuated, readCluster, type ReadCluster } from "../../../provider/kinds/placement/index.js";
import type { PlacementInputs, PlannedMove } from "../../../provider/schema/index.js";
import { forgetOpenPools } from "../../../provider/inventory/pools.js";
import { kind } from "../support/kinds.js";
import { useLab } from "../support/lab.js";
import { addressOf, clusterOf, MovingGuest } from "../support/moving.js";

describe("a host that somebody closes", () => {
  const lab = useLab({ own: true, hosts: 2 });
  const ctx = { log: silentLog, signal: new AbortController().signal };
  let guest: MovingGuest;

  before(async () => {
    // On storage that is known to be shared, or libvirt itself refuses the move.
    const [ash, birch] = [addressOf(lab, "ash"), addressOf(lab, "birch")];
    for (const [at, peers] of [[ash, [birch]], [birch, [ash]]] as const) {
      await kind("HostStoragePool").create(`disks-${at.name}`, { host: at, owner: ash.owner, pool: "disks", path: lab.lab.sharedPath, shared: true, peers });
    }
    guest = new MovingGuest(lab, "guest");
    await guest.start("ash", { boots: false });
  });

  after(async () => {
    forgetOpenPools();
    await closeHosts();
  });

  const host = (name: string): ConnectedHost => hostAt(addressOf(lab, name));

  function inputs(birch: { readonly maintenance?: boolean } = {}): PlacementInputs {
    return clusterOf(lab, guest, { hosts: [{ host: addressOf(lab, "ash") }, { host: addressOf(lab, "birch"), ...birch }] });
  }

  async function read(birch: { readonly maintenance?: boolean } = {}): Promise<ReadCluster> {
    return await readCluster(ctx, inputs(birch), undefined);
  }

  /** Carries out what was planned before, by an update after one that had other inputs. */
  async function move(from: string, to: string, birch: { readonly maintenance?: boolean } = {}, olds?: PlacementInputs): Promise<void> {
    const planned: PlannedMove = { vm: "web", uuid: guest.uuid, from, to, group: 1, after: [], reason: "a test", startSeconds: 0, seconds: 1, megabytes: 128 };
    await carryOutMoves(ctx, { ...inputs(birch), plan: { moves: [planned], starts: {}, seconds: 1, violations: [], violationsAfter: [] } }, olds);
  }

  it("gets no guests any more by a plan that was made before, unless the program takes it back", async () => {
    await markEvacuated(await read(), "birch", true);
    await assert.rejects(move("ash", "birch"),
      /could not move web to birch on ash: birch takes no guests any more: [^ ]+ closed it at [^ ]+ \(drover evacuate\); the guest is on ash as before, and nothing is left on birch[^]*drover evacuate birch --undo/);
    assert.deepEqual(await guest.places(), ["ash: running"], "and no journal is left");
    await assert.rejects(move("ash", "birch", { maintenance: false }, inputs({ maintenance: false })), /birch takes no guests any more/, "one that says so each time takes nothing back");
    await move("ash", "birch", { maintenance: false }, inputs({ maintenance: true }));
    assert.deepEqual(await guest.places(), ["birch: running"]);
    await move("birch", "ash");
    await markEvacuated(await read(), "birch", false);
  });

  it("is not closed while the journal of one that comes there stands", async () => {
    const cluster = await read({ maintenance: true });
    const domain = await lookupDomain(host("ash"), { uuid: guest.uuid });
    assert.ok(domain !== undefined);
    await writeJournal(host("ash"), domain, await newRecord("other", host("ash"), host("birch"), Date.now(), false));
    await assert.rejects(closeForEvacuation(ctx, cluster, "birch", []), /could not carry out the moves that empty birch: a move of web from ash to birch was begun and is not ended[^]*let that end/);
    assert.equal((await readHostMark(host("birch"), idOf(cluster.inputs)))?.state, undefined, "it is open as before");
    await finishCutOff(ctx, await read());
    await closeForEvacuation(ctx, cluster, "birch", []);
    await assert.rejects(move("ash", "birch"), /birch takes no guests any more/);
  });
});
