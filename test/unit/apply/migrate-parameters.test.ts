import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parametersFor, type SendOptions } from "../../../provider/apply/migrate/parameters.js";
import { silentLog } from "../../../provider/base/log.js";
import { paramsToObject, type ParamValue } from "../../../provider/libvirt/index.js";

type End = Parameters<typeof parametersFor>[1];

function end(name: string, { libvirt = 9_000_000 } = {}): End {
  return { name, address: { name, uri: `qemu+ssh://root@${name}/system`, owner: "o" }, libvirt: { connectGetHostname: () => Promise.resolve({ hostname: `${name}.example` }), connectGetLibVersion: () => Promise.resolve({ libVer: BigInt(libvirt) }) } };
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
