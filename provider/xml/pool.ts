import { bytes, type Bytes } from "../base/bytes.js";
import { element, type XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { parseXml } from "./parse.js";
import { readSize } from "./size.js";

/** What we manage of a storage pool. */
export interface PoolSpec {
  readonly name: string;
  readonly uuid: string;
  readonly type: "dir";
  /** Folder on the host, absolute. */
  readonly path: string;
}

/** A storage pool's document: new from a spec, or read from libvirt and patched where we manage something; all else is kept. */
export class PoolDocument {
  private constructor(readonly root: XmlElement) {}

  static create(spec: PoolSpec): PoolDocument {
    return new PoolDocument(element("pool")).apply(spec);
  }

  /** @throws DroverError when the text is not well-formed XML or no pool. */
  static parse(text: string): PoolDocument {
    return new PoolDocument(parseXml(text, "pool"));
  }

  format(): string {
    return formatXml(this.root);
  }

  get name(): string { return this.root.child("name")?.text ?? ""; }
  get uuid(): string { return this.root.child("uuid")?.text.trim() ?? ""; }
  /** `dir`, `fs`, `netfs`, `logical`, … */
  get type(): string { return this.root.attr("type") ?? ""; }
  get path(): string { return this.root.find("target", "path")?.text ?? ""; }
  /** Size of what the pool is on; 0 while it does not run. */
  get capacity(): Bytes { return sizeOf(this.root, "capacity"); }
  get allocation(): Bytes { return sizeOf(this.root, "allocation"); }
  get available(): Bytes { return sizeOf(this.root, "available"); }

  /** Patches what is given and leaves the rest. */
  apply(changes: Partial<PoolSpec>): this {
    const { root } = this;
    if (changes.type !== undefined) root.setAttr("type", changes.type);
    if (changes.name !== undefined) root.ensure("name").setText(changes.name);
    if (changes.uuid !== undefined && changes.uuid !== this.uuid) root.ensure("uuid").setText(changes.uuid);
    if (changes.path !== undefined) root.ensure("target").ensure("path").setText(changes.path);
    return this;
  }
}

function sizeOf(root: XmlElement, name: string): Bytes {
  const size = root.child(name);
  return size === undefined ? bytes(0) : readSize(size, "bytes");
}
