import type { PlacementInputs } from "../../schema/index.js";

/**
 * What a preview says of hosts without a fence device: such a host that falls silent is never known to be dead, and its VMs are
 * started nowhere else by themselves. A cluster that has no fencing at all and asks for no high availability is told nothing.
 */
export function whoIsUnfenced({ cluster, hosts, vms }: Pick<PlacementInputs, "cluster" | "hosts" | "vms">): string | undefined {
  const without = hosts.filter(({ fence }) => fence === undefined || fence.length === 0).map(({ host }) => host.name);
  const isAsked = without.length < hosts.length || Object.values(vms).some(({ ha }) => ha !== undefined);
  if (without.length === 0 || !isAsked) return undefined;
  return `${cluster}: ${without.length === hosts.length ? "none of its hosts has" : `${without.join(", ")} ${without.length === 1 ? "has" : "have"}`} a fence device (Host.fence): should ${without.length === 1 ? "it" : "one of them"} fall silent, its VMs start nowhere else before \`drover confirm-dead\``;
}
