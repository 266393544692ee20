import { REMOTE_PROGRAM } from "./procedure.js";
import { eventMessages } from "./protocol/procedures.generated.js";
import type { XdrReader } from "./xdr.js";

type EventMessages = typeof eventMessages;
type MessageOf<Entry> = Entry extends { readonly name: infer Name; readonly message: { readonly decode: (...args: never[]) => infer Message } }
  ? { readonly name: Name; readonly message: Message } : never;

/**
 * What the daemon tells unasked: `name` is the message's name in the protocol, `message` what it carries.
 * @example
 * if (event.name === "domainEventCallbackLifecycle" && event.message.msg.event === DomainEvent.STOPPED) …
 */
export type LibvirtEvent = MessageOf<EventMessages[keyof EventMessages]>;

interface Decoder { readonly decode: (reader: XdrReader) => unknown }

const byNumber: ReadonlyMap<number, { readonly name: string; readonly message: Decoder }> = new Map(
  Object.entries(eventMessages).map(([number, entry]) => [Number(number), entry] as const),
);

/** The event that a message carries, nothing for one that we did not ask for. */
export function decodeEvent(program: number, procedure: number, read: (codec: Decoder) => unknown): LibvirtEvent | undefined {
  const entry = program === REMOTE_PROGRAM ? byNumber.get(procedure) : undefined;
  // The table pairs each name with its message's codec.
  return entry === undefined ? undefined : { name: entry.name, message: read(entry.message) } as LibvirtEvent;
}
