import { bytes, type Bytes } from "../base/bytes.js";
import { systemClock } from "../base/clock.js";
import { messageOf } from "../base/error.js";
import type { Log } from "../base/log.js";
import type { DomainPlace } from "../inventory/domains.js";
import { DomainAffect, DomainBlockResizeFlags, DomainDeviceFlags, DomainMemoryFlags, DomainMetadataType, DomainVcpuFlags, LibvirtError } from "../libvirt/index.js";
import { DomainDocument, formatXml, memoryModuleElement, type NicDevice } from "../xml/index.js";

const KIB = 1024;
/** Linux on x86 plugs memory in blocks of 128 MiB. */
const MEMORY_BLOCK_BYTES = 128 * KIB ** 2;
/** A guest lets go of a device when it likes; one that does not within this time keeps it until its restart. */
const DETACH_MS = 15_000;
const POLL_MS = 200;

/**
 * Brings a running guest to what its definition says, as far as libvirt can without a restart: disks and NICs that come
 * and go, cables, networks, memory, virtual CPUs, the seed. What a guest refuses to give back stays until its restart.
 * @param defined the persistent document, already defined
 * @throws LibvirtError when something that was to be added cannot be
 */
export async function changeLive(place: DomainPlace, defined: DomainDocument, log: Log): Promise<void> {
  const live = await liveDocument(place);
  await changeTitle(place, live, defined);
  await changeVcpus(place, live, defined, log);
  await changeMemory(place, live, defined, log);
  await changeDisks(place, live, defined, log);
  await changeNics(place, live, defined, log);
  await changeSeed(place, live, defined, log);
}

/** The document of the running guest, with the secrets that a definition from it needs. */
export async function liveDocument(place: DomainPlace): Promise<DomainDocument> {
  return DomainDocument.parse((await place.host.libvirt.domainGetXMLDesc({ dom: place.domain, flags: 0 })).xml);
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

async function changeVcpus(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const wanted = Math.min(defined.vcpus, live.maxVcpus);
  if (wanted === live.vcpus) return;
  await orLater(place, log, `give back ${live.vcpus - wanted} virtual CPUs`, wanted < live.vcpus, async () => {
    await place.host.libvirt.domainSetVcpusFlags({ dom: place.domain, nvcpus: wanted, flags: DomainVcpuFlags.LIVE });
  });
}

/** Up to what it was given, the balloon follows; beyond that, modules are plugged in. */
async function changeMemory(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const memory = live.memory;
  const wanted = Math.min(defined.memory.current, memory.max);
  if (wanted === memory.current) return;
  const missing = wanted - memory.total;
  if (missing > 0) {
    const size = bytes(Math.min(Math.ceil(missing / MEMORY_BLOCK_BYTES) * MEMORY_BLOCK_BYTES, memory.max - memory.total));
    const name = `grown${memory.modules.length + 1}`;
    await place.host.libvirt.domainAttachDeviceFlags({ dom: place.domain, xml: formatXml(memoryModuleElement({ name, size })), flags: DomainDeviceFlags.LIVE });
  }
  await orLater(place, log, `change its memory`, wanted < memory.current, async () => {
    await place.host.libvirt.domainSetMemoryFlags({ dom: place.domain, memory: BigInt(wanted / KIB), flags: DomainMemoryFlags.LIVE });
  });
}

async function changeDisks(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const running = new Map(live.disks.flatMap((disk) => (disk.name === undefined ? [] : [[disk.name, disk] as const])));
  const wanted = new Map(defined.disks.flatMap((disk) => (disk.name === undefined ? [] : [[disk.name, disk] as const])));
  for (const name of running.keys()) {
    if (!wanted.has(name)) await detach(place, `disk ${name}`, live.diskXml(name), (document) => document.diskXml(name) === undefined, log);
  }
  for (const name of wanted.keys()) {
    if (!running.has(name)) await attach(place, defined.diskXml(name));
  }
}

async function changeNics(place: DomainPlace, live: DomainDocument, defined: DomainDocument, log: Log): Promise<void> {
  const running = new Map(live.nics.flatMap((nic) => (nic.name === undefined ? [] : [[nic.name, nic] as const])));
  const wanted = new Map(defined.nics.flatMap((nic) => (nic.name === undefined ? [] : [[nic.name, nic] as const])));
  for (const [name, nic] of running) {
    const next = wanted.get(name);
    // libvirt finds the NIC to be updated by its MAC: with another one it is another NIC.
    const leaves = next === undefined || next.mac !== nic.mac || next.model !== nic.model;
    if (leaves) await detach(place, `NIC ${name}`, live.nicXml(name), (document) => document.nicXml(name) === undefined, log);
    if (next === undefined) continue;
    if (leaves) await attach(place, defined.nicXml(name));
    else if (plug(nic) !== plug(next)) await update(place, live.clone().setNic(name, { ...nic, source: next.source ?? nic.source ?? { bridge: "" }, link: next.link }));
  }
  for (const name of wanted.keys()) {
    if (!running.has(name)) await attach(place, defined.nicXml(name));
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

async function attach(place: DomainPlace, xml: string | undefined): Promise<void> {
  if (xml === undefined) return;
  await place.host.libvirt.domainAttachDeviceFlags({ dom: place.domain, xml, flags: DomainAffect.LIVE });
}

async function update(place: DomainPlace, xml: string): Promise<void> {
  await place.host.libvirt.domainUpdateDeviceFlags({ dom: place.domain, xml, flags: DomainAffect.LIVE });
}

/** Asks the guest to let go of a device and waits until it has. */
async function detach(place: DomainPlace, what: string, xml: string | undefined, isGone: (live: DomainDocument) => boolean, log: Log): Promise<void> {
  if (xml === undefined) return;
  await orLater(place, log, `let go of ${what}`, true, async () => {
    await place.host.libvirt.domainDetachDeviceFlags({ dom: place.domain, xml, flags: DomainAffect.LIVE });
    const end = systemClock.nowMs() + DETACH_MS;
    while (!isGone(await liveDocument(place))) {
      if (systemClock.nowMs() > end) {
        log.warn(`the guest did not let go of ${what} within ${DETACH_MS / 1000} s: it keeps it until its restart`);
        return;
      }
      await systemClock.sleep(POLL_MS);
    }
  });
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
