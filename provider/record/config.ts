import { EtcdRecord } from "./etcd.js";
import { LocalRecord } from "./local.js";
import type { RecordStore } from "./store.js";

/** An etcd cluster, version 3.4 or later, and how to log in to it. */
export interface EtcdConfig {
  /** Its members' client URLs: `["https://10.0.0.1:2379", "https://10.0.0.2:2379", "https://10.0.0.3:2379"]`. */
  readonly endpoints: readonly string[];
  /** With `password`, where etcd's authentication is on. */
  readonly user?: string;
  readonly password?: string;
  /** The authority that signed the members' certificates, as PEM; the system's where it is left out. */
  readonly ca?: string;
  /** Our client certificate and its key, as PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** What all keys begin with, before the cluster's id. Default `/drover/`. */
  readonly prefix?: string;
  /** The longest that one call may take, in seconds. Default 6. */
  readonly timeoutSeconds?: number;
}

/** Where a cluster's record is: in etcd, or in a directory of this machine for a single guard. */
export type RecordConfig = { readonly etcd: EtcdConfig } | { readonly directory: string };

/**
 * Opens the record of one cluster. Of etcd nothing is asked before the first call.
 * @throws DroverError when the configuration makes no sense, or the directory is not ours alone
 * @example
 * const record = await openRecord({ etcd: { endpoints: ["http://10.0.0.1:2379"] } }, clusterId);
 */
export async function openRecord(config: RecordConfig, clusterId: string): Promise<RecordStore> {
  return "etcd" in config ? new EtcdRecord(config.etcd, clusterId) : LocalRecord.open(config.directory, clusterId);
}
