/** Drover: a virtualization platform as code. What a Pulumi program imports. */
export * from "./kinds/index.js";
export type {
  ChangeArgs, CloudInitArgs, ClusterArgs, ClusterHostArgs, DhcpArgs, DhcpHostArgs, DhcpRangeArgs, DiskArgs, DnsArgs, FenceDeviceArgs, GraphicsArgs, HostArgs, HostNetworkArgs, HostRef, HostStoragePoolArgs,
  ImageArgs, ImageRef, NetworkArgs, NetworkRef, PoolRef, ShutdownArgs, SshOptionsArgs, StoragePoolArgs, VirtualMachineArgs, VmDiskArgs, VmNicArgs, WaitForIpArgs,
} from "./schema/index.js";
export { DroverError } from "./base/error.js";
