import { compile } from "../compile.js";
import type { Inventory, ScheduleOptions, Selection } from "../model.js";
import { listed } from "../rules/rule.js";
import { durationModelOf } from "../schedule/calibrate.js";
import { SHARES } from "../schedule/dispatcher.js";
import { kindOf, ordersOf, spansOf, type Job, type Span } from "../schedule/jobs.js";
import { durationMs, fullMbps, hostOf, settingOf } from "../schedule/setting.js";
import { NOWHERE } from "../solve/problem.js";
import { select } from "../view.js";
import type { Element } from "./conflict.js";

/** What is said of when and in which order things are done, as parts of a conflict: each can be left out alone. */
export function timedElements({ vms, schedule = {} }: Inventory): Element[] {
  const { seq = [], precedence = [], windows = [], deadlines = [] } = schedule;
  const named = (selection: Selection): string => listed(select(vms, selection));
  // What is left out selects nobody, so that others keep their places in the list.
  const change = (other: (options: ScheduleOptions) => ScheduleOptions) => (from: Inventory): Inventory => ({ ...from, schedule: other(from.schedule ?? {}) });
  const each = <T>(list: readonly T[] = [], index: number, other: (item: T) => T): T[] => list.map((item, i) => (i === index ? other(item) : item));
  const windowed = [...new Set(windows.flatMap((window) => select(vms, window.vms)))];
  return [
    // A VM takes one of its windows: to leave one out would leave it less.
    ...windowed.map((name): Element => ({
      text: `${name} has its windows: ${listed(windows.filter((window) => select(vms, window.vms).includes(name)).map(({ fromSeconds = 0, untilSeconds }) => (untilSeconds === undefined ? `from ${fromSeconds} s on` : `from ${fromSeconds} s to ${untilSeconds} s`)))}`,
      without: change((options) => ({ ...options, windows: (options.windows ?? []).map((window) => ({ ...window, vms: select(vms, window.vms).filter((other) => other !== name) })) })),
    })),
    ...deadlines.map((deadline, index): Element => ({
      text: `${named(deadline.vms)} must be done by ${deadline.seconds} s`,
      without: change((options) => ({ ...options, deadlines: each(options.deadlines, index, (item) => ({ ...item, vms: [] })) })),
    })),
    ...seq.map((names, index): Element => ({ text: `one after another, in this order: ${listed(names)}`, without: change((options) => ({ ...options, seq: each(options.seq, index, () => []) })) })),
    ...precedence.map(({ before, after }, index): Element => ({
      text: `${named(before)} must be done before ${named(after)} may begin`,
      without: change((options) => ({ ...options, precedence: each(options.precedence, index, (item) => ({ ...item, before: [] })) })),
    })),
  ];
}

/** A VM to which something must be done, whatever the outcome, and what that takes at least. */
interface Must {
  readonly vm: number;
  readonly leastMs: number;
  /** Host that it leaves, NOWHERE where it may stay there. */
  readonly from: number;
  /** What it takes of that host's link at least, in Mb/s × ms. */
  readonly use: number;
  readonly spans: readonly Span[];
}

/**
 * Whether it is certain that nothing keeps all of the windows, deadlines and orders, whatever the outcome: something must be done
 * to a VM, and even alone, and as soon as those before it can be done, it fits in none of its windows; or the order is a
 * circle; or a link cannot carry in time what must leave its host.
 */
export function hasNoSchedule(inventory: Inventory): boolean {
  // With a budget, what must be done may be left for later.
  if (inventory.budget !== undefined) return false;
  const { schedule = {} } = inventory;
  const compiled = compile(inventory);
  const setting = settingOf(compiled, schedule, durationModelOf(inventory));
  const spans = spansOf(compiled, schedule);
  const { origin, placed, masks, maskOf, passing, vmCount } = compiled.problem;
  const musts: Must[] = [];
  for (let vm = 0; vm < vmCount; vm += 1) {
    const from = origin[vm] ?? NOWHERE;
    const isWell = placed[vm] === 0 ? from === NOWHERE : from !== NOWHERE && masks[maskOf[vm] ?? 0]?.[from] === 1;
    if (isWell) continue;
    const mask = passing.masks[passing.maskOf[vm] ?? 0] ?? new Uint8Array(0);
    const targets = placed[vm] === 0 ? [NOWHERE] : [...mask.keys()].filter((slot) => mask[slot] === 1 && slot !== from);
    const jobs = targets.map((to): Job => ({ vm, from, to, kind: kindOf(compiled.problem, from, to), reason: "", after: [] }));
    const leaves = jobs.every(({ kind }) => kind === "migrate");
    musts.push({
      vm, spans: spans.get(vm) ?? [{ fromMs: 0, untilMs: Infinity }], from: leaves ? hostOf(setting, from) : NOWHERE,
      leastMs: Math.min(...jobs.map((job) => durationMs(setting, job, fullMbps(setting, job)))),
      use: leaves ? Math.min(...jobs.flatMap((job) => SHARES.map((share) => { const mbps = Math.max(1, share * fullMbps(setting, job)); return mbps * durationMs(setting, job, mbps); }))) : 0,
    });
  }
  return isLate(musts, ordersOf(compiled, schedule, (vm) => musts.some((must) => must.vm === vm))) || isCrowded(musts, setting.outMbps);
}

/** Does one fit in none of its windows after those that come before it, each as soon as it can be done? */
function isLate(musts: readonly Must[], orders: readonly (readonly [before: number, after: number])[]): boolean {
  const endMs = new Map<number, number>();
  // A circle has nobody who could be the next.
  for (let left = [...musts]; left.length > 0;) {
    const waits = ({ vm }: Must): boolean => orders.some(([before, after]) => after === vm && left.some((other) => other.vm === before));
    const next = left.find((must) => !waits(must));
    if (next === undefined) return true;
    const earliestMs = Math.max(0, ...orders.flatMap(([before, after]) => (after === next.vm ? [endMs.get(before) ?? 0] : [])));
    const ends = next.spans.map(({ fromMs, untilMs }) => ({ endMs: Math.max(fromMs, earliestMs) + next.leastMs, untilMs })).filter((span) => span.endMs <= span.untilMs);
    if (ends.length === 0) return true;
    endMs.set(next.vm, Math.min(...ends.map((span) => span.endMs)));
    left = left.filter((must) => must !== next);
  }
  return false;
}

/** Does more have to leave a host by some moment than its link carries until then? */
function isCrowded(musts: readonly Must[], outMbps: Float64Array): boolean {
  const latest = (must: Must): number => Math.max(...must.spans.map(({ untilMs }) => untilMs));
  return musts.some((last) => {
    if (last.from === NOWHERE || latest(last) === Infinity) return false;
    const use = musts.filter((must) => must.from === last.from && latest(must) <= latest(last)).reduce((sum, must) => sum + must.use, 0);
    return use > (outMbps[last.from] ?? 0) * latest(last) + 1e-6;
  });
}
