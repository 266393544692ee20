import type { PlanVm } from "../model.js";

/** Bits on the wire for a byte of memory: 8 and what headers and acknowledgements cost (BtrPlace's model: bandwidth = link / 9). */
const BITS_PER_BYTE = 9;
const BYTES_PER_MIB = 1024 ** 2;
/** Preparing the target and handing over, whatever the size: seen with QEMU 7.2 in the lab (0.4 s prepare, 0.2 s confirm). */
const FIXED_SECONDS = 1;

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
 * @param linkMbps what the move has of the links on its way
 * @example moveTime({ name: "web", demand: { memoryMib: 4096 } }, 1000).seconds // 39.7
 */
export function moveTime(vm: PlanVm, linkMbps: number): MoveTime {
  const mibPerSecond = (linkMbps * 1e6) / BITS_PER_BYTE / BYTES_PER_MIB;
  const memory = vm.memoryUsedMib ?? vm.demand["memoryMib"] ?? 0;
  const hot = vm.hotMib ?? 0;
  const hotSeconds = vm.hotSeconds ?? 0;
  const rate = ((vm.dirtyRateMbps ?? 0) * 1e6) / 8 / BYTES_PER_MIB;
  const shortest = memory / mibPerSecond;
  const hotRate = hotSeconds > 0 ? hot / hotSeconds : 0;
  const converges = rate < mibPerSecond && hotRate < mibPerSecond;
  if (!converges) return { seconds: FIXED_SECONDS + shortest * NOT_CONVERGING_FACTOR, converges };
  if (shortest <= hotSeconds) return { seconds: FIXED_SECONDS + shortest, converges };
  const cold = (hot + (shortest - hotSeconds) * rate) / (mibPerSecond - rate);
  const again = (hot / mibPerSecond) * (hotRate / (mibPerSecond - hotRate));
  return { seconds: FIXED_SECONDS + shortest + cold + again, converges };
}

/** A ladder ends such a move after some rounds: auto-converge slows the guest, post-copy takes each page once more. */
const NOT_CONVERGING_FACTOR = 3;

/** Part of a link's speed that one of so many moves at a time has. */
export function linkShareMbps(from: { readonly link?: { readonly outMbps: number } }, to: { readonly link?: { readonly inMbps: number } }, parallel: number): number {
  return Math.min(from.link?.outMbps ?? DEFAULT_LINK_MBPS, to.link?.inMbps ?? DEFAULT_LINK_MBPS) / parallel;
}

const DEFAULT_LINK_MBPS = 1000;

/** Starting and stopping a guest, in seconds: what is planned with, for nothing depends on its exact value. */
export const START_SECONDS = 5;
export const STOP_SECONDS = 10;
