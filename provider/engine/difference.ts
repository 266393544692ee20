import { isDeepStrictEqual } from "node:util";
import { computedInputs, inputNames, replacingInputs } from "../schema/index.js";
import { UNKNOWN, type Difference } from "./handler.js";
import type { Properties } from "./wire.js";

/**
 * What differs between the inputs in the state and those of the program.
 *
 * - What check computes (`changes`) is no difference, nor are our hidden inputs: an alias changes nothing in the world.
 * - A reference is the same as long as it means the same object: a host that is reached another way is no other host.
 * - A shared pool that got more hosts is the same pool to all that rests on it ({@link sameHosts}).
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

/** @param a as the state has it */
export function sameValue(a: unknown, b: unknown): boolean {
  return isSame(withoutUndefined(a), withoutUndefined(b));
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isObject(a) || !isObject(b)) return isDeepStrictEqual(a, b);
  const pools = isSharedPool(a) && isSharedPool(b);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => (pools && key === "hosts" ? sameHosts(a.hosts, b.hosts) : isSame(a[key], b[key])));
}

/** Fewer than this in the state, and one dead host leaves nobody to ask. */
const ENOUGH_HOSTS = 2;

/**
 * Whether the hosts that the state names of a shared pool are as good as those of the program. A reference is where the
 * pool's marker is read, and that is the directory of all its hosts: so it need not name a host that joined, and all disks
 * and VMs of the pool stay as they are. Their next update brings the state's reference up to date.
 *
 * A host that left, or is reached another way, is a difference: the state would ask for the pool where it is not.
 */
function sameHosts(olds: readonly unknown[], news: readonly unknown[]): boolean {
  if (isDeepStrictEqual(olds, news)) return true;
  return olds.length >= ENOUGH_HOSTS && olds.every((host) => news.some((each) => isDeepStrictEqual(host, each)));
}

function isSharedPool(value: Record<string, unknown>): value is { hosts: readonly unknown[] } & Record<string, unknown> {
  return value["shared"] === true && typeof value["path"] === "string" && Array.isArray(value["hosts"]);
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
