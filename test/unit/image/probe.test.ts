import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytes } from "../../../provider/base/bytes.js";
import { PROBE_BYTES, probeImage } from "../../../provider/image/index.js";

function qcow2(patch: (header: Buffer) => void = () => {}): Buffer {
  const header = Buffer.alloc(PROBE_BYTES);
  header.write("QFI\xFB", 0, "latin1");
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(16, 20);
  header.writeBigUInt64BE(10n * 1024n ** 3n, 24);
  header.writeUInt32BE(104, 100);
  patch(header);
  return header;
}

function starting(magic: string, offset = 0): Buffer {
  const head = Buffer.alloc(PROBE_BYTES);
  head.write(magic, offset, "latin1");
  return head;
}

const SIZE = bytes(1024 ** 2);

describe("probeImage", () => {
  it("reads a qcow2 image's size from its header", () => {
    assert.deepEqual(probeImage(qcow2(), SIZE), { kind: "image", format: "qcow2", virtualSize: 10 * 1024 ** 3 });
    assert.deepEqual(probeImage(qcow2((header) => header.writeUInt32BE(2, 4)), SIZE).kind, "image");
  });

  it("takes whole sectors for a raw image", () => {
    assert.deepEqual(probeImage(starting("\x55\xAA", 510), SIZE), { kind: "image", format: "raw", virtualSize: SIZE });
    assert.equal(probeImage(starting("CD001", 32769), SIZE).kind, "image");
    assert.equal(probeImage(Buffer.alloc(512), bytes(512)).kind, "image");
  });

  const refusals: [string, Buffer, number, RegExp][] = [
    ["a backing file", qcow2((header) => header.writeBigUInt64BE(500n, 8)), SIZE, /backing file.*qemu-img convert/],
    ["encryption", qcow2((header) => header.writeUInt32BE(2, 32)), SIZE, /encrypted/],
    ["an external data file", qcow2((header) => header.writeBigUInt64BE(4n, 72)), SIZE, /in another file/],
    ["a corrupt mark", qcow2((header) => header.writeBigUInt64BE(2n, 72)), SIZE, /corrupt/],
    ["an unknown feature", qcow2((header) => header.writeBigUInt64BE(1n << 40n, 72)), SIZE, /not known/],
    ["an unknown version", qcow2((header) => header.writeUInt32BE(4, 4)), SIZE, /version 4/],
    ["a cut header", qcow2().subarray(0, 40), 40, /cut off/],
    ["a cut file", qcow2(), 1000, /cut off/],
    ["a web page", Buffer.from("\n<!DOCTYPE HTML><html><body>404</body></html>".padEnd(1024)), 1024, /web page/],
    ["text", Buffer.from("Not Found\n".repeat(100)), 1000, /it is text/],
    ["gzip", starting("\x1F\x8B\x08"), SIZE, /gzip/],
    ["xz", starting("\xFD7zXZ\0"), SIZE, /xz/],
    ["zstd", starting("\x28\xB5\x2F\xFD"), SIZE, /zstd/],
    ["an OVA", starting("ustar", 257), SIZE, /tar archive/],
    ["VMDK", starting("KDMV"), SIZE, /VMDK.*qemu-img convert/],
    ["VDI", starting("\x7F\x10\xDA\xBE", 64), SIZE, /VDI/],
    ["VHDX", starting("vhdxfile"), SIZE, /VHDX/],
    ["half a sector", Buffer.alloc(700), 700, /512-byte sectors/],
    ["nothing", Buffer.alloc(0), 0, /empty/],
  ];
  for (const [what, head, size, reason] of refusals) {
    it(`refuses ${what}`, () => {
      const probe = probeImage(head, bytes(size));
      assert.equal(probe.kind, "refused");
      assert.match(probe.reason, reason);
    });
  }

  it("answers for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (content, isQcow2) => {
      const head = Buffer.concat([Buffer.from(isQcow2 ? "QFI\xFB" : "", "latin1"), content]);
      assert.match(probeImage(head, bytes(head.length)).kind, /^(image|refused)$/);
    }));
  });
});
