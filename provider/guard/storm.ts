import type { Condition } from "./detect.js";
import type { GuardSettings } from "./settings.js";

const SILENT: ReadonlySet<Condition> = new Set<Condition>(["lost", "suspect", "unseen"]);

/**
 * Hosts of which nothing answers, among those that ought to.
 * @param isExpected false for a host in maintenance, or one that is proved to be dead: its silence says nothing of anybody else
 */
export function silence(conditions: ReadonlyMap<string, Condition>, isExpected: (host: string) => boolean): { readonly silent: readonly string[]; readonly of: number; readonly isMost: boolean } {
  // A host that answers tells that the way to it is well, whatever else it is.
  const counted = [...conditions].filter(([name, condition]) => !SILENT.has(condition) || isExpected(name));
  const silent = counted.filter(([, condition]) => SILENT.has(condition)).map(([name]) => name);
  return { silent, of: counted.length, isMost: silent.length * 2 > counted.length };
}

/** Why a lost host is not fenced now, in an operator's words; `undefined` when nothing speaks against it. */
export function whyNotFence(host: string, conditions: ReadonlyMap<string, Condition>, isExpected: (host: string) => boolean, fencedAtMs: readonly number[], settings: GuardSettings, nowMs: number): string | undefined {
  // Whoever sees most of the others vanish is more likely cut off itself. Of two hosts, one is no majority.
  const { silent, of, isMost } = silence(conditions, (name) => name === host || isExpected(name));
  if (isMost) return `${silent.length} of ${of} hosts are silent at once (${silent.join(", ")}): the fault is more likely nearer to this guard than to ${host}`;
  // A stamp of the future is another clock's, and would hold for as long as that was wrong.
  const recent = fencedAtMs.filter((atMs) => atMs <= nowMs && nowMs - atMs < settings.stormMinutes * 60_000);
  if (recent.length >= settings.mostFenced) return `${recent.length} ${recent.length === 1 ? "host was" : "hosts were"} fenced within the last ${settings.stormMinutes} min, which is the most that the settings allow`;
  return undefined;
}
