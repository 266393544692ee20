import type { ClusterReading } from "../../../../provider/inventory/cluster/index.js";
import type { KnownHost } from "../../../../provider/kinds/placement/inventory.js";
import { sortDomains } from "../../../../provider/kinds/placement/members.js";
import type { ReadCluster } from "../../../../provider/kinds/placement/reading.js";
import type { ClusterHost, Member, PlacementInputs } from "../../../../provider/schema/index.js";

/** A VM as it enlists: its domain is the one that `domain(name)` makes. */
export function member(name: string, given: Partial<Member> = {}): Member {
  return { key: `drover:VirtualMachine::${name}`, vcpus: 1, memory: "1 GiB", running: true, ...given };
}

/** What was read of a cluster, as `readCluster` returns it: each host of the reading is the program's. */
export function cluster(reading: ClusterReading, vms: Readonly<Record<string, Member>>, { hosts: declared = {}, ...given }: Partial<Omit<PlacementInputs, "hosts">> & { readonly hosts?: Readonly<Record<string, Partial<ClusterHost> & Pick<Partial<KnownHost>, "state" | "cpus">>> } = {}): ReadCluster {
  const owners = new Set(["owner"]);
  const known = [...reading.hosts.map((read) => ({ read, address: read.address })), ...reading.silent.map(({ address }) => ({ read: undefined, address }))].sort((a, b) => (a.address.name < b.address.name ? -1 : 1)).map(({ read, address }): KnownHost => {
    const { state = read === undefined ? "unknown" : "up", cpus, ...more } = declared[address.name] ?? {};
    const { name, uri, owner } = address;
    return { declared: { host: { name, uri, owner }, ...more }, read, state, ...(cpus === undefined ? {} : { cpus }) };
  });
  const inputs: PlacementInputs = { cluster: "prod", owner: "owner", onUnreachable: "plan-without", cpuBaseline: "keep", policy: "none", rebalance: false, ...given, hosts: known.map((each) => each.declared), vms };
  return { inputs, hosts: known, reading, owners, sorted: sortDomains(inputs, owners, reading, new Set(known.filter(({ state }) => state === "lost").map(({ declared }) => declared.host.name))), open: [], cutOff: [], leavingKeys: new Set(), before: {}, returned: [] };
}
