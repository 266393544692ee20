import { makeRoom } from "./make-room.js";
import { DROPPED_COST, NOWHERE, type Problem } from "./problem.js";
import { Random } from "./random.js";
import { bestSlot, Candidates, type Tie } from "./slots.js";
import { compareLevels, isBetter, State } from "./state.js";
import { Together } from "./together.js";
import type { TimeLimit } from "./time-limit.js";

export interface SearchOptions {
  readonly seed: number;
  readonly tie: Tie;
  /** Ends the search early. */
  readonly limit?: TimeLimit;
  /** How many ways of tearing down and building up are gone from the same beginning; the best is taken. Default 1. */
  readonly starts?: number;
  /** Who goes them. Default: this thread, one after another. */
  readonly crew?: Crew;
  /** How many rounds of tearing down and building up again, for each VM that is in the way of something. */
  readonly roundsPerVm?: number;
}

const DEFAULT_ROUNDS_PER_VM = 40;
const MOST_ROUNDS = 4_000;

/** What a search comes to. */
export interface Searched {
  readonly state: State;
  /** The first start has led there, as it would have without any other. */
  readonly isOfFirst: boolean;
}

/**
 * From where the VMs are to where they shall be: those without a (permitted) place get one, then whoever is in the way of a
 * rule goes to a better place, then small parts are torn down and built up again, and last whoever moved for nothing goes
 * back. Where nothing is wrong, nothing is done.
 * @param state where the VMs are, without those that shall not run; it is changed
 */
export function search(state: State, options: SearchOptions): Searched {
  const { problem } = state;
  const candidates = new Candidates(problem);
  settle(state, candidates, options.tie);
  const together = new Together(problem, candidates, options.tie);
  improve(state, candidates, together, options);
  if (isHardWrong(state) && clear(state, candidates, together, options)) improve(state, candidates, together, options);
  const { starts = 1, crew = ALONE, seed, tie, limit, roundsPerVm } = options;
  if (starts === 1 || !isWrong(state)) {
    finish(state, candidates, options);
    return { state, isOfFirst: true };
  }
  const others = Array.from({ length: starts - 1 }, (_, other) => seedOf(seed, other + 1));
  const ended = crew.begin({ problem, slots: state.slotOf.slice(), seeds: others, tie, ...(limit === undefined ? {} : { limit }), ...(roundsPerVm === undefined ? {} : { roundsPerVm }) });
  finish(state, candidates, options);
  let best: Finish | undefined;
  for (const finished of ended()) if (compareLevels(finished.levels, best?.levels ?? state.levels) < 0) best = finished;
  if (best !== undefined) moveAll(state, best.slots);
  return { state, isOfFirst: best === undefined };
}

/** Where a start goes on from, the same for all: only the seeds differ. */
export interface StartTask {
  readonly problem: Problem;
  readonly slots: Int32Array;
  readonly seeds: readonly number[];
  readonly tie: Tie;
  readonly limit?: TimeLimit;
  readonly roundsPerVm?: number;
}

/** Where a start ended. */
export interface Finish {
  readonly slots: Int32Array;
  readonly levels: Float64Array;
}

/** Who carries starts out. What they come to depends on the task alone, and not on how many do it, or on when. */
export interface Crew {
  /** Begins; what it returns waits for the end, and gives a finish for each seed, in their order. */
  begin(task: StartTask): () => readonly Finish[];
}

/** This thread, one start after another. */
export const ALONE: Crew = {
  begin: (task) => () => finishes(task),
};

/** The starts of a task, carried out here. */
export function finishes({ problem, slots, seeds, ...options }: StartTask): Finish[] {
  const candidates = new Candidates(problem);
  return seeds.map((seed) => {
    const state = new State(problem, slots);
    finish(state, candidates, { ...options, seed });
    return { slots: state.slotOf, levels: state.levels };
  });
}

/** The part of a search in which the seed counts. */
function finish(state: State, candidates: Candidates, options: SearchOptions): void {
  if (isWrong(state)) rebuild(state, candidates, options);
  goBack(state);
}

/** Seeds of the starts lie far apart, so that those of one plan's seed are not those of the next. */
function seedOf(seed: number, start: number): number {
  return (seed + Math.imul(start, 0x9e3779b1)) | 0;
}

function moveAll(state: State, slots: Int32Array): void {
  const others = [...slots.keys()].filter((vm) => state.slotOf[vm] !== slots[vm]);
  for (const vm of others) state.move(vm, NOWHERE);
  for (const vm of others) state.move(vm, slots[vm] ?? NOWHERE);
}

/** Is anything wrong but the bytes moved? */
function isWrong(state: State): boolean {
  return state.levels.subarray(0, -1).some((cost) => cost > 0);
}

/** Is a hard rule broken, or a VM without a place? */
function isHardWrong({ levels }: State): boolean {
  return (levels[0] ?? 0) > 0 || (levels[1] ?? 0) > 0;
}

/** VMs without a place, and those where they must not be, the most important and the largest first. */
function settle(state: State, candidates: Candidates, tie: Tie): void {
  const { problem } = state;
  const homeless: number[] = [];
  for (let vm = 0; vm < problem.vmCount; vm += 1) {
    if (problem.placed[vm] === 0 || problem.movable[vm] === 0) continue;
    const slot = state.slotOf[vm] ?? NOWHERE;
    if (slot === NOWHERE || problem.masks[problem.maskOf[vm] ?? 0]?.[slot] !== 1) homeless.push(vm);
  }
  for (const vm of homeless) state.move(vm, NOWHERE);
  for (const vm of byWeight(problem, homeless)) place(state, vm, candidates, tie);
}

/** Puts a VM where it costs least, or leaves it without a place when any would cost more. */
function place(state: State, vm: number, candidates: Candidates, tie: Tie): void {
  const slot = bestSlot(state, vm, candidates.of(vm), tie);
  const { problem } = state;
  if (slot !== NOWHERE && isBetter(state.delta(vm, slot))) state.move(vm, slot);
  // A guest that runs has a place, if only the one that it must leave.
  else if (problem.origin[vm] !== NOWHERE) state.move(vm, slot === NOWHERE ? (problem.origin[vm] ?? NOWHERE) : slot);
}

function byWeight(problem: Problem, vms: readonly number[]): number[] {
  const size = (vm: number): number => {
    let sum = 0;
    for (let r = 0; r < problem.resourceCount; r += 1) sum += (problem.demand[vm * problem.resourceCount + r] ?? 0) / (totals[r] ?? 1);
    return sum;
  };
  const totals = Array.from({ length: problem.resourceCount }, (_, r) => {
    let sum = 1;
    for (let bin = 0; bin < problem.hostCount; bin += 1) sum += problem.capacity[bin * problem.resourceCount + r] ?? 0;
    return sum;
  });
  const sizes = new Map(vms.map((vm) => [vm, size(vm)]));
  return [...vms].sort((a, b) => (problem.unplacedCost[b] ?? 0) - (problem.unplacedCost[a] ?? 0) || (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0) || a - b);
}

/** VMs that are in the way of something: without each of them, less would be wrong. */
function culprits(state: State): number[] {
  const { problem } = state;
  const found: number[] = [];
  for (let vm = 0; vm < problem.vmCount; vm += 1) {
    if (problem.movable[vm] === 0 || problem.placed[vm] === 0) continue;
    if (state.slotOf[vm] === NOWHERE || relieves(state, vm)) found.push(vm);
  }
  return found;
}

/** Would less be wrong without this VM, but for its absence? */
export function relieves(state: State, vm: number, levelCount = state.levels.length - 1): boolean {
  const { problem } = state;
  const delta = state.delta(vm, NOWHERE);
  const isNew = problem.origin[vm] === NOWHERE;
  for (let level = 0; level < levelCount; level += 1) {
    const absence = level === 0 && !isNew ? DROPPED_COST : level === 1 && isNew ? (problem.unplacedCost[vm] ?? 0) : 0;
    const change = (delta[level] ?? 0) - absence;
    if (change < 0) return true;
  }
  return false;
}

/** Whoever is in the way of something goes where that is better for all, until nothing gets better. */
function improve(state: State, candidates: Candidates, together: Together, { tie, limit }: SearchOptions): void {
  for (let pass = 0; pass < MOST_PASSES && isWrong(state) && limit?.isUp() !== true; pass += 1) {
    let changed = false;
    for (const vm of culprits(state)) {
      const slot = bestSlot(state, vm, candidates.of(vm), tie);
      if (slot !== NOWHERE && isBetter(state.delta(vm, slot))) state.move(vm, slot);
      else if (!together.move(state, vm)) continue;
      changed = true;
    }
    if (!changed) return;
  }
}

const MOST_PASSES = 20;

/** Clears hosts for VMs that break a hard rule and fit nowhere as things are; tells whether that helped any of them. */
function clear(state: State, candidates: Candidates, together: Together, { tie, limit }: SearchOptions): boolean {
  let helped = false;
  let tries = 0;
  for (const vm of culprits(state)) {
    if (!isHardWrong(state) || tries >= MOST_CLEARINGS || limit?.isUp() === true) break;
    if (state.slotOf[vm] !== NOWHERE && !relieves(state, vm, HARD_LEVELS)) continue;
    tries += 1;
    helped = makeRoom(state, together.blockOf(vm), candidates, tie) || helped;
  }
  return helped;
}

const MOST_CLEARINGS = 200;
/** Hard rules, and VMs without a place. */
const HARD_LEVELS = 2;

/** Tears down some VMs around one that is in the way, and builds them up in another order; what is worse is undone. */
function rebuild(state: State, candidates: Candidates, { seed, tie, limit, roundsPerVm = DEFAULT_ROUNDS_PER_VM }: SearchOptions): void {
  const random = new Random(seed);
  let found = culprits(state);
  const rounds = Math.min(MOST_ROUNDS, roundsPerVm * Math.max(1, found.length));
  for (let round = 0; round < rounds && isWrong(state) && limit?.isUp() !== true; round += 1) {
    if (round % 50 === 49) found = culprits(state);
    // Not everything that is wrong has somebody who alone is in the way: then anybody may be.
    const center = found.length === 0 ? random.below(state.problem.vmCount) : (found[random.below(found.length)] ?? 0);
    const torn = neighbourhood(state, center, candidates, random);
    if (torn.length === 0) continue;
    const before = state.levels.slice();
    const slots = torn.map((vm) => state.slotOf[vm] ?? NOWHERE);
    for (const vm of torn) state.move(vm, NOWHERE);
    for (const vm of random.below(2) === 0 ? byWeight(state.problem, torn) : shuffled(torn, random)) place(state, vm, candidates, tie);
    if (compareLevels(state.levels, before) <= 0) continue;
    for (const vm of torn) state.move(vm, NOWHERE);
    for (const [i, vm] of torn.entries()) state.move(vm, slots[i] ?? NOWHERE);
  }
}

/** A VM and some of those on its own host and on a few hosts where it might go. */
function neighbourhood(state: State, center: number, candidates: Candidates, random: Random): number[] {
  const { problem } = state;
  if (problem.movable[center] === 0 || problem.placed[center] === 0) return [];
  const hosts = new Set<number>();
  const own = state.slotOf[center] ?? NOWHERE;
  if (own !== NOWHERE) hosts.add(problem.slotHost[own] ?? 0);
  const where = candidates.of(center);
  for (let i = 0; i < 2 && where.length > 0; i += 1) hosts.add(problem.slotHost[where[random.below(where.length)] ?? 0] ?? 0);
  const around = [...hosts].flatMap((host) => [...(state.vmsOn[host] ?? [])]).filter((vm) => vm !== center && problem.movable[vm] === 1).sort((a, b) => a - b);
  return [center, ...shuffled(around, random).slice(0, 1 + random.below(8))];
}

function shuffled<T>(things: readonly T[], random: Random): T[] {
  const out = [...things];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    const [a, b] = [out[i], out[j]];
    if (a !== undefined && b !== undefined) [out[i], out[j]] = [b, a];
  }
  return out;
}

/** Whoever moved, and need not have, goes back. */
function goBack(state: State): void {
  const { problem } = state;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    let changed = false;
    for (let vm = 0; vm < problem.vmCount; vm += 1) {
      const origin = problem.origin[vm] ?? NOWHERE;
      if (origin === NOWHERE || problem.placed[vm] === 0 || state.slotOf[vm] === origin || !isBetter(state.delta(vm, origin))) continue;
      state.move(vm, origin);
      changed = true;
    }
    if (!changed) return;
  }
}
