import type { Pattern } from "./patterns.js";
import type { BlockMove, BlockProblem } from "./problem.js";
import type { Shape } from "./shape.js";

interface Leaving {
  readonly vm: number;
  readonly host: number;
}

interface Room {
  readonly cells: readonly number[];
  readonly host: number;
}

/** Moves that make each host's pattern true: VMs that leave are given the rooms that are asked to be filled, each on another host. */
export function movesOf(problem: BlockProblem, shape: Shape, patterns: readonly Pattern[]): BlockMove[] {
  const vmsAt = new Map<string, number[]>();
  for (const [vm, { parts, isMovable }] of problem.vms.entries()) {
    if (!isMovable) continue;
    const key = `${Math.min(...parts.map(({ cell }) => cell))} ${shape.sizeOf[vm] ?? 0}`;
    vmsAt.set(key, [...(vmsAt.get(key) ?? []), vm]);
  }
  const moves: BlockMove[] = [];
  for (const [size, { isDouble }] of shape.sizes.entries()) {
    const leaving: Leaving[] = [];
    const rooms: Room[] = [];
    for (const [host, { cells }] of patterns.entries()) {
      for (const [index, counts] of cells.entries()) {
        const cell = shape.cellsOf[host]?.[index] ?? -1;
        const x = counts[size] ?? 0;
        for (const vm of (vmsAt.get(`${cell} ${size}`) ?? []).slice(0, Math.max(0, x))) leaving.push({ vm, host });
        for (let i = x; i < 0; i += 1) rooms.push({ cells: isDouble ? (shape.cellsOf[host] ?? []) : [cell], host });
      }
    }
    moves.push(...pair(leaving, rooms));
  }
  return withMemory(problem, moves);
}

/** Each VM gets a room on another host; where only its own is left, one that is paired already exchanges with it. */
function pair(leaving: readonly Leaving[], rooms: readonly Room[]): BlockMove[] {
  const free = [...rooms];
  const pairs: { readonly from: Leaving; to: Room }[] = [];
  for (const from of leaving) {
    const at = free.findIndex(({ host }) => host !== from.host);
    const [to] = free.splice(Math.max(0, at), 1);
    if (to === undefined) break;
    if (at >= 0) {
      pairs.push({ from, to });
      continue;
    }
    const other = pairs.find((candidate) => candidate.to.host !== from.host && candidate.from.host !== to.host);
    if (other === undefined) continue;
    pairs.push({ from, to: other.to });
    other.to = to;
  }
  return pairs.map(({ from, to }) => ({ vm: from.vm, cells: to.cells }));
}

/** Leaves out what finds no memory: the patterns are about cores. */
function withMemory({ cells, vms }: BlockProblem, moves: readonly BlockMove[]): BlockMove[] {
  const came = new Float64Array(cells.length);
  return moves.filter((move) => {
    const parts = vms[move.vm]?.parts ?? [];
    if (move.cells.some((cell, p) => (came[cell] ?? 0) + (parts[p]?.mib ?? 0) > (cells[cell]?.freeMib ?? 0))) return false;
    for (const [p, cell] of move.cells.entries()) came[cell] = (came[cell] ?? 0) + (parts[p]?.mib ?? 0);
    return true;
  });
}
