import { DroverError, messageOf } from "../../base/error.js";
import type { PlacementInputs } from "../../schema/index.js";

/**
 * A cluster's inputs as a record or a file keeps them. Only what everything else rests on is looked at: newer versions may add to it.
 * @param attempted what is read: `read the cluster from cluster.json`
 * @param next what to do where it is none
 * @throws DroverError when it is no cluster
 */
export function parseKeptInputs(text: string, attempted: string, next: string): PlacementInputs {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new DroverError({ attempted, answer: `it is no JSON: ${messageOf(error)}`, next, cause: error });
  }
  if (!isCluster(found)) throw new DroverError({ attempted, answer: "it is no cluster of Drover's: it has no name, no owner, no hosts or no VMs", next });
  return found;
}

/** Whether it has what a guard goes by, each of its type. */
function isCluster(value: unknown): value is PlacementInputs {
  return isObject(value) && typeof value["cluster"] === "string" && typeof value["owner"] === "string"
    && Array.isArray(value["hosts"]) && value["hosts"].every((each: unknown) => isObject(each) && isObject(each["host"]) && typeof each["host"]["name"] === "string" && typeof each["host"]["uri"] === "string")
    && isObject(value["vms"]) && Object.values(value["vms"]).every((each) => isObject(each) && typeof each["key"] === "string" && typeof each["running"] === "boolean");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
