import type { Reassignment } from "../reassign/problem.js";

/** What moves cost: each VM's own, its way, and the group that has most of its members elsewhere than they were. */
export class MovesKernel {
  readonly #problem: Reassignment;
  /** How many members of each group are elsewhere than they were. */
  readonly #moved: Int32Array;
  /** How many groups have so many moved members. */
  readonly #groupsWith: Int32Array;
  #most = 0;

  constructor(problem: Reassignment) {
    this.#problem = problem;
    this.#moved = new Int32Array(problem.groupCount);
    const members = new Int32Array(problem.groupCount);
    for (const group of problem.groupOf) members[group] = (members[group] ?? 0) + 1;
    this.#groupsWith = new Int32Array(members.reduce((a, b) => Math.max(a, b), 0) + 1);
    this.#groupsWith[0] = problem.groupCount;
  }

  /** What it costs that a VM is on a host. */
  at(vm: number, host: number): number {
    const { origin, moveCost, wayCost, wayWeight, hostCount } = this.#problem;
    const home = origin[vm] ?? 0;
    return (host === home ? 0 : (moveCost[vm] ?? 0)) + wayWeight * (wayCost[home * hostCount + host] ?? 0);
  }

  shift(vm: number, from: number, to: number): number {
    const home = this.#problem.origin[vm];
    return this.at(vm, to) - this.at(vm, from) + this.#groups(vm, turn(home, from, to), -1, 0);
  }

  swap(a: number, b: number, hostA: number, hostB: number): number {
    const { origin } = this.#problem;
    return this.at(a, hostB) - this.at(a, hostA) + this.at(b, hostA) - this.at(b, hostB)
      + this.#groups(a, turn(origin[a], hostA, hostB), b, turn(origin[b], hostB, hostA));
  }

  move(vm: number, from: number, to: number): void {
    const change = turn(this.#problem.origin[vm], from, to);
    if (change === 0) return;
    const group = this.#problem.groupOf[vm] ?? 0;
    const before = this.#moved[group] ?? 0;
    const after = before + change;
    this.#moved[group] = after;
    this.#groupsWith[before] = (this.#groupsWith[before] ?? 0) - 1;
    this.#groupsWith[after] = (this.#groupsWith[after] ?? 0) + 1;
    if (after > this.#most) this.#most = after;
    else if (this.#groupsWith[this.#most] === 0) this.#most -= 1;
  }

  /** What the groups cost: the VMs' own costs are the sum of {@link at}. */
  groupCost(): number {
    return this.#problem.groupMoveWeight * this.#most;
  }

  #groups(a: number, changeA: number, b: number, changeB: number): number {
    if (changeA === 0 && changeB === 0) return 0;
    const { groupOf, groupMoveWeight } = this.#problem;
    const groupA = groupOf[a] ?? 0;
    const groupB = b < 0 ? -1 : (groupOf[b] ?? 0);
    const most = this.#most;
    const movedA = this.#moved[groupA] ?? 0;
    if (groupA === groupB || groupB < 0 || changeB === 0) return groupMoveWeight * (this.#mostWith(movedA, movedA + changeA + (groupA === groupB ? changeB : 0)) - most);
    const movedB = this.#moved[groupB] ?? 0;
    if (changeA === 0) return groupMoveWeight * (this.#mostWith(movedB, movedB + changeB) - most);
    // Groups at the top besides these two.
    const others = (this.#groupsWith[most] ?? 0) - (movedA === most ? 1 : 0) - (movedB === most ? 1 : 0);
    const highest = Math.max(movedA + changeA, movedB + changeB);
    return groupMoveWeight * (others > 0 || highest >= most ? Math.max(most, highest) - most : -1);
  }

  /** The largest number once one group has another. */
  #mostWith(before: number, after: number): number {
    if (after >= this.#most) return after;
    let most = this.#most;
    for (; most > after && (this.#groupsWith[most] ?? 0) - (before === most ? 1 : 0) === 0; most -= 1);
    return most;
  }
}

/** 1 for a VM that leaves its home, −1 for one that comes back. */
function turn(home: number | undefined, from: number, to: number): number {
  return from === home ? 1 : to === home ? -1 : 0;
}
