import * as pulumi from "@pulumi/pulumi";
import type { Assignment, ClusterArgs, ClusterHostArgs, ClusterRef, DeepInput, HostRef, Ref, SshOptions } from "../schema/index.js";
import { namesOf, type RegisteredMember } from "./cluster/member.js";
import { derivedUuid } from "../inventory/identity.js";
import { Roster } from "./cluster/roster.js";
import { refuseEndlessWaiting } from "./cluster/waiting.js";
import { Host } from "./host.js";
import { Placement } from "./placement.js";

/** {@link ClusterArgs} with the hosts as resources; a host of another stack is given as what that stack says of it. */
export interface ClusterProps extends Omit<ClusterArgs, "hosts" | "roster"> {
  readonly hosts: readonly (Host | ClusterHostArgs | Ref<HostRef>)[];
  readonly roster?: "auto" | "manual";
}

/** A rule as `docs/planner.md` shows it, with VMs and hosts as resources or by name. */
export interface ClusterRule {
  readonly kind: string;
  readonly vms?: readonly (string | NamedMember)[] | { readonly labels: Readonly<Record<string, string>> };
  readonly hosts?: readonly (string | Host)[] | { readonly labels: Readonly<Record<string, string>> };
  /** A rule that is not hard is broken rather than nothing planned; then its `priority` (1 to 10) counts. Default true. */
  readonly hard?: boolean;
  readonly priority?: number;
  /** It holds at every moment of an update, not only at its end. Default false. */
  readonly continuous?: boolean;
  readonly [property: string]: unknown;
}

/** A VM that knows its name in its cluster. */
interface NamedMember {
  readonly memberName: string | undefined;
}

/** What a VM gets from its cluster. */
export interface ClusterPlace {
  readonly host: object;
  readonly planned: object;
  readonly cluster: DeepInput<ClusterRef>;
  readonly cpu: pulumi.Input<string | undefined>;
}

/**
 * Hosts among which VMs are placed and move. The host of a VM with `cluster` is computed, and shown in preview together with
 * every live migration that a change will cause.
 *
 * @example
 * const prod = new Cluster("prod", { hosts, policy: "evenly_distributed", tolerate: { hosts: 1 } });
 * const web = [0, 1, 2].map((i) => new VirtualMachine(`web-${i}`, { cluster: prod, memory: "4 GiB", disks: { root: { image: debian } } }));
 * prod.rule("web-spread", { kind: "separate", vms: web });
 */
export class Cluster extends pulumi.ComponentResource {
  readonly placement: Placement;
  readonly #name: string;
  readonly #roster: Roster;
  readonly #rules = new Map<string, ClusterRule>();
  readonly #logins: Logins;
  readonly #guard: ClusterProps["guard"];

  constructor(name: string, props: ClusterProps, options?: pulumi.ComponentResourceOptions) {
    super("drover:index:Cluster", name, {}, options);
    const { hosts, roster = "auto", ...settings } = props;
    this.#name = name;
    this.#roster = new Roster(name, roster);
    this.#logins = new Logins(hosts);
    this.#guard = props.guard;
    this.placement = new Placement(name, {
      ...settings, cluster: name, owner: ownerOf(hosts), dryRun: pulumi.runtime.isDryRun(), vms: this.#roster.members,
      // Pools, networks and rules may be declared after the cluster.
      hosts: this.#roster.members.then(() => hosts.map(clusterHost)), rules: this.#roster.members.then(() => [...this.#rules].map(plannerRule)),
    }, { parent: this });
    refuseEndlessWaiting(name, this.#roster, this.placement);
    this.registerOutputs();
  }

  /**
   * Adds a rule; see `docs/planner.md` for the kinds.
   * @example prod.rule("db-apart", { kind: "separate", vms: [db, replica], across: "rack" });
   */
  rule(name: string, rule: ClusterRule): void {
    this.#roster.refuseWhenClosed(`declare rule ${name}`);
    this.#rules.set(name, rule);
  }

  /** Says that all VMs and rules were declared: for a cluster with `roster: "manual"`. */
  close(): void {
    this.#roster.close();
  }

  /** Takes a VM in; for `VirtualMachine` alone. */
  enlist(memberName: string, member: RegisteredMember, wantedCpu: pulumi.Input<string> | undefined): ClusterPlace {
    this.#roster.enlist(memberName, member);
    const { assignments, owner, cpu, defaultCpu, dead } = this.placement;
    const { running = true, labels, pin, spread, ha } = member;
    const place = Reflect.get(assignments, memberName) as { readonly [K in keyof Assignment]-?: pulumi.Output<Assignment[K] | undefined> };
    const name = place.name.apply((known) => known ?? "");
    return {
      host: {
        name, uri: place.uri.apply((known) => known ?? ""), owner: place.owner.apply((known) => known ?? ""),
        ...(this.#logins.areNone ? {} : { ssh: name.apply((chosen) => this.#logins.of(chosen)) }),
      },
      planned: { ...namesOf(member), vcpus: place.vcpus.apply((known) => known ?? 0), memory: place.memory.apply((known) => known ?? "0"), repairs: place.repairs.apply((known) => known ?? 0), running, labels, pin, spread, ha },
      cluster: { name: this.#name, owner, dead, ...(ha === undefined || this.#guard === undefined ? {} : { guard: this.#guard }) },
      cpu: wantedCpu === undefined ? defaultCpu.apply(named) : pulumi.all([wantedCpu, cpu]).apply(([wanted, common]) => (wanted === "cluster" ? named(common) : wanted)),
    };
  }
}

function named(cpu: string): string | undefined {
  return cpu === "" ? undefined : cpu;
}

function clusterHost(host: Host | ClusterHostArgs | Ref<HostRef>): object {
  return host instanceof Host ? { host, ...host.placing } : { ...(isDescribed(host) ? host : {}), host: referenceOf(host) };
}

function isDescribed(host: ClusterHostArgs | Ref<HostRef>): host is ClusterHostArgs {
  return !pulumi.Output.isInstance(host) && "host" in host;
}

/** What a host that the program does not make says of itself, such as an output of another stack. */
function referenceOf(host: ClusterHostArgs | Ref<HostRef>): pulumi.Input<HostRef> {
  const given = isDescribed(host) ? host.host : host;
  return (!pulumi.Output.isInstance(given) && "ref" in given ? given.ref : given) as pulumi.Input<HostRef>;
}

/** How to log in to hosts, where the program says that, or does not know yet whether it does. */
class Logins {
  readonly #own: ReadonlyMap<string, pulumi.Output<SshOptions | undefined>>;
  /** Of hosts that the program does not make, whose names may be under way too. */
  readonly #others: pulumi.Output<readonly { readonly name: string; readonly ssh?: SshOptions }[]> | undefined;

  constructor(hosts: ClusterProps["hosts"]) {
    this.#own = new Map(hosts.flatMap((host) => (host instanceof Host && "ssh" in host.ref ? [[host.logicalName, host.ssh] as const] : [])));
    const others = hosts.flatMap((host) => (host instanceof Host ? [] : [pulumi.output(referenceOf(host))]));
    this.#others = others.length === 0 ? undefined : pulumi.all(others);
  }

  get areNone(): boolean {
    return this.#own.size === 0 && this.#others === undefined;
  }

  /** Of one host alone: a VM that knew of all of them would depend on all. */
  of(name: string): pulumi.Output<SshOptions | undefined> {
    return this.#own.get(name) ?? this.#others?.apply((all) => all.find((each) => each.name === name)?.ssh) ?? pulumi.output(undefined);
  }
}

/**
 * The owner of the cluster's VMs: the first host that this program made. Hosts that are all another stack's serve many stacks,
 * and what these make is not each other's.
 */
function ownerOf(hosts: ClusterProps["hosts"]): pulumi.Input<string> | undefined {
  const own = hosts.find((host) => host instanceof Host);
  if (own !== undefined) return own.id;
  const [first] = hosts;
  if (first === undefined || first instanceof Host) return undefined;
  return pulumi.output(referenceOf(first)).apply(({ owner }) => derivedUuid(owner, "Cluster", `${pulumi.getProject()}/${pulumi.getStack()}`));
}

function plannerRule([name, { vms, hosts, ...rest }]: readonly [string, ClusterRule]): object {
  return {
    name, ...rest,
    ...(vms === undefined ? {} : { vms: "labels" in vms ? vms : vms.map((vm) => (typeof vm === "string" ? vm : vm.memberName ?? "")) }),
    ...(hosts === undefined ? {} : { hosts: "labels" in hosts ? hosts : hosts.map((host) => (typeof host === "string" ? host : host.logicalName)) }),
  };
}
