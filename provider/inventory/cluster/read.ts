import { DroverError, messageOf } from "../../base/error.js";
import { within } from "../../base/within.js";
import {
  DomainAffect, DomainMetadataType, DomainStats, DomainStatsFlags, ErrorCode, isLibvirtError, ListDomainsFlags, ListInterfacesFlags, ListNetworksFlags, LibvirtError, paramsToObject,
  type DomainRef, type ParamValue,
} from "../../libvirt/index.js";
import { MARK_URI, NetworkDocument, parseMark, scanXml, type Mark } from "../../xml/index.js";
import { hostAt, type ConnectedHost, type HostAddress } from "../hosts.js";
import { capabilitiesOf } from "./capabilities.js";
import { describeDomain } from "./domain.js";
import { readHostMarks } from "./mark.js";
import type { ClusterReading, DomainInventory, HostInventory, NetworkInventory, SilentHost } from "./model.js";
import { byName, unlessGone } from "./listing.js";
import { readPools } from "./pools.js";

export interface ReadOptions {
  /** Ends the reading, which rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long a host may take until it is connected. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long a connected host may take for all of its answers. Default 60,000: libvirt probes QEMU the first time. */
  readonly answerTimeoutMs?: number;
  /** Ask running guests for what they use as well ({@link DomainInventory.measured}). Default false: QEMU itself has to answer for each. */
  readonly measure?: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Reads all hosts at once. Nothing is changed on any of them. A host that does not answer is a part of the result; so is
 * one that answers what cannot be understood, for what it carries is not known either.
 */
export async function readHosts(addresses: readonly HostAddress[], options: ReadOptions = {}): Promise<ClusterReading> {
  const { signal } = options;
  signal?.throwIfAborted();
  const answers = await Promise.all(addresses.map(async (address): Promise<HostInventory | SilentHost> => {
    try {
      return await readHost(address, options);
    } catch (error) {
      signal?.throwIfAborted();
      return { address, error: error instanceof Error ? error : new Error(messageOf(error)) };
    }
  }));
  return {
    hosts: answers.filter((answer) => "domains" in answer),
    silent: answers.filter((answer) => "error" in answer),
  };
}

async function readHost(address: HostAddress, options: ReadOptions): Promise<HostInventory> {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, answerTimeoutMs = ANSWER_TIMEOUT_MS, signal } = options;
  const host = hostAt(address, connectTimeoutMs);
  // Slow calls go by a connection of their own: it is dialled beside the first. Where that fails, so does this, and says no more.
  const capabilities = capabilitiesOf(host);
  capabilities.catch(() => {});
  // The first answer is waited for by itself: the connection may be an older one, made with another patience.
  const { domains } = await answered(host, connectTimeoutMs, signal, host.libvirt.connectListAllDomains({ needResults: 1, flags: 0 }));
  return await answered(host, answerTimeoutMs, signal, readConnected(host, address, domains, capabilities, options));
}

async function readConnected(host: ConnectedHost, address: HostAddress, domains: readonly DomainRef[], facts: ReturnType<typeof capabilitiesOf>, options: ReadOptions): Promise<HostInventory> {
  const [capabilities, networks, bridges, pools, marks, documents, lists, stats] = await Promise.all([
    facts, readNetworks(host), readBridges(host), readPools(host), readMarks(host),
    Promise.all(domains.map((domain) => readDocuments(host, domain))),
    listDomains(host), readStats(host, options.measure === true),
  ]);
  const described = domains.map((domain, index): DomainInventory | undefined => {
    const read = documents[index];
    const found = stats.get(domain.uuid);
    // Gone since it was listed.
    if (read === undefined || found === undefined) return undefined;
    return describeDomain({
      uuid: domain.uuid, name: domain.name, stats: found, ...read,
      isPersistent: !lists.transient.has(domain.uuid), autostart: lists.autostart.has(domain.uuid),
      hasManagedSave: lists.saved.has(domain.uuid), hasSnapshots: lists.snapshots.has(domain.uuid), hasCheckpoints: lists.checkpoints.has(domain.uuid),
    }, pools);
  });
  return { address, ...capabilities, networks, bridges, pools, ...marks, domains: described.filter((domain) => domain !== undefined).sort(byName) };
}

/** A domain's document, and of a running guest's definition our mark; `undefined` where it is gone. Both are asked for at once: a second question would wait for the first. */
async function readDocuments(host: ConnectedHost, dom: DomainRef): Promise<{ xml: string; definedMark: Mark | undefined } | undefined> {
  const isActive = dom.id >= 0;
  try {
    const [{ xml }, definedMark] = await Promise.all([host.libvirt.domainGetXMLDesc({ dom, flags: 0 }), isActive ? readDefinedMark(host, dom) : undefined]);
    return { xml, definedMark };
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return undefined;
    throw error;
  }
}

/** An adoption leaves its mark in the definition alone, and a new key comes there first. The mark is all that counts of it: its document would be as long as the guest's. */
async function readDefinedMark(host: ConnectedHost, dom: DomainRef): Promise<Mark | undefined> {
  try {
    return parseMark((await host.libvirt.domainGetMetadata({ dom, type: DomainMetadataType.ELEMENT, uri: MARK_URI, flags: DomainAffect.CONFIG })).metadata);
  } catch (error) {
    // It has none, or there is no definition.
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN_METADATA, ErrorCode.OPERATION_INVALID)) return undefined;
    throw error;
  }
}

interface DomainLists {
  readonly transient: ReadonlySet<string>;
  readonly autostart: ReadonlySet<string>;
  readonly saved: ReadonlySet<string>;
  readonly snapshots: ReadonlySet<string>;
  readonly checkpoints: ReadonlySet<string>;
}

/** What libvirt tells of all domains by a list, where the question for each would be one call for each. */
async function listDomains(host: ConnectedHost): Promise<DomainLists> {
  const list = async (flags: number): Promise<Set<string>> => new Set((await host.libvirt.connectListAllDomains({ needResults: 1, flags })).domains.map(({ uuid }) => uuid));
  const [transient, autostart, saved, snapshots, checkpoints] = await Promise.all([
    list(ListDomainsFlags.TRANSIENT), list(ListDomainsFlags.AUTOSTART), list(ListDomainsFlags.MANAGEDSAVE), list(ListDomainsFlags.HAS_SNAPSHOT), list(ListDomainsFlags.HAS_CHECKPOINT),
  ]);
  return { transient, autostart, saved, snapshots, checkpoints };
}

/** Each domain's state, and what it uses where that is asked for. A guest that is busy (it migrates) is not waited for. */
async function readStats(host: ConnectedHost, measure: boolean): Promise<Map<string, Readonly<Record<string, ParamValue>>>> {
  const stats = DomainStats.STATE | (measure ? DomainStats.BALLOON : 0);
  const { retStats } = await host.libvirt.connectGetAllDomainStats({ doms: [], stats, flags: DomainStatsFlags.NOWAIT });
  return new Map(retStats.map(({ dom, params }) => [dom.uuid, paramsToObject(params)]));
}

async function readNetworks(host: ConnectedHost): Promise<NetworkInventory[]> {
  const { nets } = await host.libvirt.connectListAllNetworks({ needResults: 1, flags: ListNetworksFlags.ACTIVE });
  const networks = await Promise.all(nets.map(async (net): Promise<NetworkInventory | undefined> => {
    const document = await unlessGone(async () => NetworkDocument.parse((await host.libvirt.networkGetXMLDesc({ net, flags: 0 })).xml), ErrorCode.NO_NETWORK);
    return document === undefined ? undefined : { name: net.name, uuid: net.uuid, bridge: document.bridge, forward: document.forward };
  }));
  return networks.filter((network) => network !== undefined).sort(byName);
}

/** `undefined` where the host's libvirt has no driver for its interfaces. */
async function readBridges(host: ConnectedHost): Promise<string[] | undefined> {
  try {
    const { ifaces } = await host.libvirt.connectListAllInterfaces({ needResults: 1, flags: ListInterfacesFlags.ACTIVE });
    const bridges = await Promise.all(ifaces.map(async (iface) => {
      const xml = await unlessGone(async () => (await host.libvirt.interfaceGetXMLDesc({ iface, flags: 0 })).xml, ErrorCode.NO_INTERFACE);
      return xml !== undefined && scanXml(xml, "interface").attr("type") === "bridge" ? iface.name : undefined;
    }));
    return bridges.filter((bridge) => bridge !== undefined).sort();
  } catch (error) {
    // No driver, or one that cannot read the host's configuration: nothing is known then, and nothing is wrong.
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}

async function readMarks(host: ConnectedHost): Promise<Pick<HostInventory, "marks" | "markError">> {
  try {
    return { marks: await readHostMarks(host), markError: undefined };
  } catch (error) {
    // Of our own making: the host did answer, and what it said is not a mark.
    if (error instanceof DroverError && error.cause instanceof TypeError) return { marks: [], markError: error };
    throw error;
  }
}

function answered<T>(host: ConnectedHost, timeoutMs: number, signal: AbortSignal | undefined, task: Promise<T>): Promise<T> {
  return within(timeoutMs, task, () => new DroverError({ attempted: "read what is on the host", host: host.name, answer: `no answer within ${timeoutMs / 1000} s`,
    next: `check the host and its libvirtd: \`virsh --connect ${host.transport.label} list\`` }), { signal });
}
