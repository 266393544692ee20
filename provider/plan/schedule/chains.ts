import { NOWHERE } from "../solve/problem.js";
import { ContinuousRules } from "./continuous.js";
import type { Job } from "./jobs.js";
import { hostOf, type Setting } from "./setting.js";
import type { Timetable } from "./timetable.js";

/**
 * Which jobs each job really waits for. Room, links, hands and rules pass from job to job: a job comes after those that freed
 * what it takes, and after no others. So whoever carries a plan out may let a job begin as soon as these have ended, though
 * something else takes longer than was predicted.
 *
 * @returns for each job, the jobs that have ended before it begins, in the order of their numbers
 */
export function chainsOf(setting: Setting, jobs: readonly Job[], { sequence, startMs, endMs, mbps }: Timetable): readonly (readonly number[])[] {
  const stocks = new Stocks(setting, jobs);
  const byEnd = [...sequence].sort((a, b) => (endMs[a] ?? 0) - (endMs[b] ?? 0) || a - b);
  const after = jobs.map((job) => new Set(job.after));
  let ended = 0;
  for (const job of sequence) {
    for (; ended < byEnd.length && (endMs[byEnd[ended] ?? 0] ?? 0) <= (startMs[job] ?? 0); ended += 1) stocks.give(byEnd[ended] ?? 0, mbps[byEnd[ended] ?? 0] ?? 0);
    stocks.take(job, mbps[job] ?? 0, after[job] ?? new Set());
  }
  return after.map((each) => [...each].sort((a, b) => a - b));
}

/** Of what was there from the beginning. */
const NOBODY = -1;

/** Something that jobs take and give back, in parts, and who gave each part. */
interface Stock {
  parts: { readonly by: number; amount: number }[];
  /** What was promised beyond what there is. Those who paid it back come before all that take from here. */
  debt: number;
  readonly payers: Set<number>;
}

class Stocks {
  readonly #setting: Setting;
  readonly #jobs: readonly Job[];
  readonly #stocks = new Map<string, Stock>();
  readonly #rules: ContinuousRules;
  /** What is held of each bin before the first job. */
  readonly #held: Float64Array;

  constructor(setting: Setting, jobs: readonly Job[]) {
    this.#setting = setting;
    this.#jobs = jobs;
    this.#rules = new ContinuousRules(setting.problem);
    this.#held = new Float64Array(setting.problem.capacity.length);
    for (let vm = 0; vm < setting.problem.vmCount; vm += 1) {
      for (const { bin, r, amount } of this.#room(vm, setting.problem.origin[vm] ?? NOWHERE, false)) this.#held[bin + r] = (this.#held[bin + r] ?? 0) + amount;
    }
  }

  /** Adds to `after` whom a job comes after, for what it takes. */
  take(index: number, mbps: number, after: Set<number>): void {
    for (const { stock, amount } of this.#passing(index, mbps)) takeFrom(stock, amount, after);
    for (const { stock, amount } of this.#roomOf(index, "to")) takeFrom(stock, amount, after);
  }

  /** A job has ended. */
  give(index: number, mbps: number): void {
    for (const { stock, amount } of [...this.#passing(index, mbps), ...this.#roomOf(index, "from")]) giveTo(stock, amount, index);
  }

  /** What a job takes when it begins and gives back when it ends: links, hands, rules. */
  #passing(index: number, mbps: number): { stock: Stock; amount: number }[] {
    const job = this.#jobs[index];
    if (job === undefined) return [];
    const rules = this.#rules.rulesOf(job.vm).map((rule) => ({ stock: this.#stock(`rule ${rule}`, 1), amount: 1 }));
    if (job.kind !== "migrate") return rules;
    const { parallel, outMbps, inMbps } = this.#setting;
    const [from, to] = [hostOf(this.#setting, job.from), hostOf(this.#setting, job.to)];
    return [
      ...rules, { stock: this.#stock(`out ${from}`, outMbps[from] ?? 0), amount: mbps }, { stock: this.#stock(`in ${to}`, inMbps[to] ?? 0), amount: mbps },
      { stock: this.#stock(`hands out ${from}`, parallel), amount: 1 }, { stock: this.#stock(`hands in ${to}`, parallel), amount: 1 },
    ];
  }

  #roomOf(index: number, side: "from" | "to"): { stock: Stock; amount: number }[] {
    const job = this.#jobs[index];
    if (job === undefined) return [];
    const isSameHost = hostOf(this.#setting, job.from) === hostOf(this.#setting, job.to);
    return this.#room(job.vm, job[side], isSameHost).map(({ bin, r, amount }) => ({ stock: this.#stock(`room ${bin + r}`, (this.#setting.problem.capacity[bin + r] ?? 0) - (this.#held[bin + r] ?? 0)), amount }));
  }

  /** What a VM takes of a slot's bins; of its own host it needs nothing twice but other cells. */
  #room(vm: number, slot: number, isSameHost: boolean): { bin: number; r: number; amount: number }[] {
    if (slot === NOWHERE) return [];
    const { slotBinStart, slotBin, resourceCount, demand, cellDemand } = this.#setting.problem;
    const first = slotBinStart[slot] ?? 0;
    const out: { bin: number; r: number; amount: number }[] = [];
    for (let b = isSameHost ? first + 1 : first; b < (slotBinStart[slot + 1] ?? 0); b += 1) {
      for (let r = 0; r < resourceCount; r += 1) {
        const amount = (b === first ? demand : cellDemand)[vm * resourceCount + r] ?? 0;
        if (amount > 0) out.push({ bin: (slotBin[b] ?? 0) * resourceCount, r, amount });
      }
    }
    return out;
  }

  #stock(name: string, initial: number): Stock {
    const known = this.#stocks.get(name);
    if (known !== undefined) return known;
    const stock: Stock = { parts: initial > 0 ? [{ by: NOBODY, amount: initial }] : [], debt: Math.max(0, -initial), payers: new Set() };
    this.#stocks.set(name, stock);
    return stock;
  }
}

function giveTo(stock: Stock, amount: number, by: number): void {
  const paid = Math.min(stock.debt, amount);
  stock.debt -= paid;
  if (paid > 0) stock.payers.add(by);
  if (amount > paid) stock.parts.push({ by, amount: amount - paid });
}

/** First of what was there from the beginning, then of what somebody gave who is waited for anyway, then of the oldest. */
function takeFrom(stock: Stock, amount: number, after: Set<number>): void {
  for (const payer of stock.payers) after.add(payer);
  let left = amount;
  const rank = ({ by }: { by: number }): number => (by === NOBODY ? 0 : after.has(by) ? 1 : 2);
  for (const part of [...stock.parts].sort((a, b) => rank(a) - rank(b))) {
    if (left <= 0) break;
    const taken = Math.min(left, part.amount);
    part.amount -= taken;
    left -= taken;
    if (part.by !== NOBODY) after.add(part.by);
  }
  stock.parts = stock.parts.filter((part) => part.amount > 0);
}
