import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import { problemsOf, type FenceDevice } from "../apply/fence.js";
import { sameValue } from "../engine/difference.js";
import { UNKNOWN, type CheckFailure, type Handler } from "../engine/handler.js";
import { DroverResource } from "../engine/resource.js";
import { gatherFacts, type HostFacts } from "../inventory/host-facts.js";
import { hostAt } from "../inventory/hosts.js";
import { leaseProblems } from "../inventory/leases.js";
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
  readonly placing: { readonly [K in "maintenance" | "labels" | "reserve" | "migration" | "fence" | "leases"]: HostArgs[K] } & { readonly pools: Input<string>[]; readonly networks: Input<string>[] };

  constructor(name: string, args: HostArgs, options?: CustomResourceOptions) {
    super("Host", name, args, options);
    this.logicalName = name;
    const { maintenance, labels, reserve, migration, fence, leases } = args;
    this.placing = { maintenance, labels, reserve, migration, fence, leases, pools: [], networks: [] };
    // The id, not the output of the same value: in a preview of an update only the id is known.
    this.ref = { name, uri: args.uri, owner: this.id, ...(args.ssh === undefined ? {} : { ssh: this.ssh as Output<SshOptions> }) };
  }
}

export const handler: Handler<HostInputs, HostOutputs> = {
  check(_ctx, { news }) {
    return { inputs: news, failures: [...fenceFailures(news), ...leaseFailures(news)] };
  },

  async create(_ctx, { inputs, name }) {
    const facts = await factsOf(inputs, name);
    const owner = newOwnerId();
    return { id: owner, outputs: { owner, ...facts } };
  },

  async read(_ctx, { id, olds, name }) {
    return { id, inputs: olds.inputs, outputs: { owner: id, ...(await factsOf(olds.inputs, name)) } };
  },

  async update(_ctx, { id, olds, news, name }) {
    // Its power is not libvirt's: the password of a BMC can be corrected while the host is dead.
    if (sameValue({ ...olds.inputs, fence: undefined }, { ...news, fence: undefined })) return olds.outputs;
    return { owner: id, ...(await factsOf(news, name)) };
  },

  delete: () => Promise.resolve(),
};

/** What is wrong with the fence devices, as far as it is known yet. */
function fenceFailures({ fence }: HostInputs): CheckFailure[] {
  if (!Array.isArray(fence)) return [];
  return fence.flatMap((device: FenceDevice | typeof UNKNOWN, index) => (device === UNKNOWN || device.agent === UNKNOWN ? [] : problemsOf({ ...device, parameters: known(device.parameters), secrets: known(device.secrets) })
    .map(({ property, reason }) => ({ property: `fence.${index}.${property}`, reason }))));
}

/** sanlock knows a host by a number alone. */
function leaseFailures({ leases }: HostInputs): CheckFailure[] {
  const isMissing = typeof leases === "object" && leases.manager === "sanlock" && leases.hostId === undefined;
  return isMissing ? [{ property: "leases.hostId", reason: "sanlock needs a number for the host that no other host has: hostId: 1" }] : [];
}

/** A map may be unknown as a whole, in a preview. */
function known<T>(map: Readonly<Record<string, T>> | string | undefined): Readonly<Record<string, T>> {
  return typeof map === "object" ? map : {};
}

async function factsOf(inputs: HostInputs, name: string): Promise<HostFacts> {
  const address = { name, uri: inputs.uri, owner: "", ...(inputs.ssh === undefined ? {} : { ssh: inputs.ssh }) };
  const host = hostAt(address, inputs.connectTimeoutSeconds * 1000);
  const facts = await gatherFacts(host);
  return inputs.leases === undefined ? facts : { ...facts, warnings: [...facts.warnings, ...await leaseProblems(host, inputs.leases)] };
}
