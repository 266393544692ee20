import type { Connection } from "./connection.js";
import { isLibvirtError } from "./errors.js";
import type { LibvirtEvent } from "./events.js";
import { DomainEventID, ErrorCode, NetworkEventID, StoragePoolEventID } from "./protocol/constants.generated.js";

/**
 * What a host tells. `gap` comes after a lost connection was restored: events of the time between are missing,
 * so whoever mirrors the host's state reads it anew.
 */
export type HostEvent = LibvirtEvent | { readonly name: "gap"; readonly message: Readonly<Record<string, never>> };

const DOMAIN_EVENTS = [
  DomainEventID.LIFECYCLE, DomainEventID.REBOOT, DomainEventID.IO_ERROR_REASON, DomainEventID.BLOCK_JOB_2, DomainEventID.BALLOON_CHANGE,
  DomainEventID.DEVICE_REMOVED, DomainEventID.DEVICE_REMOVAL_FAILED, DomainEventID.DEVICE_ADDED, DomainEventID.AGENT_LIFECYCLE,
  DomainEventID.MIGRATION_ITERATION, DomainEventID.JOB_COMPLETED,
];

/** Asks the daemon for every event that we know, of all objects. */
export async function subscribe(connection: Connection): Promise<void> {
  for (const eventID of DOMAIN_EVENTS) await connection.connectDomainEventCallbackRegisterAny({ eventID, dom: null });
  await unlessUnsupported(connection.connectNetworkEventRegisterAny({ eventID: NetworkEventID.LIFECYCLE, net: null }));
  for (const eventID of [StoragePoolEventID.LIFECYCLE, StoragePoolEventID.REFRESH]) {
    await unlessUnsupported(connection.connectStoragePoolEventRegisterAny({ eventID, pool: null }));
  }
}

/** A host without the network or the storage driver has no such events. */
async function unlessUnsupported(registered: Promise<unknown>): Promise<void> {
  try {
    await registered;
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.NO_SUPPORT)) throw error;
  }
}

/** Events for one reader: kept until they are read, or until the reader stops. */
export class EventQueue {
  readonly #events: HostEvent[] = [];
  #wake: (() => void) | undefined;
  #end: { error: Error | undefined } | undefined;

  push(event: HostEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** No event follows; `error` is thrown to the reader after the ones that are left. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *read(): AsyncGenerator<HostEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => { this.#wake = resolve; });
        this.#wake = undefined;
      }
    }
  }
}
