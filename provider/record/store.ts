import { DroverError } from "../base/error.js";

/** One entry of a record, as it was at the moment of reading. */
export interface RecordEntry {
  readonly key: string;
  readonly value: string;
  /** Grows with every write to the record, and is never given twice: an entry that was deleted and written again has another. 1 or more. */
  readonly revision: number;
}

/** On what a write depends. Without any it is unconditional, which only a key's single writer should use. */
export interface WriteCondition {
  /** The revision that the entry must have now; 0: it must not exist. */
  readonly ifRevision?: number;
  /** The write is made only while this lock is still ours, which the record itself decides at the moment of the write. */
  readonly hold?: Hold;
}

/**
 * The small shared record: what the guards and `pulumi up` must agree on. Keys are text of their user's choosing, such as
 * `guests/UUID`; values are any text, up to 1 MB. Every answer is of this moment: a record that cannot be sure of it (an
 * etcd without its majority) throws a {@link DroverError}, and never gives an old answer.
 *
 * @example
 * const entry = await record.get("generation");
 * const revision = await record.put("generation", String(Number(entry?.value ?? 0) + 1), { ifRevision: entry?.revision ?? 0 });
 * if (revision === undefined) …somebody was faster: read again
 */
export interface RecordStore {
  /** Where it is, for errors and logs, without credentials. */
  readonly label: string;
  /** Whether it outlives the loss of this machine. */
  readonly isShared: boolean;
  get(key: string): Promise<RecordEntry | undefined>;
  /** The entries whose key begins with `prefix` ("": all), all of one moment, in the order of their keys' UTF-8 bytes. */
  list(prefix: string): Promise<readonly RecordEntry[]>;
  /**
   * Writes one entry.
   * @returns its new revision; undefined when the condition did not hold, and then nothing was written
   * @throws OutcomeUnknown when the answer was lost and the record does not tell either whether it was written
   */
  put(key: string, value: string, condition?: WriteCondition): Promise<number | undefined>;
  /**
   * Removes one entry.
   * @returns whether it was there and the condition held
   * @throws OutcomeUnknown as {@link put} does
   */
  delete(key: string, condition?: WriteCondition): Promise<boolean>;
  /**
   * Takes a named lock, without waiting for it. It is kept alive by itself until it is released or lost.
   *
   * @param holder who takes it, for those who do not get it: `"guard ash, process 1234"`
   * @param options.ttlSeconds after how long without a sign of life others may take it: whole seconds, 1 or more; etcd itself
   *   makes less than 2 into 2. A local record needs none: there it is others' as soon as the process is gone, and not before
   * @returns the lock, or who has it
   * @example
   * const hold = await record.acquire("leader", "guard ash", { ttlSeconds: 6 });
   * if ("heldBy" in hold) …wait
   */
  acquire(name: string, holder: string, options: { readonly ttlSeconds: number }): Promise<Hold | HeldBy>;
  /** Releases the locks that are held by this object, and lets go of connections. */
  close(): Promise<void>;
}

/** A lock that was taken. */
export interface Hold {
  readonly name: string;
  /**
   * Aborted as soon as the lock may be lost: when no sign of life was confirmed in time, by the local clock and a quarter of
   * the TTL before the record can give the lock to another; also once it is released. What works under the lock has to have
   * stopped within that quarter. Ask for it anew where it matters (`hold.lost.aborted`), and do not keep the signal in a variable:
   * a process that was stopped for a while finds out when it asks, and perhaps not before.
   */
  readonly lost: AbortSignal;
  /** Gives the lock up; again is no error. Where the record does not answer it throws, and the lock ends by its TTL. */
  release(): Promise<void>;
}

/** Who has a lock that we did not get. */
export interface HeldBy {
  readonly heldBy: string;
  /** When it was taken, by the holder's clock: ISO 8601, UTC. */
  readonly since: string;
}

/**
 * A write was sent and its answer was lost, and what the record holds now does not tell whether it was made: it may have been
 * made, may be made within the next seconds, or never. Read, and decide anew.
 */
export class OutcomeUnknown extends DroverError {
  override readonly name: string = "OutcomeUnknown";
}
