import { createHash } from "node:crypto";
import { bytes, formatBytes } from "../../provider/base/bytes.js";
import type { Assignment, HostRef, Member, PlacementInputs } from "../../provider/schema/index.js";

/** The real VM of which all simulated ones are copies, as names and sizes stand in its documents. */
export interface Template {
  readonly vm: string;
  readonly vmUuid: string;
  readonly hostUuid: string;
  readonly memoryMib: number;
}

/** What is simulated. */
export interface FleetSize {
  readonly hosts: number;
  readonly vms: number;
}

/** VMs have once, twice and three times the memory of the {@link Template}, in turns. */
export const MEMORY_TIMES = [1, 2, 3] as const;

export function hostName(index: number): string {
  return `host-${String(index).padStart(3, "0")}`;
}

export function vmName(index: number): string {
  return `vm-${String(index).padStart(5, "0")}`;
}

/** VMs that are on a host: they are dealt out in turns. */
export function vmsOn({ hosts, vms }: FleetSize, host: number): number[] {
  return Array.from({ length: Math.ceil((vms - host) / hosts) }, (_, turn) => host + turn * hosts);
}

export function memoryTimes(vm: number): number {
  return MEMORY_TIMES[Math.floor(vm / 7) % MEMORY_TIMES.length] ?? 1;
}

/** Always the same for the same words. */
export function uuidOf(words: string): string {
  const hex = createHash("sha256").update(words).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Memory of a VM, as it is declared. */
export function memoryOf(vm: number, { memoryMib }: Template): string {
  return formatBytes(bytes(memoryMib * 1024 ** 2 * memoryTimes(vm)));
}

/** All VMs as they enlist, made of the one that was recorded. */
export function membersOf(size: FleetSize, { vms }: PlacementInputs, template: Template): Record<string, Member> {
  const [member] = Object.values(vms);
  if (member === undefined) throw new Error("there is no VM to make more of");
  return Object.fromEntries(Array.from({ length: size.vms }, (_, vm) => [vmName(vm), { ...member, key: member.key.replaceAll(template.vm, vmName(vm)), memory: memoryOf(vm, template) }]));
}

/** Where all VMs are. */
export function assignmentsOf(size: FleetSize, { assignments }: PlacementInputs, template: Template, hosts: readonly HostRef[]): Record<string, Assignment> {
  const [place] = Object.values(assignments ?? {});
  if (place === undefined) throw new Error("there is no place to make more of");
  return Object.fromEntries(hosts.flatMap(({ name, uri, owner }, index) => vmsOn(size, index).map((vm) => [vmName(vm), { ...place, name, uri, owner, memory: memoryOf(vm, template) }])));
}
