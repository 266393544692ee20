import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemClock } from "../base/clock.js";
import { DroverError } from "../base/error.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import { checkName, fields } from "./content.js";
import { claimForMachine } from "./machine.js";
import { dropLock, isOurs, ourselves, readIfThere, takeLock, writeDurably, type LockOwner } from "./process-lock.js";
import type { HeldBy, Hold, RecordEntry, RecordStore, WriteCondition } from "./store.js";

/** The longest wait for another process that reads or writes, in milliseconds. Each takes some milliseconds. */
const TURN_MS = 10_000;

const turns = new KeyedMutex();

/**
 * A record in a directory of this machine, for a single guard without etcd: it protects against two processes here that
 * would work on the same guest, and not against the loss of the machine. Entries are files in `data/`, written beside and
 * renamed; locks are files in `locks/` and live as long as the process that took them. Writes come one after another, under
 * a lock of the same kind.
 */
export class LocalRecord implements RecordStore {
  readonly label: string;
  readonly isShared = false;
  readonly #directory: string;
  readonly #holds = new Set<LocalHold>();

  private constructor(directory: string) {
    this.label = directory;
    this.#directory = directory;
  }

  /**
   * @param directory of this user alone; made where it is not there. Each cluster has a folder in it
   * @throws DroverError when it is another user's or another machine's, or others can read it
   */
  static async open(directory: string, clusterId: string): Promise<LocalRecord> {
    const own = join(directory, fileName(checkName(clusterId)));
    for (const path of [directory, own, join(own, "data"), join(own, "locks")]) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      const { uid, mode } = await stat(path);
      if (uid !== (process.getuid?.() ?? uid) || (mode & 0o077) !== 0) {
        throw new DroverError({ attempted: `keep a record in ${path}`, answer: "the directory is another user's, or others can read it", next: `chmod 700 ${path}, or name another` });
      }
    }
    await claimForMachine(own);
    return new LocalRecord(own);
  }

  async get(key: string): Promise<RecordEntry | undefined> {
    return this.#read(this.#dataFile(key));
  }

  list(prefix: string): Promise<readonly RecordEntry[]> {
    return this.#inTurn("read", async () => {
      const folder = join(this.#directory, "data");
      const entries: RecordEntry[] = [];
      for (const file of await readdir(folder)) {
        const entry = file.endsWith(".json") ? await this.#read(join(folder, file)) : undefined;
        if (entry?.key.startsWith(prefix) === true) entries.push(entry);
      }
      return entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    });
  }

  put(key: string, value: string, condition: WriteCondition = {}): Promise<number | undefined> {
    return this.#change(key, condition, async (file) => {
      const revision = await this.#nextRevision();
      await this.#replace(file, JSON.stringify({ key, value, revision }));
      return revision;
    });
  }

  async delete(key: string, condition: WriteCondition = {}): Promise<boolean> {
    return await this.#change(key, condition, async (file, present) => {
      if (present === undefined) return false;
      await rm(file);
      await syncFolder(join(this.#directory, "data"));
      return true;
    }) ?? false;
  }

  async acquire(name: string, holder: string): Promise<Hold | HeldBy> {
    const owner = await ourselves(holder, new Date(systemClock.nowMs()));
    const path = join(this.#directory, "locks", `${fileName(checkName(name))}.lock`);
    const other = await takeLock(path, owner);
    if (other !== undefined) return { heldBy: other.holder, since: other.since };
    const hold: LocalHold = new LocalHold(name, path, owner, () => { this.#holds.delete(hold); });
    this.#holds.add(hold);
    return hold;
  }

  async close(): Promise<void> {
    for (const hold of [...this.#holds]) await hold.release();
  }

  async #change<T>(key: string, { ifRevision, hold }: WriteCondition, make: (file: string, present: RecordEntry | undefined) => Promise<T>): Promise<T | undefined> {
    const file = this.#dataFile(key);
    if (hold !== undefined && !(hold instanceof LocalHold && hold.path.startsWith(join(this.#directory, "locks")))) throw new TypeError(`the lock ${hold.name} is of another record`);
    return this.#inTurn(`write ${key} to`, async () => {
      if (hold !== undefined && !await hold.isOurs()) return undefined;
      const present = await this.#read(file);
      if (ifRevision !== undefined && (present?.revision ?? 0) !== ifRevision) return undefined;
      return make(file, present);
    });
  }

  /** One at a time, over all processes. */
  #inTurn<T>(attempted: string, task: () => Promise<T>): Promise<T> {
    return turns.run([this.#directory], async () => {
      const path = join(this.#directory, "turn.lock");
      const owner = await ourselves(`process ${process.pid}`, new Date(systemClock.nowMs()));
      const startMs = performance.now();
      for (;;) {
        const other = await takeLock(path, owner);
        if (other === undefined) break;
        if (performance.now() - startMs > TURN_MS) {
          throw new DroverError({ attempted: `${attempted} the record`, host: this.label, answer: `${other.holder} is at it since ${other.since}`, next: "see what that process waits for" });
        }
        await systemClock.sleep(1 + Math.random() * 9);
      }
      try {
        return await task();
      } finally {
        await dropLock(path, owner);
      }
    });
  }

  /** Counted before it is used, so that none is given twice. */
  async #nextRevision(): Promise<number> {
    const file = join(this.#directory, "revision");
    const last = Number(await readIfThere(file) ?? 0);
    if (!Number.isSafeInteger(last)) throw this.#spoilt(file);
    await this.#replace(file, String(last + 1));
    return last + 1;
  }

  /** Whole or not at all, and after the loss of power too. */
  async #replace(file: string, content: string): Promise<void> {
    // Writers come one at a time: what is there under this name is left from one that died.
    await writeDurably(`${file}.new`, content);
    await rename(`${file}.new`, file);
    await syncFolder(join(file, ".."));
  }

  async #read(file: string): Promise<RecordEntry | undefined> {
    const content = await readIfThere(file);
    if (content === undefined) return undefined;
    const { key, value, revision } = fields(content);
    if (typeof key !== "string" || typeof value !== "string" || typeof revision !== "number") throw this.#spoilt(file);
    return { key, value, revision };
  }

  #dataFile(key: string): string {
    return join(this.#directory, "data", `${fileName(checkName(key))}.json`);
  }

  #spoilt(file: string): DroverError {
    return new DroverError({ attempted: "read the record", host: this.label, answer: `${file} was not written by drover`, next: "stop what uses this record, look at the file, and remove it" });
  }
}

/** A lock of this process. It is lost only where somebody removes its file, which is found out at the next guarded write. */
class LocalHold implements Hold {
  readonly name: string;
  readonly path: string;
  readonly #owner: LockOwner;
  readonly #ended: () => void;
  readonly #loss = new AbortController();

  constructor(name: string, path: string, owner: LockOwner, ended: () => void) {
    this.name = name;
    this.path = path;
    this.#owner = owner;
    this.#ended = ended;
  }

  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  async isOurs(): Promise<boolean> {
    if (this.#loss.signal.aborted) return false;
    if (!await isOurs(this.path, this.#owner)) this.#loss.abort(new Error(`the lock ${this.name} is lost: ${this.path} is not ours any more`));
    return !this.#loss.signal.aborted;
  }

  async release(): Promise<void> {
    if (!this.#loss.signal.aborted) this.#loss.abort(new Error(`the lock ${this.name} was released`));
    await dropLock(this.path, this.#owner);
    this.#ended();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A name as a file's: readable where it is short enough for one, else its digest. */
function fileName(name: string): string {
  const encoded = encodeURIComponent(name).replaceAll(".", "%2E");
  return encoded.length <= 150 ? encoded : `~${createHash("sha256").update(name).digest("hex")}`;
}
