import { systemClock } from "../provider/base/clock.js";
import { DroverError } from "../provider/base/error.js";

/** Waits until a condition holds; gives up after `timeoutMs` with what was waited for. */
export async function waitFor(what: string, host: string, condition: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const startMs = systemClock.nowMs();
  while (!await condition()) {
    if (systemClock.nowMs() - startMs > timeoutMs) {
      throw new DroverError({ attempted: `wait for ${what}`, host, answer: `it did not come within ${timeoutMs / 1000} s` });
    }
    await systemClock.sleep(20);
  }
}
