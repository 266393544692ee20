import * as pulumi from "@pulumi/pulumi";
import { DroverResource } from "../engine/resource.js";
import type { DeepInput, HostRef, HostStoragePoolArgs, PoolRef, StoragePoolArgs } from "../schema/index.js";
import type { Host } from "./host.js";

/** A reference to a shared pool names this many of its hosts; the pool's marker names all. */
const HOSTS_IN_REF = 4;

/** {@link StoragePoolArgs} with the hosts as resources. */
export interface StoragePoolProps extends Omit<StoragePoolArgs, "hosts"> {
  readonly hosts: readonly Host[];
}

/**
 * A storage pool on many hosts: one {@link HostStoragePool} for each, so that a host's part is made, read, repaired and
 * removed on its own.
 *
 * @example const disks = new StoragePool("disks", { hosts, path: "/srv/disks", shared: true });
 */
export class StoragePool extends pulumi.ComponentResource {
  /** What other resources need to know of it. */
  readonly ref: DeepInput<PoolRef>;

  constructor(name: string, props: StoragePoolProps, options?: pulumi.ComponentResourceOptions) {
    super("drover:index:StoragePool", name, {}, options);
    const { hosts, ...rest } = props;
    const first = hosts[0];
    if (first === undefined) throw new RangeError(`storage pool ${name} needs at least one host`);
    const shared = rest.shared ?? false;
    const parts: HostStoragePool[] = [];
    for (const host of hosts) {
      const isLast = parts.length === hosts.length - 1;
      parts.push(new HostStoragePool(`${name}-${host.logicalName}`, {
        ...rest, host, owner: first.id, pool: name,
        peers: hosts.filter((peer) => peer !== host).slice(0, HOSTS_IN_REF).map((peer) => peer.ref),
      }, { parent: this, ...(isLast ? { dependsOn: [...parts] } : {}) }));
    }
    hosts.forEach((host, index) => { host.placing.pools.push(parts[index]?.name ?? name); });
    const [part] = parts;
    const last = parts.at(-1);
    if (part === undefined || last === undefined) throw new RangeError(`storage pool ${name} needs at least one host`);
    // One UUID of two equal ones, known when every host's part is there, for the last waits for all others: what rests on the pool would
    // else depend on each of them, and a state would grow with the product of hosts and VMs. A part that is new in a preview must not
    // make an unknown of a pool that is there, or all that rests on it would show an update: of an output that is known in part, an item is known.
    const uuid = pulumi.all([part.id, last.id])[0] ?? part.id;
    this.ref = {
      name: part.name, uuid, owner: first.id, path: rest.path, shared,
      hosts: pulumi.output(shared).apply((isShared) => (isShared ? hosts.slice(0, HOSTS_IN_REF) : hosts).map((host) => host.ref)) as DeepInput<PoolRef["hosts"]>,
    };
    this.registerOutputs();
  }
}

/** One host's part of a {@link StoragePool}. */
export class HostStoragePool extends DroverResource {
  declare readonly uuid: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly capacity: pulumi.Output<string>;
  declare readonly active: pulumi.Output<boolean>;

  constructor(name: string, args: HostStoragePoolArgs & { readonly peers: readonly DeepInput<HostRef>[] }, options?: pulumi.CustomResourceOptions) {
    super("HostStoragePool", name, args, options);
  }
}
