import type { Lab } from "../../lab/model.js";

export interface Edit {
  readonly guests: number;
  /** Speed of each host's link as the program declares it. */
  readonly mbps: Readonly<Record<string, number>>;
  /** Hosts in maintenance. */
  readonly maintenance: readonly string[];
}

/** Guests of the tiny image in a cluster of three hosts, and their addresses. */
export function program(lab: Lab, { guests, mbps, maintenance }: Edit): string {
  return `import * as pulumi from "@pulumi/pulumi";
import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const hosts = Object.entries(${JSON.stringify(mbps)}).map(([name, mbps]) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, maintenance: ${JSON.stringify(maintenance)}.includes(name), migration: { mbps } }));
const pool = new StoragePool("bench-drain", { hosts, path: ${JSON.stringify(`${lab.sharedPath}/bench-drain`)}, shared: true });
const image = new Image("bench-drain", { pool, source: ${JSON.stringify(lab.images.tiny)} });
const cluster = new Cluster("drain", { hosts });
const vms = Array.from({ length: ${guests} }, (_, i) => new VirtualMachine(\`bench-drain-\${i}\`, {
  cluster, memory: "384 MiB", disks: { root: { image } }, nics: { lan: { bridge: "br0" } }, waitForIp: { timeoutSeconds: 300 },
  shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
}));
export const addresses = pulumi.all(vms.map((vm) => pulumi.all([vm.name, vm.ipAddress]))).apply((all) => Object.fromEntries(all));
`;
}
