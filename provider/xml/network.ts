import { element, type XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { parseXml } from "./parse.js";
import { readInteger } from "./size.js";

/** What we manage of a network. */
export interface NetworkSpec {
  readonly name: string;
  readonly uuid: string;
  readonly forward: Forward;
  /** Name of the bridge; `undefined`: libvirt chooses one. */
  readonly bridge: string | undefined;
  /** The host's address with its prefix, `192.168.50.1/24`; `undefined` for none. */
  readonly address: string | undefined;
  /** Largest packet in bytes; `undefined` for the usual 1500. */
  readonly mtu: number | undefined;
  /** DNS domain; `undefined` for none. */
  readonly domain: string | undefined;
  readonly dhcpRanges: readonly DhcpRange[];
  readonly dhcpHosts: readonly DhcpHost[];
  /** Address by host name. */
  readonly dnsHosts: Readonly<Record<string, string>>;
}

/** How guests reach the world: through a bridge that is there already, translated, routed, or not at all. */
export type Forward = "bridge" | "nat" | "route" | "isolated";

export interface DhcpRange {
  readonly start: string;
  readonly end: string;
}

export interface DhcpHost {
  readonly mac: string;
  readonly ip: string;
  /** Host name that it gets; `undefined` for none. */
  readonly name: string | undefined;
}

/**
 * A network's document: new from a spec, or read from libvirt and patched where we manage something; all else is kept.
 * @example NetworkDocument.parse(text).apply({ mtu: 1400 }).format()
 */
export class NetworkDocument {
  private constructor(readonly root: XmlElement) {}

  static create(spec: NetworkSpec): NetworkDocument {
    return new NetworkDocument(element("network")).apply(spec);
  }

  /** @throws DroverError when the text is not well-formed XML or no network. */
  static parse(text: string): NetworkDocument {
    return new NetworkDocument(parseXml(text, "network"));
  }

  format(): string {
    return formatXml(this.root);
  }

  clone(): NetworkDocument {
    return new NetworkDocument(this.root.clone());
  }

  get name(): string { return this.root.child("name")?.text ?? ""; }
  get uuid(): string { return this.root.child("uuid")?.text.trim() ?? ""; }
  /** libvirt has more kinds (`open`, `private`, `hostdev`, …): they come as they are. */
  get forward(): string {
    const forward = this.root.child("forward");
    return forward === undefined ? "isolated" : (forward.attr("mode") ?? "nat");
  }
  get bridge(): string | undefined { return this.root.child("bridge")?.attr("name"); }
  get address(): string | undefined {
    const ip = this.root.child("ip");
    const address = ip?.attr("address");
    return ip === undefined || address === undefined ? undefined : `${address}/${String(readPrefix(ip))}`;
  }
  get mtu(): number | undefined { return readInteger(this.root.child("mtu")?.attr("size")); }
  get domain(): string | undefined { return this.root.child("domain")?.attr("name"); }
  get dhcpRanges(): readonly DhcpRange[] {
    return (this.#dhcp()?.children("range") ?? []).map((range) => ({ start: range.attr("start") ?? "", end: range.attr("end") ?? "" }));
  }
  get dhcpHosts(): readonly DhcpHost[] {
    return (this.#dhcp()?.children("host") ?? []).map((host) => ({
      mac: (host.attr("mac") ?? "").toLowerCase(), ip: host.attr("ip") ?? "", name: host.attr("name"),
    }));
  }
  get dnsHosts(): Readonly<Record<string, string>> {
    const hosts = this.root.child("dns")?.children("host") ?? [];
    return Object.fromEntries(hosts.flatMap((host) => host.children("hostname").map((name) => [name.text.trim(), host.attr("ip") ?? ""])));
  }

  /**
   * Patches what is given and leaves the rest. DHCP and DNS entries are the whole set; an equal set changes nothing.
   * A key that is there with `undefined` takes the value away.
   */
  apply(changes: Partial<NetworkSpec>): this {
    const { root } = this;
    if (changes.name !== undefined) root.ensure("name").setText(changes.name);
    if (changes.uuid !== undefined && changes.uuid !== this.uuid) root.ensure("uuid").setText(changes.uuid);
    if (changes.forward !== undefined && changes.forward !== this.forward) {
      // A bridge that is there already has none of what libvirt keeps for a bridge of its own, and the other way round.
      if (changes.forward === "bridge" || this.forward === "bridge") for (const name of ["bridge", "mac"]) root.removeAll(name);
      root.removeAll("forward");
      if (changes.forward !== "isolated") root.append(element("forward", { mode: changes.forward }));
    }
    if (changes.bridge !== undefined) root.ensure("bridge").setAttr("name", changes.bridge);
    if ("mtu" in changes && changes.mtu !== this.mtu) {
      root.removeAll("mtu");
      if (changes.mtu !== undefined) root.append(element("mtu", { size: changes.mtu }));
    }
    if ("domain" in changes && changes.domain !== this.domain) {
      if (changes.domain === undefined) root.removeAll("domain");
      else root.ensure("domain").setAttr("name", changes.domain);
    }
    if ("address" in changes) this.#writeAddress(changes.address);
    if (changes.dhcpRanges !== undefined) {
      this.#writeDhcp("range", this.dhcpRanges.map(rangeElement), changes.dhcpRanges.map(rangeElement));
    }
    if (changes.dhcpHosts !== undefined) {
      this.#writeDhcp("host", this.dhcpHosts.map(dhcpHostElement), changes.dhcpHosts.map(dhcpHostElement));
    }
    if (changes.dnsHosts !== undefined) this.#writeDnsHosts(changes.dnsHosts);
    return this;
  }

  #dhcp(): XmlElement | undefined {
    return this.root.children("ip").map((ip) => ip.child("dhcp")).find((dhcp) => dhcp !== undefined);
  }

  #writeAddress(wanted: string | undefined): void {
    if (wanted === this.address) return;
    const old = this.root.child("ip");
    if (wanted === undefined) {
      if (old !== undefined) this.root.remove(old);
      return;
    }
    const [address = "", prefix] = wanted.split("/");
    const ip = this.root.ensure("ip").setAttr("netmask", undefined).setAttr("address", address).setAttr("prefix", prefix);
    ip.setAttr("family", address.includes(":") ? "ipv6" : undefined);
  }

  #writeDhcp(kind: "range" | "host", old: readonly XmlElement[], wanted: readonly XmlElement[]): void {
    if (sameSet(old, wanted)) return;
    const dhcp = this.#dhcp() ?? this.root.ensure("ip").ensure("dhcp");
    patchSet(dhcp, kind, old, wanted);
    if (dhcp.children().length === 0) {
      for (const ip of this.root.children("ip")) if (ip.child("dhcp") === dhcp) ip.remove(dhcp);
    }
  }

  #writeDnsHosts(wanted: Readonly<Record<string, string>>): void {
    const old = dnsHostElements(this.dnsHosts);
    const next = dnsHostElements(wanted);
    if (sameSet(old, next)) return;
    const dns = this.root.ensure("dns");
    dns.removeAll("host");
    for (const host of next) dns.append(host);
    if (dns.nodes.length === 0 && dns.attributes.size === 0) this.root.remove(dns);
  }
}

/** Takes away what left and adds what came; entries that stay are left as they are, with whatever else they hold. */
function patchSet(parent: XmlElement, name: string, old: readonly XmlElement[], wanted: readonly XmlElement[]): void {
  const keep = new Set(wanted.map(formatXml));
  const had = new Set(old.map(formatXml));
  parent.children(name).forEach((item, index) => {
    const known = old[index];
    if (known !== undefined && !keep.has(formatXml(known))) parent.remove(item);
  });
  for (const item of wanted) if (!had.has(formatXml(item))) parent.append(item);
}

function sameSet(left: readonly XmlElement[], right: readonly XmlElement[]): boolean {
  return JSON.stringify(left.map(formatXml).sort()) === JSON.stringify(right.map(formatXml).sort());
}

export function rangeElement(range: DhcpRange): XmlElement {
  return element("range", { start: range.start, end: range.end });
}

export function dhcpHostElement(host: DhcpHost): XmlElement {
  return element("host", { mac: host.mac === "" ? undefined : host.mac.toLowerCase(), name: host.name, ip: host.ip });
}

/** One entry for each address, with all of its names. */
export function dnsHostElements(hosts: Readonly<Record<string, string>>): XmlElement[] {
  const names = new Map<string, string[]>();
  for (const [name, ip] of Object.entries(hosts)) names.set(ip, [...(names.get(ip) ?? []), name]);
  return [...names].map(([ip, all]) => element("host", { ip }, all.sort().map((name) => element("hostname", {}, name))));
}

function readPrefix(ip: XmlElement): number {
  const prefix = readInteger(ip.attr("prefix"));
  if (prefix !== undefined) return prefix;
  const netmask = ip.attr("netmask");
  if (netmask !== undefined) {
    return netmask.split(".").map((part) => Number(part).toString(2).replaceAll("0", "").length).reduce((sum, ones) => sum + ones, 0);
  }
  // libvirt's default (formatnetwork, "ip"): the class of the address for IPv4, 64 for IPv6.
  if (ip.attr("family") === "ipv6") return 64;
  const first = Number(ip.attr("address")?.split(".")[0] ?? 0);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}
