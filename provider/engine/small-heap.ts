import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Keeps the provider process small. It lives for one run and makes much short-lived garbage (documents, messages), which V8
 * would let pile up: it lets the space for new objects grow to three times 16 MiB, and begins to clear the old ones at some
 * hundred MiB. Seen with 100 VMs: 121 MB over an idle process before, some 45 MB since, in the same time.
 */
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

/** So much more than after the last time is worth some 40 ms of clearing. */
const GROWTH_BYTES = 32 * 1024 ** 2;
let usedBytesAfter = getHeapStatistics().used_heap_size;

/** Called between the engine's calls: clears garbage where much has piled up. */
export function keepHeapSmall(): void {
  if (typeof collectGarbage !== "function" || getHeapStatistics().used_heap_size < usedBytesAfter + GROWTH_BYTES) return;
  Reflect.apply(collectGarbage, undefined, []);
  usedBytesAfter = getHeapStatistics().used_heap_size;
}
