import { DroverError } from "../provider/base/error.js";
import type { StackState, StateResource } from "./stack-state.js";

export interface Forgotten {
  readonly deployment: StackState;
  /** URNs that left the state. */
  readonly removed: readonly string[];
  /** Names of the VMs among them. */
  readonly guests: readonly string[];
  /** Parts of pools that stay: those of shared pools name the host in their folder's marker. */
  readonly poolParts: readonly PoolPart[];
}

/** One host's part of a storage pool. */
export interface PoolPart {
  readonly uuid: string;
  readonly name: string;
  readonly path: string;
  readonly host: { readonly name: string; readonly uri: string; readonly owner: string };
}

/**
 * A state without a host: the host itself, its parts of pools and networks, and the VMs that were last seen on it are gone
 * from it, and no other resource depends on them or names the host among a pool's hosts.
 * @throws DroverError when the state has no such host
 */
export function forgetHost(state: StackState, name: string): Forgotten {
  const resources = state.deployment.resources ?? [];
  const host = resources.find((resource) => isKind(resource, "Host") && nameOf(resource) === name);
  if (host === undefined) {
    const known = resources.filter((resource) => isKind(resource, "Host")).map(nameOf);
    throw new DroverError({ attempted: `forget host ${name}`, answer: `the stack has no host of that name (it has ${known.join(", ") || "none"})`, next: "give the host's name in the program" });
  }
  const uri = host.inputs?.["uri"];
  const leaving = resources.filter((resource) => resource === host || livesOn(resource, name, uri));
  const removed = new Set(leaving.map((resource) => resource.urn));
  const kept = resources.filter((resource) => !removed.has(resource.urn)).map((resource) => without(resource, removed, uri));
  return {
    deployment: { ...state, deployment: { ...state.deployment, resources: kept } },
    removed: [...removed],
    poolParts: kept.filter((resource) => isKind(resource, "HostStoragePool") && resource.inputs?.["shared"] === true).flatMap(poolPartOf),
    guests: leaving.filter((resource) => isKind(resource, "VirtualMachine")).map(nameOf),
  };
}

function poolPartOf({ inputs, outputs }: StateResource): PoolPart[] {
  const [uuid, name, path, host] = [outputs?.["uuid"], inputs?.["name"], inputs?.["path"], inputs?.["host"]];
  if (typeof uuid !== "string" || typeof name !== "string" || typeof path !== "string" || !isHost(host)) return [];
  return [{ uuid, name, path, host: { name: host.name, uri: host.uri, owner: host.owner } }];
}

function isHost(value: unknown): value is PoolPart["host"] {
  return typeof value === "object" && value !== null && "name" in value && "uri" in value && "owner" in value
    && typeof value.name === "string" && typeof value.uri === "string" && typeof value.owner === "string";
}

/** Whether all that a resource is lies on the host. */
function livesOn(resource: StateResource, name: string, uri: unknown): boolean {
  if (isKind(resource, "VirtualMachine")) return resource.outputs?.["runsOn"] === name;
  if (!["HostStoragePool", "HostNetwork", "Disk"].some((kind) => isKind(resource, kind))) return false;
  return uriOf(resource.inputs?.["host"]) === uri;
}

function without(resource: StateResource, removed: ReadonlySet<string>, uri: unknown): StateResource {
  const stays = (urn: string): boolean => !removed.has(urn);
  return {
    ...resource,
    ...(resource.inputs === undefined ? {} : { inputs: withoutHost(resource.inputs, uri) }),
    ...(resource.outputs === undefined ? {} : { outputs: withoutHost(resource.outputs, uri) }),
    ...(resource.dependencies === undefined ? {} : { dependencies: resource.dependencies.filter(stays) }),
    ...(resource.propertyDependencies === undefined ? {} : {
      propertyDependencies: Object.fromEntries(Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, urns?.filter(stays) ?? null])),
    }),
  };
}

/** A value without the host in any list of hosts. */
function withoutHost<T>(value: T, uri: unknown): T {
  return prune(value, uri) as T;
}

function prune(value: unknown, uri: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => uriOf(item) === undefined || uriOf(item) !== uri).map((item) => prune(item, uri));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, prune(item, uri)]));
}

function uriOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "uri" in value ? value.uri : undefined;
}

function isKind(resource: StateResource, kind: string): boolean {
  return resource.type === `pulumi-nodejs:dynamic/drover:${kind}`;
}

function nameOf(resource: StateResource): string {
  return resource.urn.split("::").at(-1) ?? "";
}
