import type { CpuDescription } from "./cpu.js";
import { readDisks } from "./domain-disk.js";
import type { XmlElement } from "./element.js";

/**
 * Why libvirt would refuse to migrate a running guest, by its document alone, as texts that follow the guest's name: "has …".
 * Where its disks are and what the target has is another matter. The list is that of QEMU's driver (qemuMigrationSrcIsAllowed).
 */
export function migrationObstacles(root: XmlElement, cpu: CpuDescription | undefined): string[] {
  const devices = root.child("devices");
  const all = (name: string): XmlElement[] => devices?.children(name) ?? [];
  return [
    ...all("hostdev").map(hostDevice),
    ...all("interface").filter((nic) => nic.attr("type") === "hostdev" || nic.attr("type") === "vdpa").map((nic) => `has a network card of its host's (${nic.child("mac")?.attr("address") ?? nic.attr("type") ?? ""})`),
    ...all("filesystem").map((folder) => `has a folder of its host's (${folder.child("source")?.attr("dir") ?? folder.child("target")?.attr("dir") ?? "filesystem"})`),
    ...all("shmem").filter((memory) => memory.attr("role") !== "master").map((memory) => `shares memory on its host (shmem ${memory.attr("name") ?? ""})`),
    ...all("tpm").filter((tpm) => tpm.child("backend")?.attr("type") === "passthrough").map(() => "uses its host's TPM"),
    ...all("smartcard").filter((card) => (card.attr("mode") ?? "").startsWith("host")).map(() => "uses a smart card of its host's"),
    ...readDisks(root).filter((disk) => disk.device === "lun").map((disk) => `has a SCSI device of its host's (${disk.target})`),
    ...(root.child("launchSecurity") === undefined ? [] : ["has encrypted memory (launchSecurity)"]),
    ...(cpu?.isMigratable === false ? ["has a CPU that is declared not migratable"] : []),
    ...(cpu?.features.some(({ name, policy }) => name === "invtsc" && policy === "require") === true ? ["has a CPU with the feature invtsc, which does not migrate"] : []),
  ];
}

/**
 * What of a guest that does not run is in files of its own beside its disks, by its document alone: libvirt takes them along when the
 * guest moves live, and never with its definition.
 */
export function stateBesideDisks(root: XmlElement): { readonly nvram: string | undefined; readonly hasTpm: boolean } {
  const os = root.child("os");
  const nvram = os?.child("nvram");
  const path = nvram?.child("source")?.attr("file") ?? nvram?.text.trim() ?? "";
  // A firmware that libvirt chooses has its file in libvirt's folder, and the definition does not name it (qemuDomainNVRAMPathFormat).
  const isChosen = os?.attr("firmware") === "efi" && nvram?.child("source") === undefined && os.child("loader")?.attr("stateless") !== "yes";
  const tpms = root.child("devices")?.children("tpm") ?? [];
  return { nvram: path !== "" ? path : isChosen ? "in libvirt's own folder" : undefined, hasTpm: tpms.some((tpm) => tpm.child("backend")?.attr("type") === "emulator") };
}

function hostDevice(device: XmlElement): string {
  const type = device.attr("type") ?? "";
  const source = device.child("source");
  const address = source?.child("address") ?? source?.child("adapter");
  const hex = (name: string): string => (address?.attr(name) ?? "0x0").replace(/^0x/, "");
  if (type === "pci") return `has its host's PCI device ${hex("domain")}:${hex("bus")}:${hex("slot")}.${hex("function")}`;
  const name = source?.child("vendor")?.attr("id") ?? address?.attr("uuid") ?? address?.attr("name") ?? source?.attr("wwpn") ?? source?.child("block")?.text ?? "";
  return `has a device of its host's (${[type, name].filter((part) => part !== "").join(" ")})`;
}
