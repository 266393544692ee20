import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { isRenewed } from "../inventory/leases.js";
import { readLeases, readPeers, readSanlock, type DiskLease, type SanlockDaemon, type SanlockPeer } from "../inventory/sanlock.js";
import type { ReadCluster } from "../kinds/placement/index.js";
import type { ClusterHost } from "../schema/index.js";
import { DomainDocument } from "../xml/index.js";
import type { KnownGuest, KnownGuests } from "./guests.js";
import type { LeaseSight, LeaseWatch } from "./lease-watch.js";

/** That a host's lease on shared storage expired, and its watchdog has fired. */
export interface LeaseProof {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** In words. */
  readonly text: string;
}

/** `expired`: dead. `left`: it gave its lease back in good order. `lives`: it renews its lease. `useless`: whoever looked cannot know. */
export interface Expiry {
  readonly is: "expired" | "left" | "failing" | "lives" | "refused" | "useless";
  readonly why: string;
}

/**
 * What the lease of a silent host is to one that lives. A host that does not renew for 8 io_timeouts kills its guests, and its watchdog
 * resets it `watchdogSeconds` later at most if it could not; all that is measured by the observer's own clock and its own readings, so that an
 * observer that was not there, or could not read, says nothing.
 */
export function judgeExpiry(observer: SanlockDaemon, peers: readonly SanlockPeer[], subject: LeaseSight): Expiry {
  const { lockspace, nowSeconds } = observer;
  if (!subject.hasWatchdog) return { is: "refused", why: "its sanlock ran without a watchdog: a lease that expires proves nothing then" };
  if (lockspace === undefined || !isRenewed(observer)) return { is: "useless", why: "it does not renew its own lease" };
  if (lockspace.path !== subject.path) return { is: "useless", why: `its lockspace is another one (${lockspace.path})` };
  if (lockspace.hostId === subject.hostId) return { is: "refused", why: `it has the same id ${subject.hostId} in the lockspace` };
  const peer = peers.find(({ hostId }) => hostId === subject.hostId);
  if (peer === undefined) return { is: "useless", why: `it has not seen host ${subject.hostId} yet` };
  if (peer.generation !== subject.generation) return { is: "refused", why: `it joined the lockspace anew (generation ${peer.generation}, known is ${subject.generation}), and nobody looked at it since` };
  const unread: Expiry = { is: "useless", why: "it has not read the other's lease of late" };
  if (nowSeconds - peer.checkedSeconds > 6 * lockspace.ioTimeoutSeconds) return unread;
  if (peer.timestamp === 0) return { is: "left", why: "it left the lockspace in good order" };
  if (peer.liveSeconds === 0) return unread;
  const failSeconds = 8 * peer.ioTimeoutSeconds;
  const silentSeconds = peer.checkedSeconds - peer.liveSeconds;
  if (silentSeconds > failSeconds + subject.watchdogSeconds) return { is: "expired", why: `it was renewed last ${silentSeconds} s ago, more than 8 × ${peer.ioTimeoutSeconds} s and ${subject.watchdogSeconds} s for its watchdog` };
  if (silentSeconds <= failSeconds) return { is: "lives", why: "it renews its lease on shared storage, or did a moment ago" };
  return { is: "failing", why: `it renews its lease no more; it is dead when ${failSeconds + subject.watchdogSeconds} s are over` };
}

/** After the last renewal that was noticed: within so many io_timeouts the next one of a living host is noticed, too. */
const NEXT_NOTICE = 5;
/** A host renews every two io_timeouts, and as often the others look: what was noticed so much after a moment was renewed after it. */
const SURELY_AFTER = 3;

/**
 * Whether a host that is silent to a guard renews its lease: it lives then, and is cut off.
 * @param silentSeconds for how long it has been silent
 * @returns `undefined` where its lease says nothing for it
 */
export function judgeLife(observer: SanlockDaemon, peers: readonly SanlockPeer[], subject: LeaseSight, silentSeconds: number): "renews" | "undecided" | undefined {
  const { lockspace, nowSeconds } = observer;
  const peer = peers.find(({ hostId }) => hostId === subject.hostId);
  if (lockspace?.path !== subject.path || lockspace.hostId === subject.hostId || !isRenewed(observer) || peer === undefined) return undefined;
  if (peer.generation < subject.generation || peer.timestamp === 0 || peer.liveSeconds === 0) return undefined;
  const agoSeconds = nowSeconds - peer.liveSeconds;
  if (silentSeconds - agoSeconds > SURELY_AFTER * peer.ioTimeoutSeconds) return "renews";
  return agoSeconds > NEXT_NOTICE * peer.ioTimeoutSeconds ? undefined : "undecided";
}

/** What the lease of a silent host says for its life, as any other host sees it. Nothing is changed. */
export async function leaseLife(host: ClusterHost, cluster: ReadCluster, leases: LeaseWatch, silentSeconds: number): Promise<"renews" | "undecided" | undefined> {
  const { name } = host.host;
  const subject = leases.of(name);
  if (host.leases?.manager !== "sanlock" || subject === undefined) return undefined;
  const seen = await Promise.all(observersOf(name, cluster).map(async (observer) => {
    try {
      const [daemon, peers] = await Promise.all([readSanlock(observer), readPeers(observer)]);
      return judgeLife(daemon, peers, subject, silentSeconds);
    } catch {
      // Who cannot look says nothing for it.
      return undefined;
    }
  }));
  return seen.find((each) => each === "renews") ?? seen.find((each) => each !== undefined);
}

function observersOf(name: string, { hosts }: ReadCluster): ConnectedHost[] {
  return hosts.filter(({ declared, read }) => read !== undefined && declared.host.name !== name && declared.leases?.manager === "sanlock").map(({ declared }) => hostAt(declared.host));
}

export interface LeaseTools {
  readonly leases: LeaseWatch;
  readonly guests: KnownGuests;
  /** Guests that stopped before their host was lost, by UUID. */
  readonly fallen: ReadonlyMap<string, KnownGuest>;
}

interface Witness {
  readonly observer: ConnectedHost;
  readonly expiry: Expiry;
}

/**
 * Whether a host that gives no answer is proved to be dead by its lease, and each guest that ran there to have had one: a guest without
 * may go on where sanlock killed all others, and no watchdog fired. Nothing is changed.
 * @returns the proof, or why there is none, in an operator's words
 */
export async function leaseProof(host: ClusterHost, cluster: ReadCluster, { leases, guests, fallen }: LeaseTools): Promise<LeaseProof | string> {
  const { name } = host.host;
  const directory = host.leases?.directory;
  if (directory === undefined || host.leases?.manager !== "sanlock") return "it has no leases by sanlock";
  const byHand = `. Its guests are started nowhere; when its power is off for certain, say so: \`drover confirm-dead ${name}\``;
  const subject = leases.of(name);
  if (subject === undefined) return `no guard saw it in sanlock's lockspace while it answered${byHand}`;
  const seen = await Promise.all(observersOf(name, cluster).map((observer) => witnessOf(observer, subject)));
  const against = seen.find(({ expiry }) => expiry.is === "refused") ?? seen.find(({ expiry }) => expiry.is === "lives") ?? seen.find(({ expiry }) => expiry.is === "failing");
  if (against?.expiry.is === "lives") return `${against.expiry.why}, as ${against.observer.name} sees: it lives and is cut off, or has only just died. Its guests are started nowhere`;
  if (against !== undefined) return `${against.expiry.why}${against.expiry.is === "refused" ? byHand : ""}`;
  const witness = seen.find(({ expiry }) => expiry.is === "expired") ?? seen.find(({ expiry }) => expiry.is === "left");
  if (witness === undefined) return `no other host can say what its lease is (${seen.map(({ observer, expiry }) => `${observer.name}: ${expiry.why}`).join("; ") || "none is in the lockspace"})${byHand}`;
  const elsewhere = new Set(cluster.sorted.members.filter(({ seen: at }) => at?.domain.isActive).map((member) => member.name));
  const known = new Set(guests.all().map((guest) => guest.name));
  const { vms, assignments = {} } = cluster.inputs;
  const unknown = Object.entries(assignments).filter(([vm, at]) => at.name === name && vms[vm]?.running === true && !elsewhere.has(vm) && !known.has(vm)).map(([vm]) => vm);
  const ended = witness.expiry.is === "left" ? "it gave its lease back" : "its lease expired";
  if (unknown.length > 0) return `${ended}, and of ${unknown.join(", ")} nobody knows whether it had one${byHand}`;
  const here = guests.runningOn(name).filter((guest) => !elsewhere.has(guest.name));
  const found = await readLeases(witness.observer, directory, [...new Set(here.flatMap(disksOf))]);
  const bare = witness.expiry.is === "left" ? unreleased(here, found, subject) : unleased(here, found, subject, fallen);
  if (bare.length > 0) return `${ended}, and ${bare.join(", ")} ${witness.expiry.is === "left" ? "gave none back there" : "held none there"}, and may go on${byHand}`;
  return {
    by: `sanlock: host ${subject.hostId}, generation ${subject.generation}`, at: new Date(systemClock.nowMs()).toISOString(),
    text: witness.expiry.is === "left" ? `${witness.expiry.why}, and each of its guests gave back the leases of all its disks, as ${witness.observer.name} sees: it was shut down`
      : `its lease on shared storage expired, so its watchdog has reset it: ${witness.expiry.why}, as ${witness.observer.name} sees`,
  };
}

async function witnessOf(observer: ConnectedHost, subject: LeaseSight): Promise<Witness> {
  try {
    const [daemon, peers] = await Promise.all([readSanlock(observer), readPeers(observer)]);
    return { observer, expiry: judgeExpiry(daemon, peers, subject) };
  } catch (error) {
    return { observer, expiry: { is: "useless", why: messageOf(error) } };
  }
}

/** Paths of the disks that libvirt takes a lease for: read-only ones have none. */
function disksOf({ definition }: KnownGuest): string[] {
  return DomainDocument.parse(definition).disks.flatMap(({ path, readOnly }) => (path === undefined || readOnly ? [] : [path]));
}

/**
 * Names of guests none of whose disks is held by the dead host. sanlock kills a guest as a whole, so that one lease is enough.
 * @param held leases by the paths of their disks
 */
export function unleased(guests: readonly KnownGuest[], held: ReadonlyMap<string, DiskLease>, subject: LeaseSight, fallen: LeaseTools["fallen"]): string[] {
  return guests.filter((guest) => !disksOf(guest).some((path) => isHeld(held.get(path), subject, fallen.has(guest.uuid)))).map(({ name }) => name);
}

/**
 * Names of guests of which not every disk's lease was given back by the host under its last generation: only then the guest has ended
 * there, or stands still and can go on nowhere without the lease.
 */
export function unreleased(guests: readonly KnownGuest[], held: ReadonlyMap<string, DiskLease>, { hostId, generation }: LeaseSight): string[] {
  const isReleased = (lease: DiskLease | undefined): boolean => lease !== undefined && lease.hostId === hostId && lease.generation === generation && lease.timestamp === 0;
  return guests.filter((guest) => {
    const disks = disksOf(guest);
    return disks.length === 0 || !disks.every((path) => isReleased(held.get(path)));
  }).map(({ name }) => name);
}

/** Whether a guest's lease is that of the dead host, or was let go by it where the guest had stopped before. */
function isHeld(lease: DiskLease | undefined, { hostId, generation }: LeaseSight, hadStopped: boolean): boolean {
  return lease !== undefined && lease.hostId === hostId && lease.generation === generation && (lease.timestamp !== 0 || hadStopped);
}
