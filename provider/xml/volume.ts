import { bytes, type Bytes } from "../base/bytes.js";
import { element, type XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { parseXml } from "./parse.js";
import { readSize, writeSize } from "./size.js";

/** A volume to make. It is sparse. */
export interface VolumeSpec {
  readonly name: string;
  /** Size that a guest sees. */
  readonly capacity: Bytes;
  readonly format: "qcow2" | "raw";
  /** Image that it is a copy-on-write layer of (`qcow2` only). Its format is always said: probing it would trust the guest. */
  readonly backing?: { readonly path: string; readonly format: "qcow2" | "raw" } | undefined;
}

/** A volume's document: new from a spec, or read from libvirt and patched where we manage something; all else is kept. */
export class VolumeDocument {
  private constructor(readonly root: XmlElement) {}

  static create(spec: VolumeSpec): VolumeDocument {
    const isQcow2 = spec.format === "qcow2";
    return new VolumeDocument(element("volume", {}, [
      element("name", {}, spec.name),
      element("capacity", { unit: "bytes" }, String(spec.capacity)),
      element("allocation", { unit: "bytes" }, "0"),
      element("target", {}, [
        element("format", { type: spec.format }),
        // libvirt's own default is the form of 2010.
        isQcow2 ? element("compat", {}, "1.1") : undefined,
      ]),
      spec.backing === undefined ? undefined : element("backingStore", {}, [
        element("path", {}, spec.backing.path),
        element("format", { type: spec.backing.format }),
      ]),
    ]));
  }

  /** @throws DroverError when the text is not well-formed XML or no volume. */
  static parse(text: string): VolumeDocument {
    return new VolumeDocument(parseXml(text, "volume"));
  }

  format(): string {
    return formatXml(this.root);
  }

  get name(): string { return this.root.child("name")?.text ?? ""; }
  get path(): string { return this.root.find("target", "path")?.text ?? ""; }
  /** Size that a guest sees. */
  get capacity(): Bytes { return sizeOf(this.root, "capacity"); }
  /** What it takes on the host now. */
  get allocation(): Bytes { return sizeOf(this.root, "allocation"); }
  /** `qcow2`, `raw`, `iso`, … as libvirt recognizes it. */
  get imageFormat(): string { return this.root.find("target", "format")?.attr("type") ?? "raw"; }
  /** Image that it is a layer of. */
  get backing(): { readonly path: string; readonly format: string } | undefined {
    const backing = this.root.child("backingStore");
    const path = backing?.child("path")?.text;
    return path === undefined ? undefined : { path, format: backing?.child("format")?.attr("type") ?? "raw" };
  }

  /** Another size. An existing volume is resized by `virStorageVolResize`, not by its document. */
  setCapacity(capacity: Bytes): this {
    writeSize(this.root.ensure("capacity"), capacity, "bytes");
    return this;
  }
}

function sizeOf(root: XmlElement, name: string): Bytes {
  const size = root.child(name);
  return size === undefined ? bytes(0) : readSize(size, "bytes");
}
