import type { BlockMove } from "../../../provider/plan/solve/blocks/index.js";
import { fragmentRate, type VmrCluster } from "./format.js";

export interface Judgement {
  /** Why the moves cannot be made one after another; empty where they can. */
  readonly faults: readonly string[];
  /** After the last move. */
  readonly fragmentRate: number;
}

/**
 * Carries the moves out one after another, without what found them. A VM is on both hosts while it moves: it has to fit into what
 * is free at its target before anything of it leaves. Each of its parts has a NUMA node of its own, all on one other host that is
 * active, and keeps its order.
 */
export function judge(cluster: VmrCluster, moves: readonly BlockMove[], mostMoves: number, block: number): Judgement {
  const cores = cluster.cells.map(({ freeCores }) => freeCores);
  const mib = cluster.cells.map(({ freeMib }) => freeMib);
  const at = cluster.vms.map(({ parts }) => parts.map(({ cell }) => cell));
  const faults: string[] = moves.length > mostMoves ? [`${moves.length} moves, and ${mostMoves} are allowed`] : [];
  for (const [index, { vm, cells }] of moves.entries()) {
    const moved = cluster.vms[vm];
    const from = at[vm];
    const host = cluster.cells[cells[0] ?? -1]?.host ?? -1;
    if (moved === undefined || from === undefined || cluster.isActive[host] !== true) {
      faults.push(`move ${index}: there is no such VM, or no active host for it`);
      continue;
    }
    const fault = (text: string): void => void faults.push(`move ${index}, ${moved.name} to ${cluster.hosts[host] ?? ""}: ${text}`);
    if (!moved.isMovable) fault("it may not move");
    if (cells.length !== moved.parts.length || new Set(cells).size !== cells.length) fault("not a NUMA node for each of its parts");
    if (cells.some((cell, p) => cluster.cells[cell]?.host !== host || (p > 0 && cell < (cells[p - 1] ?? 0)))) fault("its NUMA nodes are not on one host in their order");
    if (from.some((cell) => cluster.cells[cell]?.host === host)) fault("it is there already");
    for (const [p, part] of moved.parts.entries()) {
      const to = cells[p] ?? -1;
      if ((cores[to] ?? -1) < part.cores) fault(`NUMA node ${cluster.cells[to]?.node ?? "?"} has ${cores[to] ?? 0} cores free, and it needs ${part.cores}`);
      if ((mib[to] ?? -1) < part.mib) fault(`NUMA node ${cluster.cells[to]?.node ?? "?"} has ${mib[to] ?? 0} MiB free, and it needs ${part.mib}`);
      cores[to] = (cores[to] ?? 0) - part.cores;
      mib[to] = (mib[to] ?? 0) - part.mib;
    }
    for (const [p, part] of moved.parts.entries()) {
      const cell = from[p] ?? -1;
      cores[cell] = (cores[cell] ?? 0) + part.cores;
      mib[cell] = (mib[cell] ?? 0) + part.mib;
    }
    at[vm] = [...cells];
  }
  return { faults, fragmentRate: fragmentRate(cores, block) };
}
