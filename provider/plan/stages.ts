import type { Compiled } from "./compile.js";
import type { Budget, Inventory } from "./model.js";
import { Balancer } from "./policies/balancer.js";
import { policyOf } from "./policies/index.js";
import { balanceSpecOf } from "./policies/load.js";
import { Allowance } from "./solve/allowance.js";
import { solveExactly } from "./solve/exact.js";
import { onlyHard, withoutSoft, withOwnLevels } from "./solve/levels.js";
import { NOWHERE, type Problem } from "./solve/problem.js";
import { isShort } from "./solve/shortage.js";
import { ALONE, search, type Crew } from "./solve/search.js";
import type { Tie } from "./solve/slots.js";
import { compareLevels, State } from "./solve/state.js";
import type { TimeLimit } from "./solve/time-limit.js";
import { repairWithin } from "./solve/within.js";
import { select } from "./view.js";

/** Up to so many hosts and VMs every assignment is looked at or ruled out, as far as that goes (`MOST_NODES` in `exact.ts`): `isProven` tells. */
export const EXACT_HOSTS = 6;
export const EXACT_VMS = 12;
/** Of more VMs it is not counted whether there is room for all. */
const MOST_COUNTED = 1_000;
const DEFAULT_SEED = 1;
/** How often the outcome is planned from again, until nothing is left to do. */
const MOST_REPEATS = 8;

/** Where VMs shall be. */
export interface Solution {
  readonly slots: Int32Array;
  /** Nothing better exists; of one that keeps not all hard rules, that none keeps them. */
  readonly isProven: boolean;
  /** The first start has led there, as it would have without any other. */
  readonly isOfFirst: boolean;
}

/** What the stages come to. */
export interface Outcome {
  readonly slots: Int32Array;
  /** The budget did not suffice. */
  readonly isPartial: boolean;
  /** Nothing better exists, but for balance; of one that keeps not all hard rules, that none keeps them. */
  readonly isProven: boolean;
  /** Why each VM was moved that the policy moved. */
  readonly reasons: ReadonlyMap<number, string>;
}

/** How a problem is solved, whatever it is. */
export interface Settings {
  readonly seed: number;
  readonly tie: Tie;
  readonly limit: TimeLimit;
  /** Part of the branches that an exact search looks at, 0 to 1. */
  readonly effort: number;
  /** How many ways each search goes, and who goes them. */
  readonly starts: number;
  readonly crew: Crew;
}

export function settingsOf({ seed = DEFAULT_SEED, starts = 1, policy }: Inventory, limit: TimeLimit, crew: Crew = ALONE): Settings {
  const { kind, values } = policyOf(policy);
  return { seed, tie: kind.placement(values), limit, effort: 1, starts, crew };
}

/**
 * First what is wrong is repaired, then, where that is asked for, load is balanced by the policy; both within the budget.
 *
 * The outcome is gone over again until both leave it as it is, so that the plan after the plan is empty. Where the budget does
 * not suffice, it is spent on the best part, and the plan after the plan goes on with it.
 *
 * @param isCareful only one change after another that fits as things stand, for where no order was found for more at a time
 */
export function stagesOf(compiled: Compiled, inventory: Inventory, settings: Settings, isCareful = false): Outcome {
  const problem = budgeted(compiled, inventory);
  const { slots, isPartial, isProven } = repaired(compiled.problem, problem, inventory, settings, isCareful);
  const reasons = new Map<number, string>();
  if (inventory.rebalance !== true || isPartial || !isFeasible(problem, slots)) return { slots, isPartial, isProven, reasons };
  let now = slots;
  for (let repeat = 0; repeat < MOST_REPEATS; repeat += 1) {
    const balanced = balance(compiled, problem, inventory, now, reasons);
    const { slots: next } = solve({ ...problem, origin: balanced }, settings);
    now = balanced;
    if (isSame(next, balanced) || !new Allowance(problem, next, inventory.budget).isKept) break;
    now = next;
  }
  return { slots: now, isPartial, isProven, reasons };
}

/** Would another plan leave it as it is, and is it within the budget? */
export function isSettled(compiled: Compiled, inventory: Inventory, slots: Int32Array, settings: Settings): boolean {
  const problem = budgeted(compiled, inventory);
  const there = { ...problem, origin: slots };
  return isKept(problem, slots, inventory.budget) && isSame(solve(there, settings).slots, slots)
    && (inventory.rebalance !== true || isSame(balance(compiled, there, inventory, slots, new Map()), slots));
}

/**
 * Moves guests as the policy says.
 * @param compiled tells where the VMs were when their load was measured
 * @param problem tells from where moves count
 */
function balance(compiled: Compiled, problem: Problem, inventory: Inventory, slots: Int32Array, reasons: Map<number, string>): Int32Array {
  const { kind, values } = policyOf(inventory.policy);
  const terms = kind.terms(values, compiled.hosts);
  if (terms.length === 0) return slots;
  const own = withOwnLevels(problem, slots);
  const spec = balanceSpecOf(compiled, terms, own.levelCount - 1);
  const state = new State({ ...own, levelCount: own.levelCount + 1, balance: spec }, slots);
  const balancer = new Balancer(compiled, state, spec, new Allowance(problem, slots, inventory.budget));
  kind.balance(balancer, values);
  // Who had to move anyway has its own reason.
  for (const [vm, reason] of balancer.reasons) if (slots[vm] === problem.origin[vm]) reasons.set(vm, reason);
  return state.slotOf;
}

/** Without the VMs that the budget does not let move. One that runs nowhere is started, which is no move. */
function budgeted({ problem, vms }: Compiled, { budget }: Inventory): Problem {
  if (budget?.vms === undefined) return problem;
  const movable = new Set(select(vms, budget.vms));
  return { ...problem, movable: problem.movable.map((may, vm) => (problem.origin[vm] === NOWHERE || movable.has(vms[vm]?.name ?? "") ? may : 0)) };
}

/**
 * All that is wrong repaired, or what the budget allows of it: what is hard before what is wished.
 * @param whole the problem without a budget
 */
function repaired(whole: Problem, problem: Problem, { budget }: Inventory, settings: Settings, isCareful: boolean): Omit<Outcome, "reasons"> {
  const { slots: best, isProven } = settled(whole, settings);
  if (budget === undefined || !isFeasible(whole, best)) return { slots: best, isPartial: false, isProven };
  const rules = rulesCost(whole, best);
  const ended = (slots: Int32Array): Omit<Outcome, "reasons"> => ({ slots, isPartial: compareLevels(rulesCost(whole, slots), rules) > 0, isProven: false });
  if (!isCareful) {
    if (isKept(problem, best, budget)) return { slots: best, isPartial: false, isProven };
    const restricted = problem === whole ? best : settled(problem, settings).slots;
    if (isKept(problem, restricted, budget) && isFeasible(problem, restricted)) return ended(restricted);
  }
  const hard = isCareful ? undefined : settledHard(problem, settings);
  const base = hard !== undefined && isKept(problem, hard, budget) && isFeasible(problem, hard) ? hard : startOf(problem);
  return ended(repairWithin(withOwnLevels(problem, base), base, new Allowance(problem, base, budget), settings.tie));
}

/** Does an assignment move only what may move, and no more than the budget? */
function isKept(problem: Problem, slots: Int32Array, budget: Budget = {}): boolean {
  return slots.every((slot, vm) => slot === (problem.origin[vm] ?? NOWHERE) || problem.movable[vm] === 1 || problem.placed[vm] === 0) && new Allowance(problem, slots, budget).isKept;
}

/** Is all kept that is hard, and has each VM a place, or may wait for one? */
export function isFeasible(problem: Problem, slots: Int32Array): boolean {
  return isKeptHard(new State(problem, slots));
}

function isKeptHard({ levels, problem }: State): boolean {
  return levels[0] === 0 && (problem.mayWait || levels[1] === 0);
}

/** What an assignment costs but for what it copies. */
function rulesCost(problem: Problem, slots: Int32Array): Float64Array {
  return new State(problem, slots).levels.subarray(0, -1);
}

/** An assignment from which another plan would change nothing. No worse with more starts than with one. */
function settled(problem: Problem, settings: Settings): Solution {
  const solution = settledFrom(problem, settings, solve(problem, settings));
  if (solution.isOfFirst) return solution;
  // What was better first may have led to what is worse in the end.
  const single = { ...settings, starts: 1 };
  const one = settledFrom(problem, single, solve(problem, single));
  return compareLevels(new State(problem, one.slots).levels, new State(problem, solution.slots).levels) < 0 ? settledFrom(problem, settings, one) : solution;
}

/** Goes on from a solution until nothing is left to do. */
function settledFrom(problem: Problem, settings: Settings, first: Solution): Solution {
  let solution = first;
  if (isSame(solution.slots, startOf(problem))) return solution;
  for (let repeat = 0; repeat < MOST_REPEATS && !settings.limit.isUp(); repeat += 1) {
    const next = solve({ ...problem, origin: solution.slots }, settings);
    if (isSame(next.slots, solution.slots)) break;
    solution = { slots: next.slots, isProven: false, isOfFirst: solution.isOfFirst && next.isOfFirst };
  }
  return solution;
}

/** An assignment from which another plan would change nothing, were there no wishes. */
export function settledHard(problem: Problem, settings: Settings): Int32Array {
  return settled(withoutSoft(problem), settings).slots;
}

/** Whether nothing better was left unlooked at by being too large. */
export function isSmall({ hostCount, vmCount }: Problem): boolean {
  return hostCount <= EXACT_HOSTS && vmCount <= EXACT_VMS;
}

/** The best assignment that is found from where the VMs are. */
export function solve(problem: Problem, settings: Settings): Solution {
  const start = new State(problem, startOf(problem));
  // Stability by construction: where nothing is wrong, nothing is looked for.
  if (start.levels.every((cost) => cost === 0)) return { slots: start.slotOf, isProven: true, isOfFirst: true };
  const { state: found, isOfFirst } = search(start, settings);
  if (!isSmall(problem)) return { slots: found.slotOf, isProven: !isKeptHard(found) && problem.vmCount <= MOST_COUNTED && isShort(problem), isOfFirst };
  if (isKeptHard(found)) return { ...solveExactly(problem, found, settings), isOfFirst };
  // Where hard rules can not be kept, nobody asks which evil is the least, and to prove that would take long.
  const hard = solveHard(problem, found, settings);
  return { ...(isFeasible(problem, hard.slots) ? solveExactly(problem, new State(problem, hard.slots), settings) : hard), isOfFirst };
}

/** An assignment that keeps all hard rules, or the one that is known; `isProven` where none keeps them. */
export function solveHard(problem: Problem, { slotOf }: State, settings: Pick<Settings, "limit" | "effort">): { readonly slots: Int32Array; readonly isProven: boolean } {
  const bare = onlyHard(problem);
  if (isShort(bare)) return { slots: slotOf, isProven: true };
  // Costs are whole numbers: below that, all is kept, and nobody without a place who may not wait.
  const below = Float64Array.of(bare.mayWait ? 0.5 : 0, bare.mayWait ? 0 : 0.5, 0);
  return solveExactly(bare, new State(bare, slotOf), { ...settings, below });
}

function startOf({ origin, placed }: Problem): Int32Array {
  return origin.map((slot, vm) => (placed[vm] === 1 ? slot : NOWHERE));
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.every((slot, i) => slot === b[i]);
}
