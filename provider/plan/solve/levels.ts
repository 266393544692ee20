import { GroupKernel } from "./kernels/groups.js";
import { HostKernel } from "./kernels/hosts.js";
import { NOWHERE, type Problem } from "./problem.js";
import { State } from "./state.js";

/** Only what is hard, and that VMs have a place: three levels. */
export function withoutSoft(problem: Problem): Problem {
  const isHard = ({ level }: { readonly level: number }): boolean => level === 0;
  return {
    ...problem, levelCount: 3, wishes: [], groups: problem.groups.filter(isHard), exclusives: problem.exclusives.filter(isHard), onlines: problem.onlines.filter(isHard),
    survives: (problem.survives ?? []).filter(isHard),
  };
}

/** The same, and moves cost nothing: whether hard rules can be kept at all. */
export function onlyHard(problem: Problem): Problem {
  return { ...withoutSoft(problem), moveCost: new Float64Array(problem.vmCount) };
}

/**
 * The problem with a level of its own for each rule that is broken, so that none of them is paid for by another: a change that
 * is positive on no level makes no rule worse. Rules that hold keep their level, whose sum is then 0 and stays so.
 * @param slots the assignment by which rules are broken or not
 */
export function withOwnLevels(problem: Problem, slots: Int32Array): Problem {
  const groups = new GroupKernel(problem);
  const hosts = new HostKernel(problem);
  for (let vm = 0; vm < problem.vmCount; vm += 1) {
    groups.move(vm, NOWHERE, slots[vm] ?? NOWHERE);
    hosts.move(vm, NOWHERE, slots[vm] ?? NOWHERE);
  }
  // Counted by an assignment of its own, and only where there is such a rule.
  const survival = (problem.survives ?? []).length === 0 ? undefined : new State(problem, slots).survival;
  const last = problem.levelCount - 1;
  const brokenAt: number[] = [];
  const own = <T extends { readonly level: number }>(specs: readonly T[], isBroken: (spec: T, index: number) => boolean): { spec: T; number?: number }[] => (
    specs.map((spec, index) => (isBroken(spec, index) ? { spec, number: brokenAt.push(spec.level) - 1 } : { spec })));
  const all = {
    groups: own(problem.groups, (_, g) => groups.costOf(g) > 0), exclusives: own(problem.exclusives, (_, e) => hosts.exclusiveCost(e) > 0),
    survives: own(problem.survives ?? [], (spec) => (survival?.costOfSpec(spec) ?? 0) > 0), onlines: own(problem.onlines, (_, o) => hosts.onlineCost(o) > 0), wishes: own(problem.wishes, ({ vm, mask }) => slots[vm] !== NOWHERE && mask[slots[vm] ?? 0] !== 1),
  };
  // Hard ones come after the two first levels, which the kernels know by number; each soft one after the level that it had.
  const placeOf = (level: number, number: number): number => Math.max(level, 1) + 1 + brokenAt.filter((other, i) => (Math.max(other, 1) < Math.max(level, 1)) || (Math.max(other, 1) === Math.max(level, 1) && i < number)).length;
  const shared = (level: number): number => (level <= 1 ? level : level + brokenAt.filter((other) => Math.max(other, 1) < level).length);
  const levelled = <T extends { readonly level: number }>(specs: readonly { spec: T; number?: number }[]): T[] => (
    specs.map(({ spec, number }) => ({ ...spec, level: number === undefined ? shared(spec.level) : placeOf(spec.level, number) })));
  return {
    // What is broken whatever is done has levels of its own like all that is broken.
    ...problem, levelCount: last + 1 + brokenAt.length, unavoidable: 0,
    groups: levelled(all.groups), exclusives: levelled(all.exclusives), onlines: levelled(all.onlines), survives: levelled(all.survives), wishes: levelled(all.wishes),
  };
}
