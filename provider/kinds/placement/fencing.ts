import { UNKNOWN } from "../../engine/handler.js";
import type { ClusterHost, HostRef, PlacementInputs } from "../../schema/index.js";

/**
 * What a preview says of hosts without a fence device: such a host that falls silent is never known to be dead, and its VMs are
 * started nowhere else by themselves. A cluster that has no fencing at all and asks for no high availability is told nothing.
 */
export function whoIsUnfenced({ cluster, hosts, vms }: Pick<PlacementInputs, "cluster" | "hosts" | "vms">): string | undefined {
  const without = hosts.flatMap((host: ClusterHost | string) => (typeof host === "string" || (host.fence?.length ?? 0) > 0 || host.leases?.manager === "sanlock" ? [] : [nameOf(host.host)]));
  const isAsked = without.length < hosts.length || Object.values(vms).some(({ ha }) => ha !== undefined);
  if (without.length === 0 || !isAsked) return undefined;
  const who = without.length === hosts.length ? "none of its hosts has a fence device" : `${without.join(", ")} ${without.length === 1 ? "has" : "have"} no fence device`;
  return `${cluster}: ${who} (Host.fence); should ${without.length === 1 ? "it" : "one of them"} fall silent, its VMs start nowhere else before \`drover confirm-dead\``;
}

/** What is not known yet in a preview is a text. */
function nameOf(host: HostRef | string): string {
  return typeof host === "string" || host.name === UNKNOWN ? "a host that is not known yet" : host.name;
}
