/** What follows from a cluster's tags and policies and never changes: numbers that the metric and the moves ask for. */
import { NO_NODE, type GanetiCluster, type GanetiInstance } from "./format.js";

export interface Facts {
  /** Exclusion tags of each instance: two primaries on a node should not share one. As numbers from 0. */
  readonly exclusionTags: readonly (readonly number[])[];
  readonly exclusionTagCount: number;
  /** Locations of each node, as numbers from 0. */
  readonly locations: readonly ReadonlySet<number>[];
  readonly locationCount: number;
  /** Locations where each instance wishes to be; one that no node has is −1. */
  readonly desired: readonly (readonly number[])[];
  /** May an instance migrate from node a to node b? At `a * nodes + b`. */
  readonly canMigrate: Uint8Array;
  /** Is it moved at all: a template that can, balanced, and on nodes of one group? */
  readonly isMovable: readonly boolean[];
}

const EXCLUSION = "htools:iextags:";
const LOCATION = "htools:nlocation:";
const DESIRED = "htools:desiredlocation:";
const MIGRATION = "htools:migration:";
const ALLOWED = "htools:allowmigration:";
const MOVABLE_TEMPLATES = ["drbd", "blockdev", "sharedfile", "gluster", "rbd", "ext"];

export function factsOf(cluster: GanetiCluster): Facts {
  const exclusion = new Numbering();
  const prefixes = after(cluster.tags, EXCLUSION);
  const exclusionTags = cluster.instances.map(({ tags }) => tags.filter((tag) => prefixes.some((prefix) => tag.startsWith(prefix))).map((tag) => exclusion.of(tag)));
  const location = new Numbering();
  const locations = cluster.nodes.map(({ tags }) => new Set(tagsOf(cluster, LOCATION, tags).map((tag) => location.of(tag))));
  const wishes = after(cluster.tags, DESIRED);
  const desired = cluster.instances.map(({ tags }) => [...new Set(tags.filter((tag) => wishes.some((prefix) => tag.startsWith(prefix))))].map((tag) => location.find(tag)));
  return {
    exclusionTags, exclusionTagCount: exclusion.count, locations, locationCount: location.count, desired,
    canMigrate: migrationsOf(cluster), isMovable: cluster.instances.map((instance) => isMovable(cluster, instance)),
  };
}

/** Is it kept by two nodes that copy each other, so that its secondary node can take over? */
export function isMirrored({ template }: GanetiInstance): boolean {
  return template === "drbd";
}

/** Disk below this is kept free: Ganeti's ratio is 0. */
export const RESERVED_DISK_RATIO = 0;

function isMovable({ nodes }: GanetiCluster, instance: GanetiInstance): boolean {
  const { primary, secondary } = instance;
  const isSplit = secondary !== NO_NODE && nodes[primary]?.group !== nodes[secondary]?.group;
  return instance.isBalanced && MOVABLE_TEMPLATES.includes(instance.template) && !isSplit;
}

function migrationsOf(cluster: GanetiCluster): Uint8Array {
  const count = cluster.nodes.length;
  const allowed = after(cluster.tags, ALLOWED).map((pair) => pair.split("::")).filter((parts) => parts.length === 2);
  const needs = cluster.nodes.map(({ tags }) => tagsOf(cluster, MIGRATION, tags));
  const takes = needs.map((tags) => new Set(tags.flatMap((tag) => [tag, ...allowed.filter(([, to]) => to === tag).map(([from = ""]) => from)])));
  const can = new Uint8Array(count * count);
  for (let from = 0; from < count; from += 1) for (let to = 0; to < count; to += 1) can[from * count + to] = (needs[from] ?? []).every((tag) => takes[to]?.has(tag)) ? 1 : 0;
  return can;
}

/** What follows a prefix in those of the tags that have it. */
function after(tags: readonly string[], prefix: string): string[] {
  return tags.filter((tag) => tag.startsWith(prefix) && tag.length > prefix.length).map((tag) => tag.slice(prefix.length));
}

/** A node's tags of the kinds that the cluster's tags with this prefix name. */
function tagsOf(cluster: GanetiCluster, prefix: string, tags: readonly string[]): string[] {
  const kinds = after(cluster.tags, prefix).map((kind) => `${kind}:`);
  return [...new Set(tags.filter((tag) => kinds.some((kind) => tag.startsWith(kind))))];
}

class Numbering {
  readonly #numbers = new Map<string, number>();

  get count(): number {
    return this.#numbers.size;
  }

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  find(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }
}

