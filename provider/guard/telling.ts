import type { SteadyClock } from "../base/clock.js";
import type { Condition, Signs } from "./detect.js";
import type { EventKind, GuardEvent, Tell } from "./events.js";

/** The same trouble is told again after this time. */
const REPEAT_MS = 60_000;
/** Kinds that tell what is so, and not what happens. */
const STANDING: ReadonlySet<EventKind> = new Set<EventKind>(["work-waits", "guest-waits", "guest-given-up", "guest-twice", "guest-unknown", "fence-held-back", "fence-failed", "lease-held", "record-lost", "trouble", "balance-held-back", "host-troubled", "evacuation-held-back", "evacuation-failed"]);

/** Where a guard's events go. */
export interface TellingOptions {
  readonly id: string;
  readonly onEvent: (event: GuardEvent) => void;
  readonly clock: SteadyClock;
}

/** Tells what a guard sees and does: what happens each time, and what goes on only now and then. */
export class Telling {
  readonly #options: TellingOptions;
  readonly #told = new Map<string, { readonly text: string; readonly atMs: number }>();

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** What goes on and would be told at each look is told again only after a while. What happens is told each time. */
  readonly tell: Tell = (kind, text, about = {}) => {
    const key = JSON.stringify([kind, about.host, about.vm]);
    const before = this.#told.get(key);
    const nowMs = this.#options.clock.monotonicMs();
    if (STANDING.has(kind) && before?.text === text && nowMs - before.atMs < REPEAT_MS) return;
    this.#told.set(key, { text, atMs: nowMs });
    const { clock, onEvent, id } = this.#options;
    onEvent({ at: new Date(clock.nowMs()).toISOString(), guard: id, kind, ...about, text });
  };

  /** A host is in another condition than before. */
  condition(host: string, now: Condition, signs: Signs): void {
    this.tell(kindOf(now), wordsOf(now, signs), { host });
  }
}

function kindOf(condition: Condition): EventKind {
  return ({ unseen: "host-suspect", alive: "host-alive", ailing: "host-ailing", suspect: "host-suspect", lost: "host-lost" } as const)[condition];
}

function wordsOf(condition: Condition, signs: Signs): string {
  switch (condition) {
    case "alive": return "its libvirt answers";
    case "ailing": return `its libvirt is silent, and its machine lives (${signs.machine ?? "a moment ago"}): its guests are left where they are`;
    case "unseen": return signs.doubt !== undefined ? `nobody can tell whether it lives: ${signs.doubt.text}` : "it has not answered since this guard began";
    case "suspect": return signs.doubt !== undefined ? `its libvirt is silent, and nobody can tell whether its machine lives: ${signs.doubt.text}` : "nothing of it answers";
    case "lost": return "nothing of it has answered for so long that it is taken for lost";
  }
}
