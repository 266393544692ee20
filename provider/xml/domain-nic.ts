import { aliasOf, nameOfAlias } from "./alias.js";
import type { NicSource, NicSpec } from "./domain-spec.js";
import { element, XmlElement } from "./element.js";
import { readInteger } from "./size.js";

/** A NIC as a document has it. */
export interface NicDevice extends Omit<NicSpec, "source"> {
  /** Our name of it; `undefined` for a NIC that is not ours. */
  readonly name: string | undefined;
  readonly alias: string | undefined;
  /** Network or bridge; `undefined` for other kinds of connection. */
  readonly source: NicSource | undefined;
  /** The host's end while the guest runs: `vnet0`. */
  readonly target: string | undefined;
}

export function readNics(root: XmlElement): NicDevice[] {
  return nicElements(root).map(readNic);
}

function readNic(nic: XmlElement): NicDevice {
  const alias = nic.child("alias")?.attr("name");
  return {
    name: nameOfAlias("nic", alias), alias,
    source: readSource(nic),
    mac: (nic.child("mac")?.attr("address") ?? "").toLowerCase(),
    model: nic.child("model")?.attr("type") ?? "",
    mtu: readInteger(nic.child("mtu")?.attr("size")),
    link: nic.child("link")?.attr("state") === "down" ? "down" : "up",
    vlan: readInteger(nic.find("vlan", "tag")?.attr("id")),
    target: nic.child("target")?.attr("dev"),
  };
}

function readSource(nic: XmlElement): NicSource | undefined {
  const source = nic.child("source");
  const network = source?.attr("network");
  if (nic.attr("type") === "network" && network !== undefined) return { network };
  const bridge = source?.attr("bridge");
  return nic.attr("type") === "bridge" && bridge !== undefined ? { bridge } : undefined;
}

/** The NIC's own element: for libvirt's attach, detach and update calls. */
export function findNic(root: XmlElement, name: string): XmlElement | undefined {
  return nicElements(root).find((nic) => nic.child("alias")?.attr("name") === aliasOf("nic", name));
}

/** Makes ours of a NIC that is known by its MAC address only. A running guest takes the name on at its next start. */
export function claimNic(root: XmlElement, mac: string, name: string): void {
  const found = nicElements(root).find((nic) => readNic(nic).mac === mac.toLowerCase());
  if (found === undefined) throw new RangeError(`the domain has no NIC ${mac}`);
  found.ensure("alias").setAttr("name", aliasOf("nic", name));
}

/** Brings our NICs to what is wanted: missing ones are added, others patched, those that left go. NICs of others stay. */
export function writeNics(root: XmlElement, wanted: Readonly<Record<string, NicSpec>>): void {
  const devices = root.ensure("devices");
  for (const nic of nicElements(root)) {
    const name = readNic(nic).name;
    if (name !== undefined && !(name in wanted)) devices.remove(nic);
  }
  for (const [name, spec] of Object.entries(wanted)) writeNic(root, name, spec);
}

/** Adds or patches one NIC of ours and returns its element. */
export function writeNic(root: XmlElement, name: string, spec: NicSpec): XmlElement {
  const found = findNic(root, name);
  const nic = found ?? element("interface", {}, [
    new XmlElement("mac"), new XmlElement("source"), new XmlElement("model"),
    element("alias", { name: aliasOf("nic", name) }),
  ]);
  patchNic(nic, spec);
  if (found === undefined) root.ensure("devices").append(nic);
  return nic;
}

function patchNic(nic: XmlElement, spec: NicSpec): void {
  const old = readNic(nic);
  writeSource(nic, old.source, spec.source);
  if (old.mac !== spec.mac.toLowerCase()) nic.ensure("mac").setAttr("address", spec.mac);
  if (old.model !== spec.model) {
    nic.removeAll("address");
    nic.ensure("model").setAttr("type", spec.model);
  }
  if (spec.mtu === undefined) nic.removeAll("mtu");
  else if (old.mtu !== spec.mtu) nic.ensure("mtu").setAttr("size", spec.mtu);
  if (old.link !== spec.link) nic.ensure("link").setAttr("state", spec.link);
  if (spec.vlan === undefined) nic.removeAll("vlan");
  else if (old.vlan !== spec.vlan) nic.setPresent("vlan", false).append(element("vlan", {}, [element("tag", { id: spec.vlan })]));
}

function writeSource(nic: XmlElement, old: NicSource | undefined, wanted: NicSource): void {
  const [kind, name] = "network" in wanted ? ["network", wanted.network] : ["bridge", wanted.bridge];
  if (old !== undefined && kind in old && Object.values(old).includes(name)) return;
  // A port belongs to the network that it was given by; the rest of a NIC (MAC, model, address) goes along.
  nic.removeAll("virtualport");
  nic.setAttr("type", kind);
  const source = nic.ensure("source");
  for (const key of [...source.attributes.keys()]) source.setAttr(key, undefined);
  source.setAttr(kind, name);
}

function nicElements(root: XmlElement): XmlElement[] {
  return root.child("devices")?.children("interface") ?? [];
}
