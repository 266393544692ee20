import { isIP } from "node:net";
import { DroverError } from "../base/error.js";
import { PartialFailure, UNKNOWN, type CheckFailure, type Context, type Handler } from "../engine/handler.js";
import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { derivedUuid } from "../inventory/identity.js";
import { DomainAffect, ErrorCode, isLibvirtError, ListDomainsFlags, NetworkDefineFlags, NetworkXMLFlags, type NetworkRef as NetworkHandle } from "../libvirt/index.js";
import type { Change, HostNetworkInputs, HostNetworkOutputs } from "../schema/index.js";
import { DomainDocument, NetworkDocument, networkUpdates, pendingNetworkChanges, type NetworkSpec } from "../xml/index.js";

/** What changes in a running network; everything else waits until no guest is plugged in. */
const LIVE = ["dhcp", "dns", "autostart"] as const;
const LATER = ["forward", "bridge", "address", "mtu"] as const;

export const handler: Handler<HostNetworkInputs, HostNetworkOutputs> = {
  check(_ctx, { olds, news }) {
    const { changes: former, ...rest } = news;
    const inputs: HostNetworkInputs = { ...rest, name: news.name ?? news.network, owner: olds?.owner ?? news.owner };
    const changes = changesOf(olds, inputs);
    return { inputs: { ...inputs, ...(changes.length === 0 ? {} : { changes }) }, failures: failuresOf(inputs) };
  },

  diff(_ctx, { olds, standard }) {
    return { ...standard, changes: standard.changes || !olds.outputs.active };
  },

  async create(ctx, { inputs }) {
    const host = hostAt(inputs.host);
    const uuid = derivedUuid(inputs.owner, "Network", inputs.network);
    const handle = (await lookup(host, { uuid })) ?? (await defineNew(host, inputs, uuid));
    try {
      return { id: handle.uuid, outputs: await converge(ctx, host, handle, inputs) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new PartialFailure({ id: handle.uuid, outputs: { uuid: handle.uuid, bridgeName: "", active: false, pending: [] } }, error);
    }
  },

  async read(_ctx, { id, olds }) {
    const host = hostAt(olds.inputs.host);
    const handle = await lookup(host, { uuid: id });
    if (handle === undefined) return undefined;
    const definition = await documentOf(host, handle, NetworkXMLFlags.INACTIVE);
    const { autostart } = await host.libvirt.networkGetAutostart({ net: handle });
    const outputs = await outputsOf(host, handle);
    const pending = outputs.pending.filter((property) => olds.outputs.pending.includes(property));
    return { id, inputs: { ...observed(olds.inputs, definition), autostart: autostart === 1 }, outputs: { ...outputs, pending } };
  },

  async update(ctx, { id, olds, news }) {
    const host = hostAt(news.host);
    const handle = (await lookup(host, { uuid: id })) ?? (await defineNew(host, { ...news, owner: olds.inputs.owner }, id));
    return await converge(ctx, host, handle, news);
  },

  async delete(_ctx, { id, olds }) {
    const host = hostAt(olds.inputs.host);
    const handle = await lookup(host, { uuid: id });
    if (handle === undefined || olds.inputs.adopt) return;
    const guests = await pluggedIn(host, handle);
    if (guests.length > 0) {
      throw new DroverError({ attempted: `delete network ${handle.name}`, host: host.name, answer: `these guests are plugged into it: ${guests.join(", ")}`, next: "stop them or plug them into another network first" });
    }
    if (await isActive(host, handle)) await host.libvirt.networkDestroy({ net: handle });
    await host.libvirt.networkUndefine({ net: handle });
  },
};

async function defineNew(host: ConnectedHost, inputs: HostNetworkInputs, uuid: string): Promise<NetworkHandle> {
  const name = inputs.name ?? inputs.network;
  const foreign = await lookup(host, { name });
  if (foreign !== undefined) {
    if (inputs.adopt) return foreign;
    throw new DroverError({ attempted: `make network ${name}`, host: host.name, answer: `there is a network of that name that Drover did not make (UUID ${foreign.uuid})`,
      next: "give this one another name, or say adopt: true to take it over" });
  }
  return await define(host, NetworkDocument.create({ ...managed(inputs), name, uuid }), inputs);
}

/** Brings definition, running network and autostart to what is declared; a restart happens only when nobody is plugged in. */
async function converge(ctx: Context, host: ConnectedHost, handle: NetworkHandle, inputs: HostNetworkInputs): Promise<HostNetworkOutputs> {
  const active = await isActive(host, handle);
  const definition = await documentOf(host, handle, NetworkXMLFlags.INACTIVE);
  const wanted = definition.clone().apply(managed(inputs));
  if (wanted.format() !== definition.format()) await define(host, wanted, inputs);
  await host.libvirt.networkSetAutostart({ net: handle, autostart: inputs.autostart ? 1 : 0 });
  if (!active) {
    await start(host, handle, inputs);
    return await outputsOf(host, handle);
  }
  const live = await documentOf(host, handle, 0);
  if (pendingNetworkChanges(live, wanted).length > 0) {
    const guests = await pluggedIn(host, handle);
    if (guests.length === 0) {
      await host.libvirt.networkDestroy({ net: handle });
      await start(host, handle, inputs);
      return await outputsOf(host, handle);
    }
    ctx.log.warn(`network ${handle.name} on ${host.name} is not restarted, for guests are plugged into it: ${guests.join(", ")}`);
  }
  for (const update of networkUpdates(live, wanted)) {
    await host.libvirt.networkUpdate({ net: handle, command: update.command, section: update.section, parentIndex: update.parentIndex, xml: update.xml, flags: DomainAffect.LIVE });
  }
  return await outputsOf(host, handle);
}

/** libvirt before 7.7 has no define with validation. */
async function define(host: ConnectedHost, document: NetworkDocument, inputs: HostNetworkInputs): Promise<NetworkHandle> {
  const xml = document.format();
  try {
    return (await host.libvirt.networkDefineXMLFlags({ xml, flags: NetworkDefineFlags.VALIDATE })).net;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_SUPPORT, ErrorCode.RPC)) return (await host.libvirt.networkDefineXML({ xml })).net;
    throw withProperty(error, host, inputs);
  }
}

async function start(host: ConnectedHost, handle: NetworkHandle, inputs: HostNetworkInputs): Promise<void> {
  try {
    await host.libvirt.networkCreate({ net: handle });
  } catch (error) {
    if (!(await isActive(host, handle))) throw withProperty(error, host, inputs);
  }
}

/** libvirt's refusal with the property that it speaks of. */
function withProperty(error: unknown, host: ConnectedHost, inputs: HostNetworkInputs): unknown {
  if (!isLibvirtError(error, ...Object.values(ErrorCode))) return error;
  const property = /bridge/i.test(error.answer) ? "bridge" : /address|subnet|in use by interface/i.test(error.answer) ? "address" : undefined;
  return new DroverError({ attempted: `${error.attempted} for network ${inputs.name ?? inputs.network}${property === undefined ? "" : ` (property ${property})`}`, host: host.name, answer: error.answer,
    next: property === undefined ? error.next : `give another ${property}`, cause: error });
}

/** Names of the running guests that are plugged into the network. */
async function pluggedIn(host: ConnectedHost, handle: NetworkHandle): Promise<string[]> {
  const { domains } = await host.libvirt.connectListAllDomains({ needResults: 1, flags: ListDomainsFlags.ACTIVE });
  const names = await Promise.all(domains.map(async (dom) => {
    const { nics } = DomainDocument.parse((await host.libvirt.domainGetXMLDesc({ dom, flags: 0 })).xml);
    return nics.some(({ source }) => source !== undefined && "network" in source && source.network === handle.name) ? [dom.name] : [];
  }));
  return names.flat();
}

function managed(inputs: HostNetworkInputs): Omit<NetworkSpec, "name" | "uuid"> {
  return {
    forward: inputs.forward,
    bridge: inputs.bridge,
    address: inputs.address,
    mtu: inputs.mtu,
    domain: inputs.dns?.domain,
    dhcpRanges: Object.values(inputs.dhcp?.ranges ?? {}),
    dhcpHosts: Object.entries(inputs.dhcp?.hosts ?? {}).map(([name, { mac, ip }]) => ({ name, mac: mac.toLowerCase(), ip })),
    dnsHosts: inputs.dns?.hosts ?? {},
  };
}

/** The inputs as they would be declared today; what equals the declaration keeps its words. */
function observed(inputs: HostNetworkInputs, definition: NetworkDocument): HostNetworkInputs {
  if (definition.clone().apply(managed(inputs)).format() === definition.format()) return inputs;
  const ranges = Object.fromEntries(definition.dhcpRanges.map((range, index) => {
    const known = Object.entries(inputs.dhcp?.ranges ?? {}).find(([, each]) => each.start === range.start && each.end === range.end);
    return [known?.[0] ?? `range${index + 1}`, range];
  }));
  const hosts = Object.fromEntries(definition.dhcpHosts.map((host) => [host.name ?? host.mac, { mac: host.mac, ip: host.ip }]));
  const { address, mtu, domain, dnsHosts } = definition;
  const hasDhcp = Object.keys(ranges).length + Object.keys(hosts).length > 0;
  const hasDns = domain !== undefined || Object.keys(dnsHosts).length > 0;
  const { dhcp, dns, address: declaredAddress, mtu: declaredMtu, ...rest } = inputs;
  const forward = definition.forward;
  return {
    ...rest,
    ...(forward === "bridge" || forward === "nat" || forward === "isolated" ? { forward } : {}),
    ...(inputs.bridge === undefined || definition.bridge === undefined ? {} : { bridge: definition.bridge }),
    ...(address === undefined ? {} : { address }), ...(mtu === undefined ? {} : { mtu }),
    ...(hasDhcp ? { dhcp: { ranges, hosts } } : {}),
    ...(hasDns ? { dns: { ...(domain === undefined ? {} : { domain }), hosts: dnsHosts } } : {}),
  };
}

function failuresOf(inputs: HostNetworkInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const isBridge = inputs.forward === "bridge";
  if (isBridge && inputs.bridge === undefined) failures.push({ property: "bridge", reason: "is missing: forward \"bridge\" plugs guests into a bridge of the host" });
  for (const property of ["address", "dhcp", "dns"] as const) {
    if (isBridge && inputs[property] !== undefined) failures.push({ property, reason: "is not for forward \"bridge\": that network's own router and DHCP server do it" });
  }
  const { address } = inputs;
  if (address !== undefined && address !== UNKNOWN && !isCidr(address)) failures.push({ property: "address", reason: `expected an address with its prefix, such as 192.168.50.1/24, got ${address}` });
  if (inputs.dhcp !== undefined && address === undefined && !isBridge) failures.push({ property: "dhcp", reason: "needs an address of the host in the network" });
  const entries = Object.entries(inputs.dhcp?.hosts ?? {});
  for (const [key, what] of [["mac", "MAC address"], ["ip", "address"]] as const) {
    const seen = new Map<string, string>();
    for (const [name, host] of entries) {
      const value = host[key].toLowerCase();
      const other = seen.get(value);
      if (other !== undefined && value !== UNKNOWN) failures.push({ property: `dhcp.hosts.${name}.${key}`, reason: `${other} has the same ${what}` });
      seen.set(value, name);
    }
  }
  return failures;
}

function isCidr(text: string): boolean {
  const [address = "", prefix = ""] = text.split("/");
  const version = isIP(address);
  return version !== 0 && /^[0-9]+$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

function changesOf(olds: HostNetworkInputs | undefined, news: HostNetworkInputs): Change[] {
  if (olds === undefined) return [];
  const differs = (property: keyof HostNetworkInputs): boolean => JSON.stringify(olds[property] ?? null) !== JSON.stringify(news[property] ?? null);
  return [...LIVE.filter(differs).map((property) => ({ property, when: "live" as const })), ...LATER.filter(differs).map((property) => ({ property, when: "restart" as const }))];
}

async function documentOf(host: ConnectedHost, handle: NetworkHandle, flags: number): Promise<NetworkDocument> {
  // An inactive network has only its definition, and libvirt refuses to be asked for another.
  return NetworkDocument.parse((await host.libvirt.networkGetXMLDesc({ net: handle, flags })).xml);
}

async function outputsOf(host: ConnectedHost, handle: NetworkHandle): Promise<HostNetworkOutputs> {
  const active = await isActive(host, handle);
  const definition = await documentOf(host, handle, NetworkXMLFlags.INACTIVE);
  const pending = active ? pendingNetworkChanges(await documentOf(host, handle, 0), definition) : [];
  return { uuid: handle.uuid, bridgeName: definition.bridge ?? "", active, pending };
}

async function isActive(host: ConnectedHost, handle: NetworkHandle): Promise<boolean> {
  return (await host.libvirt.networkIsActive({ net: handle })).active === 1;
}

async function lookup(host: ConnectedHost, by: { readonly uuid: string } | { readonly name: string }): Promise<NetworkHandle | undefined> {
  try {
    return "uuid" in by ? (await host.libvirt.networkLookupByUUID({ uuid: by.uuid })).net : (await host.libvirt.networkLookupByName({ name: by.name })).net;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_NETWORK)) return undefined;
    throw error;
  }
}
