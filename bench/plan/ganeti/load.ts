import { NO_NODE, usesDisk, usesMemory, type GanetiCluster, type GanetiInstance, type Places } from "./format.js";
import type { Facts } from "./facts.js";

/**
 * What each node carries, kept up to date instance by instance, as Ganeti counts it. Amounts "with forthcoming" count
 * instances that are only announced, and memory by the instances' sizes whether or not they run.
 */
export class Load {
  readonly cluster: GanetiCluster;
  readonly facts: Facts;
  readonly nodeCount: number;
  /** Memory that no instance uses, in MiB; never more than was measured when the file was written. */
  readonly freeMib: Float64Array;
  readonly freeMibForthcoming: Float64Array;
  readonly freeDisk: Float64Array;
  readonly freeDiskForthcoming: Float64Array;
  readonly vcpus: Float64Array;
  readonly vcpusForthcoming: Float64Array;
  readonly spindles: Float64Array;
  readonly spindlesForthcoming: Float64Array;
  readonly freeSpindles: Float64Array;
  readonly freeSpindlesForthcoming: Float64Array;
  readonly primaries: Int32Array;
  readonly secondaries: Int32Array;
  /** Unmet wishes for a location, and locations that an instance's two nodes share. */
  readonly locationScore: Int32Array;
  /** Primaries of each exclusion tag on each node, at `node * tags + tag`, and how many of them are one too many. */
  readonly tagCount: Int32Array;
  readonly conflicts: Int32Array;
  /** Primaries of each exclusion tag in each location, of nodes that are online, and how many are one too many. */
  readonly locationTagCount: Int32Array;
  locationConflicts = 0;
  /** Memory that each node would need if another failed, at `node * nodes + failed`, and the largest of a node. */
  readonly peerMib: Float64Array;
  readonly reservedMib: Float64Array;

  constructor(cluster: GanetiCluster, facts: Facts, places: Places) {
    this.cluster = cluster;
    this.facts = facts;
    const { nodes, instances } = cluster;
    const n = nodes.length;
    this.nodeCount = n;
    this.freeDisk = Float64Array.from(nodes, ({ freeDiskMib }) => freeDiskMib);
    this.freeDiskForthcoming = Float64Array.from(this.freeDisk);
    this.vcpus = Float64Array.from(nodes, ({ nodeCpus }) => nodeCpus);
    this.vcpusForthcoming = Float64Array.from(this.vcpus);
    [this.spindles, this.spindlesForthcoming] = [new Float64Array(n), new Float64Array(n)];
    this.freeSpindles = Float64Array.from(nodes, ({ freeSpindles }) => freeSpindles);
    this.freeSpindlesForthcoming = Float64Array.from(this.freeSpindles);
    [this.primaries, this.secondaries, this.locationScore, this.conflicts] = [new Int32Array(n), new Int32Array(n), new Int32Array(n), new Int32Array(n)];
    this.tagCount = new Int32Array(n * facts.exclusionTagCount);
    this.locationTagCount = new Int32Array(facts.locationCount * facts.exclusionTagCount);
    this.peerMib = new Float64Array(n * n);
    this.reservedMib = new Float64Array(n);
    // The file says what is free with its instances where they are: they are added here for what else they count.
    this.freeMib = freeBeforeInstances(cluster);
    this.freeMibForthcoming = Float64Array.from(nodes, ({ freeMib }) => freeMib);
    for (const instance of instances) this.#release(instance);
    for (let i = 0; i < instances.length; i += 1) {
      this.addPrimary(i, places.primary[i] ?? NO_NODE, places.secondary[i] ?? NO_NODE);
      this.addSecondary(i, places.secondary[i] ?? NO_NODE, places.primary[i] ?? NO_NODE);
    }
  }

  /** Does the node lack the memory for the failure of some other? */
  failsN1(node: number): boolean {
    return (this.freeMib[node] ?? 0) <= (this.reservedMib[node] ?? 0);
  }

  addPrimary(i: number, node: number, secondary: number): void {
    this.#primary(i, node, secondary, 1);
  }

  /** @param secondary where its secondary is at the time, on which its location's score depends */
  removePrimary(i: number, node: number, secondary: number): void {
    this.#primary(i, node, secondary, -1);
  }

  addSecondary(i: number, node: number, primary: number): void {
    if (node !== NO_NODE) this.#secondary(i, node, primary, 1);
  }

  removeSecondary(i: number, node: number, primary: number): void {
    if (node !== NO_NODE) this.#secondary(i, node, primary, -1);
  }

  #primary(i: number, node: number, secondary: number, sign: number): void {
    const instance = this.#instance(i);
    const vcpus = instance.status === "ADMIN_offline" ? 0 : sign * instance.vcpus;
    const disk = usesDisk(instance) ? sign * instance.diskMib : 0;
    add(this.freeMibForthcoming, node, -sign * instance.memoryMib);
    add(this.freeDiskForthcoming, node, -disk);
    add(this.vcpusForthcoming, node, vcpus);
    this.#useSpindles(instance, node, sign);
    const tags = this.facts.exclusionTags[i] ?? [];
    for (const tag of tags) this.#countTag(node, tag, sign);
    if (instance.isForthcoming) return;
    if (usesMemory(instance)) add(this.freeMib, node, -sign * instance.memoryMib);
    add(this.freeDisk, node, -disk);
    add(this.vcpus, node, vcpus);
    add(this.primaries, node, sign);
    add(this.locationScore, node, sign * this.#locationScore(i, node, secondary));
    if (this.cluster.nodes[node]?.isOffline === false) for (const location of this.facts.locations[node] ?? []) for (const tag of tags) this.#countLocation(location, tag, sign);
  }

  #secondary(i: number, node: number, primary: number, sign: number): void {
    const instance = this.#instance(i);
    const disk = usesDisk(instance) ? sign * instance.diskMib : 0;
    add(this.freeDiskForthcoming, node, -disk);
    this.#useSpindles(instance, node, sign);
    if (instance.isForthcoming) return;
    add(this.freeDisk, node, -disk);
    add(this.secondaries, node, sign);
    if (instance.status === "ADMIN_offline" || !instance.isBalanced) return;
    add(this.peerMib, node * this.nodeCount + primary, sign * instance.memoryMib);
    let most = 0;
    for (let peer = node * this.nodeCount; peer < (node + 1) * this.nodeCount; peer += 1) most = Math.max(most, this.peerMib[peer] ?? 0);
    this.reservedMib[node] = most;
  }

  /** With exclusive storage spindles are given away, otherwise they are shared. */
  #useSpindles(instance: GanetiInstance, node: number, sign: number): void {
    if (this.cluster.nodes[node]?.hasExclusiveStorage === true) {
      add(this.freeSpindlesForthcoming, node, -sign * (instance.spindles ?? 0));
      if (!instance.isForthcoming) add(this.freeSpindles, node, -sign * (instance.spindles ?? 0));
    } else if (usesDisk(instance)) {
      add(this.spindlesForthcoming, node, sign * instance.spindleUse);
      if (!instance.isForthcoming) add(this.spindles, node, sign * instance.spindleUse);
    }
  }

  #countTag(node: number, tag: number, sign: number): void {
    const at = node * this.facts.exclusionTagCount + tag;
    const before = this.tagCount[at] ?? 0;
    this.tagCount[at] = before + sign;
    add(this.conflicts, node, Math.max(0, before + sign - 1) - Math.max(0, before - 1));
  }

  #countLocation(location: number, tag: number, sign: number): void {
    const at = location * this.facts.exclusionTagCount + tag;
    const before = this.locationTagCount[at] ?? 0;
    this.locationTagCount[at] = before + sign;
    this.locationConflicts += Math.max(0, before + sign - 1) - Math.max(0, before - 1);
  }

  #locationScore(i: number, node: number, secondary: number): number {
    const own = this.facts.locations[node];
    let score = 0;
    for (const wish of this.facts.desired[i] ?? []) if (own?.has(wish) !== true) score += 1;
    for (const location of this.facts.locations[secondary] ?? []) if (own?.has(location) === true) score += 1;
    return score;
  }

  /** Takes an instance out of what the file says is free. */
  #release(instance: GanetiInstance): void {
    for (const node of [instance.primary, instance.secondary]) {
      if (node === NO_NODE) continue;
      const disk = usesDisk(instance) ? instance.diskMib : 0;
      const hasSpindles = this.cluster.nodes[node]?.hasExclusiveStorage === true;
      // Nothing of a forthcoming instance is in what was measured.
      if (instance.isForthcoming) continue;
      add(this.freeDisk, node, disk);
      add(this.freeDiskForthcoming, node, disk);
      if (hasSpindles) for (const free of [this.freeSpindles, this.freeSpindlesForthcoming]) add(free, node, instance.spindles ?? 0);
    }
    if (usesMemory(instance)) add(this.freeMibForthcoming, instance.primary, instance.memoryMib);
  }

  #instance(i: number): GanetiInstance {
    const instance = this.cluster.instances[i];
    if (instance === undefined) throw new Error(`there is no instance ${i}`);
    return instance;
  }
}

/**
 * Memory of each node without any instance: what the instances' sizes leave, without what is missing from it, should less have
 * been measured.
 */
function freeBeforeInstances({ nodes, instances }: GanetiCluster): Float64Array {
  const used = new Float64Array(nodes.length);
  for (const instance of instances) if (usesMemory(instance)) add(used, instance.primary, instance.memoryMib);
  return Float64Array.from(nodes, ({ totalMib, nodeMib, freeMib }, n) => {
    const recorded = Math.trunc(totalMib) - nodeMib;
    return recorded - Math.max(0, recorded - (used[n] ?? 0) - freeMib);
  });
}

function add(amounts: Float64Array | Int32Array, at: number, amount: number): void {
  amounts[at] = (amounts[at] ?? 0) + amount;
}
