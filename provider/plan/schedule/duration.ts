import type { PlanHost, PlanVm } from "../model.js";

const BYTES_PER_MIB = 1024 ** 2;

/** What the formula leaves open, and measured moves decide (`calibrate.ts`). */
export interface DurationModel {
  /** Part of a link's bits that carry memory. */
  readonly linkShare: number;
  /** Preparing the target and handing over, whatever the size. */
  readonly fixedSeconds: number;
  /** Part of the declared dirty rate and hot memory that a migration meets. */
  readonly dirtyShare: number;
}

export const DEFAULT_MODEL: DurationModel = {
  // 9 bits on the wire for a byte of memory: headers and acknowledgements (BtrPlace's model: bandwidth = link / 9).
  linkShare: 8 / 9,
  // Seen with QEMU 7.2 in the lab: 0.4 s to prepare, 0.2 s to confirm.
  fixedSeconds: 1,
  dirtyShare: 1,
};

export interface MoveTime {
  readonly seconds: number;
  /** The guest changes memory as fast as it is copied: without its migration policy's ladder the move would not end. */
  readonly converges: boolean;
}

/**
 * How long a live migration takes (V. Kherbache, "Ordonnancement des migrations à chaud", 2016, as in BtrPlace).
 * With bw the bandwidth, mem the memory in use, and a hot part that is changed again all the time:
 * `dMin = mem / bw`; if it is longer than it takes to change the hot part,
 * `dCold = (hot + (dMin − hotSeconds) · rate) / (bw − rate)`, `dHot = hot / bw · (hot / hotSeconds) / (bw − hot / hotSeconds)`,
 * and the whole is `dMin + dCold + dHot`.
 *
 * @param mbps what the move has of the links on its way
 * @example moveTime({ name: "web", demand: { memoryMib: 4096 } }, 1000).seconds // 39.7
 */
export function moveTime(vm: PlanVm, mbps: number, { linkShare, fixedSeconds, dirtyShare }: DurationModel = DEFAULT_MODEL): MoveTime {
  const mibPerSecond = (mbps * 1e6 * linkShare) / 8 / BYTES_PER_MIB;
  const memory = vm.memoryUsedMib ?? vm.demand["memoryMib"] ?? 0;
  const hot = (vm.hotMib ?? 0) * dirtyShare;
  const hotSeconds = vm.hotSeconds ?? 0;
  const rate = ((vm.dirtyRateMbps ?? 0) * 1e6 * dirtyShare) / 8 / BYTES_PER_MIB;
  const shortest = memory / mibPerSecond;
  const hotRate = hotSeconds > 0 ? hot / hotSeconds : 0;
  const converges = rate < mibPerSecond && hotRate < mibPerSecond;
  if (!converges) return { seconds: fixedSeconds + shortest * NOT_CONVERGING_FACTOR, converges };
  if (shortest <= hotSeconds) return { seconds: fixedSeconds + shortest, converges };
  const cold = (hot + (shortest - hotSeconds) * rate) / (mibPerSecond - rate);
  const again = (hot / mibPerSecond) * (hotRate / (mibPerSecond - hotRate));
  return { seconds: fixedSeconds + shortest + cold + again, converges };
}

/** A ladder ends such a move after some rounds: auto-converge slows the guest, post-copy takes each page once more. */
const NOT_CONVERGING_FACTOR = 3;

/** Of a host whose links are not declared. */
const DEFAULT_LINK_MBPS = 1000;

/** Speed of a host's links, out and in. */
export function linkOf({ link }: PlanHost): { readonly outMbps: number; readonly inMbps: number } {
  return link ?? { outMbps: DEFAULT_LINK_MBPS, inMbps: DEFAULT_LINK_MBPS };
}

/** How fast the kernel takes a guest's pages to other cells of the host, one after another. What is planned with, on the slow side. */
const REPIN_MIB_PER_SECOND = 1024;

/** How long it takes a guest to go to other NUMA cells of its host: its CPUs at once, its memory after them, and no link. */
export function repinSeconds(vm: PlanVm | undefined): number {
  return 1 + (vm?.memoryUsedMib ?? vm?.demand["memoryMib"] ?? 0) / REPIN_MIB_PER_SECOND;
}

/** Starting and stopping a guest, in seconds: what is planned with, for nothing depends on its exact value. */
export const START_SECONDS = 5;
export const STOP_SECONDS = 10;
