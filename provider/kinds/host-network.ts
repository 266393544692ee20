import { DroverError } from "../base/error.js";
import { containsUnknown } from "../engine/difference.js";
import { PartialFailure, type Context, type Handler } from "../engine/handler.js";
import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { derivedUuid } from "../inventory/identity.js";
import { DomainAffect, ErrorCode, isLibvirtError, LibvirtError, ListDomainsFlags, NetworkDefineFlags, NetworkXMLFlags, type DomainRef, type NetworkRef as NetworkHandle } from "../libvirt/index.js";
import type { Change, HostNetworkInputs, HostNetworkOutputs } from "../schema/index.js";
import { parseLibvirtUri, TransportError } from "../transport/index.js";
import { DomainDocument, NetworkDocument, networkUpdates, pendingNetworkChanges } from "../xml/index.js";
import { changesOf, failuresOf } from "./network/check.js";
import { adoptionChanges, managed, observed, type NetworkState } from "./network/document.js";

export const handler: Handler<HostNetworkInputs, HostNetworkOutputs> = {
  async check(_ctx, { olds, news }) {
    const { changes: former, ...rest } = news;
    // What it was made as stays, when the program calls it something else by an alias or has another first host.
    const network = olds?.network ?? news.network;
    const inputs: HostNetworkInputs = { ...rest, network, name: news.name ?? olds?.name ?? network, owner: olds?.owner ?? news.owner };
    const failures = failuresOf(inputs);
    const asks = olds === undefined && inputs.adopt && failures.length === 0 && !containsUnknown(inputs);
    const changes = asks ? await differencesOfAdopted(inputs) : changesOf(olds, inputs);
    return { inputs: { ...inputs, ...(changes.length === 0 ? {} : { changes }) }, failures };
  },

  diff(_ctx, { olds, standard }) {
    return { ...standard, changes: standard.changes || !olds.outputs.active };
  },

  async create(ctx, { inputs, key }) {
    const host = hostAt(inputs.host);
    await requireBridge(host, inputs);
    const handle = await findOrDefine(host, inputs, uuidOf(inputs, key));
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
    const state = await stateOf(host, handle);
    const outputs = outputsOf(handle, state);
    const hasGuests = outputs.pending.length > 0 && (await pluggedIn(host, handle)).length > 0;
    const { autostart } = await host.libvirt.networkGetAutostart({ net: handle });
    return { id, inputs: { ...observed(olds.inputs, state, hasGuests), autostart: autostart === 1 }, outputs };
  },

  async update(ctx, { id, news }) {
    const host = hostAt(news.host);
    await requireBridge(host, news);
    return await converge(ctx, host, await findOrDefine(host, news, id), news);
  },

  async delete(_ctx, { id, olds, key }) {
    const host = hostAt(olds.inputs.host);
    const handle = await lookup(host, { uuid: id });
    // Only what we made has the UUID that we derive: all else was adopted, whatever `adopt` says today, and is released.
    if (handle === undefined || id !== uuidOf(olds.inputs, key)) return;
    await remove(host, handle);
  },
};

/** UUID of a network that we make: the same on each of its hosts, so the types of its parents count, and not its own name. */
function uuidOf(inputs: HostNetworkInputs, key: string): string {
  const [types = ""] = key.split("::");
  return derivedUuid(inputs.owner, "Network", `${types}::${inputs.network}`);
}

/** Our own network, half-made or not; else the one that is to be adopted; else a new one. */
async function findOrDefine(host: ConnectedHost, inputs: HostNetworkInputs, uuid: string): Promise<NetworkHandle> {
  const name = inputs.name ?? inputs.network;
  const ours = await lookup(host, { uuid });
  if (ours?.name === name) return ours;
  const foreign = await lookup(host, { name });
  if (foreign !== undefined) {
    if (inputs.adopt) return foreign;
    throw new DroverError({ attempted: `make network ${name} (property name)`, host: host.name, answer: `there is a network of that name already that this resource did not make (UUID ${foreign.uuid})`,
      next: "give this one another name, or say adopt: true to take it over" });
  }
  // libvirt renames no network: one that was begun under another name is begun again. One that runs was finished.
  if (ours !== undefined && (await isActive(host, ours))) {
    throw new DroverError({ attempted: `make network ${name}`, host: host.name, answer: `the program made network ${ours.name} under this name before`,
      next: `if that one is still in the program by an alias, call this one something else there; if a run was cut off, stop it: \`virsh net-destroy ${ours.name}\`` });
  }
  if (ours !== undefined) await remove(host, ours);
  return await define(host, NetworkDocument.create({ ...managed(inputs), name, uuid }), inputs);
}

/** Brings definition, running network and autostart to what is declared; a restart happens only when nobody is plugged in. */
async function converge(ctx: Context, host: ConnectedHost, handle: NetworkHandle, inputs: HostNetworkInputs): Promise<HostNetworkOutputs> {
  const { definition, live } = await stateOf(host, handle);
  const wanted = definition.clone().apply(managed(inputs));
  if (wanted.format() !== definition.format()) await define(host, wanted, inputs);
  await host.libvirt.networkSetAutostart({ net: handle, autostart: inputs.autostart ? 1 : 0 });
  if (live === undefined) await start(host, handle, inputs);
  else await changeRunning(ctx, host, handle, { live, wanted, inputs });
  return outputsOf(handle, await stateOf(host, handle));
}

async function changeRunning(ctx: Context, host: ConnectedHost, handle: NetworkHandle, { live, wanted, inputs }: { live: NetworkDocument; wanted: NetworkDocument; inputs: HostNetworkInputs }): Promise<void> {
  const pending = pendingNetworkChanges(live, wanted);
  if (pending.length > 0) {
    const guests = await pluggedIn(host, handle);
    if (guests.length === 0) {
      await host.libvirt.networkDestroy({ net: handle });
      await start(host, handle, inputs);
      return;
    }
    ctx.log.warn(`network ${handle.name} on ${host.name} is not restarted, for guests are plugged into it: ${guests.join(", ")}; these changes wait: ${pending.join(", ")}`);
  }
  for (const update of networkUpdates(live, wanted)) {
    await naming(host, inputs, () => host.libvirt.networkUpdate({ net: handle, command: update.command, section: update.section, parentIndex: update.parentIndex, xml: update.xml, flags: DomainAffect.LIVE }));
  }
}

/** libvirt before 7.7 has no define with validation. */
async function define(host: ConnectedHost, document: NetworkDocument, inputs: HostNetworkInputs): Promise<NetworkHandle> {
  const xml = document.format();
  return await naming(host, inputs, async () => {
    try {
      return (await host.libvirt.networkDefineXMLFlags({ xml, flags: NetworkDefineFlags.VALIDATE })).net;
    } catch (error) {
      if (isLibvirtError(error, ErrorCode.NO_SUPPORT, ErrorCode.RPC)) return (await host.libvirt.networkDefineXML({ xml })).net;
      throw error;
    }
  });
}

async function start(host: ConnectedHost, handle: NetworkHandle, inputs: HostNetworkInputs): Promise<void> {
  try {
    await naming(host, inputs, () => host.libvirt.networkCreate({ net: handle }));
  } catch (error) {
    if (!(await isActive(host, handle))) throw error;
  }
}

/** Stops and undefines a network of ours; never one with guests. */
async function remove(host: ConnectedHost, handle: NetworkHandle): Promise<void> {
  const guests = await pluggedIn(host, handle);
  if (guests.length > 0) {
    throw new DroverError({ attempted: `delete network ${handle.name}`, host: host.name, answer: `these guests are plugged into it: ${guests.join(", ")}`, next: "stop them or plug them into another network first" });
  }
  if (await isActive(host, handle)) await host.libvirt.networkDestroy({ net: handle });
  await host.libvirt.networkUndefine({ net: handle });
}

/** Runs calls; libvirt's refusal gets the network's name and the property that it speaks of. */
async function naming<T>(host: ConnectedHost, inputs: HostNetworkInputs, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    const property = PROPERTIES.find(([words]) => words.test(error.answer))?.[1];
    throw new DroverError({ attempted: `${error.attempted} for network ${inputs.name ?? inputs.network}${property === undefined ? "" : ` (property ${property})`}`, host: host.name, answer: error.answer,
      next: property === undefined ? error.next : `give another ${property}`, cause: error });
  }
}

/** Words of libvirt's refusals, and the property that each is about. */
const PROPERTIES = [[/bridge/i, "bridge"], [/dhcp|range|host name|static host/i, "dhcp"], [/dns/i, "dns"], [/mtu/i, "mtu"], [/address|subnet|in use by interface/i, "address"]] as const;

/**
 * libvirt takes a bridge that the host does not have, and the first guest fails. So the host itself is asked, where that
 * is possible: over ssh, or on this machine.
 */
async function requireBridge(host: ConnectedHost, inputs: HostNetworkInputs): Promise<void> {
  const { forward, bridge } = inputs;
  if (forward !== "bridge" || bridge === undefined || !runsCommands(host)) return;
  const answer = await ask(host, ["sh", "-c", "test -d /sys/class/net || exit; test -e \"/sys/class/net/$1\" && echo present || echo absent", "sh", bridge]);
  if (answer !== "absent") return;
  throw new DroverError({ attempted: `make network ${inputs.name ?? inputs.network} (property bridge)`, host: host.name, answer: `the host has no bridge ${bridge}`,
    next: `make the bridge ${bridge} on ${host.name}, or name one that it has (\`ip link show type bridge\`)` });
}

/** A local socket that was named may be that of a daemon with another view of the machine. */
function runsCommands(host: ConnectedHost): boolean {
  const { transport, socket } = parseLibvirtUri(host.address.uri);
  return transport === "ssh" || (transport === "unix" && socket === undefined);
}

/** What a command prints; nothing where the host lets us run none: then libvirt itself says what it lacks, later. */
async function ask(host: ConnectedHost, command: readonly string[]): Promise<string> {
  try {
    return (await host.transport.exec(command)).stdout.trim();
  } catch (error) {
    if (error instanceof TransportError) return "";
    throw error;
  }
}

/** What an adoption would change: whoever takes a network over wants to see it in the preview. */
async function differencesOfAdopted(inputs: HostNetworkInputs): Promise<Change[]> {
  const host = hostAt(inputs.host);
  const there = await lookup(host, { name: inputs.name ?? inputs.network });
  return there === undefined ? [] : adoptionChanges(inputs, await stateOf(host, there));
}

/** Names of the running guests that are plugged into the network. */
async function pluggedIn(host: ConnectedHost, handle: NetworkHandle): Promise<string[]> {
  const { domains } = await host.libvirt.connectListAllDomains({ needResults: 1, flags: ListDomainsFlags.ACTIVE });
  const names = await Promise.all(domains.map(async (domain) => (await isPlugged(host, domain, handle.name)) ? [domain.name] : []));
  return names.flat().sort();
}

async function isPlugged(host: ConnectedHost, domain: DomainRef, network: string): Promise<boolean> {
  try {
    const { nics } = DomainDocument.parse((await host.libvirt.domainGetXMLDesc({ dom: domain, flags: 0 })).xml);
    return nics.some(({ source }) => source !== undefined && "network" in source && source.network === network);
  } catch (error) {
    // A transient guest that ended meanwhile.
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return false;
    throw error;
  }
}

async function stateOf(host: ConnectedHost, handle: NetworkHandle): Promise<NetworkState> {
  const [definition, active] = await Promise.all([documentOf(host, handle, NetworkXMLFlags.INACTIVE), isActive(host, handle)]);
  return { definition, live: active ? await documentOf(host, handle, 0) : undefined };
}

async function documentOf(host: ConnectedHost, handle: NetworkHandle, flags: number): Promise<NetworkDocument> {
  return NetworkDocument.parse((await host.libvirt.networkGetXMLDesc({ net: handle, flags })).xml);
}

function outputsOf({ uuid }: NetworkHandle, { definition, live }: NetworkState): HostNetworkOutputs {
  return { uuid, bridgeName: (live ?? definition).bridge ?? "", active: live !== undefined, pending: live === undefined ? [] : pendingNetworkChanges(live, definition) };
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
