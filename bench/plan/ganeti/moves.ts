import type { Walk } from "../../../provider/plan/solve/walk.js";
import { isMirrored, RESERVED_DISK_RATIO, type Facts } from "./facts.js";
import { NO_NODE, usesDisk, usesMemory, type GanetiCluster, type GanetiInstance, type Places } from "./format.js";
import { Load } from "./load.js";
import { Scorer } from "./score.js";

/**
 * A move as hbal counts one: failover (the two nodes change places), another secondary, another primary by way of the secondary,
 * another secondary that then takes over, failover and then another secondary; or, for an instance on shared storage, another node.
 */
export type MoveKind = "failover" | "replaceSecondary" | "replaceAndFailover" | "replacePrimary" | "failoverAndReplace" | "failoverToAny";

export interface Move {
  readonly instance: number;
  readonly kind: MoveKind;
  /** The node that comes in; {@link NO_NODE} for a failover. */
  readonly node: number;
}

/** In the order in which hbal tries them, which decides between moves that are equally good. */
const MIRRORED_KINDS: readonly MoveKind[] = ["replaceSecondary", "replaceAndFailover", "replacePrimary", "failoverAndReplace"];
/** Where the secondary node is offline, nothing can run there. */
const KINDS_WITHOUT_SECONDARY: readonly MoveKind[] = ["replaceSecondary", "replaceAndFailover"];

/** Where a move leads. */
export function outcomeOf({ kind, node }: Move, primary: number, secondary: number): { readonly primary: number; readonly secondary: number } {
  switch (kind) {
    case "failover": return { primary: secondary, secondary: primary };
    case "replaceSecondary": return { primary, secondary: node };
    case "replaceAndFailover": return { primary: node, secondary: primary };
    case "replacePrimary": return { primary: node, secondary };
    case "failoverAndReplace": return { primary: secondary, secondary: node };
    case "failoverToAny": return { primary: node, secondary };
  }
}

/** A group of a cluster, as moves change it. A move is possible where Ganeti permits it: see {@link GanetiWalk.take}. */
export class GanetiWalk implements Walk<Move> {
  readonly places: Places;
  readonly #cluster: GanetiCluster;
  readonly #facts: Facts;
  readonly #load: Load;
  readonly #scorer: Scorer;
  readonly #online: readonly number[];
  readonly #movable: readonly number[];
  readonly #taken: { readonly instance: number; readonly primary: number; readonly secondary: number }[] = [];
  #cost: number;

  constructor(cluster: GanetiCluster, facts: Facts, start: Places, group: number) {
    this.places = { primary: Int32Array.from(start.primary), secondary: Int32Array.from(start.secondary) };
    this.#cluster = cluster;
    this.#facts = facts;
    this.#load = new Load(cluster, facts, start);
    this.#scorer = new Scorer(this.#load, group);
    this.#online = [...cluster.nodes.keys()].filter((n) => cluster.nodes[n]?.isOffline === false && cluster.nodes[n].group === group);
    this.#movable = [...cluster.instances.keys()].filter((i) => facts.isMovable[i] === true && cluster.nodes[start.primary[i] ?? NO_NODE]?.group === group);
    this.#cost = this.#scorer.score();
  }

  cost(): number {
    return this.#cost;
  }

  forEachStep(visit: (move: Move, scoreAfter: number) => void, every = 1, first = 0): void {
    for (let index = first; index < this.#movable.length; index += every) {
      const instance = this.#movable[index] ?? 0;
      for (const move of this.#movesOf(instance)) {
        const primary = this.#primary(instance);
        const secondary = this.#secondary(instance);
        if (!this.#change(move)) continue;
        const after = this.#scorer.score();
        this.#put(instance, primary, secondary);
        visit(move, after);
      }
    }
  }

  /**
   * Carries a move out as Ganeti would permit it: at no time does a node have less than no memory or disk, share an exclusion
   * tag, exceed its policy, or lose the memory that it keeps for another node's failure; migrations keep to their tags. From nodes
   * that are offline instances leave whatever that breaks, but for memory and disk.
   */
  take(move: Move): boolean {
    const was = { instance: move.instance, primary: this.#primary(move.instance), secondary: this.#secondary(move.instance) };
    if (move.node === was.primary || move.node === was.secondary && move.node !== NO_NODE || !this.#change(move)) return false;
    this.#taken.push(was);
    this.#cost = this.#scorer.score();
    return true;
  }

  back(): void {
    const was = this.#taken.pop();
    if (was === undefined) throw new Error("no move is left to be undone");
    this.#put(was.instance, was.primary, was.secondary);
    this.#cost = this.#scorer.score();
  }

  fingerprint(): string {
    return `${this.places.primary.join()};${this.places.secondary.join()}`;
  }

  *#movesOf(instance: number): Iterable<Move> {
    const primary = this.#primary(instance);
    const secondary = this.#secondary(instance);
    const isMirror = isMirrored(this.#instance(instance));
    const hasSecondary = this.#cluster.nodes[secondary]?.isOffline === false;
    if (isMirror && hasSecondary) yield { instance, kind: "failover", node: NO_NODE };
    const kinds: readonly MoveKind[] = isMirror ? (hasSecondary ? MIRRORED_KINDS : KINDS_WITHOUT_SECONDARY) : ["failoverToAny"];
    for (const node of this.#online) if (node !== primary && node !== secondary) for (const kind of kinds) yield { instance, kind, node };
  }

  /** Puts an instance where a move leads, where that is permitted. */
  #change(move: Move): boolean {
    const i = move.instance;
    const from = this.#primary(i);
    const mirror = this.#secondary(i);
    const { primary, secondary } = outcomeOf(move, from, mirror);
    if (!this.#canMigrate(move, from, mirror)) return false;
    const isOffline = this.#cluster.nodes[from]?.isOffline === true;
    const isMirrorOffline = this.#cluster.nodes[mirror]?.isOffline === true;
    const load = this.#load;
    load.removePrimary(i, from, mirror);
    load.removeSecondary(i, mirror, from);
    let ok: boolean;
    switch (move.kind) {
      case "replaceSecondary":
        // It stays where it runs; Ganeti wants a rest of memory and disk there nevertheless.
        ok = this.#fitsSecondary(i, secondary, primary, isMirrorOffline, false) && this.#fitsPrimary(i, primary, true);
        break;
      case "replaceAndFailover":
        ok = this.#fitsPrimary(i, primary, false) && this.#fitsSecondary(i, secondary, primary, isMirrorOffline, false);
        break;
      case "replacePrimary":
        // The secondary has to carry it for a while.
        ok = this.#fitsPrimary(i, mirror, isOffline) && this.#fitsPrimary(i, primary, isOffline) && this.#fitsSecondary(i, secondary, primary, isOffline, false);
        break;
      case "failover":
        ok = this.#fitsPrimary(i, primary, isOffline) && this.#fitsSecondary(i, secondary, primary, isOffline, isOffline);
        break;
      case "failoverAndReplace":
        ok = this.#fitsPrimary(i, primary, isOffline) && this.#fitsSecondary(i, secondary, primary, isOffline, false);
        break;
      case "failoverToAny":
        ok = this.#fitsPrimary(i, primary, isOffline);
        break;
    }
    const [endPrimary, endSecondary] = ok ? [primary, secondary] : [from, mirror];
    load.addPrimary(i, endPrimary, endSecondary);
    load.addSecondary(i, endSecondary, endPrimary);
    if (!ok) return false;
    this.places.primary[i] = primary;
    this.places.secondary[i] = secondary;
    this.#update(from, mirror, primary, secondary);
    return true;
  }

  #canMigrate({ kind, node }: Move, primary: number, secondary: number): boolean {
    const can = (from: number, to: number): boolean => this.#facts.canMigrate[from * this.#load.nodeCount + to] === 1;
    switch (kind) {
      case "replaceSecondary": return true;
      case "failover": case "failoverAndReplace": return can(primary, secondary);
      case "replacePrimary": return can(primary, secondary) && can(secondary, node);
      case "replaceAndFailover": case "failoverToAny": return can(primary, node);
    }
  }

  /** @param isForced only what cannot be is refused, as for an instance that leaves an offline node */
  #fitsPrimary(i: number, n: number, isForced: boolean): boolean {
    const instance = this.#instance(i);
    const load = this.#load;
    const node = this.#cluster.nodes[n];
    if (node === undefined) return false;
    const hasDisk = usesDisk(instance);
    const free = (load.freeMib[n] ?? 0) - (usesMemory(instance) ? instance.memoryMib : 0);
    const disk = (load.freeDisk[n] ?? 0) - instance.diskMib;
    if (!instance.isForthcoming) {
      if (free <= 0 || hasDisk && disk <= 0) return false;
      if (hasDisk && node.hasExclusiveStorage && !this.#hasSpindles(instance, load.freeSpindles[n] ?? 0)) return false;
    }
    if (isForced) return true;
    const policy = this.#cluster.groups[node.group];
    const vcpus = instance.status === "ADMIN_offline" ? 0 : instance.vcpus;
    if (policy === undefined || policy.vcpuRatio >= 0 && policy.vcpuRatio < ((load.vcpusForthcoming[n] ?? 0) + vcpus) / node.cpus) return false;
    if (hasDisk && !this.#hasDisk(instance, n)) return false;
    if ((load.freeMibForthcoming[n] ?? 0) - instance.memoryMib <= 0) return false;
    if (instance.isForthcoming) return true;
    if (free <= (load.reservedMib[n] ?? 0) && !load.failsN1(n)) return false;
    return !(this.#facts.exclusionTags[i] ?? []).some((tag) => (load.tagCount[n * this.#facts.exclusionTagCount + tag] ?? 0) > 0);
  }

  #fitsSecondary(i: number, n: number, primary: number, isForced: boolean, isDiskThere: boolean): boolean {
    const instance = this.#instance(i);
    const load = this.#load;
    const node = this.#cluster.nodes[n];
    if (node === undefined || !isMirrored(instance)) return false;
    if (!instance.isForthcoming) {
      if (!isDiskThere && (load.freeDisk[n] ?? 0) - instance.diskMib <= 0) return false;
      if (node.hasExclusiveStorage && !this.#hasSpindles(instance, load.freeSpindles[n] ?? 0)) return false;
    }
    if (isForced) return true;
    const needed = instance.status === "ADMIN_offline" || !instance.isBalanced ? 0 : instance.memoryMib;
    if (!this.#hasDisk(instance, n) || needed >= (load.freeMibForthcoming[n] ?? 0)) return false;
    if (instance.isForthcoming) return true;
    const free = load.freeMib[n] ?? 0;
    const reserved = Math.max(load.reservedMib[n] ?? 0, (load.peerMib[n * load.nodeCount + primary] ?? 0) + needed);
    return needed < free && (free > reserved || load.failsN1(n));
  }

  /** Disk and spindles that the policy asks for, with what is only announced. */
  #hasDisk(instance: GanetiInstance, n: number): boolean {
    const load = this.#load;
    const node = this.#cluster.nodes[n];
    if (node === undefined) return false;
    const least = Math.floor(RESERVED_DISK_RATIO * node.totalDiskMib);
    const disk = (load.freeDiskForthcoming[n] ?? 0) - instance.diskMib;
    if (disk <= 0 || disk < least) return false;
    if (node.hasExclusiveStorage) return this.#hasSpindles(instance, load.freeSpindlesForthcoming[n] ?? 0);
    return (load.spindlesForthcoming[n] ?? 0) + instance.spindleUse <= (this.#cluster.groups[node.group]?.spindleRatio ?? 0) * node.spindles;
  }

  #hasSpindles({ spindles }: GanetiInstance, free: number): boolean {
    return spindles !== undefined && free >= spindles;
  }

  /** Puts an instance back where it was. */
  #put(i: number, primary: number, secondary: number): void {
    const [from, mirror] = [this.#primary(i), this.#secondary(i)];
    this.#load.removePrimary(i, from, mirror);
    this.#load.removeSecondary(i, mirror, from);
    this.#load.addPrimary(i, primary, secondary);
    this.#load.addSecondary(i, secondary, primary);
    this.places.primary[i] = primary;
    this.places.secondary[i] = secondary;
    this.#update(from, mirror, primary, secondary);
  }

  #update(...nodes: readonly number[]): void {
    for (const node of nodes) if (node !== NO_NODE) this.#scorer.update(node);
  }

  #primary(i: number): number {
    return this.places.primary[i] ?? NO_NODE;
  }

  #secondary(i: number): number {
    return this.places.secondary[i] ?? NO_NODE;
  }

  #instance(i: number): GanetiInstance {
    const instance = this.#cluster.instances[i];
    if (instance === undefined) throw new Error(`there is no instance ${i}`);
    return instance;
  }
}
