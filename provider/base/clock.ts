import { setTimeout as delay } from "node:timers/promises";

/** Time as the code sees it; tests hand in their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One that also measures how long something lasted. */
export interface SteadyClock extends Clock {
  /** Milliseconds of a clock that never jumps. */
  monotonicMs(): number;
}

export const systemClock: SteadyClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
