import { DroverError } from "../../base/error.js";
import { UNKNOWN } from "../../engine/handler.js";
import type { Member, PlacementInputs } from "../../schema/index.js";

/** VMs that have to run before one is restarted, by their names in the cluster. In a preview what is not known yet is left out. */
export function dependenciesOf(member: Pick<Member, "ha"> | undefined): readonly string[] {
  const given: unknown = member?.ha?.dependsOn;
  return Array.isArray(given) ? given.filter((name): name is string => typeof name === "string" && name !== UNKNOWN) : [];
}

/** @throws DroverError for a VM that waits for one that the cluster does not have, or in the end for itself */
export function refuseImpossibleDependencies({ cluster, vms }: Pick<PlacementInputs, "cluster" | "vms">): void {
  for (const [name, member] of Object.entries(vms)) {
    const missing = dependenciesOf(member).find((each) => !(each in vms));
    if (missing === undefined) continue;
    const near = Object.keys(vms).find((each) => each.endsWith(`/${missing}`));
    throw new DroverError({ attempted: `restart VM ${name} of cluster ${cluster} after ${missing} (ha.dependsOn)`, answer: "the cluster has no VM of this name", next: near === undefined ? "name one of its VMs, or take it out" : `it has one that is called ${near}` });
  }
  const circle = circleIn(vms);
  if (circle === undefined) return;
  throw new DroverError({ attempted: `find an order in which VMs of cluster ${cluster} are restarted (ha.dependsOn)`, answer: `each waits for the next: ${circle.join(" → ")}`, next: "take one of these out" });
}

/** What a preview says of dependencies that no guard brings back; `undefined` where there are none. */
export function whoIsWaitedForInVain({ cluster, vms }: Pick<PlacementInputs, "cluster" | "vms">): string | undefined {
  const lines = Object.entries(vms).flatMap(([name, member]) => dependenciesOf(member).filter((each) => vms[each] !== undefined && vms[each].ha === undefined).map((each) => `${name} on ${each}`));
  return lines.length === 0 ? undefined : `${cluster}: ${lines.join(", ")} (ha.dependsOn): no guard restarts what has no \`ha\`, so that nobody waits for it`;
}

/** VMs that wait for each other, the first of them named again at the end. */
function circleIn(vms: PlacementInputs["vms"]): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const each of dependenciesOf(vms[name])) {
      const found = visit(each, [...path, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(vms)) {
    const found = visit(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
