import { systemClock, type SteadyClock } from "../../base/clock.js";
import { fields } from "../../record/content.js";
import type { RecordStore } from "../../record/store.js";

/** Where the record has what each guard sees, by the guard's name. */
export const VIEWS_PREFIX = "views/";

/** What a guard sees, as it is kept in the record. */
export interface GuardView {
  /** Grows with each writing, or nobody could tell one that goes on seeing the same from one that is gone. */
  readonly count: number;
  /** Hosts of which something answered it of late. */
  readonly answering: readonly string[];
  /** A view that does not change for so long is that of a guard that is gone. */
  readonly staleSeconds: number;
}

/** `undefined` for what no guard wrote, or one of another version: it says nothing. */
export function parseView(text: string): GuardView | undefined {
  const { count, answering, staleSeconds } = fields(text);
  if (typeof count !== "number" || typeof staleSeconds !== "number" || !Array.isArray(answering) || !answering.every((name) => typeof name === "string")) return undefined;
  return { count, answering, staleSeconds };
}

const POLL_MS = 1_000;

/**
 * A guard that hears a host at this moment: where a view says so, it is waited for until it changes, for a guard that is gone (with that
 * very host, perhaps) leaves its last one behind.
 * @returns the guard's name; `undefined` where no guard that works hears it
 * @throws DroverError when the record does not answer
 */
export async function guardThatHears(store: RecordStore, host: string, clock: SteadyClock = systemClock): Promise<string | undefined> {
  const hearing = async (): Promise<Map<string, GuardView>> => new Map((await store.list(VIEWS_PREFIX)).flatMap(({ key, value }) => {
    const view = parseView(value);
    return view?.answering.includes(host) === true ? [[key.slice(VIEWS_PREFIX.length), view] as const] : [];
  }));
  const first = await hearing();
  const endMs = clock.monotonicMs() + Math.max(0, ...[...first.values()].map(({ staleSeconds }) => staleSeconds)) * 1000;
  for (let views = first; views.size > 0 && clock.monotonicMs() <= endMs; views = await hearing()) {
    const changed = [...views].find(([name, { count }]) => first.get(name)?.count !== count);
    if (changed !== undefined) return changed[0];
    await clock.sleep(POLL_MS);
  }
  return undefined;
}
