import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { withLock } from "./lock.js";
import { killAllMachines } from "./machine.js";
import { unlinkClient } from "./network.js";
import type { LabPlace } from "./place.js";

/**
 * Takes a lab down and leaves nothing: no process, no namespace, no interface, no mount, no file. It goes by what is
 * there and not by what was written down, so it works after half an `up`, after a restart of the machine, and twice.
 * @returns how many machines it stopped
 */
export function labDown(place: LabPlace): Promise<number> {
  return withLock(place.key, async () => {
    const stopped = await killAllMachines(place);
    await unlinkClient(place);
    await rm(place.runDirectory, { recursive: true, force: true });
    await rm(place.directory, { recursive: true, force: true });
    for (const folder of [dirname(place.runDirectory), dirname(place.directory), dirname(dirname(place.directory))]) await removeEmpty(folder);
    return stopped;
  });
}

async function removeEmpty(folder: string): Promise<void> {
  const content = await readdir(folder).catch(() => undefined);
  if (content?.length === 0) await rmdir(folder);
}
