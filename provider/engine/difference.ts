import { isDeepStrictEqual } from "node:util";
import { computedInputs, inputNames, replacingInputs } from "../schema/index.js";
import { UNKNOWN, type Difference } from "./handler.js";
import type { Properties } from "./wire.js";

/**
 * What differs between the inputs in the state and those of the program.
 *
 * - What check computes (`changes`) is no difference, nor are our hidden inputs: an alias changes nothing in the world.
 * - A reference is the same as long as it means the same object: a host that is reached another way is no other host.
 * - An unknown input is a change, and never a replacement.
 */
export function differenceOf(kind: string, olds: Properties, news: Properties): Difference {
  const computed = computedInputs(kind);
  const changed = inputNames(kind).filter((name) => !computed.includes(name) && !sameValue(olds[name], news[name]));
  const replaces = replacingInputs(kind).filter((name) => changed.includes(name) && !containsUnknown(news[name]) && !sameObject(olds[name], news[name]));
  return { changes: changed.length > 0, replaces, deleteBeforeReplace: replaces.length > 0 };
}

/** Whether anything in the value is not known yet. */
export function containsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(containsUnknown);
}

function sameValue(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(withoutUndefined(a), withoutUndefined(b));
}

/** Whether two references mean the same object: by UUID, or a host by its owner id or its address. */
function sameObject(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return false;
  if (typeof a["uuid"] === "string") return a["uuid"] === b["uuid"];
  if (typeof a["uri"] === "string") return a["uri"] === b["uri"] || a["owner"] === b["owner"];
  return false;
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isObject(value)) return value ?? undefined;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null).map(([key, item]) => [key, withoutUndefined(item)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
