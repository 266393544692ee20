import { ErrorCode, isLibvirtError } from "../libvirt/index.js";
import { DomainDocument } from "../xml/index.js";
import { isActive, stateOf, type DomainPlace } from "./domains.js";
import { hostAt, type ConnectedHost } from "./hosts.js";
import { hostsOfMarker, readPoolMarker } from "./pool-marker.js";
import type { OpenPool } from "./pools.js";

/** A domain that has a file as its disk. */
export interface DiskUser {
  readonly place: DomainPlace;
  readonly running: boolean;
  /** Device name in the domain: `vdb`. */
  readonly target: string;
}

/**
 * The domain that uses a file of the pool, on any host of the pool; a running one before a stopped one.
 * @param except UUID of a domain that may use it
 */
export async function findUser(pool: OpenPool, path: string, except?: string): Promise<DiskUser | undefined> {
  const marker = await readPoolMarker(pool);
  const addresses = marker === undefined ? [] : hostsOfMarker(marker, pool.host.address);
  const hosts = new Set([pool.host, ...addresses.map((address) => hostAt(address))]);
  const users = (await Promise.all([...hosts].map((host) => usersOn(host, path)))).flat().filter(({ place }) => place.domain.uuid !== except);
  return users.find((user) => user.running) ?? users[0];
}

async function usersOn(host: ConnectedHost, path: string): Promise<DiskUser[]> {
  const { domains } = await host.libvirt.connectListAllDomains({ needResults: 1, flags: 0 });
  const found = await Promise.all(domains.map(async (domain): Promise<DiskUser | undefined> => {
    try {
      const document = DomainDocument.parse((await host.libvirt.domainGetXMLDesc({ dom: domain, flags: 0 })).xml);
      const disk = document.disks.find((each) => each.path === path);
      if (disk === undefined) return undefined;
      const state = await stateOf(host, domain);
      return { place: { host, domain, state }, running: isActive(state), target: disk.target };
    } catch (error) {
      // Deleted since it was listed.
      if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return undefined;
      throw error;
    }
  }));
  return found.filter((user) => user !== undefined);
}
