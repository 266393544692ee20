import { compile, type Compiled } from "./compile.js";
import { conflictOf, type Verdict } from "./explain/conflict.js";
import { reasonsOf } from "./explain/reasons.js";
import type { Assignments, Inventory, Plan } from "./model.js";
import { durationModelOf } from "./schedule/calibrate.js";
import { placeOf, schedule } from "./schedule/schedule.js";
import { solveExactly } from "./solve/exact.js";
import { NOWHERE, type Problem } from "./solve/problem.js";
import { search } from "./solve/search.js";
import { State } from "./solve/state.js";
import { InventoryError, mistakesOf } from "./validate.js";
import { placesBefore, verify, violationsOf } from "./verify.js";

/** Up to so many hosts and VMs a plan is exact: nothing better exists, and impossible means impossible. */
export const EXACT_HOSTS = 6;
export const EXACT_VMS = 12;
const DEFAULT_SEED = 1;
/** How often the outcome is planned from again, until nothing is left to do. */
const MOST_REPEATS = 8;

/**
 * Plans: from an inventory to an ordered list of actions that leads where all hard rules hold, moving as little as it can.
 * The same inventory and seed give the same plan; carried out, the next plan is empty.
 *
 * @throws InventoryError that lists every mistake of the inventory
 * @example
 * const { outcome, actions } = planNow({
 *   hosts: [{ name: "ash", capacity: { vcpus: 8, memoryMib: 32768 }, state: "maintenance" }, { name: "birch", capacity: { vcpus: 8, memoryMib: 32768 } }],
 *   vms: [{ name: "web", demand: { vcpus: 2, memoryMib: 4096 }, host: "ash" }],
 * });
 * // "changes", one action: web migrates from ash to birch
 */
export function planNow(inventory: Inventory): Plan {
  const mistakes = mistakesOf(inventory);
  if (mistakes.length > 0) throw new InventoryError(mistakes);
  const compiled = compile(inventory);
  const { slots } = settled(compiled.problem, inventory);
  const before = placesBefore(inventory);
  const violationsBefore = violationsOf(inventory, before).filter(({ rule }) => rule !== "place");
  const violationsThere = violationsOf(inventory, assignmentsOf(compiled, slots));
  if (violationsThere.some(({ hard }) => hard)) {
    return { outcome: "impossible", assignments: before, actions: [], makespanSeconds: 0, violationsBefore, violationsAfter: violationsThere, conflict: conflictOf(inventory, violationsThere, verdictOf) };
  }
  const { actions, slots: reached, stuck } = schedule(compiled, slots, {
    options: inventory.schedule ?? {}, durations: durationModelOf(inventory), seed: inventory.seed ?? DEFAULT_SEED, reasonOf: reasonsOf(inventory, compiled, violationsBefore),
    isSettled: (changed) => solve({ ...compiled.problem, origin: changed }, inventory).slots.every((slot, vm) => slot === changed[vm]),
  });
  if (stuck.length > 0) {
    return { outcome: "impossible", assignments: before, actions: [], makespanSeconds: 0, violationsBefore, violationsAfter: violationsBefore, conflict: { texts: stuck, isMinimal: false } };
  }
  const assignments = assignmentsOf(compiled, reached);
  const violationsAfter = violationsOf(inventory, assignments);
  const faults = verify(inventory, actions, assignments);
  if (faults.length > 0) {
    // Nothing that the replay refuses leaves here, and nobody is told that it is safe.
    return { outcome: "impossible", assignments: before, actions: [], makespanSeconds: 0, violationsBefore, violationsAfter: violationsBefore,
      conflict: { texts: [`no safe order was found: ${faults.slice(0, 5).join("; ")}`], isMinimal: false } };
  }
  const makespanSeconds = Math.max(0, ...actions.map(({ startSeconds, durationSeconds }) => startSeconds + durationSeconds));
  return { outcome: actions.length === 0 ? "nothing" : "changes", assignments, actions, makespanSeconds, violationsBefore, violationsAfter };
}

/** Whether an inventory has an assignment that keeps all hard rules. */
function verdictOf(inventory: Inventory): Verdict {
  const { problem } = compile(inventory);
  const { slots, isProven } = solve(problem, inventory);
  const { levels } = new State(problem, slots);
  return { isFeasible: levels[0] === 0 && levels[1] === 0, isProven };
}

interface Solution {
  readonly slots: Int32Array;
  /** Nothing better exists. */
  readonly isProven: boolean;
}

/** An assignment from which another plan would change nothing. */
function settled(problem: Problem, inventory: Inventory): Solution {
  let solution = solve(problem, inventory);
  for (let repeat = 0; repeat < MOST_REPEATS; repeat += 1) {
    const next = solve({ ...problem, origin: solution.slots }, inventory);
    if (next.slots.every((slot, vm) => slot === solution.slots[vm])) break;
    solution = next;
  }
  return solution;
}

/** Whether nothing better was left unlooked at by being too large. */
function isSmall({ hostCount, vmCount }: Problem): boolean {
  return hostCount <= EXACT_HOSTS && vmCount <= EXACT_VMS;
}

function solve(problem: Problem, inventory: Inventory): Solution {
  const start = new State(problem, problem.origin.map((slot, vm) => (problem.placed[vm] === 1 ? slot : NOWHERE)));
  // Stability by construction: where nothing is wrong, nothing is looked for.
  if (start.levels.every((cost) => cost === 0)) return { slots: start.slotOf, isProven: true };
  const found = search(problem, { seed: inventory.seed ?? DEFAULT_SEED, tie: inventory.placement ?? "spread" });
  return isSmall(problem) ? solveExactly(problem, found) : { slots: found.slotOf, isProven: false };
}

function assignmentsOf(compiled: Compiled, slots: Int32Array): Assignments {
  return Object.fromEntries(compiled.vms.map(({ name }, vm) => {
    const slot = slots[vm] ?? NOWHERE;
    return [name, slot === NOWHERE ? undefined : placeOf(compiled, slot)];
  }));
}
