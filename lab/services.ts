import { Resolver } from "node:dns/promises";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DroverError } from "../provider/base/error.js";
import { hostsFile } from "./host.js";
import { inside, markOf, startMachine, type Machine } from "./machine.js";
import type { Lab } from "./model.js";
import type { LabPlace } from "./place.js";
import { runAny } from "./run.js";
import { waitFor } from "./wait.js";

/** The machine that holds the switch and answers DHCP and DNS. No host's name has a dot, so it never meets a host's. */
export const SWITCH = "lan.switch";

export function servicesDirectory(lab: Pick<Lab, "directory">): string {
  return join(lab.directory, "switch");
}

export async function writeServicesFiles(lab: Lab): Promise<void> {
  const directory = servicesDirectory(lab);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "hosts"), hostsFile(lab));
  await writeFile(join(directory, "dnsmasq.conf"), dnsmasqConfig(lab));
}

export function startSwitch(place: LabPlace, lab: Lab): Promise<Machine> {
  const directory = servicesDirectory(lab);
  return startMachine(place, { name: SWITCH, kvm: false, binds: new Map([[directory, "/run/lab/switch"]]), logFile: join(directory, "machine.log") });
}

/** Starts DHCP and DNS unless they answer; tells whether it did. */
export async function startServices(place: LabPlace, machine: Machine, lab: Lab): Promise<boolean> {
  const alive = (): Promise<boolean> => servicesAnswer(lab);
  if (await alive()) return false;
  const { code, stderr } = await runAny(inside(machine, ["dnsmasq", "--conf-file=/run/lab/switch/dnsmasq.conf"]), { env: markOf(place, machine) });
  // On a machine that is busy, one that runs may be slow to answer.
  const runsAlready = code !== 0 && stderr.includes("Address already in use");
  if (code !== 0 && !runsAlready) throw new DroverError({ attempted: `start dnsmasq of lab ${place.name}`, answer: stderr.trim(), next: `look at ${servicesDirectory(lab)}/dnsmasq.log` });
  // It writes each lease to the disk at once, and answers nobody until the disk has it.
  await waitFor("dnsmasq", SWITCH, alive, SLOW_DISK_MS);
  return !runsAlready;
}

/**
 * Do they answer? A question by UDP: dnsmasq starts a process of its own for each connection by TCP, and takes no more of
 * them while twenty are there.
 */
export async function servicesAnswer(lab: Pick<Lab, "network">): Promise<boolean> {
  const resolver = new Resolver({ timeout: ANSWER_TIMEOUT_MS, tries: 1 });
  resolver.setServers([lab.network.services]);
  try {
    await resolver.resolve4(SWITCH);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && typeof error.code === "string" && UNKNOWN_NAME.includes(error.code);
  }
}

const ANSWER_TIMEOUT_MS = 1_000;
const SLOW_DISK_MS = 60_000;
/** Answers too: the name is not known, or nobody further up is asked for it. */
const UNKNOWN_NAME: readonly string[] = ["ENOTFOUND", "ENODATA", "EREFUSED", "ESERVFAIL"];

/**
 * A guest's address is chosen by its MAC and kept in the leases: the client id that a guest may send is ignored, or a
 * guest with two operating systems after another would get two. No ping before an offer: it costs three seconds.
 */
function dnsmasqConfig(lab: Lab): string {
  const { network } = lab;
  return `user=root
pid-file=
listen-address=${network.services}
bind-interfaces
no-resolv
no-hosts
addn-hosts=/run/lab/switch/hosts
dhcp-range=${network.firstGuest},${network.lastGuest},24h
dhcp-option=option:router,${network.client}
dhcp-option=option:dns-server,${network.services}
dhcp-leasefile=/run/lab/switch/leases
dhcp-lease-max=4000
dhcp-ignore-clid
dhcp-authoritative
no-ping
log-facility=/run/lab/switch/dnsmasq.log
log-dhcp
`;
}
