import type { BmcFault } from "./bmc.js";
import { inside, isMounted, type Machine } from "./machine.js";
import type { Lab, LabHost } from "./model.js";
import { portsOf, setPort, UPLINK } from "./network.js";
import { run, runAny } from "./run.js";

/** What `break` can do to a host or its BMC; a rate, as tc writes it (`100mbit`), is what its link carries from then on each way. */
export type Fault = "host" | "network" | "storage" | { readonly rate: string } | { readonly bmc: BmcFault };

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

/** Makes a host's link slow, each way: what leaves it, and what the switch sends it. */
export async function limitRate(at: HostAtPort, rate: string): Promise<void> {
  for (const { machine, device } of linkEnds(at)) {
    // The bucket holds the largest packet that a card's offloading makes, and what comes between two ticks of the clock.
    await run(inside(machine, ["tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate, "burst", "256k", "latency", "100ms"]));
  }
}

/** The rate to which a host's link is limited; undefined for one that is not. */
export async function rateOf(machine: Machine, device = UPLINK): Promise<string | undefined> {
  const { stdout } = await runAny(inside(machine, ["tc", "qdisc", "show", "dev", device]));
  return /\btbf .*\brate (\S+)/.exec(stdout)?.[1]?.toLowerCase();
}

async function unlimitRate(at: HostAtPort): Promise<void> {
  for (const { machine, device } of linkEnds(at)) {
    if (await rateOf(machine, device) !== undefined) await run(inside(machine, ["tc", "qdisc", "del", "dev", device, "root"]));
  }
}

function linkEnds({ host, machine, lanSwitch }: HostAtPort): { readonly machine: Machine; readonly device: string }[] {
  return [{ machine, device: UPLINK }, { machine: lanSwitch, device: host.name }];
}

/** Ends every fault of a host that lives. */
export async function healFaults(lab: Lab, at: HostAtPort): Promise<void> {
  const { host, machine, lanSwitch } = at;
  await unlimitRate(at);
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
