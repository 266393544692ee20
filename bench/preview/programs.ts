import type { Lab } from "../../lab/model.js";
import { hostName, MEMORY_TIMES, uriOf, type FleetSize } from "../placement/fleet.js";
import { OVERCOMMIT } from "./fleet-state.js";
import { RECORDED } from "../placement/recorded.js";

/** Set to the name of a host that the program wants empty. */
export const MAINTENANCE = "BENCH_MAINTENANCE";

/** A cluster of simulated hosts with all its VMs, declared as the recorded ones are. */
export function fleetProgram(size: FleetSize, lab: Lab, folder: string): string {
  return `import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const hosts = Array.from({ length: ${size.hosts} }, (_, index) => {
  const name = ${JSON.stringify(hostName(0).slice(0, -3))} + String(index).padStart(3, "0");
  return new Host(name, { uri: ${JSON.stringify(uriOf(folder, "NAME"))}.replace("NAME", name), ...(process.env["${MAINTENANCE}"] === name ? { maintenance: true } : {}) });
});
const pool = new StoragePool("${RECORDED.pool}", { hosts, path: ${JSON.stringify(`${lab.sharedPath}/${RECORDED.pool}`)}, shared: true });
const image = new Image("${RECORDED.image}", { pool, source: ${JSON.stringify(lab.images.tiny)} });
const cluster = new Cluster("${RECORDED.cluster}", { hosts, overcommit: ${JSON.stringify(OVERCOMMIT)} });
const times = ${JSON.stringify(MEMORY_TIMES)};
for (let index = 0; index < ${size.vms}; index += 1) {
  new VirtualMachine("vm-" + String(index).padStart(5, "0"), {
    cluster, memory: ${RECORDED.memoryMib} * times[Math.floor(index / 7) % times.length] + " MiB",
    disks: { root: { image } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
  });
}
`;
}

/** Dynamic resources that do nothing: Pulumi's own share. */
export function trivialProgram(count: number): string {
  return `import * as pulumi from "@pulumi/pulumi";
const provider = "exports.handler = () => ({ check: async (olds, news) => ({ inputs: news }), diff: async () => ({ changes: false }), create: async (inputs) => ({ id: 'x', outs: inputs }), update: async (id, olds, news) => ({ outs: news }), read: async (id, props) => ({ id, props }), delete: async () => {} })";
class Trivial extends pulumi.CustomResource {
  constructor(name) { super("pulumi-nodejs:dynamic/trivial:Trivial", name, { memory: "64 MiB", __provider: provider }); }
}
for (let index = 0; index < ${count}; index += 1) new Trivial("trivial-" + index);
`;
}
