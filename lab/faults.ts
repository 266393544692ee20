import { inside, isMounted, type Machine } from "./machine.js";
import type { Lab, LabHost } from "./model.js";
import { portsOf, setPort } from "./network.js";
import { run, runAny } from "./run.js";

/** What `break` can do to a host. */
export type Fault = "host" | "network" | "storage";

export interface HostAtPort {
  readonly host: LabHost;
  readonly machine: Machine;
  readonly lanSwitch: Machine;
}

const CUT_TABLE = "lab_storage_cut";

/** Pulls the host's network cable: neither it nor its guests reach anybody. */
export async function cutNetwork({ host, lanSwitch }: HostAtPort): Promise<void> {
  await setPort(lanSwitch, host.name, false);
}

/**
 * Takes the shared storage from one host. A folder is unmounted: what is open stays usable, as with no real storage,
 * and what is opened from now on is not there. GlusterFS is really cut: its packets are dropped.
 */
export async function cutStorage(lab: Lab, { machine }: HostAtPort): Promise<void> {
  if (await isStorageCut(lab, machine)) return;
  if (lab.storage === "folder") {
    await run(inside(machine, ["umount", "--lazy", lab.sharedPath]));
    return;
  }
  await run(inside(machine, ["nft", "-f", "-"]), { input: `table ip ${CUT_TABLE} {
  chain out { type filter hook output priority 0; ip daddr ${lab.network.gluster} drop; }
  chain in { type filter hook input priority 0; ip saddr ${lab.network.gluster} drop; }
}
` });
}

/** Ends every fault of a host that lives. */
export async function healFaults(lab: Lab, { host, machine, lanSwitch }: HostAtPort): Promise<void> {
  const ports = await portsOf(lanSwitch);
  if (ports.get(host.name) === false) await setPort(lanSwitch, host.name, true);
  if (!await isStorageCut(lab, machine)) return;
  if (lab.storage === "folder") await run(inside(machine, ["mount", "--bind", "/run/lab/shared", lab.sharedPath]));
  else await run(inside(machine, ["nft", "delete", "table", "ip", CUT_TABLE]));
}

export async function isStorageCut(lab: Lab, machine: Machine): Promise<boolean> {
  if (lab.storage === "folder") return !await isMounted(machine, lab.sharedPath);
  return (await runAny(inside(machine, ["nft", "list", "table", "ip", CUT_TABLE]))).code === 0;
}
