/**
 * A guarded cluster: VMs with `ha` run again on another host within seconds after theirs died. Three guards on three machines watch it,
 * and agree by an etcd of three members; README.md beside this tells how they are set up.
 */
import { Config } from "@pulumi/pulumi";
import { Cluster, Host, Image, StoragePool, VirtualMachine, type FenceDeviceArgs } from "drover";

const config = new Config();
/** What cuts each host's power, by the name or address by which ssh knows the host: { "ash": { "agent": "ipmilan", "parameters": { "ip": "10.0.0.21", "username": "drover", "lanplus": true } } }. */
const fence = config.requireObject<Record<string, FenceDeviceArgs>>("fence");
/** The devices' password. */
const password = config.requireSecret("fencePassword");
/** etcd's client URLs. */
const etcd = config.requireObject<string[]>("etcd");
/** Folder on each host that shows the same shared storage. */
const sharedFolder = config.get("sharedFolder") ?? "/srv/disks";
/** Disk image with cloud-init: a path on this machine. */
const source = config.require("image");

const hosts = Object.entries(fence).map(([name, device]) => new Host(name, { uri: `qemu+ssh://root@${name}/system`, fence: [{ ...device, secrets: { password } }] }));
const disks = new StoragePool("disks", { hosts, path: sharedFolder, shared: true });
const system = new Image("system", { pool: disks, source });

// An update goes on without a host that died: its guests are the guards' business.
const prod = new Cluster("prod", { hosts, tolerate: { hosts: 1 }, onUnreachable: "plan-without", guard: { etcd } });

for (const name of ["a", "b", "c"]) {
  new VirtualMachine(`shop-${name}`, { cluster: prod, memory: "256 MiB", disks: { root: { image: system } }, nics: { lan: { bridge: "br0" } }, ha: { priority: 70 } });
}
