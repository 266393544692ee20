import { available } from "../amounts.js";
import type { PlanHost } from "../model.js";
import type { HostTerm } from "../solve/problem.js";
import type { Balancer } from "./balancer.js";
import { CPU, MEMORY, PER_PERCENT, type Parameter } from "./policy.js";

/** Parameters of the policies that keep hosts below a utilisation. */
export type UtilizationValues = {
  readonly HighUtilization: number;
  readonly CpuOverCommitDurationMinutes: number;
  readonly MaxFreeMemoryForOverUtilized: number | undefined;
  readonly MinFreeMemoryForUnderUtilized: number | undefined;
};

const PERCENT = { type: "number", minimum: 0, maximum: 100 };
const MIB = { type: "number", minimum: 0, maximum: 1e9 };

export const UTILIZATION: Readonly<Record<keyof UtilizationValues, Parameter>> = {
  /** A host whose CPUs are used so much, or more, is over-utilised. */
  HighUtilization: { schema: { ...PERCENT, exclusiveMinimum: 0 }, default: 80 },
  /** It must have been for so many minutes (`cpuMinutes` of the host). */
  CpuOverCommitDurationMinutes: { schema: { type: "number", minimum: 0, maximum: 1e6 }, default: 2 },
  /** In MiB: a host with less memory free is over-utilised too. */
  MaxFreeMemoryForOverUtilized: { schema: MIB },
  /** In MiB: only a host with more memory free takes VMs from one that has too little. */
  MinFreeMemoryForUnderUtilized: { schema: MIB },
};

/** weight × what is used of the CPUs, and of memory, beyond the thresholds. */
export function overUtilization({ HighUtilization, MaxFreeMemoryForOverUtilized: least }: UtilizationValues, hosts: readonly PlanHost[], weight: number): HostTerm[] {
  // At the threshold is over-utilised, as in oVirt: hence one less.
  const cpu: HostTerm = { kind: "above", measure: CPU, weight, most: new Float64Array(hosts.length).fill(Math.round(HighUtilization * PER_PERCENT) - 1) };
  if (least === undefined) return [cpu];
  const most = Float64Array.from(hosts, (host) => {
    const memory = available(host)["memoryMib"] ?? 0;
    return memory === 0 ? 1e6 : Math.max(0, Math.floor((1 - least / memory) * 1e6));
  });
  return [cpu, { kind: "above", measure: MEMORY, weight, most }];
}

/**
 * Takes VMs from over-utilised hosts, the fullest first, to hosts that do not become so.
 * @param order of those: 1 the least used first, −1 the most used
 */
export function relieveOverUtilized(balancer: Balancer, values: UtilizationValues, order: 1 | -1): boolean {
  let moved = false;
  const { HighUtilization, CpuOverCommitDurationMinutes, MaxFreeMemoryForOverUtilized, MinFreeMemoryForUnderUtilized: free = 0 } = values;
  for (const host of balancer.byCpu(-1)) {
    const isCpuOver = (): boolean => balancer.isAbove(host, CPU) && balancer.minutes(host) >= CpuOverCommitDurationMinutes;
    while (isCpuOver() || balancer.isAbove(host, MEMORY)) {
      const byCpu = isCpuOver();
      const reason = byCpu ? `${balancer.nameOf(host)} is used ${balancer.percent(host)} %, and HighUtilization is ${HighUtilization}`
        : `${balancer.nameOf(host)} has ${balancer.freeMib(host)} MiB of memory free, and MaxFreeMemoryForOverUtilized is ${MaxFreeMemoryForOverUtilized ?? 0}`;
      if (!balancer.relieve(host, reason, (to) => byCpu || balancer.freeMib(to) > free, order)) break;
      moved = true;
    }
  }
  return moved;
}
