import { readCpuDescription, type CpuDescription } from "./cpu.js";
import type { Firmware } from "./domain-spec.js";
import type { XmlElement } from "./element.js";
import { scanXml } from "./scan.js";
import { readInteger } from "./size.js";

/** What one kind of guest (emulator, accelerator, machine) can be on a host: libvirt's `<domainCapabilities>`. */
export interface DomainCapabilities {
  readonly emulator: string;
  /** `kvm` or `qemu`. */
  readonly accelerator: string;
  /** The versioned machine. */
  readonly machine: string;
  readonly arch: string;
  readonly maxVcpus: number;
  readonly firmwares: readonly Firmware[];
  /** CPU modes that can be used: `host-model`, `host-passthrough`, `maximum`, `custom`. */
  readonly cpuModes: readonly string[];
  /** The CPU that `host-model` stands for. */
  readonly hostModel: CpuDescription | undefined;
  /** Named models by whether this host can run them. */
  readonly cpuModels: { readonly usable: readonly string[]; readonly unusable: readonly string[] };
  readonly diskBuses: readonly string[];
  readonly graphics: readonly string[];
}

/** @throws DroverError when the text is not well-formed XML or no domain capabilities. */
export function parseDomainCapabilities(text: string): DomainCapabilities {
  const root = scanXml(text, "domainCapabilities");
  const arch = root.child("arch")?.text.trim() ?? "";
  const modes = root.child("cpu")?.children("mode") ?? [];
  const hostModel = modes.find((mode) => mode.attr("name") === "host-model" && mode.child("model") !== undefined);
  const models = modes.find((mode) => mode.attr("name") === "custom")?.children("model") ?? [];
  const named = (isUsable: boolean): string[] => models.filter((model) => (model.attr("usable") !== "no") === isUsable).map((model) => model.text.trim());
  return {
    emulator: root.child("path")?.text.trim() ?? "",
    accelerator: root.child("domain")?.text.trim() ?? "",
    machine: root.child("machine")?.text.trim() ?? "",
    arch,
    maxVcpus: readInteger(root.child("vcpu")?.attr("max")) ?? 1,
    firmwares: readFirmwares(arch, values(root.child("os"), "firmware")),
    cpuModes: modes.filter((mode) => mode.attr("supported") === "yes").map((mode) => mode.attr("name") ?? ""),
    hostModel: hostModel === undefined ? undefined : readCpuDescription(hostModel),
    cpuModels: { usable: named(true), unusable: named(false) },
    diskBuses: values(root.find("devices", "disk"), "bus"),
    graphics: values(root.find("devices", "graphics"), "type"),
  };
}

/** On x86, QEMU brings its own BIOS; libvirt lists it only where a firmware description file does. */
function readFirmwares(arch: string, listed: readonly string[]): Firmware[] {
  const hasBios = listed.includes("bios") || arch === "x86_64" || arch === "i686";
  return [...(hasBios ? ["bios" as const] : []), ...(listed.includes("efi") ? ["efi" as const] : [])];
}

function values(parent: XmlElement | undefined, name: string): string[] {
  const found = parent?.children("enum").find((item) => item.attr("name") === name);
  return (found?.children("value") ?? []).map((value) => value.text.trim());
}
