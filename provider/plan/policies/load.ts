import type { Compiled } from "../compile.js";
import { available } from "../amounts.js";
import type { PlanHost, PlanVm } from "../model.js";
import { NOWHERE, type BalanceSpec, type HostTerm } from "../solve/problem.js";
import { PRICE } from "./policy.js";

/** Sorts of load: thousandths of a CPU that are measured, of one that is promised, and of a MiB. */
const MEASURED = 0;
const PROMISED = 1;
const MIB = 2;
const SORTS = 3;

/**
 * What hosts and VMs use, in numbers.
 *
 * A VM's CPUs: `cpuPercent` of its `vcpus` where that was measured; else, on a host of which it was measured, its part by
 * `vcpus` of what measured VMs leave, but never more than it has; else all that it demands, which counts as a part of what its host may promise. What a
 * host uses beyond its VMs is its own and stays there. Memory: what is demanded, of what may be promised.
 *
 * @param terms the policy's
 * @param level at which it counts
 */
export function balanceSpecOf({ hosts, vms, problem }: Compiled, terms: readonly HostTerm[], level: number): BalanceSpec {
  const loads = new Float64Array(vms.length * SORTS);
  const base = new Float64Array(hosts.length * SORTS);
  const running = vms.map((_, v) => {
    const slot = problem.origin[v] ?? NOWHERE;
    return slot === NOWHERE ? NOWHERE : (problem.slotHost[slot] ?? NOWHERE);
  });
  for (const [v, vm] of vms.entries()) {
    if (vm.cpuPercent === undefined) loads[v * SORTS + PROMISED] = cpusOf(vm);
    else loads[v * SORTS + MEASURED] = Math.round((cpusOf(vm) * vm.cpuPercent) / 100);
    loads[v * SORTS + MIB] = Math.round((vm.demand["memoryMib"] ?? 0) * 1000);
  }
  for (const [h, host] of hosts.entries()) {
    if (host.cpuPercent === undefined) continue;
    const guests = [...vms.keys()].filter((v) => running[v] === h);
    const used = Math.round((host.capacity["vcpus"] ?? 0) * host.cpuPercent * 10);
    let left = Math.max(0, used - guests.reduce((sum, v) => sum + (loads[v * SORTS + MEASURED] ?? 0), 0));
    const others = guests.filter((v) => vms[v]?.cpuPercent === undefined);
    const promised = others.reduce((sum, v) => sum + (loads[v * SORTS + PROMISED] ?? 0), 0);
    const share = left;
    for (const v of others) {
      const vcpus = loads[v * SORTS + PROMISED] ?? 0;
      const part = promised === 0 ? 0 : Math.min(vcpus, Math.floor((share * vcpus) / promised));
      loads[v * SORTS + MEASURED] = part;
      loads[v * SORTS + PROMISED] = 0;
      left -= part;
    }
    base[h * SORTS + MEASURED] = left;
  }
  return {
    level, sorts: SORTS, loads, base, terms,
    isCounted: Uint8Array.from(hosts, ({ state = "up" }) => (state === "up" ? 1 : 0)),
    measures: [measure(hosts, (host) => [part(host.capacity["vcpus"]), part(available(host)["vcpus"]), 0]), measure(hosts, (host) => [0, 0, part(available(host)["memoryMib"])])],
    price: Float64Array.from(problem.moveCost, (cost) => PRICE.move + PRICE.gib * Math.ceil((cost - 1) / 1024)),
  };
}

function cpusOf({ demand }: PlanVm): number {
  return Math.round((demand["vcpus"] ?? 0) * 1000);
}

/** Millionths of the whole that a thousandth of a unit is. */
function part(whole = 0): number {
  return whole === 0 ? 0 : 1e3 / whole;
}

function measure(hosts: readonly PlanHost[], perUnit: (host: PlanHost) => readonly number[]): Float64Array {
  return Float64Array.from(hosts.flatMap((host) => [...perUnit(host)]));
}
