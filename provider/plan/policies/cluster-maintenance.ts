import type { PolicyKind } from "./policy.js";

/**
 * For the time of work on the cluster: nothing is started but highly available VMs (`priority` above 0; `shallRun` in
 * `view.ts`), and nothing is balanced. Guests that run may be moved for the rules' sake.
 */
export const clusterMaintenance: PolicyKind = {
  name: "cluster_maintenance",
  parameters: {},
  placement: () => ({ order: "spread", most: 1 }),
  terms: () => [],
  balance() {
    // It asks for nothing.
  },
};
