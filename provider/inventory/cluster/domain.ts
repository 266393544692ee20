import {
  DomainCrashedReason, DomainPausedReason, DomainRunningReason, DomainShutoffReason, DomainState, paramsToObject, type ParamValue, type TypedParam,
} from "../../libvirt/index.js";
import { DomainDocument, MARK_URI, migrationObstacles, readCpuDescription, type XmlElement } from "../../xml/index.js";
import { poolAround } from "../pool-folder.js";
import { tiesIn } from "../ties.js";
import type { DomainDisk, DomainInventory, DomainMeasures, DomainStateName, PoolInventory } from "./model.js";

const MIB = 1024 ** 2;

/** What was asked of libvirt for one domain. */
export interface DomainReading {
  readonly uuid: string;
  readonly name: string;
  readonly state: number;
  readonly reason: number;
  /** Document of the running guest, or of the definition of a stopped one. */
  readonly xml: string;
  /** Definition of a running guest; `undefined` where the guest has none, or is stopped. */
  readonly definition: string | undefined;
  readonly isPersistent: boolean;
  readonly autostart: boolean;
  readonly hasManagedSave: boolean;
  readonly hasSnapshots: boolean;
  readonly hasCheckpoints: boolean;
  readonly measures: readonly TypedParam[] | undefined;
}

/** @param pools the host's active pools: they tell which disks are shared */
export function describeDomain(reading: DomainReading, pools: readonly PoolInventory[]): DomainInventory {
  const document = DomainDocument.scan(reading.xml);
  const { root, memory } = document;
  // Parsed only where it can matter: a definition of somebody else's guest says nothing that a plan rests on.
  const definition = reading.definition?.includes(MARK_URI) === true ? scanHead(reading.definition) : undefined;
  const state = stateName(reading.state);
  const isActive = !["nostate", "shutoff", "crashed"].includes(state);
  const cpu = root.child("cpu");
  return {
    uuid: reading.uuid, name: reading.name, state, isActive,
    reason: reasonName(state, reading.reason),
    isPersistent: reading.isPersistent,
    ours: definition?.mark ?? document.mark,
    accelerator: document.accelerator, arch: document.arch, machine: document.machine,
    vcpus: document.vcpus, maxVcpus: document.maxVcpus,
    memory: { currentMib: mib(memory.current), totalMib: mib(memory.total), maxMib: mib(memory.max) },
    afterRestart: definition === undefined ? undefined : afterRestart(document, definition),
    hostCells: hostCells(root),
    disks: describeDisks(document, pools),
    networks: namesOf(document, "network"), bridges: namesOf(document, "bridge"),
    cpu: cpu === undefined ? undefined : readCpuDescription(cpu),
    obstacles: isActive ? liveObstacles(root, state, reading) : tiesIn(root, reading, pools),
    autostart: reading.autostart,
    measured: isActive && reading.measures !== undefined ? readMeasures(paramsToObject(reading.measures)) : undefined,
  };
}

function liveObstacles(root: XmlElement, state: DomainStateName, { hasSnapshots, hasCheckpoints }: DomainReading): string[] {
  return [
    ...migrationObstacles(root),
    ...(state === "pmsuspended" ? ["sleeps, and QEMU would wake it up on its way"] : []),
    ...(hasSnapshots ? ["has snapshots, with which libvirt migrates no guest"] : []),
    ...(hasCheckpoints ? ["has checkpoints, with which libvirt migrates no guest"] : []),
  ];
}

const STATES: ReadonlyMap<number, DomainStateName> = new Map([
  [DomainState.NOSTATE, "nostate"], [DomainState.RUNNING, "running"], [DomainState.BLOCKED, "blocked"], [DomainState.PAUSED, "paused"],
  [DomainState.SHUTDOWN, "shutdown"], [DomainState.SHUTOFF, "shutoff"], [DomainState.CRASHED, "crashed"], [DomainState.PMSUSPENDED, "pmsuspended"],
]);

export function stateName(state: number): DomainStateName {
  return STATES.get(state) ?? "nostate";
}

function reasonName(state: DomainStateName, reason: number): string {
  const reasons: Readonly<Partial<Record<DomainStateName, Readonly<Record<string, number>>>>> = {
    running: DomainRunningReason, paused: DomainPausedReason, shutoff: DomainShutoffReason, crashed: DomainCrashedReason,
  };
  const names = reasons[state] ?? {};
  return (Object.keys(names).find((name) => names[name] === reason) ?? "unknown").toLowerCase();
}

/** Of a definition only what stands before its `<os>` is looked at: mark, CPUs and memory. That saves half of the time. */
function scanHead(definition: string): DomainDocument {
  const end = definition.search(/\n {2}<os[ >]/);
  return DomainDocument.scan(end < 0 ? definition : `${definition.slice(0, end)}\n</domain>`);
}

function afterRestart(now: DomainDocument, defined: DomainDocument): DomainInventory["afterRestart"] {
  if (now.vcpus === defined.vcpus && now.memory.current === defined.memory.current) return undefined;
  return { vcpus: defined.vcpus, memoryMib: mib(defined.memory.current) };
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

function describeDisks(document: DomainDocument, pools: readonly PoolInventory[]): DomainDisk[] {
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

function readMeasures(measures: Readonly<Record<string, ParamValue>>): DomainMeasures {
  const number = (name: string): number | undefined => (measures[name] === undefined ? undefined : Number(measures[name]));
  const resident = number("balloon.rss");
  const dirtyRate = number("dirtyrate.megabytes_per_second");
  const cpu = number("cpu.time");
  return {
    residentMib: resident === undefined ? undefined : Math.round(resident / 1024),
    // libvirt's megabyte is QEMU's: a MiB.
    dirtyRateMbps: dirtyRate === undefined ? undefined : Math.round(dirtyRate * 8.388608),
    cpuSeconds: cpu === undefined ? undefined : cpu / 1e9,
  };
}

function mib(size: number): number {
  return Math.ceil(size / MIB);
}
