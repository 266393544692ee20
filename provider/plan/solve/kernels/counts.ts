/**
 * Small counts by key, many tables of them: how many members of each group are in each domain. Only what is not 0 is kept, so
 * that thousands of groups over thousands of hosts take no more memory than they have members.
 *
 * Open addressing with linear probing; what becomes 0 is taken out, and what follows moves up.
 */
export class Counts {
  /** First place of each table. */
  readonly #start: Int32Array;
  /** Number of places of each table, a power of two, less one. */
  readonly #mask: Int32Array;
  /** Key + 1; 0 where a place is free. */
  readonly #keys: Int32Array;
  readonly #counts: Int32Array;

  /** @param most for each table, the most keys that it has at once */
  constructor(most: readonly number[]) {
    this.#start = new Int32Array(most.length);
    this.#mask = new Int32Array(most.length);
    let total = 0;
    for (const [table, keys] of most.entries()) {
      let size = 4;
      while (size < 2 * keys) size *= 2;
      this.#start[table] = total;
      this.#mask[table] = size - 1;
      total += size;
    }
    this.#keys = new Int32Array(total);
    this.#counts = new Int32Array(total);
  }

  get(table: number, key: number): number {
    return this.#counts[this.#find(table, key)] ?? 0;
  }

  /** Adds 1 or −1, and returns what the count is then. */
  add(table: number, key: number, sign: 1 | -1): number {
    const at = this.#find(table, key);
    const count = (this.#counts[at] ?? 0) + sign;
    this.#keys[at] = key + 1;
    this.#counts[at] = count;
    if (count === 0) this.#free(table, at);
    return count;
  }

  /** Where the key is, or would be. */
  #find(table: number, key: number): number {
    const start = this.#start[table] ?? 0;
    const mask = this.#mask[table] ?? 0;
    let place = home(key, mask);
    for (;;) {
      const found = this.#keys[start + place] ?? 0;
      if (found === key + 1 || found === 0) return start + place;
      place = (place + 1) & mask;
    }
  }

  /** Frees a place, and moves up those behind it that would no longer be found. */
  #free(table: number, at: number): void {
    const start = this.#start[table] ?? 0;
    const mask = this.#mask[table] ?? 0;
    let gap = at - start;
    for (let place = (gap + 1) & mask; (this.#keys[start + place] ?? 0) !== 0; place = (place + 1) & mask) {
      const wanted = home((this.#keys[start + place] ?? 0) - 1, mask);
      if (((place - wanted) & mask) < ((place - gap) & mask)) continue;
      this.#keys[start + gap] = this.#keys[start + place] ?? 0;
      this.#counts[start + gap] = this.#counts[start + place] ?? 0;
      gap = place;
    }
    this.#keys[start + gap] = 0;
    this.#counts[start + gap] = 0;
  }
}

/** Neighbouring keys go to distant places (Knuth's multiplicative hash). */
function home(key: number, mask: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 15) & mask;
}
