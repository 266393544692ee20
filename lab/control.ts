import { DroverError } from "../provider/base/error.js";
import type { Log } from "../provider/base/log.js";
import { breakBmc } from "./bmc.js";
import { cut, limitRate, type Fault } from "./faults.js";
import { withLock } from "./lock.js";
import { findMachines, killMachine } from "./machine.js";
import { labFile, readLab, type Lab, type LabHost } from "./model.js";
import type { LabPlace } from "./place.js";
import { SWITCH } from "./services.js";
import { labUp } from "./up.js";

/** The lab that is there. @throws DroverError when there is none. */
export async function existingLab(place: LabPlace): Promise<Lab> {
  const lab = await readLab(labFile(place));
  if (lab !== undefined) return lab;
  throw new DroverError({ attempted: `find the lab ${place.name}`, answer: `${labFile(place)} does not exist`, next: `bring it up: drover lab up --name ${place.name}` });
}

/** A host of the lab by its name. @throws DroverError that names the hosts there are. */
export function hostOf(lab: Lab, name: string): LabHost {
  const host = lab.hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  throw new DroverError({ attempted: `find the host ${name}`, answer: `the lab ${lab.name} has ${lab.hosts.map((known) => known.name).join(", ")}` });
}

/** Stops a host dead, cuts it off from its network, a part of it or the shared storage, makes its link slow, or breaks its BMC. {@link healHost} ends it. */
export function breakHost(place: LabPlace, name: string, fault: Fault): Promise<void> {
  return withLock(place.key, async () => {
    const lab = await existingLab(place);
    const host = hostOf(lab, name);
    if (typeof fault === "object" && "bmc" in fault) {
      await breakBmc(place, host, fault.bmc);
      return;
    }
    const machines = await findMachines(place);
    const machine = machines.get(name);
    const lanSwitch = machines.get(SWITCH);
    if (machine === undefined || lanSwitch === undefined) {
      if (fault === "host") return;
      throw new DroverError({ attempted: `break the ${typeof fault === "string" ? fault : "link"} of ${name}`, answer: "the host does not run", next: "bring it up: drover lab up" });
    }
    if (fault === "host") await killMachine(place, machine);
    else if (typeof fault === "object") await limitRate({ host, machine, lanSwitch }, fault.rate);
    else await cut(lab, { host, machine, lanSwitch }, fault);
  });
}

/** Ends what {@link breakHost} did. A dead host comes back with its identity and its definitions, as after a restart. */
export async function healHost(place: LabPlace, name: string, log: Log): Promise<void> {
  hostOf(await existingLab(place), name);
  await labUp(place, { only: name }, log);
}
