import type { Reassignment } from "../reassign/problem.js";

/** Hard: members of a group are on distinct hosts, and in at least so many locations. A byte for each group and host. */
export class ApartKernel {
  readonly #groupOf: Int32Array;
  readonly #locationOf: Int32Array;
  readonly #hostCount: number;
  readonly #locationCount: number;
  /** Row of each group in {@link #on}; −1 for a group of one. */
  readonly #row: Int32Array;
  /** How many members of a group are on a host. */
  readonly #on: Uint8Array;
  /** Row of each group in {@link #in}; −1 where any location will do. */
  readonly #spreadRow: Int32Array;
  readonly #in: Int32Array;
  /** Locations that each group has beyond what it must have. */
  readonly #beyond: Int32Array;

  constructor(problem: Reassignment) {
    this.#groupOf = problem.groupOf;
    this.#locationOf = problem.locationOf;
    this.#hostCount = problem.hostCount;
    this.#locationCount = problem.locationCount;
    const members = new Int32Array(problem.groupCount);
    for (const group of problem.groupOf) members[group] = (members[group] ?? 0) + 1;
    let rows = 0;
    this.#row = members.map((count) => (count > 1 ? rows++ : -1));
    this.#on = new Uint8Array(rows * problem.hostCount);
    let spreadRows = 0;
    this.#spreadRow = problem.leastLocations.map((least) => (least > 1 ? spreadRows++ : -1));
    this.#in = new Int32Array(spreadRows * problem.locationCount);
    this.#beyond = problem.leastLocations.map((least) => -least);
    for (let vm = 0; vm < problem.vmCount; vm += 1) this.#add(this.#groupOf[vm] ?? 0, problem.origin[vm] ?? 0, 1);
  }

  /** Members that share a host with another, and locations that are missing. */
  violations(): number {
    let wrong = 0;
    for (const count of this.#on) if (count > 1) wrong += count - 1;
    for (const [group, row] of this.#spreadRow.entries()) if (row >= 0) wrong += Math.max(0, -(this.#beyond[group] ?? 0));
    return wrong;
  }

  /** Is nobody of its group there? */
  isFree(vm: number, host: number): boolean {
    const row = this.#row[this.#groupOf[vm] ?? 0] ?? -1;
    return row < 0 || this.#on[row * this.#hostCount + host] === 0;
  }

  /** Is its group still in enough locations afterwards? */
  staysSpread(vm: number, from: number, to: number): boolean {
    const group = this.#groupOf[vm] ?? 0;
    const row = this.#spreadRow[group] ?? -1;
    if (row < 0 || (this.#beyond[group] ?? 0) > 0) return true;
    const left = this.#locationOf[from] ?? 0;
    const entered = this.#locationOf[to] ?? 0;
    const base = row * this.#locationCount;
    return left === entered || (this.#in[base + left] ?? 0) > 1 || this.#in[base + entered] === 0;
  }

  move(vm: number, from: number, to: number): void {
    const group = this.#groupOf[vm] ?? 0;
    this.#add(group, from, -1);
    this.#add(group, to, 1);
  }

  #add(group: number, host: number, sign: number): void {
    const row = this.#row[group] ?? -1;
    if (row >= 0) this.#on[row * this.#hostCount + host] = (this.#on[row * this.#hostCount + host] ?? 0) + sign;
    const spread = this.#spreadRow[group] ?? -1;
    if (spread < 0) return;
    const at = spread * this.#locationCount + (this.#locationOf[host] ?? 0);
    const before = this.#in[at] ?? 0;
    this.#in[at] = before + sign;
    if (before === 0) this.#beyond[group] = (this.#beyond[group] ?? 0) + 1;
    else if (before + sign === 0) this.#beyond[group] = (this.#beyond[group] ?? 0) - 1;
  }
}
