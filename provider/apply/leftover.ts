import type { ConnectedHost } from "../inventory/hosts.js";
import { DomainUndefineFlags, type DomainRef } from "../libvirt/index.js";

/** What belongs to the definition alone. */
const FLAGS = DomainUndefineFlags.MANAGED_SAVE | DomainUndefineFlags.SNAPSHOTS_METADATA | DomainUndefineFlags.CHECKPOINTS_METADATA | DomainUndefineFlags.KEEP_NVRAM | DomainUndefineFlags.KEEP_TPM;

/**
 * Removes the definition of a guest that does not run, once another host has it. libvirt refuses where it keeps something that is there
 * alone: a managed save, snapshots, checkpoints.
 */
export async function undefineMoved({ host, domain }: { readonly host: ConnectedHost; readonly domain: DomainRef }): Promise<void> {
  await host.libvirt.domainUndefineFlags({ dom: domain, flags: DomainUndefineFlags.KEEP_NVRAM | DomainUndefineFlags.KEEP_TPM });
}

/** Removes the definition of a guest that lives on elsewhere: on shared storage, the firmware's variables and the TPM's state are the other's too. */
export async function undefineLeftover({ host, domain }: { readonly host: ConnectedHost; readonly domain: DomainRef }): Promise<void> {
  await host.libvirt.domainUndefineFlags({ dom: domain, flags: FLAGS });
}
