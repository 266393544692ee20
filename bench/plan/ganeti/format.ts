/**
 * Ganeti's text format, as `hbal -t` reads it: groups, nodes, instances, cluster tags and policies, each a section of lines
 * with fields divided by `|`, sections divided by an empty line. Memory and disk are in MiB.
 */

export interface GanetiNode {
  readonly name: string;
  readonly totalMib: number;
  /** Memory of the node itself. */
  readonly nodeMib: number;
  /** Free memory as it was measured, which may be less than what the instances' sizes leave. */
  readonly freeMib: number;
  readonly totalDiskMib: number;
  readonly freeDiskMib: number;
  readonly cpus: number;
  readonly isOffline: boolean;
  /** Index of its group. */
  readonly group: number;
  readonly spindles: number;
  readonly tags: readonly string[];
  /** Spindles are given to one instance each, instead of being shared. */
  readonly hasExclusiveStorage: boolean;
  readonly freeSpindles: number;
  /** CPUs of the node itself. */
  readonly nodeCpus: number;
  readonly cpuSpeed: number;
}

export interface GanetiInstance {
  readonly name: string;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly vcpus: number;
  /** `running`, `ADMIN_down`, `ADMIN_offline` and others. */
  readonly status: string;
  /** May it be moved without being asked for? */
  readonly isBalanced: boolean;
  /** Indexes of nodes. The secondary is {@link NO_NODE} for an instance without a mirror. */
  readonly primary: number;
  readonly secondary: number;
  /** How its disks are kept: `drbd` has a mirror on another node. */
  readonly template: string;
  readonly tags: readonly string[];
  readonly spindleUse: number;
  /** Spindles of its own, on nodes with exclusive storage; undefined where nobody knows. */
  readonly spindles: number | undefined;
  /** Is it only announced, and uses nothing yet? */
  readonly isForthcoming: boolean;
}

export interface GanetiGroup {
  readonly name: string;
  readonly id: string;
  /** Virtual CPUs for each physical one, at most. */
  readonly vcpuRatio: number;
  readonly spindleRatio: number;
}

export interface GanetiCluster {
  readonly groups: readonly GanetiGroup[];
  readonly nodes: readonly GanetiNode[];
  readonly instances: readonly GanetiInstance[];
  readonly tags: readonly string[];
  /** The file's lines, for {@link writeGaneti}. */
  readonly lines: readonly string[];
}

/** Primary and secondary node of each instance. */
export interface Places {
  readonly primary: Int32Array;
  readonly secondary: Int32Array;
}

/** In place of a secondary node: there is none. */
export const NO_NODE = -1;

/** What a group's policy says when the file has none: Ganeti's defaults. */
const DEFAULT_VCPU_RATIO = 4;
const DEFAULT_SPINDLE_RATIO = 32;

export function readGaneti(text: string): GanetiCluster {
  const lines = text.split("\n");
  const [groupLines, nodeLines, instanceLines, tags, policyLines] = sectionsOf(lines);
  if (groupLines === undefined || nodeLines === undefined || instanceLines === undefined || tags === undefined) {
    throw new Error("a file of Ganeti's has at least four sections: groups, nodes, instances and tags");
  }
  const policies = new Map((policyLines ?? []).map((line) => [line.split("|")[0] ?? "", line.split("|")] as const));
  const groups = groupLines.map((line) => {
    const [name = "", id = ""] = line.split("|");
    const policy = policies.get(name);
    return { name, id, vcpuRatio: number(policy?.[4], DEFAULT_VCPU_RATIO), spindleRatio: number(policy?.[5], DEFAULT_SPINDLE_RATIO) };
  });
  const groupOf = new Map(groups.map(({ id }, index) => [id, index]));
  const nodes = nodeLines.map((line) => readNode(line.split("|"), groupOf));
  const nodeOf = new Map(nodes.map(({ name }, index) => [name, index]));
  const instances = instanceLines.map((line) => readInstance(line.split("|"), nodeOf));
  return { groups, nodes, instances, tags, lines };
}

export function placesOf({ instances }: GanetiCluster): Places {
  return { primary: Int32Array.from(instances, ({ primary }) => primary), secondary: Int32Array.from(instances, ({ secondary }) => secondary) };
}

/** Does it use memory where it is primary? */
export function usesMemory({ status, isForthcoming }: GanetiInstance): boolean {
  return !isForthcoming && !["ADMIN_down", "ADMIN_offline", "ERROR_down", "USER_down"].includes(status);
}

/** Does it use disk of the nodes where it is, rather than of a common storage? */
export function usesDisk({ template }: GanetiInstance): boolean {
  return template === "drbd" || template === "plain";
}

/** The same file with the instances on other nodes, and with what that leaves free on the nodes. */
export function writeGaneti(cluster: GanetiCluster, places: Places): string {
  const memory = new Float64Array(cluster.nodes.length);
  const disk = new Float64Array(cluster.nodes.length);
  const spindles = new Float64Array(cluster.nodes.length);
  const count = (node: number, instance: GanetiInstance, sign: number, isPrimary: boolean): void => {
    if (node === NO_NODE || instance.isForthcoming) return;
    if (isPrimary && usesMemory(instance)) memory[node] = (memory[node] ?? 0) + sign * instance.memoryMib;
    if (usesDisk(instance)) disk[node] = (disk[node] ?? 0) + sign * instance.diskMib;
    if (usesDisk(instance)) spindles[node] = (spindles[node] ?? 0) + sign * (instance.spindles ?? 0);
  };
  for (const [i, instance] of cluster.instances.entries()) {
    count(instance.primary, instance, 1, true);
    count(instance.secondary, instance, 1, false);
    count(places.primary[i] ?? NO_NODE, instance, -1, true);
    count(places.secondary[i] ?? NO_NODE, instance, -1, false);
  }
  const lines = [...cluster.lines];
  const firstNode = lines.indexOf("") + 1;
  for (const [n, node] of cluster.nodes.entries()) {
    const fields = (lines[firstNode + n] ?? "").split("|");
    if (fields[3] !== "?") fields[3] = String(node.freeMib + (memory[n] ?? 0));
    if (fields[5] !== "?") fields[5] = String(node.freeDiskMib + (disk[n] ?? 0));
    if (node.hasExclusiveStorage) fields[12] = String(node.freeSpindles + (spindles[n] ?? 0));
    lines[firstNode + n] = fields.join("|");
  }
  const firstInstance = firstNode + cluster.nodes.length + 1;
  for (const i of cluster.instances.keys()) {
    const fields = (lines[firstInstance + i] ?? "").split("|");
    fields[6] = cluster.nodes[places.primary[i] ?? NO_NODE]?.name ?? "";
    fields[7] = cluster.nodes[places.secondary[i] ?? NO_NODE]?.name ?? "";
    lines[firstInstance + i] = fields.join("|");
  }
  return lines.join("\n");
}

function readNode(fields: readonly string[], groupOf: ReadonlyMap<string, number>): GanetiNode {
  const [name = "", total, own, free, totalDisk, freeDisk, cpus, state, groupId = "", spindles, tags, exclusive, freeSpindles, nodeCpus, cpuSpeed] = fields;
  const group = groupOf.get(groupId);
  if (group === undefined) throw new Error(`node ${name} is of group ${groupId}, which the file does not have`);
  // Where nobody knows what a node has, it is not there.
  const isUnknown = [total, own, free, totalDisk, freeDisk, cpus].includes("?");
  const amount = (field: string | undefined): number => (isUnknown ? 0 : number(field, NaN, name));
  return {
    name, group, totalMib: amount(total), nodeMib: amount(own), freeMib: amount(free), totalDiskMib: amount(totalDisk), freeDiskMib: amount(freeDisk), cpus: amount(cpus),
    isOffline: isUnknown || state === "Y", spindles: number(spindles, 1), tags: listOf(tags), hasExclusiveStorage: exclusive === "Y",
    freeSpindles: number(freeSpindles, 0), nodeCpus: number(nodeCpus, 1), cpuSpeed: number(cpuSpeed, 1),
  };
}

function readInstance(fields: readonly string[], nodeOf: ReadonlyMap<string, number>): GanetiInstance {
  const [name = "", memory, disk, vcpus, status = "", balanced, primaryName = "", secondaryName = "", template = "", tags, spindleUse, spindles, forthcoming] = fields;
  const primary = nodeOf.get(primaryName);
  const secondary = secondaryName === "" ? NO_NODE : nodeOf.get(secondaryName);
  if (primary === undefined || secondary === undefined) throw new Error(`instance ${name} is on a node that the file does not have`);
  return {
    name, memoryMib: number(memory, NaN, name), diskMib: number(disk, NaN, name), vcpus: number(vcpus, NaN, name), status, isBalanced: balanced === "Y", primary, secondary, template,
    tags: listOf(tags), spindleUse: number(spindleUse, 1), spindles: spindles === undefined || spindles === "-" ? undefined : number(spindles, 0), isForthcoming: forthcoming === "Y",
  };
}

function sectionsOf(lines: readonly string[]): string[][] {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line === "") sections.push([]);
    else sections.at(-1)?.push(line);
  }
  return sections;
}

function listOf(field: string | undefined): string[] {
  return field === undefined || field === "" ? [] : field.split(",");
}

/** @param of whom it is about, where it must be a number */
function number(field: string | undefined, otherwise: number, of?: string): number {
  const value = field === undefined || field === "" ? otherwise : Number(field);
  if (Number.isNaN(value)) throw new Error(`${of ?? "a field"}: "${field ?? ""}" is not a number`);
  return value;
}
