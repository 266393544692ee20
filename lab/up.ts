import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DroverError } from "../provider/base/error.js";
import type { Log } from "../provider/base/log.js";
import { bmcAt, ensureBmc, writeBmcPassword } from "./bmc.js";
import { healFaults } from "./faults.js";
import { libvirtSocket, sharedFolder, startDaemons, startHost, writeHostFiles } from "./host.js";
import { writeKeys, writeSshFiles } from "./identity.js";
import { ensureImage } from "./images/cache.js";
import { withLock } from "./lock.js";
import { findMachines, requireRoot, type Machine } from "./machine.js";
import { hostNames, labFile, MOST_HOSTS, readLab, type Lab, type LabHost, type LabNetwork, type Storage } from "./model.js";
import { chooseNetwork, GUEST_BRIDGE, hostAddress, linkClient, linkHost, portsOf } from "./network.js";
import type { LabPlace } from "./place.js";
import { ensureStorage, type SharedStorage } from "./storage.js";
import { startServices, startSwitch, SWITCH, writeServicesFiles } from "./services.js";

export interface UpOptions {
  /** How many hosts. Default: as many as the lab has, 3 for a new one. */
  readonly hosts?: number | undefined;
  /** How they share disks. Default: as the lab does, `folder` for a new one. */
  readonly storage?: Storage | undefined;
  /** Let guests use /dev/kvm. Default: as the lab does, false for a new one. */
  readonly kvm?: boolean | undefined;
  /** sanlock's io_timeout in seconds, for leases on shared storage. Default: as the lab has it, no sanlock for a new one. */
  readonly sanlock?: number | undefined;
  /** Bring back and heal only this host; the others stay as they are. Default: all. */
  readonly only?: string | undefined;
}

/**
 * Brings a lab up: makes what is missing, starts what is not running, ends every fault that `break` made. What runs
 * already is left alone, so a second call changes nothing.
 */
export function labUp(place: LabPlace, options: UpOptions, log: Log): Promise<Lab> {
  requireRoot("bring the lab up");
  return withLock(place.key, async () => {
    const tiny = await ensureImage("tiny", log);
    const before = await readLab(labFile(place));
    const lab = await declare(place, before, options, tiny);
    if (JSON.stringify(lab) !== JSON.stringify(before)) await writeLab(place, lab);
    await start(place, lab, lab.hosts.filter(({ name }) => options.only === undefined || name === options.only), log);
    return lab;
  });
}

/** What the lab is to be: what it was, changed by the options. Hosts may be added, and everything else stays. */
async function declare(place: LabPlace, before: Lab | undefined, options: UpOptions, tiny: string): Promise<Lab> {
  const count = options.hosts ?? before?.hosts.length ?? 3;
  if (!Number.isInteger(count) || count < 1 || count > MOST_HOSTS) {
    throw new DroverError({ attempted: `bring up a lab with ${count} hosts`, answer: `a lab has 1 to ${MOST_HOSTS} hosts` });
  }
  const storage = options.storage ?? before?.storage ?? "folder";
  const kvm = options.kvm ?? before?.kvm ?? false;
  const sanlock = options.sanlock === undefined ? before?.sanlock : { ioTimeoutSeconds: options.sanlock };
  if (before !== undefined && JSON.stringify(sanlock) !== JSON.stringify(before.sanlock)) {
    throw new DroverError({ attempted: `change the lab ${place.name}`, answer: "sanlock is chosen when a lab is made", next: `take it down first: drover lab down --name ${place.name}` });
  }
  if (before !== undefined && (count < before.hosts.length || storage !== before.storage || kvm !== before.kvm)) {
    throw new DroverError({ attempted: `change the lab ${place.name}`, answer: `it has ${before.hosts.length} hosts, storage ${before.storage}, KVM ${before.kvm ? "on" : "off"}; only hosts can be added`,
      next: `take it down first: drover lab down --name ${place.name}` });
  }
  const network = before?.network ?? await chooseNetwork(place);
  const names = hostNames(count);
  const hosts = names.map((name, index) => ({ ...(before?.hosts[index] ?? newHost(place, network, name, index)), bmc: bmcAt(place, network, index) }));
  const ssh = { config: join(place.directory, "ssh_config"), knownHosts: join(place.directory, "known_hosts"), identity: join(place.directory, "id_ed25519") };
  return {
    format: 1,
    name: place.name,
    directory: place.directory,
    storage,
    kvm,
    ...(sanlock === undefined ? {} : { sanlock }),
    hosts,
    network,
    guestNetwork: { bridge: GUEST_BRIDGE, cidr: network.cidr, dns: network.services },
    sharedPath: "/srv/disks",
    images: { ...before?.images, tiny },
    ssh,
    pkiPath: join(place.directory, "pki"),
    env: { DROVER_SSH_CONFIG: ssh.config },
  };
}

function newHost(place: LabPlace, network: LabNetwork, name: string, index: number): Omit<LabHost, "bmc"> {
  const address = hostAddress(network, index);
  const [, , third = "0", fourth = "0"] = address.split(".");
  const mac = ["02", "d0", "0e", "00", ...[third, fourth].map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
  return {
    name,
    address,
    uri: `qemu+ssh://root@${name}/system`,
    unixUri: `qemu+unix:///system?socket=${libvirtSocket(place, name)}`,
    tcpUri: `qemu+tcp://${address}/system`,
    tlsUri: `qemu+tls://${address}/system?pkipath=${join(place.directory, "pki")}`,
    uuid: randomUUID(),
    mac,
  };
}

/** Written whole or not at all: a half-written file would lose the lab's hosts. Everything else is derived from it. */
async function writeLab(place: LabPlace, lab: Lab): Promise<void> {
  await mkdir(place.directory, { recursive: true, mode: 0o755 });
  const path = labFile(place);
  await writeFile(`${path}.new`, `${JSON.stringify(lab, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

async function start(place: LabPlace, lab: Lab, hosts: readonly LabHost[], log: Log): Promise<void> {
  const machines = await findMachines(place);
  await mkdir(place.runDirectory, { recursive: true });
  await mkdir(sharedFolder(lab), { recursive: true });
  if (hosts.some(({ name }) => !machines.has(name)) || !machines.has(SWITCH)) await writeFiles(lab);

  const lanSwitch = machines.get(SWITCH) ?? await startSwitch(place, lab);
  if (!machines.has(SWITCH)) await linkClient(place, lab.network, lanSwitch);
  if (await startServices(place, lanSwitch, lab)) log.info("started DHCP and DNS");
  await writeBmcPassword(lab);
  const ports = await portsOf(lanSwitch);
  const storage = await ensureStorage(place, lab, lanSwitch, log);
  await Promise.all(hosts.flatMap((host) => [
    ensureBmc(place, lab, host, log),
    startOne({ place, lab, lanSwitch, storage, log }, host, machines.get(host.name), ports.has(host.name), true),
  ]));
}

interface Running {
  readonly place: LabPlace;
  readonly lab: Lab;
  readonly lanSwitch: Machine;
  readonly storage: SharedStorage;
  readonly log: Log;
}

async function startOne({ place, lab, lanSwitch, storage, log }: Running, host: LabHost, before: Machine | undefined, isPlugged: boolean, heals: boolean): Promise<void> {
  const machine = before ?? await startHost(place, lab, host);
  if (before === undefined || !isPlugged) await linkHost(lab.network, lanSwitch, machine, host);
  if (heals) await healFaults(lab, { host, machine, lanSwitch });
  await storage.mount(host, machine);
  const started = await startDaemons(place, lab, machine, host);
  if (started.length > 0) log.info(`${host.name}: started ${started.join(", ")}`);
}

/** Gives a host its power, as its BMC does: it starts as after a loss of power. One that runs is left as it is. */
export function powerOnHost(place: LabPlace, name: string, log: Log): Promise<void> {
  return withLock(place.key, async () => {
    const lab = await readLab(labFile(place));
    const host = lab?.hosts.find((each) => each.name === name);
    const machines = await findMachines(place);
    const lanSwitch = machines.get(SWITCH);
    if (lab === undefined || host === undefined || lanSwitch === undefined) throw new DroverError({ attempted: `switch on ${name}`, answer: `the lab ${place.name} is not up` });
    if (machines.has(name)) return;
    const storage = await ensureStorage(place, lab, lanSwitch, log);
    await startOne({ place, lab, lanSwitch, storage, log }, host, undefined, false, false);
  });
}

async function writeFiles(lab: Lab): Promise<void> {
  await writeKeys(lab);
  await writeSshFiles(lab);
  await writeServicesFiles(lab);
  await Promise.all(lab.hosts.map((host) => writeHostFiles(lab, host)));
}

/** Adds the path of an image that was built on request to the lab's description. */
export function recordImage(place: LabPlace, name: "tiny" | "debian", path: string): Promise<void> {
  return withLock(place.key, async () => {
    const lab = await readLab(labFile(place));
    if (lab !== undefined) await writeLab(place, { ...lab, images: { ...lab.images, [name]: path } });
  });
}
