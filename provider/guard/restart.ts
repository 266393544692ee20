import { DroverError } from "../base/error.js";
import { isActive, lookupDomain, searchDomain, stateOf } from "../inventory/domains.js";
import { hostAt, type HostAddress } from "../inventory/hosts.js";
import { undefineLeftover } from "../kinds/vm/domain.js";

/** A guest that is to run, and where. */
export interface Restart {
  readonly uuid: string;
  readonly name: string;
  /** Its last definition, secrets included. */
  readonly definition: string;
  readonly target: HostAddress;
  /** All hosts that it may be on: every one of the cluster, but those that are known to be dead. */
  readonly hosts: readonly HostAddress[];
}

/**
 * Starts a guest that is known to run nowhere.
 * Every host is asked first, and a silent one is a refusal. The target's libvirt runs a UUID once, so that two who start
 * the same guest on the same target at the same moment start it once.
 * @param proceed throws where this process may act no longer; called straight before each step that changes something
 * @returns where it runs, which is another host than the target where it was found running
 * @throws DroverError when a host gave no answer, or libvirt refused
 */
export async function startGuest({ uuid, name, definition, target, hosts }: Restart, proceed: () => unknown): Promise<{ readonly host: string; readonly started: boolean }> {
  const { places, silent } = await searchDomain(uuid, hosts);
  const running = places.find(({ state }) => isActive(state));
  if (running !== undefined) return { host: running.host.name, started: false };
  if (silent.length > 0) {
    const names = silent.map((each) => each.host.name).join(", ");
    throw new DroverError({ attempted: `start ${name} on ${target.name}`, host: names, answer: "no answer, and it may run there", next: "it is tried again; a host that is dead for certain is declared so by `drover confirm-dead`", cause: silent[0]?.error });
  }
  const host = hostAt(target);
  let domain = places.find((place) => place.host === host)?.domain;
  if (domain === undefined) {
    proceed();
    ({ dom: domain } = await host.libvirt.domainDefineXMLFlags({ xml: definition, flags: 0 }));
  }
  try {
    proceed();
    await host.libvirt.domainCreateWithFlags({ dom: domain, flags: 0 });
  } catch (error) {
    const now = await lookupDomain(host, { uuid });
    if (now !== undefined && isActive(await stateOf(host, now))) return { host: target.name, started: true };
    throw error;
  }
  return { host: target.name, started: true };
}

/**
 * Makes a start on a host impossible that somebody may have begun: without a definition there is nothing to start.
 * @returns whether the guest runs there
 * @throws DroverError when the host does not answer
 */
export async function withdrawStart(uuid: string, address: HostAddress, proceed: () => unknown): Promise<boolean> {
  const host = hostAt(address);
  const domain = await lookupDomain(host, { uuid });
  if (domain === undefined) return false;
  const state = await stateOf(host, domain);
  if (isActive(state)) return true;
  proceed();
  await undefineLeftover({ host, domain, state });
  return false;
}
