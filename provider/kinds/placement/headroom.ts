import { whatIfLost, type Inventory, type Plan } from "../../plan/index.js";
import type { PlacementInputs } from "../../schema/index.js";

/** What the loss of any one host, or failure domain, would leave without a place. JSON-serializable. */
export interface Headroom {
  /** What is lost: `host`, or the label of a domain, such as `rack`. */
  readonly of: string;
  /** How many losses were looked at, and how many there are. */
  readonly looked: number;
  readonly possible: number;
  /** How many of them leave every VM a place. */
  readonly survived: number;
  /** The others: names of VMs that no host would have room for, or might have. */
  readonly unsurvived: readonly { readonly lost: string; readonly left: readonly string[] }[];
}

/** As things are when the plan is carried out: of hosts, and of the domains that the cluster is to tolerate the loss of. */
export function headroomOf(inventory: Inventory, { assignments }: Pick<Plan, "assignments">, tolerate: PlacementInputs["tolerate"]): readonly Headroom[] {
  const after: Inventory = { ...inventory, vms: inventory.vms.map((vm) => {
    const { host: _before, ...rest } = vm;
    const place = vm.managed === false ? vm.host : assignments[vm.name]?.host;
    return { ...rest, ...(place === undefined ? {} : { host: place }) };
  }) };
  const kinds = [undefined, ...Object.keys(tolerate ?? {}).filter((of) => of !== "hosts")];
  return kinds.map((across) => {
    const { losses, possible } = whatIfLost(after, { any: 1, ...(across === undefined ? {} : { across }) });
    const unsurvived = losses.filter(({ left }) => left.length > 0).map(({ lost, left }) => ({ lost, left: left.map(({ vm }) => vm) }));
    return { of: across ?? "host", looked: losses.length, possible, survived: losses.length - unsurvived.length, unsurvived };
  });
}

/** For the terminal. */
export function headroomLines(headroom: readonly Headroom[]): string[] {
  return headroom.flatMap(({ of, looked, possible, survived, unsurvived }) => {
    const partly = looked === possible ? [] : [`only ${looked} of ${possible} losses of a ${of} were looked at`];
    if (unsurvived.length === 0) return [`loss of any one ${of}: every VM has a place on the others`, ...partly];
    return [`headroom: of ${looked} ${of}s the loss of ${survived} leaves every VM a place`, ...unsurvived.map(lossLine), ...partly];
  });
}

/** Of the losses of one host, those that leave a VM without a place, for the property `plan`. */
export function lossesIn(headroom: readonly Headroom[]): string[] {
  return headroom.filter(({ of }) => of === "host").flatMap(({ unsurvived }) => unsurvived.map(lossLine));
}

function lossLine({ lost, left }: Headroom["unsurvived"][number]): string {
  return `loss of ${lost}: no place for ${left.join(", ")}`;
}
