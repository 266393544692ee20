import type { KnownHost } from "../../kinds/placement/index.js";
import type { Probe } from "./probe.js";

/** What is known of a host at one look. */
export interface Look {
  /** Empty where the host gives us no shell. */
  readonly now: Probe;
  /** The look before; empty at the first. */
  readonly before: Probe;
  /** The first look of this guard. */
  readonly first: Probe;
  readonly host: KnownHost;
}

/** One kind of trouble: what is wrong, in an operator's words, without what changes from look to look; `undefined` where nothing is. */
export type Sign = (look: Look) => string | undefined;

/** What has grown since the last look, by more than so much. */
export function grown(before: readonly { readonly path: string; readonly value: number }[], now: readonly { readonly path: string; readonly value: number }[], by: number): string[] {
  const old = new Map(before.map(({ path, value }) => [path, value]));
  return now.filter(({ path, value }) => value - (old.get(path) ?? value) > by).map(({ path }) => path);
}
