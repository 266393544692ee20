import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../provider/base/log.js";
import { answers } from "./answers.js";
import { findMachines, inside, isMounted, markOf, startMachine, type Machine } from "./machine.js";
import type { Lab } from "./model.js";
import { linkServer, portsOf } from "./network.js";
import type { LabPlace } from "./place.js";
import { run, runAny } from "./run.js";
import type { SharedStorage } from "./storage.js";
import { waitFor } from "./wait.js";

/** The machine that serves the volume. */
export const GLUSTER = "lan.gluster";
const VOLUME = "disks";
const GLUSTERD_PORT = 24007;

/** Starts the GlusterFS server in a machine of its own, with one volume of one brick. */
export async function ensureGluster(place: LabPlace, lab: Lab, lanSwitch: Machine, log: Log): Promise<SharedStorage> {
  const server = (await findMachines(place)).get(GLUSTER) ?? await startServer(place, lab);
  if (!(await portsOf(lanSwitch)).has(GLUSTER)) await linkServer(lab.network, lanSwitch, server, lab.network.gluster);
  const alive = (): Promise<boolean> => answers({ host: lab.network.gluster, port: GLUSTERD_PORT });
  if (!await alive()) {
    await run(inside(server, ["glusterd"]), { env: markOf(place, server) });
    await waitFor("glusterd", GLUSTER, alive);
    log.info("started the GlusterFS server");
  }
  const gluster = async (...words: string[]): Promise<boolean> => (await runAny(inside(server, ["gluster", "--mode=script", "volume", ...words]))).code === 0;
  if (!await gluster("info", VOLUME)) {
    await run(inside(server, ["gluster", "--mode=script", "volume", "create", VOLUME, `${lab.network.gluster}:/run/lab/gluster/brick`, "force"]));
    // Live migration has two QEMUs open one image for a moment; direct I/O must reach the server.
    for (const [option, value] of [["network.remote-dio", "disable"], ["performance.strict-o-direct", "on"], ["network.ping-timeout", "5"]] as const) {
      await run(inside(server, ["gluster", "--mode=script", "volume", "set", VOLUME, option, value]));
    }
  }
  await gluster("start", VOLUME);
  return {
    mount: async (host, machine) => {
      if (!await isMounted(machine, lab.sharedPath)) {
        // The kernel would keep what it has read of a file that another host writes.
        await run(inside(machine, ["mount", "-t", "glusterfs", "-o", "direct-io-mode=enable", `${lab.network.gluster}:/${VOLUME}`, lab.sharedPath]), { env: markOf(place, machine) });
      }
      // After a cut the client comes back by itself, some seconds later.
      await waitFor("the GlusterFS volume", host.name, async () => (await runAny(inside(machine, ["stat", "-f", lab.sharedPath]), { timeoutMs: 5_000 })).code === 0, 30_000);
    },
  };
}

async function startServer(place: LabPlace, lab: Lab): Promise<Machine> {
  const directory = join(lab.directory, "gluster");
  await Promise.all(["lib", "log", "brick"].map((folder) => mkdir(join(directory, folder), { recursive: true })));
  return startMachine(place, {
    name: GLUSTER,
    kvm: false,
    binds: new Map([[join(directory, "lib"), "/var/lib/glusterd"], [join(directory, "log"), "/var/log/glusterfs"], [directory, "/run/lab/gluster"]]),
    logFile: join(directory, "machine.log"),
  });
}
