/**
 * Judges a list of moves without what found it: the cluster is counted anew from its instances before and after every move, and
 * each number of the score is computed as its definition says it, node by node.
 */
import { factsOf, isMirrored, type Facts } from "./facts.js";
import { NO_NODE, placesOf, usesDisk, usesMemory, type GanetiCluster, type GanetiInstance, type Places } from "./format.js";
import type { Move, MoveKind } from "./moves.js";

/** Where an instance is on the way of a move; the last is where it stays. */
const STATIONS: Readonly<Record<MoveKind, (primary: number, secondary: number, node: number) => readonly (readonly [number, number])[]>> = {
  failover: (primary, secondary) => [[secondary, primary]],
  replaceSecondary: (primary, _secondary, node) => [[primary, node]],
  replaceAndFailover: (primary, _secondary, node) => [[node, primary]],
  replacePrimary: (_primary, secondary, node) => [[secondary, NO_NODE], [node, secondary]],
  failoverAndReplace: (_primary, secondary, node) => [[secondary, node]],
  failoverToAny: (_primary, secondary, node) => [[node, secondary]],
};

export interface Judgement {
  /** Why the moves cannot be made; empty where they can. */
  readonly faults: readonly string[];
  /** Score after the last move. */
  readonly score: number;
}

/** Carries the moves out one after another, and says what Ganeti would not permit. */
export function judge(cluster: GanetiCluster, moves: readonly Move[], group: number): Judgement {
  const facts = factsOf(cluster);
  const places = placesOf(cluster);
  const faults: string[] = [];
  for (const [index, move] of moves.entries()) {
    const instance = cluster.instances[move.instance];
    const from = places.primary[move.instance] ?? NO_NODE;
    const mirror = places.secondary[move.instance] ?? NO_NODE;
    if (instance === undefined) throw new Error(`move ${index} is about an instance that there is not`);
    const fault = (text: string): void => void faults.push(`move ${index}, ${instance.name} ${move.kind} ${cluster.nodes[move.node]?.name ?? ""}: ${text}`);
    if (facts.isMovable[move.instance] !== true) fault("it is not to be moved");
    if (isMirrored(instance) === (move.kind === "failoverToAny")) fault("not a move for its kind of disks");
    let at = from;
    for (const [primary, secondary] of STATIONS[move.kind](from, mirror, move.node)) {
      if (at !== primary && facts.canMigrate[at * cluster.nodes.length + primary] !== 1) fault("migration tags forbid it");
      at = primary;
      const forced = move.kind === "replaceSecondary" || move.kind === "replaceAndFailover" ? false : cluster.nodes[from]?.isOffline === true;
      const forcedSecondary = forced || (move.kind.startsWith("replace") && move.kind !== "replacePrimary" && cluster.nodes[mirror]?.isOffline === true);
      for (const text of station(cluster, facts, places, move.instance, { primary, secondary, from, forced, forcedSecondary }, group)) fault(text);
    }
  }
  return { faults, score: scoreOf(cluster, places, group) };
}

interface Station {
  readonly primary: number;
  readonly secondary: number;
  /** Where it ran before the move. */
  readonly from: number;
  readonly forced: boolean;
  readonly forcedSecondary: boolean;
}

/** Puts the instance there, and says what is wrong then with the nodes that it came to. */
function station(cluster: GanetiCluster, facts: Facts, places: Places, i: number, { primary, secondary, from, forced, forcedSecondary }: Station, group: number): string[] {
  const texts: string[] = [];
  const instance = cluster.instances[i];
  if (instance === undefined) return texts;
  const without = [primary, secondary].map((n) => (n === NO_NODE ? undefined : countNode(cluster, facts, places, n, i)));
  places.primary[i] = primary;
  places.secondary[i] = secondary;
  for (const [role, n] of [primary, secondary].entries()) {
    const node = cluster.nodes[n];
    if (n === NO_NODE) continue;
    if (node === undefined || node.group !== group) return [...texts, "the node is not of the group"];
    const [before, after] = [without[role], countNode(cluster, facts, places, n)];
    if (before === undefined) continue;
    const comesBack = role === 1 && n === from;
    if (node.isOffline && !comesBack) texts.push(`${node.name} is offline`);
    if (primary === secondary) texts.push("both its nodes are one");
    if (role === 0 && after.free <= 0) texts.push(`${node.name} has no memory left`);
    if (usesDisk(instance) && after.freeDisk <= 0 && !(node.isOffline && comesBack)) texts.push(`${node.name} has no disk left`);
    if (node.hasExclusiveStorage && after.freeSpindles < 0) texts.push(`${node.name} has no spindles left`);
    const stays = role === 0 && n === from;
    if (stays || (role === 0 ? forced : forcedSecondary)) continue;
    if (after.free <= after.reserved && before.free > before.reserved) texts.push(`${node.name} loses the memory kept for a failure`);
    if (role === 1 && instance.isBalanced && instance.status !== "ADMIN_offline" && after.free <= instance.memoryMib) texts.push(`${node.name} could not take it over`);
    const policy = cluster.groups[node.group];
    if (policy !== undefined && usesDisk(instance) && !node.hasExclusiveStorage && after.spindles > policy.spindleRatio * node.spindles) texts.push(`${node.name} has more on its spindles than its policy permits`);
    if (role === 0 && policy !== undefined && policy.vcpuRatio >= 0 && after.vcpus / node.cpus > policy.vcpuRatio) texts.push(`${node.name} has more virtual CPUs than its policy permits`);
    if (role === 0 && (facts.exclusionTags[i] ?? []).some((tag) => before.tags.includes(tag))) texts.push(`${node.name} has an instance with the same exclusion tag`);
  }
  return texts;
}

interface NodeCount {
  readonly free: number;
  readonly freeDisk: number;
  readonly freeSpindles: number;
  readonly spindles: number;
  readonly vcpus: number;
  /** The most memory that one other node's failure would ask for. */
  readonly reserved: number;
  readonly primaries: readonly number[];
  readonly secondaries: readonly number[];
  /** Exclusion tags of its primaries, each as often as it is there. */
  readonly tags: readonly number[];
}

/** Counts one node from all instances. @param leftOut an instance that is not counted */
function countNode(cluster: GanetiCluster, facts: Facts, places: Places, n: number, leftOut = -1): NodeCount {
  const node = cluster.nodes[n];
  if (node === undefined) throw new Error(`there is no node ${n}`);
  const real = (i: number): boolean => i !== leftOut && cluster.instances[i]?.isForthcoming === false;
  const indexes = [...cluster.instances.keys()];
  const primaries = indexes.filter((i) => real(i) && places.primary[i] === n);
  const secondaries = indexes.filter((i) => real(i) && places.secondary[i] === n);
  const sum = (list: readonly number[], amount: (instance: GanetiInstance) => number): number =>
    list.reduce((total, i) => total + (cluster.instances[i] === undefined ? 0 : amount(cluster.instances[i])), 0);
  const memory = (instance: GanetiInstance): number => (usesMemory(instance) ? instance.memoryMib : 0);
  const disk = (instance: GanetiInstance): number => (usesDisk(instance) ? instance.diskMib : 0);
  const spindles = (instance: GanetiInstance): number => (usesDisk(instance) ? instance.spindleUse : 0);
  const inFile = indexes.filter((i) => cluster.instances[i]?.isForthcoming === false);
  const wasPrimary = inFile.filter((i) => cluster.instances[i]?.primary === n);
  const wasOn = [...wasPrimary, ...inFile.filter((i) => cluster.instances[i]?.secondary === n)];
  const recorded = Math.trunc(node.totalMib) - node.nodeMib;
  const missing = Math.max(0, recorded - sum(wasPrimary, memory) - node.freeMib);
  const peers = new Map<number, number>();
  for (const i of secondaries) {
    const instance = cluster.instances[i];
    const peer = places.primary[i] ?? NO_NODE;
    if (instance?.isBalanced === true && instance.status !== "ADMIN_offline") peers.set(peer, (peers.get(peer) ?? 0) + instance.memoryMib);
  }
  const ownSpindles = (instance: GanetiInstance): number => instance.spindles ?? 0;
  return {
    free: recorded - missing - sum(primaries, memory), freeDisk: node.freeDiskMib + sum(wasOn, disk) - sum([...primaries, ...secondaries], disk),
    freeSpindles: node.freeSpindles + sum(wasOn, ownSpindles) - sum([...primaries, ...secondaries], ownSpindles), spindles: sum([...primaries, ...secondaries], spindles),
    vcpus: node.nodeCpus + sum(primaries, (instance) => (instance.status === "ADMIN_offline" ? 0 : instance.vcpus)), reserved: Math.max(0, ...peers.values()),
    primaries, secondaries, tags: primaries.flatMap((i) => facts.exclusionTags[i] ?? []),
  };
}

/** The cluster's score from its definition, for a cluster without forthcoming instances. */
export function scoreOf(cluster: GanetiCluster, places: Places, group: number): number {
  const facts = factsOf(cluster);
  const nodes = [...cluster.nodes.entries()].filter(([, node]) => node.group === group).map(([n, node]) => ({ n, node, count: countNode(cluster, facts, places, n) }));
  const online = nodes.filter(({ node }) => !node.isOffline);
  const offline = nodes.filter(({ node }) => node.isOffline);
  type Counted = (typeof nodes)[number];
  const deviation = (value: (counted: Counted) => number): number => {
    const values = online.map(value);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return values.length === 0 ? 0 : Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  };
  const total = (of: readonly Counted[], value: (counted: Counted) => number): number => of.reduce((sum, counted) => sum + value(counted), 0);
  const disk = ({ node, count }: Counted): number => {
    const [free, all] = node.hasExclusiveStorage ? [count.freeSpindles, node.spindles] : [count.freeDisk, node.totalDiskMib];
    return all === 0 ? 1 : free / all;
  };
  const spindles = ({ node, count }: Counted): number => {
    const most = (cluster.groups[node.group]?.spindleRatio ?? 0) * node.spindles;
    return node.hasExclusiveStorage || most === 0 ? 0 : count.spindles / most;
  };
  const stopped = ({ count }: Counted): number => count.primaries.reduce((sum, i) => sum + (cluster.instances[i] === undefined || usesMemory(cluster.instances[i]) ? 0 : cluster.instances[i].memoryMib), 0);
  const measured = (counted: Counted): number => {
    // With memory as it was measured, not as it was recorded, and with what stopped instances will need.
    const { node, n, count } = counted;
    const was = cluster.instances.reduce((sum, instance) => sum + (instance.primary === n && usesMemory(instance) ? instance.memoryMib : 0), 0);
    const is = count.primaries.reduce((sum, i) => sum + (cluster.instances[i] !== undefined && usesMemory(cluster.instances[i]) ? cluster.instances[i].memoryMib : 0), 0);
    return (node.freeMib + was - is - stopped(counted)) / node.totalMib;
  };
  const cpu = ({ node, count }: Counted): number => count.vcpus / node.cpus / node.cpuSpeed;
  const reserved = ({ node, count }: Counted): number => count.reserved / node.totalMib;
  const repeated = (list: readonly (number | string)[]): number => list.length - new Set(list).size;
  const location = ({ n, count }: Counted): number => count.primaries.reduce((sum, i) => {
    const here = facts.locations[n] ?? new Set();
    const shared = [...(facts.locations[places.secondary[i] ?? NO_NODE] ?? [])].filter((tag) => here.has(tag)).length;
    return sum + shared + (facts.desired[i] ?? []).filter((tag) => !here.has(tag)).length;
  }, 0);
  return 0.5 * (deviation(({ node, count }) => count.free / node.totalMib) + deviation(measured)) + 0.5 * 2 * deviation(disk) + 0.5 * 2 * deviation(cpu)
    + 0.5 * 2 * deviation(spindles) + deviation(reserved) + 0.25 * total(online, reserved)
    + 3 * deviation(({ count }) => count.primaries.length) + deviation(({ count }) => count.primaries.length + count.secondaries.length)
    + total(online, ({ count }) => (count.free <= count.reserved ? count.primaries.length + count.secondaries.length : 0))
    + 4 * total(offline, ({ count }) => count.primaries.length + count.secondaries.length) + 16 * total(offline, ({ count }) => count.primaries.length)
    + 2 * total(online, ({ count }) => repeated(count.tags)) + total(online, location)
    + repeated(online.flatMap(({ n, count }) => [...(facts.locations[n] ?? [])].flatMap((place) => count.tags.map((tag) => `${place} ${tag}`))));
}
