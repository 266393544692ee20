import process from "node:process";
import * as pulumi from "@pulumi/pulumi";
import { DroverError } from "../../base/error.js";
import type { RegisteredMember } from "./member.js";
import type { Roster } from "./roster.js";

/**
 * Once nothing can happen in the program any more, what a cluster still waits for will never come: that is said then, for
 * Pulumi would only say that there were promises.
 * @param placement its URN is there as soon as everything of it was known, or is known to be unknown in a preview
 */
export function refuseEndlessWaiting(cluster: string, roster: Roster, placement: pulumi.CustomResource): void {
  let isRegistered = false;
  placement.urn.apply(() => { isRegistered = true; });
  process.once("beforeExit", () => {
    if (isRegistered) return;
    const attempted = `place the VMs of cluster ${cluster}`;
    if (!roster.isClosed) {
      throw new DroverError({ attempted, answer: 'its roster is "manual", and the program came to its end without saying that all VMs were declared', next: "call cluster.close() after its last VM" });
    }
    // Looked for only now, for to ask it of each property of thousands of VMs takes seconds. What is settled says so before the next turn.
    const waiting = new Set<string>();
    void roster.members.then((members) => { for (const member of Object.entries(members)) watch(member, waiting); });
    setImmediate(() => {
      if (waiting.size === 0) return;
      throw new DroverError({ attempted, answer: `${[...waiting].join(", ")} never came: what depends on where a VM of the cluster runs cannot be known before the cluster is placed`,
        next: "give it a value that does not depend on the cluster's own VMs" });
    });
  });
}

/** Keeps in `waiting` what of a member is not there yet. */
function watch([name, member]: readonly [string, RegisteredMember], waiting: Set<string>): void {
  for (const [property, value] of Object.entries(member)) {
    if (value === undefined) continue;
    const what = `the ${property} of VM ${name}`;
    waiting.add(what);
    const settled = (): void => { waiting.delete(what); };
    // Unlike its value, whether an output is known comes in a preview too.
    (Reflect.get(pulumi.output(value), "isKnown") as Promise<boolean>).then(settled, settled);
  }
}
