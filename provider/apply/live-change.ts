import { bytes, formatBytes, type Bytes } from "../base/bytes.js";
import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import type { Log } from "../base/log.js";
import type { DomainPlace } from "../inventory/domains.js";
import { DomainAffect, DomainBlockResizeFlags, DomainDeviceFlags, DomainMemoryFlags, DomainMetadataType, DomainVcpuFlags, DomainXMLFlags, ErrorCode, isLibvirtError, LibvirtError } from "../libvirt/index.js";
import { DomainDocument, formatXml, memoryModuleElement, parseXml, type NicDevice } from "../xml/index.js";

const KIB = 1024;
/** Linux on x86 plugs memory in blocks of 128 MiB. */
const MEMORY_BLOCK_BYTES = 128 * KIB ** 2;
/** A guest lets go of a device, and of memory, when it likes; one that does not within this time keeps it until its restart. */
const PATIENCE_MS = 15_000;
const POLL_MS = 200;

/**
 * Brings a running guest to what its definition says, as far as libvirt can without a restart: disks and NICs that come
 * and go, cables, networks, memory, virtual CPUs, the seed. What a guest refuses to give back stays until its restart.
 * @param defined the persistent document, already defined
 * @throws LibvirtError when something that was to be added cannot be
 */
export async function changeLive(place: DomainPlace, defined: DomainDocument, log: Log): Promise<void> {
  const live = await liveDocument(place);
  // First what may be refused, so that little has to be taken back.
  await changeNics(place, live, defined, log);
  await changeDisks(place, live, defined, log);
  await changeTitle(place, live, defined);
  await changeVcpus(place, live, defined, log);
  await changeMemory(place, live, defined, log);
  await changeSeed(place, live, defined, log);
  await changePassword(place, live, defined, log);
}

/** The document of the running guest, with the secrets that a definition from it needs. */
export async function liveDocument(place: DomainPlace): Promise<DomainDocument> {
  return DomainDocument.parse((await place.host.libvirt.domainGetXMLDesc({ dom: place.domain, flags: DomainXMLFlags.SECURE })).xml);
}

/** Lets a running guest see that its disk has grown. */
export async function growLiveDisk(place: DomainPlace, target: string, size: Bytes): Promise<void> {
  await place.host.libvirt.domainBlockResize({ dom: place.domain, disk: target, size: BigInt(size), flags: DomainBlockResizeFlags.BYTES });
}

async function changeTitle(place: DomainPlace, live: DomainDocument, defined: DomainDocument): Promise<void> {
  if (live.title === defined.title) return;
  const metadata = defined.title === "" ? null : defined.title;
  await place.host.libvirt.domainSetMetadata({ dom: place.domain, type: DomainMetadataType.TITLE, metadata, key: null, uri: null, flags: DomainAffect.LIVE });
}

/**
 * Virtual CPUs are given back by a guest under KVM only: seen with QEMU 7.2, an emulated one that has let go of a CPU
 * corrupts QEMU's heap, and the guest dies of it soon after.
 */
async function changeVcpus(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const wanted = Math.min(defined.vcpus, live.maxVcpus);
  if (wanted === live.vcpus) return;
  if (wanted < live.vcpus && live.accelerator !== "kvm") {
    log.warn(`${place.domain.name} on ${place.host.name} is emulated and gives back ${live.vcpus - wanted} virtual CPUs at its restart`);
    return;
  }
  await orLater(place, log, `give back ${live.vcpus - wanted} virtual CPUs`, wanted < live.vcpus, async () => {
    await place.host.libvirt.domainSetVcpusFlags({ dom: place.domain, nvcpus: wanted, flags: DomainVcpuFlags.LIVE });
  });
}

/** Up to what it was given, the balloon follows; beyond that, modules are plugged in. */
async function changeMemory(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const memory = live.memory;
  const wanted = bytes(Math.min(defined.memory.current, memory.max));
  if (wanted === memory.current) return;
  const missing = wanted - memory.total;
  if (missing > 0) {
    const size = bytes(Math.min(Math.ceil(missing / MEMORY_BLOCK_BYTES) * MEMORY_BLOCK_BYTES, memory.max - memory.total));
    const name = `grown${memory.modules.length + 1}`;
    await place.host.libvirt.domainAttachDeviceFlags({ dom: place.domain, xml: formatXml(memoryModuleElement({ name, size })), flags: DomainDeviceFlags.LIVE });
  }
  await orLater(place, log, "change its memory", wanted < memory.current, async () => {
    await place.host.libvirt.domainSetMemoryFlags({ dom: place.domain, memory: BigInt(wanted / KIB), flags: DomainMemoryFlags.LIVE });
    if (await becomes(place, (now) => now.memory.current === wanted)) return;
    log.warn(`the balloon of ${place.domain.name} on ${place.host.name} did not come to ${formatBytes(wanted)} within ${PATIENCE_MS / 1000} s: it goes on, or waits for the guest's restart`);
  });
}

async function changeDisks(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const running = new Map(live.disks.flatMap((disk) => (disk.name === undefined ? [] : [[disk.name, disk] as const])));
  const wanted = new Map(defined.disks.flatMap((disk) => (disk.name === undefined ? [] : [[disk.name, disk] as const])));
  await Promise.all([...running.keys()].filter((name) => !wanted.has(name)).map((name) =>
    detach(place, `disk ${name}`, live.diskXml(name), (document) => document.diskXml(name) === undefined, log)));
  for (const name of wanted.keys()) {
    if (!running.has(name)) await attach(place, `disk ${name}`, defined.diskXml(name), log);
  }
}

async function changeNics(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const running = new Map(live.nics.flatMap((nic) => (nic.name === undefined ? [] : [[nic.name, nic] as const])));
  const wanted = new Map(defined.nics.flatMap((nic) => (nic.name === undefined ? [] : [[nic.name, nic] as const])));
  await Promise.all([...running].map(async ([name, nic]) => {
    const next = wanted.get(name);
    // libvirt finds the NIC to be updated by its MAC: with another one it is another NIC.
    const leaves = next === undefined || next.mac !== nic.mac || next.model !== nic.model;
    if (leaves) await detach(place, `NIC ${name}`, live.nicXml(name), (document) => document.nicXml(name) === undefined, log);
    if (next === undefined) return;
    if (leaves) await attach(place, `NIC ${name}`, defined.nicXml(name), log);
    else if (plug(nic) !== plug(next)) await update(place, live.clone().setNic(name, { ...nic, source: next.source ?? nic.source ?? { bridge: "" }, link: next.link }));
  }));
  for (const name of wanted.keys()) {
    if (!running.has(name)) await attach(place, `NIC ${name}`, defined.nicXml(name), log);
  }
}

/** What of a NIC changes in place: where its cable goes. */
function plug(nic: NicDevice): string {
  return JSON.stringify([nic.source, nic.link]);
}

/** cloud-init reads its seed at boot: the medium is changed now so that the old one can be deleted. */
async function changeSeed(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  if (live.seed === undefined || defined.seed === undefined || live.seed === defined.seed) return;
  const xml = live.clone().apply({ seed: defined.seed }).seedXml();
  if (xml === undefined) return;
  await orLater(place, log, "change the seed's medium", true, async () => {
    await place.host.libvirt.domainUpdateDeviceFlags({ dom: place.domain, xml, flags: DomainDeviceFlags.LIVE | DomainDeviceFlags.FORCE });
  });
}

/** Of a graphical console that stays as it is, the password can be changed in the running guest. */
async function changePassword(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const { graphics: now } = live;
  const { graphics: wanted } = defined;
  if (now === undefined || wanted?.password === undefined || now.type !== wanted.type || now.password === wanted.password) return;
  const xml = live.clone().apply({ graphics: { ...now, password: wanted.password } }).graphicsXml();
  if (xml === undefined) return;
  await orLater(place, log, "take its console's new password", true, async () => {
    await update(place, xml);
  });
}

/** What the running guest has no place for, or cannot take while it runs, it has after its restart; any other refusal is an error. */
async function attach(place: DomainPlace, what: string, xml: string | undefined, log: Log): Promise<void> {
  if (xml === undefined) return;
  try {
    await attachAnywhere(place, xml);
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.OPERATION_UNSUPPORTED, ErrorCode.CONFIG_UNSUPPORTED) && !/no more available pci|not support hotplug|cannot be hotplugged/i.test(messageOf(error))) throw error;
    log.warn(`${place.domain.name} on ${place.host.name} cannot take ${what} while it runs (${messageOf(error)}): that waits for its restart`);
  }
}

/** At the address that it has in the definition, so that the guest finds it there after a restart too; else where there is room. */
async function attachAnywhere(place: DomainPlace, xml: string): Promise<void> {
  try {
    await place.host.libvirt.domainAttachDeviceFlags({ dom: place.domain, xml, flags: DomainAffect.LIVE });
  } catch (error) {
    if (!isLibvirtError(error, ErrorCode.XML_ERROR) || !/pci address/i.test(error.answer)) throw error;
    const device = parseXml(xml);
    device.removeAll("address");
    await place.host.libvirt.domainAttachDeviceFlags({ dom: place.domain, xml: formatXml(device), flags: DomainAffect.LIVE });
  }
}

async function update(place: DomainPlace, xml: string): Promise<void> {
  await place.host.libvirt.domainUpdateDeviceFlags({ dom: place.domain, xml, flags: DomainAffect.LIVE });
}

/** Asks the guest to let go of a device and waits until it has. */
async function detach(place: DomainPlace, what: string, xml: string | undefined, isGone: (live: DomainDocument) => boolean, log: Log): Promise<void> {
  if (xml === undefined) return;
  await orLater(place, log, `let go of ${what}`, true, async () => {
    await place.host.libvirt.domainDetachDeviceFlags({ dom: place.domain, xml, flags: DomainAffect.LIVE });
    if (await becomes(place, isGone)) return;
    log.warn(`${place.domain.name} on ${place.host.name} did not let go of ${what} within ${PATIENCE_MS / 1000} s: it keeps it until its restart`);
  });
}

/** Waits until the running guest is as expected; false when it takes too long. */
async function becomes(place: DomainPlace, isAsExpected: (live: DomainDocument) => boolean): Promise<boolean> {
  const end = systemClock.nowMs() + PATIENCE_MS;
  while (!isAsExpected(await liveDocument(place))) {
    if (systemClock.nowMs() > end) return false;
    await systemClock.sleep(POLL_MS);
  }
  return true;
}

/** Runs a change that the guest may refuse; then it waits for the restart. */
async function orLater(place: DomainPlace, log: Log, what: string, mayWait: boolean, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!mayWait || !(error instanceof LibvirtError)) throw error;
    log.warn(`${place.domain.name} on ${place.host.name} did not ${what} (${messageOf(error)}): that waits for its restart`);
  }
}
