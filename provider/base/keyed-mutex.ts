import { Mutex } from "async-mutex";

/**
 * One mutex for each key, such as (host, pool): tasks of one key run one after another, of different keys side by side.
 * @example await locks.run(["ash", "pool", uuid], () => conn.storageVolCreateXML(…))
 */
export class KeyedMutex {
  readonly #held = new Map<string, { readonly mutex: Mutex; users: number }>();

  async run<T>(key: readonly string[], task: () => Promise<T>): Promise<T> {
    const name = JSON.stringify(key);
    const entry = this.#held.get(name) ?? { mutex: new Mutex(), users: 0 };
    this.#held.set(name, entry);
    entry.users += 1;
    try {
      return await entry.mutex.runExclusive(task);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.#held.delete(name);
    }
  }
}
