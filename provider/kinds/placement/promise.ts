import { createHash } from "node:crypto";
import { DroverError } from "../../base/error.js";
import { UNKNOWN } from "../../engine/handler.js";
import { urnOfCall } from "../../engine/engine-calls.js";
import { canonical, whatDiffers, type ClusterReading } from "../../inventory/cluster/index.js";
import type { HostAddress } from "../../inventory/hosts.js";
import type { PlacementInputs } from "../../schema/index.js";
import { Handover } from "./handover.js";
import type { PlannedCluster } from "./planning.js";
import type { ReadCluster } from "./reading.js";

/** What a preview showed and the update of the same command keeps to. It lies in a file: no credentials are in it. */
interface Shown {
  /** Digest of the inputs. */
  readonly inputs: string;
  readonly reading: ClusterReading;
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
  const shown: Shown = { inputs: digestOf(cluster.inputs), reading: withoutCredentials(cluster.reading), planned, cutOff: cluster.cutOff.map(({ name }) => name) };
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
      // As it is read back: JSON keeps no property without a value.
      const differences = whatDiffers(shown.reading, asRead(withoutCredentials(cluster.reading)), { owners: cluster.owners });
      if (differences.length > 0) throw changed(inputs, differences);
      return shown.inputs === digestOf(cluster.inputs) ? shown.planned : undefined;
    },
    refuseOthers({ plan }) {
      const known = new Set(shown.planned.plan.moves.map(({ vm, from, to }) => JSON.stringify([vm, from, to])));
      const others = plan.moves.filter(({ vm, from, to }) => !known.has(JSON.stringify([vm, from, to])));
      if (others.length > 0) throw changed(inputs, others.map(({ vm, from, to }) => `${vm} would have to move from ${from} to ${to}, which preview did not show`));
    },
  };
}

function changed({ cluster }: PlacementInputs, differences: readonly string[]): DroverError {
  return new DroverError({ attempted: `carry out the plan of cluster ${cluster} that preview showed`, answer: ["what it rests on has changed:", ...differences].join("\n  - "),
    next: "nothing was moved: run `pulumi up` again and look at its preview" });
}

function keyOf({ cluster }: PlacementInputs): string {
  return urnOfCall() ?? cluster;
}

function withoutCredentials({ hosts, silent }: ClusterReading): ClusterReading {
  const named = <T extends { readonly address: HostAddress }>(host: T): T => {
    const { name, uri, owner } = host.address;
    return { ...host, address: { name, uri, owner } };
  };
  return { hosts: hosts.map(named), silent: silent.map(named) };
}

/** The order of properties says nothing. */
function digestOf(inputs: PlacementInputs): string {
  return createHash("sha256").update(canonical(inputs)).digest("hex");
}

function asRead<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
