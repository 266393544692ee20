import type { PoolRef } from "../schema/index.js";

/**
 * A pool's owner is its first host's. Once something of ours carries it, it stays, whichever host is first today.
 * @param old the reference in the state
 */
export function keepPoolOwner(old: PoolRef | undefined, now: PoolRef): PoolRef {
  return old !== undefined && old.uuid === now.uuid ? { ...now, owner: old.owner } : now;
}
