import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UNKNOWN } from "../../../../provider/engine/handler.js";
import { progressText, refuseMigrations, riskOf, sendOptions } from "../../../../provider/kinds/placement/moves.js";
import type { ClusterMigration, PlacementInputs } from "../../../../provider/schema/index.js";

function options(migration: Partial<ClusterMigration>): ReturnType<typeof sendOptions> {
  return sendOptions({ migration } as PlacementInputs);
}

describe("how a cluster's guests move", () => {
  it("is handed to each move, Mb/s as whole MiB/s", () => {
    assert.deepEqual(options({ mbps: 1000, connections: 4, compression: "zstd", tls: true }), { policy: "minimal-downtime", tls: true, bandwidthMiBps: 119, multifdConnections: 4, compression: "zstd" });
    assert.deepEqual(options({ mbps: 9 }), { policy: "minimal-downtime", tls: false, bandwidthMiBps: 1 });
  });

  for (const [migration, words] of [
    [{ compression: "zstd" }, /zstd compresses multifd's connections, and none are asked for/],
    [{ compression: "mt", connections: 2 }, /mt does not go with multifd/],
    [{ compression: "zlib", connections: 2, policy: "post-copy" }, /post-copy has none/],
    [{ via: "tunnelled", connections: 2 }, /a tunnel is one connection/],
    [{ via: "tunnelled", policy: "post-copy" }, /post-copy does not go through a tunnel/],
    [{ via: "tunnelled", tls: true }, /TLS does not go through a tunnel/],
    [{ via: "peer-to-peer" }, /how the other hosts' libvirtd reach ash is not known[\s\S]*peerUri: "qemu\+tls:\/\/ash\/system"/],
  ] as const) {
    it(`is refused where libvirt or QEMU do not grant it: ${JSON.stringify(migration)}`, () => {
      const inputs = { cluster: "prod", migration, hosts: [{ host: { name: "ash", uri: "qemu:///system", owner: "o" } }] } as unknown as PlacementInputs;
      assert.throws(() => { refuseMigrations(inputs); }, words);
    });
  }

  it("is told while it lasts: share, speed, what the guest writes, and its standstill where libvirt tells one", () => {
    const progress = { percent: 42.9, mibPerSecond: 100, dirtyRateMiBps: 20, remainingMiB: 50 };
    assert.equal(progressText(progress), "42 %, 105 MB/s, the guest changes 21 MB/s");
    assert.equal(progressText({ ...progress, expectedDowntimeMs: 300 }), "42 %, 105 MB/s, the guest changes 21 MB/s, and would stand still for 300 ms now");
  });

  it("is a risk that is told where libvirt's daemons do it", () => {
    assert.equal(riskOf({ migration: {} } as PlacementInputs), undefined);
    assert.match(String(riskOf({ migration: { via: "tunnelled" } } as PlacementInputs)), /by tunnelled: .* at both, unless a lock manager/);
  });

  it("is not looked at for hosts that are not known yet", () => {
    refuseMigrations({ cluster: "prod", migration: { via: "peer-to-peer" }, hosts: [UNKNOWN, { host: UNKNOWN }] } as unknown as PlacementInputs);
  });
});
