import type { PolicyKind } from "./policy.js";
import { overUtilization, relieveOverUtilized, UTILIZATION, type UtilizationValues } from "./utilization.js";

/**
 * No host is used too much: minimises Σ over hosts of what is used beyond the thresholds. Entered by a host at or above
 * `HighUtilization`, left when all are below it or nothing that is worth its price is left.
 */
export const evenlyDistributed: PolicyKind<UtilizationValues> = {
  name: "evenly_distributed",
  parameters: UTILIZATION,
  placement: () => ({ order: "spread", most: 1 }),
  terms: (values, hosts) => overUtilization(values, hosts, 1),
  balance(balancer, values) {
    let goesOn = true;
    while (goesOn) goesOn = relieveOverUtilized(balancer, values, 1);
  },
};
