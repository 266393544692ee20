import type { Condition } from "./detect.js";
import type { GuardSettings } from "./settings.js";

/** Why a lost host is not fenced now, in an operator's words; `undefined` when nothing speaks against it. */
export function whyNotFence(host: string, conditions: ReadonlyMap<string, Condition>, fencedAtMs: readonly number[], settings: GuardSettings, nowMs: number): string | undefined {
  const silent = [...conditions].filter(([, condition]) => condition === "lost" || condition === "suspect" || condition === "unseen").map(([name]) => name);
  // Whoever sees most of the others vanish is more likely cut off itself. Of two hosts, one is no majority.
  if (silent.length * 2 > conditions.size) return `${silent.length} of ${conditions.size} hosts are silent at once (${silent.join(", ")}): the fault is more likely nearer to this guard than to ${host}`;
  const recent = fencedAtMs.filter((atMs) => nowMs - atMs < settings.stormMinutes * 60_000);
  if (recent.length >= settings.mostFenced) return `${recent.length} ${recent.length === 1 ? "host was" : "hosts were"} fenced within the last ${settings.stormMinutes} min, which is the most that the settings allow`;
  return undefined;
}
