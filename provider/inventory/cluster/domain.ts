import {
  DomainCrashedReason, DomainPausedReason, DomainRunningReason, DomainShutoffReason, DomainState, type ParamValue,
} from "../../libvirt/index.js";
import { DomainDocument, migrationObstacles, readCpuDescription, scanXml, type CpuDescription, type Mark, type XmlElement } from "../../xml/index.js";
import { remembered } from "../../base/remembered.js";
import { poolAround } from "../pool-folder.js";
import { tiesIn } from "../ties.js";
import type { DomainDisk, DomainInventory, DomainMeasures, DomainStateName, PoolInventory } from "./model.js";

const MIB = 1024 ** 2;

/** What was asked of libvirt for one domain. */
export interface DomainReading {
  readonly uuid: string;
  readonly name: string;
  /** State, reason, and what was measured where that was asked for. */
  readonly stats: Readonly<Record<string, ParamValue>>;
  /** Document of the running guest, or of the definition of a stopped one. */
  readonly xml: string;
  /** Our mark in the definition of a running guest; `undefined` where that has none, or the guest is stopped. */
  readonly definedMark: Mark | undefined;
  readonly isPersistent: boolean;
  readonly autostart: boolean;
  readonly hasManagedSave: boolean;
  readonly hasSnapshots: boolean;
  readonly hasCheckpoints: boolean;
}

/** @param pools the host's active pools: they tell which disks are shared */
export function describeDomain(reading: DomainReading, pools: readonly PoolInventory[]): DomainInventory {
  const { document, cpu } = scanned(reading.xml);
  const { root, memory } = document;
  const state = stateName(Number(reading.stats["state.state"] ?? 0));
  const isActive = !["nostate", "shutoff", "crashed"].includes(state);
  return {
    uuid: reading.uuid, name: reading.name, state, isActive,
    reason: reasonName(state, Number(reading.stats["state.reason"] ?? 0)),
    isPersistent: reading.isPersistent,
    ours: reading.definedMark ?? document.mark,
    accelerator: document.accelerator, arch: document.arch, machine: document.machine,
    vcpus: document.vcpus, maxVcpus: document.maxVcpus,
    memory: { currentMib: mib(memory.current), totalMib: mib(memory.total), maxMib: mib(memory.max) },
    hostCells: hostCells(root),
    disks: disksOf(document, pools),
    networks: namesOf(document, "network"), bridges: namesOf(document, "bridge"),
    cpu,
    obstacles: isActive ? liveObstacles(root, cpu, state, reading) : tiesIn(root, reading, pools),
    autostart: reading.autostart,
    measured: isActive ? measuresIn(reading.stats) : undefined,
  };
}

function liveObstacles(root: XmlElement, cpu: CpuDescription | undefined, state: DomainStateName, { hasSnapshots, hasCheckpoints }: DomainReading): string[] {
  return [
    ...migrationObstacles(root, cpu),
    ...(state === "pmsuspended" ? ["sleeps, and QEMU would wake it up on its way"] : []),
    ...(hasSnapshots ? ["has snapshots, with which libvirt migrates no guest"] : []),
    ...(hasCheckpoints ? ["has checkpoints, with which libvirt migrates no guest"] : []),
  ];
}

/** As libvirt writes it, with each feature of the CPU on a line of its own. */
const CPU = /\n {2}<cpu [^>]*[^/]>[^]*?\n {2}<\/cpu>/;

/** Guests of a cluster have the same CPU to the letter, and with a hundred features it is a third of their documents. */
const cpuOf = remembered((text) => readCpuDescription(scanXml(text.trim(), "cpu")));

function scanned(xml: string): { readonly document: DomainDocument; readonly cpu: CpuDescription | undefined } {
  // Whatever others keep in the metadata is no CPU.
  const start = Math.max(0, xml.lastIndexOf("</metadata>"));
  const found = CPU.exec(xml.slice(start));
  if (found !== null) {
    const [text] = found;
    const at = start + found.index;
    return { document: DomainDocument.scan(xml.slice(0, at) + xml.slice(at + text.length)), cpu: cpuOf(text) };
  }
  const document = DomainDocument.scan(xml);
  const cpu = document.root.child("cpu");
  return { document, cpu: cpu === undefined ? undefined : readCpuDescription(cpu) };
}

const STATES: ReadonlyMap<number, DomainStateName> = new Map([
  [DomainState.NOSTATE, "nostate"], [DomainState.RUNNING, "running"], [DomainState.BLOCKED, "blocked"], [DomainState.PAUSED, "paused"],
  [DomainState.SHUTDOWN, "shutdown"], [DomainState.SHUTOFF, "shutoff"], [DomainState.CRASHED, "crashed"], [DomainState.PMSUSPENDED, "pmsuspended"],
]);

export function stateName(state: number): DomainStateName {
  return STATES.get(state) ?? "nostate";
}

const REASONS: ReadonlyMap<DomainStateName, ReadonlyMap<number, string>> = new Map([
  ["running", named(DomainRunningReason)], ["paused", named(DomainPausedReason)], ["shutoff", named(DomainShutoffReason)], ["crashed", named(DomainCrashedReason)],
]);

function named(reasons: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(reasons).map(([name, reason]) => [reason, name.toLowerCase()]));
}

function reasonName(state: DomainStateName, reason: number): string {
  return REASONS.get(state)?.get(reason) ?? "unknown";
}

/** The cells of `<numatune><memory mode='strict' nodeset='0-1'/>`; libvirt's default mode is strict. */
function hostCells(root: XmlElement): number[] | undefined {
  const binding = root.find("numatune", "memory");
  const nodes = binding?.attr("nodeset");
  if (nodes === undefined || (binding?.attr("mode") ?? "strict") !== "strict") return undefined;
  const cells = new Set<number>();
  for (const part of nodes.split(",")) {
    const [, not, first, last] = /^(\^?)(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined) return undefined;
    for (let cell = Number(first); cell <= Number(last ?? first); cell++) {
      if (not === "") cells.add(cell);
      else cells.delete(cell);
    }
  }
  return [...cells].sort((left, right) => left - right);
}

/** Drives of a guest that hold something. */
export function disksOf(document: DomainDocument, pools: readonly PoolInventory[]): DomainDisk[] {
  const elements = document.root.child("devices")?.children("disk") ?? [];
  const networked = new Set(elements.filter((disk) => disk.attr("type") === "network").map((disk) => disk.child("target")?.attr("dev") ?? ""));
  return document.drives.flatMap((disk): DomainDisk[] => {
    const isNetworked = networked.has(disk.target);
    if (disk.path === undefined && disk.volume === undefined && !isNetworked) return [];
    const pool = disk.volume === undefined ? poolAround(disk.path, pools) : pools.find(({ name }) => name === disk.volume?.pool);
    return [{
      target: disk.target, name: disk.name, device: disk.device, path: disk.path,
      pool: pool?.name, sharedStorage: isNetworked ? "network" : pool?.sharedStorage,
      cache: disk.cache, readOnly: disk.readOnly || disk.device === "cdrom",
    }];
  });
}

function namesOf(document: DomainDocument, kind: "network" | "bridge"): string[] {
  const names = document.nics.flatMap(({ source }) => (source !== undefined && kind in source ? Object.values(source) : []));
  return [...new Set(names)].sort();
}

/** libvirt counts in KiB. */
function measuresIn({ "balloon.rss": resident }: Readonly<Record<string, ParamValue>>): DomainMeasures | undefined {
  return resident === undefined ? undefined : { residentMib: Math.round(Number(resident) / 1024) };
}

function mib(size: number): number {
  return Math.ceil(size / MIB);
}
