/** libvirt's documents: read, written, and patched where we manage something, with all the rest kept. No I/O. */
export { XmlElement, element, type XmlNode, type XmlText } from "./element.js";
export { parseXml } from "./parse.js";
export { formatXml } from "./format.js";
export { MARK_KEY, MARK_URI, formatMark, parseMark, type Json, type Mark } from "./mark.js";
export { DomainDocument } from "./domain.js";
export type { DiskSpec, DomainSpec, Firmware, GraphicsSpec, NicSource, NicSpec } from "./domain-spec.js";
export { scsiControllerElement, type DiskDevice } from "./domain-disk.js";
export type { NicDevice } from "./domain-nic.js";
export { memoryModuleElement, type DomainMemory, type MemoryModule } from "./domain-memory.js";
export { pendingChanges } from "./domain-pending.js";
export { NetworkDocument, type DhcpHost, type DhcpRange, type Forward, type NetworkSpec } from "./network.js";
export { NetworkUpdateCommand, NetworkUpdateSection, networkUpdates, pendingNetworkChanges, type NetworkUpdate } from "./network-update.js";
export { PoolDocument, type PoolSpec } from "./pool.js";
export { VolumeDocument, type VolumeSpec } from "./volume.js";
export { parseCapabilities, resolveMachine, type GuestCapabilities, type HostCapabilities, type MachineType } from "./capabilities.js";
export { parseDomainCapabilities, type DomainCapabilities } from "./domain-capabilities.js";
