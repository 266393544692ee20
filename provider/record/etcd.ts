import { randomUUID } from "node:crypto";
import { systemClock } from "../base/clock.js";
import { DroverError, messageOf } from "../base/error.js";
import type { EtcdConfig } from "./config.js";
import { base64, endOfPrefix, int, keysOf, part, parts, type Answer, type EtcdKey } from "./etcd-answer.js";
import { EtcdGateway, EtcdRefusal, EtcdSilence, NOT_FOUND, type CallOptions } from "./etcd-gateway.js";
import { EtcdHold, now } from "./etcd-hold.js";
import { checkName, envelope, holderText, openEnvelope, parseHolder, type Envelope } from "./content.js";
import { OutcomeUnknown, type HeldBy, type Hold, type RecordEntry, type RecordStore, type WriteCondition } from "./store.js";

/** A write as etcd's transaction has it, and how its success and, after a lost answer, its traces are read. */
interface Write<T> {
  readonly attempted: string;
  readonly key: string;
  readonly condition: WriteCondition;
  readonly operation: Answer;
  /** Tells this write from all others by the value that it left; undefined where it leaves none. */
  readonly mark: string | undefined;
  readonly success: (answer: Answer) => T;
}

/**
 * A record in etcd, below `PREFIX CLUSTER/`: entries at `data/KEY`, locks at `locks/NAME`. All reads are linearizable, so
 * that a member which has lost the others gives no old answer but none.
 *
 * *When an answer is lost* a write may have been made. Each value carries a mark of its write, so what is there is read and
 * tells: ours, so it was made; or still the revision on which it depended, so it is sent again (of two such writes etcd makes
 * one at most); or another's written right over that revision, so ours was not and cannot be made any more. What remains
 * is {@link OutcomeUnknown}. Nothing is sent again without having looked.
 */
export class EtcdRecord implements RecordStore {
  readonly label: string;
  readonly isShared = true;
  readonly #gateway: EtcdGateway;
  readonly #prefix: string;
  readonly #holds = new Set<EtcdHold>();

  constructor(config: EtcdConfig, clusterId: string) {
    this.#gateway = new EtcdGateway(config);
    this.#prefix = `${config.prefix ?? "/drover/"}${clusterId}/`;
    this.label = `${this.#gateway.label} (${this.#prefix})`;
  }

  async get(key: string): Promise<RecordEntry | undefined> {
    const found = await this.#read(this.#dataKey(checkName(key)), { attempted: `read ${key} of the record`, untilMs: this.#gateway.untilMs(), repeatable: true });
    return found === undefined ? undefined : this.#entry(found);
  }

  async list(prefix: string): Promise<readonly RecordEntry[]> {
    const from = this.#dataKey(prefix);
    const range = await this.#gateway.call("/v3/kv/range", { key: base64(from), range_end: endOfPrefix(from) },
      { attempted: `list ${prefix}* of the record`, untilMs: this.#gateway.untilMs(), repeatable: true });
    return keysOf(range).map((found) => this.#entry(found));
  }

  async put(key: string, value: string, condition: WriteCondition = {}): Promise<number | undefined> {
    const mark = randomUUID();
    return await this.#write({
      attempted: `write ${key} to the record`,
      key: this.#dataKey(checkName(key)),
      condition,
      operation: { request_put: { key: base64(this.#dataKey(key)), value: base64(envelope({ value, write: mark })) } },
      mark,
      success: (answer) => int(part(answer, "header"), "revision"),
    });
  }

  async delete(key: string, condition: WriteCondition = {}): Promise<boolean> {
    return await this.#write({
      attempted: `remove ${key} from the record`,
      key: this.#dataKey(checkName(key)),
      condition,
      operation: { request_delete_range: { key: base64(this.#dataKey(key)) } },
      mark: undefined,
      success: (answer) => int(part(parts(answer, "responses")[0] ?? {}, "response_delete_range"), "deleted") > 0,
    }) ?? false;
  }

  async acquire(name: string, holder: string, { ttlSeconds }: { readonly ttlSeconds: number }): Promise<Hold | HeldBy> {
    const attempted = `take the lock ${name}`;
    const lockKey = `${this.#prefix}locks/${checkName(name)}`;
    const untilMs = this.#gateway.untilMs();
    const present = await this.#read(lockKey, { attempted, untilMs, repeatable: true });
    // Whoever waits asks often: no lease is made for that.
    if (present !== undefined) return this.#heldBy(present);

    const granted = now();
    const lease = String((await this.#gateway.call("/v3/lease/grant", { TTL: String(ttlSeconds) }, { attempted, untilMs, repeatable: true }))["ID"]);
    const revoke = (): Promise<void> => this.#revoke(name, lease);
    let taken: EtcdKey | number;
    try {
      taken = await this.#take(lockKey, lease, holder, { attempted, untilMs, repeatable: false });
    } catch (error) {
      // A lock that was taken after all goes with its lease: now, or where that fails too by its TTL.
      await revoke().catch(() => {});
      throw error;
    }
    if (typeof taken !== "number") {
      await revoke().catch(() => {});
      return this.#heldBy(taken);
    }
    const createRevision = taken;
    const hold: EtcdHold = new EtcdHold({ name, lockKey, createRevision, ttlMs: ttlSeconds * 1_000, granted }, {
      renew: (timeoutMs) => this.#renew(name, lease, lockKey, createRevision, timeoutMs),
      revoke: async () => {
        await revoke();
        this.#holds.delete(hold);
      },
    });
    if (hold.lost.aborted) {
      await revoke().catch(() => {});
      throw new DroverError({ attempted, host: this.label, answer: `it took longer than a lock of ${ttlSeconds} s lives`, next: "try again, or give it a longer TTL" });
    }
    this.#holds.add(hold);
    return hold;
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled([...this.#holds].map((hold) => hold.release()));
    this.#gateway.close();
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** @returns the revision in which the lock became ours, or whose it is */
  async #take(lockKey: string, lease: string, holder: string, options: CallOptions): Promise<number | EtcdKey> {
    const key = base64(lockKey);
    const transaction = {
      compare: [{ key, target: "CREATE", result: "EQUAL", create_revision: "0" }],
      success: [{ request_put: { key, value: base64(holderText(holder, new Date(systemClock.nowMs()))), lease } }],
      failure: [{ request_range: { key } }],
    };
    for (;;) {
      let other: EtcdKey | undefined;
      try {
        const answer = await this.#gateway.call("/v3/kv/txn", transaction, options);
        if (answer["succeeded"] === true) return int(part(answer, "header"), "revision");
        other = keysOf(part(parts(answer, "responses")[0] ?? {}, "response_range"))[0];
      } catch (error) {
        if (!(error instanceof EtcdSilence && error.mayHaveHappened)) throw error;
        other = await this.#read(lockKey, { ...options, repeatable: true });
      }
      if (other !== undefined) return other.lease === lease ? other.createRevision : other;
      // Nobody has it: the same lease may ask again, for it can only get it once.
    }
  }

  /** A renewal counts once etcd's majority has said that the lock is still ours: a leader that was deposed renews too. */
  async #renew(name: string, lease: string, lockKey: string, createRevision: number, timeoutMs: number): Promise<boolean> {
    const options: CallOptions = { attempted: `keep the lock ${name}`, untilMs: performance.now() + timeoutMs, tryMs: timeoutMs / 2, repeatable: true };
    const renewed = part(await this.#gateway.call("/v3/lease/keepalive", { ID: lease }, options), "result");
    if (int(renewed, "TTL") === 0) return false;
    return (await this.#read(lockKey, options))?.createRevision === createRevision;
  }

  async #revoke(name: string, lease: string): Promise<void> {
    try {
      await this.#gateway.call("/v3/lease/revoke", { ID: lease }, { attempted: `release the lock ${name}`, untilMs: this.#gateway.untilMs(), repeatable: true });
    } catch (error) {
      if (!(error instanceof EtcdRefusal && error.code === NOT_FOUND)) throw error;
    }
  }

  async #write<T>(write: Write<T>): Promise<T | undefined> {
    const hold = write.condition.hold === undefined ? undefined : this.#ours(write.condition.hold);
    if (hold?.lost.aborted === true) return undefined;
    const { ifRevision } = write.condition;
    const untilMs = this.#gateway.untilMs();
    const transaction = {
      compare: [
        ...(ifRevision === undefined ? [] : [{ key: base64(write.key), target: "MOD", result: "EQUAL", mod_revision: String(ifRevision) }]),
        ...(hold === undefined ? [] : [{ key: base64(hold.lockKey), target: "CREATE", result: "EQUAL", create_revision: String(hold.createRevision) }]),
      ],
      success: [write.operation],
      failure: hold === undefined ? [] : [{ request_range: { key: base64(hold.lockKey) } }],
    };
    for (let wasLost = false; ; wasLost = true) {
      let refused = false;
      try {
        const answer = await this.#gateway.call("/v3/kv/txn", transaction, { attempted: write.attempted, untilMs, repeatable: false });
        if (answer["succeeded"] === true) return write.success(answer);
        if (hold !== undefined && keysOf(part(parts(answer, "responses")[0] ?? {}, "response_range"))[0]?.createRevision !== hold.createRevision) {
          hold.markLost("the record says that it ended");
        }
        if (!wasLost) return undefined;
        refused = true;
      } catch (error) {
        if (!(error instanceof EtcdSilence)) throw error;
        if (!error.mayHaveHappened && !wasLost) throw error;
        if (!error.mayHaveHappened) throw this.#unknown(write, error);
      }
      const verdict = await this.#judge(write, untilMs);
      if (verdict !== "not yet") return verdict.made;
      // Refused while the revision is still the one it depended on: its lock is gone for good, and so is any earlier sending of it.
      if (refused) return undefined;
    }
  }

  /** What became of a write whose answer was lost. */
  async #judge<T>(write: Write<T>, untilMs: number): Promise<{ readonly made: T | undefined } | "not yet"> {
    const options: CallOptions = { attempted: write.attempted, untilMs, repeatable: true };
    const { ifRevision } = write.condition;
    try {
      const found = await this.#read(write.key, options);
      if (found !== undefined && write.mark !== undefined && openEnvelope(found.value)?.write === write.mark) {
        return { made: write.success({ header: { revision: found.modRevision } }) };
      }
      // An entry that must not exist and does not may have been written and removed again: only a revision above 0 never returns.
      if (ifRevision !== undefined && ifRevision > 0 && found !== undefined) {
        if (found.modRevision === ifRevision) return "not yet";
        const before = await this.#read(write.key, options, found.modRevision - 1);
        if (before?.modRevision === ifRevision) return { made: undefined };
      }
    } catch (error) {
      throw this.#unknown(write, error);
    }
    throw this.#unknown(write, undefined);
  }

  #unknown(write: Write<unknown>, cause: unknown): OutcomeUnknown {
    const why = cause === undefined ? "what is there now does not tell whether it was made" : messageOf(cause);
    return new OutcomeUnknown({ attempted: write.attempted, host: this.label, answer: `the answer was lost: ${why}`, next: "read the entry again and decide anew", cause });
  }

  async #read(key: string, options: CallOptions, revision?: number): Promise<EtcdKey | undefined> {
    return keysOf(await this.#gateway.call("/v3/kv/range", { key: base64(key), ...(revision === undefined ? {} : { revision: String(revision) }) }, options))[0];
  }

  #ours(hold: Hold): EtcdHold {
    if (hold instanceof EtcdHold && hold.lockKey.startsWith(`${this.#prefix}locks/`)) return hold;
    throw new TypeError(`the lock ${hold.name} is of another record`);
  }

  #dataKey(key: string): string {
    return `${this.#prefix}data/${key}`;
  }

  #entry(found: EtcdKey): RecordEntry {
    const content: Envelope | undefined = openEnvelope(found.value);
    const key = found.key.slice(this.#dataKey("").length);
    if (content === undefined) {
      throw new DroverError({ attempted: `read ${key} of the record`, host: this.label, answer: "its value was not written by drover", next: `look at it with etcdctl get ${found.key}, and remove it` });
    }
    return { key, value: content.value, revision: found.modRevision };
  }

  #heldBy(lock: EtcdKey): HeldBy {
    return parseHolder(lock.value) ?? { heldBy: `somebody who wrote ${lock.key} by hand`, since: new Date(0).toISOString() };
  }
}
