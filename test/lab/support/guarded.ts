import { fenceDeviceOf } from "../../../lab/bmc.js";
import type { Lab } from "../../../lab/model.js";

/** What a guarded cluster of a test has beside its hosts. */
export interface GuardedProgram {
  /** Of the cluster: `{ directory: … }` or `{ etcd: […] }`. */
  readonly guard: Readonly<Record<string, unknown>>;
  readonly prefix: string;
  /** Names of the VMs; those in capitals are not highly available. */
  readonly vms: readonly string[];
  /** VMs that shall not run. */
  readonly stopped?: readonly string[];
}

/** A program of the lab's hosts with their BMCs, a shared pool, and guests without an operating system. */
export async function guardedProgram(lab: Pick<Lab, "hosts" | "sharedPath">, { guard, prefix, vms, stopped = [] }: GuardedProgram): Promise<string> {
  const devices = Object.fromEntries(await Promise.all(lab.hosts.map(async (host) => [host.name, [await fenceDeviceOf(host)]] as const)));
  return `import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const devices = ${JSON.stringify(devices)};
const stopped = ${JSON.stringify(stopped)};
const hosts = Object.keys(devices).map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, connectTimeoutSeconds: 3, fence: devices[name] }));
const pool = new StoragePool("disks", { hosts, path: "${lab.sharedPath}", shared: true });
const prod = new Cluster("prod", { hosts, onUnreachable: "plan-without", guard: ${JSON.stringify(guard)} });
for (const name of ${JSON.stringify(vms)}) new VirtualMachine(\`vm-\${name}\`, {
  cluster: prod, name: \`${prefix}\${name}\`, memory: "64 MiB", running: !stopped.includes(name), disks: { root: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } },
  shutdown: { timeoutSeconds: 1, onTimeout: "power-off" }, ...(name === name.toUpperCase() ? {} : { ha: { priority: 70 } }),
});
`;
}
