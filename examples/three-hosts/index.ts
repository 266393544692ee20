/**
 * A small data centre: a cluster of three hosts that share a storage pool, a network on each of them, and VMs that the cluster
 * places, each on another host where that is possible. A host is emptied by `pulumi config set --path 'maintenance[0]' ash`.
 *
 * It runs on the embedded lab's hosts (`npm start`) or on your own: `pulumi config set --path 'hosts[0]' kvm1.example.org`.
 *
 * "drover" is this repository itself: Node resolves a package's own name by the `exports` in its package.json, and so
 * does TypeScript. In a project of your own it is the installed package, and the program is the same.
 */
import { Config } from "@pulumi/pulumi";
import { Cluster, Host, Image, Network, StoragePool, VirtualMachine, type FenceDeviceArgs } from "drover";

const config = new Config();
/** Names or addresses of the hosts, as ssh knows them. */
const hostNames = config.getObject<string[]>("hosts") ?? ["ash", "birch", "cedar"];
/** Names of the hosts that carry no guests for now. */
const maintenance = config.getObject<string[]>("maintenance") ?? [];
/** Folder on each host that shows the same shared storage. */
const sharedFolder = config.get("sharedFolder") ?? "/srv/disks";
/** Bridge on each host that leads to the guests' network. */
const bridge = config.get("bridge") ?? "br0";
/** What cuts each host's power, by the host's name, and the devices' password. Without it nobody but an operator can know that a host is dead. */
const fence = config.getObject<Record<string, FenceDeviceArgs>>("fence") ?? {};
const password = config.getSecret("fencePassword");
/** Disk image with cloud-init: a path on this machine, or a URL with its sha256. */
const source = config.require("image");
const sha256 = config.get("imageSha256");

const hosts = hostNames.map((name) => {
  const device = fence[name];
  const secrets = password === undefined ? {} : { password };
  return new Host(name, { uri: `qemu+ssh://root@${name}/system`, maintenance: maintenance.includes(name), fence: device === undefined ? [] : [{ ...device, secrets }] });
});
const disks = new StoragePool("disks", { hosts, type: "dir", path: sharedFolder, shared: true });
const lan = new Network("lan", { hosts, forward: "bridge", bridge });
const system = new Image("system", { pool: disks, source, ...(sha256 === undefined ? {} : { sha256 }) });

const prod = new Cluster("prod", { hosts, tolerate: { hosts: 1 } });

const web = [0, 1, 2].map((i) => new VirtualMachine(`web-${i}`, {
  cluster: prod,
  vcpus: 1,
  memory: "256 MiB",
  disks: { root: { image: system } },
  nics: { lan: { network: lan } },
  cloudInit: { metaData: { "local-hostname": `web-${i}` } },
  waitForIp: { timeoutSeconds: 120 },
  // A guard (`drover guard run`) starts it elsewhere when its host dies.
  ha: { priority: 50 },
}));

// A wish and no more: with one host in maintenance two of them share a host.
prod.rule("web-apart", { kind: "separate", vms: web, hard: false });

/** Each VM's host and address. */
export const vms = web.map((vm) => ({ name: vm.name, host: vm.runsOn, ipAddress: vm.ipAddress }));
