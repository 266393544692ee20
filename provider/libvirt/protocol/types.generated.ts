// Generated from protocol.json by scripts/generate-protocol.ts: edit those and run `npm run generate`.
import type { XdrReader, XdrWriter } from "../xdr.js";
import { decodeTypedValue, encodeTypedValue, type TypedValue } from "../typed-value.js";

/** virNetMessageError */
export interface NetMessageError {
  code: number;
  domain: number;
  message: string | null;
  level: number;
  dom: NetMessageNonnullDomain | null;
  str1: string | null;
  str2: string | null;
  str3: string | null;
  int1: number;
  int2: number;
  net: NetMessageNonnullNetwork | null;
}
function encodeNetMessageError(w: XdrWriter, v: NetMessageError): void {
  w.int(v.code);
  w.int(v.domain);
  if (w.present(v.message)) w.string(v.message, 4194304);
  w.int(v.level);
  if (w.present(v.dom)) encodeNetMessageNonnullDomain(w, v.dom);
  if (w.present(v.str1)) w.string(v.str1, 4194304);
  if (w.present(v.str2)) w.string(v.str2, 4194304);
  if (w.present(v.str3)) w.string(v.str3, 4194304);
  w.int(v.int1);
  w.int(v.int2);
  if (w.present(v.net)) encodeNetMessageNonnullNetwork(w, v.net);
}
function decodeNetMessageError(r: XdrReader): NetMessageError {
  return {
    code: r.int(),
    domain: r.int(),
    message: r.present() ? r.string(4194304) : null,
    level: r.int(),
    dom: r.present() ? decodeNetMessageNonnullDomain(r) : null,
    str1: r.present() ? r.string(4194304) : null,
    str2: r.present() ? r.string(4194304) : null,
    str3: r.present() ? r.string(4194304) : null,
    int1: r.int(),
    int2: r.int(),
    net: r.present() ? decodeNetMessageNonnullNetwork(r) : null,
  };
}

/** virNetMessageNonnullDomain */
export interface NetMessageNonnullDomain {
  name: string;
  uuid: string;
  id: number;
}
function encodeNetMessageNonnullDomain(w: XdrWriter, v: NetMessageNonnullDomain): void {
  w.string(v.name, 4194304);
  w.uuid(v.uuid);
  w.int(v.id);
}
function decodeNetMessageNonnullDomain(r: XdrReader): NetMessageNonnullDomain {
  return {
    name: r.string(4194304),
    uuid: r.uuid(),
    id: r.int(),
  };
}

/** virNetMessageNonnullNetwork */
export interface NetMessageNonnullNetwork {
  name: string;
  uuid: string;
}
function encodeNetMessageNonnullNetwork(w: XdrWriter, v: NetMessageNonnullNetwork): void {
  w.string(v.name, 4194304);
  w.uuid(v.uuid);
}
function decodeNetMessageNonnullNetwork(r: XdrReader): NetMessageNonnullNetwork {
  return {
    name: r.string(4194304),
    uuid: r.uuid(),
  };
}

/** virNetStreamHole */
export interface NetStreamHole {
  length: bigint;
  flags: number;
}
function encodeNetStreamHole(w: XdrWriter, v: NetStreamHole): void {
  w.hyper(v.length);
  w.uint(v.flags);
}
function decodeNetStreamHole(r: XdrReader): NetStreamHole {
  return {
    length: r.hyper(),
    flags: r.uint(),
  };
}

/** remote_auth_list_ret */
export interface AuthListRet {
  types: number[];
}
function encodeAuthListRet(w: XdrWriter, v: AuthListRet): void {
  w.count(v.types.length, 20); for (const item of v.types) { w.int(item); }
}
function decodeAuthListRet(r: XdrReader): AuthListRet {
  return {
    types: r.list(20, 4, (r) => r.int()),
  };
}

/** remote_connect_supports_feature_args */
export interface ConnectSupportsFeatureArgs {
  feature: number;
}
function encodeConnectSupportsFeatureArgs(w: XdrWriter, v: ConnectSupportsFeatureArgs): void {
  w.int(v.feature);
}
function decodeConnectSupportsFeatureArgs(r: XdrReader): ConnectSupportsFeatureArgs {
  return {
    feature: r.int(),
  };
}

/** remote_connect_supports_feature_ret */
export interface ConnectSupportsFeatureRet {
  supported: number;
}
function encodeConnectSupportsFeatureRet(w: XdrWriter, v: ConnectSupportsFeatureRet): void {
  w.int(v.supported);
}
function decodeConnectSupportsFeatureRet(r: XdrReader): ConnectSupportsFeatureRet {
  return {
    supported: r.int(),
  };
}

/** remote_connect_get_type_ret */
export interface ConnectGetTypeRet {
  type: string;
}
function encodeConnectGetTypeRet(w: XdrWriter, v: ConnectGetTypeRet): void {
  w.string(v.type, 4194304);
}
function decodeConnectGetTypeRet(r: XdrReader): ConnectGetTypeRet {
  return {
    type: r.string(4194304),
  };
}

/** remote_connect_get_version_ret */
export interface ConnectGetVersionRet {
  hvVer: bigint;
}
function encodeConnectGetVersionRet(w: XdrWriter, v: ConnectGetVersionRet): void {
  w.uhyper(v.hvVer);
}
function decodeConnectGetVersionRet(r: XdrReader): ConnectGetVersionRet {
  return {
    hvVer: r.uhyper(),
  };
}

/** remote_connect_get_lib_version_ret */
export interface ConnectGetLibVersionRet {
  libVer: bigint;
}
function encodeConnectGetLibVersionRet(w: XdrWriter, v: ConnectGetLibVersionRet): void {
  w.uhyper(v.libVer);
}
function decodeConnectGetLibVersionRet(r: XdrReader): ConnectGetLibVersionRet {
  return {
    libVer: r.uhyper(),
  };
}

/** remote_connect_get_uri_ret */
export interface ConnectGetURIRet {
  uri: string;
}
function encodeConnectGetURIRet(w: XdrWriter, v: ConnectGetURIRet): void {
  w.string(v.uri, 4194304);
}
function decodeConnectGetURIRet(r: XdrReader): ConnectGetURIRet {
  return {
    uri: r.string(4194304),
  };
}

/** remote_connect_get_hostname_ret */
export interface ConnectGetHostnameRet {
  hostname: string;
}
function encodeConnectGetHostnameRet(w: XdrWriter, v: ConnectGetHostnameRet): void {
  w.string(v.hostname, 4194304);
}
function decodeConnectGetHostnameRet(r: XdrReader): ConnectGetHostnameRet {
  return {
    hostname: r.string(4194304),
  };
}

/** remote_connect_list_all_domains_args */
export interface ConnectListAllDomainsArgs {
  needResults: number;
  flags: number;
}
function encodeConnectListAllDomainsArgs(w: XdrWriter, v: ConnectListAllDomainsArgs): void {
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectListAllDomainsArgs(r: XdrReader): ConnectListAllDomainsArgs {
  return {
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_list_all_domains_ret */
export interface ConnectListAllDomainsRet {
  domains: DomainRef[];
  ret: number;
}
function encodeConnectListAllDomainsRet(w: XdrWriter, v: ConnectListAllDomainsRet): void {
  w.count(v.domains.length, 16384); for (const item of v.domains) { encodeDomainRef(w, item); }
  w.uint(v.ret);
}
function decodeConnectListAllDomainsRet(r: XdrReader): ConnectListAllDomainsRet {
  return {
    domains: r.list(16384, 24, decodeDomainRef),
    ret: r.uint(),
  };
}

/** remote_nonnull_domain */
export interface DomainRef {
  name: string;
  uuid: string;
  id: number;
}
function encodeDomainRef(w: XdrWriter, v: DomainRef): void {
  w.string(v.name, 4194304);
  w.uuid(v.uuid);
  w.int(v.id);
}
function decodeDomainRef(r: XdrReader): DomainRef {
  return {
    name: r.string(4194304),
    uuid: r.uuid(),
    id: r.int(),
  };
}

/** remote_connect_list_all_networks_args */
export interface ConnectListAllNetworksArgs {
  needResults: number;
  flags: number;
}
function encodeConnectListAllNetworksArgs(w: XdrWriter, v: ConnectListAllNetworksArgs): void {
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectListAllNetworksArgs(r: XdrReader): ConnectListAllNetworksArgs {
  return {
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_list_all_networks_ret */
export interface ConnectListAllNetworksRet {
  nets: NetworkRef[];
  ret: number;
}
function encodeConnectListAllNetworksRet(w: XdrWriter, v: ConnectListAllNetworksRet): void {
  w.count(v.nets.length, 16384); for (const item of v.nets) { encodeNetworkRef(w, item); }
  w.uint(v.ret);
}
function decodeConnectListAllNetworksRet(r: XdrReader): ConnectListAllNetworksRet {
  return {
    nets: r.list(16384, 20, decodeNetworkRef),
    ret: r.uint(),
  };
}

/** remote_nonnull_network */
export interface NetworkRef {
  name: string;
  uuid: string;
}
function encodeNetworkRef(w: XdrWriter, v: NetworkRef): void {
  w.string(v.name, 4194304);
  w.uuid(v.uuid);
}
function decodeNetworkRef(r: XdrReader): NetworkRef {
  return {
    name: r.string(4194304),
    uuid: r.uuid(),
  };
}

/** remote_connect_list_all_storage_pools_args */
export interface ConnectListAllStoragePoolsArgs {
  needResults: number;
  flags: number;
}
function encodeConnectListAllStoragePoolsArgs(w: XdrWriter, v: ConnectListAllStoragePoolsArgs): void {
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectListAllStoragePoolsArgs(r: XdrReader): ConnectListAllStoragePoolsArgs {
  return {
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_list_all_storage_pools_ret */
export interface ConnectListAllStoragePoolsRet {
  pools: StoragePoolRef[];
  ret: number;
}
function encodeConnectListAllStoragePoolsRet(w: XdrWriter, v: ConnectListAllStoragePoolsRet): void {
  w.count(v.pools.length, 16384); for (const item of v.pools) { encodeStoragePoolRef(w, item); }
  w.uint(v.ret);
}
function decodeConnectListAllStoragePoolsRet(r: XdrReader): ConnectListAllStoragePoolsRet {
  return {
    pools: r.list(16384, 20, decodeStoragePoolRef),
    ret: r.uint(),
  };
}

/** remote_nonnull_storage_pool */
export interface StoragePoolRef {
  name: string;
  uuid: string;
}
function encodeStoragePoolRef(w: XdrWriter, v: StoragePoolRef): void {
  w.string(v.name, 4194304);
  w.uuid(v.uuid);
}
function decodeStoragePoolRef(r: XdrReader): StoragePoolRef {
  return {
    name: r.string(4194304),
    uuid: r.uuid(),
  };
}

/** remote_connect_list_all_secrets_args */
export interface ConnectListAllSecretsArgs {
  needResults: number;
  flags: number;
}
function encodeConnectListAllSecretsArgs(w: XdrWriter, v: ConnectListAllSecretsArgs): void {
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectListAllSecretsArgs(r: XdrReader): ConnectListAllSecretsArgs {
  return {
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_list_all_secrets_ret */
export interface ConnectListAllSecretsRet {
  secrets: SecretRef[];
  ret: number;
}
function encodeConnectListAllSecretsRet(w: XdrWriter, v: ConnectListAllSecretsRet): void {
  w.count(v.secrets.length, 16384); for (const item of v.secrets) { encodeSecretRef(w, item); }
  w.uint(v.ret);
}
function decodeConnectListAllSecretsRet(r: XdrReader): ConnectListAllSecretsRet {
  return {
    secrets: r.list(16384, 24, decodeSecretRef),
    ret: r.uint(),
  };
}

/** remote_nonnull_secret */
export interface SecretRef {
  uuid: string;
  usageType: number;
  usageID: string;
}
function encodeSecretRef(w: XdrWriter, v: SecretRef): void {
  w.uuid(v.uuid);
  w.int(v.usageType);
  w.string(v.usageID, 4194304);
}
function decodeSecretRef(r: XdrReader): SecretRef {
  return {
    uuid: r.uuid(),
    usageType: r.int(),
    usageID: r.string(4194304),
  };
}

/** remote_connect_list_all_node_devices_args */
export interface ConnectListAllNodeDevicesArgs {
  needResults: number;
  flags: number;
}
function encodeConnectListAllNodeDevicesArgs(w: XdrWriter, v: ConnectListAllNodeDevicesArgs): void {
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectListAllNodeDevicesArgs(r: XdrReader): ConnectListAllNodeDevicesArgs {
  return {
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_list_all_node_devices_ret */
export interface ConnectListAllNodeDevicesRet {
  devices: NodeDeviceRef[];
  ret: number;
}
function encodeConnectListAllNodeDevicesRet(w: XdrWriter, v: ConnectListAllNodeDevicesRet): void {
  w.count(v.devices.length, 65536); for (const item of v.devices) { encodeNodeDeviceRef(w, item); }
  w.uint(v.ret);
}
function decodeConnectListAllNodeDevicesRet(r: XdrReader): ConnectListAllNodeDevicesRet {
  return {
    devices: r.list(65536, 4, decodeNodeDeviceRef),
    ret: r.uint(),
  };
}

/** remote_nonnull_node_device */
export interface NodeDeviceRef {
  name: string;
}
function encodeNodeDeviceRef(w: XdrWriter, v: NodeDeviceRef): void {
  w.string(v.name, 4194304);
}
function decodeNodeDeviceRef(r: XdrReader): NodeDeviceRef {
  return {
    name: r.string(4194304),
  };
}

/** remote_connect_list_all_interfaces_args */
export interface ConnectListAllInterfacesArgs {
  needResults: number;
  flags: number;
}
function encodeConnectListAllInterfacesArgs(w: XdrWriter, v: ConnectListAllInterfacesArgs): void {
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectListAllInterfacesArgs(r: XdrReader): ConnectListAllInterfacesArgs {
  return {
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_list_all_interfaces_ret */
export interface ConnectListAllInterfacesRet {
  ifaces: InterfaceRef[];
  ret: number;
}
function encodeConnectListAllInterfacesRet(w: XdrWriter, v: ConnectListAllInterfacesRet): void {
  w.count(v.ifaces.length, 16384); for (const item of v.ifaces) { encodeInterfaceRef(w, item); }
  w.uint(v.ret);
}
function decodeConnectListAllInterfacesRet(r: XdrReader): ConnectListAllInterfacesRet {
  return {
    ifaces: r.list(16384, 8, decodeInterfaceRef),
    ret: r.uint(),
  };
}

/** remote_nonnull_interface */
export interface InterfaceRef {
  name: string;
  mac: string;
}
function encodeInterfaceRef(w: XdrWriter, v: InterfaceRef): void {
  w.string(v.name, 4194304);
  w.string(v.mac, 4194304);
}
function decodeInterfaceRef(r: XdrReader): InterfaceRef {
  return {
    name: r.string(4194304),
    mac: r.string(4194304),
  };
}

/** remote_connect_get_cpu_model_names_args */
export interface ConnectGetCPUModelNamesArgs {
  arch: string;
  needResults: number;
  flags: number;
}
function encodeConnectGetCPUModelNamesArgs(w: XdrWriter, v: ConnectGetCPUModelNamesArgs): void {
  w.string(v.arch, 4194304);
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeConnectGetCPUModelNamesArgs(r: XdrReader): ConnectGetCPUModelNamesArgs {
  return {
    arch: r.string(4194304),
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_connect_get_cpu_model_names_ret */
export interface ConnectGetCPUModelNamesRet {
  models: string[];
  ret: number;
}
function encodeConnectGetCPUModelNamesRet(w: XdrWriter, v: ConnectGetCPUModelNamesRet): void {
  w.count(v.models.length, 8192); for (const item of v.models) { w.string(item, 4194304); }
  w.int(v.ret);
}
function decodeConnectGetCPUModelNamesRet(r: XdrReader): ConnectGetCPUModelNamesRet {
  return {
    models: r.list(8192, 4, (r) => r.string(4194304)),
    ret: r.int(),
  };
}

/** remote_node_get_info_ret */
export interface NodeGetInfoRet {
  model: string;
  memory: bigint;
  cpus: number;
  mhz: number;
  nodes: number;
  sockets: number;
  cores: number;
  threads: number;
}
function encodeNodeGetInfoRet(w: XdrWriter, v: NodeGetInfoRet): void {
  w.chars(v.model, 32);
  w.uhyper(v.memory);
  w.int(v.cpus);
  w.int(v.mhz);
  w.int(v.nodes);
  w.int(v.sockets);
  w.int(v.cores);
  w.int(v.threads);
}
function decodeNodeGetInfoRet(r: XdrReader): NodeGetInfoRet {
  return {
    model: r.chars(32),
    memory: r.uhyper(),
    cpus: r.int(),
    mhz: r.int(),
    nodes: r.int(),
    sockets: r.int(),
    cores: r.int(),
    threads: r.int(),
  };
}

/** remote_node_get_memory_stats_args */
export interface NodeGetMemoryStatsArgs {
  nparams: number;
  cellNum: number;
  flags: number;
}
function encodeNodeGetMemoryStatsArgs(w: XdrWriter, v: NodeGetMemoryStatsArgs): void {
  w.int(v.nparams);
  w.int(v.cellNum);
  w.uint(v.flags);
}
function decodeNodeGetMemoryStatsArgs(r: XdrReader): NodeGetMemoryStatsArgs {
  return {
    nparams: r.int(),
    cellNum: r.int(),
    flags: r.uint(),
  };
}

/** remote_node_get_memory_stats_ret */
export interface NodeGetMemoryStatsRet {
  params: NodeMemoryStat[];
  nparams: number;
}
function encodeNodeGetMemoryStatsRet(w: XdrWriter, v: NodeGetMemoryStatsRet): void {
  w.count(v.params.length, 16); for (const item of v.params) { encodeNodeMemoryStat(w, item); }
  w.int(v.nparams);
}
function decodeNodeGetMemoryStatsRet(r: XdrReader): NodeGetMemoryStatsRet {
  return {
    params: r.list(16, 12, decodeNodeMemoryStat),
    nparams: r.int(),
  };
}

/** remote_node_get_memory_stats */
export interface NodeMemoryStat {
  field: string;
  value: bigint;
}
function encodeNodeMemoryStat(w: XdrWriter, v: NodeMemoryStat): void {
  w.string(v.field, 4194304);
  w.uhyper(v.value);
}
function decodeNodeMemoryStat(r: XdrReader): NodeMemoryStat {
  return {
    field: r.string(4194304),
    value: r.uhyper(),
  };
}

/** remote_node_get_cpu_map_args */
export interface NodeGetCPUMapArgs {
  needMap: number;
  needOnline: number;
  flags: number;
}
function encodeNodeGetCPUMapArgs(w: XdrWriter, v: NodeGetCPUMapArgs): void {
  w.int(v.needMap);
  w.int(v.needOnline);
  w.uint(v.flags);
}
function decodeNodeGetCPUMapArgs(r: XdrReader): NodeGetCPUMapArgs {
  return {
    needMap: r.int(),
    needOnline: r.int(),
    flags: r.uint(),
  };
}

/** remote_node_get_cpu_map_ret */
export interface NodeGetCPUMapRet {
  cpumap: Uint8Array;
  online: number;
  ret: number;
}
function encodeNodeGetCPUMapRet(w: XdrWriter, v: NodeGetCPUMapRet): void {
  w.opaque(v.cpumap, 2048);
  w.uint(v.online);
  w.int(v.ret);
}
function decodeNodeGetCPUMapRet(r: XdrReader): NodeGetCPUMapRet {
  return {
    cpumap: r.opaque(2048),
    online: r.uint(),
    ret: r.int(),
  };
}

/** remote_node_get_cpu_stats_args */
export interface NodeGetCPUStatsArgs {
  cpuNum: number;
  nparams: number;
  flags: number;
}
function encodeNodeGetCPUStatsArgs(w: XdrWriter, v: NodeGetCPUStatsArgs): void {
  w.int(v.cpuNum);
  w.int(v.nparams);
  w.uint(v.flags);
}
function decodeNodeGetCPUStatsArgs(r: XdrReader): NodeGetCPUStatsArgs {
  return {
    cpuNum: r.int(),
    nparams: r.int(),
    flags: r.uint(),
  };
}

/** remote_node_get_cpu_stats_ret */
export interface NodeGetCPUStatsRet {
  params: NodeCPUStat[];
  nparams: number;
}
function encodeNodeGetCPUStatsRet(w: XdrWriter, v: NodeGetCPUStatsRet): void {
  w.count(v.params.length, 16); for (const item of v.params) { encodeNodeCPUStat(w, item); }
  w.int(v.nparams);
}
function decodeNodeGetCPUStatsRet(r: XdrReader): NodeGetCPUStatsRet {
  return {
    params: r.list(16, 12, decodeNodeCPUStat),
    nparams: r.int(),
  };
}

/** remote_node_get_cpu_stats */
export interface NodeCPUStat {
  field: string;
  value: bigint;
}
function encodeNodeCPUStat(w: XdrWriter, v: NodeCPUStat): void {
  w.string(v.field, 4194304);
  w.uhyper(v.value);
}
function decodeNodeCPUStat(r: XdrReader): NodeCPUStat {
  return {
    field: r.string(4194304),
    value: r.uhyper(),
  };
}

/** remote_node_get_free_memory_ret */
export interface NodeGetFreeMemoryRet {
  freeMem: bigint;
}
function encodeNodeGetFreeMemoryRet(w: XdrWriter, v: NodeGetFreeMemoryRet): void {
  w.uhyper(v.freeMem);
}
function decodeNodeGetFreeMemoryRet(r: XdrReader): NodeGetFreeMemoryRet {
  return {
    freeMem: r.uhyper(),
  };
}

/** remote_node_get_cells_free_memory_args */
export interface NodeGetCellsFreeMemoryArgs {
  startCell: number;
  maxcells: number;
}
function encodeNodeGetCellsFreeMemoryArgs(w: XdrWriter, v: NodeGetCellsFreeMemoryArgs): void {
  w.int(v.startCell);
  w.int(v.maxcells);
}
function decodeNodeGetCellsFreeMemoryArgs(r: XdrReader): NodeGetCellsFreeMemoryArgs {
  return {
    startCell: r.int(),
    maxcells: r.int(),
  };
}

/** remote_node_get_cells_free_memory_ret */
export interface NodeGetCellsFreeMemoryRet {
  cells: bigint[];
}
function encodeNodeGetCellsFreeMemoryRet(w: XdrWriter, v: NodeGetCellsFreeMemoryRet): void {
  w.count(v.cells.length, 1024); for (const item of v.cells) { w.uhyper(item); }
}
function decodeNodeGetCellsFreeMemoryRet(r: XdrReader): NodeGetCellsFreeMemoryRet {
  return {
    cells: r.list(1024, 8, (r) => r.uhyper()),
  };
}

/** remote_node_get_free_pages_args */
export interface NodeGetFreePagesArgs {
  pages: number[];
  startCell: number;
  cellCount: number;
  flags: number;
}
function encodeNodeGetFreePagesArgs(w: XdrWriter, v: NodeGetFreePagesArgs): void {
  w.count(v.pages.length, 1024); for (const item of v.pages) { w.uint(item); }
  w.int(v.startCell);
  w.uint(v.cellCount);
  w.uint(v.flags);
}
function decodeNodeGetFreePagesArgs(r: XdrReader): NodeGetFreePagesArgs {
  return {
    pages: r.list(1024, 4, (r) => r.uint()),
    startCell: r.int(),
    cellCount: r.uint(),
    flags: r.uint(),
  };
}

/** remote_node_get_free_pages_ret */
export interface NodeGetFreePagesRet {
  counts: bigint[];
}
function encodeNodeGetFreePagesRet(w: XdrWriter, v: NodeGetFreePagesRet): void {
  w.count(v.counts.length, 1024); for (const item of v.counts) { w.uhyper(item); }
}
function decodeNodeGetFreePagesRet(r: XdrReader): NodeGetFreePagesRet {
  return {
    counts: r.list(1024, 8, (r) => r.uhyper()),
  };
}

/** remote_node_device_lookup_by_name_args */
export interface NodeDeviceLookupByNameArgs {
  name: string;
}
function encodeNodeDeviceLookupByNameArgs(w: XdrWriter, v: NodeDeviceLookupByNameArgs): void {
  w.string(v.name, 4194304);
}
function decodeNodeDeviceLookupByNameArgs(r: XdrReader): NodeDeviceLookupByNameArgs {
  return {
    name: r.string(4194304),
  };
}

/** remote_node_device_lookup_by_name_ret */
export interface NodeDeviceLookupByNameRet {
  dev: NodeDeviceRef;
}
function encodeNodeDeviceLookupByNameRet(w: XdrWriter, v: NodeDeviceLookupByNameRet): void {
  encodeNodeDeviceRef(w, v.dev);
}
function decodeNodeDeviceLookupByNameRet(r: XdrReader): NodeDeviceLookupByNameRet {
  return {
    dev: decodeNodeDeviceRef(r),
  };
}

/** remote_node_device_get_xml_desc_args */
export interface NodeDeviceGetXMLDescArgs {
  name: string;
  flags: number;
}
function encodeNodeDeviceGetXMLDescArgs(w: XdrWriter, v: NodeDeviceGetXMLDescArgs): void {
  w.string(v.name, 4194304);
  w.uint(v.flags);
}
function decodeNodeDeviceGetXMLDescArgs(r: XdrReader): NodeDeviceGetXMLDescArgs {
  return {
    name: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_node_device_get_xml_desc_ret */
export interface NodeDeviceGetXMLDescRet {
  xml: string;
}
function encodeNodeDeviceGetXMLDescRet(w: XdrWriter, v: NodeDeviceGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeNodeDeviceGetXMLDescRet(r: XdrReader): NodeDeviceGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_interface_get_xml_desc_args */
export interface InterfaceGetXMLDescArgs {
  iface: InterfaceRef;
  flags: number;
}
function encodeInterfaceGetXMLDescArgs(w: XdrWriter, v: InterfaceGetXMLDescArgs): void {
  encodeInterfaceRef(w, v.iface);
  w.uint(v.flags);
}
function decodeInterfaceGetXMLDescArgs(r: XdrReader): InterfaceGetXMLDescArgs {
  return {
    iface: decodeInterfaceRef(r),
    flags: r.uint(),
  };
}

/** remote_interface_get_xml_desc_ret */
export interface InterfaceGetXMLDescRet {
  xml: string;
}
function encodeInterfaceGetXMLDescRet(w: XdrWriter, v: InterfaceGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeInterfaceGetXMLDescRet(r: XdrReader): InterfaceGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_domain_lookup_by_name_args */
export interface DomainLookupByNameArgs {
  name: string;
}
function encodeDomainLookupByNameArgs(w: XdrWriter, v: DomainLookupByNameArgs): void {
  w.string(v.name, 4194304);
}
function decodeDomainLookupByNameArgs(r: XdrReader): DomainLookupByNameArgs {
  return {
    name: r.string(4194304),
  };
}

/** remote_domain_lookup_by_name_ret */
export interface DomainLookupByNameRet {
  dom: DomainRef;
}
function encodeDomainLookupByNameRet(w: XdrWriter, v: DomainLookupByNameRet): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainLookupByNameRet(r: XdrReader): DomainLookupByNameRet {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_lookup_by_uuid_args */
export interface DomainLookupByUUIDArgs {
  uuid: string;
}
function encodeDomainLookupByUUIDArgs(w: XdrWriter, v: DomainLookupByUUIDArgs): void {
  w.uuid(v.uuid);
}
function decodeDomainLookupByUUIDArgs(r: XdrReader): DomainLookupByUUIDArgs {
  return {
    uuid: r.uuid(),
  };
}

/** remote_domain_lookup_by_uuid_ret */
export interface DomainLookupByUUIDRet {
  dom: DomainRef;
}
function encodeDomainLookupByUUIDRet(w: XdrWriter, v: DomainLookupByUUIDRet): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainLookupByUUIDRet(r: XdrReader): DomainLookupByUUIDRet {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_lookup_by_id_args */
export interface DomainLookupByIDArgs {
  id: number;
}
function encodeDomainLookupByIDArgs(w: XdrWriter, v: DomainLookupByIDArgs): void {
  w.int(v.id);
}
function decodeDomainLookupByIDArgs(r: XdrReader): DomainLookupByIDArgs {
  return {
    id: r.int(),
  };
}

/** remote_domain_lookup_by_id_ret */
export interface DomainLookupByIDRet {
  dom: DomainRef;
}
function encodeDomainLookupByIDRet(w: XdrWriter, v: DomainLookupByIDRet): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainLookupByIDRet(r: XdrReader): DomainLookupByIDRet {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_get_xml_desc_args */
export interface DomainGetXMLDescArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainGetXMLDescArgs(w: XdrWriter, v: DomainGetXMLDescArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainGetXMLDescArgs(r: XdrReader): DomainGetXMLDescArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_get_xml_desc_ret */
export interface DomainGetXMLDescRet {
  xml: string;
}
function encodeDomainGetXMLDescRet(w: XdrWriter, v: DomainGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeDomainGetXMLDescRet(r: XdrReader): DomainGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_domain_get_info_args */
export interface DomainGetInfoArgs {
  dom: DomainRef;
}
function encodeDomainGetInfoArgs(w: XdrWriter, v: DomainGetInfoArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainGetInfoArgs(r: XdrReader): DomainGetInfoArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_get_info_ret */
export interface DomainGetInfoRet {
  state: number;
  maxMem: bigint;
  memory: bigint;
  nrVirtCpu: number;
  cpuTime: bigint;
}
function encodeDomainGetInfoRet(w: XdrWriter, v: DomainGetInfoRet): void {
  w.uint(v.state);
  w.uhyper(v.maxMem);
  w.uhyper(v.memory);
  w.uint(v.nrVirtCpu);
  w.uhyper(v.cpuTime);
}
function decodeDomainGetInfoRet(r: XdrReader): DomainGetInfoRet {
  return {
    state: r.uint(),
    maxMem: r.uhyper(),
    memory: r.uhyper(),
    nrVirtCpu: r.uint(),
    cpuTime: r.uhyper(),
  };
}

/** remote_domain_get_state_args */
export interface DomainGetStateArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainGetStateArgs(w: XdrWriter, v: DomainGetStateArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainGetStateArgs(r: XdrReader): DomainGetStateArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_get_state_ret */
export interface DomainGetStateRet {
  state: number;
  reason: number;
}
function encodeDomainGetStateRet(w: XdrWriter, v: DomainGetStateRet): void {
  w.int(v.state);
  w.int(v.reason);
}
function decodeDomainGetStateRet(r: XdrReader): DomainGetStateRet {
  return {
    state: r.int(),
    reason: r.int(),
  };
}

/** remote_domain_get_autostart_args */
export interface DomainGetAutostartArgs {
  dom: DomainRef;
}
function encodeDomainGetAutostartArgs(w: XdrWriter, v: DomainGetAutostartArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainGetAutostartArgs(r: XdrReader): DomainGetAutostartArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_get_autostart_ret */
export interface DomainGetAutostartRet {
  autostart: number;
}
function encodeDomainGetAutostartRet(w: XdrWriter, v: DomainGetAutostartRet): void {
  w.int(v.autostart);
}
function decodeDomainGetAutostartRet(r: XdrReader): DomainGetAutostartRet {
  return {
    autostart: r.int(),
  };
}

/** remote_domain_get_metadata_args */
export interface DomainGetMetadataArgs {
  dom: DomainRef;
  type: number;
  uri: string | null;
  flags: number;
}
function encodeDomainGetMetadataArgs(w: XdrWriter, v: DomainGetMetadataArgs): void {
  encodeDomainRef(w, v.dom);
  w.int(v.type);
  if (w.present(v.uri)) w.string(v.uri, 4194304);
  w.uint(v.flags);
}
function decodeDomainGetMetadataArgs(r: XdrReader): DomainGetMetadataArgs {
  return {
    dom: decodeDomainRef(r),
    type: r.int(),
    uri: r.present() ? r.string(4194304) : null,
    flags: r.uint(),
  };
}

/** remote_domain_get_metadata_ret */
export interface DomainGetMetadataRet {
  metadata: string;
}
function encodeDomainGetMetadataRet(w: XdrWriter, v: DomainGetMetadataRet): void {
  w.string(v.metadata, 4194304);
}
function decodeDomainGetMetadataRet(r: XdrReader): DomainGetMetadataRet {
  return {
    metadata: r.string(4194304),
  };
}

/** remote_domain_get_vcpus_flags_args */
export interface DomainGetVcpusFlagsArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainGetVcpusFlagsArgs(w: XdrWriter, v: DomainGetVcpusFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainGetVcpusFlagsArgs(r: XdrReader): DomainGetVcpusFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_get_vcpus_flags_ret */
export interface DomainGetVcpusFlagsRet {
  num: number;
}
function encodeDomainGetVcpusFlagsRet(w: XdrWriter, v: DomainGetVcpusFlagsRet): void {
  w.int(v.num);
}
function decodeDomainGetVcpusFlagsRet(r: XdrReader): DomainGetVcpusFlagsRet {
  return {
    num: r.int(),
  };
}

/** remote_domain_get_job_stats_args */
export interface DomainGetJobStatsArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainGetJobStatsArgs(w: XdrWriter, v: DomainGetJobStatsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainGetJobStatsArgs(r: XdrReader): DomainGetJobStatsArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_get_job_stats_ret */
export interface DomainGetJobStatsRet {
  type: number;
  params: TypedParam[];
}
function encodeDomainGetJobStatsRet(w: XdrWriter, v: DomainGetJobStatsRet): void {
  w.int(v.type);
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
}
function decodeDomainGetJobStatsRet(r: XdrReader): DomainGetJobStatsRet {
  return {
    type: r.int(),
    params: r.list(64, 12, decodeTypedParam),
  };
}

/** remote_typed_param */
export interface TypedParam {
  field: string;
  value: TypedValue;
}
function encodeTypedParam(w: XdrWriter, v: TypedParam): void {
  w.string(v.field, 4194304);
  encodeTypedValue(w, v.value);
}
function decodeTypedParam(r: XdrReader): TypedParam {
  return {
    field: r.string(4194304),
    value: decodeTypedValue(r),
  };
}

/** remote_domain_is_active_args */
export interface DomainIsActiveArgs {
  dom: DomainRef;
}
function encodeDomainIsActiveArgs(w: XdrWriter, v: DomainIsActiveArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainIsActiveArgs(r: XdrReader): DomainIsActiveArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_is_active_ret */
export interface DomainIsActiveRet {
  active: number;
}
function encodeDomainIsActiveRet(w: XdrWriter, v: DomainIsActiveRet): void {
  w.int(v.active);
}
function decodeDomainIsActiveRet(r: XdrReader): DomainIsActiveRet {
  return {
    active: r.int(),
  };
}

/** remote_domain_is_persistent_args */
export interface DomainIsPersistentArgs {
  dom: DomainRef;
}
function encodeDomainIsPersistentArgs(w: XdrWriter, v: DomainIsPersistentArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainIsPersistentArgs(r: XdrReader): DomainIsPersistentArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_is_persistent_ret */
export interface DomainIsPersistentRet {
  persistent: number;
}
function encodeDomainIsPersistentRet(w: XdrWriter, v: DomainIsPersistentRet): void {
  w.int(v.persistent);
}
function decodeDomainIsPersistentRet(r: XdrReader): DomainIsPersistentRet {
  return {
    persistent: r.int(),
  };
}

/** remote_domain_has_managed_save_image_args */
export interface DomainHasManagedSaveImageArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainHasManagedSaveImageArgs(w: XdrWriter, v: DomainHasManagedSaveImageArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainHasManagedSaveImageArgs(r: XdrReader): DomainHasManagedSaveImageArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_has_managed_save_image_ret */
export interface DomainHasManagedSaveImageRet {
  result: number;
}
function encodeDomainHasManagedSaveImageRet(w: XdrWriter, v: DomainHasManagedSaveImageRet): void {
  w.int(v.result);
}
function decodeDomainHasManagedSaveImageRet(r: XdrReader): DomainHasManagedSaveImageRet {
  return {
    result: r.int(),
  };
}

/** remote_network_lookup_by_name_args */
export interface NetworkLookupByNameArgs {
  name: string;
}
function encodeNetworkLookupByNameArgs(w: XdrWriter, v: NetworkLookupByNameArgs): void {
  w.string(v.name, 4194304);
}
function decodeNetworkLookupByNameArgs(r: XdrReader): NetworkLookupByNameArgs {
  return {
    name: r.string(4194304),
  };
}

/** remote_network_lookup_by_name_ret */
export interface NetworkLookupByNameRet {
  net: NetworkRef;
}
function encodeNetworkLookupByNameRet(w: XdrWriter, v: NetworkLookupByNameRet): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkLookupByNameRet(r: XdrReader): NetworkLookupByNameRet {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_lookup_by_uuid_args */
export interface NetworkLookupByUUIDArgs {
  uuid: string;
}
function encodeNetworkLookupByUUIDArgs(w: XdrWriter, v: NetworkLookupByUUIDArgs): void {
  w.uuid(v.uuid);
}
function decodeNetworkLookupByUUIDArgs(r: XdrReader): NetworkLookupByUUIDArgs {
  return {
    uuid: r.uuid(),
  };
}

/** remote_network_lookup_by_uuid_ret */
export interface NetworkLookupByUUIDRet {
  net: NetworkRef;
}
function encodeNetworkLookupByUUIDRet(w: XdrWriter, v: NetworkLookupByUUIDRet): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkLookupByUUIDRet(r: XdrReader): NetworkLookupByUUIDRet {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_get_xml_desc_args */
export interface NetworkGetXMLDescArgs {
  net: NetworkRef;
  flags: number;
}
function encodeNetworkGetXMLDescArgs(w: XdrWriter, v: NetworkGetXMLDescArgs): void {
  encodeNetworkRef(w, v.net);
  w.uint(v.flags);
}
function decodeNetworkGetXMLDescArgs(r: XdrReader): NetworkGetXMLDescArgs {
  return {
    net: decodeNetworkRef(r),
    flags: r.uint(),
  };
}

/** remote_network_get_xml_desc_ret */
export interface NetworkGetXMLDescRet {
  xml: string;
}
function encodeNetworkGetXMLDescRet(w: XdrWriter, v: NetworkGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeNetworkGetXMLDescRet(r: XdrReader): NetworkGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_network_get_autostart_args */
export interface NetworkGetAutostartArgs {
  net: NetworkRef;
}
function encodeNetworkGetAutostartArgs(w: XdrWriter, v: NetworkGetAutostartArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkGetAutostartArgs(r: XdrReader): NetworkGetAutostartArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_get_autostart_ret */
export interface NetworkGetAutostartRet {
  autostart: number;
}
function encodeNetworkGetAutostartRet(w: XdrWriter, v: NetworkGetAutostartRet): void {
  w.int(v.autostart);
}
function decodeNetworkGetAutostartRet(r: XdrReader): NetworkGetAutostartRet {
  return {
    autostart: r.int(),
  };
}

/** remote_network_is_active_args */
export interface NetworkIsActiveArgs {
  net: NetworkRef;
}
function encodeNetworkIsActiveArgs(w: XdrWriter, v: NetworkIsActiveArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkIsActiveArgs(r: XdrReader): NetworkIsActiveArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_is_active_ret */
export interface NetworkIsActiveRet {
  active: number;
}
function encodeNetworkIsActiveRet(w: XdrWriter, v: NetworkIsActiveRet): void {
  w.int(v.active);
}
function decodeNetworkIsActiveRet(r: XdrReader): NetworkIsActiveRet {
  return {
    active: r.int(),
  };
}

/** remote_network_is_persistent_args */
export interface NetworkIsPersistentArgs {
  net: NetworkRef;
}
function encodeNetworkIsPersistentArgs(w: XdrWriter, v: NetworkIsPersistentArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkIsPersistentArgs(r: XdrReader): NetworkIsPersistentArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_is_persistent_ret */
export interface NetworkIsPersistentRet {
  persistent: number;
}
function encodeNetworkIsPersistentRet(w: XdrWriter, v: NetworkIsPersistentRet): void {
  w.int(v.persistent);
}
function decodeNetworkIsPersistentRet(r: XdrReader): NetworkIsPersistentRet {
  return {
    persistent: r.int(),
  };
}

/** remote_network_get_bridge_name_args */
export interface NetworkGetBridgeNameArgs {
  net: NetworkRef;
}
function encodeNetworkGetBridgeNameArgs(w: XdrWriter, v: NetworkGetBridgeNameArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkGetBridgeNameArgs(r: XdrReader): NetworkGetBridgeNameArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_get_bridge_name_ret */
export interface NetworkGetBridgeNameRet {
  name: string;
}
function encodeNetworkGetBridgeNameRet(w: XdrWriter, v: NetworkGetBridgeNameRet): void {
  w.string(v.name, 4194304);
}
function decodeNetworkGetBridgeNameRet(r: XdrReader): NetworkGetBridgeNameRet {
  return {
    name: r.string(4194304),
  };
}

/** remote_network_get_dhcp_leases_args */
export interface NetworkGetDHCPLeasesArgs {
  net: NetworkRef;
  mac: string | null;
  needResults: number;
  flags: number;
}
function encodeNetworkGetDHCPLeasesArgs(w: XdrWriter, v: NetworkGetDHCPLeasesArgs): void {
  encodeNetworkRef(w, v.net);
  if (w.present(v.mac)) w.string(v.mac, 4194304);
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeNetworkGetDHCPLeasesArgs(r: XdrReader): NetworkGetDHCPLeasesArgs {
  return {
    net: decodeNetworkRef(r),
    mac: r.present() ? r.string(4194304) : null,
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_network_get_dhcp_leases_ret */
export interface NetworkGetDHCPLeasesRet {
  leases: NetworkDHCPLease[];
  ret: number;
}
function encodeNetworkGetDHCPLeasesRet(w: XdrWriter, v: NetworkGetDHCPLeasesRet): void {
  w.count(v.leases.length, 65536); for (const item of v.leases) { encodeNetworkDHCPLease(w, item); }
  w.uint(v.ret);
}
function decodeNetworkGetDHCPLeasesRet(r: XdrReader): NetworkGetDHCPLeasesRet {
  return {
    leases: r.list(65536, 40, decodeNetworkDHCPLease),
    ret: r.uint(),
  };
}

/** remote_network_dhcp_lease */
export interface NetworkDHCPLease {
  iface: string;
  expirytime: bigint;
  type: number;
  mac: string | null;
  iaid: string | null;
  ipaddr: string;
  prefix: number;
  hostname: string | null;
  clientid: string | null;
}
function encodeNetworkDHCPLease(w: XdrWriter, v: NetworkDHCPLease): void {
  w.string(v.iface, 4194304);
  w.hyper(v.expirytime);
  w.int(v.type);
  if (w.present(v.mac)) w.string(v.mac, 4194304);
  if (w.present(v.iaid)) w.string(v.iaid, 4194304);
  w.string(v.ipaddr, 4194304);
  w.uint(v.prefix);
  if (w.present(v.hostname)) w.string(v.hostname, 4194304);
  if (w.present(v.clientid)) w.string(v.clientid, 4194304);
}
function decodeNetworkDHCPLease(r: XdrReader): NetworkDHCPLease {
  return {
    iface: r.string(4194304),
    expirytime: r.hyper(),
    type: r.int(),
    mac: r.present() ? r.string(4194304) : null,
    iaid: r.present() ? r.string(4194304) : null,
    ipaddr: r.string(4194304),
    prefix: r.uint(),
    hostname: r.present() ? r.string(4194304) : null,
    clientid: r.present() ? r.string(4194304) : null,
  };
}

/** remote_storage_pool_lookup_by_name_args */
export interface StoragePoolLookupByNameArgs {
  name: string;
}
function encodeStoragePoolLookupByNameArgs(w: XdrWriter, v: StoragePoolLookupByNameArgs): void {
  w.string(v.name, 4194304);
}
function decodeStoragePoolLookupByNameArgs(r: XdrReader): StoragePoolLookupByNameArgs {
  return {
    name: r.string(4194304),
  };
}

/** remote_storage_pool_lookup_by_name_ret */
export interface StoragePoolLookupByNameRet {
  pool: StoragePoolRef;
}
function encodeStoragePoolLookupByNameRet(w: XdrWriter, v: StoragePoolLookupByNameRet): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolLookupByNameRet(r: XdrReader): StoragePoolLookupByNameRet {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_lookup_by_uuid_args */
export interface StoragePoolLookupByUUIDArgs {
  uuid: string;
}
function encodeStoragePoolLookupByUUIDArgs(w: XdrWriter, v: StoragePoolLookupByUUIDArgs): void {
  w.uuid(v.uuid);
}
function decodeStoragePoolLookupByUUIDArgs(r: XdrReader): StoragePoolLookupByUUIDArgs {
  return {
    uuid: r.uuid(),
  };
}

/** remote_storage_pool_lookup_by_uuid_ret */
export interface StoragePoolLookupByUUIDRet {
  pool: StoragePoolRef;
}
function encodeStoragePoolLookupByUUIDRet(w: XdrWriter, v: StoragePoolLookupByUUIDRet): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolLookupByUUIDRet(r: XdrReader): StoragePoolLookupByUUIDRet {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_lookup_by_target_path_args */
export interface StoragePoolLookupByTargetPathArgs {
  path: string;
}
function encodeStoragePoolLookupByTargetPathArgs(w: XdrWriter, v: StoragePoolLookupByTargetPathArgs): void {
  w.string(v.path, 4194304);
}
function decodeStoragePoolLookupByTargetPathArgs(r: XdrReader): StoragePoolLookupByTargetPathArgs {
  return {
    path: r.string(4194304),
  };
}

/** remote_storage_pool_lookup_by_target_path_ret */
export interface StoragePoolLookupByTargetPathRet {
  pool: StoragePoolRef;
}
function encodeStoragePoolLookupByTargetPathRet(w: XdrWriter, v: StoragePoolLookupByTargetPathRet): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolLookupByTargetPathRet(r: XdrReader): StoragePoolLookupByTargetPathRet {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_lookup_by_volume_args */
export interface StoragePoolLookupByVolumeArgs {
  vol: StorageVolRef;
}
function encodeStoragePoolLookupByVolumeArgs(w: XdrWriter, v: StoragePoolLookupByVolumeArgs): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStoragePoolLookupByVolumeArgs(r: XdrReader): StoragePoolLookupByVolumeArgs {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_nonnull_storage_vol */
export interface StorageVolRef {
  pool: string;
  name: string;
  key: string;
}
function encodeStorageVolRef(w: XdrWriter, v: StorageVolRef): void {
  w.string(v.pool, 4194304);
  w.string(v.name, 4194304);
  w.string(v.key, 4194304);
}
function decodeStorageVolRef(r: XdrReader): StorageVolRef {
  return {
    pool: r.string(4194304),
    name: r.string(4194304),
    key: r.string(4194304),
  };
}

/** remote_storage_pool_lookup_by_volume_ret */
export interface StoragePoolLookupByVolumeRet {
  pool: StoragePoolRef;
}
function encodeStoragePoolLookupByVolumeRet(w: XdrWriter, v: StoragePoolLookupByVolumeRet): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolLookupByVolumeRet(r: XdrReader): StoragePoolLookupByVolumeRet {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_get_info_args */
export interface StoragePoolGetInfoArgs {
  pool: StoragePoolRef;
}
function encodeStoragePoolGetInfoArgs(w: XdrWriter, v: StoragePoolGetInfoArgs): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolGetInfoArgs(r: XdrReader): StoragePoolGetInfoArgs {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_get_info_ret */
export interface StoragePoolGetInfoRet {
  state: number;
  capacity: bigint;
  allocation: bigint;
  available: bigint;
}
function encodeStoragePoolGetInfoRet(w: XdrWriter, v: StoragePoolGetInfoRet): void {
  w.uint(v.state);
  w.uhyper(v.capacity);
  w.uhyper(v.allocation);
  w.uhyper(v.available);
}
function decodeStoragePoolGetInfoRet(r: XdrReader): StoragePoolGetInfoRet {
  return {
    state: r.uint(),
    capacity: r.uhyper(),
    allocation: r.uhyper(),
    available: r.uhyper(),
  };
}

/** remote_storage_pool_get_xml_desc_args */
export interface StoragePoolGetXMLDescArgs {
  pool: StoragePoolRef;
  flags: number;
}
function encodeStoragePoolGetXMLDescArgs(w: XdrWriter, v: StoragePoolGetXMLDescArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.uint(v.flags);
}
function decodeStoragePoolGetXMLDescArgs(r: XdrReader): StoragePoolGetXMLDescArgs {
  return {
    pool: decodeStoragePoolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_pool_get_xml_desc_ret */
export interface StoragePoolGetXMLDescRet {
  xml: string;
}
function encodeStoragePoolGetXMLDescRet(w: XdrWriter, v: StoragePoolGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeStoragePoolGetXMLDescRet(r: XdrReader): StoragePoolGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_storage_pool_get_autostart_args */
export interface StoragePoolGetAutostartArgs {
  pool: StoragePoolRef;
}
function encodeStoragePoolGetAutostartArgs(w: XdrWriter, v: StoragePoolGetAutostartArgs): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolGetAutostartArgs(r: XdrReader): StoragePoolGetAutostartArgs {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_get_autostart_ret */
export interface StoragePoolGetAutostartRet {
  autostart: number;
}
function encodeStoragePoolGetAutostartRet(w: XdrWriter, v: StoragePoolGetAutostartRet): void {
  w.int(v.autostart);
}
function decodeStoragePoolGetAutostartRet(r: XdrReader): StoragePoolGetAutostartRet {
  return {
    autostart: r.int(),
  };
}

/** remote_storage_pool_is_active_args */
export interface StoragePoolIsActiveArgs {
  pool: StoragePoolRef;
}
function encodeStoragePoolIsActiveArgs(w: XdrWriter, v: StoragePoolIsActiveArgs): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolIsActiveArgs(r: XdrReader): StoragePoolIsActiveArgs {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_is_active_ret */
export interface StoragePoolIsActiveRet {
  active: number;
}
function encodeStoragePoolIsActiveRet(w: XdrWriter, v: StoragePoolIsActiveRet): void {
  w.int(v.active);
}
function decodeStoragePoolIsActiveRet(r: XdrReader): StoragePoolIsActiveRet {
  return {
    active: r.int(),
  };
}

/** remote_storage_pool_is_persistent_args */
export interface StoragePoolIsPersistentArgs {
  pool: StoragePoolRef;
}
function encodeStoragePoolIsPersistentArgs(w: XdrWriter, v: StoragePoolIsPersistentArgs): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolIsPersistentArgs(r: XdrReader): StoragePoolIsPersistentArgs {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_is_persistent_ret */
export interface StoragePoolIsPersistentRet {
  persistent: number;
}
function encodeStoragePoolIsPersistentRet(w: XdrWriter, v: StoragePoolIsPersistentRet): void {
  w.int(v.persistent);
}
function decodeStoragePoolIsPersistentRet(r: XdrReader): StoragePoolIsPersistentRet {
  return {
    persistent: r.int(),
  };
}

/** remote_storage_pool_list_all_volumes_args */
export interface StoragePoolListAllVolumesArgs {
  pool: StoragePoolRef;
  needResults: number;
  flags: number;
}
function encodeStoragePoolListAllVolumesArgs(w: XdrWriter, v: StoragePoolListAllVolumesArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.int(v.needResults);
  w.uint(v.flags);
}
function decodeStoragePoolListAllVolumesArgs(r: XdrReader): StoragePoolListAllVolumesArgs {
  return {
    pool: decodeStoragePoolRef(r),
    needResults: r.int(),
    flags: r.uint(),
  };
}

/** remote_storage_pool_list_all_volumes_ret */
export interface StoragePoolListAllVolumesRet {
  vols: StorageVolRef[];
  ret: number;
}
function encodeStoragePoolListAllVolumesRet(w: XdrWriter, v: StoragePoolListAllVolumesRet): void {
  w.count(v.vols.length, 16384); for (const item of v.vols) { encodeStorageVolRef(w, item); }
  w.uint(v.ret);
}
function decodeStoragePoolListAllVolumesRet(r: XdrReader): StoragePoolListAllVolumesRet {
  return {
    vols: r.list(16384, 12, decodeStorageVolRef),
    ret: r.uint(),
  };
}

/** remote_storage_vol_lookup_by_name_args */
export interface StorageVolLookupByNameArgs {
  pool: StoragePoolRef;
  name: string;
}
function encodeStorageVolLookupByNameArgs(w: XdrWriter, v: StorageVolLookupByNameArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.string(v.name, 4194304);
}
function decodeStorageVolLookupByNameArgs(r: XdrReader): StorageVolLookupByNameArgs {
  return {
    pool: decodeStoragePoolRef(r),
    name: r.string(4194304),
  };
}

/** remote_storage_vol_lookup_by_name_ret */
export interface StorageVolLookupByNameRet {
  vol: StorageVolRef;
}
function encodeStorageVolLookupByNameRet(w: XdrWriter, v: StorageVolLookupByNameRet): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolLookupByNameRet(r: XdrReader): StorageVolLookupByNameRet {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_lookup_by_key_args */
export interface StorageVolLookupByKeyArgs {
  key: string;
}
function encodeStorageVolLookupByKeyArgs(w: XdrWriter, v: StorageVolLookupByKeyArgs): void {
  w.string(v.key, 4194304);
}
function decodeStorageVolLookupByKeyArgs(r: XdrReader): StorageVolLookupByKeyArgs {
  return {
    key: r.string(4194304),
  };
}

/** remote_storage_vol_lookup_by_key_ret */
export interface StorageVolLookupByKeyRet {
  vol: StorageVolRef;
}
function encodeStorageVolLookupByKeyRet(w: XdrWriter, v: StorageVolLookupByKeyRet): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolLookupByKeyRet(r: XdrReader): StorageVolLookupByKeyRet {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_lookup_by_path_args */
export interface StorageVolLookupByPathArgs {
  path: string;
}
function encodeStorageVolLookupByPathArgs(w: XdrWriter, v: StorageVolLookupByPathArgs): void {
  w.string(v.path, 4194304);
}
function decodeStorageVolLookupByPathArgs(r: XdrReader): StorageVolLookupByPathArgs {
  return {
    path: r.string(4194304),
  };
}

/** remote_storage_vol_lookup_by_path_ret */
export interface StorageVolLookupByPathRet {
  vol: StorageVolRef;
}
function encodeStorageVolLookupByPathRet(w: XdrWriter, v: StorageVolLookupByPathRet): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolLookupByPathRet(r: XdrReader): StorageVolLookupByPathRet {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_get_info_args */
export interface StorageVolGetInfoArgs {
  vol: StorageVolRef;
}
function encodeStorageVolGetInfoArgs(w: XdrWriter, v: StorageVolGetInfoArgs): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolGetInfoArgs(r: XdrReader): StorageVolGetInfoArgs {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_get_info_ret */
export interface StorageVolGetInfoRet {
  type: number;
  capacity: bigint;
  allocation: bigint;
}
function encodeStorageVolGetInfoRet(w: XdrWriter, v: StorageVolGetInfoRet): void {
  w.int(v.type);
  w.uhyper(v.capacity);
  w.uhyper(v.allocation);
}
function decodeStorageVolGetInfoRet(r: XdrReader): StorageVolGetInfoRet {
  return {
    type: r.int(),
    capacity: r.uhyper(),
    allocation: r.uhyper(),
  };
}

/** remote_storage_vol_get_info_flags_args */
export interface StorageVolGetInfoFlagsArgs {
  vol: StorageVolRef;
  flags: number;
}
function encodeStorageVolGetInfoFlagsArgs(w: XdrWriter, v: StorageVolGetInfoFlagsArgs): void {
  encodeStorageVolRef(w, v.vol);
  w.uint(v.flags);
}
function decodeStorageVolGetInfoFlagsArgs(r: XdrReader): StorageVolGetInfoFlagsArgs {
  return {
    vol: decodeStorageVolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_vol_get_info_flags_ret */
export interface StorageVolGetInfoFlagsRet {
  type: number;
  capacity: bigint;
  allocation: bigint;
}
function encodeStorageVolGetInfoFlagsRet(w: XdrWriter, v: StorageVolGetInfoFlagsRet): void {
  w.int(v.type);
  w.uhyper(v.capacity);
  w.uhyper(v.allocation);
}
function decodeStorageVolGetInfoFlagsRet(r: XdrReader): StorageVolGetInfoFlagsRet {
  return {
    type: r.int(),
    capacity: r.uhyper(),
    allocation: r.uhyper(),
  };
}

/** remote_storage_vol_get_xml_desc_args */
export interface StorageVolGetXMLDescArgs {
  vol: StorageVolRef;
  flags: number;
}
function encodeStorageVolGetXMLDescArgs(w: XdrWriter, v: StorageVolGetXMLDescArgs): void {
  encodeStorageVolRef(w, v.vol);
  w.uint(v.flags);
}
function decodeStorageVolGetXMLDescArgs(r: XdrReader): StorageVolGetXMLDescArgs {
  return {
    vol: decodeStorageVolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_vol_get_xml_desc_ret */
export interface StorageVolGetXMLDescRet {
  xml: string;
}
function encodeStorageVolGetXMLDescRet(w: XdrWriter, v: StorageVolGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeStorageVolGetXMLDescRet(r: XdrReader): StorageVolGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_storage_vol_get_path_args */
export interface StorageVolGetPathArgs {
  vol: StorageVolRef;
}
function encodeStorageVolGetPathArgs(w: XdrWriter, v: StorageVolGetPathArgs): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolGetPathArgs(r: XdrReader): StorageVolGetPathArgs {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_get_path_ret */
export interface StorageVolGetPathRet {
  name: string;
}
function encodeStorageVolGetPathRet(w: XdrWriter, v: StorageVolGetPathRet): void {
  w.string(v.name, 4194304);
}
function decodeStorageVolGetPathRet(r: XdrReader): StorageVolGetPathRet {
  return {
    name: r.string(4194304),
  };
}

/** remote_secret_lookup_by_uuid_args */
export interface SecretLookupByUUIDArgs {
  uuid: string;
}
function encodeSecretLookupByUUIDArgs(w: XdrWriter, v: SecretLookupByUUIDArgs): void {
  w.uuid(v.uuid);
}
function decodeSecretLookupByUUIDArgs(r: XdrReader): SecretLookupByUUIDArgs {
  return {
    uuid: r.uuid(),
  };
}

/** remote_secret_lookup_by_uuid_ret */
export interface SecretLookupByUUIDRet {
  secret: SecretRef;
}
function encodeSecretLookupByUUIDRet(w: XdrWriter, v: SecretLookupByUUIDRet): void {
  encodeSecretRef(w, v.secret);
}
function decodeSecretLookupByUUIDRet(r: XdrReader): SecretLookupByUUIDRet {
  return {
    secret: decodeSecretRef(r),
  };
}

/** remote_secret_lookup_by_usage_args */
export interface SecretLookupByUsageArgs {
  usageType: number;
  usageID: string;
}
function encodeSecretLookupByUsageArgs(w: XdrWriter, v: SecretLookupByUsageArgs): void {
  w.int(v.usageType);
  w.string(v.usageID, 4194304);
}
function decodeSecretLookupByUsageArgs(r: XdrReader): SecretLookupByUsageArgs {
  return {
    usageType: r.int(),
    usageID: r.string(4194304),
  };
}

/** remote_secret_lookup_by_usage_ret */
export interface SecretLookupByUsageRet {
  secret: SecretRef;
}
function encodeSecretLookupByUsageRet(w: XdrWriter, v: SecretLookupByUsageRet): void {
  encodeSecretRef(w, v.secret);
}
function decodeSecretLookupByUsageRet(r: XdrReader): SecretLookupByUsageRet {
  return {
    secret: decodeSecretRef(r),
  };
}

/** remote_secret_get_xml_desc_args */
export interface SecretGetXMLDescArgs {
  secret: SecretRef;
  flags: number;
}
function encodeSecretGetXMLDescArgs(w: XdrWriter, v: SecretGetXMLDescArgs): void {
  encodeSecretRef(w, v.secret);
  w.uint(v.flags);
}
function decodeSecretGetXMLDescArgs(r: XdrReader): SecretGetXMLDescArgs {
  return {
    secret: decodeSecretRef(r),
    flags: r.uint(),
  };
}

/** remote_secret_get_xml_desc_ret */
export interface SecretGetXMLDescRet {
  xml: string;
}
function encodeSecretGetXMLDescRet(w: XdrWriter, v: SecretGetXMLDescRet): void {
  w.string(v.xml, 4194304);
}
function decodeSecretGetXMLDescRet(r: XdrReader): SecretGetXMLDescRet {
  return {
    xml: r.string(4194304),
  };
}

/** remote_secret_get_value_args */
export interface SecretGetValueArgs {
  secret: SecretRef;
  flags: number;
}
function encodeSecretGetValueArgs(w: XdrWriter, v: SecretGetValueArgs): void {
  encodeSecretRef(w, v.secret);
  w.uint(v.flags);
}
function decodeSecretGetValueArgs(r: XdrReader): SecretGetValueArgs {
  return {
    secret: decodeSecretRef(r),
    flags: r.uint(),
  };
}

/** remote_secret_get_value_ret */
export interface SecretGetValueRet {
  value: Uint8Array;
}
function encodeSecretGetValueRet(w: XdrWriter, v: SecretGetValueRet): void {
  w.opaque(v.value, 65536);
}
function decodeSecretGetValueRet(r: XdrReader): SecretGetValueRet {
  return {
    value: r.opaque(65536),
  };
}

/** remote_auth_polkit_ret */
export interface AuthPolkitRet {
  complete: number;
}
function encodeAuthPolkitRet(w: XdrWriter, v: AuthPolkitRet): void {
  w.int(v.complete);
}
function decodeAuthPolkitRet(r: XdrReader): AuthPolkitRet {
  return {
    complete: r.int(),
  };
}

/** remote_connect_open_args */
export interface ConnectOpenArgs {
  name: string | null;
  flags: number;
}
function encodeConnectOpenArgs(w: XdrWriter, v: ConnectOpenArgs): void {
  if (w.present(v.name)) w.string(v.name, 4194304);
  w.uint(v.flags);
}
function decodeConnectOpenArgs(r: XdrReader): ConnectOpenArgs {
  return {
    name: r.present() ? r.string(4194304) : null,
    flags: r.uint(),
  };
}

/** remote_connect_domain_event_callback_register_any_args */
export interface ConnectDomainEventCallbackRegisterAnyArgs {
  eventID: number;
  dom: DomainRef | null;
}
function encodeConnectDomainEventCallbackRegisterAnyArgs(w: XdrWriter, v: ConnectDomainEventCallbackRegisterAnyArgs): void {
  w.int(v.eventID);
  if (w.present(v.dom)) encodeDomainRef(w, v.dom);
}
function decodeConnectDomainEventCallbackRegisterAnyArgs(r: XdrReader): ConnectDomainEventCallbackRegisterAnyArgs {
  return {
    eventID: r.int(),
    dom: r.present() ? decodeDomainRef(r) : null,
  };
}

/** remote_connect_domain_event_callback_register_any_ret */
export interface ConnectDomainEventCallbackRegisterAnyRet {
  callbackID: number;
}
function encodeConnectDomainEventCallbackRegisterAnyRet(w: XdrWriter, v: ConnectDomainEventCallbackRegisterAnyRet): void {
  w.int(v.callbackID);
}
function decodeConnectDomainEventCallbackRegisterAnyRet(r: XdrReader): ConnectDomainEventCallbackRegisterAnyRet {
  return {
    callbackID: r.int(),
  };
}

/** remote_connect_domain_event_callback_deregister_any_args */
export interface ConnectDomainEventCallbackDeregisterAnyArgs {
  callbackID: number;
}
function encodeConnectDomainEventCallbackDeregisterAnyArgs(w: XdrWriter, v: ConnectDomainEventCallbackDeregisterAnyArgs): void {
  w.int(v.callbackID);
}
function decodeConnectDomainEventCallbackDeregisterAnyArgs(r: XdrReader): ConnectDomainEventCallbackDeregisterAnyArgs {
  return {
    callbackID: r.int(),
  };
}

/** remote_connect_network_event_register_any_args */
export interface ConnectNetworkEventRegisterAnyArgs {
  eventID: number;
  net: NetworkRef | null;
}
function encodeConnectNetworkEventRegisterAnyArgs(w: XdrWriter, v: ConnectNetworkEventRegisterAnyArgs): void {
  w.int(v.eventID);
  if (w.present(v.net)) encodeNetworkRef(w, v.net);
}
function decodeConnectNetworkEventRegisterAnyArgs(r: XdrReader): ConnectNetworkEventRegisterAnyArgs {
  return {
    eventID: r.int(),
    net: r.present() ? decodeNetworkRef(r) : null,
  };
}

/** remote_connect_network_event_register_any_ret */
export interface ConnectNetworkEventRegisterAnyRet {
  callbackID: number;
}
function encodeConnectNetworkEventRegisterAnyRet(w: XdrWriter, v: ConnectNetworkEventRegisterAnyRet): void {
  w.int(v.callbackID);
}
function decodeConnectNetworkEventRegisterAnyRet(r: XdrReader): ConnectNetworkEventRegisterAnyRet {
  return {
    callbackID: r.int(),
  };
}

/** remote_connect_network_event_deregister_any_args */
export interface ConnectNetworkEventDeregisterAnyArgs {
  callbackID: number;
}
function encodeConnectNetworkEventDeregisterAnyArgs(w: XdrWriter, v: ConnectNetworkEventDeregisterAnyArgs): void {
  w.int(v.callbackID);
}
function decodeConnectNetworkEventDeregisterAnyArgs(r: XdrReader): ConnectNetworkEventDeregisterAnyArgs {
  return {
    callbackID: r.int(),
  };
}

/** remote_connect_storage_pool_event_register_any_args */
export interface ConnectStoragePoolEventRegisterAnyArgs {
  eventID: number;
  pool: StoragePoolRef | null;
}
function encodeConnectStoragePoolEventRegisterAnyArgs(w: XdrWriter, v: ConnectStoragePoolEventRegisterAnyArgs): void {
  w.int(v.eventID);
  if (w.present(v.pool)) encodeStoragePoolRef(w, v.pool);
}
function decodeConnectStoragePoolEventRegisterAnyArgs(r: XdrReader): ConnectStoragePoolEventRegisterAnyArgs {
  return {
    eventID: r.int(),
    pool: r.present() ? decodeStoragePoolRef(r) : null,
  };
}

/** remote_connect_storage_pool_event_register_any_ret */
export interface ConnectStoragePoolEventRegisterAnyRet {
  callbackID: number;
}
function encodeConnectStoragePoolEventRegisterAnyRet(w: XdrWriter, v: ConnectStoragePoolEventRegisterAnyRet): void {
  w.int(v.callbackID);
}
function decodeConnectStoragePoolEventRegisterAnyRet(r: XdrReader): ConnectStoragePoolEventRegisterAnyRet {
  return {
    callbackID: r.int(),
  };
}

/** remote_connect_storage_pool_event_deregister_any_args */
export interface ConnectStoragePoolEventDeregisterAnyArgs {
  callbackID: number;
}
function encodeConnectStoragePoolEventDeregisterAnyArgs(w: XdrWriter, v: ConnectStoragePoolEventDeregisterAnyArgs): void {
  w.int(v.callbackID);
}
function decodeConnectStoragePoolEventDeregisterAnyArgs(r: XdrReader): ConnectStoragePoolEventDeregisterAnyArgs {
  return {
    callbackID: r.int(),
  };
}

/** remote_domain_set_autostart_args */
export interface DomainSetAutostartArgs {
  dom: DomainRef;
  autostart: number;
}
function encodeDomainSetAutostartArgs(w: XdrWriter, v: DomainSetAutostartArgs): void {
  encodeDomainRef(w, v.dom);
  w.int(v.autostart);
}
function decodeDomainSetAutostartArgs(r: XdrReader): DomainSetAutostartArgs {
  return {
    dom: decodeDomainRef(r),
    autostart: r.int(),
  };
}

/** remote_domain_rename_args */
export interface DomainRenameArgs {
  dom: DomainRef;
  newName: string | null;
  flags: number;
}
function encodeDomainRenameArgs(w: XdrWriter, v: DomainRenameArgs): void {
  encodeDomainRef(w, v.dom);
  if (w.present(v.newName)) w.string(v.newName, 4194304);
  w.uint(v.flags);
}
function decodeDomainRenameArgs(r: XdrReader): DomainRenameArgs {
  return {
    dom: decodeDomainRef(r),
    newName: r.present() ? r.string(4194304) : null,
    flags: r.uint(),
  };
}

/** remote_domain_rename_ret */
export interface DomainRenameRet {
  retcode: number;
}
function encodeDomainRenameRet(w: XdrWriter, v: DomainRenameRet): void {
  w.int(v.retcode);
}
function decodeDomainRenameRet(r: XdrReader): DomainRenameRet {
  return {
    retcode: r.int(),
  };
}

/** remote_domain_abort_job_args */
export interface DomainAbortJobArgs {
  dom: DomainRef;
}
function encodeDomainAbortJobArgs(w: XdrWriter, v: DomainAbortJobArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainAbortJobArgs(r: XdrReader): DomainAbortJobArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_migrate_set_max_speed_args */
export interface DomainMigrateSetMaxSpeedArgs {
  dom: DomainRef;
  bandwidth: bigint;
  flags: number;
}
function encodeDomainMigrateSetMaxSpeedArgs(w: XdrWriter, v: DomainMigrateSetMaxSpeedArgs): void {
  encodeDomainRef(w, v.dom);
  w.uhyper(v.bandwidth);
  w.uint(v.flags);
}
function decodeDomainMigrateSetMaxSpeedArgs(r: XdrReader): DomainMigrateSetMaxSpeedArgs {
  return {
    dom: decodeDomainRef(r),
    bandwidth: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_get_max_speed_args */
export interface DomainMigrateGetMaxSpeedArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainMigrateGetMaxSpeedArgs(w: XdrWriter, v: DomainMigrateGetMaxSpeedArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainMigrateGetMaxSpeedArgs(r: XdrReader): DomainMigrateGetMaxSpeedArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_get_max_speed_ret */
export interface DomainMigrateGetMaxSpeedRet {
  bandwidth: bigint;
}
function encodeDomainMigrateGetMaxSpeedRet(w: XdrWriter, v: DomainMigrateGetMaxSpeedRet): void {
  w.uhyper(v.bandwidth);
}
function decodeDomainMigrateGetMaxSpeedRet(r: XdrReader): DomainMigrateGetMaxSpeedRet {
  return {
    bandwidth: r.uhyper(),
  };
}

/** remote_domain_migrate_set_max_downtime_args */
export interface DomainMigrateSetMaxDowntimeArgs {
  dom: DomainRef;
  downtime: bigint;
  flags: number;
}
function encodeDomainMigrateSetMaxDowntimeArgs(w: XdrWriter, v: DomainMigrateSetMaxDowntimeArgs): void {
  encodeDomainRef(w, v.dom);
  w.uhyper(v.downtime);
  w.uint(v.flags);
}
function decodeDomainMigrateSetMaxDowntimeArgs(r: XdrReader): DomainMigrateSetMaxDowntimeArgs {
  return {
    dom: decodeDomainRef(r),
    downtime: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_get_max_downtime_args */
export interface DomainMigrateGetMaxDowntimeArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainMigrateGetMaxDowntimeArgs(w: XdrWriter, v: DomainMigrateGetMaxDowntimeArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainMigrateGetMaxDowntimeArgs(r: XdrReader): DomainMigrateGetMaxDowntimeArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_get_max_downtime_ret */
export interface DomainMigrateGetMaxDowntimeRet {
  downtime: bigint;
}
function encodeDomainMigrateGetMaxDowntimeRet(w: XdrWriter, v: DomainMigrateGetMaxDowntimeRet): void {
  w.uhyper(v.downtime);
}
function decodeDomainMigrateGetMaxDowntimeRet(r: XdrReader): DomainMigrateGetMaxDowntimeRet {
  return {
    downtime: r.uhyper(),
  };
}

/** remote_domain_migrate_start_post_copy_args */
export interface DomainMigrateStartPostCopyArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainMigrateStartPostCopyArgs(w: XdrWriter, v: DomainMigrateStartPostCopyArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainMigrateStartPostCopyArgs(r: XdrReader): DomainMigrateStartPostCopyArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_agent_set_response_timeout_args */
export interface DomainAgentSetResponseTimeoutArgs {
  dom: DomainRef;
  timeout: number;
  flags: number;
}
function encodeDomainAgentSetResponseTimeoutArgs(w: XdrWriter, v: DomainAgentSetResponseTimeoutArgs): void {
  encodeDomainRef(w, v.dom);
  w.int(v.timeout);
  w.uint(v.flags);
}
function decodeDomainAgentSetResponseTimeoutArgs(r: XdrReader): DomainAgentSetResponseTimeoutArgs {
  return {
    dom: decodeDomainRef(r),
    timeout: r.int(),
    flags: r.uint(),
  };
}

/** remote_domain_agent_set_response_timeout_ret */
export interface DomainAgentSetResponseTimeoutRet {
  result: number;
}
function encodeDomainAgentSetResponseTimeoutRet(w: XdrWriter, v: DomainAgentSetResponseTimeoutRet): void {
  w.int(v.result);
}
function decodeDomainAgentSetResponseTimeoutRet(r: XdrReader): DomainAgentSetResponseTimeoutRet {
  return {
    result: r.int(),
  };
}

/** remote_network_set_autostart_args */
export interface NetworkSetAutostartArgs {
  net: NetworkRef;
  autostart: number;
}
function encodeNetworkSetAutostartArgs(w: XdrWriter, v: NetworkSetAutostartArgs): void {
  encodeNetworkRef(w, v.net);
  w.int(v.autostart);
}
function decodeNetworkSetAutostartArgs(r: XdrReader): NetworkSetAutostartArgs {
  return {
    net: decodeNetworkRef(r),
    autostart: r.int(),
  };
}

/** remote_storage_pool_set_autostart_args */
export interface StoragePoolSetAutostartArgs {
  pool: StoragePoolRef;
  autostart: number;
}
function encodeStoragePoolSetAutostartArgs(w: XdrWriter, v: StoragePoolSetAutostartArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.int(v.autostart);
}
function decodeStoragePoolSetAutostartArgs(r: XdrReader): StoragePoolSetAutostartArgs {
  return {
    pool: decodeStoragePoolRef(r),
    autostart: r.int(),
  };
}

/** remote_secret_define_xml_args */
export interface SecretDefineXMLArgs {
  xml: string;
  flags: number;
}
function encodeSecretDefineXMLArgs(w: XdrWriter, v: SecretDefineXMLArgs): void {
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeSecretDefineXMLArgs(r: XdrReader): SecretDefineXMLArgs {
  return {
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_secret_define_xml_ret */
export interface SecretDefineXMLRet {
  secret: SecretRef;
}
function encodeSecretDefineXMLRet(w: XdrWriter, v: SecretDefineXMLRet): void {
  encodeSecretRef(w, v.secret);
}
function decodeSecretDefineXMLRet(r: XdrReader): SecretDefineXMLRet {
  return {
    secret: decodeSecretRef(r),
  };
}

/** remote_secret_set_value_args */
export interface SecretSetValueArgs {
  secret: SecretRef;
  value: Uint8Array;
  flags: number;
}
function encodeSecretSetValueArgs(w: XdrWriter, v: SecretSetValueArgs): void {
  encodeSecretRef(w, v.secret);
  w.opaque(v.value, 65536);
  w.uint(v.flags);
}
function decodeSecretSetValueArgs(r: XdrReader): SecretSetValueArgs {
  return {
    secret: decodeSecretRef(r),
    value: r.opaque(65536),
    flags: r.uint(),
  };
}

/** remote_secret_undefine_args */
export interface SecretUndefineArgs {
  secret: SecretRef;
}
function encodeSecretUndefineArgs(w: XdrWriter, v: SecretUndefineArgs): void {
  encodeSecretRef(w, v.secret);
}
function decodeSecretUndefineArgs(r: XdrReader): SecretUndefineArgs {
  return {
    secret: decodeSecretRef(r),
  };
}

/** remote_connect_get_capabilities_ret */
export interface ConnectGetCapabilitiesRet {
  capabilities: string;
}
function encodeConnectGetCapabilitiesRet(w: XdrWriter, v: ConnectGetCapabilitiesRet): void {
  w.string(v.capabilities, 4194304);
}
function decodeConnectGetCapabilitiesRet(r: XdrReader): ConnectGetCapabilitiesRet {
  return {
    capabilities: r.string(4194304),
  };
}

/** remote_connect_get_domain_capabilities_args */
export interface ConnectGetDomainCapabilitiesArgs {
  emulatorbin: string | null;
  arch: string | null;
  machine: string | null;
  virttype: string | null;
  flags: number;
}
function encodeConnectGetDomainCapabilitiesArgs(w: XdrWriter, v: ConnectGetDomainCapabilitiesArgs): void {
  if (w.present(v.emulatorbin)) w.string(v.emulatorbin, 4194304);
  if (w.present(v.arch)) w.string(v.arch, 4194304);
  if (w.present(v.machine)) w.string(v.machine, 4194304);
  if (w.present(v.virttype)) w.string(v.virttype, 4194304);
  w.uint(v.flags);
}
function decodeConnectGetDomainCapabilitiesArgs(r: XdrReader): ConnectGetDomainCapabilitiesArgs {
  return {
    emulatorbin: r.present() ? r.string(4194304) : null,
    arch: r.present() ? r.string(4194304) : null,
    machine: r.present() ? r.string(4194304) : null,
    virttype: r.present() ? r.string(4194304) : null,
    flags: r.uint(),
  };
}

/** remote_connect_get_domain_capabilities_ret */
export interface ConnectGetDomainCapabilitiesRet {
  capabilities: string;
}
function encodeConnectGetDomainCapabilitiesRet(w: XdrWriter, v: ConnectGetDomainCapabilitiesRet): void {
  w.string(v.capabilities, 4194304);
}
function decodeConnectGetDomainCapabilitiesRet(r: XdrReader): ConnectGetDomainCapabilitiesRet {
  return {
    capabilities: r.string(4194304),
  };
}

/** remote_connect_get_all_domain_stats_args */
export interface ConnectGetAllDomainStatsArgs {
  doms: DomainRef[];
  stats: number;
  flags: number;
}
function encodeConnectGetAllDomainStatsArgs(w: XdrWriter, v: ConnectGetAllDomainStatsArgs): void {
  w.count(v.doms.length, 16384); for (const item of v.doms) { encodeDomainRef(w, item); }
  w.uint(v.stats);
  w.uint(v.flags);
}
function decodeConnectGetAllDomainStatsArgs(r: XdrReader): ConnectGetAllDomainStatsArgs {
  return {
    doms: r.list(16384, 24, decodeDomainRef),
    stats: r.uint(),
    flags: r.uint(),
  };
}

/** remote_connect_get_all_domain_stats_ret */
export interface ConnectGetAllDomainStatsRet {
  retStats: DomainStatsRecord[];
}
function encodeConnectGetAllDomainStatsRet(w: XdrWriter, v: ConnectGetAllDomainStatsRet): void {
  w.count(v.retStats.length, 16384); for (const item of v.retStats) { encodeDomainStatsRecord(w, item); }
}
function decodeConnectGetAllDomainStatsRet(r: XdrReader): ConnectGetAllDomainStatsRet {
  return {
    retStats: r.list(16384, 28, decodeDomainStatsRecord),
  };
}

/** remote_domain_stats_record */
export interface DomainStatsRecord {
  dom: DomainRef;
  params: TypedParam[];
}
function encodeDomainStatsRecord(w: XdrWriter, v: DomainStatsRecord): void {
  encodeDomainRef(w, v.dom);
  w.count(v.params.length, 262144); for (const item of v.params) { encodeTypedParam(w, item); }
}
function decodeDomainStatsRecord(r: XdrReader): DomainStatsRecord {
  return {
    dom: decodeDomainRef(r),
    params: r.list(262144, 12, decodeTypedParam),
  };
}

/** remote_connect_compare_hypervisor_cpu_args */
export interface ConnectCompareHypervisorCPUArgs {
  emulator: string | null;
  arch: string | null;
  machine: string | null;
  virttype: string | null;
  xmlCPU: string;
  flags: number;
}
function encodeConnectCompareHypervisorCPUArgs(w: XdrWriter, v: ConnectCompareHypervisorCPUArgs): void {
  if (w.present(v.emulator)) w.string(v.emulator, 4194304);
  if (w.present(v.arch)) w.string(v.arch, 4194304);
  if (w.present(v.machine)) w.string(v.machine, 4194304);
  if (w.present(v.virttype)) w.string(v.virttype, 4194304);
  w.string(v.xmlCPU, 4194304);
  w.uint(v.flags);
}
function decodeConnectCompareHypervisorCPUArgs(r: XdrReader): ConnectCompareHypervisorCPUArgs {
  return {
    emulator: r.present() ? r.string(4194304) : null,
    arch: r.present() ? r.string(4194304) : null,
    machine: r.present() ? r.string(4194304) : null,
    virttype: r.present() ? r.string(4194304) : null,
    xmlCPU: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_connect_compare_hypervisor_cpu_ret */
export interface ConnectCompareHypervisorCPURet {
  result: number;
}
function encodeConnectCompareHypervisorCPURet(w: XdrWriter, v: ConnectCompareHypervisorCPURet): void {
  w.int(v.result);
}
function decodeConnectCompareHypervisorCPURet(r: XdrReader): ConnectCompareHypervisorCPURet {
  return {
    result: r.int(),
  };
}

/** remote_connect_baseline_hypervisor_cpu_args */
export interface ConnectBaselineHypervisorCPUArgs {
  emulator: string | null;
  arch: string | null;
  machine: string | null;
  virttype: string | null;
  xmlCPUs: string[];
  flags: number;
}
function encodeConnectBaselineHypervisorCPUArgs(w: XdrWriter, v: ConnectBaselineHypervisorCPUArgs): void {
  if (w.present(v.emulator)) w.string(v.emulator, 4194304);
  if (w.present(v.arch)) w.string(v.arch, 4194304);
  if (w.present(v.machine)) w.string(v.machine, 4194304);
  if (w.present(v.virttype)) w.string(v.virttype, 4194304);
  w.count(v.xmlCPUs.length, 256); for (const item of v.xmlCPUs) { w.string(item, 4194304); }
  w.uint(v.flags);
}
function decodeConnectBaselineHypervisorCPUArgs(r: XdrReader): ConnectBaselineHypervisorCPUArgs {
  return {
    emulator: r.present() ? r.string(4194304) : null,
    arch: r.present() ? r.string(4194304) : null,
    machine: r.present() ? r.string(4194304) : null,
    virttype: r.present() ? r.string(4194304) : null,
    xmlCPUs: r.list(256, 4, (r) => r.string(4194304)),
    flags: r.uint(),
  };
}

/** remote_connect_baseline_hypervisor_cpu_ret */
export interface ConnectBaselineHypervisorCPURet {
  cpu: string;
}
function encodeConnectBaselineHypervisorCPURet(w: XdrWriter, v: ConnectBaselineHypervisorCPURet): void {
  w.string(v.cpu, 4194304);
}
function decodeConnectBaselineHypervisorCPURet(r: XdrReader): ConnectBaselineHypervisorCPURet {
  return {
    cpu: r.string(4194304),
  };
}

/** remote_domain_memory_stats_args */
export interface DomainMemoryStatsArgs {
  dom: DomainRef;
  maxStats: number;
  flags: number;
}
function encodeDomainMemoryStatsArgs(w: XdrWriter, v: DomainMemoryStatsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.maxStats);
  w.uint(v.flags);
}
function decodeDomainMemoryStatsArgs(r: XdrReader): DomainMemoryStatsArgs {
  return {
    dom: decodeDomainRef(r),
    maxStats: r.uint(),
    flags: r.uint(),
  };
}

/** remote_domain_memory_stats_ret */
export interface DomainMemoryStatsRet {
  stats: DomainMemoryStat[];
}
function encodeDomainMemoryStatsRet(w: XdrWriter, v: DomainMemoryStatsRet): void {
  w.count(v.stats.length, 1024); for (const item of v.stats) { encodeDomainMemoryStat(w, item); }
}
function decodeDomainMemoryStatsRet(r: XdrReader): DomainMemoryStatsRet {
  return {
    stats: r.list(1024, 12, decodeDomainMemoryStat),
  };
}

/** remote_domain_memory_stat */
export interface DomainMemoryStat {
  tag: number;
  val: bigint;
}
function encodeDomainMemoryStat(w: XdrWriter, v: DomainMemoryStat): void {
  w.int(v.tag);
  w.uhyper(v.val);
}
function decodeDomainMemoryStat(r: XdrReader): DomainMemoryStat {
  return {
    tag: r.int(),
    val: r.uhyper(),
  };
}

/** remote_domain_get_block_info_args */
export interface DomainGetBlockInfoArgs {
  dom: DomainRef;
  path: string;
  flags: number;
}
function encodeDomainGetBlockInfoArgs(w: XdrWriter, v: DomainGetBlockInfoArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.path, 4194304);
  w.uint(v.flags);
}
function decodeDomainGetBlockInfoArgs(r: XdrReader): DomainGetBlockInfoArgs {
  return {
    dom: decodeDomainRef(r),
    path: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_get_block_info_ret */
export interface DomainGetBlockInfoRet {
  allocation: bigint;
  capacity: bigint;
  physical: bigint;
}
function encodeDomainGetBlockInfoRet(w: XdrWriter, v: DomainGetBlockInfoRet): void {
  w.uhyper(v.allocation);
  w.uhyper(v.capacity);
  w.uhyper(v.physical);
}
function decodeDomainGetBlockInfoRet(r: XdrReader): DomainGetBlockInfoRet {
  return {
    allocation: r.uhyper(),
    capacity: r.uhyper(),
    physical: r.uhyper(),
  };
}

/** remote_domain_interface_addresses_args */
export interface DomainInterfaceAddressesArgs {
  dom: DomainRef;
  source: number;
  flags: number;
}
function encodeDomainInterfaceAddressesArgs(w: XdrWriter, v: DomainInterfaceAddressesArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.source);
  w.uint(v.flags);
}
function decodeDomainInterfaceAddressesArgs(r: XdrReader): DomainInterfaceAddressesArgs {
  return {
    dom: decodeDomainRef(r),
    source: r.uint(),
    flags: r.uint(),
  };
}

/** remote_domain_interface_addresses_ret */
export interface DomainInterfaceAddressesRet {
  ifaces: DomainInterface[];
}
function encodeDomainInterfaceAddressesRet(w: XdrWriter, v: DomainInterfaceAddressesRet): void {
  w.count(v.ifaces.length, 2048); for (const item of v.ifaces) { encodeDomainInterface(w, item); }
}
function decodeDomainInterfaceAddressesRet(r: XdrReader): DomainInterfaceAddressesRet {
  return {
    ifaces: r.list(2048, 12, decodeDomainInterface),
  };
}

/** remote_domain_interface */
export interface DomainInterface {
  name: string;
  hwaddr: string | null;
  addrs: DomainIPAddr[];
}
function encodeDomainInterface(w: XdrWriter, v: DomainInterface): void {
  w.string(v.name, 4194304);
  if (w.present(v.hwaddr)) w.string(v.hwaddr, 4194304);
  w.count(v.addrs.length, 2048); for (const item of v.addrs) { encodeDomainIPAddr(w, item); }
}
function decodeDomainInterface(r: XdrReader): DomainInterface {
  return {
    name: r.string(4194304),
    hwaddr: r.present() ? r.string(4194304) : null,
    addrs: r.list(2048, 12, decodeDomainIPAddr),
  };
}

/** remote_domain_ip_addr */
export interface DomainIPAddr {
  type: number;
  addr: string;
  prefix: number;
}
function encodeDomainIPAddr(w: XdrWriter, v: DomainIPAddr): void {
  w.int(v.type);
  w.string(v.addr, 4194304);
  w.uint(v.prefix);
}
function decodeDomainIPAddr(r: XdrReader): DomainIPAddr {
  return {
    type: r.int(),
    addr: r.string(4194304),
    prefix: r.uint(),
  };
}

/** remote_domain_get_hostname_args */
export interface DomainGetHostnameArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainGetHostnameArgs(w: XdrWriter, v: DomainGetHostnameArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainGetHostnameArgs(r: XdrReader): DomainGetHostnameArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_get_hostname_ret */
export interface DomainGetHostnameRet {
  hostname: string;
}
function encodeDomainGetHostnameRet(w: XdrWriter, v: DomainGetHostnameRet): void {
  w.string(v.hostname, 4194304);
}
function decodeDomainGetHostnameRet(r: XdrReader): DomainGetHostnameRet {
  return {
    hostname: r.string(4194304),
  };
}

/** remote_domain_define_xml_flags_args */
export interface DomainDefineXMLFlagsArgs {
  xml: string;
  flags: number;
}
function encodeDomainDefineXMLFlagsArgs(w: XdrWriter, v: DomainDefineXMLFlagsArgs): void {
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeDomainDefineXMLFlagsArgs(r: XdrReader): DomainDefineXMLFlagsArgs {
  return {
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_define_xml_flags_ret */
export interface DomainDefineXMLFlagsRet {
  dom: DomainRef;
}
function encodeDomainDefineXMLFlagsRet(w: XdrWriter, v: DomainDefineXMLFlagsRet): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainDefineXMLFlagsRet(r: XdrReader): DomainDefineXMLFlagsRet {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_undefine_flags_args */
export interface DomainUndefineFlagsArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainUndefineFlagsArgs(w: XdrWriter, v: DomainUndefineFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainUndefineFlagsArgs(r: XdrReader): DomainUndefineFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_create_with_flags_args */
export interface DomainCreateWithFlagsArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainCreateWithFlagsArgs(w: XdrWriter, v: DomainCreateWithFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainCreateWithFlagsArgs(r: XdrReader): DomainCreateWithFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_create_with_flags_ret */
export interface DomainCreateWithFlagsRet {
  dom: DomainRef;
}
function encodeDomainCreateWithFlagsRet(w: XdrWriter, v: DomainCreateWithFlagsRet): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainCreateWithFlagsRet(r: XdrReader): DomainCreateWithFlagsRet {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_shutdown_flags_args */
export interface DomainShutdownFlagsArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainShutdownFlagsArgs(w: XdrWriter, v: DomainShutdownFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainShutdownFlagsArgs(r: XdrReader): DomainShutdownFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_destroy_flags_args */
export interface DomainDestroyFlagsArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainDestroyFlagsArgs(w: XdrWriter, v: DomainDestroyFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainDestroyFlagsArgs(r: XdrReader): DomainDestroyFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_reboot_args */
export interface DomainRebootArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainRebootArgs(w: XdrWriter, v: DomainRebootArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainRebootArgs(r: XdrReader): DomainRebootArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_reset_args */
export interface DomainResetArgs {
  dom: DomainRef;
  flags: number;
}
function encodeDomainResetArgs(w: XdrWriter, v: DomainResetArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.flags);
}
function decodeDomainResetArgs(r: XdrReader): DomainResetArgs {
  return {
    dom: decodeDomainRef(r),
    flags: r.uint(),
  };
}

/** remote_domain_suspend_args */
export interface DomainSuspendArgs {
  dom: DomainRef;
}
function encodeDomainSuspendArgs(w: XdrWriter, v: DomainSuspendArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainSuspendArgs(r: XdrReader): DomainSuspendArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_resume_args */
export interface DomainResumeArgs {
  dom: DomainRef;
}
function encodeDomainResumeArgs(w: XdrWriter, v: DomainResumeArgs): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainResumeArgs(r: XdrReader): DomainResumeArgs {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_set_metadata_args */
export interface DomainSetMetadataArgs {
  dom: DomainRef;
  type: number;
  metadata: string | null;
  key: string | null;
  uri: string | null;
  flags: number;
}
function encodeDomainSetMetadataArgs(w: XdrWriter, v: DomainSetMetadataArgs): void {
  encodeDomainRef(w, v.dom);
  w.int(v.type);
  if (w.present(v.metadata)) w.string(v.metadata, 4194304);
  if (w.present(v.key)) w.string(v.key, 4194304);
  if (w.present(v.uri)) w.string(v.uri, 4194304);
  w.uint(v.flags);
}
function decodeDomainSetMetadataArgs(r: XdrReader): DomainSetMetadataArgs {
  return {
    dom: decodeDomainRef(r),
    type: r.int(),
    metadata: r.present() ? r.string(4194304) : null,
    key: r.present() ? r.string(4194304) : null,
    uri: r.present() ? r.string(4194304) : null,
    flags: r.uint(),
  };
}

/** remote_domain_attach_device_flags_args */
export interface DomainAttachDeviceFlagsArgs {
  dom: DomainRef;
  xml: string;
  flags: number;
}
function encodeDomainAttachDeviceFlagsArgs(w: XdrWriter, v: DomainAttachDeviceFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeDomainAttachDeviceFlagsArgs(r: XdrReader): DomainAttachDeviceFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_detach_device_flags_args */
export interface DomainDetachDeviceFlagsArgs {
  dom: DomainRef;
  xml: string;
  flags: number;
}
function encodeDomainDetachDeviceFlagsArgs(w: XdrWriter, v: DomainDetachDeviceFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeDomainDetachDeviceFlagsArgs(r: XdrReader): DomainDetachDeviceFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_detach_device_alias_args */
export interface DomainDetachDeviceAliasArgs {
  dom: DomainRef;
  alias: string;
  flags: number;
}
function encodeDomainDetachDeviceAliasArgs(w: XdrWriter, v: DomainDetachDeviceAliasArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.alias, 4194304);
  w.uint(v.flags);
}
function decodeDomainDetachDeviceAliasArgs(r: XdrReader): DomainDetachDeviceAliasArgs {
  return {
    dom: decodeDomainRef(r),
    alias: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_update_device_flags_args */
export interface DomainUpdateDeviceFlagsArgs {
  dom: DomainRef;
  xml: string;
  flags: number;
}
function encodeDomainUpdateDeviceFlagsArgs(w: XdrWriter, v: DomainUpdateDeviceFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeDomainUpdateDeviceFlagsArgs(r: XdrReader): DomainUpdateDeviceFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_set_memory_flags_args */
export interface DomainSetMemoryFlagsArgs {
  dom: DomainRef;
  memory: bigint;
  flags: number;
}
function encodeDomainSetMemoryFlagsArgs(w: XdrWriter, v: DomainSetMemoryFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uhyper(v.memory);
  w.uint(v.flags);
}
function decodeDomainSetMemoryFlagsArgs(r: XdrReader): DomainSetMemoryFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    memory: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_domain_set_memory_stats_period_args */
export interface DomainSetMemoryStatsPeriodArgs {
  dom: DomainRef;
  period: number;
  flags: number;
}
function encodeDomainSetMemoryStatsPeriodArgs(w: XdrWriter, v: DomainSetMemoryStatsPeriodArgs): void {
  encodeDomainRef(w, v.dom);
  w.int(v.period);
  w.uint(v.flags);
}
function decodeDomainSetMemoryStatsPeriodArgs(r: XdrReader): DomainSetMemoryStatsPeriodArgs {
  return {
    dom: decodeDomainRef(r),
    period: r.int(),
    flags: r.uint(),
  };
}

/** remote_domain_set_vcpus_flags_args */
export interface DomainSetVcpusFlagsArgs {
  dom: DomainRef;
  nvcpus: number;
  flags: number;
}
function encodeDomainSetVcpusFlagsArgs(w: XdrWriter, v: DomainSetVcpusFlagsArgs): void {
  encodeDomainRef(w, v.dom);
  w.uint(v.nvcpus);
  w.uint(v.flags);
}
function decodeDomainSetVcpusFlagsArgs(r: XdrReader): DomainSetVcpusFlagsArgs {
  return {
    dom: decodeDomainRef(r),
    nvcpus: r.uint(),
    flags: r.uint(),
  };
}

/** remote_domain_block_resize_args */
export interface DomainBlockResizeArgs {
  dom: DomainRef;
  disk: string;
  size: bigint;
  flags: number;
}
function encodeDomainBlockResizeArgs(w: XdrWriter, v: DomainBlockResizeArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.disk, 4194304);
  w.uhyper(v.size);
  w.uint(v.flags);
}
function decodeDomainBlockResizeArgs(r: XdrReader): DomainBlockResizeArgs {
  return {
    dom: decodeDomainRef(r),
    disk: r.string(4194304),
    size: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_begin3_params_args */
export interface DomainMigrateBegin3ParamsArgs {
  dom: DomainRef;
  params: TypedParam[];
  flags: number;
}
function encodeDomainMigrateBegin3ParamsArgs(w: XdrWriter, v: DomainMigrateBegin3ParamsArgs): void {
  encodeDomainRef(w, v.dom);
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
  w.uint(v.flags);
}
function decodeDomainMigrateBegin3ParamsArgs(r: XdrReader): DomainMigrateBegin3ParamsArgs {
  return {
    dom: decodeDomainRef(r),
    params: r.list(64, 12, decodeTypedParam),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_begin3_params_ret */
export interface DomainMigrateBegin3ParamsRet {
  cookieOut: Uint8Array;
  xml: string;
}
function encodeDomainMigrateBegin3ParamsRet(w: XdrWriter, v: DomainMigrateBegin3ParamsRet): void {
  w.opaque(v.cookieOut, 4194304);
  w.string(v.xml, 4194304);
}
function decodeDomainMigrateBegin3ParamsRet(r: XdrReader): DomainMigrateBegin3ParamsRet {
  return {
    cookieOut: r.opaque(4194304),
    xml: r.string(4194304),
  };
}

/** remote_domain_migrate_prepare3_params_args */
export interface DomainMigratePrepare3ParamsArgs {
  params: TypedParam[];
  cookieIn: Uint8Array;
  flags: number;
}
function encodeDomainMigratePrepare3ParamsArgs(w: XdrWriter, v: DomainMigratePrepare3ParamsArgs): void {
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
  w.opaque(v.cookieIn, 4194304);
  w.uint(v.flags);
}
function decodeDomainMigratePrepare3ParamsArgs(r: XdrReader): DomainMigratePrepare3ParamsArgs {
  return {
    params: r.list(64, 12, decodeTypedParam),
    cookieIn: r.opaque(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_prepare3_params_ret */
export interface DomainMigratePrepare3ParamsRet {
  cookieOut: Uint8Array;
  uriOut: string | null;
}
function encodeDomainMigratePrepare3ParamsRet(w: XdrWriter, v: DomainMigratePrepare3ParamsRet): void {
  w.opaque(v.cookieOut, 4194304);
  if (w.present(v.uriOut)) w.string(v.uriOut, 4194304);
}
function decodeDomainMigratePrepare3ParamsRet(r: XdrReader): DomainMigratePrepare3ParamsRet {
  return {
    cookieOut: r.opaque(4194304),
    uriOut: r.present() ? r.string(4194304) : null,
  };
}

/** remote_domain_migrate_perform3_params_args */
export interface DomainMigratePerform3ParamsArgs {
  dom: DomainRef;
  dconnuri: string | null;
  params: TypedParam[];
  cookieIn: Uint8Array;
  flags: number;
}
function encodeDomainMigratePerform3ParamsArgs(w: XdrWriter, v: DomainMigratePerform3ParamsArgs): void {
  encodeDomainRef(w, v.dom);
  if (w.present(v.dconnuri)) w.string(v.dconnuri, 4194304);
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
  w.opaque(v.cookieIn, 4194304);
  w.uint(v.flags);
}
function decodeDomainMigratePerform3ParamsArgs(r: XdrReader): DomainMigratePerform3ParamsArgs {
  return {
    dom: decodeDomainRef(r),
    dconnuri: r.present() ? r.string(4194304) : null,
    params: r.list(64, 12, decodeTypedParam),
    cookieIn: r.opaque(4194304),
    flags: r.uint(),
  };
}

/** remote_domain_migrate_perform3_params_ret */
export interface DomainMigratePerform3ParamsRet {
  cookieOut: Uint8Array;
}
function encodeDomainMigratePerform3ParamsRet(w: XdrWriter, v: DomainMigratePerform3ParamsRet): void {
  w.opaque(v.cookieOut, 4194304);
}
function decodeDomainMigratePerform3ParamsRet(r: XdrReader): DomainMigratePerform3ParamsRet {
  return {
    cookieOut: r.opaque(4194304),
  };
}

/** remote_domain_migrate_finish3_params_args */
export interface DomainMigrateFinish3ParamsArgs {
  params: TypedParam[];
  cookieIn: Uint8Array;
  flags: number;
  cancelled: number;
}
function encodeDomainMigrateFinish3ParamsArgs(w: XdrWriter, v: DomainMigrateFinish3ParamsArgs): void {
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
  w.opaque(v.cookieIn, 4194304);
  w.uint(v.flags);
  w.int(v.cancelled);
}
function decodeDomainMigrateFinish3ParamsArgs(r: XdrReader): DomainMigrateFinish3ParamsArgs {
  return {
    params: r.list(64, 12, decodeTypedParam),
    cookieIn: r.opaque(4194304),
    flags: r.uint(),
    cancelled: r.int(),
  };
}

/** remote_domain_migrate_finish3_params_ret */
export interface DomainMigrateFinish3ParamsRet {
  dom: DomainRef;
  cookieOut: Uint8Array;
}
function encodeDomainMigrateFinish3ParamsRet(w: XdrWriter, v: DomainMigrateFinish3ParamsRet): void {
  encodeDomainRef(w, v.dom);
  w.opaque(v.cookieOut, 4194304);
}
function decodeDomainMigrateFinish3ParamsRet(r: XdrReader): DomainMigrateFinish3ParamsRet {
  return {
    dom: decodeDomainRef(r),
    cookieOut: r.opaque(4194304),
  };
}

/** remote_domain_migrate_confirm3_params_args */
export interface DomainMigrateConfirm3ParamsArgs {
  dom: DomainRef;
  params: TypedParam[];
  cookieIn: Uint8Array;
  flags: number;
  cancelled: number;
}
function encodeDomainMigrateConfirm3ParamsArgs(w: XdrWriter, v: DomainMigrateConfirm3ParamsArgs): void {
  encodeDomainRef(w, v.dom);
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
  w.opaque(v.cookieIn, 4194304);
  w.uint(v.flags);
  w.int(v.cancelled);
}
function decodeDomainMigrateConfirm3ParamsArgs(r: XdrReader): DomainMigrateConfirm3ParamsArgs {
  return {
    dom: decodeDomainRef(r),
    params: r.list(64, 12, decodeTypedParam),
    cookieIn: r.opaque(4194304),
    flags: r.uint(),
    cancelled: r.int(),
  };
}

/** remote_network_define_xml_flags_args */
export interface NetworkDefineXMLFlagsArgs {
  xml: string;
  flags: number;
}
function encodeNetworkDefineXMLFlagsArgs(w: XdrWriter, v: NetworkDefineXMLFlagsArgs): void {
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeNetworkDefineXMLFlagsArgs(r: XdrReader): NetworkDefineXMLFlagsArgs {
  return {
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_network_define_xml_flags_ret */
export interface NetworkDefineXMLFlagsRet {
  net: NetworkRef;
}
function encodeNetworkDefineXMLFlagsRet(w: XdrWriter, v: NetworkDefineXMLFlagsRet): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkDefineXMLFlagsRet(r: XdrReader): NetworkDefineXMLFlagsRet {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_define_xml_args */
export interface NetworkDefineXMLArgs {
  xml: string;
}
function encodeNetworkDefineXMLArgs(w: XdrWriter, v: NetworkDefineXMLArgs): void {
  w.string(v.xml, 4194304);
}
function decodeNetworkDefineXMLArgs(r: XdrReader): NetworkDefineXMLArgs {
  return {
    xml: r.string(4194304),
  };
}

/** remote_network_define_xml_ret */
export interface NetworkDefineXMLRet {
  net: NetworkRef;
}
function encodeNetworkDefineXMLRet(w: XdrWriter, v: NetworkDefineXMLRet): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkDefineXMLRet(r: XdrReader): NetworkDefineXMLRet {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_create_args */
export interface NetworkCreateArgs {
  net: NetworkRef;
}
function encodeNetworkCreateArgs(w: XdrWriter, v: NetworkCreateArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkCreateArgs(r: XdrReader): NetworkCreateArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_destroy_args */
export interface NetworkDestroyArgs {
  net: NetworkRef;
}
function encodeNetworkDestroyArgs(w: XdrWriter, v: NetworkDestroyArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkDestroyArgs(r: XdrReader): NetworkDestroyArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_undefine_args */
export interface NetworkUndefineArgs {
  net: NetworkRef;
}
function encodeNetworkUndefineArgs(w: XdrWriter, v: NetworkUndefineArgs): void {
  encodeNetworkRef(w, v.net);
}
function decodeNetworkUndefineArgs(r: XdrReader): NetworkUndefineArgs {
  return {
    net: decodeNetworkRef(r),
  };
}

/** remote_network_update_args */
export interface NetworkUpdateArgs {
  net: NetworkRef;
  command: number;
  section: number;
  parentIndex: number;
  xml: string;
  flags: number;
}
function encodeNetworkUpdateArgs(w: XdrWriter, v: NetworkUpdateArgs): void {
  encodeNetworkRef(w, v.net);
  w.uint(v.command);
  w.uint(v.section);
  w.int(v.parentIndex);
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeNetworkUpdateArgs(r: XdrReader): NetworkUpdateArgs {
  return {
    net: decodeNetworkRef(r),
    command: r.uint(),
    section: r.uint(),
    parentIndex: r.int(),
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_storage_pool_define_xml_args */
export interface StoragePoolDefineXMLArgs {
  xml: string;
  flags: number;
}
function encodeStoragePoolDefineXMLArgs(w: XdrWriter, v: StoragePoolDefineXMLArgs): void {
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeStoragePoolDefineXMLArgs(r: XdrReader): StoragePoolDefineXMLArgs {
  return {
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_storage_pool_define_xml_ret */
export interface StoragePoolDefineXMLRet {
  pool: StoragePoolRef;
}
function encodeStoragePoolDefineXMLRet(w: XdrWriter, v: StoragePoolDefineXMLRet): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolDefineXMLRet(r: XdrReader): StoragePoolDefineXMLRet {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_build_args */
export interface StoragePoolBuildArgs {
  pool: StoragePoolRef;
  flags: number;
}
function encodeStoragePoolBuildArgs(w: XdrWriter, v: StoragePoolBuildArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.uint(v.flags);
}
function decodeStoragePoolBuildArgs(r: XdrReader): StoragePoolBuildArgs {
  return {
    pool: decodeStoragePoolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_pool_create_args */
export interface StoragePoolCreateArgs {
  pool: StoragePoolRef;
  flags: number;
}
function encodeStoragePoolCreateArgs(w: XdrWriter, v: StoragePoolCreateArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.uint(v.flags);
}
function decodeStoragePoolCreateArgs(r: XdrReader): StoragePoolCreateArgs {
  return {
    pool: decodeStoragePoolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_pool_destroy_args */
export interface StoragePoolDestroyArgs {
  pool: StoragePoolRef;
}
function encodeStoragePoolDestroyArgs(w: XdrWriter, v: StoragePoolDestroyArgs): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolDestroyArgs(r: XdrReader): StoragePoolDestroyArgs {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_delete_args */
export interface StoragePoolDeleteArgs {
  pool: StoragePoolRef;
  flags: number;
}
function encodeStoragePoolDeleteArgs(w: XdrWriter, v: StoragePoolDeleteArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.uint(v.flags);
}
function decodeStoragePoolDeleteArgs(r: XdrReader): StoragePoolDeleteArgs {
  return {
    pool: decodeStoragePoolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_pool_undefine_args */
export interface StoragePoolUndefineArgs {
  pool: StoragePoolRef;
}
function encodeStoragePoolUndefineArgs(w: XdrWriter, v: StoragePoolUndefineArgs): void {
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolUndefineArgs(r: XdrReader): StoragePoolUndefineArgs {
  return {
    pool: decodeStoragePoolRef(r),
  };
}

/** remote_storage_pool_refresh_args */
export interface StoragePoolRefreshArgs {
  pool: StoragePoolRef;
  flags: number;
}
function encodeStoragePoolRefreshArgs(w: XdrWriter, v: StoragePoolRefreshArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.uint(v.flags);
}
function decodeStoragePoolRefreshArgs(r: XdrReader): StoragePoolRefreshArgs {
  return {
    pool: decodeStoragePoolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_vol_create_xml_args */
export interface StorageVolCreateXMLArgs {
  pool: StoragePoolRef;
  xml: string;
  flags: number;
}
function encodeStorageVolCreateXMLArgs(w: XdrWriter, v: StorageVolCreateXMLArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.string(v.xml, 4194304);
  w.uint(v.flags);
}
function decodeStorageVolCreateXMLArgs(r: XdrReader): StorageVolCreateXMLArgs {
  return {
    pool: decodeStoragePoolRef(r),
    xml: r.string(4194304),
    flags: r.uint(),
  };
}

/** remote_storage_vol_create_xml_ret */
export interface StorageVolCreateXMLRet {
  vol: StorageVolRef;
}
function encodeStorageVolCreateXMLRet(w: XdrWriter, v: StorageVolCreateXMLRet): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolCreateXMLRet(r: XdrReader): StorageVolCreateXMLRet {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_create_xml_from_args */
export interface StorageVolCreateXMLFromArgs {
  pool: StoragePoolRef;
  xml: string;
  clonevol: StorageVolRef;
  flags: number;
}
function encodeStorageVolCreateXMLFromArgs(w: XdrWriter, v: StorageVolCreateXMLFromArgs): void {
  encodeStoragePoolRef(w, v.pool);
  w.string(v.xml, 4194304);
  encodeStorageVolRef(w, v.clonevol);
  w.uint(v.flags);
}
function decodeStorageVolCreateXMLFromArgs(r: XdrReader): StorageVolCreateXMLFromArgs {
  return {
    pool: decodeStoragePoolRef(r),
    xml: r.string(4194304),
    clonevol: decodeStorageVolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_vol_create_xml_from_ret */
export interface StorageVolCreateXMLFromRet {
  vol: StorageVolRef;
}
function encodeStorageVolCreateXMLFromRet(w: XdrWriter, v: StorageVolCreateXMLFromRet): void {
  encodeStorageVolRef(w, v.vol);
}
function decodeStorageVolCreateXMLFromRet(r: XdrReader): StorageVolCreateXMLFromRet {
  return {
    vol: decodeStorageVolRef(r),
  };
}

/** remote_storage_vol_delete_args */
export interface StorageVolDeleteArgs {
  vol: StorageVolRef;
  flags: number;
}
function encodeStorageVolDeleteArgs(w: XdrWriter, v: StorageVolDeleteArgs): void {
  encodeStorageVolRef(w, v.vol);
  w.uint(v.flags);
}
function decodeStorageVolDeleteArgs(r: XdrReader): StorageVolDeleteArgs {
  return {
    vol: decodeStorageVolRef(r),
    flags: r.uint(),
  };
}

/** remote_storage_vol_resize_args */
export interface StorageVolResizeArgs {
  vol: StorageVolRef;
  capacity: bigint;
  flags: number;
}
function encodeStorageVolResizeArgs(w: XdrWriter, v: StorageVolResizeArgs): void {
  encodeStorageVolRef(w, v.vol);
  w.uhyper(v.capacity);
  w.uint(v.flags);
}
function decodeStorageVolResizeArgs(r: XdrReader): StorageVolResizeArgs {
  return {
    vol: decodeStorageVolRef(r),
    capacity: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_storage_vol_upload_args */
export interface StorageVolUploadArgs {
  vol: StorageVolRef;
  offset: bigint;
  length: bigint;
  flags: number;
}
function encodeStorageVolUploadArgs(w: XdrWriter, v: StorageVolUploadArgs): void {
  encodeStorageVolRef(w, v.vol);
  w.uhyper(v.offset);
  w.uhyper(v.length);
  w.uint(v.flags);
}
function decodeStorageVolUploadArgs(r: XdrReader): StorageVolUploadArgs {
  return {
    vol: decodeStorageVolRef(r),
    offset: r.uhyper(),
    length: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_storage_vol_download_args */
export interface StorageVolDownloadArgs {
  vol: StorageVolRef;
  offset: bigint;
  length: bigint;
  flags: number;
}
function encodeStorageVolDownloadArgs(w: XdrWriter, v: StorageVolDownloadArgs): void {
  encodeStorageVolRef(w, v.vol);
  w.uhyper(v.offset);
  w.uhyper(v.length);
  w.uint(v.flags);
}
function decodeStorageVolDownloadArgs(r: XdrReader): StorageVolDownloadArgs {
  return {
    vol: decodeStorageVolRef(r),
    offset: r.uhyper(),
    length: r.uhyper(),
    flags: r.uint(),
  };
}

/** remote_domain_event_callback_lifecycle_msg */
export interface DomainEventCallbackLifecycleMsg {
  callbackID: number;
  msg: DomainEventLifecycleMsg;
}
function encodeDomainEventCallbackLifecycleMsg(w: XdrWriter, v: DomainEventCallbackLifecycleMsg): void {
  w.int(v.callbackID);
  encodeDomainEventLifecycleMsg(w, v.msg);
}
function decodeDomainEventCallbackLifecycleMsg(r: XdrReader): DomainEventCallbackLifecycleMsg {
  return {
    callbackID: r.int(),
    msg: decodeDomainEventLifecycleMsg(r),
  };
}

/** remote_domain_event_lifecycle_msg */
export interface DomainEventLifecycleMsg {
  dom: DomainRef;
  event: number;
  detail: number;
}
function encodeDomainEventLifecycleMsg(w: XdrWriter, v: DomainEventLifecycleMsg): void {
  encodeDomainRef(w, v.dom);
  w.int(v.event);
  w.int(v.detail);
}
function decodeDomainEventLifecycleMsg(r: XdrReader): DomainEventLifecycleMsg {
  return {
    dom: decodeDomainRef(r),
    event: r.int(),
    detail: r.int(),
  };
}

/** remote_domain_event_callback_reboot_msg */
export interface DomainEventCallbackRebootMsg {
  callbackID: number;
  msg: DomainEventRebootMsg;
}
function encodeDomainEventCallbackRebootMsg(w: XdrWriter, v: DomainEventCallbackRebootMsg): void {
  w.int(v.callbackID);
  encodeDomainEventRebootMsg(w, v.msg);
}
function decodeDomainEventCallbackRebootMsg(r: XdrReader): DomainEventCallbackRebootMsg {
  return {
    callbackID: r.int(),
    msg: decodeDomainEventRebootMsg(r),
  };
}

/** remote_domain_event_reboot_msg */
export interface DomainEventRebootMsg {
  dom: DomainRef;
}
function encodeDomainEventRebootMsg(w: XdrWriter, v: DomainEventRebootMsg): void {
  encodeDomainRef(w, v.dom);
}
function decodeDomainEventRebootMsg(r: XdrReader): DomainEventRebootMsg {
  return {
    dom: decodeDomainRef(r),
  };
}

/** remote_domain_event_callback_io_error_reason_msg */
export interface DomainEventCallbackIOErrorReasonMsg {
  callbackID: number;
  msg: DomainEventIOErrorReasonMsg;
}
function encodeDomainEventCallbackIOErrorReasonMsg(w: XdrWriter, v: DomainEventCallbackIOErrorReasonMsg): void {
  w.int(v.callbackID);
  encodeDomainEventIOErrorReasonMsg(w, v.msg);
}
function decodeDomainEventCallbackIOErrorReasonMsg(r: XdrReader): DomainEventCallbackIOErrorReasonMsg {
  return {
    callbackID: r.int(),
    msg: decodeDomainEventIOErrorReasonMsg(r),
  };
}

/** remote_domain_event_io_error_reason_msg */
export interface DomainEventIOErrorReasonMsg {
  dom: DomainRef;
  srcPath: string;
  devAlias: string;
  action: number;
  reason: string;
}
function encodeDomainEventIOErrorReasonMsg(w: XdrWriter, v: DomainEventIOErrorReasonMsg): void {
  encodeDomainRef(w, v.dom);
  w.string(v.srcPath, 4194304);
  w.string(v.devAlias, 4194304);
  w.int(v.action);
  w.string(v.reason, 4194304);
}
function decodeDomainEventIOErrorReasonMsg(r: XdrReader): DomainEventIOErrorReasonMsg {
  return {
    dom: decodeDomainRef(r),
    srcPath: r.string(4194304),
    devAlias: r.string(4194304),
    action: r.int(),
    reason: r.string(4194304),
  };
}

/** remote_domain_event_block_job_2_msg */
export interface DomainEventBlockJob2Msg {
  callbackID: number;
  dom: DomainRef;
  dst: string;
  type: number;
  status: number;
}
function encodeDomainEventBlockJob2Msg(w: XdrWriter, v: DomainEventBlockJob2Msg): void {
  w.int(v.callbackID);
  encodeDomainRef(w, v.dom);
  w.string(v.dst, 4194304);
  w.int(v.type);
  w.int(v.status);
}
function decodeDomainEventBlockJob2Msg(r: XdrReader): DomainEventBlockJob2Msg {
  return {
    callbackID: r.int(),
    dom: decodeDomainRef(r),
    dst: r.string(4194304),
    type: r.int(),
    status: r.int(),
  };
}

/** remote_domain_event_callback_balloon_change_msg */
export interface DomainEventCallbackBalloonChangeMsg {
  callbackID: number;
  msg: DomainEventBalloonChangeMsg;
}
function encodeDomainEventCallbackBalloonChangeMsg(w: XdrWriter, v: DomainEventCallbackBalloonChangeMsg): void {
  w.int(v.callbackID);
  encodeDomainEventBalloonChangeMsg(w, v.msg);
}
function decodeDomainEventCallbackBalloonChangeMsg(r: XdrReader): DomainEventCallbackBalloonChangeMsg {
  return {
    callbackID: r.int(),
    msg: decodeDomainEventBalloonChangeMsg(r),
  };
}

/** remote_domain_event_balloon_change_msg */
export interface DomainEventBalloonChangeMsg {
  dom: DomainRef;
  actual: bigint;
}
function encodeDomainEventBalloonChangeMsg(w: XdrWriter, v: DomainEventBalloonChangeMsg): void {
  encodeDomainRef(w, v.dom);
  w.uhyper(v.actual);
}
function decodeDomainEventBalloonChangeMsg(r: XdrReader): DomainEventBalloonChangeMsg {
  return {
    dom: decodeDomainRef(r),
    actual: r.uhyper(),
  };
}

/** remote_domain_event_callback_device_removed_msg */
export interface DomainEventCallbackDeviceRemovedMsg {
  callbackID: number;
  msg: DomainEventDeviceRemovedMsg;
}
function encodeDomainEventCallbackDeviceRemovedMsg(w: XdrWriter, v: DomainEventCallbackDeviceRemovedMsg): void {
  w.int(v.callbackID);
  encodeDomainEventDeviceRemovedMsg(w, v.msg);
}
function decodeDomainEventCallbackDeviceRemovedMsg(r: XdrReader): DomainEventCallbackDeviceRemovedMsg {
  return {
    callbackID: r.int(),
    msg: decodeDomainEventDeviceRemovedMsg(r),
  };
}

/** remote_domain_event_device_removed_msg */
export interface DomainEventDeviceRemovedMsg {
  dom: DomainRef;
  devAlias: string;
}
function encodeDomainEventDeviceRemovedMsg(w: XdrWriter, v: DomainEventDeviceRemovedMsg): void {
  encodeDomainRef(w, v.dom);
  w.string(v.devAlias, 4194304);
}
function decodeDomainEventDeviceRemovedMsg(r: XdrReader): DomainEventDeviceRemovedMsg {
  return {
    dom: decodeDomainRef(r),
    devAlias: r.string(4194304),
  };
}

/** remote_domain_event_callback_device_removal_failed_msg */
export interface DomainEventCallbackDeviceRemovalFailedMsg {
  callbackID: number;
  dom: DomainRef;
  devAlias: string;
}
function encodeDomainEventCallbackDeviceRemovalFailedMsg(w: XdrWriter, v: DomainEventCallbackDeviceRemovalFailedMsg): void {
  w.int(v.callbackID);
  encodeDomainRef(w, v.dom);
  w.string(v.devAlias, 4194304);
}
function decodeDomainEventCallbackDeviceRemovalFailedMsg(r: XdrReader): DomainEventCallbackDeviceRemovalFailedMsg {
  return {
    callbackID: r.int(),
    dom: decodeDomainRef(r),
    devAlias: r.string(4194304),
  };
}

/** remote_domain_event_callback_device_added_msg */
export interface DomainEventCallbackDeviceAddedMsg {
  callbackID: number;
  dom: DomainRef;
  devAlias: string;
}
function encodeDomainEventCallbackDeviceAddedMsg(w: XdrWriter, v: DomainEventCallbackDeviceAddedMsg): void {
  w.int(v.callbackID);
  encodeDomainRef(w, v.dom);
  w.string(v.devAlias, 4194304);
}
function decodeDomainEventCallbackDeviceAddedMsg(r: XdrReader): DomainEventCallbackDeviceAddedMsg {
  return {
    callbackID: r.int(),
    dom: decodeDomainRef(r),
    devAlias: r.string(4194304),
  };
}

/** remote_domain_event_callback_agent_lifecycle_msg */
export interface DomainEventCallbackAgentLifecycleMsg {
  callbackID: number;
  dom: DomainRef;
  state: number;
  reason: number;
}
function encodeDomainEventCallbackAgentLifecycleMsg(w: XdrWriter, v: DomainEventCallbackAgentLifecycleMsg): void {
  w.int(v.callbackID);
  encodeDomainRef(w, v.dom);
  w.int(v.state);
  w.int(v.reason);
}
function decodeDomainEventCallbackAgentLifecycleMsg(r: XdrReader): DomainEventCallbackAgentLifecycleMsg {
  return {
    callbackID: r.int(),
    dom: decodeDomainRef(r),
    state: r.int(),
    reason: r.int(),
  };
}

/** remote_domain_event_callback_migration_iteration_msg */
export interface DomainEventCallbackMigrationIterationMsg {
  callbackID: number;
  dom: DomainRef;
  iteration: number;
}
function encodeDomainEventCallbackMigrationIterationMsg(w: XdrWriter, v: DomainEventCallbackMigrationIterationMsg): void {
  w.int(v.callbackID);
  encodeDomainRef(w, v.dom);
  w.int(v.iteration);
}
function decodeDomainEventCallbackMigrationIterationMsg(r: XdrReader): DomainEventCallbackMigrationIterationMsg {
  return {
    callbackID: r.int(),
    dom: decodeDomainRef(r),
    iteration: r.int(),
  };
}

/** remote_domain_event_callback_job_completed_msg */
export interface DomainEventCallbackJobCompletedMsg {
  callbackID: number;
  dom: DomainRef;
  params: TypedParam[];
}
function encodeDomainEventCallbackJobCompletedMsg(w: XdrWriter, v: DomainEventCallbackJobCompletedMsg): void {
  w.int(v.callbackID);
  encodeDomainRef(w, v.dom);
  w.count(v.params.length, 64); for (const item of v.params) { encodeTypedParam(w, item); }
}
function decodeDomainEventCallbackJobCompletedMsg(r: XdrReader): DomainEventCallbackJobCompletedMsg {
  return {
    callbackID: r.int(),
    dom: decodeDomainRef(r),
    params: r.list(64, 12, decodeTypedParam),
  };
}

/** remote_network_event_lifecycle_msg */
export interface NetworkEventLifecycleMsg {
  callbackID: number;
  net: NetworkRef;
  event: number;
  detail: number;
}
function encodeNetworkEventLifecycleMsg(w: XdrWriter, v: NetworkEventLifecycleMsg): void {
  w.int(v.callbackID);
  encodeNetworkRef(w, v.net);
  w.int(v.event);
  w.int(v.detail);
}
function decodeNetworkEventLifecycleMsg(r: XdrReader): NetworkEventLifecycleMsg {
  return {
    callbackID: r.int(),
    net: decodeNetworkRef(r),
    event: r.int(),
    detail: r.int(),
  };
}

/** remote_storage_pool_event_lifecycle_msg */
export interface StoragePoolEventLifecycleMsg {
  callbackID: number;
  pool: StoragePoolRef;
  event: number;
  detail: number;
}
function encodeStoragePoolEventLifecycleMsg(w: XdrWriter, v: StoragePoolEventLifecycleMsg): void {
  w.int(v.callbackID);
  encodeStoragePoolRef(w, v.pool);
  w.int(v.event);
  w.int(v.detail);
}
function decodeStoragePoolEventLifecycleMsg(r: XdrReader): StoragePoolEventLifecycleMsg {
  return {
    callbackID: r.int(),
    pool: decodeStoragePoolRef(r),
    event: r.int(),
    detail: r.int(),
  };
}

/** remote_storage_pool_event_refresh_msg */
export interface StoragePoolEventRefreshMsg {
  callbackID: number;
  pool: StoragePoolRef;
}
function encodeStoragePoolEventRefreshMsg(w: XdrWriter, v: StoragePoolEventRefreshMsg): void {
  w.int(v.callbackID);
  encodeStoragePoolRef(w, v.pool);
}
function decodeStoragePoolEventRefreshMsg(r: XdrReader): StoragePoolEventRefreshMsg {
  return {
    callbackID: r.int(),
    pool: decodeStoragePoolRef(r),
  };
}

/** qemu_domain_agent_command_args */
export interface QemuDomainAgentCommandArgs {
  dom: DomainRef;
  cmd: string;
  timeout: number;
  flags: number;
}
function encodeQemuDomainAgentCommandArgs(w: XdrWriter, v: QemuDomainAgentCommandArgs): void {
  encodeDomainRef(w, v.dom);
  w.string(v.cmd, 4194304);
  w.int(v.timeout);
  w.uint(v.flags);
}
function decodeQemuDomainAgentCommandArgs(r: XdrReader): QemuDomainAgentCommandArgs {
  return {
    dom: decodeDomainRef(r),
    cmd: r.string(4194304),
    timeout: r.int(),
    flags: r.uint(),
  };
}

/** qemu_domain_agent_command_ret */
export interface QemuDomainAgentCommandRet {
  result: string | null;
}
function encodeQemuDomainAgentCommandRet(w: XdrWriter, v: QemuDomainAgentCommandRet): void {
  if (w.present(v.result)) w.string(v.result, 4194304);
}
function decodeQemuDomainAgentCommandRet(r: XdrReader): QemuDomainAgentCommandRet {
  return {
    result: r.present() ? r.string(4194304) : null,
  };
}

/** Every struct's codec by name. */
export const codecs = {
  NetMessageError: { encode: encodeNetMessageError, decode: decodeNetMessageError },
  NetMessageNonnullDomain: { encode: encodeNetMessageNonnullDomain, decode: decodeNetMessageNonnullDomain },
  NetMessageNonnullNetwork: { encode: encodeNetMessageNonnullNetwork, decode: decodeNetMessageNonnullNetwork },
  NetStreamHole: { encode: encodeNetStreamHole, decode: decodeNetStreamHole },
  AuthListRet: { encode: encodeAuthListRet, decode: decodeAuthListRet },
  ConnectSupportsFeatureArgs: { encode: encodeConnectSupportsFeatureArgs, decode: decodeConnectSupportsFeatureArgs },
  ConnectSupportsFeatureRet: { encode: encodeConnectSupportsFeatureRet, decode: decodeConnectSupportsFeatureRet },
  ConnectGetTypeRet: { encode: encodeConnectGetTypeRet, decode: decodeConnectGetTypeRet },
  ConnectGetVersionRet: { encode: encodeConnectGetVersionRet, decode: decodeConnectGetVersionRet },
  ConnectGetLibVersionRet: { encode: encodeConnectGetLibVersionRet, decode: decodeConnectGetLibVersionRet },
  ConnectGetURIRet: { encode: encodeConnectGetURIRet, decode: decodeConnectGetURIRet },
  ConnectGetHostnameRet: { encode: encodeConnectGetHostnameRet, decode: decodeConnectGetHostnameRet },
  ConnectListAllDomainsArgs: { encode: encodeConnectListAllDomainsArgs, decode: decodeConnectListAllDomainsArgs },
  ConnectListAllDomainsRet: { encode: encodeConnectListAllDomainsRet, decode: decodeConnectListAllDomainsRet },
  DomainRef: { encode: encodeDomainRef, decode: decodeDomainRef },
  ConnectListAllNetworksArgs: { encode: encodeConnectListAllNetworksArgs, decode: decodeConnectListAllNetworksArgs },
  ConnectListAllNetworksRet: { encode: encodeConnectListAllNetworksRet, decode: decodeConnectListAllNetworksRet },
  NetworkRef: { encode: encodeNetworkRef, decode: decodeNetworkRef },
  ConnectListAllStoragePoolsArgs: { encode: encodeConnectListAllStoragePoolsArgs, decode: decodeConnectListAllStoragePoolsArgs },
  ConnectListAllStoragePoolsRet: { encode: encodeConnectListAllStoragePoolsRet, decode: decodeConnectListAllStoragePoolsRet },
  StoragePoolRef: { encode: encodeStoragePoolRef, decode: decodeStoragePoolRef },
  ConnectListAllSecretsArgs: { encode: encodeConnectListAllSecretsArgs, decode: decodeConnectListAllSecretsArgs },
  ConnectListAllSecretsRet: { encode: encodeConnectListAllSecretsRet, decode: decodeConnectListAllSecretsRet },
  SecretRef: { encode: encodeSecretRef, decode: decodeSecretRef },
  ConnectListAllNodeDevicesArgs: { encode: encodeConnectListAllNodeDevicesArgs, decode: decodeConnectListAllNodeDevicesArgs },
  ConnectListAllNodeDevicesRet: { encode: encodeConnectListAllNodeDevicesRet, decode: decodeConnectListAllNodeDevicesRet },
  NodeDeviceRef: { encode: encodeNodeDeviceRef, decode: decodeNodeDeviceRef },
  ConnectListAllInterfacesArgs: { encode: encodeConnectListAllInterfacesArgs, decode: decodeConnectListAllInterfacesArgs },
  ConnectListAllInterfacesRet: { encode: encodeConnectListAllInterfacesRet, decode: decodeConnectListAllInterfacesRet },
  InterfaceRef: { encode: encodeInterfaceRef, decode: decodeInterfaceRef },
  ConnectGetCPUModelNamesArgs: { encode: encodeConnectGetCPUModelNamesArgs, decode: decodeConnectGetCPUModelNamesArgs },
  ConnectGetCPUModelNamesRet: { encode: encodeConnectGetCPUModelNamesRet, decode: decodeConnectGetCPUModelNamesRet },
  NodeGetInfoRet: { encode: encodeNodeGetInfoRet, decode: decodeNodeGetInfoRet },
  NodeGetMemoryStatsArgs: { encode: encodeNodeGetMemoryStatsArgs, decode: decodeNodeGetMemoryStatsArgs },
  NodeGetMemoryStatsRet: { encode: encodeNodeGetMemoryStatsRet, decode: decodeNodeGetMemoryStatsRet },
  NodeMemoryStat: { encode: encodeNodeMemoryStat, decode: decodeNodeMemoryStat },
  NodeGetCPUMapArgs: { encode: encodeNodeGetCPUMapArgs, decode: decodeNodeGetCPUMapArgs },
  NodeGetCPUMapRet: { encode: encodeNodeGetCPUMapRet, decode: decodeNodeGetCPUMapRet },
  NodeGetCPUStatsArgs: { encode: encodeNodeGetCPUStatsArgs, decode: decodeNodeGetCPUStatsArgs },
  NodeGetCPUStatsRet: { encode: encodeNodeGetCPUStatsRet, decode: decodeNodeGetCPUStatsRet },
  NodeCPUStat: { encode: encodeNodeCPUStat, decode: decodeNodeCPUStat },
  NodeGetFreeMemoryRet: { encode: encodeNodeGetFreeMemoryRet, decode: decodeNodeGetFreeMemoryRet },
  NodeGetCellsFreeMemoryArgs: { encode: encodeNodeGetCellsFreeMemoryArgs, decode: decodeNodeGetCellsFreeMemoryArgs },
  NodeGetCellsFreeMemoryRet: { encode: encodeNodeGetCellsFreeMemoryRet, decode: decodeNodeGetCellsFreeMemoryRet },
  NodeGetFreePagesArgs: { encode: encodeNodeGetFreePagesArgs, decode: decodeNodeGetFreePagesArgs },
  NodeGetFreePagesRet: { encode: encodeNodeGetFreePagesRet, decode: decodeNodeGetFreePagesRet },
  NodeDeviceLookupByNameArgs: { encode: encodeNodeDeviceLookupByNameArgs, decode: decodeNodeDeviceLookupByNameArgs },
  NodeDeviceLookupByNameRet: { encode: encodeNodeDeviceLookupByNameRet, decode: decodeNodeDeviceLookupByNameRet },
  NodeDeviceGetXMLDescArgs: { encode: encodeNodeDeviceGetXMLDescArgs, decode: decodeNodeDeviceGetXMLDescArgs },
  NodeDeviceGetXMLDescRet: { encode: encodeNodeDeviceGetXMLDescRet, decode: decodeNodeDeviceGetXMLDescRet },
  InterfaceGetXMLDescArgs: { encode: encodeInterfaceGetXMLDescArgs, decode: decodeInterfaceGetXMLDescArgs },
  InterfaceGetXMLDescRet: { encode: encodeInterfaceGetXMLDescRet, decode: decodeInterfaceGetXMLDescRet },
  DomainLookupByNameArgs: { encode: encodeDomainLookupByNameArgs, decode: decodeDomainLookupByNameArgs },
  DomainLookupByNameRet: { encode: encodeDomainLookupByNameRet, decode: decodeDomainLookupByNameRet },
  DomainLookupByUUIDArgs: { encode: encodeDomainLookupByUUIDArgs, decode: decodeDomainLookupByUUIDArgs },
  DomainLookupByUUIDRet: { encode: encodeDomainLookupByUUIDRet, decode: decodeDomainLookupByUUIDRet },
  DomainLookupByIDArgs: { encode: encodeDomainLookupByIDArgs, decode: decodeDomainLookupByIDArgs },
  DomainLookupByIDRet: { encode: encodeDomainLookupByIDRet, decode: decodeDomainLookupByIDRet },
  DomainGetXMLDescArgs: { encode: encodeDomainGetXMLDescArgs, decode: decodeDomainGetXMLDescArgs },
  DomainGetXMLDescRet: { encode: encodeDomainGetXMLDescRet, decode: decodeDomainGetXMLDescRet },
  DomainGetInfoArgs: { encode: encodeDomainGetInfoArgs, decode: decodeDomainGetInfoArgs },
  DomainGetInfoRet: { encode: encodeDomainGetInfoRet, decode: decodeDomainGetInfoRet },
  DomainGetStateArgs: { encode: encodeDomainGetStateArgs, decode: decodeDomainGetStateArgs },
  DomainGetStateRet: { encode: encodeDomainGetStateRet, decode: decodeDomainGetStateRet },
  DomainGetAutostartArgs: { encode: encodeDomainGetAutostartArgs, decode: decodeDomainGetAutostartArgs },
  DomainGetAutostartRet: { encode: encodeDomainGetAutostartRet, decode: decodeDomainGetAutostartRet },
  DomainGetMetadataArgs: { encode: encodeDomainGetMetadataArgs, decode: decodeDomainGetMetadataArgs },
  DomainGetMetadataRet: { encode: encodeDomainGetMetadataRet, decode: decodeDomainGetMetadataRet },
  DomainGetVcpusFlagsArgs: { encode: encodeDomainGetVcpusFlagsArgs, decode: decodeDomainGetVcpusFlagsArgs },
  DomainGetVcpusFlagsRet: { encode: encodeDomainGetVcpusFlagsRet, decode: decodeDomainGetVcpusFlagsRet },
  DomainGetJobStatsArgs: { encode: encodeDomainGetJobStatsArgs, decode: decodeDomainGetJobStatsArgs },
  DomainGetJobStatsRet: { encode: encodeDomainGetJobStatsRet, decode: decodeDomainGetJobStatsRet },
  TypedParam: { encode: encodeTypedParam, decode: decodeTypedParam },
  DomainIsActiveArgs: { encode: encodeDomainIsActiveArgs, decode: decodeDomainIsActiveArgs },
  DomainIsActiveRet: { encode: encodeDomainIsActiveRet, decode: decodeDomainIsActiveRet },
  DomainIsPersistentArgs: { encode: encodeDomainIsPersistentArgs, decode: decodeDomainIsPersistentArgs },
  DomainIsPersistentRet: { encode: encodeDomainIsPersistentRet, decode: decodeDomainIsPersistentRet },
  DomainHasManagedSaveImageArgs: { encode: encodeDomainHasManagedSaveImageArgs, decode: decodeDomainHasManagedSaveImageArgs },
  DomainHasManagedSaveImageRet: { encode: encodeDomainHasManagedSaveImageRet, decode: decodeDomainHasManagedSaveImageRet },
  NetworkLookupByNameArgs: { encode: encodeNetworkLookupByNameArgs, decode: decodeNetworkLookupByNameArgs },
  NetworkLookupByNameRet: { encode: encodeNetworkLookupByNameRet, decode: decodeNetworkLookupByNameRet },
  NetworkLookupByUUIDArgs: { encode: encodeNetworkLookupByUUIDArgs, decode: decodeNetworkLookupByUUIDArgs },
  NetworkLookupByUUIDRet: { encode: encodeNetworkLookupByUUIDRet, decode: decodeNetworkLookupByUUIDRet },
  NetworkGetXMLDescArgs: { encode: encodeNetworkGetXMLDescArgs, decode: decodeNetworkGetXMLDescArgs },
  NetworkGetXMLDescRet: { encode: encodeNetworkGetXMLDescRet, decode: decodeNetworkGetXMLDescRet },
  NetworkGetAutostartArgs: { encode: encodeNetworkGetAutostartArgs, decode: decodeNetworkGetAutostartArgs },
  NetworkGetAutostartRet: { encode: encodeNetworkGetAutostartRet, decode: decodeNetworkGetAutostartRet },
  NetworkIsActiveArgs: { encode: encodeNetworkIsActiveArgs, decode: decodeNetworkIsActiveArgs },
  NetworkIsActiveRet: { encode: encodeNetworkIsActiveRet, decode: decodeNetworkIsActiveRet },
  NetworkIsPersistentArgs: { encode: encodeNetworkIsPersistentArgs, decode: decodeNetworkIsPersistentArgs },
  NetworkIsPersistentRet: { encode: encodeNetworkIsPersistentRet, decode: decodeNetworkIsPersistentRet },
  NetworkGetBridgeNameArgs: { encode: encodeNetworkGetBridgeNameArgs, decode: decodeNetworkGetBridgeNameArgs },
  NetworkGetBridgeNameRet: { encode: encodeNetworkGetBridgeNameRet, decode: decodeNetworkGetBridgeNameRet },
  NetworkGetDHCPLeasesArgs: { encode: encodeNetworkGetDHCPLeasesArgs, decode: decodeNetworkGetDHCPLeasesArgs },
  NetworkGetDHCPLeasesRet: { encode: encodeNetworkGetDHCPLeasesRet, decode: decodeNetworkGetDHCPLeasesRet },
  NetworkDHCPLease: { encode: encodeNetworkDHCPLease, decode: decodeNetworkDHCPLease },
  StoragePoolLookupByNameArgs: { encode: encodeStoragePoolLookupByNameArgs, decode: decodeStoragePoolLookupByNameArgs },
  StoragePoolLookupByNameRet: { encode: encodeStoragePoolLookupByNameRet, decode: decodeStoragePoolLookupByNameRet },
  StoragePoolLookupByUUIDArgs: { encode: encodeStoragePoolLookupByUUIDArgs, decode: decodeStoragePoolLookupByUUIDArgs },
  StoragePoolLookupByUUIDRet: { encode: encodeStoragePoolLookupByUUIDRet, decode: decodeStoragePoolLookupByUUIDRet },
  StoragePoolLookupByTargetPathArgs: { encode: encodeStoragePoolLookupByTargetPathArgs, decode: decodeStoragePoolLookupByTargetPathArgs },
  StoragePoolLookupByTargetPathRet: { encode: encodeStoragePoolLookupByTargetPathRet, decode: decodeStoragePoolLookupByTargetPathRet },
  StoragePoolLookupByVolumeArgs: { encode: encodeStoragePoolLookupByVolumeArgs, decode: decodeStoragePoolLookupByVolumeArgs },
  StorageVolRef: { encode: encodeStorageVolRef, decode: decodeStorageVolRef },
  StoragePoolLookupByVolumeRet: { encode: encodeStoragePoolLookupByVolumeRet, decode: decodeStoragePoolLookupByVolumeRet },
  StoragePoolGetInfoArgs: { encode: encodeStoragePoolGetInfoArgs, decode: decodeStoragePoolGetInfoArgs },
  StoragePoolGetInfoRet: { encode: encodeStoragePoolGetInfoRet, decode: decodeStoragePoolGetInfoRet },
  StoragePoolGetXMLDescArgs: { encode: encodeStoragePoolGetXMLDescArgs, decode: decodeStoragePoolGetXMLDescArgs },
  StoragePoolGetXMLDescRet: { encode: encodeStoragePoolGetXMLDescRet, decode: decodeStoragePoolGetXMLDescRet },
  StoragePoolGetAutostartArgs: { encode: encodeStoragePoolGetAutostartArgs, decode: decodeStoragePoolGetAutostartArgs },
  StoragePoolGetAutostartRet: { encode: encodeStoragePoolGetAutostartRet, decode: decodeStoragePoolGetAutostartRet },
  StoragePoolIsActiveArgs: { encode: encodeStoragePoolIsActiveArgs, decode: decodeStoragePoolIsActiveArgs },
  StoragePoolIsActiveRet: { encode: encodeStoragePoolIsActiveRet, decode: decodeStoragePoolIsActiveRet },
  StoragePoolIsPersistentArgs: { encode: encodeStoragePoolIsPersistentArgs, decode: decodeStoragePoolIsPersistentArgs },
  StoragePoolIsPersistentRet: { encode: encodeStoragePoolIsPersistentRet, decode: decodeStoragePoolIsPersistentRet },
  StoragePoolListAllVolumesArgs: { encode: encodeStoragePoolListAllVolumesArgs, decode: decodeStoragePoolListAllVolumesArgs },
  StoragePoolListAllVolumesRet: { encode: encodeStoragePoolListAllVolumesRet, decode: decodeStoragePoolListAllVolumesRet },
  StorageVolLookupByNameArgs: { encode: encodeStorageVolLookupByNameArgs, decode: decodeStorageVolLookupByNameArgs },
  StorageVolLookupByNameRet: { encode: encodeStorageVolLookupByNameRet, decode: decodeStorageVolLookupByNameRet },
  StorageVolLookupByKeyArgs: { encode: encodeStorageVolLookupByKeyArgs, decode: decodeStorageVolLookupByKeyArgs },
  StorageVolLookupByKeyRet: { encode: encodeStorageVolLookupByKeyRet, decode: decodeStorageVolLookupByKeyRet },
  StorageVolLookupByPathArgs: { encode: encodeStorageVolLookupByPathArgs, decode: decodeStorageVolLookupByPathArgs },
  StorageVolLookupByPathRet: { encode: encodeStorageVolLookupByPathRet, decode: decodeStorageVolLookupByPathRet },
  StorageVolGetInfoArgs: { encode: encodeStorageVolGetInfoArgs, decode: decodeStorageVolGetInfoArgs },
  StorageVolGetInfoRet: { encode: encodeStorageVolGetInfoRet, decode: decodeStorageVolGetInfoRet },
  StorageVolGetInfoFlagsArgs: { encode: encodeStorageVolGetInfoFlagsArgs, decode: decodeStorageVolGetInfoFlagsArgs },
  StorageVolGetInfoFlagsRet: { encode: encodeStorageVolGetInfoFlagsRet, decode: decodeStorageVolGetInfoFlagsRet },
  StorageVolGetXMLDescArgs: { encode: encodeStorageVolGetXMLDescArgs, decode: decodeStorageVolGetXMLDescArgs },
  StorageVolGetXMLDescRet: { encode: encodeStorageVolGetXMLDescRet, decode: decodeStorageVolGetXMLDescRet },
  StorageVolGetPathArgs: { encode: encodeStorageVolGetPathArgs, decode: decodeStorageVolGetPathArgs },
  StorageVolGetPathRet: { encode: encodeStorageVolGetPathRet, decode: decodeStorageVolGetPathRet },
  SecretLookupByUUIDArgs: { encode: encodeSecretLookupByUUIDArgs, decode: decodeSecretLookupByUUIDArgs },
  SecretLookupByUUIDRet: { encode: encodeSecretLookupByUUIDRet, decode: decodeSecretLookupByUUIDRet },
  SecretLookupByUsageArgs: { encode: encodeSecretLookupByUsageArgs, decode: decodeSecretLookupByUsageArgs },
  SecretLookupByUsageRet: { encode: encodeSecretLookupByUsageRet, decode: decodeSecretLookupByUsageRet },
  SecretGetXMLDescArgs: { encode: encodeSecretGetXMLDescArgs, decode: decodeSecretGetXMLDescArgs },
  SecretGetXMLDescRet: { encode: encodeSecretGetXMLDescRet, decode: decodeSecretGetXMLDescRet },
  SecretGetValueArgs: { encode: encodeSecretGetValueArgs, decode: decodeSecretGetValueArgs },
  SecretGetValueRet: { encode: encodeSecretGetValueRet, decode: decodeSecretGetValueRet },
  AuthPolkitRet: { encode: encodeAuthPolkitRet, decode: decodeAuthPolkitRet },
  ConnectOpenArgs: { encode: encodeConnectOpenArgs, decode: decodeConnectOpenArgs },
  ConnectDomainEventCallbackRegisterAnyArgs: { encode: encodeConnectDomainEventCallbackRegisterAnyArgs, decode: decodeConnectDomainEventCallbackRegisterAnyArgs },
  ConnectDomainEventCallbackRegisterAnyRet: { encode: encodeConnectDomainEventCallbackRegisterAnyRet, decode: decodeConnectDomainEventCallbackRegisterAnyRet },
  ConnectDomainEventCallbackDeregisterAnyArgs: { encode: encodeConnectDomainEventCallbackDeregisterAnyArgs, decode: decodeConnectDomainEventCallbackDeregisterAnyArgs },
  ConnectNetworkEventRegisterAnyArgs: { encode: encodeConnectNetworkEventRegisterAnyArgs, decode: decodeConnectNetworkEventRegisterAnyArgs },
  ConnectNetworkEventRegisterAnyRet: { encode: encodeConnectNetworkEventRegisterAnyRet, decode: decodeConnectNetworkEventRegisterAnyRet },
  ConnectNetworkEventDeregisterAnyArgs: { encode: encodeConnectNetworkEventDeregisterAnyArgs, decode: decodeConnectNetworkEventDeregisterAnyArgs },
  ConnectStoragePoolEventRegisterAnyArgs: { encode: encodeConnectStoragePoolEventRegisterAnyArgs, decode: decodeConnectStoragePoolEventRegisterAnyArgs },
  ConnectStoragePoolEventRegisterAnyRet: { encode: encodeConnectStoragePoolEventRegisterAnyRet, decode: decodeConnectStoragePoolEventRegisterAnyRet },
  ConnectStoragePoolEventDeregisterAnyArgs: { encode: encodeConnectStoragePoolEventDeregisterAnyArgs, decode: decodeConnectStoragePoolEventDeregisterAnyArgs },
  DomainSetAutostartArgs: { encode: encodeDomainSetAutostartArgs, decode: decodeDomainSetAutostartArgs },
  DomainRenameArgs: { encode: encodeDomainRenameArgs, decode: decodeDomainRenameArgs },
  DomainRenameRet: { encode: encodeDomainRenameRet, decode: decodeDomainRenameRet },
  DomainAbortJobArgs: { encode: encodeDomainAbortJobArgs, decode: decodeDomainAbortJobArgs },
  DomainMigrateSetMaxSpeedArgs: { encode: encodeDomainMigrateSetMaxSpeedArgs, decode: decodeDomainMigrateSetMaxSpeedArgs },
  DomainMigrateGetMaxSpeedArgs: { encode: encodeDomainMigrateGetMaxSpeedArgs, decode: decodeDomainMigrateGetMaxSpeedArgs },
  DomainMigrateGetMaxSpeedRet: { encode: encodeDomainMigrateGetMaxSpeedRet, decode: decodeDomainMigrateGetMaxSpeedRet },
  DomainMigrateSetMaxDowntimeArgs: { encode: encodeDomainMigrateSetMaxDowntimeArgs, decode: decodeDomainMigrateSetMaxDowntimeArgs },
  DomainMigrateGetMaxDowntimeArgs: { encode: encodeDomainMigrateGetMaxDowntimeArgs, decode: decodeDomainMigrateGetMaxDowntimeArgs },
  DomainMigrateGetMaxDowntimeRet: { encode: encodeDomainMigrateGetMaxDowntimeRet, decode: decodeDomainMigrateGetMaxDowntimeRet },
  DomainMigrateStartPostCopyArgs: { encode: encodeDomainMigrateStartPostCopyArgs, decode: decodeDomainMigrateStartPostCopyArgs },
  DomainAgentSetResponseTimeoutArgs: { encode: encodeDomainAgentSetResponseTimeoutArgs, decode: decodeDomainAgentSetResponseTimeoutArgs },
  DomainAgentSetResponseTimeoutRet: { encode: encodeDomainAgentSetResponseTimeoutRet, decode: decodeDomainAgentSetResponseTimeoutRet },
  NetworkSetAutostartArgs: { encode: encodeNetworkSetAutostartArgs, decode: decodeNetworkSetAutostartArgs },
  StoragePoolSetAutostartArgs: { encode: encodeStoragePoolSetAutostartArgs, decode: decodeStoragePoolSetAutostartArgs },
  SecretDefineXMLArgs: { encode: encodeSecretDefineXMLArgs, decode: decodeSecretDefineXMLArgs },
  SecretDefineXMLRet: { encode: encodeSecretDefineXMLRet, decode: decodeSecretDefineXMLRet },
  SecretSetValueArgs: { encode: encodeSecretSetValueArgs, decode: decodeSecretSetValueArgs },
  SecretUndefineArgs: { encode: encodeSecretUndefineArgs, decode: decodeSecretUndefineArgs },
  ConnectGetCapabilitiesRet: { encode: encodeConnectGetCapabilitiesRet, decode: decodeConnectGetCapabilitiesRet },
  ConnectGetDomainCapabilitiesArgs: { encode: encodeConnectGetDomainCapabilitiesArgs, decode: decodeConnectGetDomainCapabilitiesArgs },
  ConnectGetDomainCapabilitiesRet: { encode: encodeConnectGetDomainCapabilitiesRet, decode: decodeConnectGetDomainCapabilitiesRet },
  ConnectGetAllDomainStatsArgs: { encode: encodeConnectGetAllDomainStatsArgs, decode: decodeConnectGetAllDomainStatsArgs },
  ConnectGetAllDomainStatsRet: { encode: encodeConnectGetAllDomainStatsRet, decode: decodeConnectGetAllDomainStatsRet },
  DomainStatsRecord: { encode: encodeDomainStatsRecord, decode: decodeDomainStatsRecord },
  ConnectCompareHypervisorCPUArgs: { encode: encodeConnectCompareHypervisorCPUArgs, decode: decodeConnectCompareHypervisorCPUArgs },
  ConnectCompareHypervisorCPURet: { encode: encodeConnectCompareHypervisorCPURet, decode: decodeConnectCompareHypervisorCPURet },
  ConnectBaselineHypervisorCPUArgs: { encode: encodeConnectBaselineHypervisorCPUArgs, decode: decodeConnectBaselineHypervisorCPUArgs },
  ConnectBaselineHypervisorCPURet: { encode: encodeConnectBaselineHypervisorCPURet, decode: decodeConnectBaselineHypervisorCPURet },
  DomainMemoryStatsArgs: { encode: encodeDomainMemoryStatsArgs, decode: decodeDomainMemoryStatsArgs },
  DomainMemoryStatsRet: { encode: encodeDomainMemoryStatsRet, decode: decodeDomainMemoryStatsRet },
  DomainMemoryStat: { encode: encodeDomainMemoryStat, decode: decodeDomainMemoryStat },
  DomainGetBlockInfoArgs: { encode: encodeDomainGetBlockInfoArgs, decode: decodeDomainGetBlockInfoArgs },
  DomainGetBlockInfoRet: { encode: encodeDomainGetBlockInfoRet, decode: decodeDomainGetBlockInfoRet },
  DomainInterfaceAddressesArgs: { encode: encodeDomainInterfaceAddressesArgs, decode: decodeDomainInterfaceAddressesArgs },
  DomainInterfaceAddressesRet: { encode: encodeDomainInterfaceAddressesRet, decode: decodeDomainInterfaceAddressesRet },
  DomainInterface: { encode: encodeDomainInterface, decode: decodeDomainInterface },
  DomainIPAddr: { encode: encodeDomainIPAddr, decode: decodeDomainIPAddr },
  DomainGetHostnameArgs: { encode: encodeDomainGetHostnameArgs, decode: decodeDomainGetHostnameArgs },
  DomainGetHostnameRet: { encode: encodeDomainGetHostnameRet, decode: decodeDomainGetHostnameRet },
  DomainDefineXMLFlagsArgs: { encode: encodeDomainDefineXMLFlagsArgs, decode: decodeDomainDefineXMLFlagsArgs },
  DomainDefineXMLFlagsRet: { encode: encodeDomainDefineXMLFlagsRet, decode: decodeDomainDefineXMLFlagsRet },
  DomainUndefineFlagsArgs: { encode: encodeDomainUndefineFlagsArgs, decode: decodeDomainUndefineFlagsArgs },
  DomainCreateWithFlagsArgs: { encode: encodeDomainCreateWithFlagsArgs, decode: decodeDomainCreateWithFlagsArgs },
  DomainCreateWithFlagsRet: { encode: encodeDomainCreateWithFlagsRet, decode: decodeDomainCreateWithFlagsRet },
  DomainShutdownFlagsArgs: { encode: encodeDomainShutdownFlagsArgs, decode: decodeDomainShutdownFlagsArgs },
  DomainDestroyFlagsArgs: { encode: encodeDomainDestroyFlagsArgs, decode: decodeDomainDestroyFlagsArgs },
  DomainRebootArgs: { encode: encodeDomainRebootArgs, decode: decodeDomainRebootArgs },
  DomainResetArgs: { encode: encodeDomainResetArgs, decode: decodeDomainResetArgs },
  DomainSuspendArgs: { encode: encodeDomainSuspendArgs, decode: decodeDomainSuspendArgs },
  DomainResumeArgs: { encode: encodeDomainResumeArgs, decode: decodeDomainResumeArgs },
  DomainSetMetadataArgs: { encode: encodeDomainSetMetadataArgs, decode: decodeDomainSetMetadataArgs },
  DomainAttachDeviceFlagsArgs: { encode: encodeDomainAttachDeviceFlagsArgs, decode: decodeDomainAttachDeviceFlagsArgs },
  DomainDetachDeviceFlagsArgs: { encode: encodeDomainDetachDeviceFlagsArgs, decode: decodeDomainDetachDeviceFlagsArgs },
  DomainDetachDeviceAliasArgs: { encode: encodeDomainDetachDeviceAliasArgs, decode: decodeDomainDetachDeviceAliasArgs },
  DomainUpdateDeviceFlagsArgs: { encode: encodeDomainUpdateDeviceFlagsArgs, decode: decodeDomainUpdateDeviceFlagsArgs },
  DomainSetMemoryFlagsArgs: { encode: encodeDomainSetMemoryFlagsArgs, decode: decodeDomainSetMemoryFlagsArgs },
  DomainSetMemoryStatsPeriodArgs: { encode: encodeDomainSetMemoryStatsPeriodArgs, decode: decodeDomainSetMemoryStatsPeriodArgs },
  DomainSetVcpusFlagsArgs: { encode: encodeDomainSetVcpusFlagsArgs, decode: decodeDomainSetVcpusFlagsArgs },
  DomainBlockResizeArgs: { encode: encodeDomainBlockResizeArgs, decode: decodeDomainBlockResizeArgs },
  DomainMigrateBegin3ParamsArgs: { encode: encodeDomainMigrateBegin3ParamsArgs, decode: decodeDomainMigrateBegin3ParamsArgs },
  DomainMigrateBegin3ParamsRet: { encode: encodeDomainMigrateBegin3ParamsRet, decode: decodeDomainMigrateBegin3ParamsRet },
  DomainMigratePrepare3ParamsArgs: { encode: encodeDomainMigratePrepare3ParamsArgs, decode: decodeDomainMigratePrepare3ParamsArgs },
  DomainMigratePrepare3ParamsRet: { encode: encodeDomainMigratePrepare3ParamsRet, decode: decodeDomainMigratePrepare3ParamsRet },
  DomainMigratePerform3ParamsArgs: { encode: encodeDomainMigratePerform3ParamsArgs, decode: decodeDomainMigratePerform3ParamsArgs },
  DomainMigratePerform3ParamsRet: { encode: encodeDomainMigratePerform3ParamsRet, decode: decodeDomainMigratePerform3ParamsRet },
  DomainMigrateFinish3ParamsArgs: { encode: encodeDomainMigrateFinish3ParamsArgs, decode: decodeDomainMigrateFinish3ParamsArgs },
  DomainMigrateFinish3ParamsRet: { encode: encodeDomainMigrateFinish3ParamsRet, decode: decodeDomainMigrateFinish3ParamsRet },
  DomainMigrateConfirm3ParamsArgs: { encode: encodeDomainMigrateConfirm3ParamsArgs, decode: decodeDomainMigrateConfirm3ParamsArgs },
  NetworkDefineXMLFlagsArgs: { encode: encodeNetworkDefineXMLFlagsArgs, decode: decodeNetworkDefineXMLFlagsArgs },
  NetworkDefineXMLFlagsRet: { encode: encodeNetworkDefineXMLFlagsRet, decode: decodeNetworkDefineXMLFlagsRet },
  NetworkDefineXMLArgs: { encode: encodeNetworkDefineXMLArgs, decode: decodeNetworkDefineXMLArgs },
  NetworkDefineXMLRet: { encode: encodeNetworkDefineXMLRet, decode: decodeNetworkDefineXMLRet },
  NetworkCreateArgs: { encode: encodeNetworkCreateArgs, decode: decodeNetworkCreateArgs },
  NetworkDestroyArgs: { encode: encodeNetworkDestroyArgs, decode: decodeNetworkDestroyArgs },
  NetworkUndefineArgs: { encode: encodeNetworkUndefineArgs, decode: decodeNetworkUndefineArgs },
  NetworkUpdateArgs: { encode: encodeNetworkUpdateArgs, decode: decodeNetworkUpdateArgs },
  StoragePoolDefineXMLArgs: { encode: encodeStoragePoolDefineXMLArgs, decode: decodeStoragePoolDefineXMLArgs },
  StoragePoolDefineXMLRet: { encode: encodeStoragePoolDefineXMLRet, decode: decodeStoragePoolDefineXMLRet },
  StoragePoolBuildArgs: { encode: encodeStoragePoolBuildArgs, decode: decodeStoragePoolBuildArgs },
  StoragePoolCreateArgs: { encode: encodeStoragePoolCreateArgs, decode: decodeStoragePoolCreateArgs },
  StoragePoolDestroyArgs: { encode: encodeStoragePoolDestroyArgs, decode: decodeStoragePoolDestroyArgs },
  StoragePoolDeleteArgs: { encode: encodeStoragePoolDeleteArgs, decode: decodeStoragePoolDeleteArgs },
  StoragePoolUndefineArgs: { encode: encodeStoragePoolUndefineArgs, decode: decodeStoragePoolUndefineArgs },
  StoragePoolRefreshArgs: { encode: encodeStoragePoolRefreshArgs, decode: decodeStoragePoolRefreshArgs },
  StorageVolCreateXMLArgs: { encode: encodeStorageVolCreateXMLArgs, decode: decodeStorageVolCreateXMLArgs },
  StorageVolCreateXMLRet: { encode: encodeStorageVolCreateXMLRet, decode: decodeStorageVolCreateXMLRet },
  StorageVolCreateXMLFromArgs: { encode: encodeStorageVolCreateXMLFromArgs, decode: decodeStorageVolCreateXMLFromArgs },
  StorageVolCreateXMLFromRet: { encode: encodeStorageVolCreateXMLFromRet, decode: decodeStorageVolCreateXMLFromRet },
  StorageVolDeleteArgs: { encode: encodeStorageVolDeleteArgs, decode: decodeStorageVolDeleteArgs },
  StorageVolResizeArgs: { encode: encodeStorageVolResizeArgs, decode: decodeStorageVolResizeArgs },
  StorageVolUploadArgs: { encode: encodeStorageVolUploadArgs, decode: decodeStorageVolUploadArgs },
  StorageVolDownloadArgs: { encode: encodeStorageVolDownloadArgs, decode: decodeStorageVolDownloadArgs },
  DomainEventCallbackLifecycleMsg: { encode: encodeDomainEventCallbackLifecycleMsg, decode: decodeDomainEventCallbackLifecycleMsg },
  DomainEventLifecycleMsg: { encode: encodeDomainEventLifecycleMsg, decode: decodeDomainEventLifecycleMsg },
  DomainEventCallbackRebootMsg: { encode: encodeDomainEventCallbackRebootMsg, decode: decodeDomainEventCallbackRebootMsg },
  DomainEventRebootMsg: { encode: encodeDomainEventRebootMsg, decode: decodeDomainEventRebootMsg },
  DomainEventCallbackIOErrorReasonMsg: { encode: encodeDomainEventCallbackIOErrorReasonMsg, decode: decodeDomainEventCallbackIOErrorReasonMsg },
  DomainEventIOErrorReasonMsg: { encode: encodeDomainEventIOErrorReasonMsg, decode: decodeDomainEventIOErrorReasonMsg },
  DomainEventBlockJob2Msg: { encode: encodeDomainEventBlockJob2Msg, decode: decodeDomainEventBlockJob2Msg },
  DomainEventCallbackBalloonChangeMsg: { encode: encodeDomainEventCallbackBalloonChangeMsg, decode: decodeDomainEventCallbackBalloonChangeMsg },
  DomainEventBalloonChangeMsg: { encode: encodeDomainEventBalloonChangeMsg, decode: decodeDomainEventBalloonChangeMsg },
  DomainEventCallbackDeviceRemovedMsg: { encode: encodeDomainEventCallbackDeviceRemovedMsg, decode: decodeDomainEventCallbackDeviceRemovedMsg },
  DomainEventDeviceRemovedMsg: { encode: encodeDomainEventDeviceRemovedMsg, decode: decodeDomainEventDeviceRemovedMsg },
  DomainEventCallbackDeviceRemovalFailedMsg: { encode: encodeDomainEventCallbackDeviceRemovalFailedMsg, decode: decodeDomainEventCallbackDeviceRemovalFailedMsg },
  DomainEventCallbackDeviceAddedMsg: { encode: encodeDomainEventCallbackDeviceAddedMsg, decode: decodeDomainEventCallbackDeviceAddedMsg },
  DomainEventCallbackAgentLifecycleMsg: { encode: encodeDomainEventCallbackAgentLifecycleMsg, decode: decodeDomainEventCallbackAgentLifecycleMsg },
  DomainEventCallbackMigrationIterationMsg: { encode: encodeDomainEventCallbackMigrationIterationMsg, decode: decodeDomainEventCallbackMigrationIterationMsg },
  DomainEventCallbackJobCompletedMsg: { encode: encodeDomainEventCallbackJobCompletedMsg, decode: decodeDomainEventCallbackJobCompletedMsg },
  NetworkEventLifecycleMsg: { encode: encodeNetworkEventLifecycleMsg, decode: decodeNetworkEventLifecycleMsg },
  StoragePoolEventLifecycleMsg: { encode: encodeStoragePoolEventLifecycleMsg, decode: decodeStoragePoolEventLifecycleMsg },
  StoragePoolEventRefreshMsg: { encode: encodeStoragePoolEventRefreshMsg, decode: decodeStoragePoolEventRefreshMsg },
  QemuDomainAgentCommandArgs: { encode: encodeQemuDomainAgentCommandArgs, decode: decodeQemuDomainAgentCommandArgs },
  QemuDomainAgentCommandRet: { encode: encodeQemuDomainAgentCommandRet, decode: decodeQemuDomainAgentCommandRet },
};
