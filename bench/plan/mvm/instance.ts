import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Inventory, PlanVm } from "../../../provider/plan/index.js";
import type { MoveTime } from "../../../provider/plan/schedule/duration.js";

/** A migration as BtrPlace writes it: seconds from the beginning, `bw` in Mb/s. */
export interface FileAction {
  readonly id: string;
  readonly vm: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly bw: number;
}

interface FileView {
  readonly id: string;
  readonly rcId?: string;
  readonly defCapacity?: number;
  readonly defConsumption?: number;
  readonly nodes?: Readonly<Record<string, number>>;
  readonly vms?: Readonly<Record<string, number>>;
}

/** What is used here of a file `random.N.json`. */
interface FileContent {
  readonly origin: {
    readonly mapping: { readonly onlineNodes: Readonly<Record<string, { readonly runningVMs: readonly number[] }>> };
    readonly attributes: { readonly vms?: Readonly<Record<string, { readonly memUsed?: number; readonly dirtyRate?: number; readonly maxDirtySize?: number; readonly maxDirtyDuration?: number }>> };
    readonly views: readonly FileView[];
  };
  readonly actions: readonly FileAction[];
}

export interface Instance {
  /** `random.1` */
  readonly name: string;
  /** The part of the name that tells it from others: `1`. */
  readonly number: string;
  readonly content: FileContent;
  readonly inventory: Inventory;
  /** The host where each VM is at the end. */
  readonly targets: ReadonlyMap<string, string>;
  /** Each VM as BtrPlace counts, in MB. */
  readonly vms: ReadonlyMap<string, PlanVm>;
}

/** All `*.json` of a folder, in the order of their numbers. */
export async function readInstances(dataDir: string): Promise<Instance[]> {
  const files = (await readdir(dataDir)).filter((name) => name.endsWith(".json"));
  const instances = await Promise.all(files.map(async (file) => instanceOf(file.replace(/\.json$/, ""), JSON.parse(await readFile(join(dataDir, file), "utf8")) as FileContent)));
  return instances.sort((a, b) => a.number.localeCompare(b.number, "en", { numeric: true }));
}

function instanceOf(name: string, content: FileContent): Instance {
  const { mapping, attributes, views } = content.origin;
  const nodes = Object.keys(mapping.onlineNodes);
  const resources = views.filter(({ id }) => id === "shareableResource");
  const amounts = (id: string, side: "nodes" | "vms", byDefault: "defCapacity" | "defConsumption"): Record<string, number> => Object.fromEntries(resources.map((view) => [view.rcId ?? "", view[side]?.[id] ?? view[byDefault] ?? 0]));
  const vms = nodes.flatMap((node) => (mapping.onlineNodes[node]?.runningVMs ?? []).map((vm): PlanVm => {
    const { memUsed = 0, dirtyRate = 0, maxDirtySize = 0, maxDirtyDuration = 0 } = attributes.vms?.[vm] ?? {};
    return { name: `vm#${vm}`, host: `node#${node}`, demand: amounts(String(vm), "vms", "defConsumption"), memoryUsedMib: memUsed / MB_PER_MIB, dirtyRateMbps: dirtyRate * 8, hotMib: maxDirtySize / MB_PER_MIB, hotSeconds: maxDirtyDuration };
  }));
  const targets = new Map([...content.actions].sort((a, b) => a.end - b.end).map(({ vm, to }) => [`vm#${vm}`, `node#${to}`]));
  return {
    name, number: name.replace(/^.*?(\d+)$/, "$1"), content, targets, vms: new Map(vms.map((vm) => [vm.name, vm])),
    inventory: {
      hosts: nodes.map((node) => {
        const mbps = linkMbps(Number(node), content.actions);
        return { name: `node#${node}`, capacity: amounts(node, "nodes", "defCapacity"), ...(mbps === 0 ? {} : { link: { inMbps: mbps, outMbps: mbps } }) };
      }),
      // Links and room alone limit these instances.
      vms, schedule: { parallelPerHost: 1000 },
    },
  };
}

const MB_PER_MIB = 1.048576;

/** The files say a link's speed only by what was planned over it: as much as its moves ever have at once, in or out. */
function linkMbps(node: number, actions: readonly FileAction[]): number {
  const most = (["from", "to"] as const).flatMap((side) => {
    const its = actions.filter((action) => action[side] === node);
    return its.map(({ start }) => its.filter((other) => other.start <= start && other.end > start).reduce((sum, { bw }) => sum + bw, 0));
  });
  return Math.max(0, ...most);
}

/**
 * Duration of a move as mVM counts it, for a fair comparison: the formula with MB, whole MB/s (link / 9 rounded down) and whole
 * seconds, and nothing fixed.
 */
export function mvmMoveTime(vm: PlanVm, mbps: number): MoveTime {
  const bandwidth = Math.floor(mbps / 9);
  const memory = (vm.memoryUsedMib ?? 0) * MB_PER_MIB;
  const hot = (vm.hotMib ?? 0) * MB_PER_MIB;
  const hotSeconds = vm.hotSeconds ?? 0;
  const rate = (vm.dirtyRateMbps ?? 0) / 8;
  const hotRate = hotSeconds > 0 ? hot / hotSeconds : 0;
  if (rate >= bandwidth || hotRate >= bandwidth) return { seconds: 1e6, converges: false };
  const shortest = memory / bandwidth;
  if (shortest <= hotSeconds) return { seconds: Math.round(shortest), converges: true };
  const cold = (hot + (shortest - hotSeconds) * rate) / (bandwidth - rate);
  const again = (hot / bandwidth) * (hotRate / (bandwidth - hotRate));
  return { seconds: Math.round(shortest + cold + again), converges: true };
}

/** A move that was really carried out. */
export interface RealMove {
  readonly vm: PlanVm;
  readonly mbps: number;
  readonly seconds: number;
  /** What mVM had predicted. */
  readonly predictedSeconds: number;
}

/** What was measured of an instance: `real/RUN/micro_random.N.csv`, in the order of runs; nothing where nothing was. */
export async function readRealMoves(dataDir: string, { number, content, vms }: Instance): Promise<RealMove[]> {
  const runs = (await readdir(join(dataDir, "real")).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  })).sort();
  const lists = await Promise.all(runs.map(async (run) => {
    const file = (await readdir(join(dataDir, "real", run))).find((name) => new RegExp(`\\D${number}\\.csv$`).test(name));
    const text = file === undefined ? "" : await readFile(join(dataDir, "real", run, file), "utf8");
    return [...text.matchAll(/migrate\(vm=vm#(\d+), from=node#(\d+), to=node#(\d+), bw=(\d+)\)\};(\d+);(\d+);/g)].flatMap((match): RealMove[] => {
      const [id, from, to, mbps, start, end] = match.slice(1).map(Number);
      const planned = content.actions.find((action) => action.vm === id && action.from === from && action.to === to);
      const vm = vms.get(`vm#${id ?? ""}`);
      if (vm === undefined || planned === undefined) return [];
      return [{ vm, mbps: mbps ?? 0, seconds: (end ?? 0) - (start ?? 0), predictedSeconds: planned.end - planned.start }];
    });
  }));
  return lists.flat();
}
