/** What Pulumi's provider process loads: the dynamic provider of each kind. */
import type * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "./engine/dynamic.js";
import { handlers } from "./kinds/handlers.js";

const provided = new Map<string, pulumi.dynamic.ResourceProvider>();

/** @throws RangeError for a kind that this version does not have */
export function provide(kind: string): pulumi.dynamic.ResourceProvider {
  const known = provided.get(kind);
  if (known !== undefined) return known;
  const load = handlers[kind];
  if (load === undefined) throw new RangeError(`this version of drover has no resource ${kind}: install the version that the program uses`);
  const provider = dynamicProvider(kind, load);
  provided.set(kind, provider);
  return provider;
}
