import { createHash } from "node:crypto";
import { DroverError } from "../../base/error.js";
import { UNKNOWN } from "../../engine/handler.js";
import { urnOfCall } from "../../engine/engine-calls.js";
import { basisOf, canonical, differences, digestOfBasis, type ClusterBasis } from "../../inventory/cluster/index.js";
import type { PlacementInputs } from "../../schema/index.js";
import { Handover } from "./handover.js";
import { lackingAt } from "./inventory.js";
import type { PlannedCluster } from "./planning.js";
import type { ReadCluster } from "./reading.js";

/** What a preview showed and the update of the same command keeps to. It lies in a file: no credentials are in it. */
interface Shown {
  /** Digest of the inputs. */
  readonly inputs: string;
  /** What the plan rests on, and its digest: whoever finds the same one has nothing to compare. */
  readonly basis: ClusterBasis;
  readonly digest: string;
  readonly planned: PlannedCluster;
  readonly cutOff: readonly string[];
}

/** The plan that preview showed, as the update's check uses it. */
export interface ShownPlan {
  /** Places of VMs, by name. */
  readonly places: Readonly<Record<string, string>>;
  /** The plan itself, where nothing became known since. @throws DroverError when what it rests on has changed */
  asShown(cluster: ReadCluster): PlannedCluster | undefined;
  /** @throws DroverError when a plan moves what was not shown */
  refuseOthers(planned: PlannedCluster): void;
}

/** Leaves a preview's plan for the update that may follow. */
export async function handOver(cluster: ReadCluster, planned: PlannedCluster): Promise<void> {
  const basis = basisOf(cluster.reading, { owners: cluster.owners });
  const shown: Shown = { inputs: digestOf(cluster.inputs), basis, digest: digestOfBasis(basis), planned, cutOff: cluster.cutOff.map(({ name }) => name) };
  await (await Handover.of(keyOf(cluster.inputs))).leave(shown);
}

/** What the preview of this command showed; `undefined` where it had none. */
export async function handed(inputs: PlacementInputs): Promise<ShownPlan | undefined> {
  const shown = (await (await Handover.of(keyOf(inputs))).take()) as Shown | undefined;
  if (shown === undefined) return undefined;
  const places = Object.fromEntries(Object.entries(shown.planned.assignments).filter(([, place]) => place.name !== UNKNOWN).map(([name, { name: host }]) => [name, host]));
  return {
    places,
    asShown(cluster) {
      if (shown.cutOff.length > 0) return undefined;
      const basis = basisOf(cluster.reading, { owners: cluster.owners });
      const lines = digestOfBasis(basis) === shown.digest ? [] : differences(shown.basis, asRead(basis));
      if (lines.length > 0) throw changed(inputs, lines);
      if (shown.inputs !== digestOf(cluster.inputs)) return undefined;
      const lost = lostSince(shown.planned, cluster);
      if (lost.length > 0) throw changed(inputs, lost);
      return shown.planned;
    },
    refuseOthers({ plan }) {
      const known = new Set(shown.planned.plan.moves.map(({ vm, from, to }) => JSON.stringify([vm, from, to])));
      const others = plan.moves.filter(({ vm, from, to }) => !known.has(JSON.stringify([vm, from, to])));
      if (others.length > 0) throw changed(inputs, others.map(({ vm, from, to }) => `${vm} would have to move from ${from} to ${to}, which preview did not show`));
    },
  };
}

/**
 * Networks, bridges and pools that a guest needs where it goes, and that are not there any more. What came since does not matter:
 * an `up` makes some itself before its moves, and removes what the program leaves out after them.
 */
function lostSince({ plan }: PlannedCluster, cluster: ReadCluster): string[] {
  const places = [...plan.moves.map(({ vm, to }) => [vm, to] as const), ...Object.entries(plan.starts)];
  const members = new Map(cluster.sorted.members.map((found) => [found.name, found]));
  return places.flatMap(([vm, to]) => {
    const found = members.get(vm);
    return found === undefined ? [] : lackingAt(cluster, found, to).map((what) => `${to} does not have ${what} any more, which ${vm} needs there`);
  });
}

function changed({ cluster }: PlacementInputs, differences: readonly string[]): DroverError {
  return new DroverError({ attempted: `carry out the plan of cluster ${cluster} that preview showed`, answer: ["what it rests on has changed:", ...differences].join("\n  - "),
    next: "nothing was moved: run `pulumi up` again and look at its preview" });
}

function keyOf({ cluster }: PlacementInputs): string {
  return urnOfCall() ?? cluster;
}

/** The order of properties says nothing. */
function digestOf(inputs: PlacementInputs): string {
  return createHash("sha256").update(canonical(inputs)).digest("hex");
}

/** As it is read back: JSON keeps no property without a value. */
function asRead<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
