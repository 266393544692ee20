import { createHash } from "node:crypto";
import { join } from "node:path";
import { bytes, formatBytes } from "../../provider/base/bytes.js";
import { parseHostMark } from "../../provider/inventory/cluster/mark.js";
import type { PoolMarker } from "../../provider/inventory/pool-marker.js";
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

const VMS_PER_HOST = 100 / 3;

/** All sizes, or with `--hosts N` the one of so many hosts. */
export function sizesOf(args: readonly string[], all: readonly FleetSize[]): readonly FleetSize[] {
  const at = args.indexOf("--hosts");
  if (at === -1) return all;
  const hosts = Number(args[at + 1]);
  if (!Number.isSafeInteger(hosts) || hosts < 2) throw new RangeError(`--hosts ${args[at + 1] ?? ""}: expected a number of hosts, 2 or more`);
  return [all.find((size) => size.hosts === hosts) ?? { hosts, vms: Math.round(hosts * VMS_PER_HOST) }];
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

/** URI of a simulated host, whose socket lies in `folder`. */
export function uriOf(folder: string, name: string): string {
  return `qemu+unix:///system?socket=${join(folder, name)}`;
}

/** What each host keeps for the cluster: the recorded text with all hosts in it. */
export function markOf(size: FleetSize, folder: string, recorded: string): string {
  return JSON.stringify({ ...parseHostMark(recorded), version: 1, hosts: namesOf(size).map((name) => ({ name, uri: uriOf(folder, name) })) });
}

/** What the shared pool says of its hosts, in the same way. */
export function markerOf(size: FleetSize, folder: string, recorded: string): string {
  const { owner, uuid } = JSON.parse(recorded) as PoolMarker;
  const names = namesOf(size);
  const marker: PoolMarker = { owner, uuid, hosts: Object.fromEntries(names.map((name) => [name, uriOf(folder, name)])), owners: Object.fromEntries(names.map((name) => [name, uuidOf(`owner of ${name}`)])) };
  return JSON.stringify(marker);
}

function namesOf({ hosts }: FleetSize): string[] {
  return Array.from({ length: hosts }, (_, host) => hostName(host));
}

/** Where all VMs are. */
export function assignmentsOf(size: FleetSize, { assignments }: PlacementInputs, template: Template, hosts: readonly HostRef[]): Record<string, Assignment> {
  const [place] = Object.values(assignments ?? {});
  if (place === undefined) throw new Error("there is no place to make more of");
  return Object.fromEntries(hosts.flatMap(({ name, uri, owner }, index) => vmsOn(size, index).map((vm) => [vmName(vm), { ...place, name, uri, owner, memory: memoryOf(vm, template) }])));
}
