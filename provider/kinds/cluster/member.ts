import * as pulumi from "@pulumi/pulumi";
import { DroverError } from "../../base/error.js";
import type { Member, VirtualMachineArgs, VmHaArgs } from "../../schema/index.js";

/**
 * Name of a VM in its cluster: its own, below those of the components that made it (`shop/web-1`). It is needed at once,
 * while a URN is known only later.
 */
export function memberName(name: string, parent: pulumi.Resource | undefined): string {
  const isRoot = parent === undefined || Reflect.get(parent, "__pulumiType") === "pulumi:pulumi:Stack";
  const above: unknown = isRoot ? undefined : Reflect.get(parent, "__name");
  return typeof above === "string" ? `${above}/${name}` : name;
}

/** {@link VmHaArgs} with other VMs of the cluster as resources or by name. As an output, by name alone: nobody depends on a VM that is not placed yet. */
export type HaProps = Exclude<VirtualMachineArgs["ha"], undefined | VmHaArgs> | (Omit<VmHaArgs, "dependsOn"> & { readonly dependsOn?: VmHaArgs["dependsOn"] | readonly (string | MemberNamed)[] });

/** A VM that knows its name in its cluster. */
export interface MemberNamed {
  readonly memberName: string | undefined;
}

/** @throws DroverError for a VM without a cluster among those that a VM waits for */
export function namedHa(vm: string, ha: HaProps): NonNullable<VirtualMachineArgs["ha"]> {
  if (pulumi.Output.isInstance(ha) || ha instanceof Promise) return ha;
  const { dependsOn, ...rest } = ha;
  if (dependsOn === undefined) return rest;
  if (!isList(dependsOn)) return { ...rest, dependsOn };
  return { ...rest, dependsOn: dependsOn.map((each) => {
    if (typeof each === "string" || !("memberName" in each)) return each;
    if (each.memberName !== undefined) return each.memberName;
    throw new DroverError({ attempted: `let VM ${vm} wait for another (ha.dependsOn)`, answer: "that one has no cluster, and no guard knows of it", next: "name VMs of the same cluster" });
  }) };
}

function isList(value: object): value is readonly (pulumi.Input<string> | MemberNamed)[] {
  return Array.isArray(value);
}

/** A `Member` of `schema.json` as it is registered, parts of it still under way. */
export type RegisteredMember = Readonly<Record<keyof Member, unknown>>;

/** What placement needs to know of a VM, from what it is declared with. */
export function memberOf(vm: Omit<VirtualMachineArgs, "host">, identity: { readonly key: Promise<string>; readonly aliases: Promise<readonly string[]> }): RegisteredMember {
  const { vcpus, memory, running, labels, pin, spread, ha, cpu, machine } = vm;
  const disks = Object.values(vm.disks ?? {});
  const nics = Object.values(vm.nics ?? {});
  return {
    ...identity, vcpus, memory, running, labels, pin, spread, ha, cpu, machine,
    pools: disks.flatMap((disk) => poolsOf(disk)).map((pool) => ({ name: field(pool, "name"), uuid: field(pool, "uuid"), shared: field(pool, "shared") })),
    networks: nics.flatMap((nic) => present(field(nic, "network"))).map((network) => field(refOf(network), "name")),
    bridges: nics.flatMap((nic) => present(field(nic, "bridge"))),
  };
}

/** What a VM's check compares with what its disks and NICs are in the end: a transform may change them after it enlisted. */
export function namesOf({ pools, networks, bridges }: RegisteredMember): { readonly pools: unknown; readonly networks: unknown; readonly bridges: unknown } {
  return { pools: Array.isArray(pools) ? pools.map((pool: unknown) => field(pool, "name")) : pools, networks, bridges };
}

/** Pools of a disk: its own, and that of the image or the `Disk` that it is. */
function poolsOf(disk: unknown): unknown[] {
  const own = present(field(disk, "pool")).map(refOf);
  const others = ["image", "disk"].flatMap((name) => present(field(disk, name))).map((value) => field(refOf(value), "pool"));
  return [...own, ...others].map(refOf);
}

function refOf(value: unknown): unknown {
  return pulumi.Resource.isInstance(value) ? Reflect.get(value, "ref") : value;
}

/** A property of what may still be under way. Of an output that is known in part only, that part is known. */
function field(value: unknown, name: string): unknown {
  if (value instanceof Promise) return value.then((settled: unknown) => field(settled, name));
  return typeof value === "object" || typeof value === "function" ? Reflect.get(value ?? {}, name) : undefined;
}

function present(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value];
}
