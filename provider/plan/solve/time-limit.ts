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

  /** For another thread, whose clock has another beginning: how long is left; nothing where there is no limit. */
  left(): { readonly seconds?: number } {
    return this.#end === Infinity ? {} : { seconds: Math.max(0, this.#end - performance.now()) / 1000 };
  }

  /** Has it cut anything short? */
  get wasUp(): boolean {
    return this.#wasUp;
  }
}
