import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { isoImage } from "../../../provider/seed/iso9660.js";
import { seed } from "../../../provider/seed/index.js";

const hasIsoinfo = spawnSync("isoinfo", ["-version"]).status === 0 ? false : "isoinfo (package genisoimage) is not installed";

describe("seed", () => {
  let folder = "";
  before(() => { folder = mkdtempSync(join(tmpdir(), "seed-")); });
  after(() => { rmSync(folder, { recursive: true }); });

  /** What another reader of ISO 9660 makes of it; `kind` is `-R` for Rock Ridge or `-J` for Joliet. */
  function readWith(image: Buffer, ...options: string[]): string {
    const path = join(folder, "seed.iso");
    writeFileSync(path, image);
    return execFileSync("isoinfo", ["-i", path, ...options], { encoding: "utf8" });
  }

  const spec = { instanceId: "i-1", hostName: "web-0", userData: { users: ["é"], answer: "yes", long: "x ".repeat(400) }, networkConfig: { version: 2 } };

  it("is labelled cidata and names its files exactly, by Rock Ridge and by Joliet", { skip: hasIsoinfo }, () => {
    const image = seed(spec);
    assert.match(readWith(image, "-d"), /^Volume id: cidata$/m);
    for (const kind of ["-R", "-J"]) {
      assert.deepEqual(readWith(image, kind, "-f").trim().split("\n").sort(), ["/meta-data", "/network-config", "/user-data"]);
      const userData = readWith(image, kind, "-x", "/user-data");
      assert.match(userData, /^#cloud-config\n/);
      assert.deepEqual(parse(userData), spec.userData);
      assert.deepEqual(parse(readWith(image, kind, "-x", "/meta-data")), { "instance-id": "i-1", "local-hostname": "web-0" });
    }
  });

  it("passes text as it is", { skip: hasIsoinfo }, () => {
    const userData = "#!/bin/sh\necho hi\n";
    const image = seed({ instanceId: "i", hostName: "h", userData, metaData: { "instance-id": "not mine", tag: 1 } });
    assert.equal(readWith(image, "-R", "-x", "/user-data"), userData);
    assert.deepEqual(parse(readWith(image, "-R", "-x", "/meta-data")), { "instance-id": "i", "local-hostname": "h", tag: 1 });
  });

  it("quotes text that old YAML takes for a truth value", { skip: hasIsoinfo }, () => {
    assert.match(readWith(seed(spec), "-R", "-x", "/user-data"), /answer: "yes"/);
  });

  it("gives the same bytes whatever the order of keys", () => {
    assert.deepEqual(seed({ ...spec, userData: { a: 1, b: { c: 2, d: 3 } } }), seed({ ...spec, userData: { b: { d: 3, c: 2 }, a: 1 } }));
    assert.notDeepEqual(seed(spec), seed({ ...spec, hostName: "web-1" }));
  });

  it("places contents of any length, each in sectors of its own", { skip: hasIsoinfo }, () => {
    const files = [0, 1, 2047, 2048, 2049, 10_000].map((length) => ({ name: `file-${String(length)}`, content: Buffer.alloc(length, "x") }));
    const image = isoImage("test", files);
    for (const { name, content } of files) assert.equal(readWith(image, "-R", "-x", `/${name}`), content.toString());
  });

  it("refuses names and labels that do not fit", () => {
    assert.throws(() => isoImage("a label that is too long", []), RangeError);
    assert.throws(() => isoImage("a", [{ name: "a/b", content: Buffer.alloc(0) }]), RangeError);
    assert.throws(() => isoImage("a", Array.from({ length: 50 }, (_, at) => ({ name: `a-rather-long-name-${String(at)}`, content: Buffer.alloc(0) }))), RangeError);
  });
});
