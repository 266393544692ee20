/** The kinds that a program declares. A new kind is one file, one line here and one in `handlers.ts`. */
export { Cluster, type ClusterProps, type ClusterRule } from "./cluster.js";
export { Disk } from "./disk.js";
export { Host } from "./host.js";
export { Image } from "./image.js";
export { HostNetwork, Network, type NetworkProps } from "./network.js";
export { HostStoragePool, StoragePool, type StoragePoolProps } from "./storage-pool.js";
export { Placement } from "./placement.js";
export { VirtualMachine, type VirtualMachineProps } from "./virtual-machine.js";
