import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { XdrError } from "../../../provider/libvirt/errors.js";
import { FRAME_HEAD_BYTES, FRAME_MAX_BYTES, FrameReader, writeFrameHead, type Frame } from "../../../provider/libvirt/frame.js";

function frame(serial: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(bytes, 0, { program: 7, procedure: 8, type: 1, serial, status: 0 }, payload.length);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

function payload({ buffer, payloadStart, payloadEnd }: Frame): string {
  return buffer.subarray(payloadStart, payloadEnd).toString("hex");
}

describe("FrameReader", () => {
  it("finds the same frames however the bytes are cut", () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (payloads, cuts) => {
      const bytes = Buffer.concat(payloads.map((content, index) => frame(index, content)));
      const reader = new FrameReader();
      const found: string[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const next = at + (cuts[turn % cuts.length] ?? 1);
        reader.push(bytes.subarray(at, next), (whole) => { assert.equal(whole.serial, found.length); found.push(payload(whole)); });
        at = next;
      }
      assert.deepEqual(found, payloads.map((content) => Buffer.from(content).toString("hex")));
    }));
  });

  it("takes any bytes or throws an XdrError", () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (chunks) => {
      const reader = new FrameReader();
      try {
        for (const chunk of chunks) reader.push(Buffer.from(chunk), () => {});
      } catch (error) {
        assert.ok(error instanceof XdrError, String(error));
      }
    }));
  });

  for (const [what, length] of [["shorter than its head", FRAME_HEAD_BYTES - 1], ["longer than the protocol allows", FRAME_MAX_BYTES + 1]] as const) {
    it(`refuses a frame that is ${what}, whole or byte by byte`, () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      assert.throws(() => { new FrameReader().push(bytes, () => {}); }, XdrError);
      const reader = new FrameReader();
      assert.throws(() => { for (const byte of bytes) reader.push(Buffer.from([byte]), () => {}); }, XdrError);
    });
  }

  it("refuses another protocol version", () => {
    const bytes = frame(1, Buffer.alloc(0));
    bytes.writeUInt32BE(2, 8);
    assert.throws(() => { new FrameReader().push(bytes, () => {}); }, /version 2/);
  });
});
