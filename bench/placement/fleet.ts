import { createHash } from "node:crypto";

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
