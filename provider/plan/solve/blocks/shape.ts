import type { BlockCell, BlockProblem } from "./problem.js";

/** VMs that use the same of one cell, or of both cells of a host: one kind for the search. */
export interface Size {
  /** Of each cell. */
  readonly units: number;
  readonly isDouble: boolean;
}

/** Hosts that are the same for the search: free units, capacity and VMs of each size that may leave. */
export interface HostClass {
  readonly hosts: readonly number[];
  readonly takes: boolean;
  readonly free: readonly [number, number];
  readonly units: readonly [number, number];
  /** By cell for VMs of one cell; for those of both at the first. */
  readonly count: readonly [Int32Array, Int32Array];
}

/** The problem counted in the largest amount that divides everything. */
export interface Shape {
  readonly block: number;
  readonly mostMoves: number;
  /** The largest cell. */
  readonly span: number;
  readonly sizes: readonly Size[];
  readonly classes: readonly HostClass[];
  /** Cells of each host, and size of each VM. */
  readonly cellsOf: readonly (readonly number[])[];
  readonly sizeOf: Int32Array;
}

/** undefined for what has no such shape: hosts of more than two cells, VMs with unequal parts, and fractions of cores. */
export function shapeOf({ block, mostMoves, isActive, cells, vms }: BlockProblem): Shape | undefined {
  const cellsOf = isActive.map((): number[] => []);
  for (const [cell, { host }] of cells.entries()) cellsOf[host]?.push(cell);
  const amounts = [block, ...cells.flatMap(({ freeCores, cores }) => [freeCores, cores]), ...vms.flatMap(({ parts }) => parts.map(({ cores }) => cores))];
  const isEven = vms.every(({ parts }) => parts.length > 0 && parts.length <= 2 && parts.every(({ cores }) => cores === parts[0]?.cores));
  if (!isEven || cellsOf.some((own) => own.length > 2) || amounts.some((amount) => !Number.isInteger(amount) || amount < 0)) return undefined;
  const unit = amounts.reduce(divisor);
  const sizes: Size[] = [];
  const known = new Map<string, number>();
  const counts = cells.map((): number[] => []);
  const sizeOf = Int32Array.from(vms, ({ parts, isMovable }) => {
    const units = (parts[0]?.cores ?? 0) / unit;
    const key = `${units} ${parts.length}`;
    const size = known.get(key) ?? sizes.length;
    if (size === sizes.length) sizes.push({ units, isDouble: parts.length === 2 });
    known.set(key, size);
    const count = counts[Math.min(...parts.map(({ cell }) => cell))];
    if (count !== undefined && isMovable && units > 0) count[size] = (count[size] ?? 0) + 1;
    return size;
  });
  const classes = new Map<string, HostClass & { readonly hosts: number[] }>();
  for (const [host, [a = -1, b = -1]] of cellsOf.entries()) {
    const pair = [cells[a], cells[b]];
    const numbers = (pick: (cell: BlockCell) => number): [number, number] => [pair[0] === undefined ? 0 : pick(pair[0]) / unit, pair[1] === undefined ? 0 : pick(pair[1]) / unit];
    const of = (cell: number): Int32Array => Int32Array.from(sizes, (_, size) => counts[cell]?.[size] ?? 0);
    const shape = { takes: isActive[host] === true, free: numbers(({ freeCores }) => freeCores), units: numbers(({ cores }) => cores), count: [of(a), of(b)] as const };
    const key = JSON.stringify([shape.takes, shape.free, shape.units, ...shape.count.map((count) => [...count])]);
    const same = classes.get(key);
    if (same === undefined) classes.set(key, { hosts: [host], ...shape });
    else same.hosts.push(host);
  }
  return { block: block / unit, mostMoves, span: Math.max(0, ...cells.map(({ cores }) => cores / unit)), sizes, classes: [...classes.values()], cellsOf, sizeOf };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
