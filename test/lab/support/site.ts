import { after, before } from "node:test";
import { closeHosts } from "../../../provider/inventory/hosts.js";
import { forgetOpenPools } from "../../../provider/inventory/pools.js";
import type { HostRef, ImageRef, PoolRef } from "../../../provider/schema/index.js";
import { kind, type Resource } from "./kinds.js";
import { TEST_FILE, TestLab, type UseLabOptions } from "./lab.js";

export interface UseSiteOptions extends UseLabOptions {
  /** Names of the hosts that the pool is on. Default: `ash` alone. */
  readonly on?: readonly string[];
}

/**
 * The lab (see `useLab`), and what a VM rests on, made by the kinds themselves: hosts of a stack of the file's own, a
 * shared pool in the file's own folder, the tiny image in it. It is there inside of tests; what a test makes on it, the
 * test deletes.
 */
export function useSite(options: UseSiteOptions = {}): Site {
  const site = new Site();
  before(() => site.start(options));
  after(() => site.stop());
  return site;
}

export class Site {
  readonly lab = new TestLab();
  #hosts: readonly HostRef[] = [];
  #pools: readonly Resource[] = [];
  #pool: PoolRef | undefined;
  #imageResource: Resource | undefined;

  async start({ on = ["ash"], ...options }: UseSiteOptions): Promise<void> {
    await this.lab.start(options);
    Object.assign(process.env, this.lab.lab.env);
    this.#hosts = await Promise.all(on.map((name) => this.newHost(name)));
    const [first] = this.#hosts;
    if (first === undefined) throw new Error("a site needs a host");
    const { inHosts: path } = await this.lab.sharedFolder();
    const parts: Resource[] = [];
    for (const host of this.#hosts) {
      parts.push(await kind("HostStoragePool").create(`pool-${host.name}`, { host, owner: first.owner, pool: TEST_FILE, path, shared: true, peers: this.#hosts.filter((peer) => peer !== host) }));
    }
    this.#pools = parts;
    this.#pool = { name: TEST_FILE, uuid: String(parts[0]?.outputs["uuid"]), owner: first.owner, path, shared: true, hosts: this.#hosts };
    this.#imageResource = await kind("Image").create("tiny", { pool: this.#pool, source: this.lab.lab.images.tiny });
  }

  /** A host of the lab in a stack of its own: with an owner id that no other has. */
  async newHost(name: string): Promise<HostRef> {
    const host = await kind("Host").create(name, { uri: this.lab.host(name).host.uri });
    return { name, uri: String(host.outputs["uri"]), owner: String(host.outputs["owner"]) };
  }

  async stop(): Promise<void> {
    try {
      if (this.#imageResource !== undefined) await kind("Image").delete(this.#imageResource);
      for (const pool of this.#pools) await kind("HostStoragePool").delete(pool);
    } finally {
      forgetOpenPools();
      await closeHosts();
      await this.lab.stop();
    }
  }

  host(name = this.#hosts[0]?.name): HostRef {
    const host = this.#hosts.find((each) => each.name === name);
    if (host === undefined) throw new Error(`${name ?? "the host"} is not of this site, or it is asked for outside of tests`);
    return host;
  }

  get pool(): PoolRef {
    if (this.#pool === undefined) throw new Error("the site is there only inside of tests");
    return this.#pool;
  }

  /** The tiny guest's image. */
  get image(): ImageRef {
    const outputs = this.#imageResource?.outputs;
    if (outputs === undefined) throw new Error("the site is there only inside of tests");
    return { volume: String(outputs["volume"]), format: outputs["format"] === "raw" ? "raw" : "qcow2", virtualSize: String(outputs["virtualSize"]), pool: this.pool };
  }
}
