import pRetry from "p-retry";

/** How often and how long something is tried again. */
export interface RetryOptions {
  /** Is this failure worth another try? */
  readonly when: (error: Error) => boolean;
  /** Tries after the first. Default 5. */
  readonly retries?: number;
  /** Wait before the second try, doubled each time, in milliseconds. Default 100. */
  readonly firstDelayMs?: number;
  /** The longest wait between two tries, in milliseconds. Default 5,000. */
  readonly maxDelayMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `attempt` until it succeeds, fails for good, or the tries are used up; then throws its last error. */
export function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  return pRetry(attempt, {
    retries: options.retries ?? 5,
    minTimeout: options.firstDelayMs ?? 100,
    maxTimeout: options.maxDelayMs ?? 5_000,
    shouldRetry: ({ error }) => options.when(error),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}
