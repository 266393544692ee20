import { BlockList, isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { UNKNOWN, type CheckFailure } from "../../engine/handler.js";
import type { Change, HostNetworkInputs } from "../../schema/index.js";

/** What the schema can not say of a network's inputs; what is not known yet is left to the next run. */
export function failuresOf(inputs: HostNetworkInputs): CheckFailure[] {
  return [...modeFailures(inputs), ...addressFailures(inputs), ...duplicateFailures(inputs)];
}

/** What an update does, and whether it waits for the network's restart. */
export function changesOf(olds: HostNetworkInputs | undefined, news: HostNetworkInputs): Change[] {
  if (olds === undefined) return [];
  const properties: readonly (readonly [string, (inputs: HostNetworkInputs) => unknown])[] = [
    ["dhcp", ({ dhcp }) => dhcp], ["dns.hosts", ({ dns }) => dns?.hosts], ["autostart", ({ autostart }) => autostart],
    ["forward", ({ forward }) => forward], ["bridge", ({ bridge }) => bridge], ["address", ({ address }) => address], ["mtu", ({ mtu }) => mtu], ["dns.domain", ({ dns }) => dns?.domain],
  ];
  const changed = properties.filter(([, of]) => !isDeepStrictEqual(of(olds), of(news))).map(([property]) => property);
  // The server of the old address cannot give out addresses of the new one.
  const dhcpWaits = changed.includes("address");
  return changed.map((property) => ({ property, when: property === "dns.hosts" || property === "autostart" || (property === "dhcp" && !dhcpWaits) ? "live" : "restart" }));
}

function modeFailures({ forward, bridge, address, dhcp, dns }: HostNetworkInputs): CheckFailure[] {
  if (forward !== "bridge") {
    return dhcp !== undefined && address === undefined ? [{ property: "dhcp", reason: "needs an address of the host in the network" }] : [];
  }
  const notForBridge = Object.entries({ address, dhcp, dns }).filter(([, value]) => value !== undefined);
  return [
    ...(bridge === undefined ? [{ property: "bridge", reason: "is missing: forward \"bridge\" plugs guests into a bridge of the host" }] : []),
    ...notForBridge.map(([property]) => ({ property, reason: "is not for forward \"bridge\": that network's own router and DHCP server do it" })),
  ];
}

function addressFailures({ address, dhcp, dns }: HostNetworkInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const subnet = isKnown(address) ? Subnet.parse(address) : undefined;
  if (isKnown(address) && subnet === undefined) failures.push({ property: "address", reason: `expected an address with its prefix, such as 192.168.50.1/24, got ${address}` });
  const check = (property: string, ip: unknown): boolean => {
    if (!isKnown(ip)) return false;
    const reason = isIP(ip) === 0 ? `expected an IP address, got ${ip}` : subnet !== undefined && !subnet.has(ip) ? `${ip} is not in the network of ${subnet.text}` : undefined;
    if (reason !== undefined) failures.push({ property, reason });
    return reason === undefined;
  };
  for (const [name, { start, end }] of entries(dhcp?.ranges)) {
    const areGood = [check(`dhcp.ranges.${name}.start`, start), check(`dhcp.ranges.${name}.end`, end)];
    if (areGood.every(Boolean) && isIP(start) === isIP(end) && !isRange(start, end)) failures.push({ property: `dhcp.ranges.${name}`, reason: `ends at ${end}, before it starts at ${start}` });
  }
  for (const [name, { ip }] of entries(dhcp?.hosts)) {
    const property = `dhcp.hosts.${name}.ip`;
    if (!check(property, ip)) continue;
    if (ip === subnet?.address) failures.push({ property, reason: `${ip} is the host's own address in the network` });
    if (isIP(ip) === 6) failures.push({ property, reason: "libvirt knows fixed addresses by MAC for IPv4 only" });
  }
  for (const [name, ip] of entries(dns?.hosts)) {
    if (isKnown(ip) && isIP(ip) === 0) failures.push({ property: `dns.hosts.${name}`, reason: `expected an IP address, got ${ip}` });
  }
  return failures;
}

function duplicateFailures({ dhcp }: HostNetworkInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [key, what] of [["mac", "MAC address"], ["ip", "address"]] as const) {
    const seen = new Map<string, string>();
    for (const [name, host] of entries(dhcp?.hosts)) {
      if (!isKnown(host[key])) continue;
      const value = host[key].toLowerCase();
      const other = seen.get(value);
      if (other !== undefined) failures.push({ property: `dhcp.hosts.${name}.${key}`, reason: `${other} has the same ${what}` });
      seen.set(value, name);
    }
  }
  return failures;
}

/** The addresses that are neighbours of the host's own. */
class Subnet {
  readonly #members = new BlockList();

  private constructor(readonly text: string, readonly address: string, prefix: number) {
    this.#members.addSubnet(address, prefix, familyOf(address));
  }

  /** `undefined` when the text is no address with its prefix. */
  static parse(text: string): Subnet | undefined {
    const [address = "", prefix = "", ...more] = text.split("/");
    const version = isIP(address);
    if (version === 0 || more.length > 0 || !/^[0-9]+$/.test(prefix) || Number(prefix) > (version === 4 ? 32 : 128)) return undefined;
    return new Subnet(text, address, Number(prefix));
  }

  has(ip: string): boolean {
    return isIP(ip) === isIP(this.address) && this.#members.check(ip, familyOf(ip));
  }
}

function isRange(start: string, end: string): boolean {
  const upToEnd = new BlockList();
  upToEnd.addRange(isIP(end) === 4 ? "0.0.0.0" : "::", end, familyOf(end));
  return upToEnd.check(start, familyOf(start));
}

function familyOf(ip: string): "ipv4" | "ipv6" {
  return isIP(ip) === 6 ? "ipv6" : "ipv4";
}

/** The entries of a record, without those that are not known yet. */
function entries<T>(record: Readonly<Record<string, T>> | undefined): [string, T][] {
  return typeof record === "object" ? Object.entries(record).filter(([, item]) => item !== UNKNOWN) : [];
}

function isKnown(value: unknown): value is string {
  return typeof value === "string" && value !== UNKNOWN;
}
