import type { PlacementInputs } from "../provider/schema/index.js";
import { pulumi } from "./pulumi.js";
import type { StackState } from "./stack-state.js";

/**
 * The clusters of a stack as its last update left them, with the credentials of their hosts in plain text.
 * @param stack its name; the selected one when left out
 */
export async function clustersOfStack(stack: string | undefined): Promise<PlacementInputs[]> {
  // Hosts may be reached by keys that are secrets of the stack.
  const { deployment } = JSON.parse(await pulumi(["stack", "export", "--show-secrets", ...stack === undefined ? [] : ["--stack", stack]])) as StackState;
  return (deployment.resources ?? []).filter(({ type }) => type === "pulumi-nodejs:dynamic/drover:Placement").map(({ inputs }) => plainSecrets(inputs) as PlacementInputs);
}

/** Pulumi's wire form of a secret that is shown. */
function plainSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ("plaintext" in value && typeof value.plaintext === "string") return JSON.parse(value.plaintext) as unknown;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith("__")).map(([name, item]) => [name, plainSecrets(item)]));
}
