import { element, type XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { dhcpHostElement, dnsHostElements, rangeElement, type DhcpHost, type NetworkDocument } from "./network.js";

/** Numbers of libvirt's `virNetworkUpdateCommand`. */
export const NetworkUpdateCommand = { modify: 1, delete: 2, addLast: 3 } as const;
/** Numbers of libvirt's `virNetworkUpdateSection`. */
export const NetworkUpdateSection = { ipDhcpHost: 4, ipDhcpRange: 5, dnsHost: 10 } as const;

/** One `virNetworkUpdate` call. */
export interface NetworkUpdate {
  readonly command: (typeof NetworkUpdateCommand)[keyof typeof NetworkUpdateCommand];
  readonly section: (typeof NetworkUpdateSection)[keyof typeof NetworkUpdateSection];
  /** −1: libvirt finds the address that has the DHCP server. */
  readonly parentIndex: -1;
  readonly xml: string;
}

/**
 * The calls that bring a running network's DHCP and DNS entries from what they are to what is wanted, in order:
 * what goes before what comes, so that an address or a name can pass from one entry to another.
 * libvirt modifies DHCP hosts (by MAC) only; ranges and DNS entries are deleted and added.
 * What would not fit the running network stays as it is: DHCP entries of another address, anything of another mode.
 */
export function networkUpdates(current: NetworkDocument, wanted: NetworkDocument): NetworkUpdate[] {
  if (current.forward !== wanted.forward && (current.forward === "bridge" || wanted.forward === "bridge")) return [];
  const isOfAddress = current.address === wanted.address;
  const dns = compare(dnsHostElements(current.dnsHosts), dnsHostElements(wanted.dnsHosts), formatXml, (host) => host);
  return [...(isOfAddress ? dhcpUpdates(current, wanted) : []),
    // By its address alone: one of its names could be in another entry too, and two matches are refused.
    ...dns.gone.map((host) => update("delete", NetworkUpdateSection.dnsHost, element("host", { ip: host.attr("ip") }))),
    ...dns.come.map((host) => update("addLast", NetworkUpdateSection.dnsHost, host)),
  ];
}

function dhcpUpdates(current: NetworkDocument, wanted: NetworkDocument): NetworkUpdate[] {
  const hosts = compare(current.dhcpHosts, wanted.dhcpHosts, (host) => host.mac === "" ? host.ip : host.mac.toLowerCase(), dhcpHostElement);
  const ranges = compare(current.dhcpRanges, wanted.dhcpRanges, (range) => `${range.start} ${range.end}`, rangeElement);
  // Modifying is not checked against other entries, so it is used where no other entry is in the way only.
  const canModify = (host: DhcpHost): boolean => host.mac !== "" && !current.dhcpHosts.some((other) =>
    other.mac.toLowerCase() !== host.mac.toLowerCase() && (other.ip === host.ip || (host.name !== undefined && other.name === host.name)));
  const modified = hosts.changed.filter(([, next]) => canModify(next));
  const replaced = hosts.changed.filter(([, next]) => !canModify(next));
  const { ipDhcpHost, ipDhcpRange } = NetworkUpdateSection;
  return [
    ...[...hosts.gone, ...replaced.map(([old]) => old)].map((host) => update("delete", ipDhcpHost, dhcpHostElement(host))),
    ...ranges.gone.map((range) => update("delete", ipDhcpRange, rangeElement(range))),
    ...ranges.come.map((range) => update("addLast", ipDhcpRange, rangeElement(range))),
    ...modified.map(([, next]) => update("modify", ipDhcpHost, dhcpHostElement(next))),
    ...[...replaced.map(([, next]) => next), ...hosts.come].map((host) => update("addLast", ipDhcpHost, dhcpHostElement(host))),
  ];
}

/** What of the definition a running network does not have yet and {@link networkUpdates} can not bring: the paths of its properties. */
export function pendingNetworkChanges(live: NetworkDocument, defined: NetworkDocument): string[] {
  const pending: string[] = (["forward", "bridge", "address"] as const).filter((property) => live[property] !== defined[property]);
  if (live.domain !== defined.domain) pending.push("dns.domain");
  if ((live.mtu ?? 1500) !== (defined.mtu ?? 1500)) pending.push("mtu");
  if (live.address !== defined.address && dhcpUpdates(live, defined).length > 0) pending.push("dhcp");
  return pending;
}

function update(command: keyof typeof NetworkUpdateCommand, section: NetworkUpdate["section"], item: XmlElement): NetworkUpdate {
  return { command: NetworkUpdateCommand[command], section, parentIndex: -1, xml: formatXml(item) };
}

function compare<T>(current: readonly T[], wanted: readonly T[], keyOf: (item: T) => string, toElement: (item: T) => XmlElement): {
  readonly gone: readonly T[]; readonly come: readonly T[]; readonly changed: readonly (readonly [T, T])[];
} {
  const old = new Map(current.map((item) => [keyOf(item), item]));
  const next = new Map(wanted.map((item) => [keyOf(item), item]));
  return {
    gone: [...old].filter(([key]) => !next.has(key)).map(([, item]) => item),
    come: [...next].filter(([key]) => !old.has(key)).map(([, item]) => item),
    changed: [...next].flatMap(([key, item]) => {
      const before = old.get(key);
      return before === undefined || formatXml(toElement(before)) === formatXml(toElement(item)) ? [] : [[before, item] as const];
    }),
  };
}
