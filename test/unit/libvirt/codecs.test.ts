import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { XdrError } from "../../../provider/libvirt/errors.js";
import { codecs } from "../../../provider/libvirt/protocol/types.generated.js";
import { XdrReader, XdrWriter } from "../../../provider/libvirt/xdr.js";
import { structNames, valueOf } from "./arbitraries.js";

interface AnyCodec { encode(writer: XdrWriter, value: unknown): void; decode(reader: XdrReader): unknown }
const codecByName = new Map(Object.entries(codecs as unknown as Record<string, AnyCodec>));

function codec(type: string): AnyCodec {
  const found = codecByName.get(type);
  assert.ok(found, `no codec is generated for ${type}`);
  return found;
}

function encoded(type: string, value: unknown): Buffer {
  const writer = new XdrWriter();
  codec(type).encode(writer, value);
  return writer.take();
}

describe("generated codecs", () => {
  it("has one for each type of the table", () => {
    assert.equal(codecByName.size, structNames.length);
  });

  for (const [struct, type] of structNames) {
    it(`reads the ${type} that it wrote, and nothing shorter`, () => {
      fc.assert(fc.property(valueOf(struct), fc.nat(), (value, cut) => {
        const bytes = encoded(type, value);
        assert.equal(bytes.length % 4, 0);
        const reader = new XdrReader(bytes);
        assert.deepStrictEqual(codec(type).decode(reader), value);
        reader.end();
        if (bytes.length === 0) return;
        const shorter = new XdrReader(bytes, 0, cut % bytes.length);
        assert.throws(() => { codec(type).decode(shorter); }, XdrError);
      }), { numRuns: 30 });
    });

    it(`reads any bytes as a ${type} or refuses them`, () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          codec(type).decode(new XdrReader(Buffer.from(bytes)));
        } catch (error) {
          assert.ok(error instanceof XdrError, String(error));
        }
      }), { numRuns: 40 });
    });
  }
});

describe("XDR", () => {
  it("refuses a list that its frame cannot hold before it makes room for it", () => {
    const reader = new XdrReader(Buffer.from([0, 0, 0x40, 0]));
    assert.throws(() => reader.list(16_384, 24, () => 0), /does not fit its frame/);
  });

  it("refuses values that do not fit their type", () => {
    const writer = new XdrWriter();
    for (const write of [
      () => { writer.int(2 ** 31); }, () => { writer.int(0.5); }, () => { writer.uint(-1); }, () => { writer.hyper(2n ** 63n); },
      () => { writer.uhyper(-1n); }, () => { writer.string("äöü", 5); }, () => { writer.uuid("a233ec4b"); }, () => { writer.chars("abc", 2); },
    ]) assert.throws(write, XdrError);
  });

  it("never writes again to a buffer that it handed out", () => {
    const writer = new XdrWriter();
    writer.uint(1);
    const first = writer.take();
    writer.uint(2);
    const second = writer.take();
    assert.deepEqual([first.readUInt32BE(0), second.readUInt32BE(0)], [1, 2]);
  });
});
