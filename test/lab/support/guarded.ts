import { fenceDeviceOf } from "../../../lab/bmc.js";
import type { Lab } from "../../../lab/model.js";

/** What a guarded cluster of a test has beside its hosts. */
export interface GuardedProgram {
  /** Of the cluster: `{ directory: … }` or `{ etcd: […] }`. */
  readonly guard: Readonly<Record<string, unknown>>;
  readonly prefix: string;
  /** Names of the VMs; those in capitals are not highly available. */
  readonly vms: readonly string[];
  /** Leases of each host, by its name, in place of a fence device. Default: the lab's BMCs, and no leases. */
  readonly leases?: Readonly<Record<string, object>>;
  /** Of the pool, as the hosts see it; it is there. Default: the whole shared storage. */
  readonly folder?: string;
  /** Name of a host that is in maintenance. */
  readonly maintenance?: string;
  /** VMs that shall not run. */
  readonly stopped?: readonly string[];
  /** Hosts on which VMs have to be, by the VMs' names. */
  readonly pins?: Readonly<Record<string, string>>;
  /** Are the VMs divided among the hosts? */
  readonly spread?: boolean;
  /** More parameters of each fence device. */
  readonly fence?: Readonly<Record<string, number | string | boolean>>;
  /** More of the cluster: its policy, …. */
  readonly cluster?: Readonly<Record<string, unknown>>;
}

/** A program of the lab's hosts with their BMCs, a shared pool, and guests without an operating system. */
export async function guardedProgram(lab: Pick<Lab, "hosts" | "sharedPath">, { guard, prefix, vms, stopped = [], spread = false, cluster = {}, fence = {}, maintenance = "", pins = {}, leases, folder = lab.sharedPath }: GuardedProgram): Promise<string> {
  const deviceOf = async (host: Lab["hosts"][number]): Promise<object> => {
    const device = await fenceDeviceOf(host);
    return { ...device, parameters: { ...device.parameters, ...fence } };
  };
  const devices = Object.fromEntries(await Promise.all(lab.hosts.map(async (host) => [host.name, leases === undefined ? { fence: [await deviceOf(host)] } : { leases: leases[host.name] }] as const)));
  return `import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const devices = ${JSON.stringify(devices)};
const stopped = ${JSON.stringify(stopped)};
const pins = ${JSON.stringify(pins)};
const hosts = Object.keys(devices).map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, connectTimeoutSeconds: 3, ...devices[name], ...(name === "${maintenance}" ? { maintenance: true } : {}) }));
const pool = new StoragePool("disks", { hosts, path: "${folder}", shared: true });
const prod = new Cluster("prod", { hosts, onUnreachable: "plan-without", guard: ${JSON.stringify(guard)}, ...${JSON.stringify(cluster)} });
for (const name of ${JSON.stringify(vms)}) new VirtualMachine(\`vm-\${name}\`, {
  cluster: prod, name: \`${prefix}\${name}\`, memory: "64 MiB", running: !stopped.includes(name), disks: { root: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } },
  shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },...(name in pins ? { pin: pins[name] } : {}),${spread ? ' spread: { group: "all" },' : ""} ...(name === name.toUpperCase() ? {} : { ha: { priority: 70 } }),
});
`;
}
