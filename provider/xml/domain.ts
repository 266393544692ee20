import type { Bytes } from "../base/bytes.js";
import { findGraphics, readGraphics, readGraphicsPort, readSerial, writeGraphics, writeSerial } from "./domain-console.js";
import { readCpu, readFirmware, readMachine, readVcpus, writeCpu, writeFirmware, writeMachine, writeVcpus } from "./domain-cpu.js";
import { newDomain } from "./domain-create.js";
import { claimDisk, findDisk, findSeed, readDisks, readSeed, writeDisk, writeDisks, writeSeed, type DiskDevice } from "./domain-disk.js";
import { readMemory, writeMemory, type DomainMemory } from "./domain-memory.js";
import { claimNic, findNic, readNics, writeNic, writeNics, type NicDevice } from "./domain-nic.js";
import type { DiskSpec, DomainSpec, Firmware, GraphicsSpec, NicSpec, WatchdogSpec } from "./domain-spec.js";
import { readWatchdog, writeWatchdog } from "./domain-watchdog.js";
import type { XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { readMark, writeMark, type Mark } from "./mark.js";
import { parseXml } from "./parse.js";
import { scanXml } from "./scan.js";

/**
 * A domain's document: new from a spec, or read from libvirt and patched where we manage something; all else is kept.
 *
 * @example
 * const domain = DomainDocument.parse(await conn.domainGetXMLDesc(…));
 * domain.memory;                                   // { current, total, max, slots, modules } in bytes
 * domain.apply({ vcpus: 4, disks: { root, data } }); // only these; an equal value changes nothing
 * await conn.domainDefineXMLFlags({ xml: domain.format(), … });
 */
export class DomainDocument {
  private constructor(readonly root: XmlElement) {}

  /** A new domain with headroom: see `DomainSpec.maxVcpus`, `maxMemory`, and spare PCI Express ports. */
  static create(spec: DomainSpec): DomainDocument {
    const { cpu, ...rest } = spec;
    return new DomainDocument(newDomain(spec)).apply({ ...rest, ...(cpu === undefined ? {} : { cpu }) });
  }

  /** @throws DroverError when the text is not well-formed XML or no domain. */
  static parse(text: string): DomainDocument {
    return new DomainDocument(parseXml(text, "domain"));
  }

  /** A document that is only looked at, read many times as fast: it must not be written back, for it lacks what others wrote between the elements. */
  static scan(text: string): DomainDocument {
    return new DomainDocument(scanXml(text, "domain"));
  }

  format(): string {
    return formatXml(this.root);
  }

  clone(): DomainDocument {
    return new DomainDocument(this.root.clone());
  }

  get name(): string { return this.root.child("name")?.text ?? ""; }
  get uuid(): string { return this.root.child("uuid")?.text.trim() ?? ""; }
  get title(): string { return this.root.child("title")?.text ?? ""; }
  /** `kvm`, `qemu`, … */
  get accelerator(): string { return this.root.attr("type") ?? ""; }
  get arch(): string { return readMachine(this.root).arch; }
  get machine(): string { return readMachine(this.root).machine; }
  get firmware(): Firmware { return readFirmware(this.root); }
  get cpu(): string | undefined { return readCpu(this.root); }
  get vcpus(): number { return readVcpus(this.root).vcpus; }
  get maxVcpus(): number { return readVcpus(this.root).maxVcpus; }
  get memory(): DomainMemory { return readMemory(this.root); }
  /** All disks, ours (with a name) and others; the seed's drive not among them. */
  get disks(): readonly DiskDevice[] {
    const seed = findSeed(this.root)?.child("target")?.attr("dev");
    return readDisks(this.root).filter((disk) => disk.target !== seed);
  }
  /** All disks, the seed's drive among them. */
  get drives(): readonly DiskDevice[] { return readDisks(this.root); }
  get nics(): readonly NicDevice[] { return readNics(this.root); }
  get seed(): string | undefined { return readSeed(this.root); }
  get graphics(): GraphicsSpec | undefined { return readGraphics(this.root); }
  /** Port of a running guest's graphical console. */
  get graphicsPort(): number | undefined { return readGraphicsPort(this.root); }
  /** Our watchdog device. */
  get watchdog(): WatchdogSpec | undefined { return readWatchdog(this.root); }
  get serial(): boolean { return readSerial(this.root); }
  get mark(): Mark | undefined { return readMark(this.root); }
  /** libvirt's number of the running guest; `undefined` in the document of a definition or a stopped domain. */
  get id(): number | undefined {
    const id = this.root.attr("id");
    return id === undefined ? undefined : Number(id);
  }

  /**
   * Patches what is given and leaves the rest, also inside of what it patches. `disks` and `nics` are the whole set of
   * ours: those of ours that are not named go, those of others stay. An equal value leaves the document as it is.
   */
  apply(changes: Partial<DomainSpec>): this {
    const { root } = this;
    if (changes.name !== undefined) root.ensure("name").setText(changes.name);
    if (changes.uuid !== undefined && changes.uuid !== this.uuid) root.ensure("uuid").setText(changes.uuid);
    if (changes.title === "") root.removeAll("title");
    else if (changes.title !== undefined) root.ensure("title").setText(changes.title);
    if (changes.accelerator !== undefined) root.setAttr("type", changes.accelerator);
    if (changes.arch !== undefined) root.ensure("os").ensure("type").setAttr("arch", changes.arch);
    if (changes.machine !== undefined) writeMachine(root, changes.machine);
    if (changes.firmware !== undefined) writeFirmware(root, changes.firmware);
    if (changes.cpu !== undefined) writeCpu(root, changes.cpu);
    if (changes.vcpus !== undefined || changes.maxVcpus !== undefined) writeVcpus(root, changes);
    if (changes.memory !== undefined || changes.maxMemory !== undefined) writeMemory(root, changes, this.maxVcpus);
    if (changes.disks !== undefined) writeDisks(root, changes.disks);
    if ("seed" in changes) writeSeed(root, changes.seed);
    if (changes.nics !== undefined) writeNics(root, changes.nics);
    if ("graphics" in changes) writeGraphics(root, changes.graphics);
    if ("watchdog" in changes) writeWatchdog(root, changes.watchdog);
    if (changes.serial !== undefined) writeSerial(root, changes.serial);
    if ("mark" in changes) writeMark(root, changes.mark);
    return this;
  }

  /** Memory that the domain starts with; see {@link DomainDocument.apply}. */
  setMemory(memory: Bytes): this {
    return this.apply({ memory });
  }

  /** Makes ours of a disk that is known by its target (`vda`) only. */
  claimDisk(target: string, name: string): this {
    claimDisk(this.root, target, name);
    return this;
  }

  /** Makes ours of a NIC that is known by its MAC address only. */
  claimNic(mac: string, name: string): this {
    claimNic(this.root, mac, name);
    return this;
  }

  /** A disk of ours as libvirt's attach, detach and update calls take it; `undefined` when there is none of the name. */
  diskXml(name: string): string | undefined {
    return formatDevice(findDisk(this.root, name));
  }

  nicXml(name: string): string | undefined {
    return formatDevice(findNic(this.root, name));
  }

  seedXml(): string | undefined {
    return formatDevice(findSeed(this.root));
  }

  graphicsXml(): string | undefined {
    return formatDevice(findGraphics(this.root));
  }

  /** Adds or patches one disk of ours, and returns it as the attach and update calls take it. */
  setDisk(name: string, spec: DiskSpec): string {
    return formatXml(writeDisk(this.root, name, spec));
  }

  /** Adds or patches one NIC of ours, and returns it as the attach and update calls take it. */
  setNic(name: string, spec: NicSpec): string {
    return formatXml(writeNic(this.root, name, spec));
  }
}

function formatDevice(device: XmlElement | undefined): string | undefined {
  return device === undefined ? undefined : formatXml(device);
}
