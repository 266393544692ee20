import { aliasOf, nameOfAlias } from "./alias.js";
import type { DiskSpec } from "./domain-spec.js";
import { element, XmlElement } from "./element.js";
import { readInteger } from "./size.js";

/** A disk as a document has it. */
export interface DiskDevice extends Omit<DiskSpec, "path"> {
  /** Our name of it; `undefined` for a disk that is not ours. */
  readonly name: string | undefined;
  /** `disk`, `cdrom`, `floppy` or `lun`. */
  readonly device: string;
  /** Device name, unique in the domain: `vda`. libvirt's block calls take it. */
  readonly target: string;
  readonly alias: string | undefined;
  /** Path of the file or block device; `undefined` where the disk is empty or comes from elsewhere. */
  readonly path: string | undefined;
  /** Pool and volume, of a disk that names them. */
  readonly volume: { readonly pool: string; readonly volume: string } | undefined;
}

const SEED_ALIAS = "ua-seed";

export function readDisks(root: XmlElement): DiskDevice[] {
  return diskElements(root).map(readDisk);
}

function readDisk(disk: XmlElement): DiskDevice {
  const source = disk.child("source");
  const driver = disk.child("driver");
  const alias = disk.child("alias")?.attr("name");
  const pool = source?.attr("pool");
  const volume = source?.attr("volume");
  return {
    name: nameOfAlias("disk", alias), alias,
    device: disk.attr("device") ?? "disk",
    target: targetOf(disk),
    path: source?.attr("file") ?? source?.attr("dev"),
    volume: pool === undefined || volume === undefined ? undefined : { pool, volume },
    format: driver?.attr("type") ?? "raw",
    bus: disk.child("target")?.attr("bus") ?? "",
    cache: driver?.attr("cache"),
    discard: driver?.attr("discard"),
    readOnly: disk.child("readonly") !== undefined,
    bootOrder: readInteger(disk.child("boot")?.attr("order")),
  };
}

/** The disk's own element: for libvirt's attach, detach and update calls. */
export function findDisk(root: XmlElement, name: string): XmlElement | undefined {
  return diskElements(root).find((disk) => disk.child("alias")?.attr("name") === aliasOf("disk", name));
}

/** Makes ours of a disk that has its target's name only. A running guest takes the name on at its next start. */
export function claimDisk(root: XmlElement, target: string, name: string): void {
  const found = diskElements(root).find((disk) => targetOf(disk) === target);
  if (found === undefined) throw new RangeError(`the domain has no disk ${target}`);
  found.ensure("alias").setAttr("name", aliasOf("disk", name));
}

/** Brings our disks to what is wanted: missing ones are added, others patched, those that left go. Disks of others stay. */
export function writeDisks(root: XmlElement, wanted: Readonly<Record<string, DiskSpec>>): void {
  const devices = root.ensure("devices");
  for (const disk of diskElements(root)) {
    const name = readDisk(disk).name;
    if (name !== undefined && !(name in wanted)) devices.remove(disk);
  }
  for (const [name, spec] of Object.entries(wanted)) writeDisk(root, name, spec);
  if (Object.values(wanted).some((disk) => disk.bootOrder !== undefined)) {
    // libvirt takes either an order of device classes or one of devices, not both.
    root.child("os")?.removeAll("boot");
  }
}

/** Adds or patches one disk of ours and returns its element. Its target, once chosen, stays while its bus does. */
export function writeDisk(root: XmlElement, name: string, spec: DiskSpec): XmlElement {
  const found = findDisk(root, name);
  const disk = found ?? element("disk", { type: "file", device: "disk" }, [
    element("driver", { name: "qemu" }), new XmlElement("source"), new XmlElement("target"),
    element("alias", { name: aliasOf("disk", name) }),
  ]);
  patchDisk(disk, spec, (bus) => freeTarget(root, bus));
  if (found === undefined) root.ensure("devices").append(disk);
  if (spec.bus === "scsi") ensureScsiController(root);
  return disk;
}

function patchDisk(disk: XmlElement, spec: DiskSpec, chooseTarget: (bus: string) => string): void {
  const old = readDisk(disk);
  const driver = disk.ensure("driver");
  if (old.format !== spec.format || driver.attr("type") === undefined) driver.setAttr("type", spec.format);
  if (old.cache !== spec.cache) driver.setAttr("cache", spec.cache);
  if (old.discard !== spec.discard) driver.setAttr("discard", spec.discard);
  if (spec.pausesOnError === true && driver.attr("error_policy") === undefined) driver.setAttr("error_policy", "stop").setAttr("rerror_policy", "stop");
  if (old.path !== spec.path) {
    disk.removeAll("backingStore");
    const isBlock = spec.path.startsWith("/dev/");
    const source = disk.setAttr("type", isBlock ? "block" : "file").ensure("source");
    for (const key of ["file", "dev", "pool", "volume", "index", "protocol", "name"]) source.setAttr(key, undefined);
    source.setAttr(isBlock ? "dev" : "file", spec.path);
  }
  if (old.bus !== spec.bus) {
    disk.removeAll("address");
    disk.ensure("target").setAttr("dev", chooseTarget(spec.bus)).setAttr("bus", spec.bus);
  }
  if (old.readOnly !== spec.readOnly) disk.setPresent("readonly", spec.readOnly);
  if (spec.bootOrder === undefined) disk.removeAll("boot");
  else if (old.bootOrder !== spec.bootOrder) disk.ensure("boot").setAttr("order", spec.bootOrder);
}

/** Path of the seed image that the guest's CD drive of ours holds. */
export function readSeed(root: XmlElement): string | undefined {
  return findSeed(root)?.child("source")?.attr("file");
}

export function findSeed(root: XmlElement): XmlElement | undefined {
  return diskElements(root).find((disk) => disk.child("alias")?.attr("name") === SEED_ALIAS);
}

/** Puts a seed image into a CD drive of our own, or takes the drive away. */
export function writeSeed(root: XmlElement, path: string | undefined): void {
  const found = findSeed(root);
  if (path === undefined) {
    if (found !== undefined) root.ensure("devices").remove(found);
  } else if (found !== undefined) {
    if (readSeed(root) !== path) found.setAttr("type", "file").ensure("source").setAttr("file", path);
  } else {
    const bus = cdromBus(root);
    if (bus === "scsi") ensureScsiController(root);
    root.ensure("devices").append(element("disk", { type: "file", device: "cdrom" }, [
      element("driver", { name: "qemu", type: "raw" }), element("source", { file: path }),
      element("target", { dev: freeTarget(root, bus), bus }), new XmlElement("readonly"), element("alias", { name: SEED_ALIAS }),
    ]));
  }
}

/** Not SATA on q35: kernels made for clouds, Debian's for one, have no driver for its controller, all have virtio's. */
function cdromBus(root: XmlElement): string {
  const machine = root.find("os", "type")?.attr("machine") ?? "";
  return /^pc(?:-(?!q35)|$)/.test(machine) ? "ide" : "scsi";
}

/** The controller that `scsi` disks want. libvirt would add an lsilogic one, for which guests of today have no driver. */
export function scsiControllerElement(): XmlElement {
  return element("controller", { type: "scsi", index: 0, model: "virtio-scsi" });
}

function ensureScsiController(root: XmlElement): void {
  const devices = root.ensure("devices");
  if (!devices.children("controller").some((controller) => controller.attr("type") === "scsi")) devices.append(scsiControllerElement());
}

function diskElements(root: XmlElement): XmlElement[] {
  return root.child("devices")?.children("disk") ?? [];
}

function targetOf(disk: XmlElement): string {
  return disk.child("target")?.attr("dev") ?? "";
}

const TARGET_PREFIXES: ReadonlyMap<string, string> = new Map([["virtio", "vd"], ["ide", "hd"], ["fdc", "fd"]]);

function freeTarget(root: XmlElement, bus: string): string {
  const prefix = TARGET_PREFIXES.get(bus) ?? "sd";
  const taken = new Set(diskElements(root).map(targetOf));
  let index = 0;
  while (taken.has(prefix + letters(index))) index += 1;
  return prefix + letters(index);
}

/** 0 → a, 25 → z, 26 → aa: as libvirt counts its targets. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
