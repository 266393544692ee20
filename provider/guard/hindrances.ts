/** For so long a reason is taken to be the same: the planner may search long for it. */
const REASON_MS = 60_000;
/** For so long a guest whose move failed is not asked to move again. */
const MOVE_MS = 5 * 60_000;

/** What keeps guests waiting, remembered for a while. Times are of a clock that never jumps, in milliseconds. */
export class Hindrances {
  readonly #reasons = new Map<string, { readonly text: string; readonly foundMs: number }>();
  readonly #failedMs = new Map<string, number>();

  /** Why a guest waits. @param find is asked where that is not known of late */
  async why(uuid: string, nowMs: number, find: () => Promise<string>): Promise<string> {
    const known = this.#reasons.get(uuid);
    if (known !== undefined && nowMs - known.foundMs < REASON_MS) return known.text;
    const text = await find();
    this.#reasons.set(uuid, { text, foundMs: nowMs });
    return text;
  }

  /** A guest was to make room and could not be moved. @param name of its VM */
  moveFailed(name: string, nowMs: number): void {
    this.#failedMs.set(name, nowMs);
  }

  /** Guests that are left where they are, by their VMs' names, each with a text that follows the name. */
  unmovable(nowMs: number): ReadonlyMap<string, string> {
    return new Map([...this.#failedMs].filter(([, failedMs]) => nowMs - failedMs < MOVE_MS).map(([name]) => [name, "could not be moved a moment ago"]));
  }
}
