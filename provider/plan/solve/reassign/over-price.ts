/** What a unit beyond capacity costs at first, and at least, in units of load cost. */
const LEAST = 1;
/** How it grows while too much is over, and falls while it is not. */
const GROWTH = 1.05;
const FALL = 0.99;
/** At the beginning, where it is far from what it must be, and at the end, where nothing may be left. */
const FIRST_GROWTH = 1.2;
const LAST_GROWTH = 1.2;
const FIRST_PART = 0.1;
const LAST_PART = 0.9375;
/** How much may be over in the beginning for its load to cost as much as the temperature; less and less, and nothing from that part on. */
const TOLERANCE = 4;
const TOLERANT_PART = 0.7;
/** More than so many times the tolerance is far too much. */
const FAR = 4;
/** Where so much does not help, what is overfull can not become less one move after another: the price falls, and rises again. */
const MOST = 3e3;
const RELIEF = 100;

/**
 * The price of a unit beyond capacity. It is steered so that little is over, not nothing: a price at which no small VM ever goes
 * where it does not fit walls the large ones in. What is little falls with the temperature, and is nothing in the last part.
 */
export class OverPrice {
  /** A whole number. */
  value: number;
  /** How many times in a row too much was over. */
  tooMuch = 0;
  /** How many times since then it was as high as it gets, in vain. */
  vain = 0;
  readonly #unit: number;

  /** @param unit weight of a unit of load */
  constructor(unit: number) {
    this.#unit = unit;
    this.value = LEAST * unit;
  }

  /** Sets it anew, for how much is over and which part of the search is done (0 to 1). */
  steer(over: number, temperature: number, part: number): void {
    const tolerated = TOLERANCE * Math.max(0, 1 - part / TOLERANT_PART) * temperature / this.#unit;
    if (over <= tolerated) {
      this.tooMuch = 0;
      this.vain = 0;
      this.value = Math.max(LEAST * this.#unit, Math.floor(this.value * FALL));
      return;
    }
    this.tooMuch += 1;
    const growth = part >= LAST_PART ? LAST_GROWTH : part < FIRST_PART && over > FAR * tolerated ? FIRST_GROWTH : GROWTH;
    const raised = Math.ceil(this.value * growth);
    const isVain = raised > MOST * this.#unit;
    if (isVain) this.vain += 1;
    this.value = isVain ? Math.ceil(raised / RELIEF) : raised;
  }
}
