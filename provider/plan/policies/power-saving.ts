import type { PolicyKind } from "./policy.js";
import { overUtilization, relieveOverUtilized, UTILIZATION, type UtilizationValues } from "./utilization.js";

type Values = UtilizationValues & {
  readonly LowUtilization: number;
  readonly EnableAutomaticHostPowerManagement: boolean;
  readonly HostsInReserve: number;
};

/** A host that carries anything, in millionths of a host: what emptying it may cost. */
const USED = 1_000_000;
/** Too little service is worse than a host more: a thousandth of a host beyond the threshold is worth a whole one. */
const OVER = 1000;

/**
 * As few hosts as carry all, none of them used too much: minimises Σ over hosts of 1 where it carries anything, and 1000 × what
 * is used beyond the thresholds. A host below `LowUtilization` is emptied as a whole or not at all, into hosts that stay below
 * `HighUtilization`; one at or above it is relieved, by an empty host where need be.
 */
export const powerSaving: PolicyKind<Values> = {
  name: "power_saving",
  parameters: {
    ...UTILIZATION,
    /** A host whose CPUs are used less is under-utilised; where `MinFreeMemoryForUnderUtilized` is given, if it has more memory free, too. */
    LowUtilization: { schema: { type: "number", minimum: 0, maximum: 100 }, default: 20 },
    /** Hosts that have `power` and carry nothing are shut down, and booted for the reserve (`../power.ts`). */
    EnableAutomaticHostPowerManagement: { schema: { type: "boolean" }, default: false },
    /** So many hosts that carry nothing stay up, for VMs to come. */
    HostsInReserve: { schema: { type: "integer", minimum: 0, maximum: 100_000 }, default: 0 },
  },
  mistake: ({ LowUtilization: low, HighUtilization: high }) => (low > high ? `LowUtilization is ${low}, and HighUtilization only ${high}: no host could be between` : undefined),
  placement: ({ HighUtilization }) => ({ order: "pack", most: HighUtilization / 100 }),
  terms: (values, hosts) => [...overUtilization(values, hosts, OVER), { kind: "used", weight: USED }],
  balance(balancer, values) {
    const { LowUtilization, CpuOverCommitDurationMinutes, MinFreeMemoryForUnderUtilized: free } = values;
    let goesOn = true;
    while (goesOn) {
      goesOn = relieveOverUtilized(balancer, values, -1);
      for (const host of balancer.byCpu(1)) {
        const isUnder = balancer.count(host) > 0 && balancer.percent(host) < LowUtilization && balancer.minutes(host) >= CpuOverCommitDurationMinutes && (free === undefined || balancer.freeMib(host) > free);
        if (isUnder && balancer.empty(host, `${balancer.nameOf(host)} is used ${balancer.percent(host)} %, and LowUtilization is ${LowUtilization}: it is emptied`)) goesOn = true;
      }
    }
  },
};
