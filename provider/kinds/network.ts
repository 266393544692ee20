import * as pulumi from "@pulumi/pulumi";
import { DroverResource } from "../engine/resource.js";
import type { DeepInput, HostNetworkArgs, NetworkArgs, NetworkRef } from "../schema/index.js";
import type { Host } from "./host.js";

/** {@link NetworkArgs} with the hosts as resources. */
export interface NetworkProps extends Omit<NetworkArgs, "hosts"> {
  readonly hosts: readonly Host[];
}

/**
 * A network on many hosts: one {@link HostNetwork} for each, so that a host's part is made, read, repaired and removed on
 * its own.
 *
 * @example
 * const lan = new Network("lan", { hosts, forward: "bridge", bridge: "br0" });
 * const lab = new Network("lab", { hosts, address: "192.168.50.1/24", dhcp: { ranges: { guests: { start: "192.168.50.100", end: "192.168.50.200" } } } });
 */
export class Network extends pulumi.ComponentResource {
  /** What other resources need to know of it. */
  readonly ref: DeepInput<NetworkRef>;

  constructor(name: string, props: NetworkProps, options?: pulumi.ComponentResourceOptions) {
    super("drover:index:Network", name, {}, options);
    const { hosts, ...rest } = props;
    const [first] = hosts;
    if (first === undefined) throw new RangeError(`network ${name} needs at least one host`);
    const parts: HostNetwork[] = [];
    for (const host of hosts) {
      const isLast = parts.length === hosts.length - 1;
      parts.push(new HostNetwork(`${name}-${host.logicalName}`, { ...rest, host, owner: first.id, network: name }, { parent: this, ...(isLast ? { dependsOn: [...parts] } : {}) }));
    }
    hosts.forEach((host, index) => { host.placing.networks.push(parts[index]?.name ?? name); });
    // All parts have one name; who plugs into the network waits for all of them, for the last does: of each part alone a state would keep
    // the product of hosts and VMs.
    this.ref = { name: pulumi.all([parts[0]?.name ?? name, parts.at(-1)?.name ?? name]).apply(([known]) => known) };
    this.registerOutputs();
  }
}

/** One host's part of a {@link Network}. */
export class HostNetwork extends DroverResource {
  declare readonly uuid: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** Bridge on the host. */
  declare readonly bridgeName: pulumi.Output<string>;
  declare readonly active: pulumi.Output<boolean>;
  /** Changes that wait for the network's restart, because guests are plugged in. */
  declare readonly pending: pulumi.Output<readonly string[]>;

  constructor(name: string, args: HostNetworkArgs, options?: pulumi.CustomResourceOptions) {
    super("HostNetwork", name, args, options);
  }
}
