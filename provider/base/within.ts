import { systemClock, type Clock } from "./clock.js";

/**
 * Waits for a task, and no longer than so; the task itself goes on, and what comes of it late is of no more interest.
 * @param late the error to end with when time is up
 * @param options.signal ends the waiting, with its reason
 * @example await within(2_000, stateOf(host, domain), () => new Error("no answer within 2 s"))
 */
export async function within<T>(timeoutMs: number, task: Promise<T>, late: () => Error, { clock = systemClock, signal }: { readonly clock?: Pick<Clock, "sleep">; readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
  const done = new AbortController();
  const expiry = clock.sleep(timeoutMs, signal === undefined ? done.signal : AbortSignal.any([done.signal, signal])).then(() => { throw late(); });
  task.catch(() => {});
  expiry.catch(() => {});
  try {
    return await Promise.race([task, expiry]);
  } finally {
    done.abort(new Error("it ended"));
  }
}
