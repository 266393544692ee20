import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DroverError } from "../provider/base/error.js";
import { withLock } from "./lock.js";
import { inside, type Machine } from "./machine.js";
import type { LabHost, LabNetwork } from "./model.js";
import type { LabPlace } from "./place.js";
import { run, runAny } from "./run.js";

const PREFIX_LENGTH = 20;
const NETWORKS = 1024;
const FIRST = address("10.64.0.0");
const SIZE = 2 ** (32 - PREFIX_LENGTH);

/** The bridge in the machine `switch` that joins hosts, guests and the machine underneath. */
const SWITCH_BRIDGE = "lab";
/** Without one of its own it has the lowest of its ports', and another one whenever that host dies: then nobody finds it for half a minute. */
const SWITCH_MAC = "02:d0:0e:ff:00:02";
/** A machine's own end of its cable to the switch. */
export const UPLINK = "uplink";
/** The guests' bridge on every host. */
export const GUEST_BRIDGE = "br0";

/**
 * Chooses the lab's network: by the lab's key, and the next one as long as the machine has an address or a route there
 * or another lab took it.
 */
export function chooseNetwork(place: LabPlace): Promise<LabNetwork> {
  return withLock("network", async () => {
    const taken = [...await routedRanges(), ...await otherLabsRanges(place)];
    const start = createHash("sha256").update(place.key).digest().readUInt32BE(0);
    for (let step = 0; step < NETWORKS; step += 1) {
      const base = FIRST + ((start + step) % NETWORKS) * SIZE;
      if (taken.some(({ from, to }) => from < base + SIZE && base < to)) continue;
      await mkdir(place.runDirectory, { recursive: true });
      await writeFile(join(place.runDirectory, "network"), formatAddress(base));
      return networkAt(base);
    }
    throw new DroverError({ attempted: "choose a network for the lab", answer: "the machine has routes to all of 10.64.0.0/10" });
  });
}

function networkAt(base: number): LabNetwork {
  return {
    cidr: `${formatAddress(base)}/${PREFIX_LENGTH}`,
    prefixLength: PREFIX_LENGTH,
    client: formatAddress(base + 1),
    services: formatAddress(base + 2),
    gluster: formatAddress(base + 3),
    firstGuest: formatAddress(base + 256),
    lastGuest: formatAddress(base + SIZE - 2),
  };
}

/** The address of the host with that index: .11 and up. */
export function hostAddress(network: LabNetwork, index: number): string {
  return formatAddress(address(network.client) + 10 + index);
}

/** Joins the machine underneath to the lab's switch, if it is not yet. */
export async function linkClient(place: LabPlace, network: LabNetwork, lanSwitch: Machine): Promise<void> {
  await ip(lanSwitch, [
    `link add ${SWITCH_BRIDGE} address ${SWITCH_MAC} type bridge forward_delay 0 mcast_snooping 0`,
    `addr add ${network.services}/${network.prefixLength} dev ${SWITCH_BRIDGE}`,
    `link set ${SWITCH_BRIDGE} up`,
  ]);
  await unlinkClient(place);
  await run(["ip", "link", "add", place.clientInterface, "type", "veth", "peer", "name", "client", "netns", String(lanSwitch.pid)]);
  await run(["ip", "addr", "add", `${network.client}/${network.prefixLength}`, "dev", place.clientInterface]);
  await run(["ip", "link", "set", place.clientInterface, "up"]);
  await ip(lanSwitch, [`link set client master ${SWITCH_BRIDGE} up`]);
}

export async function unlinkClient(place: LabPlace): Promise<void> {
  const removed = await runAny(["ip", "link", "del", place.clientInterface]);
  if (removed.code === 0) return;
  // It is gone already, or goes at this moment with the network namespace of the switch.
  const { code } = await runAny(["ip", "link", "show", "dev", place.clientInterface]);
  if (code === 0) throw new DroverError({ attempted: `remove the network interface ${place.clientInterface}`, answer: removed.stderr.trim() });
}

/** Gives a host its uplink to the switch and its guests' bridge, on which its own address is. */
export async function linkHost(network: LabNetwork, lanSwitch: Machine, machine: Machine, host: Pick<LabHost, "name" | "address" | "mac">): Promise<void> {
  await plug(lanSwitch, machine, host.name);
  const links = await linksOf(machine);
  if (!links.has(GUEST_BRIDGE)) {
    await ip(machine, [
      `link add ${GUEST_BRIDGE} address ${host.mac} type bridge forward_delay 0 mcast_snooping 0`,
      `addr add ${host.address}/${network.prefixLength} dev ${GUEST_BRIDGE}`,
      `link set ${GUEST_BRIDGE} up`,
    ]);
    // A guest's announcement of its address becomes an entry in the host's ARP table: that is where libvirt finds it.
    await run(inside(machine, ["sysctl", "-q", `net.ipv4.conf.${GUEST_BRIDGE}.arp_accept=1`]));
  }
  await ip(machine, [`link set ${UPLINK} master ${GUEST_BRIDGE} up`]);
}

/** Gives a machine that is no host an address on the lab's network. */
export async function linkServer(network: LabNetwork, lanSwitch: Machine, machine: Machine, serverAddress: string): Promise<void> {
  await plug(lanSwitch, machine, machine.name);
  await ip(machine, [`addr add ${serverAddress}/${network.prefixLength} dev ${UPLINK}`, `link set ${UPLINK} up`]);
}

async function plug(lanSwitch: Machine, machine: Machine, port: string): Promise<void> {
  // The cable of one that died a moment ago goes with its network namespace, which the kernel takes its time for.
  await runAny(inside(lanSwitch, ["ip", "link", "del", port]));
  await run(["ip", "link", "add", UPLINK, "netns", String(machine.pid), "type", "veth", "peer", "name", port, "netns", String(lanSwitch.pid)]);
  await ip(lanSwitch, [`link set ${port} master ${SWITCH_BRIDGE} up`]);
}

/** The switch's ports (by machine name) and whether each is switched on. */
export async function portsOf(lanSwitch: Machine): Promise<Map<string, boolean>> {
  return linksOf(lanSwitch);
}

/** Switches a host's port off or on: off, neither the host nor its guests reach anybody. */
export async function setPort(lanSwitch: Machine, host: string, on: boolean): Promise<void> {
  await ip(lanSwitch, [`link set ${host} ${on ? "up" : "down"}`]);
}

async function linksOf(machine: Machine): Promise<Map<string, boolean>> {
  const text = await run(inside(machine, ["ip", "-o", "link", "show"]));
  const links = new Map<string, boolean>();
  for (const [, name = "", flags = ""] of text.matchAll(/^[0-9]+: ([^:@]+)[^<]*<([^>]*)>/gm)) {
    links.set(name, flags.split(",").includes("UP"));
  }
  return links;
}

async function ip(machine: Machine, commands: readonly string[]): Promise<void> {
  await run(inside(machine, ["ip", "-batch", "-"]), { input: `${commands.join("\n")}\n` });
}

interface Range { readonly from: number; readonly to: number }

async function routedRanges(): Promise<Range[]> {
  const routes = await run(["ip", "-4", "-o", "route", "show", "table", "all"]);
  return [...routes.matchAll(/^(?:[a-z]+ )?([0-9.]+)(?:\/([0-9]+))? /gm)].map(([, base = "", length = "32"]) => {
    const from = address(base);
    return { from, to: from + 2 ** (32 - Number(length)) };
  });
}

async function otherLabsRanges(place: LabPlace): Promise<Range[]> {
  const others = (await readdir("/run/drover").catch(() => [])).filter((key) => key !== place.key);
  const bases = await Promise.all(others.map((key) => readFile(join("/run/drover", key, "network"), "utf8").catch(() => "")));
  return bases.filter((base) => base !== "").map((base) => ({ from: address(base), to: address(base) + SIZE }));
}

function address(text: string): number {
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
