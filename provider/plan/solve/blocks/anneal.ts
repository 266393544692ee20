import type { Random } from "../random.js";
import { threshold } from "./threshold.js";
import type { BlockMove, BlockPart, BlockProblem } from "./problem.js";

/** Moves after which as many blocks are free as was found, by simulated annealing over where the VMs end up. */
export function annealBlocks(problem: BlockProblem, random: Random, tries: number): BlockMove[] {
  const state = new Annealing(problem, random);
  for (let step = 0; step < TEMPERATURES; step += 1) state.run(tries / TEMPERATURES, HOTTEST + ((COLDEST - HOTTEST) * step) / (TEMPERATURES - 1));
  return state.best();
}

/** In cores, of a block of 16; they grow with the block. */
const HOTTEST = 4;
const COLDEST = 0.4;
const TEMPERATURES = 512;
/** What a move costs, and one beyond the limit: less than what it brings, and more. */
const MOVE = 1.5;
const BEYOND = 10;
/** How much a part of a block costs that is neither small nor nearly whole, at most: a way to whole blocks leads over it. */
const HUMP = 2;
/** One change in so many begins with a VM that has moved. */
const AGAIN = 3;

class Annealing {
  readonly #problem: BlockProblem;
  readonly #random: Random;
  readonly #free: Int32Array;
  /** What has come to each cell. */
  readonly #cameCores: Int32Array;
  readonly #cameMib: Float64Array;
  readonly #cost: Float64Array;
  /** Cells of each VM's parts now, and where it was. */
  readonly #cells: (readonly number[])[];
  readonly #home: readonly (readonly number[])[];
  readonly #candidates: readonly number[];
  /** Groups of cells where each VM fits into what is free at the beginning. */
  readonly #slots: readonly (readonly (readonly number[])[])[];
  readonly #moved: number[] = [];
  readonly #movedAt: Int32Array;
  /** VMs of the same parts, one of which may go instead of another. */
  readonly #alike: readonly (readonly number[])[];
  #blocks = 0;
  #most: { readonly blocks: number; readonly moves: readonly BlockMove[] };

  constructor(problem: BlockProblem, random: Random) {
    this.#problem = problem;
    this.#random = random;
    const { block, cells, vms } = problem;
    this.#free = Int32Array.from(cells, ({ freeCores }) => freeCores);
    this.#cameCores = new Int32Array(cells.length);
    this.#cameMib = new Float64Array(cells.length);
    const largest = Math.max(0, ...cells.map(({ cores }) => cores));
    this.#cost = Float64Array.from({ length: largest + 1 }, (_, free) => {
      const rest = free % block;
      return ((rest * (block - rest) * 4 * HUMP) / (block * block) - 16 * Math.floor(free / block));
    });
    this.#home = vms.map(({ parts }) => parts.map(({ cell }) => cell));
    this.#cells = [...this.#home];
    this.#movedAt = new Int32Array(vms.length).fill(-1);
    const groups = new Map<string, { readonly vms: number[]; readonly slots: readonly (readonly number[])[] }>();
    const groupOf = vms.map(({ parts }) => {
      const key = parts.map(({ cores, mib }) => `${cores} ${mib}`).join();
      const group = groups.get(key) ?? { vms: [], slots: slotsOf(problem, parts) };
      groups.set(key, group);
      return group;
    });
    this.#slots = groupOf.map(({ slots }) => slots);
    this.#alike = groupOf.map((group) => group.vms);
    const movable = [...vms.keys()].filter((vm) => vms[vm]?.isMovable === true && (groupOf[vm]?.slots.length ?? 0) > 0);
    for (const vm of movable) groupOf[vm]?.vms.push(vm);
    // Whole blocks are seldom made of cells that have nothing free: VMs of the others are tried first, but not only.
    const near = movable.filter((vm) => this.#home[vm]?.some((cell) => (cells[cell]?.freeCores ?? 0) > 0));
    this.#candidates = [...movable, ...near, ...near, ...near, ...near];
    for (const free of this.#free) this.#blocks += Math.floor(free / block);
    this.#most = { blocks: this.#blocks, moves: [] };
  }

  best(): BlockMove[] {
    return [...this.#most.moves];
  }

  run(tries: number, temperature: number): void {
    if (this.#candidates.length === 0) return;
    for (let count = 0; count < tries; count += 1) {
      const kind = this.#random.below(AGAIN * 3);
      const again = this.#moved[this.#random.below(this.#moved.length || 1)];
      if (again === undefined || kind > 2) {
        const vm = this.#candidates[this.#random.below(this.#candidates.length)] ?? 0;
        if (this.#movedAt[vm] === -1) this.#try(vm, this.#anySlot(vm), temperature);
      } else if (kind === 0) this.#try(again, this.#home[again], temperature);
      else if (kind === 1) this.#try(again, this.#anySlot(again), temperature);
      else this.#exchange(again, temperature);
    }
  }

  #anySlot(vm: number): readonly number[] | undefined {
    const slots = this.#slots[vm] ?? [];
    return slots[this.#random.below(slots.length || 1)];
  }

  /** Puts a VM elsewhere where that is better, or not too much worse. */
  #try(vm: number, to: readonly number[] | undefined, temperature: number): void {
    const from = this.#cells[vm];
    if (to === undefined || from === undefined || !this.#fits(vm, to)) return;
    const change = this.#put(vm, to);
    if (change <= 0 || change <= threshold(this.#random, temperature)) this.#note();
    else this.#put(vm, from);
  }

  /** A VM goes home, and another one like it comes in its place. */
  #exchange(vm: number, temperature: number): void {
    const others = this.#alike[vm] ?? [];
    const other = others[this.#random.below(others.length || 1)];
    const place = this.#cells[vm];
    const home = this.#home[vm];
    if (other === undefined || place === undefined || home === undefined || this.#movedAt[other] !== -1) return;
    const homeOfOther = this.#home[other] ?? [];
    let change = this.#put(vm, home);
    if (this.#fits(other, place)) {
      change += this.#put(other, place);
      if (change <= 0 || change <= threshold(this.#random, temperature)) {
        this.#note();
        return;
      }
      this.#put(other, homeOfOther);
    }
    this.#put(vm, place);
  }

  #fits(vm: number, to: readonly number[]): boolean {
    const { cells, vms } = this.#problem;
    const home = this.#home[vm];
    const now = this.#cells[vm];
    if (now === undefined || now[0] === to[0]) return false;
    const isHome = home?.[0] === to[0];
    const host = cells[to[0] ?? -1]?.host;
    if (!isHome && host === cells[home?.[0] ?? -1]?.host) return false;
    for (let p = 0; p < to.length; p += 1) {
      const cell = to[p] ?? 0;
      const part = vms[vm]?.parts[p];
      const room = cells[cell];
      if (part === undefined || room === undefined) return false;
      // What it has on a cell of the same host now is not counted against it twice; that is rare and small, and refused.
      if ((this.#free[cell] ?? 0) < part.cores) return false;
      if (!isHome && ((this.#cameCores[cell] ?? 0) + part.cores > room.freeCores || (this.#cameMib[cell] ?? 0) + part.mib > room.freeMib)) return false;
    }
    return true;
  }

  /** Puts a VM there, and tells the change of the cost. */
  #put(vm: number, to: readonly number[]): number {
    const { vms, mostMoves } = this.#problem;
    const home = this.#home[vm] ?? [];
    const from = this.#cells[vm] ?? home;
    const wasMoved = this.#movedAt[vm] !== -1;
    const isMoved = to !== home;
    const before = this.#moved.length;
    let change = 0;
    for (const [p, { cores, mib }] of (vms[vm]?.parts ?? []).entries()) {
      change += this.#shift(from[p] ?? 0, cores, wasMoved, mib) + this.#shift(to[p] ?? 0, -cores, isMoved, -mib);
    }
    this.#cells[vm] = to;
    if (isMoved && !wasMoved) this.#movedAt[vm] = this.#moved.push(vm) - 1;
    if (!isMoved && wasMoved) this.#forget(vm);
    const after = this.#moved.length;
    return change + MOVE * (after - before) + BEYOND * (Math.max(0, after - mostMoves) - Math.max(0, before - mostMoves));
  }

  #shift(cell: number, cores: number, isGuest: boolean, mib: number): number {
    const { block } = this.#problem;
    const before = this.#free[cell] ?? 0;
    const after = before + cores;
    this.#free[cell] = after;
    this.#blocks += Math.floor(after / block) - Math.floor(before / block);
    if (isGuest) {
      this.#cameCores[cell] = (this.#cameCores[cell] ?? 0) - cores;
      this.#cameMib[cell] = (this.#cameMib[cell] ?? 0) - mib;
    }
    return (this.#cost[after] ?? 0) - (this.#cost[before] ?? 0);
  }

  #forget(vm: number): void {
    const at = this.#movedAt[vm] ?? 0;
    const last = this.#moved.pop();
    if (last !== undefined && last !== vm) {
      this.#moved[at] = last;
      this.#movedAt[last] = at;
    }
    this.#movedAt[vm] = -1;
  }

  #note(): void {
    const { blocks, moves } = this.#most;
    if (this.#moved.length > this.#problem.mostMoves || this.#blocks < blocks || (this.#blocks === blocks && this.#moved.length >= moves.length)) return;
    this.#most = { blocks: this.#blocks, moves: [...this.#moved].sort((a, b) => a - b).map((vm) => ({ vm, cells: this.#cells[vm] ?? [] })) };
  }
}

/** All groups of cells of one active host, each in ascending order, where a VM of these parts fits. */
function slotsOf({ cells, isActive }: BlockProblem, parts: readonly BlockPart[]): number[][] {
  const of = isActive.map((): number[] => []);
  for (const [cell, { host }] of cells.entries()) if (isActive[host] === true) of[host]?.push(cell);
  const choose = (from: readonly number[], [part, ...rest]: readonly BlockPart[]): number[][] =>
    part === undefined ? [[]] : from.flatMap((cell, index) => {
      const room = cells[cell];
      return room === undefined || room.freeCores < part.cores || room.freeMib < part.mib ? [] : choose(from.slice(index + 1), rest).map((others) => [cell, ...others]);
    });
  return of.flatMap((own) => choose(own, parts)).filter((slot) => slot.length > 0);
}
