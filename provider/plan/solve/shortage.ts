import { countOfSets, MOST_LOSSES } from "../losses.js";
import { NOWHERE, type Problem } from "./problem.js";

/**
 * Whether there is too little room for all, by counting alone: of a resource in sum, or for VMs that need so much of it, of which a
 * host has room for only so many; on all hosts, and on those that are left of any loss that is to be survived. Where it is so no
 * assignment keeps all hard rules, and none need be looked for.
 */
export function isShort(problem: Problem): boolean {
  const { vmCount, hostCount, placed, movable, origin, mayWait, masks, maskOf, slotHost, survives = [] } = problem;
  const vms = Array.from({ length: vmCount }, (_, vm) => vm).filter((vm) => placed[vm] === 1 && movable[vm] === 1 && !(mayWait && origin[vm] === NOWHERE));
  const isAllowed = new Uint8Array(hostCount);
  for (const mask of new Set(vms.map((vm) => masks[maskOf[vm] ?? 0]))) for (const [slot, host] of slotHost.entries()) if (mask?.[slot] === 1) isAllowed[host] = 1;
  const free = freeOf(problem);
  const hosts = [...isAllowed.keys()].filter((host) => isAllowed[host] === 1);
  const alone = Int32Array.from({ length: hostCount }, () => -1);
  if (lacks(problem, vms, hosts, free, alone, 0)) return true;
  return survives.some(({ level, isMember, domainOf, domainCount, failures }) => (
    level === 0 && countOfSets(domainCount, failures) <= MOST_LOSSES && lacks(problem, vms.filter((vm) => isMember[vm] === 1), hosts, free, domainOf, failures)));
}

/** What hosts have beside the VMs that stay where they are. */
function freeOf({ hostCount, resourceCount, capacity, demand, origin, slotHost, placed, movable }: Problem): Float64Array {
  const free = capacity.slice(0, hostCount * resourceCount);
  for (const [vm, slot] of origin.entries()) {
    if (placed[vm] !== 1 || movable[vm] === 1 || slot === NOWHERE) continue;
    const base = (slotHost[slot] ?? 0) * resourceCount;
    for (let r = 0; r < resourceCount; r += 1) free[base + r] = (free[base + r] ?? 0) - (demand[vm * resourceCount + r] ?? 0);
  }
  return free;
}

/** @param failures how many of the domains are lost, those that would be missed most */
function lacks({ resourceCount, demand }: Problem, vms: readonly number[], hosts: readonly number[], free: Float64Array, domainOf: Int32Array, failures: number): boolean {
  for (let r = 0; r < resourceCount; r += 1) {
    const wanted = vms.map((vm) => demand[vm * resourceCount + r] ?? 0).filter((amount) => amount > 0);
    const room = (host: number): number => Math.max(0, free[host * resourceCount + r] ?? 0);
    if (wanted.reduce((sum, amount) => sum + amount, 0) > left(hosts, room, domainOf, failures)) return true;
    for (const size of new Set(wanted)) if (wanted.filter((amount) => amount >= size).length > left(hosts, (host) => Math.floor(room(host) / size), domainOf, failures)) return true;
  }
  return false;
}

/** The sum over hosts once those domains are lost that have most. */
function left(hosts: readonly number[], amountOf: (host: number) => number, domainOf: Int32Array, failures: number): number {
  const inDomain = new Map<number, number>();
  let sum = 0;
  for (const host of hosts) {
    const amount = amountOf(host);
    const domain = domainOf[host] ?? -1;
    sum += amount;
    if (domain >= 0) inDomain.set(domain, (inDomain.get(domain) ?? 0) + amount);
  }
  return [...inDomain.values()].sort((a, b) => b - a).slice(0, failures).reduce((rest, lost) => rest - lost, sum);
}
