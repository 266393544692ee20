import { ListDomainsFlags, type DomainRef } from "../libvirt/index.js";
import { stateBesideDisks, type XmlElement } from "../xml/index.js";
import { readPools } from "./cluster/pools.js";
import type { ConnectedHost } from "./hosts.js";
import { poolAround, type PoolFolder } from "./pool-folder.js";

/** What libvirt keeps of a domain beside its document. */
export interface KeptBeside {
  readonly hasManagedSave: boolean;
  readonly hasSnapshots: boolean;
  readonly hasCheckpoints: boolean;
}

/**
 * What of a guest that does not run is on its host alone and would be left behind, or lost, if its definition went to another one:
 * texts that follow its name.
 * @param pools the host's active pools
 */
export function tiesIn(root: XmlElement, { hasManagedSave, hasSnapshots, hasCheckpoints }: KeptBeside, pools: readonly PoolFolder[]): string[] {
  const { nvram, hasTpm } = stateBesideDisks(root);
  return [
    ...(hasManagedSave ? ["has its memory in a managed save on its host"] : []),
    ...(hasSnapshots ? ["has snapshots, which its host alone knows"] : []),
    ...(hasCheckpoints ? ["has checkpoints, which its host alone knows"] : []),
    ...(nvram === undefined || poolAround(nvram, pools)?.sharedStorage !== undefined ? [] : [`has its firmware's variables on its host alone (${nvram})`]),
    ...(hasTpm ? ["has its TPM's state on its host alone"] : []),
  ];
}

/** Asks a host for the {@link tiesIn ties} of a domain on it. */
export async function tiesOf(host: ConnectedHost, domain: DomainRef, root: XmlElement): Promise<string[]> {
  const isAmong = async (flags: number): Promise<boolean> => (await host.libvirt.connectListAllDomains({ needResults: 1, flags })).domains.some(({ uuid }) => uuid === domain.uuid);
  const [hasManagedSave, hasSnapshots, hasCheckpoints, pools] = await Promise.all([
    isAmong(ListDomainsFlags.MANAGEDSAVE), isAmong(ListDomainsFlags.HAS_SNAPSHOT), isAmong(ListDomainsFlags.HAS_CHECKPOINT), readPools(host),
  ]);
  return tiesIn(root, { hasManagedSave, hasSnapshots, hasCheckpoints }, pools);
}

/** How an operator gets rid of {@link tiesIn ties}. */
export const UNTIE = "start it where it is: while it runs it moves live, and takes its firmware's variables, its TPM and its memory along; or take away what binds it, if nobody needs it (virsh managedsave-remove, snapshot-delete, checkpoint-delete)";
