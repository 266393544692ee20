/**
 * Who may work on a pool at a time: any number of tasks on its volumes side by side, or one refresh alone, for libvirt's
 * refresh forgets and reads again what such tasks are about to use.
 */
export class PoolGate {
  readonly #working = new Set<Promise<unknown>>();
  #refreshing: Promise<unknown> | undefined;

  /** Runs a task on volumes once no refresh runs; the next refresh waits for its end. It must not refresh itself. */
  async work<T>(task: () => Promise<T>): Promise<T> {
    while (this.#refreshing !== undefined) await this.#refreshing;
    const running = task();
    // Whether it succeeds is its caller's affair.
    const ended = running.then(() => {}, () => {});
    this.#working.add(ended);
    try {
      return await running;
    } finally {
      this.#working.delete(ended);
    }
  }

  /** Runs a refresh once all tasks have ended; tasks that come meanwhile wait. */
  async alone<T>(refresh: () => Promise<T>): Promise<T> {
    while (this.#refreshing !== undefined) await this.#refreshing;
    const running = Promise.all(this.#working).then(refresh);
    this.#refreshing = running.then(() => {}, () => {});
    try {
      return await running;
    } finally {
      this.#refreshing = undefined;
    }
  }
}
