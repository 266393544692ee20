import type { Policy } from "../model.js";
import { clusterMaintenance } from "./cluster-maintenance.js";
import { evenlyDistributed } from "./evenly-distributed.js";
import { none } from "./none.js";
import type { PolicyKind, PolicyValues } from "./policy.js";
import { powerSaving } from "./power-saving.js";
import { vmEvenlyDistributed } from "./vm-evenly-distributed.js";

/** A policy whose values were validated against its own parameters. */
type AnyPolicyKind = PolicyKind;

/** All policies: a new one is a new file and a line here. */
export const policyKinds: readonly AnyPolicyKind[] = [none, evenlyDistributed, vmEvenlyDistributed, powerSaving, clusterMaintenance];

/** The policy of an inventory, with the values of its parameters. */
export function policyOf({ name, parameters = {} }: Policy = { name: "none" }): { readonly kind: PolicyKind; readonly values: PolicyValues } {
  const kind = policyKinds.find((each) => each.name === name) ?? none;
  return { kind, values: { ...Object.fromEntries(Object.entries(kind.parameters).map(([parameter, { default: value }]) => [parameter, value])), ...parameters } };
}
