/**
 * Free cores in whole blocks: VMs move between NUMA cells so that as few free cores as possible are left over beside blocks of so
 * many, with a limit on the moves. A VM that asks for a block on one cell then finds one.
 */
export interface BlockProblem {
  /** Cores of a block, a whole number. */
  readonly block: number;
  readonly mostMoves: number;
  /** May the host take VMs? */
  readonly isActive: readonly boolean[];
  readonly cells: readonly BlockCell[];
  readonly vms: readonly BlockVm[];
}

export interface BlockCell {
  /** Index of its host. */
  readonly host: number;
  /** Whole numbers, as are those of the VMs. */
  readonly cores: number;
  readonly freeCores: number;
  readonly freeMib: number;
}

export interface BlockVm {
  readonly isMovable: boolean;
  /** What it uses of one cell, or of several cells of a host, each of its own. */
  readonly parts: readonly BlockPart[];
}

export interface BlockPart {
  readonly cell: number;
  readonly cores: number;
  readonly mib: number;
}

/** A VM goes to these cells of another host, part by part. */
export interface BlockMove {
  readonly vm: number;
  readonly cells: readonly number[];
}
