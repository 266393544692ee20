import { v5 as uuidV5 } from "uuid";
import { systemClock } from "../../base/clock.js";
import { DroverError, messageOf } from "../../base/error.js";
import { remembered } from "../../base/remembered.js";
import { ErrorCode, isLibvirtError, SecretUsageType, type SecretRef } from "../../libvirt/index.js";
import { element, formatXml } from "../../xml/index.js";
import type { ConnectedHost } from "../hosts.js";

/**
 * What a cluster keeps on a host, so that the next run honours it from any machine and by any user: whether the host is
 * in maintenance, and a directory of the cluster's hosts, with those that an operator declared dead (which can only be
 * written on the others). Nothing in it is secret, though libvirt's secrets are what carries it: of all that libvirtd
 * keeps on a host by itself they alone hold text of ours without being a machine, a network or a pool.
 */
export interface HostMark {
  readonly cluster: { readonly id: string; readonly name: string };
  /** `undefined`: the host carries guests as usual. */
  readonly state: HostMarkState | undefined;
  /** All hosts of the cluster, this one among them. */
  readonly hosts: readonly MarkedHost[];
}

export interface HostMarkState extends Note {
  /** `maintenance`: the program says so. `evacuated`: somebody emptied it by hand, and it stays so until it is taken back. */
  readonly kind: "maintenance" | "evacuated";
}

export interface MarkedHost {
  readonly name: string;
  /** Without credentials, as they stand in the program. */
  readonly uri: string;
  /** UUID of the machine, where it was known. */
  readonly hostUuid?: string;
  /** Which boot of it was seen last; not known of a host without a shell. */
  readonly boot?: string;
  /** The word that the machine is dead and nothing of it runs. */
  readonly confirmedDead?: DeathNote;
}

/** A word of death: one note, the same on all hosts that keep it. It counts for one boot of the dead host, and until something of it answers. */
export interface DeathNote extends Note {
  /** The boot that was seen last when it was given. */
  readonly boot?: string;
  /** A word by which nobody has acted yet ends then: ISO 8601. */
  readonly until?: string;
  /** When something of the host answered after all: ISO 8601. The word counts no more, and the host has yet to be taken back. */
  readonly answered?: string;
}

/** Who did something, when, and why. */
export interface Note {
  /** `alice@laptop` */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

const VERSION = 1;
/** Most bytes that libvirt takes as a secret's value (REMOTE_SECRET_VALUE_MAX). */
const MOST_BYTES = 65_536;
/** Of what kind a secret is says only how others look it up; its name is ours alone. libvirt has no kind for others' use. */
const USAGE_PREFIX = "drover-cluster:";
const NAMESPACE = "6d0c4c52-6a0b-5d0e-9c3c-1f6f6c1f2f41";

/** UUID of the secret that carries a cluster's mark: the same on each host. */
export function markUuid(clusterId: string): string {
  return uuidV5(`HostMark:${clusterId}`, NAMESPACE);
}

/**
 * What one cluster keeps on a host; `undefined` where it keeps nothing.
 * @throws DroverError when the host does not answer, or what is there cannot be read
 */
export async function readHostMark(host: ConnectedHost, clusterId: string): Promise<HostMark | undefined> {
  const secret = await lookupMark(host, clusterId);
  return secret === undefined ? undefined : await readMarkOf(host, secret);
}

/**
 * What all clusters keep on a host, by their ids. A host may be of several, and an operator who knows none finds them so.
 * @throws DroverError when the host does not answer, or one of the marks cannot be read
 */
export async function readHostMarks(host: ConnectedHost): Promise<HostMark[]> {
  const marks = await Promise.all((await listMarks(host)).map((secret) => readMarkOf(host, secret)));
  return marks.filter((mark) => mark !== undefined).sort((left, right) => (left.cluster.id < right.cluster.id ? -1 : 1));
}

/** Writes what the mark's cluster keeps on a host, in the place of what it kept there. */
export async function writeHostMark(host: ConnectedHost, mark: HostMark): Promise<void> {
  const value = Buffer.from(formatHostMark(mark), "utf8");
  if (value.length > MOST_BYTES) {
    throw new DroverError({ attempted: `keep the directory of cluster ${mark.cluster.name}`, host: host.name,
      answer: `it has ${value.length} bytes, and libvirt keeps ${MOST_BYTES}`, next: "divide the cluster, or give its hosts shorter URIs" });
  }
  const xml = formatXml(element("secret", { ephemeral: "no", private: "no" }, [
    element("uuid", {}, markUuid(mark.cluster.id)),
    element("description", {}, `Drover's notes on this host for its cluster ${mark.cluster.name}: nothing secret`),
    element("usage", { type: "ceph" }, [element("name", {}, USAGE_PREFIX + mark.cluster.id)]),
  ]));
  try {
    const { secret } = await host.libvirt.secretDefineXML({ xml, flags: 0 });
    await host.libvirt.secretSetValue({ secret, value, flags: 0 });
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.NO_SUPPORT)) throw error;
    throw new DroverError({ attempted: `keep a note for cluster ${mark.cluster.name}`, host: host.name, answer: error.answer, cause: error,
      next: "install libvirt's secret driver on the host (package libvirt-daemon-driver-secret where it is one of its own)" });
  }
}

/** Takes away what a cluster keeps on a host. Nothing there is as well. */
export async function clearHostMark(host: ConnectedHost, clusterId: string): Promise<void> {
  const secret = await lookupMark(host, clusterId);
  if (secret === undefined) return;
  try {
    await host.libvirt.secretUndefine({ secret });
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.NO_SECRET)) throw error;
  }
}

/** Why a host takes no guests, by any cluster's mark on it. */
export function closedBy(marks: readonly HostMark[]): HostMarkState | undefined {
  return marks.map((mark) => mark.state).find((state) => state !== undefined);
}

/**
 * The word that a host is dead, by the marks on the others. All that a cluster keeps must say so: a mark on a host
 * that was silent when the dead one came back, and that was not told, is out of date.
 */
export function confirmedDead(marks: readonly HostMark[], host: { readonly name: string; readonly uri: string }, nowMs = systemClock.nowMs()): DeathNote | undefined {
  const words = marks.flatMap((mark) => mark.hosts.filter((each) => isSame(each, host)).map((each) => ({ cluster: mark.cluster.id, note: each.confirmedDead, counts: counts(each, nowMs) })));
  return words.find(({ cluster, note }) => note !== undefined && words.every((each) => each.cluster !== cluster || each.counts))?.note;
}

/** Whether one mark's word that a host is dead holds now: for the boot that was seen last, unanswered, and not too old. */
function counts({ boot, confirmedDead: note }: MarkedHost, nowMs: number): boolean {
  return note !== undefined && note.boot === boot && note.answered === undefined && (note.until === undefined || nowMs < Date.parse(note.until));
}

/** What a cluster keeps on the hosts that answered: each has its own word of a host's death, and takes back its own alone. Each word once. */
export function marksOf({ hosts }: { readonly hosts: readonly { readonly marks: readonly HostMark[] }[] }, clusterId: string | undefined): HostMark[] {
  return [...new Set(hosts.flatMap(({ marks }) => marks))].filter(({ cluster }) => cluster.id === clusterId);
}

/** Of some hosts those that any mark still calls dead, though it may count no more: such hosts have yet to be taken back. */
export function declaredDead<Host extends { readonly name: string; readonly uri: string }>(marks: readonly HostMark[], hosts: readonly Host[]): Host[] {
  const dead = marks.flatMap((mark) => mark.hosts.filter((each) => each.confirmedDead !== undefined));
  return dead.length === 0 ? [] : hosts.filter((host) => dead.some((each) => isSame(each, host)));
}

function isSame(a: { readonly name: string; readonly uri: string }, b: { readonly name: string; readonly uri: string }): boolean {
  return a.name === b.name && a.uri === b.uri;
}

export function formatHostMark(mark: HostMark): string {
  return JSON.stringify({ version: VERSION, ...mark });
}

/** @throws TypeError that says what is wrong with the text */
export function parseHostMark(text: string): HostMark {
  const found = objectIn(parseJson(text), "it");
  if (found["version"] !== VERSION) {
    const isNewer = typeof found["version"] === "number" && found["version"] > VERSION;
    throw new TypeError(isNewer ? `its version is ${String(found["version"])}, and this Drover knows ${VERSION}: upgrade it` : "it has no version that Drover knows");
  }
  const cluster = objectIn(found["cluster"], "its cluster");
  if (!Array.isArray(found["hosts"])) throw new TypeError("its hosts are no list");
  return {
    cluster: { id: textIn(cluster, "id"), name: textIn(cluster, "name") },
    state: found["state"] === undefined ? undefined : readState(objectIn(found["state"], "its state")),
    hosts: found["hosts"].map((host: unknown) => readMarkedHost(objectIn(host, "one of its hosts"))),
  };
}

/** All hosts of a cluster keep one directory of them: that of 300 hosts is 300 times the same. */
const markOf = remembered(parseHostMark);

async function listMarks(host: ConnectedHost): Promise<SecretRef[]> {
  try {
    const { secrets } = await host.libvirt.connectListAllSecrets({ needResults: 1, flags: 0 });
    return secrets.filter((secret) => secret.usageType === SecretUsageType.CEPH && secret.usageID.startsWith(USAGE_PREFIX));
  } catch (error) {
    // A host without the driver for secrets keeps none.
    if (isLibvirtError(error, ErrorCode.NO_SUPPORT)) return [];
    throw error;
  }
}

async function lookupMark(host: ConnectedHost, clusterId: string): Promise<SecretRef | undefined> {
  try {
    return (await host.libvirt.secretLookupByUUID({ uuid: markUuid(clusterId) })).secret;
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_SECRET, ErrorCode.NO_SUPPORT)) return undefined;
    throw error;
  }
}

async function readMarkOf(host: ConnectedHost, secret: SecretRef): Promise<HostMark | undefined> {
  let value: Uint8Array;
  try {
    ({ value } = await host.libvirt.secretGetValue({ secret, flags: 0 }));
  } catch (error) {
    // Taken away since, or defined by a run that was cut off before it wrote: libvirt says the same of both.
    if (isLibvirtError(error, ErrorCode.NO_SECRET)) return undefined;
    throw error;
  }
  try {
    return markOf(new TextDecoder("utf-8", { fatal: true }).decode(value));
  } catch (error) {
    throw new DroverError({ attempted: `read Drover's note ${secret.usageID}`, host: host.name, answer: messageOf(error), cause: error,
      next: `look at it on the host: \`virsh secret-get-value ${secret.uuid} --plain\`; if it is of no use, \`virsh secret-undefine ${secret.uuid}\` takes it away, and with it whether the host is in maintenance` });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`it is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

function readState(state: Readonly<Record<string, unknown>>): HostMarkState {
  const { kind } = state;
  if (kind !== "maintenance" && kind !== "evacuated") throw new TypeError(`its state is ${JSON.stringify(kind)}`);
  return { kind, ...readNote(state) };
}

function readMarkedHost(host: Readonly<Record<string, unknown>>): MarkedHost {
  return {
    name: textIn(host, "name"),
    uri: textIn(host, "uri"),
    ...(host["hostUuid"] === undefined ? {} : { hostUuid: textIn(host, "hostUuid") }),
    ...(host["boot"] === undefined ? {} : { boot: textIn(host, "boot") }),
    ...(host["confirmedDead"] === undefined ? {} : { confirmedDead: readDeathNote(objectIn(host["confirmedDead"], "its confirmedDead")) }),
  };
}

function readDeathNote(note: Readonly<Record<string, unknown>>): DeathNote {
  const optional = (key: "boot" | "until" | "answered"): object => (note[key] === undefined ? {} : { [key]: textIn(note, key) });
  return { ...readNote(note), ...optional("boot"), ...optional("until"), ...optional("answered") };
}

function readNote(note: Readonly<Record<string, unknown>>): Note {
  return { by: textIn(note, "by"), at: textIn(note, "at"), reason: textIn(note, "reason") };
}

function objectIn(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(`${what} is no object`);
  return Object.fromEntries(Object.entries(value));
}

function textIn(object: Readonly<Record<string, unknown>>, key: string): string {
  const value = object[key];
  if (typeof value !== "string") throw new TypeError(`its ${key} is no text`);
  return value;
}
