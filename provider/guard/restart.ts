import { DroverError, messageOf } from "../base/error.js";
import { within } from "../base/within.js";
import { isActive, lookupDomain, searchDomain, stateOf, type DomainPlace, type DomainSearch } from "../inventory/domains.js";
import { hostAt, type HostAddress } from "../inventory/hosts.js";
import { definitionOf } from "../kinds/vm/domain.js";
import { DomainUndefineFlags, LibvirtError } from "../libvirt/index.js";
import { DomainDocument } from "../xml/index.js";

/** A guest that is to run, and where. */
export interface Restart {
  readonly uuid: string;
  readonly name: string;
  /** Its last definition, secrets included. */
  readonly definition: string;
  /** Name of the host where it was seen last: the definition there is its own, and one elsewhere was left behind. */
  readonly lastHost: string;
  readonly target: HostAddress;
  /** All hosts of the cluster, those that were proved to be dead among them: a proof may be wrong. */
  readonly hosts: readonly HostAddress[];
  /** Why a host is asked and need not answer; `undefined` for one that has to. It is asked for anew when it gave no answer. */
  readonly absence: (host: HostAddress) => Absence | undefined;
}

/** `dead`: the host was proved to be dead, and an answer of it disproves that. `elsewhere`: the guest is known not to be there. */
export type Absence = "dead" | "elsewhere";

/** How long a host is asked that need not answer, in milliseconds. */
const DOUBT_MS = 1_000;

/** A host gave no answer on which the guest may run, or gave one and ought to be dead: that is no failure of its start, and is waited out. */
export class HostsSilent extends DroverError {
  override readonly name: string = "HostsSilent";
}

/** A start that failed. */
export class StartRefused extends DroverError {
  override readonly name: string = "StartRefused";
  /** libvirt itself said no: the start does not come late. */
  readonly isOver: boolean;

  constructor(name: string, host: string, error: unknown) {
    super({ attempted: `start ${name}`, host, answer: messageOf(error), cause: error });
    this.isOver = error instanceof LibvirtError || error instanceof NotStartable;
  }
}

/** A definition of the guest is there with which it is not to be started. */
class NotStartable extends DroverError {
  override readonly name = "NotStartable";
}

/** A start that takes longer is not waited for: storage may hang. It may come late, on that host and on no other. */
const START_TIMEOUT_MS = 60_000;

/**
 * Starts a guest that is known to run nowhere.
 * Every host is asked first, and a silent one is a refusal. The target's libvirt runs a UUID once, so that two who start
 * the same guest on the same target at the same moment start it once.
 * @param proceed throws where this process may act no longer; called straight before each step that changes something
 * @returns where it runs, which is another host than the target where it was found running
 * @throws HostsSilent, StartRefused
 */
export async function startGuest({ uuid, name, definition, lastHost, target, hosts, absence }: Restart, proceed: () => unknown): Promise<{ readonly host: string; readonly started: boolean }> {
  const { places, silent } = await searchFor(uuid, name, hosts, absence);
  const running = places.find(({ state }) => isActive(state));
  if (running !== undefined) return { host: running.host.name, started: false };
  if (silent.length > 0) {
    const names = silent.map((each) => each.host.name).join(", ");
    throw new HostsSilent({ attempted: `start ${name} on ${target.name}`, host: names, answer: "no answer, and it may run there", next: "it is tried again; a host that is dead for certain is declared so by `drover confirm-dead`", cause: silent[0]?.error });
  }
  const host = hostAt(target);
  const defined = places.find((place) => place.host === host);
  try {
    if (defined !== undefined && target.name !== lastHost) await refuseStrange(defined, definition);
    proceed();
    const domain = defined !== undefined && target.name === lastHost ? defined.domain : (await host.libvirt.domainDefineXMLFlags({ xml: definition, flags: 0 })).dom;
    proceed();
    await within(START_TIMEOUT_MS, host.libvirt.domainCreateWithFlags({ dom: domain, flags: 0 }), () => new Error(`it did not end within ${START_TIMEOUT_MS / 1000} s`));
  } catch (error) {
    proceed();
    const now = await lookupDomain(host, { uuid });
    if (now !== undefined && isActive(await stateOf(host, now))) return { host: target.name, started: true };
    throw new StartRefused(name, target.name, error);
  }
  return { host: target.name, started: true };
}

/** What was left behind of a guest is written over only where it is that guest's, and would not go on from an old state of its memory. @throws NotStartable */
async function refuseStrange(place: DomainPlace, definition: string): Promise<void> {
  const { mark } = await definitionOf(place);
  const own = DomainDocument.parse(definition).mark;
  if (mark === undefined || mark.owner !== own?.owner) throw new NotStartable({ attempted: "start it with its last definition", host: place.host.name, answer: "another definition of its UUID is there, which is not ours", next: "it is left alone; undefine it by hand if it is of no use" });
  const { result } = await place.host.libvirt.domainHasManagedSaveImage({ dom: place.domain, flags: 0 });
  if (result !== 0) throw new NotStartable({ attempted: "start it with its last definition", host: place.host.name, answer: "an old state of its memory was saved there (virsh managedsave), and its disks have gone on since", next: "`virsh managedsave-remove` there, if nobody needs it" });
}

/** Asks all hosts; for those that need not answer it waits a moment only, and their silence is none. @throws HostsSilent where a dead one answers */
async function searchFor(uuid: string, name: string, hosts: readonly HostAddress[], absence: Restart["absence"]): Promise<DomainSearch> {
  const absent = hosts.flatMap((host) => {
    const why = absence(host);
    return why === undefined ? [] : [{ host, why }];
  });
  const [required, others] = await Promise.all([
    searchDomain(uuid, hosts.filter((host) => !absent.some((each) => each.host === host))),
    Promise.all(absent.map(({ host }) => within(DOUBT_MS, searchDomain(uuid, [host]), () => new Error("no answer")).catch(() => undefined))),
  ]);
  const answered = absent.filter((_, index) => others[index]?.silent.length === 0);
  const back = answered.find(({ why }) => why === "dead");
  if (back !== undefined) throw new HostsSilent({ attempted: `start ${name}`, host: back.host.name, answer: "it answers, and was proved to be dead: the proof is wrong, or it is back", next: "nothing was started; see to its fence device, and whether the guest runs there" });
  // What was known of a host when it was asked may be true no more.
  const open = absent.filter((each) => !answered.includes(each) && absence(each.host) === undefined);
  return {
    places: [...required.places, ...others.flatMap((found) => found?.places ?? [])],
    asked: [...required.asked, ...others.flatMap((found) => found?.asked ?? [])],
    silent: [...required.silent, ...open.map(({ host }) => ({ host, error: new Error("it gave no answer in time, and may have it by now") }))],
  };
}

/**
 * Makes a start on a host impossible that somebody may have begun: without a definition there is nothing to start. libvirt keeps
 * one that has a saved state or snapshots.
 * @returns whether it is impossible now
 */
export async function withdrawStart(uuid: string, address: HostAddress, proceed: () => unknown): Promise<boolean> {
  const host = hostAt(address);
  const domain = await lookupDomain(host, { uuid });
  if (domain === undefined) return true;
  const state = await stateOf(host, domain);
  if (isActive(state)) return false;
  // What is not ours no start of ours begins with, and nobody removes.
  if ((await definitionOf({ host, domain })).mark === undefined) return true;
  proceed();
  try {
    await host.libvirt.domainUndefineFlags({ dom: domain, flags: DomainUndefineFlags.KEEP_NVRAM | DomainUndefineFlags.KEEP_TPM });
    return true;
  } catch (error) {
    if (error instanceof LibvirtError) return false;
    throw error;
  }
}
