import { bytes, type Bytes } from "../base/bytes.js";
import { aliasOf, nameOfAlias } from "./alias.js";
import { element, type XmlElement } from "./element.js";
import { readSize, writeSize } from "./size.js";

/** Room for modules that are plugged in later. QEMU's x86 machines take up to 256. */
const MEMORY_SLOTS = 16;
const MIB = 1024 ** 2;

export interface DomainMemory {
  /** What the guest has: `<currentMemory>`, which the balloon follows. */
  readonly current: Bytes;
  /** What the guest was given, modules included: `<memory>`. `current` can be brought up to it by the balloon. */
  readonly total: Bytes;
  /** Up to what modules can be plugged in: `<maxMemory>`. */
  readonly max: Bytes;
  /** Slots for modules, used ones included. */
  readonly slots: number;
  readonly modules: readonly MemoryModule[];
}

export interface MemoryModule {
  /** Our name of it; `undefined` for one that is not ours. */
  readonly name: string | undefined;
  readonly alias: string | undefined;
  readonly size: Bytes;
  readonly node: number;
}

export function readMemory(root: XmlElement): DomainMemory {
  const memory = root.child("memory");
  const total = memory === undefined ? cellsTotal(root) : readSize(memory, "KiB");
  const current = root.child("currentMemory");
  const max = root.child("maxMemory");
  return {
    current: current === undefined ? total : readSize(current, "KiB"),
    total,
    max: max === undefined ? total : readSize(max, "KiB"),
    slots: Number(max?.attr("slots") ?? 0),
    modules: moduleElements(root).map(readModule),
  };
}

/**
 * Sets the memory that the domain starts with, and its headroom. Modules of ours that were plugged in become part of the
 * memory proper; those of others stay. libvirt takes memory from the NUMA cells where there are any, and wants one
 * before it accepts headroom (qemu driver: "At least one numa node has to be configured when enabling memory hotplug").
 */
export function writeMemory(root: XmlElement, wanted: { readonly memory?: Bytes | undefined; readonly maxMemory?: Bytes | undefined }, maxVcpus: number): void {
  const old = readMemory(root);
  const memory = wanted.memory ?? old.current;
  if (memory !== old.current) {
    for (const module of moduleElements(root)) {
      if (readModule(module).name !== undefined) root.ensure("devices").remove(module);
    }
    writeSize(root.ensure("memory"), memory, "KiB");
    writeSize(root.ensure("currentMemory"), memory, "KiB");
    const foreign = readMemory(root).modules.reduce((sum, module) => sum + module.size, 0);
    writeCells(root, bytes(memory - foreign));
  }
  // A guest without headroom gets none by shrinking.
  const kept = root.child("maxMemory") === undefined ? memory : old.max;
  const maxMemory = bytes(Math.max(wanted.maxMemory ?? kept, memory));
  const hasHeadroom = maxMemory > readMemory(root).total;
  if (hasHeadroom) {
    const max = root.ensure("maxMemory");
    if (max.attr("slots") === undefined) max.setAttr("slots", MEMORY_SLOTS);
    writeSize(max, maxMemory, "KiB");
    if (cells(root).length === 0) {
      root.ensure("cpu").ensure("numa").append(element("cell", { id: 0, cpus: cpuRange(maxVcpus) }));
      writeCells(root, readMemory(root).total);
    }
  } else if (root.child("maxMemory") !== undefined && readMemory(root).modules.length === 0) {
    root.removeAll("maxMemory");
  }
}

/** Keeps NUMA cells in step with the number of virtual CPUs. What a grown guest has in addition goes to the only cell, or is placed by libvirt. */
export function writeCellCpus(root: XmlElement, maxVcpus: number): void {
  const all = cells(root);
  for (const cell of all) {
    const isOnly = all.length === 1;
    const cpus = cell.attr("cpus");
    if (cpus === undefined) continue;
    const next = isOnly ? cpuRange(maxVcpus) : withoutCpusFrom(cpus, maxVcpus);
    if (!isOnly || countCpus(cpus) !== maxVcpus) cell.setAttr("cpus", next);
  }
}

/** A module to plug in: what libvirt's attach and detach calls take. Its size is a multiple of the guest's block, on x86 Linux 128 MiB. */
export function memoryModuleElement(module: { readonly name: string; readonly size: Bytes; readonly node?: number }): XmlElement {
  const size = element("size");
  writeSize(size, module.size, "KiB");
  return element("memory", { model: "dimm" }, [
    element("target", {}, [size, element("node", {}, String(module.node ?? 0))]),
    element("alias", { name: aliasOf("mem", module.name) }),
  ]);
}

function moduleElements(root: XmlElement): XmlElement[] {
  return root.child("devices")?.children("memory") ?? [];
}

function readModule(module: XmlElement): MemoryModule {
  const size = module.find("target", "size");
  const alias = module.child("alias")?.attr("name");
  return {
    name: nameOfAlias("mem", alias), alias,
    size: size === undefined ? bytes(0) : readSize(size, "KiB"),
    node: Number(module.find("target", "node")?.text.trim() ?? 0),
  };
}

function cells(root: XmlElement): XmlElement[] {
  return root.find("cpu", "numa")?.children("cell") ?? [];
}

function cellSize(cell: XmlElement): Bytes {
  // The size is in an attribute here, in the unit of another attribute.
  const size = element("memory", { unit: cell.attr("unit") }, cell.attr("memory") ?? "0");
  return readSize(size, "KiB");
}

function cellsTotal(root: XmlElement): Bytes {
  return bytes(cells(root).reduce((sum, cell) => sum + cellSize(cell), 0));
}

/** Shares the memory out in the proportion that the cells had, in whole MiB; the first gets what is left over. */
function writeCells(root: XmlElement, size: Bytes): void {
  const all = cells(root);
  const old = cellsTotal(root);
  if (old === size) return;
  const shares = all.map((cell) => Math.floor((old === 0 ? size / all.length : size * (cellSize(cell) / old)) / MIB) * MIB);
  const rest = size - shares.reduce((sum, share) => sum + share, 0);
  all.forEach((cell, index) => {
    const share = (shares[index] ?? 0) + (index === 0 ? rest : 0);
    cell.setAttr("memory", Math.ceil(share / 1024)).setAttr("unit", "KiB");
  });
}

function cpuRange(count: number): string {
  return count === 1 ? "0" : `0-${String(count - 1)}`;
}

function countCpus(cpus: string): number {
  return expandCpus(cpus).length;
}

function withoutCpusFrom(cpus: string, limit: number): string {
  const all = expandCpus(cpus);
  const left = all.filter((cpu) => cpu < limit);
  return left.length === all.length ? cpus : left.join(",");
}

/** libvirt's list: `0-3,^2,8`. */
function expandCpus(cpus: string): number[] {
  const found = new Set<number>();
  for (const part of cpus.split(",")) {
    const [, not, first, last] = /^(\^?)(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined) continue;
    for (let cpu = Number(first); cpu <= Number(last ?? first); cpu++) {
      if (not === "") found.add(cpu);
      else found.delete(cpu);
    }
  }
  return [...found].sort((left, right) => left - right);
}
