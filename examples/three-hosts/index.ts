/**
 * A small data centre: three hosts that share a storage pool, a network on each of them, and a VM on each of them.
 *
 * It runs on the embedded lab's hosts (`npm start`) or on your own: `pulumi config set --path 'hosts[0]' kvm1.example.org`.
 *
 * "drover" is this repository itself: Node resolves a package's own name by the `exports` in its package.json, and so
 * does TypeScript. In a project of your own it is the installed package, and the program is the same.
 */
import { Config } from "@pulumi/pulumi";
import { Host, Image, Network, StoragePool, VirtualMachine } from "drover";

const config = new Config();
/** Names or addresses of the hosts, as ssh knows them. */
const hostNames = config.getObject<string[]>("hosts") ?? ["ash", "birch", "cedar"];
/** Folder on each host that shows the same shared storage. */
const sharedFolder = config.get("sharedFolder") ?? "/srv/disks";
/** Bridge on each host that leads to the guests' network. */
const bridge = config.get("bridge") ?? "br0";
/** Disk image with cloud-init: a path on this machine, or a URL with its sha256. */
const source = config.require("image");
const sha256 = config.get("imageSha256");

const hosts = hostNames.map((name) => new Host(name, { uri: `qemu+ssh://root@${name}/system` }));
const disks = new StoragePool("disks", { hosts, type: "dir", path: sharedFolder, shared: true });
const lan = new Network("lan", { hosts, forward: "bridge", bridge });
const system = new Image("system", { pool: disks, source, ...(sha256 === undefined ? {} : { sha256 }) });

const web = hosts.map((host, i) => new VirtualMachine(`web-${i}`, {
  host,
  vcpus: 1,
  memory: "256 MiB",
  disks: { root: { image: system } },
  nics: { lan: { network: lan } },
  cloudInit: { metaData: { "local-hostname": `web-${i}` } },
  waitForIp: { timeoutSeconds: 120 },
}));

/** Each VM's host and address. */
export const vms = web.map((vm) => ({ name: vm.name, host: vm.runsOn, ipAddress: vm.ipAddress }));
