import type { Load } from "./load.js";

/**
 * Ganeti's cluster score: a weighted sum of the standard deviations of how full its online nodes are, and of counts of what
 * should not be. Smaller is better; the definition is that of Ganeti's manual page `hbal`, of version 3.0.
 */
export class Scorer {
  readonly #load: Load;
  readonly #online: readonly number[];
  readonly #offline: readonly number[];
  /** Values of which the standard deviation counts, of each node, at `node * DEVIATIONS + k`. */
  readonly #values: Float64Array;
  /** What a node adds by itself. */
  readonly #counts: Float64Array;

  /** @param group only nodes of this group count */
  constructor(load: Load, group: number) {
    this.#load = load;
    const { nodes } = load.cluster;
    const own = [...nodes.keys()].filter((n) => nodes[n]?.group === group);
    this.#online = own.filter((n) => nodes[n]?.isOffline === false);
    this.#offline = own.filter((n) => nodes[n]?.isOffline === true);
    this.#values = new Float64Array(nodes.length * DEVIATIONS);
    this.#counts = new Float64Array(nodes.length);
    for (const n of this.#online) this.update(n);
  }

  /** To be called for each node whose load has changed. */
  update(n: number): void {
    const load = this.#load;
    const node = load.cluster.nodes[n];
    if (node === undefined || node.isOffline) return;
    const primaries = load.primaries[n] ?? 0;
    const secondaries = load.secondaries[n] ?? 0;
    const free = node.hasExclusiveStorage ? load.freeSpindles : load.freeDisk;
    const freeForthcoming = node.hasExclusiveStorage ? load.freeSpindlesForthcoming : load.freeDiskForthcoming;
    const disks = node.hasExclusiveStorage ? node.spindles : node.totalDiskMib;
    const spindles = (load.cluster.groups[node.group]?.spindleRatio ?? 0) * node.spindles;
    const reserved = (load.reservedMib[n] ?? 0) / node.totalMib;
    const at = n * DEVIATIONS;
    const values = this.#values;
    values[at] = 0.5 * ((load.freeMib[n] ?? 0) / node.totalMib);
    values[at + 1] = 0.5 * (disks === 0 ? 1 : (free[n] ?? 0) / disks);
    values[at + 2] = reserved;
    values[at + 3] = 0.5 * ((load.vcpus[n] ?? 0) / node.cpus / node.cpuSpeed);
    // Nobody has measured the instances' load here, and each counts 1: once where it is primary for CPU, memory and network, and
    // for its disks where it is secondary too.
    values[at + 4] = LOADS_OF_PRIMARIES * primaries;
    values[at + 5] = primaries + secondaries;
    values[at + 6] = 0.5 * ratio(load.spindles[n] ?? 0, spindles);
    values[at + 7] = 0.5 * ((load.freeMibForthcoming[n] ?? 0) / node.totalMib);
    values[at + 8] = 0.5 * (disks === 0 ? 1 : (freeForthcoming[n] ?? 0) / disks);
    values[at + 9] = 0.5 * ((load.vcpusForthcoming[n] ?? 0) / node.cpus / node.cpuSpeed);
    values[at + 10] = 0.5 * ratio(load.spindlesForthcoming[n] ?? 0, spindles);
    this.#counts[n] = (load.failsN1(n) ? primaries + secondaries : 0) + 2 * (load.conflicts[n] ?? 0) + (load.locationScore[n] ?? 0) + 0.25 * reserved;
  }

  score(): number {
    const values = this.#values;
    const online = this.#online;
    let score = this.#load.locationConflicts;
    for (const n of online) score += this.#counts[n] ?? 0;
    for (const n of this.#offline) score += 20 * (this.#load.primaries[n] ?? 0) + 4 * (this.#load.secondaries[n] ?? 0);
    if (online.length === 0) return score;
    for (let k = 0; k < DEVIATIONS; k += 1) {
      let sum = 0;
      for (const n of online) sum += values[n * DEVIATIONS + k] ?? 0;
      const mean = sum / online.length;
      let squares = 0;
      for (const n of online) {
        const difference = (values[n * DEVIATIONS + k] ?? 0) - mean;
        squares += difference * difference;
      }
      score += Math.sqrt(squares / online.length);
    }
    return score;
  }
}

/** Their weights are in the values: a deviation grows with its values. */
const DEVIATIONS = 11;
const LOADS_OF_PRIMARIES = 3;

function ratio(used: number, of: number): number {
  return of === 0 ? 0 : used / of;
}
