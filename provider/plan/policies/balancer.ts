import type { Compiled } from "../compile.js";
import { available } from "../amounts.js";
import type { Allowance } from "../solve/allowance.js";
import { NOWHERE, type BalanceSpec } from "../solve/problem.js";
import { Candidates } from "../solve/slots.js";
import type { State } from "../solve/state.js";
import { CPU, MEMORY, PER_PERCENT } from "./policy.js";

/**
 * What a policy balances with: how hosts are used, and moves that make no rule worse, fit, stay within the budget and gain
 * more than they cost. Each is final but for its own undoing, so that what is left at the end would be left again.
 */
export class Balancer {
  /** Hosts that are up, by number. */
  readonly hosts: readonly number[];
  /** Why each VM was moved. */
  readonly reasons = new Map<number, string>();
  readonly #compiled: Compiled;
  readonly #state: State;
  readonly #spec: BalanceSpec;
  readonly #allowance: Allowance;
  readonly #candidates: Candidates;

  /** @param state of a problem with `balance`, in which all hard rules hold */
  constructor(compiled: Compiled, state: State, spec: BalanceSpec, allowance: Allowance) {
    this.#compiled = compiled;
    this.#state = state;
    this.#spec = spec;
    this.#allowance = allowance;
    this.#candidates = new Candidates(state.problem);
    this.hosts = [...spec.isCounted.keys()].filter((host) => spec.isCounted[host] === 1);
  }

  nameOf(host: number): string {
    return this.#compiled.hosts[host]?.name ?? "";
  }

  /** How much of its CPUs is used, in percent with a decimal. */
  percent(host: number): number {
    return Math.round((this.#used(CPU, host) / PER_PERCENT) * 10) / 10;
  }

  /** For how many minutes that has been so. */
  minutes(host: number): number {
    return this.#compiled.hosts[host]?.cpuMinutes ?? Infinity;
  }

  freeMib(host: number): number {
    const about = this.#compiled.hosts[host];
    const has = about === undefined ? 0 : (available(about)["memoryMib"] ?? 0);
    return Math.round(has * (1 - this.#used(MEMORY, host) / 1e6));
  }

  /** Number of VMs on it. */
  count(host: number): number {
    return this.#state.vmsOn[host]?.size ?? 0;
  }

  /** Is it used beyond the policy's threshold? With a VM more, too? */
  isAbove(host: number, measure: number, vm: number = NOWHERE): boolean {
    return this.#spec.terms.some((term) => term.kind === "above" && term.measure === measure && this.#used(measure, host, vm) > (term.most[host] ?? 0));
  }

  /** Hosts by the use of their CPUs: 1 the least first, −1 the most first. */
  byCpu(order: 1 | -1): number[] {
    const used = new Map(this.hosts.map((host) => [host, this.#used(CPU, host)]));
    return [...this.hosts].sort((a, b) => order * ((used.get(a) ?? 0) - (used.get(b) ?? 0)) || a - b);
  }

  /**
   * Moves the one VM off the host by which most is gained; false where none is worth its price.
   * @param order of targets by which as much is gained: 1 the least used, −1 the most used
   */
  relieve(host: number, reason: string, accepts: (to: number) => boolean = () => true, order: 1 | -1 = 1): boolean {
    const { problem } = this.#state;
    let best: { readonly vm: number; readonly slot: number; readonly cost: readonly number[] } | undefined;
    for (const vm of this.#guests(host)) {
      for (const slot of this.#candidates.of(vm)) {
        const to = problem.slotHost[slot] ?? 0;
        if (to === host || this.#spec.isCounted[to] !== 1 || !this.#allowance.allows(vm, slot) || !accepts(to) || this.isAbove(to, CPU, vm) || this.isAbove(to, MEMORY, vm)) continue;
        const delta = this.#state.delta(vm, slot);
        if (!this.#isHarmless(delta) || (delta[this.#spec.level] ?? 0) >= 0) continue;
        // The gain decides, then the MiB, then how full the target becomes.
        const cost = [...delta.subarray(this.#spec.level), order * this.#used(CPU, to, vm)];
        if (best === undefined || compare(cost, best.cost) < 0) best = { vm, slot, cost };
      }
    }
    if (best === undefined) return false;
    this.#move(best.vm, best.slot);
    this.reasons.set(best.vm, reason);
    return true;
  }

  /** Moves all VMs off the host to others that carry some already, or none of them. */
  empty(host: number, reason: string): boolean {
    const before = Float64Array.from(this.#state.levels);
    const done: { readonly vm: number; readonly slot: number }[] = [];
    const guests = this.#guests(host);
    const goes = guests.length === this.count(host) && guests.every((vm) => {
      const slot = this.#fullest(vm, host);
      if (slot === NOWHERE) return false;
      done.push({ vm, slot: this.#state.slotOf[vm] ?? NOWHERE });
      this.#move(vm, slot);
      return true;
    });
    const isWorth = goes && this.#isHarmless(this.#state.levels.map((cost, level) => cost - (before[level] ?? 0))) && (this.#state.levels[this.#spec.level] ?? 0) < (before[this.#spec.level] ?? 0);
    for (const { vm, slot } of isWorth ? [] : done.reverse()) this.#move(vm, slot);
    for (const vm of isWorth ? guests : []) this.reasons.set(vm, reason);
    return isWorth;
  }

  /** Where a VM that leaves fits best: where rules like it most, and then on the fullest host that carries some and stays below the thresholds. */
  #fullest(vm: number, from: number): number {
    const { problem } = this.#state;
    let best: { readonly slot: number; readonly cost: readonly number[] } | undefined;
    for (const slot of this.#candidates.of(vm)) {
      const to = problem.slotHost[slot] ?? 0;
      if (to === from || this.#spec.isCounted[to] !== 1 || this.count(to) === 0 || !this.#allowance.allows(vm, slot) || this.isAbove(to, CPU, vm) || this.isAbove(to, MEMORY, vm)) continue;
      // Its price is left out: what is chosen here must not depend on where the VM came from.
      const delta = this.#state.delta(vm, slot);
      if ((delta[0] ?? 0) > 0) continue;
      const cost = [...delta.subarray(0, this.#spec.level), -this.#used(CPU, to, vm), -this.#used(MEMORY, to, vm)];
      if (best === undefined || compare(cost, best.cost) < 0) best = { slot, cost };
    }
    return best?.slot ?? NOWHERE;
  }

  /** VMs on a host that may move, the largest first. */
  #guests(host: number): number[] {
    const { movable, moveCost } = this.#state.problem;
    return [...(this.#state.vmsOn[host] ?? [])].filter((vm) => movable[vm] === 1).sort((a, b) => (moveCost[b] ?? 0) - (moveCost[a] ?? 0) || a - b);
  }

  /** Does no rule come to hold less? */
  #isHarmless(delta: Float64Array): boolean {
    return delta.subarray(0, this.#spec.level).every((change) => change <= 0);
  }

  #used(measure: number, host: number, vm: number = NOWHERE): number {
    return this.#state.loads?.used(measure, host, vm, vm === NOWHERE ? 0 : 1) ?? 0;
  }

  #move(vm: number, slot: number): void {
    this.#allowance.move(vm, slot);
    this.#state.move(vm, slot);
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const difference = value - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
