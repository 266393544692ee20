/** A wall-clock limit on searching. What it cuts short depends on the machine, and says so. */
export class TimeLimit {
  readonly #end: number;
  #wasUp = false;

  /** @param seconds absent: none, and the clock is never looked at */
  constructor(seconds?: number) {
    this.#end = seconds === undefined ? Infinity : performance.now() + seconds * 1000;
  }

  /** Is it over? Whoever asks stops searching when it is. */
  isUp(): boolean {
    if (this.#end === Infinity) return false;
    this.#wasUp ||= performance.now() >= this.#end;
    return this.#wasUp;
  }

  /** Has it cut anything short? */
  get wasUp(): boolean {
    return this.#wasUp;
  }
}
