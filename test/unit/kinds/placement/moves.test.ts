import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refuseContradictions } from "../../../../provider/apply/migrate/index.js";
import { sendOptions } from "../../../../provider/kinds/placement/moves.js";
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
  ] as const) {
    it(`is refused where QEMU does not grant it: ${JSON.stringify(migration)}`, () => {
      assert.throws(() => { refuseContradictions("place the VMs of cluster prod", options(migration)); }, words);
    });
  }
});
