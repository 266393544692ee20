import type { Log } from "../provider/base/log.js";
import { ensureGluster } from "./gluster.js";
import type { Machine } from "./machine.js";
import type { Lab, LabHost } from "./model.js";
import type { LabPlace } from "./place.js";

/** The lab's shared storage, ready to be mounted by its hosts. */
export interface SharedStorage {
  /** Mounts it at the lab's shared path in a host, unless it is there. */
  mount(host: LabHost, machine: Machine): Promise<void>;
}

/** Starts what the shared storage needs. A shared folder needs nothing: it is mounted when a host starts. */
export function ensureStorage(place: LabPlace, lab: Lab, lanSwitch: Machine, log: Log): Promise<SharedStorage> {
  return lab.storage === "gluster" ? ensureGluster(place, lab, lanSwitch, log) : Promise.resolve({ mount: () => Promise.resolve() });
}
