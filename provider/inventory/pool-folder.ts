/** An active pool, as far as it matters for the files in it. */
export interface PoolFolder {
  readonly name: string;
  /** `undefined` for a pool that is no folder. */
  readonly path: string | undefined;
  /** `undefined`: nobody shares it, as far as is known. */
  readonly sharedStorage: string | undefined;
}

/** The pool whose folder a file is in; of folders inside of each other, the inner one. */
export function poolAround<P extends PoolFolder>(path: string | undefined, pools: readonly P[]): P | undefined {
  if (path === undefined) return undefined;
  return pools.filter((pool) => pool.path !== undefined && path.startsWith(`${pool.path.replace(/\/+$/, "")}/`))
    .sort((left, right) => (right.path?.length ?? 0) - (left.path?.length ?? 0))[0];
}
