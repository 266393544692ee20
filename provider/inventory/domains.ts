import { DroverError, messageOf } from "../base/error.js";
import { DomainState, ErrorCode, isLibvirtError, type DomainRef } from "../libvirt/index.js";
import { hostAt, type ConnectedHost, type HostAddress } from "./hosts.js";

/** A domain where it was found. */
export interface DomainPlace {
  readonly host: ConnectedHost;
  readonly domain: DomainRef;
  /** One of `DomainState`. */
  readonly state: number;
}

/** What asking all hosts for a domain came to. `silent` hosts gave no answer: the domain may be there. */
export interface DomainSearch {
  readonly places: readonly DomainPlace[];
  /** Hosts that answered. */
  readonly asked: readonly ConnectedHost[];
  readonly silent: readonly { readonly host: HostAddress; readonly error: Error }[];
  /** Why there may be hosts that were not asked, for nobody knows them: then it is not known either that the domain is nowhere. */
  readonly gap?: DroverError | undefined;
}

/** Asks each of the hosts for a domain, all at once. */
export async function searchDomain(uuid: string, hosts: readonly HostAddress[]): Promise<DomainSearch> {
  const places: DomainPlace[] = [];
  const asked: ConnectedHost[] = [];
  const silent: { host: HostAddress; error: Error }[] = [];
  await Promise.all(hosts.map(async (address) => {
    const host = hostAt(address);
    try {
      const domain = await lookupDomain(host, { uuid });
      if (domain !== undefined) places.push({ host, domain, state: await stateOf(host, domain) });
      asked.push(host);
    } catch (error) {
      silent.push({ host: address, error: error instanceof Error ? error : new Error(messageOf(error)) });
    }
  }));
  return { places, asked, silent };
}

/**
 * The one place of a domain; `undefined` when every host was asked and none has it, and all hosts are known.
 * A guest that runs is where it runs; a definition of it elsewhere is a leftover. Among stopped ones the preferred host counts.
 * @param mayBeElsewhere a silent host is an error unless this is false and the domain was found running
 * @throws DroverError when hosts did not answer, or the guest runs twice
 */
export function placeOf(search: DomainSearch, what: string, preferredHost: string): DomainPlace | undefined {
  const active = search.places.filter((place) => isActive(place.state));
  if (active.length > 1) {
    throw new DroverError({ attempted: `find ${what}`, answer: `it runs on ${active.map((place) => place.host.name).join(" and ")} at once`,
      next: "stop one of the two by hand at once, the one with the older data; nothing was changed" });
  }
  const running = active[0];
  if (running !== undefined) return running;
  const place = search.places.find((candidate) => candidate.host.name === preferredHost) ?? search.places[0];
  if (search.silent.length > 0) throw silence(search, what);
  if (place === undefined && search.gap !== undefined) throw search.gap;
  return place;
}

/** The error for hosts that did not answer: absence is known only when all were asked. */
export function silence(search: DomainSearch, what: string): DroverError {
  const hosts = search.silent.map(({ host }) => host.name).join(", ");
  const first = search.silent[0];
  return new DroverError({ attempted: `find ${what}`, host: hosts, answer: first === undefined ? "no answer" : messageOf(first.error), cause: first?.error,
    next: `bring ${hosts} back; a host that is gone for good leaves the state by \`drover forget-host\`` });
}

/** A domain by UUID or name; `undefined` where the host answers that it has none (libvirt's code 42). */
export async function lookupDomain(host: ConnectedHost, by: { readonly uuid: string } | { readonly name: string }): Promise<DomainRef | undefined> {
  try {
    const { dom } = "uuid" in by ? await host.libvirt.domainLookupByUUID({ uuid: by.uuid }) : await host.libvirt.domainLookupByName({ name: by.name });
    return dom;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return undefined;
    throw error;
  }
}

export async function stateOf(host: ConnectedHost, domain: DomainRef): Promise<number> {
  return (await host.libvirt.domainGetState({ dom: domain, flags: 0 })).state;
}

/** Whether a QEMU process stands behind the state. */
export function isActive(state: number): boolean {
  return state !== DomainState.SHUTOFF && state !== DomainState.NOSTATE && state !== DomainState.CRASHED;
}
