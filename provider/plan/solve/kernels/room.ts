import type { Reassignment } from "../reassign/problem.js";

/**
 * What hosts carry, and what they still hold of those that left them (transient resources), beyond their capacity.
 *
 * Resources are brought to one scale, so that a unit too much of a scarce one weighs as much as many of a plentiful one.
 */
export class RoomKernel {
  readonly #width: number;
  /** Resources from here on are transient; they are kept in another order than the problem's. */
  readonly #transient: number;
  /** Use less capacity of resource k on host h at `h * width + k`: above 0 where it is too much. */
  readonly #over: Float64Array;
  /** What each host carries beyond its capacity, all resources together. */
  readonly #beyond: Float64Array;
  readonly #demand: Float64Array;
  readonly #origin: Int32Array;
  /** How many units of the scale a unit of each resource is. */
  readonly weight: Float64Array;

  constructor(problem: Reassignment) {
    const { hostCount, vmCount, resourceCount, capacity, demand, isTransient } = problem;
    const order = [...isTransient.keys()].sort((a, b) => (isTransient[a] ?? 0) - (isTransient[b] ?? 0) || a - b);
    this.#width = resourceCount;
    this.#transient = order.filter((r) => isTransient[r] === 0).length;
    this.#origin = problem.origin;
    this.weight = weights(problem);
    const ordered = (from: Float64Array, rows: number): Float64Array => Float64Array.from({ length: rows * resourceCount }, (_, i) => {
      const r = order[i % resourceCount] ?? 0;
      return (from[i - i % resourceCount + r] ?? 0) * (this.weight[r] ?? 1);
    });
    this.#over = ordered(capacity, hostCount).map((units) => -units);
    this.#beyond = new Float64Array(hostCount);
    this.#demand = ordered(demand, vmCount);
    for (let vm = 0; vm < vmCount; vm += 1) this.#take(vm, problem.origin[vm] ?? 0, this.#width, 1);
  }

  /** Units beyond capacity, weighted. */
  violations(): number {
    let sum = 0;
    for (const over of this.#over) if (over > 0) sum += over;
    return sum;
  }

  /** Units that a host carries beyond its capacity: so many fewer are too much at best once something left it. */
  beyond(host: number): number {
    return this.#beyond[host] ?? 0;
  }

  /** What changes in units beyond capacity when a VM goes from one host to another. */
  shift(vm: number, from: number, to: number): number {
    const width = this.#width;
    const over = this.#over;
    const demand = this.#demand;
    const home = this.#origin[vm];
    // At home what is transient is held whether the VM is there or not.
    const v = vm * width;
    const f = from * width;
    const t = to * width;
    let change = 0;
    if ((this.#beyond[from] ?? 0) > 0) {
      const end = from === home ? this.#transient : width;
      for (let k = 0; k < end; k += 1) {
        const before = over[f + k] ?? 0;
        const after = before - (demand[v + k] ?? 0);
        change += after + Math.abs(after) - before - Math.abs(before);
      }
    }
    const end = to === home ? this.#transient : width;
    for (let k = 0; k < end; k += 1) {
      const before = over[t + k] ?? 0;
      const after = before + (demand[v + k] ?? 0);
      change += after + Math.abs(after) - before - Math.abs(before);
    }
    return change / 2;
  }

  /** What changes when two VMs on two hosts change places. */
  swap(a: number, b: number, hostA: number, hostB: number): number {
    const width = this.#width;
    const over = this.#over;
    const demand = this.#demand;
    const va = a * width;
    const vb = b * width;
    const ha = hostA * width;
    const hb = hostB * width;
    const plain = this.#transient;
    let sum = 0;
    for (let k = 0; k < plain; k += 1) {
      const added = (demand[va + k] ?? 0) - (demand[vb + k] ?? 0);
      const afterA = (over[ha + k] ?? 0) - added;
      const afterB = (over[hb + k] ?? 0) + added;
      sum += afterA + Math.abs(afterA) + afterB + Math.abs(afterB);
    }
    // A VM takes and leaves what is transient only where it is a guest.
    const homeA = this.#origin[a];
    const homeB = this.#origin[b];
    const aComes = homeA === hostB ? 0 : 1;
    const aGoes = homeA === hostA ? 0 : 1;
    const bComes = homeB === hostA ? 0 : 1;
    const bGoes = homeB === hostB ? 0 : 1;
    for (let k = plain; k < width; k += 1) {
      const demandA = demand[va + k] ?? 0;
      const demandB = demand[vb + k] ?? 0;
      const afterA = (over[ha + k] ?? 0) + bComes * demandB - aGoes * demandA;
      const afterB = (over[hb + k] ?? 0) + aComes * demandA - bGoes * demandB;
      sum += afterA + Math.abs(afterA) + afterB + Math.abs(afterB);
    }
    return sum / 2 - (this.#beyond[hostA] ?? 0) - (this.#beyond[hostB] ?? 0);
  }

  move(vm: number, from: number, to: number): void {
    const home = this.#origin[vm];
    this.#take(vm, from, from === home ? this.#transient : this.#width, -1);
    this.#take(vm, to, to === home ? this.#transient : this.#width, 1);
  }

  #take(vm: number, host: number, end: number, sign: number): void {
    const width = this.#width;
    const base = host * width;
    for (let k = 0; k < end; k += 1) this.#over[base + k] = (this.#over[base + k] ?? 0) + sign * (this.#demand[vm * width + k] ?? 0);
    let beyond = 0;
    for (let k = 0; k < width; k += 1) {
      const over = this.#over[base + k] ?? 0;
      if (over > 0) beyond += over;
    }
    this.#beyond[host] = beyond;
  }
}

/** Whole numbers by which the average demand is much the same in each resource. */
function weights({ vmCount, resourceCount, demand }: Reassignment): Float64Array {
  const sums = new Float64Array(resourceCount);
  for (let i = 0; i < vmCount * resourceCount; i += 1) sums[i % resourceCount] = (sums[i % resourceCount] ?? 0) + (demand[i] ?? 0);
  const largest = sums.reduce((a, b) => Math.max(a, b), 0);
  return sums.map((sum) => (sum === 0 ? 1 : Math.round(largest / sum)));
}
