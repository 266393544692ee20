import { isActive, lookupDomain } from "../../inventory/domains.js";
import type { ConnectedHost } from "../../inventory/hosts.js";
import { DomainJobType, DomainPausedReason, DomainState, DomainXMLFlags, ErrorCode, isLibvirtError, type DomainRef } from "../../libvirt/index.js";
import { DomainDocument } from "../../xml/index.js";
import { moveOf, writeJournal, type MoveRecord } from "./journal.js";

/** What a host has of a domain: what recovery decides by. */
export interface Side {
  /** `gone`: the host answered that it has none. `off`: defined, no QEMU. */
  readonly power: "gone" | "off" | "running" | "paused";
  /** Of the state: `DomainPausedReason`, `DomainShutoffReason` or `DomainRunningReason`. */
  readonly reason: number;
  /** libvirt is at work on it: a migration, or another long job. */
  readonly busy: boolean;
  /** The journal in the running guest, and in the definition. A definition gets it at the target only when the guest was accepted there. */
  readonly live?: MoveRecord | undefined;
  readonly defined?: MoveRecord | undefined;
}

export interface SeenSide extends Side {
  readonly host: ConnectedHost;
  readonly domain?: DomainRef | undefined;
}

const GONE: Side = { power: "gone", reason: 0, busy: false };

/** Looks at a domain on a host. @throws where the host does not answer */
export async function look(host: ConnectedHost, uuid: string): Promise<SeenSide> {
  const domain = await lookupDomain(host, { uuid });
  if (domain === undefined) return { ...GONE, host };
  try {
    const { state, reason } = await host.libvirt.domainGetState({ dom: domain, flags: 0 });
    const active = isActive(state);
    const busy = active && await isBusy(host, domain);
    const { persistent } = await host.libvirt.domainIsPersistent({ dom: domain });
    return {
      host, domain, reason, busy,
      power: !active ? "off" : state === DomainState.PAUSED || state === DomainState.PMSUSPENDED ? "paused" : "running",
      live: active ? await journalOf(host, domain, 0) : undefined,
      defined: persistent === 0 ? undefined : await journalOf(host, domain, DomainXMLFlags.INACTIVE),
    };
  } catch (error) {
    // It left while it was looked at.
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return { ...GONE, host };
    throw error;
  }
}

/** The journal's id by which the two sides are compared. */
export function recordOf(from: Side, to: Side): MoveRecord | undefined {
  return from.live ?? from.defined ?? to.live ?? to.defined;
}

/** Takes the journal away where there is one. */
export async function clearJournal({ host, domain, live, defined }: SeenSide): Promise<void> {
  if (domain !== undefined && (live !== undefined || defined !== undefined)) await writeJournal(host, domain, undefined);
}

/** How a side is, for an operator: `paused (migration)`. */
export function stateText({ power, reason }: Side): string {
  if (power === "gone") return "not there";
  if (power !== "paused") return power;
  const name = Object.entries(DomainPausedReason).find(([, value]) => value === reason)?.[0];
  return `paused (${(name ?? String(reason)).toLowerCase()})`;
}

async function journalOf(host: ConnectedHost, domain: DomainRef, flags: number): Promise<MoveRecord | undefined> {
  return moveOf(DomainDocument.parse((await host.libvirt.domainGetXMLDesc({ dom: domain, flags })).xml).mark);
}

async function isBusy(host: ConnectedHost, domain: DomainRef): Promise<boolean> {
  try {
    return (await host.libvirt.domainGetJobStats({ dom: domain, flags: 0 })).type !== DomainJobType.NONE;
  } catch (error) {
    // "migration statistics are available only on the source host" is the answer about a guest that comes in, with the one code or
    // the other; one that has stopped since gets the first too.
    if (isLibvirtError(error, ErrorCode.OPERATION_INVALID) || isLibvirtError(error, ErrorCode.OPERATION_UNSUPPORTED)) return true;
    throw error;
  }
}
