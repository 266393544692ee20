import type { Life } from "../inventory/signs.js";
import type { GuardSettings } from "./settings.js";

/** What one look at a host came to. */
export interface Signs {
  /** Its libvirt answered. */
  readonly libvirt: boolean;
  /** What else of the machine answered, in words: "it takes connections"; `undefined` for nothing. Only asked for where libvirt is silent. */
  readonly machine: string | undefined;
  /** Why nobody could be asked, which is no sign of life and none of death. */
  readonly doubt?: Pick<Life, "text"> & { readonly is: "unresolved" | "unknown" };
}

/** Its libvirt answers: nothing else is asked. */
export const ANSWERS: Signs = { libvirt: true, machine: undefined };

/** What is made of a machine whose libvirt is silent. */
export function signsOf({ is, text }: Life): Signs {
  const machine = is === "lives" ? text : undefined;
  return is === "unresolved" || is === "unknown" ? { libvirt: false, machine, doubt: { is, text } } : { libvirt: false, machine };
}

/**
 * - `unseen`: it has not answered since this guard began, and the grace is not over.
 * - `alive`: its libvirt answers, or was silent for a moment only.
 * - `ailing`: its machine answers and its libvirt does not. Its guests may well go on: never a reason to cut its power.
 * - `suspect`: nothing of it answers.
 * - `lost`: nothing of it has answered for so long that it is to be fenced. That is no proof that it is dead.
 */
export type Condition = "unseen" | "alive" | "ailing" | "suspect" | "lost";

/** Judges one host by what is seen of it over time. Pure: the time comes from outside, in milliseconds of a clock that never jumps. */
export class Watched {
  readonly #settings: GuardSettings;
  /** For the grace, which is a guard's once. */
  readonly #startedMs: number;
  /** From when on its silence counts, where it gave no sign since. */
  #sinceMs: number;
  #wasSeen = false;
  #libvirtMs: number | undefined;
  #machineMs: number | undefined;
  #ailingMs: number | undefined;

  constructor(settings: GuardSettings, nowMs: number) {
    this.#settings = settings;
    this.#startedMs = nowMs;
    this.#sinceMs = nowMs;
  }

  /** Takes a look in, and judges. */
  observe(signs: Signs, nowMs: number): Condition {
    // Where names have no addresses, what falls silent on a connection that was made before is silent all the same.
    if (signs.doubt?.is === "unknown" || (signs.doubt !== undefined && !this.#wasSeen)) this.#sinceMs = nowMs;
    if (signs.libvirt) this.#libvirtMs = nowMs;
    if (signs.libvirt || signs.machine !== undefined) {
      this.#machineMs = nowMs;
      this.#wasSeen = true;
    }
    const condition = this.judge(nowMs);
    this.#ailingMs = condition === "ailing" ? this.#ailingMs ?? nowMs : undefined;
    return condition;
  }

  judge(nowMs: number): Condition {
    const { suspectSeconds, lostSeconds, graceSeconds } = this.#settings;
    if (nowMs - (this.#libvirtMs ?? Number.NEGATIVE_INFINITY) < suspectSeconds * 1000) return "alive";
    if (nowMs - (this.#machineMs ?? Number.NEGATIVE_INFINITY) < suspectSeconds * 1000) return "ailing";
    if (nowMs - this.#startedMs < graceSeconds * 1000) return this.#wasSeen ? "suspect" : "unseen";
    return this.silentSeconds(nowMs) < lostSeconds ? "suspect" : "lost";
  }

  /** Nobody looked for a while, or whoever looked saw nothing of anybody: what was not observed is no silence of the host's. */
  restartSilence(nowMs: number): void {
    if (this.judge(nowMs) === "alive") return;
    this.#sinceMs = nowMs;
    this.#machineMs = undefined;
  }

  /** For how long nothing of it has answered, as far as was observed. */
  silentSeconds(nowMs: number): number {
    return (nowMs - Math.max(this.#machineMs ?? this.#sinceMs, this.#sinceMs)) / 1000;
  }

  /** How long its machine has answered while its libvirt did not; 0 where it is not so. */
  ailingSeconds(nowMs: number): number {
    return this.#ailingMs === undefined ? 0 : (nowMs - this.#ailingMs) / 1000;
  }
}
