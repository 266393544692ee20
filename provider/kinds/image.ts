import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { DroverResource } from "../engine/resource.js";
import type { DeepInput, ImageArgs, ImageRef, PoolRef } from "../schema/index.js";

/**
 * A disk image in a pool, from a local file or an http(s) URL. Disks are made from it as copy-on-write layers; changing
 * it never touches disks that were made before.
 *
 * @example
 * const debian = new Image("debian-12", { pool: disks, source: "https://…/debian-12-genericcloud-amd64.qcow2", sha256: "…" });
 */
export class Image extends DroverResource {
  declare readonly name: Output<string>;
  declare readonly volume: Output<string>;
  /** `qcow2` or `raw`, recognized by content. */
  declare readonly format: Output<string>;
  /** Size of the disk that it describes, as text. */
  declare readonly virtualSize: Output<string>;
  declare readonly pool: Output<PoolRef>;
  /** What other resources need to know of it. */
  readonly ref: DeepInput<ImageRef>;

  constructor(name: string, args: ImageArgs, options?: CustomResourceOptions) {
    super("Image", name, args, options);
    this.ref = { volume: this.volume, format: this.format as Output<ImageRef["format"]>, virtualSize: this.virtualSize, pool: this.pool };
  }
}

export { handler } from "./image-handler.js";
