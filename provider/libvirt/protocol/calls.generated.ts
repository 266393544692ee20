// Generated from protocol.json by scripts/generate-protocol.ts: edit those and run `npm run generate`.
import type { Procedure } from "../procedure.js";
import { procedures } from "./procedures.generated.js";
import type { AuthListRet, AuthPolkitRet, ConnectBaselineHypervisorCPUArgs, ConnectBaselineHypervisorCPURet, ConnectCompareHypervisorCPUArgs, ConnectCompareHypervisorCPURet, ConnectDomainEventCallbackDeregisterAnyArgs, ConnectDomainEventCallbackRegisterAnyArgs, ConnectDomainEventCallbackRegisterAnyRet, ConnectGetAllDomainStatsArgs, ConnectGetAllDomainStatsRet, ConnectGetCPUModelNamesArgs, ConnectGetCPUModelNamesRet, ConnectGetCapabilitiesRet, ConnectGetDomainCapabilitiesArgs, ConnectGetDomainCapabilitiesRet, ConnectGetHostnameRet, ConnectGetLibVersionRet, ConnectGetTypeRet, ConnectGetURIRet, ConnectGetVersionRet, ConnectListAllDomainsArgs, ConnectListAllDomainsRet, ConnectListAllInterfacesArgs, ConnectListAllInterfacesRet, ConnectListAllNetworksArgs, ConnectListAllNetworksRet, ConnectListAllNodeDevicesArgs, ConnectListAllNodeDevicesRet, ConnectListAllSecretsArgs, ConnectListAllSecretsRet, ConnectListAllStoragePoolsArgs, ConnectListAllStoragePoolsRet, ConnectNetworkEventDeregisterAnyArgs, ConnectNetworkEventRegisterAnyArgs, ConnectNetworkEventRegisterAnyRet, ConnectOpenArgs, ConnectStoragePoolEventDeregisterAnyArgs, ConnectStoragePoolEventRegisterAnyArgs, ConnectStoragePoolEventRegisterAnyRet, ConnectSupportsFeatureArgs, ConnectSupportsFeatureRet, DomainAbortJobArgs, DomainAgentSetResponseTimeoutArgs, DomainAgentSetResponseTimeoutRet, DomainAttachDeviceFlagsArgs, DomainBlockResizeArgs, DomainCreateWithFlagsArgs, DomainCreateWithFlagsRet, DomainDefineXMLFlagsArgs, DomainDefineXMLFlagsRet, DomainDestroyFlagsArgs, DomainDetachDeviceAliasArgs, DomainDetachDeviceFlagsArgs, DomainGetAutostartArgs, DomainGetAutostartRet, DomainGetBlockInfoArgs, DomainGetBlockInfoRet, DomainGetHostnameArgs, DomainGetHostnameRet, DomainGetInfoArgs, DomainGetInfoRet, DomainGetJobStatsArgs, DomainGetJobStatsRet, DomainGetMetadataArgs, DomainGetMetadataRet, DomainGetStateArgs, DomainGetStateRet, DomainGetVcpusFlagsArgs, DomainGetVcpusFlagsRet, DomainGetXMLDescArgs, DomainGetXMLDescRet, DomainHasManagedSaveImageArgs, DomainHasManagedSaveImageRet, DomainInterfaceAddressesArgs, DomainInterfaceAddressesRet, DomainIsActiveArgs, DomainIsActiveRet, DomainIsPersistentArgs, DomainIsPersistentRet, DomainLookupByIDArgs, DomainLookupByIDRet, DomainLookupByNameArgs, DomainLookupByNameRet, DomainLookupByUUIDArgs, DomainLookupByUUIDRet, DomainMemoryStatsArgs, DomainMemoryStatsRet, DomainMigrateBegin3ParamsArgs, DomainMigrateBegin3ParamsRet, DomainMigrateConfirm3ParamsArgs, DomainMigrateFinish3ParamsArgs, DomainMigrateFinish3ParamsRet, DomainMigrateGetMaxDowntimeArgs, DomainMigrateGetMaxDowntimeRet, DomainMigrateGetMaxSpeedArgs, DomainMigrateGetMaxSpeedRet, DomainMigratePerform3ParamsArgs, DomainMigratePerform3ParamsRet, DomainMigratePrepare3ParamsArgs, DomainMigratePrepare3ParamsRet, DomainMigrateSetMaxDowntimeArgs, DomainMigrateSetMaxSpeedArgs, DomainMigrateStartPostCopyArgs, DomainRebootArgs, DomainRenameArgs, DomainRenameRet, DomainResetArgs, DomainResumeArgs, DomainSetAutostartArgs, DomainSetMemoryFlagsArgs, DomainSetMemoryStatsPeriodArgs, DomainSetMetadataArgs, DomainSetVcpusFlagsArgs, DomainShutdownFlagsArgs, DomainSuspendArgs, DomainUndefineFlagsArgs, DomainUpdateDeviceFlagsArgs, InterfaceGetXMLDescArgs, InterfaceGetXMLDescRet, NetworkCreateArgs, NetworkDefineXMLArgs, NetworkDefineXMLFlagsArgs, NetworkDefineXMLFlagsRet, NetworkDefineXMLRet, NetworkDestroyArgs, NetworkGetAutostartArgs, NetworkGetAutostartRet, NetworkGetBridgeNameArgs, NetworkGetBridgeNameRet, NetworkGetDHCPLeasesArgs, NetworkGetDHCPLeasesRet, NetworkGetXMLDescArgs, NetworkGetXMLDescRet, NetworkIsActiveArgs, NetworkIsActiveRet, NetworkIsPersistentArgs, NetworkIsPersistentRet, NetworkLookupByNameArgs, NetworkLookupByNameRet, NetworkLookupByUUIDArgs, NetworkLookupByUUIDRet, NetworkSetAutostartArgs, NetworkUndefineArgs, NetworkUpdateArgs, NodeDeviceGetXMLDescArgs, NodeDeviceGetXMLDescRet, NodeDeviceLookupByNameArgs, NodeDeviceLookupByNameRet, NodeGetCPUMapArgs, NodeGetCPUMapRet, NodeGetCPUStatsArgs, NodeGetCPUStatsRet, NodeGetCellsFreeMemoryArgs, NodeGetCellsFreeMemoryRet, NodeGetFreeMemoryRet, NodeGetFreePagesArgs, NodeGetFreePagesRet, NodeGetInfoRet, NodeGetMemoryStatsArgs, NodeGetMemoryStatsRet, QemuDomainAgentCommandArgs, QemuDomainAgentCommandRet, SecretDefineXMLArgs, SecretDefineXMLRet, SecretGetValueArgs, SecretGetValueRet, SecretGetXMLDescArgs, SecretGetXMLDescRet, SecretLookupByUUIDArgs, SecretLookupByUUIDRet, SecretLookupByUsageArgs, SecretLookupByUsageRet, SecretSetValueArgs, SecretUndefineArgs, StoragePoolBuildArgs, StoragePoolCreateArgs, StoragePoolDefineXMLArgs, StoragePoolDefineXMLRet, StoragePoolDeleteArgs, StoragePoolDestroyArgs, StoragePoolGetAutostartArgs, StoragePoolGetAutostartRet, StoragePoolGetInfoArgs, StoragePoolGetInfoRet, StoragePoolGetXMLDescArgs, StoragePoolGetXMLDescRet, StoragePoolIsActiveArgs, StoragePoolIsActiveRet, StoragePoolIsPersistentArgs, StoragePoolIsPersistentRet, StoragePoolListAllVolumesArgs, StoragePoolListAllVolumesRet, StoragePoolLookupByNameArgs, StoragePoolLookupByNameRet, StoragePoolLookupByTargetPathArgs, StoragePoolLookupByTargetPathRet, StoragePoolLookupByUUIDArgs, StoragePoolLookupByUUIDRet, StoragePoolLookupByVolumeArgs, StoragePoolLookupByVolumeRet, StoragePoolRefreshArgs, StoragePoolSetAutostartArgs, StoragePoolUndefineArgs, StorageVolCreateXMLArgs, StorageVolCreateXMLFromArgs, StorageVolCreateXMLFromRet, StorageVolCreateXMLRet, StorageVolDeleteArgs, StorageVolGetInfoArgs, StorageVolGetInfoFlagsArgs, StorageVolGetInfoFlagsRet, StorageVolGetInfoRet, StorageVolGetPathArgs, StorageVolGetPathRet, StorageVolGetXMLDescArgs, StorageVolGetXMLDescRet, StorageVolLookupByKeyArgs, StorageVolLookupByKeyRet, StorageVolLookupByNameArgs, StorageVolLookupByNameRet, StorageVolLookupByPathArgs, StorageVolLookupByPathRet, StorageVolResizeArgs } from "./types.generated.js";

/** Every procedure as a typed method over one {@link LibvirtCalls.call}. */
export abstract class LibvirtCalls {
  /** Makes one call; every method goes through it. */
  abstract call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args): Promise<Ret>;

  /** remote_auth_list (66): changes nothing. */
  authList(): Promise<AuthListRet> { return this.call(procedures.authList, undefined); }
  /** remote_connect_supports_feature (60): changes nothing. */
  connectSupportsFeature(args: ConnectSupportsFeatureArgs): Promise<ConnectSupportsFeatureRet> { return this.call(procedures.connectSupportsFeature, args); }
  /** remote_connect_get_type (3): changes nothing. */
  connectGetType(): Promise<ConnectGetTypeRet> { return this.call(procedures.connectGetType, undefined); }
  /** remote_connect_get_version (4): changes nothing. */
  connectGetVersion(): Promise<ConnectGetVersionRet> { return this.call(procedures.connectGetVersion, undefined); }
  /** remote_connect_get_lib_version (157): changes nothing. */
  connectGetLibVersion(): Promise<ConnectGetLibVersionRet> { return this.call(procedures.connectGetLibVersion, undefined); }
  /** remote_connect_get_uri (110): changes nothing. */
  connectGetURI(): Promise<ConnectGetURIRet> { return this.call(procedures.connectGetURI, undefined); }
  /** remote_connect_get_hostname (59): changes nothing. */
  connectGetHostname(): Promise<ConnectGetHostnameRet> { return this.call(procedures.connectGetHostname, undefined); }
  /** remote_connect_list_all_domains (273): changes nothing. */
  connectListAllDomains(args: ConnectListAllDomainsArgs): Promise<ConnectListAllDomainsRet> { return this.call(procedures.connectListAllDomains, args); }
  /** remote_connect_list_all_networks (283): changes nothing. */
  connectListAllNetworks(args: ConnectListAllNetworksArgs): Promise<ConnectListAllNetworksRet> { return this.call(procedures.connectListAllNetworks, args); }
  /** remote_connect_list_all_storage_pools (281): changes nothing. */
  connectListAllStoragePools(args: ConnectListAllStoragePoolsArgs): Promise<ConnectListAllStoragePoolsRet> { return this.call(procedures.connectListAllStoragePools, args); }
  /** remote_connect_list_all_secrets (287): changes nothing. */
  connectListAllSecrets(args: ConnectListAllSecretsArgs): Promise<ConnectListAllSecretsRet> { return this.call(procedures.connectListAllSecrets, args); }
  /** remote_connect_list_all_node_devices (285): changes nothing. */
  connectListAllNodeDevices(args: ConnectListAllNodeDevicesArgs): Promise<ConnectListAllNodeDevicesRet> { return this.call(procedures.connectListAllNodeDevices, args); }
  /** remote_connect_list_all_interfaces (284): changes nothing. */
  connectListAllInterfaces(args: ConnectListAllInterfacesArgs): Promise<ConnectListAllInterfacesRet> { return this.call(procedures.connectListAllInterfaces, args); }
  /** remote_connect_get_cpu_model_names (312): changes nothing. */
  connectGetCPUModelNames(args: ConnectGetCPUModelNamesArgs): Promise<ConnectGetCPUModelNamesRet> { return this.call(procedures.connectGetCPUModelNames, args); }
  /** remote_node_get_info (6): changes nothing. */
  nodeGetInfo(): Promise<NodeGetInfoRet> { return this.call(procedures.nodeGetInfo, undefined); }
  /** remote_node_get_memory_stats (228): changes nothing. */
  nodeGetMemoryStats(args: NodeGetMemoryStatsArgs): Promise<NodeGetMemoryStatsRet> { return this.call(procedures.nodeGetMemoryStats, args); }
  /** remote_node_get_cpu_map (293): changes nothing. */
  nodeGetCPUMap(args: NodeGetCPUMapArgs): Promise<NodeGetCPUMapRet> { return this.call(procedures.nodeGetCPUMap, args); }
  /** remote_node_get_cpu_stats (227): changes nothing. */
  nodeGetCPUStats(args: NodeGetCPUStatsArgs): Promise<NodeGetCPUStatsRet> { return this.call(procedures.nodeGetCPUStats, args); }
  /** remote_node_get_free_memory (102): changes nothing. */
  nodeGetFreeMemory(): Promise<NodeGetFreeMemoryRet> { return this.call(procedures.nodeGetFreeMemory, undefined); }
  /** remote_node_get_cells_free_memory (101): changes nothing. */
  nodeGetCellsFreeMemory(args: NodeGetCellsFreeMemoryArgs): Promise<NodeGetCellsFreeMemoryRet> { return this.call(procedures.nodeGetCellsFreeMemory, args); }
  /** remote_node_get_free_pages (340): changes nothing. */
  nodeGetFreePages(args: NodeGetFreePagesArgs): Promise<NodeGetFreePagesRet> { return this.call(procedures.nodeGetFreePages, args); }
  /** remote_node_device_lookup_by_name (113): changes nothing. */
  nodeDeviceLookupByName(args: NodeDeviceLookupByNameArgs): Promise<NodeDeviceLookupByNameRet> { return this.call(procedures.nodeDeviceLookupByName, args); }
  /** remote_node_device_get_xml_desc (114): changes nothing. */
  nodeDeviceGetXMLDesc(args: NodeDeviceGetXMLDescArgs): Promise<NodeDeviceGetXMLDescRet> { return this.call(procedures.nodeDeviceGetXMLDesc, args); }
  /** remote_interface_get_xml_desc (130): changes nothing. */
  interfaceGetXMLDesc(args: InterfaceGetXMLDescArgs): Promise<InterfaceGetXMLDescRet> { return this.call(procedures.interfaceGetXMLDesc, args); }
  /** remote_domain_lookup_by_name (23): changes nothing. */
  domainLookupByName(args: DomainLookupByNameArgs): Promise<DomainLookupByNameRet> { return this.call(procedures.domainLookupByName, args); }
  /** remote_domain_lookup_by_uuid (24): changes nothing. */
  domainLookupByUUID(args: DomainLookupByUUIDArgs): Promise<DomainLookupByUUIDRet> { return this.call(procedures.domainLookupByUUID, args); }
  /** remote_domain_lookup_by_id (22): changes nothing. */
  domainLookupByID(args: DomainLookupByIDArgs): Promise<DomainLookupByIDRet> { return this.call(procedures.domainLookupByID, args); }
  /** remote_domain_get_xml_desc (14): changes nothing. */
  domainGetXMLDesc(args: DomainGetXMLDescArgs): Promise<DomainGetXMLDescRet> { return this.call(procedures.domainGetXMLDesc, args); }
  /** remote_domain_get_info (16): changes nothing. */
  domainGetInfo(args: DomainGetInfoArgs): Promise<DomainGetInfoRet> { return this.call(procedures.domainGetInfo, args); }
  /** remote_domain_get_state (212): changes nothing. */
  domainGetState(args: DomainGetStateArgs): Promise<DomainGetStateRet> { return this.call(procedures.domainGetState, args); }
  /** remote_domain_get_autostart (15): changes nothing. */
  domainGetAutostart(args: DomainGetAutostartArgs): Promise<DomainGetAutostartRet> { return this.call(procedures.domainGetAutostart, args); }
  /** remote_domain_get_metadata (265): changes nothing. */
  domainGetMetadata(args: DomainGetMetadataArgs): Promise<DomainGetMetadataRet> { return this.call(procedures.domainGetMetadata, args); }
  /** remote_domain_get_vcpus_flags (200): changes nothing. */
  domainGetVcpusFlags(args: DomainGetVcpusFlagsArgs): Promise<DomainGetVcpusFlagsRet> { return this.call(procedures.domainGetVcpusFlags, args); }
  /** remote_domain_get_job_stats (298): changes nothing. */
  domainGetJobStats(args: DomainGetJobStatsArgs): Promise<DomainGetJobStatsRet> { return this.call(procedures.domainGetJobStats, args); }
  /** remote_domain_is_active (150): changes nothing. */
  domainIsActive(args: DomainIsActiveArgs): Promise<DomainIsActiveRet> { return this.call(procedures.domainIsActive, args); }
  /** remote_domain_is_persistent (151): changes nothing. */
  domainIsPersistent(args: DomainIsPersistentArgs): Promise<DomainIsPersistentRet> { return this.call(procedures.domainIsPersistent, args); }
  /** remote_domain_has_managed_save_image (183): changes nothing. */
  domainHasManagedSaveImage(args: DomainHasManagedSaveImageArgs): Promise<DomainHasManagedSaveImageRet> { return this.call(procedures.domainHasManagedSaveImage, args); }
  /** remote_network_lookup_by_name (46): changes nothing. */
  networkLookupByName(args: NetworkLookupByNameArgs): Promise<NetworkLookupByNameRet> { return this.call(procedures.networkLookupByName, args); }
  /** remote_network_lookup_by_uuid (47): changes nothing. */
  networkLookupByUUID(args: NetworkLookupByUUIDArgs): Promise<NetworkLookupByUUIDRet> { return this.call(procedures.networkLookupByUUID, args); }
  /** remote_network_get_xml_desc (43): changes nothing. */
  networkGetXMLDesc(args: NetworkGetXMLDescArgs): Promise<NetworkGetXMLDescRet> { return this.call(procedures.networkGetXMLDesc, args); }
  /** remote_network_get_autostart (44): changes nothing. */
  networkGetAutostart(args: NetworkGetAutostartArgs): Promise<NetworkGetAutostartRet> { return this.call(procedures.networkGetAutostart, args); }
  /** remote_network_is_active (152): changes nothing. */
  networkIsActive(args: NetworkIsActiveArgs): Promise<NetworkIsActiveRet> { return this.call(procedures.networkIsActive, args); }
  /** remote_network_is_persistent (153): changes nothing. */
  networkIsPersistent(args: NetworkIsPersistentArgs): Promise<NetworkIsPersistentRet> { return this.call(procedures.networkIsPersistent, args); }
  /** remote_network_get_bridge_name (45): changes nothing. */
  networkGetBridgeName(args: NetworkGetBridgeNameArgs): Promise<NetworkGetBridgeNameRet> { return this.call(procedures.networkGetBridgeName, args); }
  /** remote_network_get_dhcp_leases (341): changes nothing. */
  networkGetDHCPLeases(args: NetworkGetDHCPLeasesArgs): Promise<NetworkGetDHCPLeasesRet> { return this.call(procedures.networkGetDHCPLeases, args); }
  /** remote_storage_pool_lookup_by_name (84): changes nothing. */
  storagePoolLookupByName(args: StoragePoolLookupByNameArgs): Promise<StoragePoolLookupByNameRet> { return this.call(procedures.storagePoolLookupByName, args); }
  /** remote_storage_pool_lookup_by_uuid (85): changes nothing. */
  storagePoolLookupByUUID(args: StoragePoolLookupByUUIDArgs): Promise<StoragePoolLookupByUUIDRet> { return this.call(procedures.storagePoolLookupByUUID, args); }
  /** remote_storage_pool_lookup_by_target_path (391): changes nothing. */
  storagePoolLookupByTargetPath(args: StoragePoolLookupByTargetPathArgs): Promise<StoragePoolLookupByTargetPathRet> { return this.call(procedures.storagePoolLookupByTargetPath, args); }
  /** remote_storage_pool_lookup_by_volume (86): changes nothing. */
  storagePoolLookupByVolume(args: StoragePoolLookupByVolumeArgs): Promise<StoragePoolLookupByVolumeRet> { return this.call(procedures.storagePoolLookupByVolume, args); }
  /** remote_storage_pool_get_info (87): changes nothing. */
  storagePoolGetInfo(args: StoragePoolGetInfoArgs): Promise<StoragePoolGetInfoRet> { return this.call(procedures.storagePoolGetInfo, args); }
  /** remote_storage_pool_get_xml_desc (88): changes nothing. */
  storagePoolGetXMLDesc(args: StoragePoolGetXMLDescArgs): Promise<StoragePoolGetXMLDescRet> { return this.call(procedures.storagePoolGetXMLDesc, args); }
  /** remote_storage_pool_get_autostart (89): changes nothing. */
  storagePoolGetAutostart(args: StoragePoolGetAutostartArgs): Promise<StoragePoolGetAutostartRet> { return this.call(procedures.storagePoolGetAutostart, args); }
  /** remote_storage_pool_is_active (154): changes nothing. */
  storagePoolIsActive(args: StoragePoolIsActiveArgs): Promise<StoragePoolIsActiveRet> { return this.call(procedures.storagePoolIsActive, args); }
  /** remote_storage_pool_is_persistent (155): changes nothing. */
  storagePoolIsPersistent(args: StoragePoolIsPersistentArgs): Promise<StoragePoolIsPersistentRet> { return this.call(procedures.storagePoolIsPersistent, args); }
  /** remote_storage_pool_list_all_volumes (282): changes nothing. */
  storagePoolListAllVolumes(args: StoragePoolListAllVolumesArgs): Promise<StoragePoolListAllVolumesRet> { return this.call(procedures.storagePoolListAllVolumes, args); }
  /** remote_storage_vol_lookup_by_name (95): changes nothing. */
  storageVolLookupByName(args: StorageVolLookupByNameArgs): Promise<StorageVolLookupByNameRet> { return this.call(procedures.storageVolLookupByName, args); }
  /** remote_storage_vol_lookup_by_key (96): changes nothing. */
  storageVolLookupByKey(args: StorageVolLookupByKeyArgs): Promise<StorageVolLookupByKeyRet> { return this.call(procedures.storageVolLookupByKey, args); }
  /** remote_storage_vol_lookup_by_path (97): changes nothing. */
  storageVolLookupByPath(args: StorageVolLookupByPathArgs): Promise<StorageVolLookupByPathRet> { return this.call(procedures.storageVolLookupByPath, args); }
  /** remote_storage_vol_get_info (98): changes nothing. */
  storageVolGetInfo(args: StorageVolGetInfoArgs): Promise<StorageVolGetInfoRet> { return this.call(procedures.storageVolGetInfo, args); }
  /** remote_storage_vol_get_info_flags (378): changes nothing. */
  storageVolGetInfoFlags(args: StorageVolGetInfoFlagsArgs): Promise<StorageVolGetInfoFlagsRet> { return this.call(procedures.storageVolGetInfoFlags, args); }
  /** remote_storage_vol_get_xml_desc (99): changes nothing. */
  storageVolGetXMLDesc(args: StorageVolGetXMLDescArgs): Promise<StorageVolGetXMLDescRet> { return this.call(procedures.storageVolGetXMLDesc, args); }
  /** remote_storage_vol_get_path (100): changes nothing. */
  storageVolGetPath(args: StorageVolGetPathArgs): Promise<StorageVolGetPathRet> { return this.call(procedures.storageVolGetPath, args); }
  /** remote_secret_lookup_by_uuid (141): changes nothing. */
  secretLookupByUUID(args: SecretLookupByUUIDArgs): Promise<SecretLookupByUUIDRet> { return this.call(procedures.secretLookupByUUID, args); }
  /** remote_secret_lookup_by_usage (147): changes nothing. */
  secretLookupByUsage(args: SecretLookupByUsageArgs): Promise<SecretLookupByUsageRet> { return this.call(procedures.secretLookupByUsage, args); }
  /** remote_secret_get_xml_desc (143): changes nothing. */
  secretGetXMLDesc(args: SecretGetXMLDescArgs): Promise<SecretGetXMLDescRet> { return this.call(procedures.secretGetXMLDesc, args); }
  /** remote_secret_get_value (145): changes nothing. */
  secretGetValue(args: SecretGetValueArgs): Promise<SecretGetValueRet> { return this.call(procedures.secretGetValue, args); }
  /** remote_auth_polkit (70). */
  authPolkit(): Promise<AuthPolkitRet> { return this.call(procedures.authPolkit, undefined); }
  /** remote_connect_open (1). */
  connectOpen(args: ConnectOpenArgs): Promise<void> { return this.call(procedures.connectOpen, args); }
  /** remote_connect_close (2). */
  connectClose(): Promise<void> { return this.call(procedures.connectClose, undefined); }
  /** remote_connect_domain_event_callback_register_any (316). */
  connectDomainEventCallbackRegisterAny(args: ConnectDomainEventCallbackRegisterAnyArgs): Promise<ConnectDomainEventCallbackRegisterAnyRet> { return this.call(procedures.connectDomainEventCallbackRegisterAny, args); }
  /** remote_connect_domain_event_callback_deregister_any (317). */
  connectDomainEventCallbackDeregisterAny(args: ConnectDomainEventCallbackDeregisterAnyArgs): Promise<void> { return this.call(procedures.connectDomainEventCallbackDeregisterAny, args); }
  /** remote_connect_network_event_register_any (313). */
  connectNetworkEventRegisterAny(args: ConnectNetworkEventRegisterAnyArgs): Promise<ConnectNetworkEventRegisterAnyRet> { return this.call(procedures.connectNetworkEventRegisterAny, args); }
  /** remote_connect_network_event_deregister_any (314). */
  connectNetworkEventDeregisterAny(args: ConnectNetworkEventDeregisterAnyArgs): Promise<void> { return this.call(procedures.connectNetworkEventDeregisterAny, args); }
  /** remote_connect_storage_pool_event_register_any (368). */
  connectStoragePoolEventRegisterAny(args: ConnectStoragePoolEventRegisterAnyArgs): Promise<ConnectStoragePoolEventRegisterAnyRet> { return this.call(procedures.connectStoragePoolEventRegisterAny, args); }
  /** remote_connect_storage_pool_event_deregister_any (369). */
  connectStoragePoolEventDeregisterAny(args: ConnectStoragePoolEventDeregisterAnyArgs): Promise<void> { return this.call(procedures.connectStoragePoolEventDeregisterAny, args); }
  /** remote_domain_set_autostart (29). */
  domainSetAutostart(args: DomainSetAutostartArgs): Promise<void> { return this.call(procedures.domainSetAutostart, args); }
  /** remote_domain_rename (358). */
  domainRename(args: DomainRenameArgs): Promise<DomainRenameRet> { return this.call(procedures.domainRename, args); }
  /** remote_domain_abort_job (164). */
  domainAbortJob(args: DomainAbortJobArgs): Promise<void> { return this.call(procedures.domainAbortJob, args); }
  /** remote_domain_migrate_set_max_speed (207). */
  domainMigrateSetMaxSpeed(args: DomainMigrateSetMaxSpeedArgs): Promise<void> { return this.call(procedures.domainMigrateSetMaxSpeed, args); }
  /** remote_domain_migrate_get_max_speed (242). */
  domainMigrateGetMaxSpeed(args: DomainMigrateGetMaxSpeedArgs): Promise<DomainMigrateGetMaxSpeedRet> { return this.call(procedures.domainMigrateGetMaxSpeed, args); }
  /** remote_domain_migrate_set_max_downtime (166). */
  domainMigrateSetMaxDowntime(args: DomainMigrateSetMaxDowntimeArgs): Promise<void> { return this.call(procedures.domainMigrateSetMaxDowntime, args); }
  /** remote_domain_migrate_get_max_downtime (387). */
  domainMigrateGetMaxDowntime(args: DomainMigrateGetMaxDowntimeArgs): Promise<DomainMigrateGetMaxDowntimeRet> { return this.call(procedures.domainMigrateGetMaxDowntime, args); }
  /** remote_domain_migrate_start_post_copy (364). */
  domainMigrateStartPostCopy(args: DomainMigrateStartPostCopyArgs): Promise<void> { return this.call(procedures.domainMigrateStartPostCopy, args); }
  /** remote_domain_agent_set_response_timeout (420). */
  domainAgentSetResponseTimeout(args: DomainAgentSetResponseTimeoutArgs): Promise<DomainAgentSetResponseTimeoutRet> { return this.call(procedures.domainAgentSetResponseTimeout, args); }
  /** remote_network_set_autostart (48). */
  networkSetAutostart(args: NetworkSetAutostartArgs): Promise<void> { return this.call(procedures.networkSetAutostart, args); }
  /** remote_storage_pool_set_autostart (90). */
  storagePoolSetAutostart(args: StoragePoolSetAutostartArgs): Promise<void> { return this.call(procedures.storagePoolSetAutostart, args); }
  /** remote_secret_define_xml (142). */
  secretDefineXML(args: SecretDefineXMLArgs): Promise<SecretDefineXMLRet> { return this.call(procedures.secretDefineXML, args); }
  /** remote_secret_set_value (144). */
  secretSetValue(args: SecretSetValueArgs): Promise<void> { return this.call(procedures.secretSetValue, args); }
  /** remote_secret_undefine (146). */
  secretUndefine(args: SecretUndefineArgs): Promise<void> { return this.call(procedures.secretUndefine, args); }
  /** remote_connect_get_capabilities (7): changes nothing, may take seconds. */
  connectGetCapabilities(): Promise<ConnectGetCapabilitiesRet> { return this.call(procedures.connectGetCapabilities, undefined); }
  /** remote_connect_get_domain_capabilities (342): changes nothing, may take seconds. */
  connectGetDomainCapabilities(args: ConnectGetDomainCapabilitiesArgs): Promise<ConnectGetDomainCapabilitiesRet> { return this.call(procedures.connectGetDomainCapabilities, args); }
  /** remote_connect_get_all_domain_stats (344): changes nothing, may take seconds. */
  connectGetAllDomainStats(args: ConnectGetAllDomainStatsArgs): Promise<ConnectGetAllDomainStatsRet> { return this.call(procedures.connectGetAllDomainStats, args); }
  /** remote_connect_compare_hypervisor_cpu (393): changes nothing, may take seconds. */
  connectCompareHypervisorCPU(args: ConnectCompareHypervisorCPUArgs): Promise<ConnectCompareHypervisorCPURet> { return this.call(procedures.connectCompareHypervisorCPU, args); }
  /** remote_connect_baseline_hypervisor_cpu (394): changes nothing, may take seconds. */
  connectBaselineHypervisorCPU(args: ConnectBaselineHypervisorCPUArgs): Promise<ConnectBaselineHypervisorCPURet> { return this.call(procedures.connectBaselineHypervisorCPU, args); }
  /** remote_domain_memory_stats (159): changes nothing, may take seconds. */
  domainMemoryStats(args: DomainMemoryStatsArgs): Promise<DomainMemoryStatsRet> { return this.call(procedures.domainMemoryStats, args); }
  /** remote_domain_get_block_info (194): changes nothing, may take seconds. */
  domainGetBlockInfo(args: DomainGetBlockInfoArgs): Promise<DomainGetBlockInfoRet> { return this.call(procedures.domainGetBlockInfo, args); }
  /** remote_domain_interface_addresses (353): changes nothing, may take seconds. */
  domainInterfaceAddresses(args: DomainInterfaceAddressesArgs): Promise<DomainInterfaceAddressesRet> { return this.call(procedures.domainInterfaceAddresses, args); }
  /** remote_domain_get_hostname (277): changes nothing, may take seconds. */
  domainGetHostname(args: DomainGetHostnameArgs): Promise<DomainGetHostnameRet> { return this.call(procedures.domainGetHostname, args); }
  /** remote_domain_define_xml_flags (350): may take seconds. */
  domainDefineXMLFlags(args: DomainDefineXMLFlagsArgs): Promise<DomainDefineXMLFlagsRet> { return this.call(procedures.domainDefineXMLFlags, args); }
  /** remote_domain_undefine_flags (231): may take seconds. */
  domainUndefineFlags(args: DomainUndefineFlagsArgs): Promise<void> { return this.call(procedures.domainUndefineFlags, args); }
  /** remote_domain_create_with_flags (196): may take seconds. */
  domainCreateWithFlags(args: DomainCreateWithFlagsArgs): Promise<DomainCreateWithFlagsRet> { return this.call(procedures.domainCreateWithFlags, args); }
  /** remote_domain_shutdown_flags (258): may take seconds. */
  domainShutdownFlags(args: DomainShutdownFlagsArgs): Promise<void> { return this.call(procedures.domainShutdownFlags, args); }
  /** remote_domain_destroy_flags (234): may take seconds. */
  domainDestroyFlags(args: DomainDestroyFlagsArgs): Promise<void> { return this.call(procedures.domainDestroyFlags, args); }
  /** remote_domain_reboot (27): may take seconds. */
  domainReboot(args: DomainRebootArgs): Promise<void> { return this.call(procedures.domainReboot, args); }
  /** remote_domain_reset (245): may take seconds. */
  domainReset(args: DomainResetArgs): Promise<void> { return this.call(procedures.domainReset, args); }
  /** remote_domain_suspend (34): may take seconds. */
  domainSuspend(args: DomainSuspendArgs): Promise<void> { return this.call(procedures.domainSuspend, args); }
  /** remote_domain_resume (28): may take seconds. */
  domainResume(args: DomainResumeArgs): Promise<void> { return this.call(procedures.domainResume, args); }
  /** remote_domain_set_metadata (264): may take seconds. */
  domainSetMetadata(args: DomainSetMetadataArgs): Promise<void> { return this.call(procedures.domainSetMetadata, args); }
  /** remote_domain_attach_device_flags (160): may take seconds. */
  domainAttachDeviceFlags(args: DomainAttachDeviceFlagsArgs): Promise<void> { return this.call(procedures.domainAttachDeviceFlags, args); }
  /** remote_domain_detach_device_flags (161): may take seconds. */
  domainDetachDeviceFlags(args: DomainDetachDeviceFlagsArgs): Promise<void> { return this.call(procedures.domainDetachDeviceFlags, args); }
  /** remote_domain_detach_device_alias (392): may take seconds. */
  domainDetachDeviceAlias(args: DomainDetachDeviceAliasArgs): Promise<void> { return this.call(procedures.domainDetachDeviceAlias, args); }
  /** remote_domain_update_device_flags (174): may take seconds. */
  domainUpdateDeviceFlags(args: DomainUpdateDeviceFlagsArgs): Promise<void> { return this.call(procedures.domainUpdateDeviceFlags, args); }
  /** remote_domain_set_memory_flags (204): may take seconds. */
  domainSetMemoryFlags(args: DomainSetMemoryFlagsArgs): Promise<void> { return this.call(procedures.domainSetMemoryFlags, args); }
  /** remote_domain_set_memory_stats_period (308): may take seconds. */
  domainSetMemoryStatsPeriod(args: DomainSetMemoryStatsPeriodArgs): Promise<void> { return this.call(procedures.domainSetMemoryStatsPeriod, args); }
  /** remote_domain_set_vcpus_flags (199): may take seconds. */
  domainSetVcpusFlags(args: DomainSetVcpusFlagsArgs): Promise<void> { return this.call(procedures.domainSetVcpusFlags, args); }
  /** remote_domain_block_resize (251): may take seconds. */
  domainBlockResize(args: DomainBlockResizeArgs): Promise<void> { return this.call(procedures.domainBlockResize, args); }
  /** remote_domain_migrate_begin3_params (302): may take seconds. */
  domainMigrateBegin3Params(args: DomainMigrateBegin3ParamsArgs): Promise<DomainMigrateBegin3ParamsRet> { return this.call(procedures.domainMigrateBegin3Params, args); }
  /** remote_domain_migrate_prepare3_params (303): may take seconds. */
  domainMigratePrepare3Params(args: DomainMigratePrepare3ParamsArgs): Promise<DomainMigratePrepare3ParamsRet> { return this.call(procedures.domainMigratePrepare3Params, args); }
  /** remote_domain_migrate_perform3_params (305): may take seconds. */
  domainMigratePerform3Params(args: DomainMigratePerform3ParamsArgs): Promise<DomainMigratePerform3ParamsRet> { return this.call(procedures.domainMigratePerform3Params, args); }
  /** remote_domain_migrate_finish3_params (306): may take seconds. */
  domainMigrateFinish3Params(args: DomainMigrateFinish3ParamsArgs): Promise<DomainMigrateFinish3ParamsRet> { return this.call(procedures.domainMigrateFinish3Params, args); }
  /** remote_domain_migrate_confirm3_params (307): may take seconds. */
  domainMigrateConfirm3Params(args: DomainMigrateConfirm3ParamsArgs): Promise<void> { return this.call(procedures.domainMigrateConfirm3Params, args); }
  /** remote_network_define_xml_flags (432): may take seconds. */
  networkDefineXMLFlags(args: NetworkDefineXMLFlagsArgs): Promise<NetworkDefineXMLFlagsRet> { return this.call(procedures.networkDefineXMLFlags, args); }
  /** remote_network_define_xml (41): may take seconds. */
  networkDefineXML(args: NetworkDefineXMLArgs): Promise<NetworkDefineXMLRet> { return this.call(procedures.networkDefineXML, args); }
  /** remote_network_create (39): may take seconds. */
  networkCreate(args: NetworkCreateArgs): Promise<void> { return this.call(procedures.networkCreate, args); }
  /** remote_network_destroy (42): may take seconds. */
  networkDestroy(args: NetworkDestroyArgs): Promise<void> { return this.call(procedures.networkDestroy, args); }
  /** remote_network_undefine (49): may take seconds. */
  networkUndefine(args: NetworkUndefineArgs): Promise<void> { return this.call(procedures.networkUndefine, args); }
  /** remote_network_update (291): may take seconds. */
  networkUpdate(args: NetworkUpdateArgs): Promise<void> { return this.call(procedures.networkUpdate, args); }
  /** remote_storage_pool_define_xml (77): may take seconds. */
  storagePoolDefineXML(args: StoragePoolDefineXMLArgs): Promise<StoragePoolDefineXMLRet> { return this.call(procedures.storagePoolDefineXML, args); }
  /** remote_storage_pool_build (79): may take seconds. */
  storagePoolBuild(args: StoragePoolBuildArgs): Promise<void> { return this.call(procedures.storagePoolBuild, args); }
  /** remote_storage_pool_create (78): may take seconds. */
  storagePoolCreate(args: StoragePoolCreateArgs): Promise<void> { return this.call(procedures.storagePoolCreate, args); }
  /** remote_storage_pool_destroy (80): may take seconds. */
  storagePoolDestroy(args: StoragePoolDestroyArgs): Promise<void> { return this.call(procedures.storagePoolDestroy, args); }
  /** remote_storage_pool_delete (81): may take seconds. */
  storagePoolDelete(args: StoragePoolDeleteArgs): Promise<void> { return this.call(procedures.storagePoolDelete, args); }
  /** remote_storage_pool_undefine (82): may take seconds. */
  storagePoolUndefine(args: StoragePoolUndefineArgs): Promise<void> { return this.call(procedures.storagePoolUndefine, args); }
  /** remote_storage_pool_refresh (83): may take seconds. */
  storagePoolRefresh(args: StoragePoolRefreshArgs): Promise<void> { return this.call(procedures.storagePoolRefresh, args); }
  /** remote_storage_vol_create_xml (93): may take seconds. */
  storageVolCreateXML(args: StorageVolCreateXMLArgs): Promise<StorageVolCreateXMLRet> { return this.call(procedures.storageVolCreateXML, args); }
  /** remote_storage_vol_create_xml_from (125): may take seconds. */
  storageVolCreateXMLFrom(args: StorageVolCreateXMLFromArgs): Promise<StorageVolCreateXMLFromRet> { return this.call(procedures.storageVolCreateXMLFrom, args); }
  /** remote_storage_vol_delete (94): may take seconds. */
  storageVolDelete(args: StorageVolDeleteArgs): Promise<void> { return this.call(procedures.storageVolDelete, args); }
  /** remote_storage_vol_resize (260): may take seconds. */
  storageVolResize(args: StorageVolResizeArgs): Promise<void> { return this.call(procedures.storageVolResize, args); }
  /** qemu_domain_agent_command (3): may take seconds. */
  qemuDomainAgentCommand(args: QemuDomainAgentCommandArgs): Promise<QemuDomainAgentCommandRet> { return this.call(procedures.qemuDomainAgentCommand, args); }
}
