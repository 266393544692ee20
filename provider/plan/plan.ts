import { compile, type Compiled } from "./compile.js";
import { conflictOf, coreOf, wordsOfCore, type Feasibility } from "./explain/conflict.js";
import { reasonsOf } from "./explain/reasons.js";
import { hasNoSchedule, timedElements } from "./explain/timed.js";
import { unlinked } from "./linked.js";
import type { Assignments, Inventory, Plan, Violation } from "./model.js";
import { carriedOut, isTimed, oneAfterAnother, otherwise, rulesInTheWay, type Way } from "./otherwise.js";
import { listed } from "./rules/rule.js";
import { durationModelOf } from "./schedule/calibrate.js";
import { placeOf, schedule } from "./schedule/schedule.js";
import type { ReadySeconds } from "./schedule/setting.js";
import { onlyHard } from "./solve/levels.js";
import { planWithPower } from "./power.js";
import { NOWHERE } from "./solve/problem.js";
import { isShort } from "./solve/shortage.js";
import type { Crew } from "./solve/search.js";
import { State } from "./solve/state.js";
import { TimeLimit } from "./solve/time-limit.js";
import { EXACT_VMS, isFeasible, isSettled, isSmall, settingsOf, solve, solveHard, stagesOf, type Outcome, type Settings } from "./stages.js";
import { InventoryError, mistakesOf } from "./validate.js";
import { Facts } from "./verify-facts.js";
import { linkedFaults } from "./verify-linked.js";
import { placesBefore, replay, sceneOf, violationsOf } from "./verify.js";
import { shallRun, type View } from "./view.js";

/**
 * Plans: from an inventory to an ordered list of actions that leads where all hard rules hold, moving as little as it can.
 * The same inventory and seed give the same plan; carried out, the next plan is empty.
 *
 * @param crew other threads that share the inventory's `starts`; they change how long it takes, and nothing else
 * @throws InventoryError that lists every mistake of the inventory
 * @example
 * const { outcome, actions } = planNow({
 *   hosts: [{ name: "ash", capacity: { vcpus: 8, memoryMib: 32768 }, state: "maintenance" }, { name: "birch", capacity: { vcpus: 8, memoryMib: 32768 } }],
 *   vms: [{ name: "web", demand: { vcpus: 2, memoryMib: 4096 }, host: "ash" }],
 * });
 * // "changes", one action: web migrates from ash to birch
 */
export function planNow(inventory: Inventory, crew?: Crew): Plan {
  const mistakes = mistakesOf(inventory);
  if (mistakes.length > 0) throw new InventoryError(mistakes);
  // One for all that is looked for on the way, however many plans that takes.
  const limit = new TimeLimit(inventory.budget?.searchSeconds);
  const planned = planWithPower(unlinked(inventory), (other, readySeconds) => planAgain(other, 0, limit, crew, readySeconds));
  const found = { ...planned, isDeterministic: !limit.wasUp };
  // Once more by what was declared: that parts became VMs with rules is trusted as little as what was made of them.
  const faults = found.outcome === "impossible" ? [] : linkedFaults(inventory, found.actions, found.assignments);
  return faults.length === 0 ? found : { ...found, outcome: "impossible", actions: [], makespanSeconds: 0, isProven: false, conflict: { texts: [`no safe order was found: ${faults.slice(0, 5).join("; ")}`], isMinimal: false } };
}

/** @param depth how many plans it goes on from, for whom this one tells whether something is left to do */
function planAgain(inventory: Inventory, depth: number, limit: TimeLimit, crew: Crew | undefined, readySeconds: ReadySeconds = new Map()): Plan {
  const now = startOf(inventory, readySeconds);
  // Most plans are made where nothing is wrong, and then nothing is compiled and nothing searched.
  if (now.isAtRest) return { outcome: "nothing", assignments: now.places, actions: [], makespanSeconds: 0, violationsBefore: [], violationsAfter: [], isPartial: false, isDeterministic: true, isProven: true };
  const compiled = compile(inventory);
  const settings = settingsOf(inventory, limit, crew);
  const outcome = stagesOf(compiled, inventory, settings);
  let found = planOf(inventory, now, compiled, settings, outcome);
  if (found.outcome === "impossible" && (outcome.isPartial || isFeasible(compiled.problem, outcome.slots))) {
    // Where it leads is well, but no way there keeps the budget: then as far as single steps lead.
    const other = inventory.budget === undefined ? planOtherwise(inventory, now, compiled, settings, outcome, found, depth) : planOf(inventory, now, compiled, settings, stagesOf(compiled, inventory, settings, true));
    if (inventory.budget === undefined || other.outcome !== "impossible") found = other;
  }
  if (found.outcome === "impossible" && depth === 0 && readySeconds.size === 0 && isTimed(inventory) && isSmall(compiled.problem) && isFeasible(compiled.problem, outcome.slots)) found = withTimedConflict(inventory, found, settings);
  return found;
}

/** Of a plan that is impossible for when things are to be done: rules, facts and times of which none can be left out. */
function withTimedConflict(inventory: Inventory, stuck: Plan, settings: Settings): Plan {
  const hasPlan = (other: Inventory, isThorough: boolean): boolean => {
    if (isThorough) return planAgain(other, MOST_PLANS, settings.limit, settings.crew).outcome !== "impossible";
    const compiled = compile(other);
    const outcome = stagesOf(compiled, other, settings);
    return (outcome.isPartial || isFeasible(compiled.problem, outcome.slots)) && planOf(other, startOf(other, new Map()), compiled, settings, outcome).outcome !== "impossible";
  };
  const core = coreOf(inventory, (other, isProof) => (hasNoSchedule(other) ? { isFeasible: false, isProven: true } : { isFeasible: hasPlan(other, isProof), isProven: false }), () => settings.limit.isUp(), timedElements(inventory));
  return core === undefined ? stuck : { ...stuck, isProven: stuck.isProven || core.isMinimal, conflict: wordsOfCore(core) };
}

/** Where an inventory is before its plan. */
interface Start {
  readonly scene: View;
  readonly places: Assignments;
  readonly violations: readonly Violation[];
  /** The empty plan was replayed and leaves nothing to wish: no rule is broken, nothing is to be started or stopped, and nothing asks for balance. */
  readonly isAtRest: boolean;
  /** Hosts that are only being switched on. */
  readonly readySeconds: ReadySeconds;
}

function startOf(inventory: Inventory, readySeconds: ReadySeconds): Start {
  const places = placesBefore(inventory);
  const scene = sceneOf(inventory, places);
  const { faults, violations } = replay(inventory, [], places, scene);
  const runs = shallRun(inventory);
  const isAtRest = faults.length === 0 && violations.length === 0 && inventory.rebalance !== true && inventory.vms.every((vm) => places[vm.name] === undefined || runs(vm));
  return { scene, places, violations, isAtRest, readySeconds };
}

/** How many plans a plan may be made of. */
const MOST_PLANS = 4;

/**
 * Another plan where no order leads to the best outcome, and one that leaves nothing to do: what is to be done after it is a
 * part of it. Where there is none, what was found says so.
 */
function planOtherwise(inventory: Inventory, now: Start, compiled: Compiled, settings: Settings, best: Outcome, stuck: Plan, depth: number): Plan {
  const { ways, isNone, sayWhether } = otherwise(inventory, compiled, settings, best);
  function* fewerThenOther(): Generator<Way> {
    // No worse with more starts than with one: what that one finds may be reached.
    if (settings.starts > 1) yield { ...stagesOf(compiled, inventory, { ...settings, starts: 1 }), steps: [] };
    yield* ways();
  }
  for (const way of fewerThenOther()) {
    if (settings.limit.isUp()) break;
    const found = planOf(inventory, now, compiled, settings, way);
    if (found.outcome === "impossible") continue;
    if (found.outcome === "nothing" || depth + 1 >= MOST_PLANS) return found;
    const next = planAgain(carriedOut(inventory, found.assignments), depth + 1, settings.limit, settings.crew, now.readySeconds);
    if (next.outcome !== "changes") return found;
    const whole = planOf(inventory, now, compiled, settings, { ...way, isProven: false, ...oneAfterAnother(compiled, found.actions, next.actions) });
    return whole.outcome === "impossible" ? found : whole;
  }
  // Who only asks whether there is a plan asks no further.
  const always = depth >= MOST_PLANS || settings.limit.isUp() ? [] : rulesInTheWay(inventory, compiled, (other) => planAgain(other, MOST_PLANS, settings.limit, settings.crew, now.readySeconds).outcome !== "impossible");
  const texts = always.length === 0 ? [] : [`${listed(always)} ${always.length === 1 ? "holds" : "hold"} at every moment: if ${always.length === 1 ? "it" : "they"} held at the end alone, there would be a way`];
  return { ...stuck, isProven: isNone(), conflict: { texts: [...(stuck.conflict?.texts ?? []), ...texts, sayWhether()], isMinimal: false } };
}

/** The plan that leads to an outcome, or why there is none. */
function planOf(inventory: Inventory, { scene, places: before, violations: brokenBefore, readySeconds }: Start, compiled: Compiled, settings: Settings, { slots, isPartial, isProven, reasons, steps }: Outcome & Partial<Way>): Plan {
  const violationsBefore = brokenBefore.filter(({ rule }) => rule !== "place");
  const there = assignmentsOf(compiled, slots);
  const violationsThere = isSame(before, there) ? brokenBefore : violationsOf(inventory, there, scene);
  const none = { outcome: "impossible", assignments: before, actions: [], makespanSeconds: 0, violationsBefore, isPartial, isDeterministic: true, isProven: false } as const;
  const hard = new Facts(scene).beyond(violationsThere);
  if (hard.length > 0 && !isPartial) {
    const conflict = conflictOf(inventory, hard, (other, isProof) => verdictOf(other, isProof, settings.limit), () => settings.limit.isUp());
    return { ...none, isProven: isProven || conflict.isMinimal, violationsAfter: violationsThere, conflict };
  }
  const { actions, slots: reached, stuck } = schedule(compiled, slots, {
    options: inventory.schedule ?? {}, durations: durationModelOf(inventory), seed: settings.seed, reasonOf: reasonsOf(inventory, compiled, violationsBefore, reasons),
    readySeconds,
    isSettled: (changed) => !isPartial && isSettled(compiled, inventory, changed, settings),
    ...(steps === undefined || isTimed(inventory) ? {} : { steps }),
  });
  if (hard.length > 0 && actions.length === 0) {
    return { ...none, violationsAfter: violationsThere, conflict: { texts: ["the budget is too small for any part of the repair", ...hard.map(({ text }) => text)], isMinimal: false } };
  }
  if (stuck.length > 0) return { ...none, violationsAfter: violationsBefore, conflict: { texts: stuck, isMinimal: false } };
  const assignments = reached === slots ? there : assignmentsOf(compiled, reached);
  const { faults, violations: violationsAfter } = replay(inventory, actions, assignments, scene);
  if (faults.length > 0) {
    // Nothing that the replay refuses leaves here, and nobody is told that it is safe.
    return { ...none, violationsAfter: violationsBefore, conflict: { texts: [`no safe order was found: ${faults.slice(0, 5).join("; ")}`], isMinimal: false } };
  }
  const makespanSeconds = Math.max(0, ...actions.map(({ startSeconds, durationSeconds }) => startSeconds + durationSeconds));
  return { outcome: actions.length === 0 ? "nothing" : "changes", assignments, actions, makespanSeconds, violationsBefore, violationsAfter, isPartial, isDeterministic: true, isProven: isProven && reached === slots };
}

/** Of the branches that a proof may take, as many as each of the many questions may that only ask which to ask next. */
const EFFORT_OF_A_QUESTION = 0.05;

/** Whether an inventory has an assignment that keeps all hard rules. */
export function verdictOf(inventory: Inventory, isProof: boolean, limit = new TimeLimit()): Feasibility {
  const problem = onlyHard(compile(inventory).problem);
  if (isShort(problem)) return { isFeasible: false, isProven: true };
  const settings = { ...settingsOf(inventory, limit), effort: isProof ? 1 : EFFORT_OF_A_QUESTION };
  const { slots, isProven } = solve(problem, settings);
  if (isProven || !isProof || isFeasible(problem, slots)) return { isFeasible: isFeasible(problem, slots), isProven };
  // What is left of a large inventory is small.
  const placed = problem.placed.filter((isPlaced, vm) => isPlaced === 1 && problem.movable[vm] === 1).length;
  if (placed > EXACT_VMS) return { isFeasible: false, isProven };
  const exact = solveHard(problem, new State(problem, slots), settings);
  return { isFeasible: isFeasible(problem, exact.slots), isProven: exact.isProven };
}

function assignmentsOf(compiled: Compiled, slots: Int32Array): Assignments {
  return Object.fromEntries(compiled.vms.map(({ name }, vm) => {
    const slot = slots[vm] ?? NOWHERE;
    return [name, slot === NOWHERE ? undefined : placeOf(compiled, slot)];
  }));
}

function isSame(a: Assignments, b: Assignments): boolean {
  return Object.entries(a).every(([name, place]) => place?.host === b[name]?.host && (place?.cells ?? []).join() === (b[name]?.cells ?? []).join());
}
