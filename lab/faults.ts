import type { BmcFault } from "./bmc.js";
import { inside, isMounted, type Machine } from "./machine.js";
import type { Lab, LabHost } from "./model.js";
import { portsOf, setPort, UPLINK } from "./network.js";
import { run, runAny } from "./run.js";

/** What `break` can do to a host or its BMC; a rate, as tc writes it (`100mbit`), is what its link carries from then on each way. */
export type Fault = "host" | CutKind | { readonly rate: string } | { readonly bmc: BmcFault };

/** What a host can be cut off from: everybody, what manages it, what its guests are connected to, or its disks. */
export const CUT_KINDS = ["network", "management", "guests", "storage"] as const;
export type CutKind = typeof CUT_KINDS[number];

export interface HostAtPort {
  readonly host: LabHost;
  readonly machine: Machine;
  readonly lanSwitch: Machine;
}

const STORAGE_TABLE = "ip lab_storage_cut";
const MANAGEMENT_TABLE = "ip lab_management_cut";
const GUESTS_TABLE = "bridge lab_guests_cut";

/** Pulls the host's network cable: neither it nor its guests reach anybody. */
async function cutNetwork({ host, lanSwitch }: HostAtPort): Promise<void> {
  await setPort(lanSwitch, host.name, false);
}

/** Takes one of its networks, or the shared storage, from a host that lives. */
export async function cut(lab: Lab, at: HostAtPort, kind: CutKind): Promise<void> {
  switch (kind) {
    case "network": return cutNetwork(at);
    case "management": return cutManagement(lab, at);
    case "guests": return cutGuests(at);
    case "storage": return cutStorage(lab, at);
  }
}

/**
 * Cuts a host's own address off, for ssh, libvirt and migrations, as where hosts have a network of their own for that. Its guests, and
 * storage on the network, are reached as before.
 */
async function cutManagement(lab: Lab, { machine }: HostAtPort): Promise<void> {
  const others = `!= { ${lab.network.gluster}, 127.0.0.0/8 } drop`;
  await filter(machine, MANAGEMENT_TABLE, [`chain out { type filter hook output priority 0; ip daddr ${others}; }`, `chain in { type filter hook input priority 0; ip saddr ${others}; }`]);
}

/** Cuts what a host's bridge passes on between its guests and the switch. The host itself is reached as before. */
async function cutGuests({ machine }: HostAtPort): Promise<void> {
  await filter(machine, GUESTS_TABLE, [`chain forward { type filter hook forward priority 0; iifname ${UPLINK} drop; oifname ${UPLINK} drop; }`]);
}

/** Whoever cuts twice cuts once. */
async function filter(machine: Machine, table: string, chains: readonly string[]): Promise<void> {
  if (await hasTable(machine, table)) return;
  await run(inside(machine, ["nft", "-f", "-"]), { input: `table ${table} {\n${chains.join("\n")}\n}\n` });
}

async function hasTable(machine: Machine, table: string): Promise<boolean> {
  return (await runAny(inside(machine, ["nft", "list", "table", ...table.split(" ")]))).code === 0;
}

/**
 * Takes the shared storage from one host. A folder is unmounted: what is open stays usable, as with no real storage,
 * and what is opened from now on is not there. GlusterFS is really cut: its packets are dropped.
 */
async function cutStorage(lab: Lab, { machine }: HostAtPort): Promise<void> {
  if ((await cutsOf(lab, machine)).includes("storage")) return;
  if (lab.storage === "folder") {
    await run(inside(machine, ["umount", "--lazy", lab.sharedPath]));
    return;
  }
  const { gluster } = lab.network;
  await filter(machine, STORAGE_TABLE, [`chain out { type filter hook output priority 0; ip daddr ${gluster} drop; }`, `chain in { type filter hook input priority 0; ip saddr ${gluster} drop; }`]);
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
  const cuts = await cutsOf(lab, machine);
  if (await isUnplugged(at)) await setPort(lanSwitch, host.name, true);
  if (cuts.includes("storage") && lab.storage === "folder") await run(inside(machine, ["mount", "--bind", "/run/lab/shared", lab.sharedPath]));
  const tables = { management: MANAGEMENT_TABLE, guests: GUESTS_TABLE, storage: lab.storage === "folder" ? undefined : STORAGE_TABLE };
  for (const kind of cuts) if (tables[kind] !== undefined) await run(inside(machine, ["nft", "delete", "table", ...tables[kind].split(" ")]));
}

async function isUnplugged({ host, lanSwitch }: HostAtPort): Promise<boolean> {
  return (await portsOf(lanSwitch)).get(host.name) === false;
}

/** What a host is cut off from by what was done inside of it; its cable is the switch's. */
export async function cutsOf(lab: Lab, machine: Machine): Promise<Exclude<CutKind, "network">[]> {
  const storage = lab.storage === "folder" ? !await isMounted(machine, lab.sharedPath) : await hasTable(machine, STORAGE_TABLE);
  return [...await hasTable(machine, MANAGEMENT_TABLE) ? ["management" as const] : [], ...await hasTable(machine, GUESTS_TABLE) ? ["guests" as const] : [], ...storage ? ["storage" as const] : []];
}
