import assert from "node:assert/strict";
import type { Duplex } from "node:stream";

const REMOTE_PROGRAM = 0x2000_8086;
const HEADER_BYTES = 28;

/** Sends libvirt's AUTH_LIST (procedure 66) over a fresh stream and checks that a libvirt daemon answered it. */
export async function assertLibvirtAnswers(stream: Duplex): Promise<void> {
  const call = Buffer.alloc(HEADER_BYTES);
  [HEADER_BYTES, REMOTE_PROGRAM, 1, 66, 0, 1, 0].forEach((word, index) => call.writeUInt32BE(word, index * 4));
  stream.write(call);
  let reply = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    assert.ok(Buffer.isBuffer(chunk));
    reply = Buffer.concat([reply, chunk]);
    if (reply.length >= 4 && reply.length >= reply.readUInt32BE(0)) break;
  }
  assert.equal(reply.readUInt32BE(4), REMOTE_PROGRAM);
  assert.equal(reply.readUInt32BE(12), 66);
  assert.equal(reply.readUInt32BE(16), 1, "it is a reply");
  assert.equal(reply.readUInt32BE(24), 0, "it is no error");
}
