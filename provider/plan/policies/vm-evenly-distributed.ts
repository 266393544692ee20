import type { PolicyKind } from "./policy.js";

type Values = {
  readonly HighVmCount: number;
  readonly MigrationThreshold: number;
};

/** A host with one VM more than another: a fiftieth of a host, as much as a VM of 19 GiB costs to move. */
const WEIGHT = 10_000;

/**
 * As many VMs on each host: minimises Σ over hosts of (number of VMs)². Entered while a host carries more than `HighVmCount`,
 * and more than `MigrationThreshold` more than another; left as soon as that is no longer so.
 */
export const vmEvenlyDistributed: PolicyKind<Values> = {
  name: "vm_evenly_distributed",
  parameters: {
    HighVmCount: { schema: { type: "integer", minimum: 0, maximum: 1e6 }, default: 10 },
    MigrationThreshold: { schema: { type: "integer", minimum: 1, maximum: 1e6 }, default: 5 },
  },
  placement: () => ({ order: "fewest", most: 1 }),
  terms: () => [{ kind: "square", weight: WEIGHT }],
  balance(balancer, { HighVmCount, MigrationThreshold }) {
    const blocked = new Set<number>();
    for (;;) {
      const order = [...balancer.hosts].sort((a, b) => balancer.count(a) - balancer.count(b) || a - b);
      const fewest = order[0];
      const most = order.reverse().find((host) => !blocked.has(host));
      if (fewest === undefined || most === undefined || balancer.count(most) <= HighVmCount || balancer.count(most) - balancer.count(fewest) <= MigrationThreshold) return;
      const reason = `${balancer.nameOf(most)} carries ${balancer.count(most)} VMs and ${balancer.nameOf(fewest)} ${balancer.count(fewest)}: HighVmCount is ${HighVmCount}, MigrationThreshold ${MigrationThreshold}`;
      if (balancer.relieve(most, reason)) blocked.clear();
      else blocked.add(most);
    }
  },
};
