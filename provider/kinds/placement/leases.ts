import { hostAt } from "../../inventory/hosts.js";
import { leaseProblems } from "../../inventory/leases.js";
import type { ReadCluster } from "./reading.js";

/** What a preview says of leases on shared storage: hosts that are not as the program says, and hosts that do not go together. */
export async function leaseWarnings({ hosts, inputs }: Pick<ReadCluster, "hosts" | "inputs">): Promise<string[]> {
  const found = await Promise.all(hosts.map(async ({ declared: { host, leases }, read }) => {
    if (read === undefined || leases === undefined) return [];
    return (await leaseProblems(hostAt(host), leases)).map((problem) => `${host.name}: ${problem}`);
  }));
  return [...disagreements(inputs.cluster, hosts.map(({ declared }) => declared)), ...found.flat()];
}

/** Leases protect where all hosts have the same, and each its own id. */
export function disagreements(cluster: string, hosts: readonly Pick<ReadCluster["hosts"][number]["declared"], "host" | "leases">[]): string[] {
  const having = hosts.flatMap(({ host, leases }) => (leases === undefined ? [] : [{ name: host.name, leases }]));
  if (having.length === 0) return [];
  const without = hosts.filter(({ leases }) => leases === undefined).map(({ host }) => host.name);
  const ways = new Set(having.map(({ leases: { manager, directory, ioTimeoutSeconds } }) => JSON.stringify([manager, directory, manager === "sanlock" ? ioTimeoutSeconds : 0])));
  const twice = having.filter(({ leases }) => leases.hostId !== undefined && having.filter((other) => other.leases.hostId === leases.hostId).length > 1).map(({ name }) => name);
  return [
    ...(without.length === 0 ? [] : [`${cluster}: ${without.join(", ")} ${without.length === 1 ? "has" : "have"} no \`leases\`, unlike its other hosts: a guest that starts there holds none`]),
    ...(ways.size === 1 ? [] : [`${cluster}: its hosts' \`leases\` are not the same (manager, directory, ioTimeoutSeconds), and do not protect from one another`]),
    ...(twice.length === 0 ? [] : [`${cluster}: ${twice.join(" and ")} have the same leases.hostId: only one of them can run guests`]),
  ];
}
