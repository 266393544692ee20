import type { Compiled } from "./compile.js";
import { partName } from "./linked.js";
import type { Action, Assignments, Inventory, Place } from "./model.js";
import { reach, type Step } from "./schedule/reach.js";
import { NOWHERE, type Problem } from "./solve/problem.js";
import { isFeasible, settledHard, stagesOf, type Outcome, type Settings } from "./stages.js";
import { ruleNameOf } from "./view.js";

/** An outcome, and single steps that lead there where they are known. */
export interface Way extends Outcome {
  readonly steps: readonly Step[];
}

/** Of larger problems (VMs times places) not even a small part of the assignments could be looked at. */
const MOST_CHOICES = 2_000;

/** What there is where no order leads to the best outcome. */
export interface Otherwise {
  /** Outcomes that keep all hard rules, the better ones first. */
  readonly ways: () => Generator<Way>;
  /** Whether an outcome that keeps all hard rules can be reached; known once all ways have been asked for. */
  readonly sayWhether: () => string;
  /** Whether it was proved that none can; known then too. */
  readonly isNone: () => boolean;
}

/**
 * Other outcomes, for where no order leads to the best one: something as good that can be reached, or the best of what can be
 * reached; then without what is only wished; then as far as it gets better with each step.
 */
export function otherwise(inventory: Inventory, compiled: Compiled, settings: Settings, { slots: target, reasons }: Outcome): Otherwise {
  const { problem, vms } = compiled;
  let isProven = false;
  function* ways(): Generator<Way> {
    const common = { isPartial: false, isProven: false, reasons };
    if (problem.vmCount * problem.slotHost.length <= MOST_CHOICES) {
      const { slots, steps, isExhausted } = reach(problem, target, (vm) => vms[vm]?.movable !== false);
      isProven = slots === undefined && isExhausted && !isTimed(inventory);
      if (slots !== undefined) yield { ...common, slots, steps };
      if (isProven) return;
    }
    const hard = settledHard(problem, settings);
    if (isOther(problem, hard, target)) yield { ...common, slots: hard, steps: [] };
    const { slots: careful } = stagesOf(compiled, { ...inventory, budget: {} }, settings, true);
    if (isOther(problem, careful, target)) yield { ...common, slots: careful, steps: [] };
  }
  return { ways, isNone: () => isProven, sayWhether: () => (isProven ? "no other outcome can be reached either: all that can were looked at" : "that no other outcome can be reached was not proved") };
}

function isOther(problem: Problem, slots: Int32Array, target: Int32Array): boolean {
  return isFeasible(problem, slots) && slots.some((slot, vm) => slot !== target[vm]);
}

/** With more, each of which is a plan of its own, it would take long. */
const MOST_LEFT_OUT = 8;

/**
 * Names of rules that are in the way by holding at every moment: it is enough that these do, and without any one of them there
 * is a way.
 * @param isPossible whether an inventory has a plan
 */
export function rulesInTheWay(inventory: Inventory, { problem }: Compiled, isPossible: (inventory: Inventory) => boolean): string[] {
  const { rules = [] } = inventory;
  const onlyAlways = (always: readonly number[]): Inventory => ({ ...inventory, rules: rules.map((rule, i) => (always.includes(i) ? rule : { ...rule, continuous: false })) });
  let needed = [...rules.keys()].filter((i) => rules[i]?.continuous === true && rules[i].hard !== false);
  if (needed.length === 0 || needed.length > MOST_LEFT_OUT || problem.vmCount * problem.slotHost.length > MOST_CHOICES || !isPossible(onlyAlways([]))) return [];
  for (const rule of needed) {
    const rest = needed.filter((other) => other !== rule);
    if (!isPossible(onlyAlways(rest))) needed = rest;
  }
  return needed.flatMap((i) => { const rule = rules[i]; return rule === undefined ? [] : [ruleNameOf(rule, i)]; });
}

/** Is anything said of when or in which order things are done? */
export function isTimed({ schedule: { seq = [], precedence = [], windows = [], deadlines = [] } = {} }: Inventory): boolean {
  return seq.length + precedence.length + windows.length + deadlines.length > 0;
}

/** The inventory once VMs, and their parts, are in these places. */
export function carriedOut(inventory: Inventory, assignments: Assignments): Inventory {
  return {
    ...inventory,
    vms: inventory.vms.map(({ host: _host, cells: _cells, linked, ...vm }) => ({
      ...vm, ...assignments[vm.name],
      ...(linked === undefined ? {} : { linked: linked.map(({ host: _partHost, ...part }) => ({ ...part, ...assignments[partName(vm.name, part.name)] })) }),
    })),
  };
}

/** One plan and then another that goes on from it, as single steps, each alone. */
export function oneAfterAnother({ vms, hosts, problem, slotCells }: Compiled, ...plans: readonly (readonly Action[])[]): Pick<Way, "slots" | "steps"> {
  const indexOf = new Map(vms.map(({ name }, vm) => [name, vm]));
  const slotOf = (place: Place | undefined): number => (
    place === undefined ? NOWHERE : problem.slotHost.findIndex((host, slot) => hosts[host]?.name === place.host && (slotCells[slot] ?? []).join() === (place.cells ?? []).join()));
  const inOrder = plans.flatMap((actions) => [...actions].sort((a, b) => a.startSeconds - b.startSeconds));
  const steps = inOrder.map(({ subject, from, to }) => ({ vm: indexOf.get(subject) ?? NOWHERE, from: slotOf(from), to: slotOf(to) }));
  const slots = Int32Array.from(problem.origin);
  for (const { vm, to } of steps) slots[vm] = to;
  return { slots, steps };
}
