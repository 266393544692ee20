import type { Reassignment } from "../reassign/problem.js";

/** Hard: wherever a group has a member, each group that it needs has one in the same neighbourhood. */
export class DependencyKernel {
  readonly #neighbourhoodOf: Int32Array;
  readonly #groupOf: Int32Array;
  readonly #width: number;
  /** Members of group g in neighbourhood n at `g * width + n`. */
  readonly #counts: Int32Array;
  readonly #needs: readonly Int32Array[];
  readonly #neededBy: readonly Int32Array[];
  /** Groups that need another or are needed. */
  readonly #isBound: Uint8Array;

  constructor(problem: Reassignment) {
    this.#neighbourhoodOf = problem.neighbourhoodOf;
    this.#groupOf = problem.groupOf;
    this.#width = problem.neighbourhoodCount;
    this.#needs = problem.needs;
    const neededBy = problem.needs.map((): number[] => []);
    for (const [g, needs] of problem.needs.entries()) for (const needed of needs) neededBy[needed]?.push(g);
    this.#neededBy = neededBy.map((groups) => Int32Array.from(groups));
    this.#isBound = Uint8Array.from(problem.needs, (needs, g) => (needs.length > 0 || (neededBy[g]?.length ?? 0) > 0 ? 1 : 0));
    this.#counts = new Int32Array(problem.groupCount * this.#width);
    for (let vm = 0; vm < problem.vmCount; vm += 1) this.#add(problem.groupOf[vm] ?? 0, problem.neighbourhoodOf[problem.origin[vm] ?? 0] ?? 0, 1);
  }

  /** Is there anything to keep? */
  static isNeeded(problem: Reassignment): boolean {
    return problem.neighbourhoodCount > 1 && problem.needs.some((needs) => needs.length > 0);
  }

  /** Groups that lack one that they need, counted for each neighbourhood. */
  violations(): number {
    let missing = 0;
    for (const [g, needs] of this.#needs.entries()) {
      for (let n = 0; n < this.#width; n += 1) {
        if (this.#count(g, n) > 0) for (const needed of needs) if (this.#count(needed, n) === 0) missing += 1;
      }
    }
    return missing;
  }

  allowsShift(vm: number, from: number, to: number): boolean {
    const group = this.#groupOf[vm] ?? 0;
    if (this.#isBound[group] === 0) return true;
    const left = this.#neighbourhoodOf[from] ?? 0;
    const entered = this.#neighbourhoodOf[to] ?? 0;
    if (left === entered) return true;
    for (const needed of this.#needs[group] ?? NONE) if (needed !== group && this.#count(needed, entered) === 0) return false;
    if (this.#count(group, left) > 1) return true;
    for (const dependent of this.#neededBy[group] ?? NONE) if (dependent !== group && this.#count(dependent, left) > 0) return false;
    return true;
  }

  allowsSwap(a: number, b: number, hostA: number, hostB: number): boolean {
    const groupA = this.#groupOf[a] ?? 0;
    const groupB = this.#groupOf[b] ?? 0;
    if (groupA === groupB || (this.#isBound[groupA] === 0 && this.#isBound[groupB] === 0)) return true;
    const placeA = this.#neighbourhoodOf[hostA] ?? 0;
    const placeB = this.#neighbourhoodOf[hostB] ?? 0;
    if (placeA === placeB) return true;
    // One may need what the other takes along: both go, and it is looked at what is then.
    this.#exchange(groupA, groupB, placeA, placeB);
    const holds = this.#holds(groupA, placeB) && this.#holds(groupB, placeA) && this.#isNotMissed(groupA, placeA) && this.#isNotMissed(groupB, placeB);
    this.#exchange(groupA, groupB, placeB, placeA);
    return holds;
  }

  move(vm: number, from: number, to: number): void {
    const group = this.#groupOf[vm] ?? 0;
    this.#add(group, this.#neighbourhoodOf[from] ?? 0, -1);
    this.#add(group, this.#neighbourhoodOf[to] ?? 0, 1);
  }

  #exchange(groupA: number, groupB: number, placeA: number, placeB: number): void {
    this.#add(groupA, placeA, -1);
    this.#add(groupA, placeB, 1);
    this.#add(groupB, placeB, -1);
    this.#add(groupB, placeA, 1);
  }

  #holds(group: number, place: number): boolean {
    for (const needed of this.#needs[group] ?? NONE) if (this.#count(needed, place) === 0) return false;
    return true;
  }

  #isNotMissed(group: number, place: number): boolean {
    if (this.#count(group, place) > 0) return true;
    for (const dependent of this.#neededBy[group] ?? NONE) if (this.#count(dependent, place) > 0) return false;
    return true;
  }

  #count(group: number, place: number): number {
    return this.#counts[group * this.#width + place] ?? 0;
  }

  #add(group: number, place: number, sign: number): void {
    const at = group * this.#width + place;
    this.#counts[at] = (this.#counts[at] ?? 0) + sign;
  }
}

const NONE = new Int32Array(0);
