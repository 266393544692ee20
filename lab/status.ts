import Table from "cli-table3";
import { bmcFaultOf } from "./bmc.js";
import { cutsOf, rateOf, type CutKind } from "./faults.js";
import { silentDaemons } from "./host.js";
import { findMachines, inside, type Machine } from "./machine.js";
import { labFile, readLab, type Lab, type LabHost } from "./model.js";
import { portsOf } from "./network.js";
import type { LabPlace } from "./place.js";
import { runAny } from "./run.js";
import { servicesAnswer, SWITCH } from "./services.js";

export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly uri: string;
  /** `up`, `down`, or what is wrong: `no network`, `no storage`, `100mbit link`, `no libvirtd`, `BMC down`, … */
  readonly state: string;
  /** Where its BMC listens. */
  readonly bmc: string;
  /** How many guests run. */
  readonly guests: number;
}

export interface LabStatus {
  readonly name: string;
  /** `up` when everything runs, `down` when nothing does, `partly up` between. */
  readonly state: "up" | "partly up" | "down";
  readonly storage?: string;
  readonly network?: string;
  readonly sshConfig?: string;
  readonly hosts: readonly HostStatus[];
}

/** How a lab is now; a lab that does not exist is down and has no hosts. */
export async function labStatus(place: LabPlace): Promise<LabStatus> {
  const lab = await readLab(labFile(place));
  const machines = await findMachines(place);
  if (lab === undefined) return { name: place.name, state: machines.size === 0 ? "down" : "partly up", hosts: [] };
  const lanSwitch = machines.get(SWITCH);
  const ports = lanSwitch === undefined ? new Map<string, boolean>() : await portsOf(lanSwitch);
  const hosts = await Promise.all(lab.hosts.map((host) => hostStatus(place, lab, host, machines.get(host.name), ports)));
  const good = hosts.every(({ state }) => state === "up") && await servicesAnswer(lab);
  return {
    name: place.name,
    state: good ? "up" : machines.size === 0 ? "down" : "partly up",
    storage: lab.storage,
    network: lab.network.cidr,
    sshConfig: lab.ssh.config,
    hosts,
  };
}

async function hostStatus(place: LabPlace, lab: Lab, host: LabHost, machine: Machine | undefined, ports: ReadonlyMap<string, boolean>): Promise<HostStatus> {
  const { name, address, uri } = host;
  const bmc = `${host.bmc.address}:${host.bmc.port}`;
  const bmcFault = await bmcFaultOf(place, host);
  const faults = bmcFault === undefined ? [] : [`BMC ${bmcFault}`];
  if (machine === undefined) return { name, address, uri, bmc, state: ["down", ...faults].join(", "), guests: 0 };
  const connected = ports.get(name) === true;
  // Without a network sshd cannot be asked, and its silence says nothing.
  const cuts = await cutsOf(lab, machine);
  const reached = connected && !cuts.includes("management");
  const silent = (await silentDaemons(place, lab, host)).filter((daemon) => reached || daemon !== "sshd");
  const rate = await rateOf(machine);
  const wrong = [...connected ? [] : [LACKS.network], ...cuts.map((kind) => LACKS[kind]), ...rate === undefined ? [] : [`${rate} link`], ...silent.map((daemon) => `no ${daemon}`), ...faults];
  const { stdout } = await runAny(inside(machine, ["pgrep", "-c", "qemu-system"]));
  return { name, address, uri, bmc, state: wrong.length === 0 ? "up" : wrong.join(", "), guests: Number(stdout.trim()) };
}

const LACKS: Readonly<Record<CutKind, string>> = { network: "no network", management: "no management network", guests: "no guests' network", storage: "no storage" };

/** The status as a table for a person. */
export function formatStatus(status: LabStatus): string {
  if (status.hosts.length === 0) return `lab ${status.name}: ${status.state}`;
  const table = new Table({ head: ["HOST", "STATE", "ADDRESS", "BMC", "GUESTS", "URI"], style: { head: [], border: [] } });
  for (const { name, state, address, bmc, guests, uri } of status.hosts) table.push([name, state, address, bmc, guests, uri]);
  return `lab ${status.name}: ${status.state}, shared storage: ${status.storage ?? "none"}, network ${status.network ?? "none"}\n${table.toString()}\nexport DROVER_SSH_CONFIG="${status.sshConfig ?? ""}"`;
}
