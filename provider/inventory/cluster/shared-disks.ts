import { ErrorCode } from "../../libvirt/index.js";
import { DomainDocument } from "../../xml/index.js";
import type { ConnectedHost } from "../hosts.js";
import { disksOf } from "./domain.js";
import { hasStorage, storageNeeds } from "./fits.js";
import { unlessGone } from "./listing.js";
import { readPools } from "./pools.js";

/**
 * Whether all that a guest's disks hold is where another host has it too, at this moment: in pools whose sharing was proved, and
 * that both hosts have in the same folder, or got by QEMU itself by the network. Then a migration need not be kept from a folder
 * that libvirt takes for its host's own.
 */
export async function sharesDisks(uuid: string, from: ConnectedHost, to: ConnectedHost): Promise<boolean> {
  const document = unlessGone(async () => {
    const { dom } = await from.libvirt.domainLookupByUUID({ uuid });
    return DomainDocument.scan((await from.libvirt.domainGetXMLDesc({ dom, flags: 0 })).xml);
  }, ErrorCode.NO_DOMAIN);
  const [guest, pools, there] = await Promise.all([document, readPools(from), readPools(to)]);
  if (guest === undefined) return false;
  const disks = disksOf(guest, pools);
  return disks.every(({ sharedStorage }) => sharedStorage !== undefined) && storageNeeds({ disks }, { pools }).every((need) => hasStorage({ pools: there }, need));
}
