import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { closeHosts } from "../../../provider/inventory/hosts.js";
import { forgetOpenPools } from "../../../provider/inventory/pools.js";
import type { HostRef, PoolRef } from "../../../provider/schema/index.js";
import { kind, type Resource } from "../support/kinds.js";
import { TestLab, type UseLabOptions } from "../support/lab.js";

/** Host files of a test: nothing but the lab and hosts of a stack of the file's own. */
export class StorageSite {
  readonly lab = new TestLab();

  async start(options: UseLabOptions): Promise<void> {
    await this.lab.start(options);
    Object.assign(process.env, this.lab.lab.env);
  }

  async stop(): Promise<void> {
    await forget();
    await this.lab.stop();
  }

  /** A host in a stack of its own. */
  async host(name: string): Promise<HostRef> {
    const host = await kind("Host").create(name, { uri: this.lab.host(name).host.uri });
    return { name, uri: String(host.outputs["uri"]), owner: String(host.outputs["owner"]) };
  }

  hosts(...names: readonly string[]): Promise<HostRef[]> {
    return Promise.all(names.map((name) => this.host(name)));
  }

  /** Inputs of each host's part of a pool, as the component makes them. */
  parts(pool: string, hosts: readonly HostRef[], inputs: object): object[] {
    return hosts.map((host) => ({ host, owner: hosts[0]?.owner, pool, peers: hosts.filter((peer) => peer !== host), ...inputs }));
  }

  /** A pool on these hosts, which the test deletes. */
  async pool(pool: string, hosts: readonly HostRef[], inputs: { readonly path: string; readonly shared: boolean }): Promise<{ ref: PoolRef; parts: Resource[] }> {
    const parts: Resource[] = [];
    for (const [index, part] of this.parts(pool, hosts, inputs).entries()) parts.push(await kind("HostStoragePool").create(`${pool}-${hosts[index]?.name ?? ""}`, part));
    return { ref: { name: pool, uuid: String(parts[0]?.outputs["uuid"]), owner: hosts[0]?.owner ?? "", path: inputs.path, shared: inputs.shared, hosts }, parts };
  }
}

/** The lab, with what a test of storage asks for again and again. */
export function useStorage(options: UseLabOptions = {}): StorageSite {
  const site = new StorageSite();
  before(() => site.start(options));
  after(() => site.stop());
  return site;
}

/** What a new run of Pulumi begins with: no connection, nothing verified. */
export async function forget(): Promise<void> {
  forgetOpenPools();
  await closeHosts();
}

export async function deleteAll(kindName: string, resources: readonly (Resource | undefined)[]): Promise<void> {
  for (const resource of resources) if (resource !== undefined) await kind(kindName).delete(resource);
}

export async function sha256Of(path: string): Promise<string> {
  return createHash("sha256").update(await readFile(path)).digest("hex");
}
