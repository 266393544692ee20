import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { grantedBy } from "../../../provider/apply/migrate/granted.js";
import { parametersFor, type SendOptions } from "../../../provider/apply/migrate/parameters.js";
import { silentLog } from "../../../provider/base/log.js";
import { paramsToObject, type ParamValue } from "../../../provider/libvirt/index.js";

type End = Parameters<typeof parametersFor>[1];

function end(name: string, { libvirt = 9_000_000, qemu = 7_002_000 } = {}): End {
  return { name, address: { name, uri: `qemu+ssh://root@${name}/system`, owner: "o" }, libvirt: { connectGetHostname: () => Promise.resolve({ hostname: `${name}.example` }), connectGetLibVersion: () => Promise.resolve({ libVer: BigInt(libvirt) }), connectGetVersion: () => Promise.resolve({ hvVer: BigInt(qemu) }) } };
}

async function params(options: Partial<SendOptions>): Promise<Readonly<Record<string, ParamValue>>> {
  const { params: found } = await parametersFor("web", end("ash"), end("birch"), { policy: "minimal-downtime", unsafe: true, isPaused: false, address: "10.1.0.12", ...options }, silentLog);
  return paramsToObject(found);
}

describe("what libvirt is told of a move", () => {
  it("bounds both of its halves where it may come to post-copy", async () => {
    assert.deepEqual(await params({ bandwidthMiBps: 100 }), { destination_name: "web", bandwidth: 100, listen_address: "10.1.0.12" });
    assert.deepEqual(await params({ bandwidthMiBps: 100, policy: "post-copy" }), { destination_name: "web", bandwidth: 100, "bandwidth.postcopy": 100, listen_address: "10.1.0.12" });
    assert.deepEqual(await params({ policy: "post-copy" }), { destination_name: "web", listen_address: "10.1.0.12" });
  });

  it("names the target whose certificate QEMU is to look for, as the memory goes to an address", async () => {
    assert.deepEqual(await params({ tls: true }), { destination_name: "web", "tls.destination": "birch.example", listen_address: "10.1.0.12" });
  });
});

describe("what both ends can of what a move is to have", () => {
  const now = { libvirt: 10_000_000, qemu: 9_000_000 };
  for (const [what, wishes, birch, expected] of [
    ["all of it", { multifdConnections: 4, compression: "zstd" }, {}, { connections: 4, compression: "zstd", notes: [] }],
    ["zstd by an older libvirt", { multifdConnections: 4, compression: "zstd" }, { libvirt: 9_000_000 }, { connections: 4, notes: ["uncompressed: the libvirt of birch has no zstd (9.4 has)"] }],
    ["zlib by an older QEMU", { multifdConnections: 4, compression: "zlib" }, { qemu: 4_002_000 }, { connections: 4, notes: ["uncompressed: the QEMU of birch has no zlib (5.0 has)"] }],
    ["multifd by a QEMU without", { multifdConnections: 4, compression: "zstd" }, { qemu: 3_001_000 }, { notes: ["over one connection: the QEMU of birch has no multifd (4.0 has)"] }],
    ["multifd with TLS", { multifdConnections: 4, tls: true }, { qemu: 5_001_000 }, { notes: ["over one connection: the QEMU of birch has no multifd with TLS (5.2 has)"] }],
    ["multifd beside post-copy", { policy: "post-copy", multifdConnections: 4, compression: "xbzrle" }, {}, { compression: "xbzrle", notes: ["over one connection: QEMU has no post-copy with multifd"] }],
    ["mt", { compression: "mt" }, {}, { compression: "mt", notes: [] }],
    ["mt by a newer QEMU", { compression: "mt" }, { qemu: 9_001_000 }, { notes: ["uncompressed: the QEMU of birch has no mt any more (9.0 had)"] }],
    ["xbzrle", { compression: "xbzrle" }, { qemu: 10_000_000 }, { compression: "xbzrle", notes: [] }],
  ] as const) {
    it(`is told and no more: ${what}`, () => {
      assert.deepEqual(grantedBy([{ host: "ash", ...now }, { host: "birch", ...now, ...birch }], { policy: "minimal-downtime", ...wishes }), expected);
    });
  }

  it("is what libvirt is told", async () => {
    const { "parallel.connections": connections, compression } = await params({ multifdConnections: 4, compression: "zstd" });
    assert.deepEqual([connections, compression], [4, undefined]);
  });
});
