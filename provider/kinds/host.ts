import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Handler } from "../engine/handler.js";
import { DroverResource } from "../engine/resource.js";
import { gatherFacts, type HostFacts } from "../inventory/host-facts.js";
import { hostAt } from "../inventory/hosts.js";
import { newOwnerId } from "../inventory/identity.js";
import type { CpuFacts, DeepInput, GuestFacts, HostArgs, HostInputs, HostOutputs, HostRef, NumaCell, SshOptions } from "../schema/index.js";

/**
 * A Linux machine that runs libvirt. Creating it connects and verifies; nothing is installed or changed on it, and
 * deleting it only lets it go.
 *
 * @example const ash = new Host("ash", { uri: "qemu+ssh://root@ash/system" });
 */
export class Host extends DroverResource {
  declare readonly uri: Output<string>;
  declare readonly ssh: Output<SshOptions | undefined>;
  /** Random id made with the host and kept: what is made on it carries the id. */
  declare readonly owner: Output<string>;
  declare readonly hostname: Output<string>;
  declare readonly hostUuid: Output<string>;
  declare readonly cpu: Output<CpuFacts>;
  declare readonly memory: Output<string>;
  declare readonly numaCells: Output<readonly NumaCell[]>;
  declare readonly libvirtVersion: Output<string>;
  declare readonly qemuVersion: Output<string>;
  declare readonly guests: Output<GuestFacts>;
  declare readonly warnings: Output<readonly string[]>;
  /** What other resources need to know of it. */
  readonly ref: DeepInput<HostRef>;
  /** Its name in the program. */
  readonly logicalName: string;
  /** What its cluster needs to know of it beside that. Pools and networks add themselves. */
  readonly placing: { readonly [K in "maintenance" | "labels" | "reserve" | "migration"]: HostArgs[K] } & { readonly pools: Input<string>[]; readonly networks: Input<string>[] };

  constructor(name: string, args: HostArgs, options?: CustomResourceOptions) {
    super("Host", name, args, options);
    this.logicalName = name;
    const { maintenance, labels, reserve, migration } = args;
    this.placing = { maintenance, labels, reserve, migration, pools: [], networks: [] };
    // The id, not the output of the same value: in a preview of an update only the id is known.
    this.ref = { name, uri: args.uri, owner: this.id, ...(args.ssh === undefined ? {} : { ssh: this.ssh as Output<SshOptions> }) };
  }
}

export const handler: Handler<HostInputs, HostOutputs> = {
  async create(_ctx, { inputs, name }) {
    const facts = await factsOf(inputs, name);
    const owner = newOwnerId();
    return { id: owner, outputs: { owner, ...facts } };
  },

  async read(_ctx, { id, olds, name }) {
    return { id, inputs: olds.inputs, outputs: { owner: id, ...(await factsOf(olds.inputs, name)) } };
  },

  async update(_ctx, { id, news, name }) {
    return { owner: id, ...(await factsOf(news, name)) };
  },

  delete: () => Promise.resolve(),
};

function factsOf(inputs: HostInputs, name: string): Promise<HostFacts> {
  const address = { name, uri: inputs.uri, owner: "", ...(inputs.ssh === undefined ? {} : { ssh: inputs.ssh }) };
  return gatherFacts(hostAt(address, inputs.connectTimeoutSeconds * 1000));
}
